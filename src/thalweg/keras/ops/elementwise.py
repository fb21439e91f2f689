"""`keras.ops`, number by number: arithmetic, powers, angles, comparisons, logic, bits."""

from __future__ import annotations

import math
from typing import Any

import thalweg as tf
from thalweg.keras import config
from thalweg.keras.ops.dtypes import floating, result_type, tensor, together

# -- arithmetic ------------------------------------------------------------------------------------------------


def add(x1: Any, x2: Any) -> Any:
    """`x1 + x2`; for booleans, or."""
    a, b = together(x1, x2)
    return tf.logical_or(a, b) if a.dtype == tf.bool else a + b


def subtract(x1: Any, x2: Any) -> Any:
    """`x1 - x2`."""
    a, b = together(x1, x2)
    return a - b


def multiply(x1: Any, x2: Any) -> Any:
    """`x1 * x2`; for booleans, and."""
    a, b = together(x1, x2)
    return tf.logical_and(a, b) if a.dtype == tf.bool else a * b


def divide(x1: Any, x2: Any) -> Any:
    """`x1 / x2`, in floats."""
    a, b = together(x1, x2)
    return floating(a) / floating(b)


def divide_no_nan(x1: Any, x2: Any) -> Any:
    """`x1 / x2`, and 0 where `x2` is 0."""
    a, b = together(x1, x2)
    return tf.math.divide_no_nan(floating(a), floating(b))


def floor_divide(x1: Any, x2: Any) -> Any:
    """`x1 // x2`."""
    a, b = together(x1, x2)
    return tf.math.floordiv(a, b)


def mod(x1: Any, x2: Any) -> Any:
    """The rest of a division, with the sign of `x2`."""
    a, b = together(x1, x2)
    if a.dtype == tf.bool:
        a, b = tf.cast(a, tf.int32), tf.cast(b, tf.int32)
    return tf.math.floormod(a, b)


def fmod(x1: Any, x2: Any) -> Any:
    """The rest of a division, with the sign of `x1`."""
    a, b = together(x1, x2)
    return a - _toward_zero(floating(a) / floating(b), a.dtype) * b


def _toward_zero(x: Any, dtype: Any) -> Any:
    return tf.cast(tf.where(x < 0, tf.math.ceil(x), tf.floor(x)), dtype)


def power(x1: Any, x2: Any) -> Any:
    """`x1 ** x2`."""
    a, b = together(x1, x2)
    return tf.pow(a, b)


def negative(x: Any) -> Any:
    """`-x`."""
    return -tensor(x)


def absolute(x: Any) -> Any:
    """The size without the sign."""
    x = tensor(x)
    return x if x.dtype == tf.bool or x.dtype.is_unsigned else tf.abs(x)


def fabs(x: Any) -> Any:
    """The size without the sign, in floats."""
    return tf.abs(floating(x))


def sign(x: Any) -> Any:
    """-1, 0 or 1."""
    return tf.sign(tensor(x))


def signbit(x: Any) -> Any:
    """Whether the sign is minus, that of -0.0 too."""
    x = tensor(x)
    if not x.dtype.is_floating:
        return tf.zeros_like(x, tf.bool) if x.dtype == tf.bool or x.dtype.is_unsigned else x < 0
    return tf.logical_or(x < 0, tf.logical_and(tf.equal(x, 0), 1.0 / x < 0))


def square(x: Any) -> Any:
    """`x * x`."""
    x = tensor(x)
    return tf.square(tf.cast(x, tf.int32) if x.dtype == tf.bool else x)


def sqrt(x: Any) -> Any:
    """Square root."""
    return tf.sqrt(floating(x))


def rsqrt(x: Any) -> Any:
    """1 over the square root."""
    return tf.math.rsqrt(floating(x))


def cbrt(x: Any) -> Any:
    """Cube root."""
    x = floating(x)
    return tf.sign(x) * tf.pow(tf.abs(x), tf.cast(1 / 3, x.dtype))


def reciprocal(x: Any) -> Any:
    """`1 / x`."""
    return tf.math.reciprocal(floating(x))


def maximum(x1: Any, x2: Any) -> Any:
    """The greater of two numbers."""
    a, b = together(x1, x2)
    return tf.logical_or(a, b) if a.dtype == tf.bool else tf.maximum(a, b)


def minimum(x1: Any, x2: Any) -> Any:
    """The smaller of two numbers."""
    a, b = together(x1, x2)
    return tf.logical_and(a, b) if a.dtype == tf.bool else tf.minimum(a, b)


def fmax(x1: Any, x2: Any) -> Any:
    """The greater of two numbers; one that is not NaN."""
    a, b = together(x1, x2)
    if not a.dtype.is_floating:
        return maximum(a, b)
    return tf.where(tf.math.is_nan(a), b, tf.where(tf.math.is_nan(b), a, tf.maximum(a, b)))


def fmin(x1: Any, x2: Any) -> Any:
    """The smaller of two numbers; one that is not NaN."""
    a, b = together(x1, x2)
    if not a.dtype.is_floating:
        return minimum(a, b)
    return tf.where(tf.math.is_nan(a), b, tf.where(tf.math.is_nan(b), a, tf.minimum(a, b)))


def clip(x: Any, x_min: Any, x_max: Any) -> Any:
    """`x` between two bounds."""
    x = tensor(x)
    x = tf.cast(x, tf.int32) if x.dtype == tf.bool else x
    return tf.clip_by_value(x, tensor(x_min, x.dtype), tensor(x_max, x.dtype))


def gcd(x1: Any, x2: Any) -> Any:
    """The greatest common divisor, by Euclid's steps."""
    a, b = together(x1, x2)
    a, b = tf.broadcast_to(tf.abs(a), tf.shape(a + b)), tf.broadcast_to(tf.abs(b), tf.shape(a + b))

    def step(a: Any, b: Any) -> Any:
        rest = tf.math.floormod(a, tf.where(tf.equal(b, 0), tf.ones_like(b), b))
        return tf.where(tf.equal(b, 0), a, b), tf.where(tf.equal(b, 0), b, rest)

    return tf.while_loop(lambda a, b: tf.reduce_any(tf.not_equal(b, 0)), step, (a, b))[0]


def lcm(x1: Any, x2: Any) -> Any:
    """The least common multiple."""
    a, b = together(x1, x2)
    divisor = gcd(a, b)
    return tf.where(tf.equal(divisor, 0), tf.zeros_like(divisor), tf.abs(a * b) // tf.maximum(divisor, 1))


# -- exponentials ----------------------------------------------------------------------------------------------


def exp(x: Any) -> Any:
    """e to the power."""
    return tf.exp(floating(x))


def exp2(x: Any) -> Any:
    """2 to the power."""
    x = floating(x)
    return tf.pow(tf.cast(2, x.dtype), x)


def expm1(x: Any) -> Any:
    """`exp(x) - 1`, exact near 0."""
    return tf.math.expm1(floating(x))


def log(x: Any) -> Any:
    """Natural logarithm."""
    return tf.math.log(floating(x))


def log2(x: Any) -> Any:
    """Logarithm to base 2."""
    return tf.math.log(floating(x)) / math.log(2)


def log10(x: Any) -> Any:
    """Logarithm to base 10."""
    return tf.math.log(floating(x)) / math.log(10)


def log1p(x: Any) -> Any:
    """`log(1 + x)`, exact near 0."""
    return tf.math.log1p(floating(x))


def logaddexp(x1: Any, x2: Any) -> Any:
    """`log(exp(x1) + exp(x2))`."""
    a, b = map(floating, together(x1, x2))
    high, apart = tf.maximum(a, b), a - b
    return tf.where(tf.math.is_nan(apart), a + b, high + tf.math.log1p(tf.exp(-tf.abs(apart))))


def logaddexp2(x1: Any, x2: Any) -> Any:
    """`log2(2 ** x1 + 2 ** x2)`."""
    a, b = map(floating, together(x1, x2))
    return logaddexp(a * math.log(2), b * math.log(2)) / math.log(2)


def ldexp(x1: Any, x2: Any) -> Any:
    """`x1 * 2 ** x2`."""
    x = floating(x1)
    return x * tf.pow(tf.cast(2, x.dtype), tf.cast(tensor(x2), x.dtype))


def erf(x: Any) -> Any:
    """The error function."""
    return tf.math.erf(floating(x))


def erfc(x: Any) -> Any:
    """`1 - erf(x)`."""
    return tf.math.erfc(floating(x))


def erfinv(x: Any) -> Any:
    """The inverse of the error function."""
    return tf.math.erfinv(floating(x))


def i0(x: Any) -> Any:
    """The modified Bessel function of the first kind, order 0."""
    return tf.math.special.bessel_i0(floating(x))


def sinc(x: Any) -> Any:
    """`sin(pi x) / (pi x)`."""
    x = floating(x) * math.pi
    safe = tf.where(tf.equal(x, 0), tf.ones_like(x), x)
    return tf.where(tf.equal(x, 0), tf.ones_like(x), tf.sin(safe) / safe)


# -- angles ----------------------------------------------------------------------------------------------------


def sin(x: Any) -> Any:
    """Sine."""
    return tf.sin(floating(x))


def cos(x: Any) -> Any:
    """Cosine."""
    return tf.cos(floating(x))


def tan(x: Any) -> Any:
    """Tangent."""
    return tf.tan(floating(x))


def arcsin(x: Any) -> Any:
    """Inverse sine."""
    return tf.math.asin(floating(x))


def arccos(x: Any) -> Any:
    """Inverse cosine."""
    return tf.math.acos(floating(x))


def arctan(x: Any) -> Any:
    """Inverse tangent."""
    return tf.math.atan(floating(x))


def arctan2(x1: Any, x2: Any) -> Any:
    """The angle of the point (x2, x1)."""
    a, b = map(floating, together(x1, x2))
    return tf.math.atan2(a, b)


def sinh(x: Any) -> Any:
    """Hyperbolic sine."""
    return tf.sinh(floating(x))


def cosh(x: Any) -> Any:
    """Hyperbolic cosine."""
    return tf.cosh(floating(x))


def tanh(x: Any) -> Any:
    """Hyperbolic tangent."""
    return tf.tanh(floating(x))


def arcsinh(x: Any) -> Any:
    """Inverse hyperbolic sine."""
    return tf.math.asinh(floating(x))


def arccosh(x: Any) -> Any:
    """Inverse hyperbolic cosine."""
    return tf.math.acosh(floating(x))


def arctanh(x: Any) -> Any:
    """Inverse hyperbolic tangent."""
    return tf.math.atanh(floating(x))


def hypot(x1: Any, x2: Any) -> Any:
    """The length of the vector (x1, x2)."""
    a, b = map(floating, together(x1, x2))
    long = tf.maximum(tf.abs(a), tf.abs(b))
    short = tf.minimum(tf.abs(a), tf.abs(b))
    ratio = tf.math.divide_no_nan(short, long)
    return long * tf.sqrt(1 + ratio * ratio)


def deg2rad(x: Any) -> Any:
    """Degrees to radians."""
    return floating(x) * (math.pi / 180)


def rad2deg(x: Any) -> Any:
    """Radians to degrees."""
    return floating(x) * (180 / math.pi)


# -- rounding --------------------------------------------------------------------------------------------------


def ceil(x: Any) -> Any:
    """The next whole number above."""
    return tf.math.ceil(floating(x))


def floor(x: Any) -> Any:
    """The next whole number below."""
    return tf.floor(floating(x))


def trunc(x: Any) -> Any:
    """The whole number towards 0."""
    x = tensor(x)
    return _toward_zero(x, x.dtype) if x.dtype.is_floating else x


def round(x: Any, decimals: int = 0) -> Any:
    """To the nearest number with `decimals` places, halves to the even one."""
    x = tensor(x)
    if decimals == 0:
        return tf.round(x)
    factor = 10.0**decimals
    return tf.cast(tf.round(floating(x) * factor) / factor, x.dtype)


def nan_to_num(x: Any, nan: float = 0.0, posinf: Any = None, neginf: Any = None) -> Any:
    """NaN and infinity as numbers: 0 and the greatest there are, unless others are given."""
    x = tensor(x)
    if not x.dtype.is_floating:
        return x
    y = tf.where(tf.math.is_nan(x), tf.cast(nan, x.dtype), x)
    y = tf.where(isposinf(x), tf.cast(x.dtype.max if posinf is None else posinf, x.dtype), y)
    return tf.where(isneginf(x), tf.cast(x.dtype.min if neginf is None else neginf, x.dtype), y)


def nextafter(x1: Any, x2: Any) -> Any:
    """The next number a computer has from `x1` towards `x2`."""
    a, b = map(floating, together(x1, x2))
    return tf.math.nextafter(a, b)


# -- comparisons and logic -------------------------------------------------------------------------------------


def equal(x1: Any, x2: Any) -> Any:
    """`x1 == x2`."""
    return tf.equal(*together(x1, x2))


def not_equal(x1: Any, x2: Any) -> Any:
    """`x1 != x2`."""
    return tf.not_equal(*together(x1, x2))


def greater(x1: Any, x2: Any) -> Any:
    """`x1 > x2`."""
    return tf.greater(*_comparable(x1, x2))


def greater_equal(x1: Any, x2: Any) -> Any:
    """`x1 >= x2`."""
    return tf.greater_equal(*_comparable(x1, x2))


def less(x1: Any, x2: Any) -> Any:
    """`x1 < x2`."""
    return tf.less(*_comparable(x1, x2))


def less_equal(x1: Any, x2: Any) -> Any:
    """`x1 <= x2`."""
    return tf.less_equal(*_comparable(x1, x2))


def _comparable(x1: Any, x2: Any) -> list[Any]:
    return [tf.cast(x, tf.int32) if x.dtype == tf.bool else x for x in together(x1, x2)]


def isclose(x1: Any, x2: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False) -> Any:
    """Whether two numbers differ by at most `atol + rtol * abs(x2)`."""
    a, b = map(floating, together(x1, x2))
    near = tf.logical_and(tf.abs(a - b) <= atol + rtol * tf.abs(b), tf.math.is_finite(b))
    near = tf.logical_or(near, tf.equal(a, b))
    return tf.logical_or(near, tf.logical_and(tf.math.is_nan(a), tf.math.is_nan(b))) if equal_nan else near


def isfinite(x: Any) -> Any:
    """Neither infinite nor NaN."""
    return tf.math.is_finite(floating(x))


def isinf(x: Any) -> Any:
    """Infinite, either way."""
    return tf.math.is_inf(floating(x))


def isnan(x: Any) -> Any:
    """Not a number."""
    return tf.math.is_nan(floating(x))


def isposinf(x: Any) -> Any:
    """Infinite and positive."""
    return tf.equal(floating(x), float("inf"))


def isneginf(x: Any) -> Any:
    """Infinite and negative."""
    return tf.equal(floating(x), float("-inf"))


def isreal(x: Any) -> Any:
    """No imaginary part."""
    x = tensor(x)
    return tf.equal(tf.math.imag(x), 0) if x.dtype.is_complex else tf.ones_like(x, tf.bool)


def heaviside(x1: Any, x2: Any) -> Any:
    """0 below 0, 1 above, `x2` at 0."""
    a, b = map(floating, together(x1, x2))
    return tf.where(a < 0, tf.zeros_like(a), tf.where(a > 0, tf.ones_like(a), b))


def logical_and(x1: Any, x2: Any) -> Any:
    """Both."""
    return tf.logical_and(tensor(x1, tf.bool), tensor(x2, tf.bool))


def logical_or(x1: Any, x2: Any) -> Any:
    """At least one."""
    return tf.logical_or(tensor(x1, tf.bool), tensor(x2, tf.bool))


def logical_xor(x1: Any, x2: Any) -> Any:
    """Exactly one."""
    return tf.math.logical_xor(tensor(x1, tf.bool), tensor(x2, tf.bool))


def logical_not(x: Any) -> Any:
    """Not."""
    return tf.logical_not(tensor(x, tf.bool))


# -- bits ------------------------------------------------------------------------------------------------------


def bitwise_and(x: Any, y: Any) -> Any:
    """Bits that both have."""
    a, b = together(x, y)
    return tf.logical_and(a, b) if a.dtype == tf.bool else tf.bitwise.bitwise_and(a, b)


def bitwise_or(x: Any, y: Any) -> Any:
    """Bits that one of both has."""
    a, b = together(x, y)
    return tf.logical_or(a, b) if a.dtype == tf.bool else tf.bitwise.bitwise_or(a, b)


def bitwise_xor(x: Any, y: Any) -> Any:
    """Bits that exactly one has."""
    a, b = together(x, y)
    return tf.math.logical_xor(a, b) if a.dtype == tf.bool else tf.bitwise.bitwise_xor(a, b)


def bitwise_invert(x: Any) -> Any:
    """The other bits."""
    x = tensor(x)
    return tf.logical_not(x) if x.dtype == tf.bool else tf.bitwise.invert(x)


def bitwise_left_shift(x: Any, y: Any) -> Any:
    """Bits moved up."""
    return tf.bitwise.left_shift(*_comparable(x, y))


def bitwise_right_shift(x: Any, y: Any) -> Any:
    """Bits moved down."""
    return tf.bitwise.right_shift(*_comparable(x, y))


# -- complex numbers and dtypes --------------------------------------------------------------------------------


def real(x: Any) -> Any:
    """The real part."""
    x = tensor(x)
    return tf.math.real(x) if x.dtype.is_complex else x


def imag(x: Any) -> Any:
    """The imaginary part."""
    x = tensor(x)
    return tf.math.imag(x) if x.dtype.is_complex else tf.zeros_like(x)


def conjugate(x: Any) -> Any:
    """The complex conjugate."""
    return tf.math.conj(tensor(x))


def angle(x: Any) -> Any:
    """The angle of a complex number."""
    x = tensor(x)
    return tf.math.angle(x if x.dtype.is_complex else floating(x))


def view(x: Any, dtype: Any = None) -> Any:
    """The same bytes as another dtype."""
    x = tensor(x)
    return x if dtype is None else tf.bitcast(x, config.standardize_dtype(dtype))


def select(condlist: Any, choicelist: Any, default: Any = 0) -> Any:
    """Of several choices the first whose condition is True."""
    dtype = result_type(*[tensor(c).dtype for c in choicelist])
    y = tensor(default, dtype)
    for condition, choice in zip(reversed(list(condlist)), reversed(list(choicelist))):
        y = tf.where(tensor(condition, tf.bool), tensor(choice, dtype), y)
    return y


def where(condition: Any, x1: Any = None, x2: Any = None) -> Any:
    """`x1` where the condition holds, else `x2`; alone, the places where it holds."""
    condition = tensor(condition, tf.bool)
    if x1 is None or x2 is None:
        return tuple(tf.unstack(tf.transpose(tf.where(condition)), condition.shape.rank))
    return tf.where(condition, *together(x1, x2))


abs = absolute
conj = conjugate
true_divide = divide
bitwise_not = bitwise_invert
left_shift = bitwise_left_shift
right_shift = bitwise_right_shift

__all__ = sorted(
    name for name, value in list(globals().items())
    if callable(value) and not name.startswith("_") and getattr(value, "__module__", "") == __name__
)  # fmt: skip
