"""Slots: variables that an optimizer or a moving average keeps beside a variable, named after it (`W/Adam`).

Source: tensorflow/python/training/slot_creator.py
"""

from __future__ import annotations

from typing import Any

from thalweg.compat.v1.variable_scope import get_variable, variable_scope
from thalweg.engine.execution.variables import Variable


def create_slot(primary: Any, value: Any, name: str, shape: Any = None, dtype: Any = None) -> Any:
    """A variable that is not trained, beside `primary` (a variable or tensor), starting at `value`.

    `value` is a tensor, or an initializer that `shape` and `dtype` are given to.
    """
    if getattr(primary, "_graph", None) is None and isinstance(primary, Variable):
        initial = value(shape, dtype=dtype) if callable(value) else value
        return Variable(initial, trainable=False, name=f"{primary._shared_name}/{name}")
    prefix = primary._shared_name if isinstance(primary, Variable) else primary.op.name
    known = (shape if callable(value) else value.shape).is_fully_defined()
    with variable_scope(None, f"{prefix}/{name}"):
        return get_variable(
            "", initializer=value, trainable=False, shape=shape if callable(value) else None, dtype=dtype, validate_shape=known
        )
