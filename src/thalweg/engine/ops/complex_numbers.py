"""Complex numbers: made of two parts, and taken apart."""

from __future__ import annotations

from typing import Any

import numpy as np

from thalweg.engine.core import convert, dtypes
from thalweg.engine.core.dispatch import dispatchable
from thalweg.engine.core.dtypes import DType
from thalweg.engine.core.registry import COMPLEX, Sample, op
from thalweg.engine.core.tensor import EagerTensor
from thalweg.engine.ops.comparison import less, select_v2
from thalweg.engine.ops.division import div_no_nan
from thalweg.engine.ops.elementwise import conj_op, multiply, negative
from thalweg.engine.ops.exponential import reciprocal
from thalweg.engine.ops.families import broadcast_shape, same_shape, unbroadcast
from thalweg.engine.ops.gradients import ones_like, zeros_like
from thalweg.engine.ops.scopes import scope

_PARTS = (dtypes.float32, dtypes.float64)
_TO_COMPLEX = {dtypes.float32: dtypes.complex64, dtypes.float64: dtypes.complex128}
_SAMPLES = (Sample((2, 3)), Sample(()), Sample((0, 4)))


def _real_of(groups: Any, attrs: Any) -> DType:
    """`Tout` follows the input, as in TensorFlow's own functions, whatever default the attribute has."""
    return groups["T"].real_dtype


# -- making ------------------------------------------------------------------------------------------------


@op("Complex", dtypes=_PARTS, out=lambda groups, _: _TO_COMPLEX[groups["T"]], shape=broadcast_shape, elementwise=True,
    samples=[Sample((2, 3), (2, 3)), Sample((2, 1), (3,)), Sample((), ())])
def complex_op(xp: Any, real: Any, imag: Any, *, Tout: DType | None = None) -> Any:
    y = np.empty(np.broadcast_shapes(real.shape, imag.shape), np.result_type(real.dtype, np.complex64))
    y.real, y.imag = real, imag
    return y


@complex_op.xla  # no writes into arrays there; `real + 1j * imag` would lose infinities
def _(xp: Any, real: Any, imag: Any, *, Tout: DType | None = None) -> Any:
    from thalweg.engine.xp import jax

    return jax().lax.complex(*xp.broadcast_arrays(real, imag))


@complex_op.vjp
def _(y: Any, g: Any, a: Any, b: Any, *, Tout: DType | None) -> Any:
    return lambda: unbroadcast(real_op(g), a, b), lambda: unbroadcast(imag_op(g), b, a)


def complex(real: Any, imag: Any, name: str | None = None) -> Any:
    """Complex numbers of two real parts: complex64 of float32, complex128 of float64. Shapes broadcast.

    Raises TypeError for other dtypes, or two that differ.

    >>> tf.complex(1.0, 2.0).numpy()
    np.complex64(1+2j)
    """
    with scope(name, "Complex") as name:
        real, imag = convert.convert_to_tensor(real), convert.convert_to_tensor(imag)
        if real.dtype.base_dtype is not imag.dtype.base_dtype or real.dtype.base_dtype not in _TO_COMPLEX:
            raise TypeError(
                f"The `real` and `imag` components have incorrect types: {real.dtype.name} {imag.dtype.name}. They must be "
                "consistent, and one of float32 and float64."
            )
        return complex_op(real, imag, Tout=_TO_COMPLEX[real.dtype.base_dtype], name=name)


# -- taking apart ------------------------------------------------------------------------------------------


@op("Real", dtypes=COMPLEX, out=_real_of, shape=same_shape, elementwise=True, samples=_SAMPLES)
def real_op(xp: Any, input: Any, *, Tout: DType | None = None) -> Any:
    return xp.real(input)


@real_op.vjp
def _(y: Any, g: Any, x: Any, *, Tout: DType | None) -> Any:
    return complex(g, zeros_like(g))


@op("Imag", dtypes=COMPLEX, out=_real_of, shape=same_shape, elementwise=True, samples=_SAMPLES)
def imag_op(xp: Any, input: Any, *, Tout: DType | None = None) -> Any:
    return xp.imag(input)


@imag_op.vjp
def _(y: Any, g: Any, x: Any, *, Tout: DType | None) -> Any:
    return complex(zeros_like(g), g)


@op("Angle", dtypes=COMPLEX, out=_real_of, shape=same_shape, elementwise=True, samples=_SAMPLES)
def angle_op(xp: Any, input: Any, *, Tout: DType | None = None) -> Any:
    return xp.arctan2(xp.imag(input), xp.real(input))


@angle_op.vjp
def _(y: Any, g: Any, x: Any, *, Tout: DType | None) -> Any:
    return multiply(negative(complex(g, zeros_like(g))), reciprocal(complex(imag_op(x), real_op(x))))


@op("ComplexAbs", dtypes=COMPLEX, out=_real_of, shape=same_shape, elementwise=True, samples=_SAMPLES)
def complex_abs(xp: Any, x: Any, *, Tout: DType | None = None) -> Any:
    return xp.abs(x)


@complex_abs.vjp
def _(y: Any, g: Any, x: Any, *, Tout: DType | None) -> Any:
    return div_no_nan(multiply(complex(g, zeros_like(g)), x), complex(y, zeros_like(y)))


@dispatchable
def real(input: Any, name: str | None = None) -> Any:
    """The real part; a real tensor is returned as it is. Raises TypeError for what is no number.

    >>> tf.math.real([1 + 2j]).numpy()
    array([1.])
    """
    x = convert.convert_to_tensor(input)
    if x.dtype.is_complex:
        return real_op(x, Tout=x.dtype.real_dtype, name=name or "Real")
    if x.dtype.is_floating or x.dtype.is_integer:
        return x
    raise TypeError(f"input must be a numeric tensor, but got tensor with dtype {x.dtype}")


@dispatchable
def imag(input: Any, name: str | None = None) -> Any:
    """The imaginary part: zeros for a real tensor.

    >>> tf.math.imag([1 + 2j]).numpy()
    array([2.])
    """
    x = convert.convert_to_tensor(input)
    return imag_op(x, Tout=x.dtype.real_dtype, name=name or "Imag") if x.dtype.is_complex else zeros_like(x)


@dispatchable
def angle(input: Any, name: str | None = None) -> Any:
    """The argument in (-pi, pi]: 0 or pi for a real tensor.

    >>> tf.math.angle([1j, -1 + 0j]).numpy()
    array([1.57079633, 3.14159265])
    """
    x = convert.convert_to_tensor(input)
    if x.dtype.is_complex:
        return angle_op(x, Tout=x.dtype.real_dtype, name=name or "Angle")
    return select_v2(less(x, zeros_like(x)), multiply(ones_like(x), np.pi), zeros_like(x))


def conj(x: Any, name: str | None = None) -> Any:
    """The complex conjugate; a real tensor is returned as it is. Raises TypeError for what is no number.

    >>> tf.math.conj([1 + 2j]).numpy()
    array([1.-2.j])
    """
    if type(x) is EagerTensor and x._array.dtype.kind in "fiu":
        return x
    x = convert.convert_to_tensor(x)
    if x.dtype.is_complex:
        return conj_op(x, name=name or "Conj")
    if x.dtype.is_floating or x.dtype.is_integer:
        return x
    raise TypeError(f"Expected numeric or variant tensor, got dtype {x.dtype!r}.")
