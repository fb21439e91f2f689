"""Where the data sets lie, and how their files are read. Objects in them are made of numbers and lists alone."""

from __future__ import annotations

import io
import os
import pickle
import zipfile
from typing import Any

import numpy as np

from thalweg.keras.utils.downloads import get_file

_ORIGIN = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"

#: The files by name with their hashes.
HASHES = {
    "mnist.npz": "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1",
    "imdb.npz": "69664113be75683a8fe16e3ed0ab59fda8886cb3cd7ada244f7d9544e4676b9f",
    "imdb_word_index.json": "bfafd718b763782e994055a2d397834f",
    "reuters.npz": "d6586e694ee56d7a4e65172e12b3e987c03096cb01eab99753921ef915959916",
    "reuters_word_index.json": "4d44cc38712099c9e383dc6e5f11a921",
    "boston_housing.npz": "f553886a1f8d56431e820c5b82552d9d95cfcb96d1e678153f8839538947dff5",
    "california_housing.npz": "1a2e3a52e0398de6463aebe6f4a8da34fb21fbb6b934cf88c3425e766f2a1a6f",
}


def fetch(path: Any, name: str) -> str:
    """The file `name`, kept under the name (or at the path) that the user gave."""
    if os.path.isfile(path):
        return os.fspath(path)
    return get_file(os.path.basename(os.fspath(path)), origin=f"{_ORIGIN}{name}", file_hash=HASHES[name])


class _Numbers(pickle.Unpickler):
    """Unpickles arrays, lists, dicts and numbers, and nothing else."""

    _allowed = {
        (f"numpy.{core}.multiarray", "_reconstruct") for core in ("core", "_core")
    } | {(f"numpy.{core}.multiarray", "scalar") for core in ("core", "_core")} | {("numpy", "ndarray"), ("numpy", "dtype")}

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in self._allowed:
            raise pickle.UnpicklingError(f"The file holds a {module}.{name}, which does not belong into data: it is refused.")
        return super().find_class(module.replace("numpy.core", "numpy._core"), name)


def load_numbers(data: bytes, encoding: str = "bytes") -> Any:
    """What a pickle of arrays, lists, dicts and numbers holds. Raises UnpicklingError for anything else."""
    return _Numbers(io.BytesIO(data), encoding=encoding).load()


def load_npz(path: str) -> dict[str, np.ndarray]:
    """The arrays of an `.npz` file, those of lists too."""
    arrays = {}
    with zipfile.ZipFile(path) as archive:
        for member in archive.namelist():
            data = archive.read(member)
            file = io.BytesIO(data)
            version = np.lib.format.read_magic(file)
            read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
            shape, _, dtype = read(file)
            if dtype.hasobject:
                array = load_numbers(data[file.tell() :], "latin1").reshape(shape)
            else:
                array = np.lib.format.read_array(io.BytesIO(data), allow_pickle=False)
            arrays[member.removesuffix(".npy")] = array
    return arrays


def shuffled(seed: int, *arrays: np.ndarray) -> list[np.ndarray]:
    """Arrays with their rows in one random order, as Keras draws it."""
    order = np.arange(len(arrays[0]))
    np.random.RandomState(seed).shuffle(order)
    return [array[order] for array in arrays]


def split(x: Any, y: Any, test_split: float) -> tuple[tuple[Any, Any], tuple[Any, Any]]:
    """The first rows to train on, the last ones to test on. Raises ValueError for a share outside [0, 1)."""
    if not 0 <= test_split < 1:
        raise ValueError(f"`test_split` is a share of the rows, from 0 to below 1, but it is {test_split}.")
    place = int(len(x) * (1 - test_split))
    return (x[:place], y[:place]), (x[place:], y[place:])
