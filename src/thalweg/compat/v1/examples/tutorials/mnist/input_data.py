"""`input_data.read_data_sets`: MNIST's digits in training, validation and test sets that give batches.

Source: tensorflow/examples/tutorials/mnist/input_data.py of TensorFlow 1.15
"""

from __future__ import annotations

import gzip
import hashlib
import os
import pathlib
import urllib.request
from typing import Any, NamedTuple

import numpy as np

from thalweg.engine.core import dtypes
from thalweg.engine.formats.idx import read_idx
from thalweg.engine.ops.random_seed import get_seed

# What the files hold, byte for byte, wherever they come from.
FILES = {
    "train-images-idx3-ubyte.gz": "0b367032e93c5d0cea0925647cfdb18614af8ee15f83e6f2fc2ad904a6835971",
    "train-labels-idx1-ubyte.gz": "1787548bbe0bff1ec2ecdc0ef292b02df999e2d1a6002d27500982c652b17203",
    "t10k-images-idx3-ubyte.gz": "1a1a05eab793c14bb050b398624a11b0ffd1a2953baed553b1b9bd079e2a20be",
    "t10k-labels-idx1-ubyte.gz": "b91679a0acfe4ba0e50a2437a903084cba1f5f92592b016a25a7dfd00455798b",
}
ADDRESSES = ("https://storage.googleapis.com/cvdf-datasets/mnist/", "https://ossci-datasets.s3.amazonaws.com/mnist/")
SECONDS_TO_WAIT = 20

class DataSet:
    """Images and labels, given in batches; each epoch in another order."""

    def __init__(
        self, images: np.ndarray, labels: np.ndarray, fake_data: bool = False, one_hot: bool = False, dtype: Any = dtypes.float32,
        reshape: bool = True, seed: int | None = None,
    ):  # fmt: skip
        self._random = np.random.RandomState(get_seed(seed)[0] if seed is None else seed)
        self.one_hot, self._fake = one_hot, fake_data
        if fake_data:
            images, labels = np.ones((10000, 784), np.float32), np.zeros((10000, 10) if one_hot else 10000, np.uint8)
        elif images.shape[0] != labels.shape[0]:
            raise ValueError(f"images.shape: {images.shape} labels.shape: {labels.shape}")
        elif reshape:
            images = images.reshape(images.shape[0], -1)
        if not fake_data and dtypes.as_dtype(dtype) is dtypes.float32:
            images = np.multiply(images.astype(np.float32), 1.0 / 255.0)
        self._images, self._labels = images, labels
        self._num_examples = images.shape[0]
        self._epochs_completed = self._index_in_epoch = 0

    images = property(lambda self: self._images)
    labels = property(lambda self: self._labels)
    num_examples = property(lambda self: self._num_examples)
    epochs_completed = property(lambda self: self._epochs_completed)

    def next_batch(self, batch_size: int, fake_data: bool = False, shuffle: bool = True) -> tuple[np.ndarray, np.ndarray]:
        """The next examples; the last of an epoch are filled up with the first of the next one."""
        start = self._index_in_epoch
        if self._epochs_completed == 0 and start == 0 and shuffle:
            self._mix()
        end = start + batch_size
        if end <= self._num_examples:
            self._index_in_epoch = end
            return self._images[start:end], self._labels[start:end]
        self._epochs_completed += 1
        images, labels = self._images[start:], self._labels[start:]
        if shuffle:
            self._mix()
        self._index_in_epoch = end - self._num_examples
        return (
            np.concatenate((images, self._images[: self._index_in_epoch])),
            np.concatenate((labels, self._labels[: self._index_in_epoch])),
        )

    def _mix(self) -> None:
        order = np.arange(self._num_examples)
        self._random.shuffle(order)
        self._images, self._labels = self._images[order], self._labels[order]


class Datasets(NamedTuple):
    train: DataSet
    validation: DataSet
    test: DataSet


_Datasets = Datasets  # the name that some programs import


def read_data_sets(
    train_dir: Any, fake_data: bool = False, one_hot: bool = False, dtype: Any = dtypes.float32, reshape: bool = True,
    validation_size: int = 5000, seed: int | None = None, source_url: str | None = None,
) -> Datasets:  # fmt: skip
    """MNIST, split into 55,000, 5,000 and 10,000 examples; images as rows of 784 numbers from 0 to 1.

    The four IDX files are taken from `train_dir`, else from the folder `mnist` in the one that THALWEG_DATA_DIR names, else
    downloaded into `train_dir`. Raises FileNotFoundError if they are nowhere to be had.
    """
    options: dict[str, Any] = {"dtype": dtype, "reshape": reshape, "seed": seed}
    if fake_data:
        nothing = np.zeros((0, 28, 28, 1), np.uint8), np.zeros((0,), np.uint8)
        return Datasets(*(DataSet(*nothing, fake_data=True, one_hot=one_hot, **options) for _ in range(3)))
    names = list(FILES)
    parts = [read_idx(gzip.decompress(_bytes(pathlib.Path(train_dir), name, source_url))) for name in names]
    images, labels, test_images, test_labels = parts
    images, test_images = images[..., np.newaxis], test_images[..., np.newaxis]
    if one_hot:
        labels, test_labels = (np.eye(10)[each] for each in (labels, test_labels))
    if not 0 <= validation_size <= len(images):
        raise ValueError(f"Validation size should be between 0 and {len(images)}. Received: {validation_size}.")
    return Datasets(
        train=DataSet(images[validation_size:], labels[validation_size:], **options),
        validation=DataSet(images[:validation_size], labels[:validation_size], **options),
        test=DataSet(test_images, test_labels, **options),
    )


def _bytes(folder: pathlib.Path, name: str, source_url: str | None) -> bytes:
    """One of the files, from where it is first found."""
    given = os.environ.get("THALWEG_DATA_DIR")
    for place in (folder, *([pathlib.Path(given) / "mnist", pathlib.Path(given)] if given else [])):
        if (place / name).is_file():
            return (place / name).read_bytes()
    data = _download(name, source_url)
    if data is None:
        raise FileNotFoundError(
            f"MNIST's file {name} is not in {str(folder)!r}, nor in THALWEG_DATA_DIR, and none of the known addresses gave it. "
            "Put the four IDX files (train-images-idx3-ubyte.gz and its kin) into that folder."
        )
    folder.mkdir(parents=True, exist_ok=True)
    unfinished = folder / f"{name}.{os.getpid()}.part"
    unfinished.write_bytes(data)
    os.replace(unfinished, folder / name)
    return data


def _download(name: str, source_url: str | None) -> bytes | None:
    for address in (*([source_url] if source_url else []), *ADDRESSES):
        try:
            with urllib.request.urlopen(address.rstrip("/") + "/" + name, timeout=SECONDS_TO_WAIT) as answer:
                data = answer.read()
        except (OSError, ValueError):  # no network, no such page, a broken answer
            continue
        if hashlib.sha256(data).hexdigest() == FILES[name]:
            return data
    return None


def load_mnist(train_dir: Any = "MNIST-data") -> Datasets:
    return read_data_sets(train_dir)
