"""Arithmetic, comparison and logic, element by element.

Vocabulary: `x, a, b` inputs, `y` output, `g` the gradient arriving at `y`, `xp` NumPy or jax.numpy.
Gradients of complex functions are conjugated, as TensorFlow's are.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from thalweg.engine.core import dtypes, errors
from thalweg.engine.core.registry import BASIC, BOOL, FLOAT, INEXACT, INTEGER, NUMERIC, REAL, SIGNED, Sample, op
from thalweg.engine.ops.families import binary, broadcast_shape, comparison, same_shape, unary, unbroadcast

# -- arithmetic --------------------------------------------------------------------------------------------


def conj(x: Any) -> Any:
    """The complex conjugate; a real tensor is returned as it is."""
    return conj_op(x) if x.dtype.is_complex else x


conj_op = unary("Conj", lambda xp, input: xp.conj(input), dtypes=(dtypes.complex64, dtypes.complex128), vjp=lambda y, g, x: conj_op(g))

add_v2 = binary("AddV2", lambda xp, x, y: xp.add(x, y), dtypes=NUMERIC, vjp=lambda y, g, a, b: (g, g))
subtract = binary("Sub", lambda xp, x, y: xp.subtract(x, y), dtypes=NUMERIC, vjp=lambda y, g, a, b: (g, lambda: negative(g)))
multiply = binary(
    "Mul",
    lambda xp, x, y: xp.multiply(x, y),
    dtypes=NUMERIC,
    vjp=lambda y, g, a, b: (lambda: multiply(g, conj(b)), lambda: multiply(g, conj(a))),
)
real_divide = binary(
    "RealDiv",
    lambda xp, x, y: xp.true_divide(x, y),
    dtypes=INEXACT,
    domain=(0.5, 4),
    vjp=lambda y, g, a, b: (lambda: real_divide(g, conj(b)), lambda: multiply(g, conj(negative(real_divide(y, b))))),
)
negative = unary("Neg", lambda xp, x: xp.negative(x), dtypes=NUMERIC, vjp=lambda y, g, x: negative(g))
square = unary("Square", lambda xp, x: xp.multiply(x, x), dtypes=NUMERIC, vjp=lambda y, g, x: multiply(g, multiply(conj(x), 2)))
exp = unary("Exp", lambda xp, x: xp.exp(x), dtypes=INEXACT, vjp=lambda y, g, x: multiply(g, conj(y)))
log = unary("Log", lambda xp, x: xp.log(x), dtypes=INEXACT, vjp=lambda y, g, x: real_divide(g, conj(x)), domain=(0.1, 10))
tanh = unary("Tanh", lambda xp, x: xp.tanh(x), dtypes=INEXACT, vjp=lambda y, g, x: tanh_grad(y, g))
tanh_grad = binary(
    "TanhGrad",
    lambda xp, y, dy: dy * (1 - y * y),
    dtypes=INEXACT,
    vjp=lambda y, g, a, b: (
        lambda: multiply(g, conj(multiply(multiply(b, a), -2))),
        lambda: multiply(g, conj(subtract(1, multiply(a, a)))),
    ),
    samples=(Sample((2, 3), (2, 3)),),
)

# -- comparison --------------------------------------------------------------------------------------------

less = comparison("Less", lambda xp, x, y: xp.less(x, y), dtypes=REAL)
