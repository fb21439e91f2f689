"""CIFAR-10: 60,000 pictures in ten classes, 32 x 32 in colour."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from thalweg.keras.datasets import cifar

_HASH = "6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce"


def load_data() -> Any:
    """`(x_train, y_train), (x_test, y_test)`: uint8 images `[n, 32, 32, 3]` and classes `[n, 1]`, 50,000 and 10,000 of them.

    Source: `tf.keras.datasets.cifar10.load_data`.
    """
    folder = cifar.folder("cifar-10-python", "cifar-10-batches-py", _HASH)
    parts = [cifar.load_batch(os.path.join(folder, f"data_batch_{i}")) for i in range(1, 6)]
    x, y = np.concatenate([x for x, _ in parts]), np.concatenate([np.asarray(y, "uint8") for _, y in parts])
    x_test, y_test = cifar.load_batch(os.path.join(folder, "test_batch"))
    return cifar.arranged((x, y), (x_test, np.asarray(y_test, "uint8")))
