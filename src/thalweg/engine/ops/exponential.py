"""Powers, roots, exponentials and logarithms, element by element."""

from __future__ import annotations

from typing import Any

import numpy as np

from thalweg.engine.core.registry import COMPLEX, FLOAT, INEXACT, REGISTRY, SIGNED, Sample
from thalweg.engine.ops.division import real_divide
from thalweg.engine.ops.elementwise import SIGNED_NUMERIC, add_v2, conj, multiply, negative, square, subtract
from thalweg.engine.ops.families import binary, unary

_SAME_SHAPES = (Sample((2, 3), (2, 3)), Sample((), ()), Sample((0, 2), (0, 2)))

# -- roots and reciprocals ---------------------------------------------------------------------------------


def half(x: Any) -> Any:
    """0.5 in the dtype of `x`, for kernels: a Python float would widen bfloat16."""
    return x.dtype.type(0.5)


sqrt = unary(
    "Sqrt",
    lambda xp, x: xp.sqrt(x),
    dtypes=INEXACT,
    domain=(0.1, 10),
    vjp=lambda y, g, x: sqrt_grad(y, g),
    doc="The square root, element by element; NaN for negative numbers.",
)


def _where_some(xp: Any, dy: Any, value: Any) -> Any:
    """Zero where no gradient arrives, as TensorFlow's kernels have it: not NaN at the root's singularity."""
    return xp.where(dy == 0, xp.zeros_like(value), value)


sqrt_grad = binary(
    "SqrtGrad",
    lambda xp, y, dy: _where_some(xp, dy, half(y) * dy / (xp.conj(y) if y.dtype.kind == "c" else y)),
    dtypes=INEXACT,
    domain=(0.1, 10),
    samples=_SAME_SHAPES,
    vjp=lambda y, g, a, b: _sqrt_grad_vjp(y, g, a),
)


def _sqrt_grad_vjp(y: Any, g: Any, a: Any) -> Any:
    ga = real_divide(g, a)
    return lambda: multiply(negative(conj(ga)), y), lambda: multiply(ga, 0.5)


rsqrt = unary(
    "Rsqrt",
    lambda xp, x: 1 / xp.sqrt(x),
    dtypes=INEXACT,
    domain=(0.1, 10),
    vjp=lambda y, g, x: rsqrt_grad(y, g),
    doc="`1 / sqrt(x)`, element by element.",
)


def _rsqrt_grad(xp: Any, y: Any, dy: Any) -> Any:
    y = xp.conj(y) if y.dtype.kind == "c" else y
    return _where_some(xp, dy, -half(y) * dy * (y * y * y))


rsqrt_grad = binary(
    "RsqrtGrad",
    _rsqrt_grad,
    dtypes=INEXACT,
    samples=_SAME_SHAPES,
    vjp=lambda y, g, a, b: (
        lambda: multiply(multiply(multiply(conj(g), -1.5), b), square(conj(a))),
        lambda: rsqrt_grad(conj(a), g),
    ),
)


def _reciprocal(xp: Any, x: Any) -> Any:
    if x.dtype.kind == "i":  # 1 / x truncated: 1, -1 or 0
        return xp.where(abs(x) == 1, x, 0)
    return 1 / x


def _reciprocal_vjp(y: Any, g: Any, x: Any) -> Any:
    return reciprocal_grad(y, g)


def _reciprocal_grad(xp: Any, y: Any, dy: Any) -> Any:
    y = xp.conj(y) if y.dtype.kind == "c" else y
    return -dy * (y * y)


def _reciprocal_grad_vjp(y: Any, g: Any, a: Any, b: Any) -> Any:
    return lambda: multiply(multiply(multiply(conj(g), -2.0), b), conj(a)), lambda: reciprocal_grad(conj(a), g)


reciprocal = unary(
    "Reciprocal", _reciprocal, dtypes=SIGNED_NUMERIC, domain=(0.5, 4), vjp=_reciprocal_vjp,
    doc="`1 / x`, element by element; truncated for integers.",
)  # fmt: skip
reciprocal_grad = binary("ReciprocalGrad", _reciprocal_grad, dtypes=INEXACT, samples=_SAME_SHAPES, vjp=_reciprocal_grad_vjp)
# The names that graphs of TensorFlow 1 hold.
inv = unary("Inv", _reciprocal, dtypes=SIGNED_NUMERIC, domain=(0.5, 4), vjp=_reciprocal_vjp)
inv_grad = binary("InvGrad", _reciprocal_grad, dtypes=INEXACT, samples=_SAME_SHAPES, vjp=_reciprocal_grad_vjp)

# -- powers ------------------------------------------------------------------------------------------------


def _pow(xp: Any, x: Any, y: Any) -> Any:
    if xp is np and y.ndim == 0:
        if y == 2:  # by far the commonest power; NumPy's own is many times slower
            return x * x
        if y == 0.5:  # NumPy takes the square root, whose edge at minus infinity is another
            return np.where(np.isneginf(x), -x, np.sqrt(x)) if x.dtype.kind == "f" else np.power(x, y)
    return xp.power(x, y)


def _pow_vjp(z: Any, g: Any, x: Any, y: Any) -> Any:
    def dx() -> Any:
        cy = conj(y)
        return multiply(multiply(g, cy), pow_op(conj(x), subtract(cy, 1)))

    def dy() -> Any:
        # Where x is not positive the logarithm is taken as 0: no false singularity at x = 0.
        cx = conj(x)
        zero = REGISTRY["ZerosLike"](cx)
        usable = REGISTRY["NotEqual"](cx, zero) if x.dtype.is_complex else REGISTRY["Greater"](cx, zero)
        select = REGISTRY["SelectV2"]
        safe = select(usable, cx, REGISTRY["OnesLike"](cx))
        return multiply(multiply(g, conj(z)), select(usable, log(safe), zero))

    return dx, dy


pow_op = binary("Pow", _pow, dtypes=FLOAT + SIGNED + COMPLEX, domain=(0.5, 2), vjp=_pow_vjp)


def pow(x: Any, y: Any, name: str | None = None) -> Any:
    """`x` to the power `y`, element by element. Shapes broadcast.

    Raises InvalidArgumentError for an integer to a negative power.

    >>> tf.pow([2, 3], [3, 2]).numpy()
    array([8, 9], dtype=int32)
    """
    return pow_op(x, y, name=name)


# -- exponentials and logarithms ---------------------------------------------------------------------------

exp = unary(
    "Exp",
    lambda xp, x: xp.exp(x),
    dtypes=INEXACT,
    vjp=lambda y, g, x: multiply(g, conj(y)),
    doc="e to the power `x`, element by element.",
)
expm1 = unary(
    "Expm1",
    lambda xp, x: xp.expm1(x),
    dtypes=INEXACT,
    vjp=lambda y, g, x: multiply(g, exp(conj(x))),
    doc="`exp(x) - 1`, exact for small `x`.",
)
log = unary(
    "Log",
    lambda xp, x: xp.log(x),
    dtypes=INEXACT,
    vjp=lambda y, g, x: multiply(g, reciprocal(conj(x))),
    domain=(0.1, 10),
    doc="The natural logarithm, element by element; -inf at 0, NaN below.",
)
log1p = unary(
    "Log1p",
    lambda xp, x: xp.log1p(x),
    dtypes=INEXACT,
    vjp=lambda y, g, x: multiply(g, reciprocal(add_v2(conj(x), 1))),
    domain=(-0.5, 4),
    doc="`log(1 + x)`, exact for small `x`.",
)

# -- products with logarithms that are 0 where the first factor is -----------------------------------------


def _not_zero(x: Any) -> Any:
    return REGISTRY["Cast"](REGISTRY["NotEqual"](x, REGISTRY["ZerosLike"](x)), DstT=x.dtype.base_dtype)


xdivy = binary(
    "Xdivy",
    lambda xp, x, y: xp.where(x == 0, 0, x / y),
    dtypes=INEXACT,
    domain=(0.5, 4),
    vjp=lambda y, g, a, b: (
        lambda: multiply(xdivy(_not_zero(a), b), g),
        lambda: multiply(xdivy(negative(a), square(b)), g),
    ),
    doc="`x / y`, and 0 where `x` is 0, whatever `y` is.",
)
xlogy = binary(
    "Xlogy",
    lambda xp, x, y: xp.where(x == 0, 0, x * xp.log(y)),
    dtypes=INEXACT,
    domain=(0.5, 4),
    vjp=lambda y, g, a, b: (lambda: multiply(xlogy(_not_zero(a), b), g), lambda: multiply(xdivy(a, b), g)),
    doc="`x * log(y)`, and 0 where `x` is 0, whatever `y` is.",
)
xlog1py = binary(
    "Xlog1py",
    lambda xp, x, y: xp.where(x == 0, 0, x * xp.log1p(y)),
    dtypes=INEXACT,
    domain=(0.5, 4),
    vjp=lambda y, g, a, b: (
        lambda: multiply(xlog1py(_not_zero(a), b), g),
        lambda: multiply(xdivy(a, add_v2(b, 1)), g),
    ),
    doc="`x * log1p(y)`, and 0 where `x` is 0, whatever `y` is.",
)
