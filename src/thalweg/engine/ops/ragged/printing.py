"""How ragged tensors print."""

from __future__ import annotations

from typing import Any

import numpy as np


def _formatted(x: Any) -> str:
    if isinstance(x, np.ndarray):
        return np.array2string(x, separator=", ") if x.size else repr(x.tolist())
    return repr(x) if isinstance(x, bytes) else str(x)


def value_text(array: np.ndarray) -> str:
    """Lists of lists with commas, long ones shortened as NumPy does."""
    with np.printoptions(formatter={"all": _formatted}):
        return _formatted(array)


def symbolic_text(x: Any) -> str:
    return f"tf.RaggedTensor(values={x.values!s}, row_splits={x.row_splits!s})"
