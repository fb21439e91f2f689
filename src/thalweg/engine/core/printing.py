"""How tensor values print: NumPy's way, with TensorFlow's conventions for strings and scalars."""

from __future__ import annotations

from typing import Any

import numpy as np


def array_repr(array: Any) -> str:
    array = np.asarray(array)
    if array.ndim == 0:
        return repr(array.item())
    text = np.array_repr(array)
    return "\n" + text if "\n" in text else text


def array_str(array: Any) -> str:
    array = np.asarray(array)
    if array.ndim == 0:
        return _scalar(array)
    text = np.array_str(array)
    return "\n" + text if "\n" in text else text


def _scalar(array: np.ndarray) -> str:
    item = array.item() if array.dtype == object else array[()]
    return repr(item) if isinstance(item, bytes) else str(item)
