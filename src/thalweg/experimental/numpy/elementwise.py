"""Functions of each element."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import thalweg as tf
from thalweg.experimental.numpy.dtypes import asarray, dtype_of, inexact_of, promoted


def _named(function: Callable[..., Any], name: str) -> Callable[..., Any]:
    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"NumPy's `{name}`, of tensors."
    return function


def _float(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    return _named(lambda x: function(inexact_of(x)), name)


def _any(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    return _named(lambda x: function(asarray(x)), name)


def _two(name: str, function: Callable[..., Any], floats: bool = False, bools: Any = None) -> Callable[..., Any]:
    def call(x1: Any, x2: Any) -> Any:
        a, b = promoted(x1, x2)
        if a.dtype is tf.bool:
            if bools is not None:
                return bools(a, b)
            a, b = tf.cast(a, tf.int8), tf.cast(b, tf.int8)
        if floats:
            a, b = inexact_of(a), inexact_of(b)
        return function(a, b)

    return _named(call, name)


sin, cos, tan = _float("sin", tf.sin), _float("cos", tf.cos), _float("tan", tf.tan)
arcsin, arccos, arctan = _float("arcsin", tf.asin), _float("arccos", tf.acos), _float("arctan", tf.atan)
sinh, cosh, tanh = _float("sinh", tf.sinh), _float("cosh", tf.cosh), _float("tanh", tf.tanh)
arcsinh, arccosh, arctanh = _float("arcsinh", tf.asinh), _float("arccosh", tf.acosh), _float("arctanh", tf.atanh)
exp, expm1 = _float("exp", tf.exp), _float("expm1", tf.math.expm1)
exp2 = _float("exp2", lambda x: tf.exp(x * np.log(2.0)))
log, log1p = _float("log", tf.math.log), _float("log1p", tf.math.log1p)
log2 = _float("log2", lambda x: tf.math.log(x) / np.log(2.0))
log10 = _float("log10", lambda x: tf.math.log(x) / np.log(10.0))
sqrt = _float("sqrt", tf.sqrt)
cbrt = _float("cbrt", lambda x: tf.sign(x) * tf.abs(x) ** (1 / 3))
deg2rad = _float("deg2rad", lambda x: x * (np.pi / 180))
rad2deg = _float("rad2deg", lambda x: x * (180 / np.pi))
reciprocal = _any("reciprocal", tf.math.reciprocal)
sinc = _float("sinc", lambda x: tf.where(x == 0, tf.ones_like(x), tf.sin(np.pi * x) / tf.where(x == 0, tf.ones_like(x), np.pi * x)))
fabs = _float("fabs", tf.abs)
square = _any("square", lambda x: x & x if x.dtype is tf.bool else tf.square(x))
positive = _any("positive", tf.identity)
negative = _any("negative", tf.negative)
absolute = _any("absolute", lambda x: x if x.dtype is tf.bool or x.dtype.name.startswith("uint") else tf.abs(x))
abs = absolute
sign = _any("sign", lambda x: tf.cast(tf.sign(tf.math.real(x)), x.dtype) if x.dtype.is_complex else tf.sign(x))
conj = conjugate = _any("conj", tf.math.conj)
real, imag = _any("real", tf.math.real), _any("imag", lambda x: tf.math.imag(x) if x.dtype.is_complex else tf.zeros_like(x))


def _rounded(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    return _named(lambda x: function(inexact_of(x)), name)


floor, ceil = _rounded("floor", tf.floor), _rounded("ceil", tf.math.ceil)
fix = _rounded("fix", lambda x: tf.where(x > 0, tf.floor(x), tf.math.ceil(x)))


def angle(z: Any, deg: bool = False) -> Any:
    """The angles of complex numbers, in radians or degrees."""
    found = tf.math.angle(asarray(z))
    return found * (180 / np.pi) if deg else found


def around(a: Any, decimals: int = 0) -> Any:
    """Numbers rounded to so many decimals."""
    x = asarray(a)
    kind = x.dtype
    factor = 10.0**decimals
    y = tf.round(inexact_of(x) * factor) / factor
    return y if kind.is_floating or kind.is_complex else tf.cast(y, kind)


round = around

add = _two("add", tf.add, bools=tf.logical_or)
subtract = _two("subtract", tf.subtract)
multiply = _two("multiply", tf.multiply, bools=tf.logical_and)
divide = true_divide = _two("divide", tf.truediv, floats=True)
floor_divide = _two("floor_divide", tf.math.floordiv)
mod = remainder = _two("mod", tf.math.floormod)
power = _two("power", tf.pow)
float_power = _named(lambda x1, x2: tf.pow(*[tf.cast(v, tf.float64) for v in promoted(x1, x2)]), "float_power")
maximum = _two("maximum", tf.maximum, bools=tf.logical_or)
minimum = _two("minimum", tf.minimum, bools=tf.logical_and)
arctan2 = _two("arctan2", tf.atan2, floats=True)
hypot = _two("hypot", lambda a, b: tf.sqrt(a * a + b * b), floats=True)
nextafter = _two("nextafter", tf.math.nextafter, floats=True)
heaviside = _two("heaviside", lambda x, h: tf.where(x < 0, tf.zeros_like(x), tf.where(x > 0, tf.ones_like(x), h)), floats=True)
logaddexp = _two("logaddexp", lambda a, b: tf.maximum(a, b) + tf.math.log1p(tf.exp(-tf.abs(a - b))), floats=True)
logaddexp2 = _two("logaddexp2", lambda a, b: logaddexp(a * np.log(2.0), b * np.log(2.0)) / np.log(2.0), floats=True)
bitwise_and = _two("bitwise_and", tf.bitwise.bitwise_and, bools=tf.logical_and)
bitwise_or = _two("bitwise_or", tf.bitwise.bitwise_or, bools=tf.logical_or)
bitwise_xor = _two("bitwise_xor", tf.bitwise.bitwise_xor, bools=tf.math.logical_xor)
bitwise_not = _any("bitwise_not", lambda x: ~x)


def divmod(x1: Any, x2: Any) -> tuple[Any, Any]:
    """Quotients rounded down, and the rests."""
    return floor_divide(x1, x2), mod(x1, x2)


def gcd(x1: Any, x2: Any) -> Any:
    """The greatest common divisors of integers, by Euclid."""
    a, b = (tf.abs(v) for v in promoted(x1, x2))
    a, b = a + tf.zeros_like(b), b + tf.zeros_like(a)

    def trip(a: Any, b: Any) -> Any:
        safe = tf.where(b == 0, tf.ones_like(b), b)
        return tf.where(b == 0, a, b), tf.where(b == 0, tf.zeros_like(b), a % safe)

    return tf.while_loop(lambda _, b: tf.reduce_any(b != 0), trip, (a, b))[0]


def lcm(x1: Any, x2: Any) -> Any:
    """The least common multiples of integers."""
    a, b = promoted(x1, x2)
    d = gcd(a, b)
    return tf.abs(a * b) // tf.where(d == 0, tf.ones_like(d), d)


# -- comparisons -------------------------------------------------------------------------------------------------


equal, not_equal = _two("equal", tf.equal, bools=tf.equal), _two("not_equal", tf.not_equal, bools=tf.not_equal)
greater, greater_equal = _two("greater", tf.greater), _two("greater_equal", tf.greater_equal)
less, less_equal = _two("less", tf.less), _two("less_equal", tf.less_equal)


def _truths(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    return _named(lambda *xs: function(*[tf.cast(asarray(x), tf.bool) for x in xs]), name)


logical_and, logical_or = _truths("logical_and", tf.logical_and), _truths("logical_or", tf.logical_or)
logical_xor, logical_not = _truths("logical_xor", tf.math.logical_xor), _truths("logical_not", tf.logical_not)


def _if_float(name: str, function: Callable[..., Any], otherwise: bool) -> Callable[..., Any]:
    def call(x: Any) -> Any:
        x = asarray(x)
        return function(x) if x.dtype.is_floating else tf.fill(tf.shape(x), otherwise)

    return _named(call, name)


isnan, isinf = _if_float("isnan", tf.math.is_nan, False), _if_float("isinf", tf.math.is_inf, False)
isfinite = _if_float("isfinite", tf.math.is_finite, True)
isneginf = _if_float("isneginf", lambda x: x == -np.inf, False)
isposinf = _if_float("isposinf", lambda x: x == np.inf, False)


def signbit(x: Any) -> Any:
    """Whether numbers are below zero."""
    x = asarray(x)
    return tf.zeros_like(x) if x.dtype is tf.bool else x < tf.zeros_like(x)


def isclose(a: Any, b: Any, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False) -> Any:
    """Whether `|a - b| <= atol + rtol |b|`."""
    x, y = promoted(a, b)
    if not (x.dtype.is_floating or x.dtype.is_complex):
        x, y = inexact_of(x), inexact_of(y)
    close = tf.abs(x - y) <= atol + rtol * tf.abs(y)
    close = (close & isfinite(y)) | (x == y)
    return close | (isnan(x) & isnan(y)) if equal_nan else close


def allclose(a: Any, b: Any, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False) -> Any:
    """Whether all are close."""
    return tf.reduce_all(isclose(a, b, rtol, atol, equal_nan))


def array_equal(a1: Any, a2: Any) -> Any:
    """Whether two arrays have one shape and equal elements."""
    x, y = asarray(a1), asarray(a2)
    if not x.shape.is_compatible_with(y.shape):
        return tf.constant(False)
    return tf.reduce_all(equal(x, y))


def iscomplex(x: Any) -> Any:
    """Whether numbers have an imaginary part."""
    return imag(x) != 0


def isreal(x: Any) -> Any:
    """Whether numbers have no imaginary part."""
    return imag(x) == 0


def iscomplexobj(x: Any) -> bool:
    """Whether the dtype is complex."""
    return dtype_of(x).kind == "c"


def isrealobj(x: Any) -> bool:
    """Whether the dtype is not complex."""
    return not iscomplexobj(x)


def isscalar(num: Any) -> bool:
    """Whether it is a number and no array of dimensions."""
    return np.isscalar(num) or (isinstance(num, (tf.Tensor, np.ndarray)) and len(num.shape) == 0)


def clip(a: Any, a_min: Any, a_max: Any) -> Any:
    """Numbers within bounds."""
    x = asarray(a)
    if a_min is None and a_max is None:
        raise ValueError("Not more than one of `a_min` and `a_max` may be `None`.")
    if a_min is not None:
        x = maximum(x, a_min)
    return x if a_max is None else minimum(x, a_max)


def where(condition: Any, x: Any = None, y: Any = None) -> Any:
    """`x` where the condition holds, `y` elsewhere; without them the places where it does."""
    truth = tf.cast(asarray(condition), tf.bool)
    if x is None and y is None:
        return nonzero(truth)
    if x is None or y is None:
        raise ValueError("Both x and y must be ndarrays, or both must be None.")
    return tf.where(truth, *promoted(x, y))


def nonzero(a: Any) -> list[Any]:
    """The places of what is not zero: one vector for each dimension."""
    x = asarray(a)
    x = tf.reshape(x, [1]) if x.shape.rank == 0 else x
    return tf.unstack(tf.where(tf.cast(x, tf.bool)), x.shape.rank, axis=1)


def select(condlist: Any, choicelist: Any, default: Any = 0) -> Any:
    """The first choice whose condition holds."""
    if len(condlist) != len(choicelist) or not condlist:
        raise ValueError(f"There must be as many conditions as choices, and one at least: {len(condlist)} and {len(choicelist)}.")
    *choices, result = promoted(*choicelist, default)
    for condition, choice in zip(condlist[::-1], choices[::-1]):
        result = where(condition, choice, result)
    return result
