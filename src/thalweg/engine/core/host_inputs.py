"""Inputs that are no plain tensors: values the host must know, and variables' cells; what is known of them beforehand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from thalweg.engine.core import convert, dtypes
from thalweg.engine.core.cell import Cell
from thalweg.engine.core.graph import Graph
from thalweg.engine.core.tensor import EagerTensor, SymbolicTensor, Tensor

_ndarray = np.ndarray


def host_input(x: Any, building: Graph | None, name: str) -> Any:
    """A HOST input: an array when eager, a tensor of the graph when building one."""
    if building is None:
        if type(x) is EagerTensor:
            return np.asarray(x._array)
        if isinstance(x, _ndarray):
            return x
        if isinstance(x, Tensor):
            raise TypeError(f"{x!r} is symbolic and cannot be used where a value is needed now.")
        if convert.is_convertible_object(x):
            return np.asarray(convert.convert_to_tensor(x)._array)
        if isinstance(x, (list, tuple)) and any(isinstance(v, Tensor) for v in x):
            return np.asarray(convert.convert_to_tensor(x, dtype_hint=dtypes.int32)._array)
        return convert.to_array(x, None, dtypes.int32)
    if isinstance(x, SymbolicTensor) and x.graph is building:
        return x
    hint = None if isinstance(x, (_ndarray, np.generic)) else dtypes.int32  # what has a dtype keeps it
    return convert.convert_to_tensor(x, dtype_hint=hint, name=name)


def handle(x: Any, building: Graph | None) -> Any:
    """A RESOURCE input: the cell when eager, its symbolic handle when building a graph."""
    x = getattr(x, "handle", x)
    if isinstance(x, Cell):
        return x if building is None else building.capture_cell(x)
    if isinstance(x, SymbolicTensor):
        return x if building is None or x.graph is building else building.capture(x)
    raise TypeError(f"A variable is needed here, not {x!r}.")


# Works out what is known of a symbolic value; filled in by engine/ops/static.py, which knows the shape ops.
_static_evaluator: Callable[[SymbolicTensor], Any] | None = None


def static_value(x: Any) -> Any:
    """A HOST input as plain Python for shape rules: ints, lists; unknown elements None; None if nothing is known."""
    if isinstance(x, EagerTensor):
        return np.asarray(x._array).tolist()
    if isinstance(x, SymbolicTensor):
        return _static_evaluator(x) if _static_evaluator is not None else None
    return np.asarray(x).tolist() if not isinstance(x, _ndarray) else x.tolist()


def set_static_evaluator(function: Callable[[SymbolicTensor], Any]) -> None:
    global _static_evaluator
    _static_evaluator = function
