"""CIFAR-100: 60,000 pictures in a hundred classes, which form twenty groups, 32 x 32 in colour."""

from __future__ import annotations

import os
from typing import Any

from thalweg.keras.datasets import cifar

_HASH = "85cd44d02ba6437773c5bbd22e183051d648de2e7d6b014e1ef29b855ba677a7"


def load_data(label_mode: str = "fine") -> Any:
    """`(x_train, y_train), (x_test, y_test)`: uint8 images `[n, 32, 32, 3]` and int64 classes `[n, 1]`.

    label_mode: 'fine' for the hundred classes, 'coarse' for the twenty groups; ValueError for anything else.
    Source: `tf.keras.datasets.cifar100.load_data`.
    """
    if label_mode not in ("fine", "coarse"):
        raise ValueError(f'`label_mode` must be one of "fine", "coarse". Received: label_mode={label_mode}.')
    folder = cifar.folder("cifar-100-python", "cifar-100-python", _HASH)
    train, test = (cifar.load_batch(os.path.join(folder, part), f"{label_mode}_labels") for part in ("train", "test"))
    return cifar.arranged(train, test)
