"""One seed for everything."""

from __future__ import annotations

import random

import numpy as np

import thalweg as tf


def set_random_seed(seed: int) -> None:
    """Seed Python's `random`, NumPy's global generator and `tf.random`, so that a run can be repeated.

    Raises ValueError for anything but an integer. Source: keras.utils.set_random_seed.
    """
    if not isinstance(seed, (int, np.integer)) or isinstance(seed, bool):
        raise ValueError(f"`seed` must be an integer, got {seed!r}.")
    random.seed(int(seed))
    np.random.seed(int(seed))
    tf.random.set_seed(int(seed))
