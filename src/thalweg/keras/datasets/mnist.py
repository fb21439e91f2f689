"""MNIST: 70,000 handwritten digits, 28 x 28."""

from __future__ import annotations

import gzip
import os
from typing import Any

import numpy as np

from thalweg.engine.formats.idx import read_idx
from thalweg.keras.datasets import stored
from thalweg.keras.utils.downloads import DATA_DIR

_FILES = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")


def load_data(path: Any = "mnist.npz") -> Any:
    """`(x_train, y_train), (x_test, y_test)`: images `[n, 28, 28]` and digits `[n]`, uint8, 60,000 and 10,000 of them.

    The four IDX files in the folder `mnist` of the one that THALWEG_DATA_DIR names serve as well as Keras' `mnist.npz`.
    Source: `tf.keras.datasets.mnist.load_data`.
    """
    found = idx_arrays("mnist")
    if found is not None:
        x_train, y_train, x_test, y_test = found
        return (x_train, y_train), (x_test, y_test)
    arrays = stored.load_npz(stored.fetch(path, "mnist.npz"))
    return (arrays["x_train"], arrays["y_train"]), (arrays["x_test"], arrays["y_test"])


def idx_arrays(folder: str) -> list[np.ndarray] | None:
    """The arrays of four IDX files, with or without `.gz`, in a folder of THALWEG_DATA_DIR; None if they are not there."""
    given = os.environ.get(DATA_DIR)
    if not given:
        return None
    paths = []
    for name in _FILES:
        candidates = [os.path.join(given, folder, name + ending) for ending in (".gz", "")]
        path = next((candidate for candidate in candidates if os.path.isfile(candidate)), None)
        if path is None:
            return None
        paths.append(path)
    arrays = []
    for path in paths:
        with gzip.open(path) if path.endswith(".gz") else open(path, "rb") as file:
            arrays.append(read_idx(file.read()).copy())
    return arrays
