"""The operators of ragged tensors: `a + b`, `-a`, `a < b`, ..., element by element."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from thalweg.engine.core import dtypes
from thalweg.engine.ops import bitwise, comparison, division, elementwise, exponential
from thalweg.engine.ops.ragged.tensor import RaggedTensor


def _logical(on_bools: Any, on_bits: Any) -> Callable[..., Any]:
    return lambda x, y: (on_bools if x.dtype is dtypes.bool else on_bits)(x, y)


_BINARY: dict[str, Callable[..., Any]] = {
    "add": elementwise.add, "sub": elementwise.subtract, "mul": elementwise.multiply, "truediv": division.truediv,
    "floordiv": division.floordiv, "mod": division.floormod, "pow": exponential.pow_op,
    "and": _logical(comparison.logical_and, bitwise.bitwise_and), "or": _logical(comparison.logical_or, bitwise.bitwise_or),
    "xor": _logical(comparison.logical_xor, bitwise.bitwise_xor),
}  # fmt: skip
_ORDER: dict[str, Callable[..., Any]] = {
    "lt": comparison.less, "le": comparison.less_equal, "gt": comparison.greater, "ge": comparison.greater_equal,
    "eq": comparison.equal, "ne": comparison.not_equal,
}  # fmt: skip


def _forward(function: Any) -> Any:
    return lambda self, other: function(self, other)


def _reflected(function: Any) -> Any:
    return lambda self, other: function(other, self)


def _compared(function: Any, otherwise: bool) -> Any:
    return lambda self, other: otherwise if other is None else function(self, other)


def attach() -> None:
    """Give RaggedTensor its operators."""
    cls: Any = RaggedTensor
    for name, function in _BINARY.items():
        setattr(cls, f"__{name}__", _forward(function))
        setattr(cls, f"__r{name}__", _reflected(function))
    for name, function in _ORDER.items():
        setattr(cls, f"__{name}__", _compared(function, name == "ne"))
    cls.__neg__ = lambda self: elementwise.negative(self)
    cls.__abs__ = lambda self: elementwise.abs(self)
    cls.__invert__ = lambda self: comparison.logical_not(self) if self.dtype is dtypes.bool else bitwise.invert(self)


attach()
