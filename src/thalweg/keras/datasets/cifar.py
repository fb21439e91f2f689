"""What the two CIFAR sets share: batches of images as rows of 3072 bytes, pickled."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from thalweg.keras import config
from thalweg.keras.datasets.stored import load_numbers
from thalweg.keras.utils.downloads import DATA_DIR, get_file

_ORIGIN = "https://www.cs.toronto.edu/~kriz/"


def folder(name: str, inner: str, file_hash: str) -> str:
    """The unpacked folder of a data set: the one in THALWEG_DATA_DIR, else that of the archive."""
    given = os.environ.get(DATA_DIR)
    if given and os.path.isdir(os.path.join(given, inner)):
        return os.path.join(given, inner)
    unpacked = get_file(f"{name}.tar.gz", origin=f"{_ORIGIN}{name}.tar.gz", extract=True, file_hash=file_hash)
    return os.path.join(unpacked, inner)


def load_batch(path: str, label_key: str = "labels") -> tuple[np.ndarray, list[int]]:
    """The images `[n, 3, 32, 32]` and the labels of a file."""
    with open(path, "rb") as file:
        batch = load_numbers(file.read())
    return batch[b"data"].reshape(-1, 3, 32, 32), batch[label_key.encode()]


def arranged(train: tuple[Any, Any], test: tuple[Any, Any]) -> Any:
    """Both parts as `load_data` gives them: labels in a column, channels where Keras' setting has them."""

    def one(x: np.ndarray, y: Any) -> tuple[np.ndarray, np.ndarray]:
        if config.image_data_format() == "channels_last":
            x = x.transpose(0, 2, 3, 1)
        return np.ascontiguousarray(x), np.reshape(y, (-1, 1))

    return one(*train), one(*test)
