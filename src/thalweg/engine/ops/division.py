"""Division and remainders: true, floored, truncated, and those that give 0 for 0.

Dividing integers by zero raises InvalidArgumentError where ops run on NumPy; a compiled program cannot raise.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from thalweg.engine.core import convert, dtypes, errors
from thalweg.engine.core.dispatch import dispatchable
from thalweg.engine.core.registry import FLOAT, INEXACT, INTEGER, NO_GRADIENT, NUMERIC, REAL
from thalweg.engine.core.tensor import EagerTensor, Tensor
from thalweg.engine.ops.elementwise import conj, multiply, negative, pair, same_dtype
from thalweg.engine.ops.families import binary
from thalweg.engine.ops.scopes import scope
from thalweg.engine.ops.shaping import cast

_NON_ZERO = (0.5, 4)


def _check_divisor(xp: Any, y: Any) -> None:
    if xp is np and not y.all():
        raise errors.InvalidArgumentError(None, None, "Integer division by zero")


def _is_integer(x: Any) -> bool:
    return x.dtype.kind in "iu"


# -- true division -----------------------------------------------------------------------------------------


def _divide_vjp(y: Any, g: Any, a: Any, b: Any) -> Any:
    return (
        lambda: real_divide(g, conj(b)),
        lambda: multiply(g, real_divide(real_divide(negative(conj(a)), conj(b)), conj(b))),
    )


real_divide = binary(
    "RealDiv",
    lambda xp, x, y: x / y,
    dtypes=INEXACT,
    domain=_NON_ZERO,
    vjp=_divide_vjp,
    public="realdiv",
    doc="`x / y` of floating or complex tensors. Shapes broadcast.",
)

# The dtype that integers of each dtype are divided in.
_TRUE_DIVISION = {t: dtypes.float32 if t.size < 4 else dtypes.float64 for t in INTEGER} | {t: t for t in INEXACT}


@dispatchable
def truediv(x: Any, y: Any, name: str | None = None) -> Any:
    """`x / y` as Python divides: integers become float64 (float32 for 8 and 16 bits). Shapes broadcast.

    Raises TypeError when dtypes differ.

    >>> tf.truediv([1, 2], [2, 4]).numpy()
    array([0.5, 0.5])
    """
    with scope(name, "truediv") as name:
        x = convert.convert_to_tensor(x)
        y = convert.convert_to_tensor(y, dtype_hint=x.dtype.base_dtype)
        same_dtype(x, y)
        dtype = _TRUE_DIVISION.get(x.dtype.base_dtype)
        if dtype is None:
            raise TypeError(f"Invalid dtype {x.dtype!r} in __truediv__. Expected a numeric dtype.")
        return real_divide(cast(x, dtype), cast(y, dtype), name=name)


@dispatchable
def divide(x: Any, y: Any, name: str | None = None) -> Any:
    """`x / y` as Python divides, element by element; the same as the operator.

    >>> tf.divide([3.0, 6.0], 2.0).numpy()
    array([1.5, 3. ], dtype=float32)
    """
    if type(x) is not EagerTensor and not isinstance(x, Tensor):
        x = convert.convert_to_tensor(x, dtype=y.dtype.base_dtype if isinstance(y, Tensor) else None)
    if not isinstance(y, Tensor) and not hasattr(y, "dtype"):
        y = convert.convert_to_tensor(y, dtype=x.dtype.base_dtype)
    return truediv(x, y, name=name)


def _div_no_nan(xp: Any, x: Any, y: Any) -> Any:
    zero = y == 0
    return xp.where(zero, 0, x / xp.where(zero, 1, y))


def _div_no_nan_vjp(y: Any, g: Any, a: Any, b: Any) -> Any:
    return (
        lambda: div_no_nan(g, conj(b)),
        lambda: multiply(g, div_no_nan(div_no_nan(negative(conj(a)), conj(b)), conj(b))),
    )


div_no_nan = binary("DivNoNan", _div_no_nan, dtypes=INEXACT, vjp=_div_no_nan_vjp, domain=_NON_ZERO)


@dispatchable
def divide_no_nan(x: Any, y: Any, name: str | None = None) -> Any:
    """`x / y`, and 0 where `y` is 0. Integers are divided as `truediv` does.

    >>> tf.math.divide_no_nan([3.0, 1.0], [2.0, 0.0]).numpy()
    array([1.5, 0. ], dtype=float32)
    """
    with scope(name, "div_no_nan") as name:
        x, y = pair(x, y)
        same_dtype(x, y)
        dtype = _TRUE_DIVISION.get(x.dtype.base_dtype)
        if dtype is None:
            raise TypeError(f"Invalid dtype {x.dtype!r} in tf.math.divide_no_nan. Expected a numeric dtype.")
        return div_no_nan(cast(x, dtype), cast(y, dtype), name=name)


def reciprocal_no_nan(x: Any, name: str | None = None) -> Any:
    """`1 / x`, and 0 where `x` is 0.

    >>> tf.math.reciprocal_no_nan([2.0, 0.0]).numpy()
    array([0.5, 0. ], dtype=float32)
    """
    with scope(name, "reciprocal_no_nan") as name:
        x = convert.convert_to_tensor(x)
        return div_no_nan(convert.convert_to_tensor(1, dtype=x.dtype.base_dtype), x, name=name)


# -- floored -----------------------------------------------------------------------------------------------


def _floor_div(xp: Any, x: Any, y: Any) -> Any:
    if _is_integer(x):
        _check_divisor(xp, y)
        return x // y
    return xp.floor(x / y)


floor_div = binary(
    "FloorDiv", _floor_div, dtypes=REAL, domain=_NON_ZERO, vjp=lambda y, g, a, b: (None, None),
    doc="`x // y`, rounded towards minus infinity. Raises InvalidArgumentError for an integer divided by zero.",
)  # fmt: skip


@dispatchable
def floordiv(x: Any, y: Any, name: str | None = None) -> Any:
    """`x // y`, rounded towards minus infinity. Shapes broadcast.

    Raises InvalidArgumentError for an integer divided by zero.

    >>> tf.math.floordiv([7, -7], 2).numpy()
    array([ 3, -4], dtype=int32)
    """
    return floor_div(x, y, name=name or "floordiv")


def _floor_mod(xp: Any, x: Any, y: Any) -> Any:
    if _is_integer(x):
        _check_divisor(xp, y)
        return x % y
    r = xp.fmod(x, y)
    return xp.where((r != 0) & ((y < 0) != (r < 0)), r + y, r)


floormod = binary(
    "FloorMod",
    _floor_mod,
    dtypes=REAL,
    domain=_NON_ZERO,
    vjp=lambda y, g, a, b: (g, lambda: multiply(g, negative(floor_div(a, b)))),
    public="floormod",
    doc="""The remainder of floored division: it has the sign of `y`.

    Raises InvalidArgumentError for an integer divided by zero.

    >>> tf.math.floormod([7, -7], 3).numpy()
    array([1, 2], dtype=int32)
    """,
)

# -- truncated ---------------------------------------------------------------------------------------------


def _truncate_div(xp: Any, x: Any, y: Any) -> Any:
    if not _is_integer(x):
        return xp.trunc(x / y)
    _check_divisor(xp, y)
    q = x // y
    if x.dtype.kind == "u":
        return q
    inexact_negative = (q * y != x) & ((x < 0) != (y < 0))
    return q + inexact_negative.astype(x.dtype)


truncatediv = binary(
    "TruncateDiv",
    _truncate_div,
    dtypes=REAL,
    domain=_NON_ZERO,
    vjp=lambda y, g, a, b: (None, None),
    public="truncatediv",
    doc="`x / y` rounded towards zero, as C divides. Raises InvalidArgumentError for an integer divided by zero.",
)


def _div(xp: Any, x: Any, y: Any) -> Any:
    return _truncate_div(xp, x, y) if _is_integer(x) else x / y


# What TensorFlow 1's graphs hold: true division of floats, truncated division of integers.
div_op = binary("Div", _div, dtypes=NUMERIC, domain=_NON_ZERO, vjp=_divide_vjp)


def _truncate_mod(xp: Any, x: Any, y: Any) -> Any:
    if _is_integer(x):
        _check_divisor(xp, y)
    return xp.fmod(x, y)


_MOD = (dtypes.int32, dtypes.int64, *FLOAT)
truncatemod = binary(
    "TruncateMod",
    _truncate_mod,
    vjp=NO_GRADIENT,
    dtypes=_MOD,
    domain=_NON_ZERO,
    public="truncatemod",
    doc="The remainder of truncated division: it has the sign of `x`. Raises InvalidArgumentError for an integer modulo zero.",
)
mod_op = binary("Mod", _truncate_mod, vjp=NO_GRADIENT, dtypes=_MOD, domain=_NON_ZERO)
