"""Comparison, logic and choosing, element by element."""

from __future__ import annotations

from typing import Any

import numpy as np

from thalweg.engine.core import convert, dtypes
from thalweg.engine.core.dispatch import dispatchable
from thalweg.engine.core.registry import ANY, BOOL, FLOAT, REAL, REGISTRY, Op, Sample, op
from thalweg.engine.core.shape import SCALAR, UNKNOWN, TensorShape, broadcast
from thalweg.engine.core.tensor import static_shape
from thalweg.engine.ops.families import binary, broadcast_shape, comparison, unary, unbroadcast
from thalweg.engine.ops.scopes import scope

# -- order -------------------------------------------------------------------------------------------------


def _order(name: str, kernel: Any, sign: str) -> Op:
    return comparison(name, kernel, dtypes=REAL, doc=f"Whether `x {sign} y`, element by element. Shapes broadcast.")


less = _order("Less", lambda xp, x, y: x < y, "<")
less_equal = _order("LessEqual", lambda xp, x, y: x <= y, "<=")
greater = _order("Greater", lambda xp, x, y: x > y, ">")
greater_equal = _order("GreaterEqual", lambda xp, x, y: x >= y, ">=")

# -- equality ----------------------------------------------------------------------------------------------


def _equality_shape(x: TensorShape, y: TensorShape, *, incompatible_shape_error: bool) -> TensorShape:
    try:
        merged = broadcast(x, y)
    except ValueError:
        if incompatible_shape_error:
            raise
        return SCALAR
    # Unknown sizes may turn out not to fit, and then the answer is a scalar.
    return merged if incompatible_shape_error or merged.is_fully_defined() else UNKNOWN


def _fits(x: Any, y: Any) -> bool:
    return all(a == b or a == 1 or b == 1 for a, b in zip(x.shape[::-1], y.shape[::-1]))


_EQUALITY_SAMPLES = (Sample((2, 3), (2, 3)), Sample((4, 1, 3), (2, 1)), Sample((2, 3), (2,), incompatible_shape_error=False))


@op("Equal", dtypes=ANY, out=dtypes.bool, shape=_equality_shape, elementwise=True, samples=_EQUALITY_SAMPLES)
def equal_op(xp: Any, x: Any, y: Any, *, incompatible_shape_error: bool = True) -> Any:
    if not incompatible_shape_error and not _fits(x, y):
        return np.array(False)
    return x == y if _fits(x, y) else xp.equal(x, y)


@op("NotEqual", dtypes=ANY, out=dtypes.bool, shape=_equality_shape, elementwise=True, samples=_EQUALITY_SAMPLES)
def not_equal_op(xp: Any, x: Any, y: Any, *, incompatible_shape_error: bool = True) -> Any:
    if not incompatible_shape_error and not _fits(x, y):
        return np.array(True)
    return x != y if _fits(x, y) else xp.not_equal(x, y)


@dispatchable
def equal(x: Any, y: Any, name: str | None = None) -> Any:
    """Whether `x == y`, element by element. Shapes broadcast. Raises InvalidArgumentError where they do not fit.

    >>> tf.equal([1, 2], 2).numpy()
    array([False,  True])
    """
    return equal_op(x, y, name=name)


@dispatchable
def not_equal(x: Any, y: Any, name: str | None = None) -> Any:
    """Whether `x != y`, element by element. Shapes broadcast. Raises InvalidArgumentError where they do not fit.

    >>> tf.not_equal([1, 2], 2).numpy()
    array([ True, False])
    """
    return not_equal_op(x, y, name=name)


@op("ApproximateEqual", dtypes=REAL, out=dtypes.bool, shape=broadcast_shape, elementwise=True, samples=[Sample((2, 3), (2, 3))])
def approximate_equal(xp: Any, x: Any, y: Any, *, tolerance: float = 1e-5) -> Any:
    """Whether `abs(x - y) < tolerance`, element by element, of tensors of one shape."""
    return xp.abs(x - y) < tolerance


# -- logic -------------------------------------------------------------------------------------------------

logical_and = binary(
    "LogicalAnd", lambda xp, x, y: x & y, dtypes=BOOL, doc="Whether both are true, element by element. Shapes broadcast."
)
logical_or = binary(
    "LogicalOr", lambda xp, x, y: x | y, dtypes=BOOL, doc="Whether one or both are true, element by element. Shapes broadcast."
)
logical_not = unary("LogicalNot", lambda xp, x: ~x, dtypes=BOOL, doc="Whether `x` is false, element by element.")


@dispatchable
def logical_xor(x: Any, y: Any, name: str | None = "LogicalXor") -> Any:
    """Whether exactly one of the two is true, element by element. Shapes broadcast.

    >>> tf.math.logical_xor([True, True], [False, True]).numpy()
    array([ True, False])
    """
    with scope(name, "LogicalXor") as name:
        return logical_and(logical_or(x, y), logical_not(logical_and(x, y)), name=name)


# -- finite or not -----------------------------------------------------------------------------------------


def _kind(name: str, kernel: Any, what: str) -> Op:
    return unary(name, kernel, dtypes=FLOAT, out=dtypes.bool, doc=f"Whether `x` is {what}, element by element.")


is_nan = _kind("IsNan", lambda xp, x: xp.isnan(x), "NaN")
is_inf = _kind("IsInf", lambda xp, x: xp.isinf(x), "infinite")
is_finite = _kind("IsFinite", lambda xp, x: xp.isfinite(x), "a finite number")

# -- choosing ----------------------------------------------------------------------------------------------


@op("SelectV2", types=(dtypes.bool, "T", "T"), dtypes=ANY, shape=broadcast_shape, elementwise=True,
    samples=[Sample([[True, False, True]], (2, 3), (2, 3)), Sample([True, False], (3, 1), ()), Sample(True, (0, 2), (2,))])
def select_v2(xp: Any, condition: Any, t: Any, e: Any) -> Any:
    return xp.where(condition, t, e)


@select_v2.vjp
def _(y: Any, g: Any, condition: Any, t: Any, e: Any) -> Any:
    zero = convert.convert_to_tensor(0, dtype=g.dtype.base_dtype)
    return (
        None,
        lambda: unbroadcast(select_v2(condition, g, zero), t, y),
        lambda: unbroadcast(select_v2(condition, zero, g), e, y),
    )


@dispatchable
def where(condition: Any, x: Any = None, y: Any = None, name: str | None = None) -> Any:
    """`x` where `condition` is true, `y` elsewhere; the three broadcast together.

    With `condition` alone: the positions of its true (non-zero) elements, int64 of shape `[count, rank]`.
    Raises ValueError when only one of `x` and `y` is given.

    >>> tf.where([True, False], [1, 2], 0).numpy()
    array([1, 0], dtype=int32)
    """
    if x is None and y is None:
        return REGISTRY["Where"](convert.convert_to_tensor(condition), name=name)
    if x is None or y is None:
        raise ValueError("x and y must both be non-None or both be None.")
    return select_v2(condition, x, y, name=name)


def _select_shape(condition: TensorShape, t: TensorShape, e: TensorShape) -> TensorShape:
    merged = t.merge_with(e)
    if condition.rank not in (None, 0, 1) or (condition.rank == 1 and merged.rank == 0):
        merged = merged.merge_with(condition)
    elif condition.rank == 1 and merged.rank is not None:
        condition.merge_with(merged[:1])
    return merged


@op("Select", types=(dtypes.bool, "T", "T"), dtypes=ANY, shape=_select_shape,
    samples=[Sample([[True, False, True]], (1, 3), (1, 3)), Sample([True, False], (2, 3), (2, 3)), Sample(True, (2,), (2,))])
def select(xp: Any, condition: Any, t: Any, e: Any) -> Any:
    """TensorFlow 1's choosing: nothing broadcasts; a vector of conditions chooses rows, a scalar everything."""
    if xp is np:
        _select_shape(*(TensorShape(a.shape) for a in (condition, t, e)))
    if condition.ndim == 1 and t.ndim > 1:
        condition = condition.reshape((-1,) + (1,) * (t.ndim - 1))
    return xp.where(condition, t, e)


@select.vjp
def _(y: Any, g: Any, condition: Any, t: Any, e: Any) -> Any:
    zero = REGISTRY["ZerosLike"](g)
    return None, lambda: select(condition, g, zero), lambda: select(condition, zero, g)


def is_non_decreasing(x: Any, name: str | None = None) -> Any:
    """Whether no element is smaller than the one before it, in the flattened order.

    >>> tf.math.is_non_decreasing([1, 2, 2]).numpy()
    np.True_
    """
    return _ordered(x, less_equal, scope(name, "is_non_decreasing"))


def is_strictly_increasing(x: Any, name: str | None = None) -> Any:
    """Whether each element is larger than the one before it, in the flattened order.

    >>> tf.math.is_strictly_increasing([1, 2, 2]).numpy()
    np.False_
    """
    return _ordered(x, less, scope(name, "is_strictly_increasing"))


def _ordered(x: Any, compare: Any, named: Any) -> Any:
    from thalweg.engine.ops.reduce import reduce_all

    with named:
        flat = REGISTRY["Reshape"](convert.convert_to_tensor(x), [-1])
        count = static_shape(flat)[0]
        size = REGISTRY["Size"](flat) if count is None else count
        steps = (REGISTRY["Maximum"](size, 1) if count is None else max(size, 1)) - 1
        piece = REGISTRY["Slice"]
        start = [1] if count is None or count > 0 else [0]
        if count is None:
            start = REGISTRY["Minimum"](REGISTRY["Reshape"](size, [1]), 1)
            steps = REGISTRY["Reshape"](steps, [1])
        else:
            steps = [steps]
        return reduce_all(compare(piece(flat, [0], steps), piece(flat, start, steps)))
