"""IDX files, the form in which MNIST and its kin come: a rank, a shape, bytes."""

from __future__ import annotations

import math

import numpy as np


def read_idx(data: bytes) -> np.ndarray:
    """An IDX file's array of bytes. Raises ValueError for another kind of file, or one that is cut off."""
    if data[:3] != b"\0\0\x08":
        raise ValueError("This is not an IDX file of bytes: its first three bytes should be 0, 0 and 8.")
    rank = data[3]
    shape = [int(n) for n in np.frombuffer(data[: 4 + 4 * rank], ">i4", rank, 4)]
    if math.prod(shape) != len(data) - 4 - 4 * rank:
        raise ValueError(f"The IDX file says that it holds an array of shape {shape}, but it has another number of bytes.")
    return np.frombuffer(data, np.uint8, offset=4 + 4 * rank).reshape(shape)
