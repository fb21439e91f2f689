"""Python numbers, axes and shapes as arrays, the short way: for what eager calls give most often. Anything else gives None."""

from __future__ import annotations

from typing import Any

import numpy as np

# Arrays of the small integers that HOST inputs mostly are (an axis).
_SMALL = {i: np.array(i, np.int32) for i in range(-16, 65)}
for _array in _SMALL.values():
    _array.flags.writeable = False


def quick_number(x: Any, like: np.ndarray | None) -> np.ndarray | None:
    """A Python number in the dtype of the tensor beside it, where that cannot lose its kind."""
    kind = type(x)
    if like is None or (kind is not float and kind is not int):
        return None
    if like.dtype.kind not in "fVc" and (kind is float or like.dtype.kind not in "iu"):
        return None
    try:
        return np.array(x, like.dtype)
    except OverflowError:
        return None


def quick_index(x: Any) -> np.ndarray | None:
    """An axis or a shape: an int, or a list of them."""
    if type(x) is np.ndarray:
        return x
    kind = type(x)
    if kind is list or kind is tuple:
        if not x:
            return None
        for n in x:
            if type(n) is not int:
                return None
    elif kind is not int:
        return None
    elif x in _SMALL:
        return _SMALL[x]
    try:
        return np.array(x, np.int32)
    except OverflowError:
        return None
