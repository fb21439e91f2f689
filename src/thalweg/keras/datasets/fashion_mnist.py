"""Fashion-MNIST: 70,000 pictures of clothes in ten classes, 28 x 28."""

from __future__ import annotations

import gzip
import os
from typing import Any

from thalweg.engine.formats.idx import read_idx
from thalweg.keras.datasets.mnist import idx_arrays
from thalweg.keras.utils.downloads import get_file

_ORIGIN = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"
# SHA-256 is not published for these; an IDX file says its own size.
_FILES = (
    "train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz", "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz",
)  # fmt: skip


def load_data() -> Any:
    """`(x_train, y_train), (x_test, y_test)`: images `[n, 28, 28]` and classes `[n]`, uint8, 60,000 and 10,000 of them.

    Source: `tf.keras.datasets.fashion_mnist.load_data`.
    """
    arrays = idx_arrays("fashion_mnist") or idx_arrays("fashion-mnist")
    if arrays is None:
        arrays = []
        for name in _FILES:
            path = get_file(name, origin=_ORIGIN + name, cache_subdir=os.path.join("datasets", "fashion-mnist"))
            with gzip.open(path) as file:
                arrays.append(read_idx(file.read()).copy())
    x_train, y_train, x_test, y_test = arrays
    return (x_train, y_train), (x_test, y_test)
