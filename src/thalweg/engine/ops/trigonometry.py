"""Trigonometric and hyperbolic functions and their inverses, element by element."""

from __future__ import annotations

from typing import Any

from thalweg.engine.core.registry import FLOAT, INEXACT, Sample
from thalweg.engine.ops.division import real_divide
from thalweg.engine.ops.elementwise import add_v2, conj, multiply, negative, square, subtract
from thalweg.engine.ops.exponential import reciprocal, sqrt
from thalweg.engine.ops.families import binary, unary

_UNIT = (-0.9, 0.9)


def _minus_from_one(x: Any) -> Any:
    return subtract(1, square(x))


# -- angles ------------------------------------------------------------------------------------------------

sin = unary(
    "Sin", lambda xp, x: xp.sin(x), dtypes=INEXACT, vjp=lambda y, g, x: multiply(g, cos(conj(x))),
    doc="The sine, element by element.",
)  # fmt: skip
cos = unary(
    "Cos", lambda xp, x: xp.cos(x), dtypes=INEXACT, vjp=lambda y, g, x: multiply(negative(g), sin(conj(x))),
    doc="The cosine, element by element.",
)  # fmt: skip
tan = unary(
    "Tan", lambda xp, x: xp.tan(x), dtypes=INEXACT, vjp=lambda y, g, x: multiply(square(reciprocal(cos(conj(x)))), g),
    doc="The tangent, element by element.",
)  # fmt: skip
asin = unary(
    "Asin", lambda xp, x: xp.arcsin(x), dtypes=INEXACT, domain=_UNIT,
    vjp=lambda y, g, x: multiply(g, reciprocal(sqrt(_minus_from_one(conj(x))))), doc="The inverse sine; NaN outside [-1, 1].",
)  # fmt: skip
acos = unary(
    "Acos", lambda xp, x: xp.arccos(x), dtypes=INEXACT, domain=_UNIT,
    vjp=lambda y, g, x: multiply(negative(g), reciprocal(sqrt(_minus_from_one(conj(x))))),
    doc="The inverse cosine; NaN outside [-1, 1].",
)  # fmt: skip
atan = unary(
    "Atan", lambda xp, x: xp.arctan(x), dtypes=INEXACT, vjp=lambda y, g, x: multiply(g, reciprocal(add_v2(square(conj(x)), 1))),
    doc="The inverse tangent, element by element.",
)  # fmt: skip


def _atan2_vjp(z: Any, g: Any, y: Any, x: Any) -> Any:
    scaled = real_divide(g, add_v2(square(x), square(y)))
    return lambda: multiply(x, scaled), lambda: multiply(negative(y), scaled)


atan2 = binary(
    "Atan2", lambda xp, y, x: xp.arctan2(y, x), dtypes=FLOAT, domain=(0.5, 4), vjp=_atan2_vjp,
    doc="The angle of the point `(x, y)`, in [-pi, pi]. Shapes broadcast.",
)  # fmt: skip

# -- hyperbolic --------------------------------------------------------------------------------------------

sinh = unary(
    "Sinh", lambda xp, x: xp.sinh(x), dtypes=INEXACT, vjp=lambda y, g, x: multiply(g, cosh(conj(x))), doc="The hyperbolic sine."
)
cosh = unary(
    "Cosh", lambda xp, x: xp.cosh(x), dtypes=INEXACT, vjp=lambda y, g, x: multiply(g, sinh(conj(x))), doc="The hyperbolic cosine."
)
tanh = unary(
    "Tanh", lambda xp, x: xp.tanh(x), dtypes=INEXACT, vjp=lambda y, g, x: tanh_grad(conj(y), g), doc="The hyperbolic tangent."
)
tanh_grad = binary(
    "TanhGrad",
    lambda xp, y, dy: dy * (1 - y * y),
    dtypes=INEXACT,
    vjp=lambda y, g, a, b: (lambda: multiply(multiply(multiply(g, -2.0), conj(b)), conj(a)), lambda: tanh_grad(conj(a), g)),
    samples=(Sample((2, 3), (2, 3)),),
)
asinh = unary(
    "Asinh", lambda xp, x: xp.arcsinh(x), dtypes=INEXACT, vjp=lambda y, g, x: real_divide(g, cosh(conj(y))),
    doc="The inverse hyperbolic sine.",
)  # fmt: skip
acosh = unary(
    "Acosh", lambda xp, x: xp.arccosh(x), dtypes=INEXACT, domain=(1.1, 5), vjp=lambda y, g, x: real_divide(g, sinh(conj(y))),
    doc="The inverse hyperbolic cosine; NaN below 1.",
)  # fmt: skip
atanh = unary(
    "Atanh", lambda xp, x: xp.arctanh(x), dtypes=INEXACT, domain=_UNIT,
    vjp=lambda y, g, x: multiply(g, reciprocal(_minus_from_one(conj(x)))),
    doc="The inverse hyperbolic tangent; NaN outside [-1, 1].",
)  # fmt: skip
