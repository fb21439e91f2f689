"""Helpers that fill most of a record for ops that are alike: elementwise, comparisons, reductions.

The op pages call these; docs/design.md says what each field means.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from thalweg.engine.core import dtypes, errors
from thalweg.engine.core.context import local
from thalweg.engine.core.dtypes import DType
from thalweg.engine.core.registry import (
    BASIC,
    HOST,
    INDEX,
    NO_GRADIENT,
    NUMERIC,
    REGISTRY,
    Op,
    Sample,
    register,
)
from thalweg.engine.core.shape import UNKNOWN, TensorShape, broadcast
from thalweg.engine.core.tensor import Tensor, static_shape

_UNARY_SAMPLES = (Sample((2, 3)), Sample(()), Sample((0, 4)))
_BINARY_SAMPLES = (Sample((2, 3), (2, 3)), Sample((4, 1, 3), (2, 1)), Sample((), (3,)), Sample((0, 3), (3,)))


def same_shape(x: TensorShape, *_: Any, **__: Any) -> TensorShape:
    """The shape rule of an op whose output is shaped like its first input."""
    return x


def broadcast_shape(*shapes: TensorShape, **_: Any) -> TensorShape:
    """The shape rule of an op that broadcasts all its inputs together."""
    result = shapes[0]
    for s in shapes[1:]:
        result = broadcast(result, s)
    return result


def unary(
    name: str,
    kernel: Callable[..., Any],
    *,
    dtypes: Iterable[DType],
    vjp: Callable[..., Any] | None = None,
    out: Any = "T",
    domain: tuple[float, float] | None = None,
    doc: str | None = None,
    public: str | None = None,
    samples: Iterable[Sample] = _UNARY_SAMPLES,
) -> Op:
    """An elementwise op of one tensor. `domain`: where the table tests draw its inputs; `public`: the function's name
    where it is not the op's.
    """
    record = Op(kernel, name, dtypes=dtypes, shape=same_shape, vjp=vjp, out=out, domain=domain, samples=samples, elementwise=True)
    return _publish(record, doc, public)


def _publish(record: Op, doc: str | None, public: str | None) -> Op:
    record.__doc__ = doc
    if public is not None:
        record.__name__ = record.__qualname__ = public
    return register(record)


def binary(
    name: str,
    kernel: Callable[..., Any],
    *,
    dtypes: Iterable[DType],
    vjp: Callable[..., Any] | None = None,
    out: Any = "T",
    types: tuple[Any, ...] | None = None,
    where: Any = None,
    domain: tuple[float, float] | None = None,
    doc: str | None = None,
    public: str | None = None,
    samples: Iterable[Sample] = _BINARY_SAMPLES,
) -> Op:
    """An elementwise op of two tensors that broadcast.

    `vjp(y, g, a, b)` gives the two gradients at the output's shape, as values or zero-argument functions; the helper
    sums them over the dimensions that were broadcast.
    """
    rule = vjp if vjp is None or vjp is NO_GRADIENT else _summed(vjp)
    record = Op(
        kernel, name, dtypes=dtypes, types=types, where=where, shape=broadcast_shape, vjp=rule, out=out, domain=domain,
        samples=samples, elementwise=True,
    )  # fmt: skip
    return _publish(record, doc, public)


def comparison(name: str, kernel: Callable[..., Any], *, dtypes: Iterable[DType], doc: str | None = None) -> Op:
    """An elementwise op of two tensors that gives booleans."""
    return binary(name, kernel, dtypes=dtypes, out=_bool, doc=doc)


_bool = dtypes.bool


def _summed(vjp: Callable[..., Any]) -> Callable[..., Any]:
    def rule(y: Any, g: Any, a: Any, b: Any, **attrs: Any) -> Any:
        da, db = vjp(y, g, a, b, **attrs)
        return (
            None if da is None else lambda: unbroadcast(da() if callable(da) else da, a, b),
            None if db is None else lambda: unbroadcast(db() if callable(db) else db, b, a),
        )

    return rule


# -- gradients of broadcasting -----------------------------------------------------------------------------


def unbroadcast(g: Any, x: Any, other: Any) -> Any:
    """Sum `g`, shaped like `x + other`, over the dimensions in which `x` was broadcast; the result is shaped like `x`."""
    x_shape, other_shape = static_shape(x), static_shape(other)
    axes = _broadcast_axes(x_shape, other_shape)
    if axes is None:
        shape = REGISTRY["Shape"]
        axes = REGISTRY["BroadcastGradientArgs"](shape(x), shape(other))[0]
        return REGISTRY["Reshape"](REGISTRY["Sum"](g, axes), shape(x))
    if not axes:
        return g
    kept = len(axes) == len(other_shape) - len(x_shape) and axes == list(range(len(axes)))
    if kept:
        return REGISTRY["Sum"](g, axes)
    return REGISTRY["Reshape"](REGISTRY["Sum"](g, axes), x_shape.as_list() if x_shape.is_fully_defined() else REGISTRY["Shape"](x))


def _broadcast_axes(x: TensorShape, other: TensorShape) -> list[int] | None:
    """Axes of the broadcast result that `x` was repeated along; None where that depends on unknown sizes."""
    if x._dims is None or other._dims is None:
        return None
    if x._dims == other._dims and None not in x._dims:
        return []
    n = max(len(x._dims), len(other._dims))
    left = (0,) * (n - len(x._dims)) + x._dims  # 0 marks a missing dimension
    missing = n - len(x._dims)
    right = (1,) * (n - len(other._dims)) + other._dims
    axes = []
    for i, (a, b) in enumerate(zip(left, right)):
        if i < missing:
            axes.append(i)
        elif b == 1:
            continue
        elif a == 1:
            if b is None:
                return None
            axes.append(i)
        elif a is None and (b is None or b != 1):
            return None
    return axes


# -- reductions --------------------------------------------------------------------------------------------


def axis_tuple(axis: Any, ndim: int) -> tuple[int, ...]:
    """Axes as a tuple of non-negative ints. Raises ValueError for one that `ndim` dimensions do not have."""
    if axis is None:
        return tuple(range(ndim))
    values = axis if isinstance(axis, (int, list, tuple)) else axis.tolist()
    return _axes((values,) if isinstance(values, int) else tuple(values), ndim)


@functools.lru_cache(maxsize=1024)
def _axes(axis: tuple[int, ...], ndim: int) -> tuple[int, ...]:
    for i in axis:
        if not -ndim <= i < ndim:
            raise ValueError(f"Invalid reduction dimension ({i} for input with {ndim} dimension(s)")
    return tuple(sorted({i % ndim for i in axis}))


def reduced_shape(x: TensorShape, axis: Any, *, keep_dims: bool = False, **_: Any) -> TensorShape:
    """The shape rule of reductions; `axis` as plain Python, None if unknown."""
    if x.rank is None:
        return UNKNOWN
    if axis is None or (isinstance(axis, list) and None in axis):
        return TensorShape([None] * x.rank) if keep_dims else UNKNOWN
    axes = axis_tuple(axis, x.rank)
    if keep_dims:
        return TensorShape([1 if i in axes else d for i, d in enumerate(x._dims or ())])
    return TensorShape([d for i, d in enumerate(x._dims or ()) if i not in axes])


_REDUCTION_SAMPLES = (
    Sample((2, 3, 4), 1),
    Sample((2, 3, 4), [0, -1]),
    Sample((2, 3), [0, 1], keep_dims=True),
    Sample((), np.zeros(0, np.int32)),
    Sample((0, 3), 0),
)


def reduction(
    name: str,
    kernel: Callable[..., Any],
    *,
    dtypes: Iterable[DType] = NUMERIC,
    vjp: Callable[..., Any] | None = None,
    doc: str | None = None,
    samples: Iterable[Sample] = _REDUCTION_SAMPLES,
) -> Op:
    """A reduction. `kernel(xp, x, axes, keep_dims)` gets a tuple of axes; `vjp(y, g, x, axis, keep_dims)` as usual."""

    def run(xp: Any, input: Any, reduction_indices: Any, *, keep_dims: bool = False) -> Any:
        axes = axis_tuple(reduction_indices, input.ndim)
        if len(axes) != reduction_indices.size:
            raise errors.InvalidArgumentError(None, None, "Invalid reduction arguments: Axes contains duplicate dimension")
        return kernel(xp, input, axes, keep_dims)

    record = Op(run, name, types=("T", HOST), dtypes=dtypes, shape=reduced_shape, vjp=vjp, samples=samples)
    record.__doc__, record.__name__ = doc, name
    return register(record)


def tell_tapes(op: Op, inputs: tuple[Any, ...], attrs: dict[str, Any], y: Any) -> None:
    """Record an eager call whose result was made without the op: for the few functions in everyone's inner loops."""
    for tape in local.tapes:
        tape.record(op, inputs, attrs, y)
    for accumulator in local.forward:
        accumulator.push(op, inputs, {**op.defaults, **attrs}, y)


def is_symbolic(*values: Any) -> bool:
    return any(isinstance(v, Tensor) and not hasattr(v, "_array") for v in values)


__all__ = [
    "BASIC", "INDEX", "axis_tuple", "binary", "broadcast_shape", "comparison", "reduced_shape", "reduction", "same_shape",
    "unary", "unbroadcast",
]  # fmt: skip
