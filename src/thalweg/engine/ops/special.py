"""Special functions: error functions, the gamma and beta families, Bessel functions and integrals.

The kernels are SciPy's on NumPy (a dependency of JAX) and jax.scipy's under XLA; where that has none the op runs on the host.
16-bit floats are computed in float32. Source: https://www.tensorflow.org/api_docs/python/tf/math/special
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from thalweg.engine.core import convert, dtypes
from thalweg.engine.core.registry import FLOAT, NO_GRADIENT, REGISTRY, Op, Sample, op
from thalweg.engine.ops.comparison import equal_op, select_v2
from thalweg.engine.ops.division import real_divide
from thalweg.engine.ops.elementwise import add_v2, multiply, negative, sign_op, square, subtract
from thalweg.engine.ops.exponential import exp, log, reciprocal, xlog1py, xlogy
from thalweg.engine.ops.families import binary, broadcast_shape, unary, unbroadcast
from thalweg.engine.ops.gradients import ones_like
from thalweg.engine.ops.random_gamma_grad import random_gamma_grad
from thalweg.engine.ops.reduce import reduce_sum
from thalweg.engine.ops.scopes import scope
from thalweg.engine.ops.trigonometry import cos, sin

_WIDE = (dtypes.float32, dtypes.float64)
_POSITIVE = (0.3, 4.0)


@functools.cache
def _functions(xp: Any) -> Any:
    """The special functions for NumPy's arrays or XLA's."""
    if xp is np:
        import scipy.special

        return scipy.special
    import jax.scipy.special

    return jax.scipy.special


def _kernel(compute: Callable[..., Any], precise: bool = False) -> Callable[..., Any]:
    """`compute(xp, functions, *xs)` in at least float32, given back in the dtype of the inputs.

    `precise`: in float64 under XLA, as SciPy does by itself; in float32 JAX's series lose digits.
    """

    def kernel(xp: Any, *xs: Any) -> Any:
        if precise and xp is not np:
            wide = [x.astype(np.float64) for x in xs]
        else:
            wide = [x.astype(np.float32) if x.dtype.itemsize == 2 else x for x in xs]
        return compute(xp, _functions(xp), *wide).astype(xs[0].dtype)

    return kernel


def _of_one(name: str, compute: Any, vjp: Any, doc: str, *, domain: Any = _POSITIVE, host: bool = False) -> Op:
    kernel = _kernel(compute)
    record = unary(name, lambda xp, x: kernel(xp, x), dtypes=FLOAT, vjp=vjp, domain=domain, doc=doc)
    record.host = host
    return record


def _of_two(
    name: str, compute: Any, vjp: Any, doc: str, *, names: tuple[str, str], dtypes: Any = FLOAT, domain: Any = _POSITIVE
) -> Op:
    kernel = _kernel(compute, precise=True)
    record = binary(name, lambda xp, x, y: kernel(xp, x, y), dtypes=dtypes, vjp=vjp, domain=domain, doc=doc)
    record.input_names = names
    return record


# -- error functions ---------------------------------------------------------------------------------------


def _gaussian(x: Any) -> Any:
    """`exp(-x^2) * 2 / sqrt(pi)`, the derivative of erf."""
    return multiply(exp(negative(square(x))), 2 / np.sqrt(np.pi))


erf = _of_one("Erf", lambda xp, f, x: f.erf(x), lambda y, g, x: multiply(g, _gaussian(x)), "The error function.", domain=(-2, 2))
erfc = _of_one(
    "Erfc",
    lambda xp, f, x: f.erfc(x),
    lambda y, g, x: negative(multiply(g, _gaussian(x))),
    "`1 - erf(x)`, exact for large `x`.",
    domain=(-2, 2),
)
erfinv = _of_one(
    "Erfinv",
    lambda xp, f, x: f.erfinv(x),
    lambda y, g, x: multiply(multiply(g, np.sqrt(np.pi) / 2), exp(square(y))),
    "The inverse of the error function; infinite at -1 and 1, NaN outside.",
    domain=(-0.9, 0.9),
)
ndtri = _of_one(
    "Ndtri",
    lambda xp, f, x: f.ndtri(x),
    lambda y, g, x: multiply(multiply(g, np.sqrt(2 * np.pi)), exp(multiply(square(y), 0.5))),
    "The quantile function of the standard normal distribution; NaN outside [0, 1].",
    domain=(0.05, 0.95),
)


def erfcinv(x: Any, name: str | None = None) -> Any:
    """The inverse of `erfc`.

    >>> tf.math.erfcinv([1.0]).numpy() == 0
    array([ True])
    """
    with scope(name, "erfcinv") as name:
        x = convert.convert_to_tensor(x)
        return multiply(negative(ndtri(multiply(x, 0.5))), np.sqrt(0.5), name=name)


# -- gamma and its family ----------------------------------------------------------------------------------

def _zeta(xp: Any, f: Any, x: Any, q: Any) -> Any:
    """SciPy's and JAX's zeta, with TensorFlow's edges: x below 1, infinite x or q, and q at a pole (0, -1, -2 ...)."""
    y = f.zeta(x, q)
    pole, even = (q <= 0) & (q == xp.floor(q)), (x == xp.floor(x)) & (x % 2 == 0)
    y = xp.where(pole, xp.where(even, np.inf, np.nan), y)
    y = xp.where(xp.isposinf(q), 0, y)
    y = xp.where(xp.isposinf(x), xp.where(q > 1, 0, xp.where(q == 1, 1, np.inf)), y)
    y = xp.where(x == 1, np.inf, xp.where(x < 1, np.nan, y))
    return xp.where(xp.isnan(x) | xp.isnan(q), np.nan, y)


def _zeta_vjp(y: Any, g: Any, x: Any, q: Any) -> Any:
    return None, lambda: multiply(g, multiply(negative(x), zeta(add_v2(x, 1), q)))


def _digamma(xp: Any, f: Any, x: Any) -> Any:
    return xp.where(x == 0, np.nan, f.digamma(x))


lgamma = _of_one(
    "Lgamma",
    lambda xp, f, x: xp.where(xp.isinf(x), np.inf, f.gammaln(x)),
    lambda y, g, x: multiply(g, digamma(x)),
    "The logarithm of `|gamma(x)|`; infinite at 0, at negative integers and at both infinities.",
)
digamma = _of_one(
    "Digamma",
    _digamma,
    lambda y, g, x: multiply(g, polygamma(ones_like(x), x)),
    "The derivative of `lgamma`.",
)


def _polygamma(xp: Any, f: Any, n: Any, x: Any) -> Any:
    whole = (n >= 0) & (n == xp.floor(n))
    order = xp.where(whole & (n > 0), n, 1)
    series = xp.where(order % 2 == 0, -1, 1) * xp.exp(f.gammaln(order + 1)) * _zeta(xp, f, order + 1, x)
    return xp.where(whole, xp.where(n == 0, _digamma(xp, f, x), series), np.nan)


zeta = _of_two(
    "Zeta", _zeta, _zeta_vjp, "The Hurwitz zeta function: the sum of `(k + q) ** -x` over `k = 0, 1, ...`.", names=("x", "q"),
    dtypes=_WIDE, domain=(1.5, 4.0),
)  # fmt: skip
polygamma = _of_two(
    "Polygamma",
    _polygamma,
    lambda y, g, n, x: (None, lambda: multiply(g, polygamma(add_v2(n, 1), x))),
    "The derivative of order `a` of `digamma`; NaN unless `a` is a whole number from 0 up.",
    names=("a", "x"),
    dtypes=_WIDE,
)


def _igamma(xp: Any, f: Any, a: Any, x: Any) -> Any:
    y = xp.where(a == 0, np.nan, xp.where(xp.isposinf(a) & (x >= 0), 0, f.gammainc(a, x)))
    return xp.where(x == 0, 0, y)


def _igammac(xp: Any, f: Any, a: Any, x: Any) -> Any:
    y = xp.where(xp.isposinf(a) & (x > 0), xp.where(xp.isposinf(x), 0, 1), f.gammaincc(a, x))
    return xp.where(a == 0, np.nan, y)


def _gamma_density(a: Any, x: Any) -> Any:
    return exp(subtract(add_v2(negative(x), multiply(subtract(a, 1), log(x))), lgamma(a)))


def _igamma_grad_a(xp: Any, a: Any, x: Any) -> Any:
    f = _functions(xp)
    density = xp.exp(-x + (a - 1) * xp.log(x) - f.gammaln(a))
    return -random_gamma_grad.kernel(xp, a, x) * density


igamma_grad_a = binary("IgammaGradA", _igamma_grad_a, vjp=NO_GRADIENT, dtypes=_WIDE, domain=_POSITIVE)
igamma = _of_two(
    "Igamma",
    _igamma,
    lambda y, g, a, x: (lambda: multiply(g, igamma_grad_a(a, x)), lambda: multiply(g, _gamma_density(a, x))),
    "The regularized lower incomplete gamma function: the part of a Gamma(a) distribution below `x`.",
    names=("a", "x"),
)
igammac = _of_two(
    "Igammac",
    _igammac,
    lambda y, g, a, x: (
        lambda: negative(multiply(g, igamma_grad_a(a, x))),
        lambda: negative(multiply(g, _gamma_density(a, x))),
    ),
    "`1 - igamma(a, x)`, exact for large `x`.",
    names=("a", "x"),
)


def lbeta(x: Any, name: str | None = None) -> Any:
    """The logarithm of the absolute value of the beta function of the last dimension.

    >>> tf.math.lbeta([1.0, 1.0]).numpy()
    np.float32(0.0)
    """
    with scope(name, "lbeta"):
        x = convert.convert_to_tensor(x)
        return subtract(reduce_sum(lgamma(x), [-1]), lgamma(reduce_sum(x, [-1])))


# -- the incomplete beta function --------------------------------------------------------------------------


@op("Betainc", dtypes=_WIDE, shape=broadcast_shape, elementwise=True, samples=[Sample([0.5, 2.0], [1.0, 3.0], [0.2, 0.7])])
def betainc(xp: Any, a: Any, b: Any, x: Any) -> Any:
    """The regularized incomplete beta function: the part of a Beta(a, b) distribution below `x`. Gradients reach `x` alone.

    >>> tf.math.betainc(1.0, 1.0, 0.25).numpy()
    np.float32(0.25)
    """
    # In float64 throughout: SciPy's float32 is good to five digits only.
    return _functions(xp).betainc(*(v.astype(np.float64) for v in (a, b, x))).astype(x.dtype)


@betainc.vjp
def _(y: Any, g: Any, a: Any, b: Any, x: Any) -> Any:
    def dx() -> Any:
        log_beta = subtract(add_v2(lgamma(a), lgamma(b)), lgamma(add_v2(a, b)))
        powers = add_v2(xlog1py(subtract(b, 1), negative(x)), xlogy(subtract(a, 1), x))
        return unbroadcast(multiply(g, exp(subtract(powers, log_beta))), x, y)

    return None, None, dx



# -- Bessel functions --------------------------------------------------------------------------------------


def _at_zero(x: Any, value: float, elsewhere: Any) -> Any:
    """`elsewhere`, and `value` where `x` is 0."""
    return select_v2(equal_op(x, 0.0), convert.convert_to_tensor(value, dtype=x.dtype.base_dtype), elsewhere)


def _bessel(name: str, vjp: Any) -> Op:
    """`BesselK1e`: kind K, order 1, times a power of e that keeps it small. XLA has only the first modified kind, I."""
    kind, order, scaled = name[6], name[7], name.endswith("e")
    function = name[6:].lower()
    words = {"I": "modified ", "J": "", "Y": "", "K": "modified "}[kind], "first" if kind in "IJ" else "second"
    doc = f"The {words[0]}Bessel function of the {words[1]} kind and order {order}, element by element."
    if scaled:
        doc = doc[:-1] + ", times `exp(-|x|)`." if kind == "I" else doc[:-1] + ", times `exp(x)`."
    domain = (-3, 3) if kind in "IJ" else _POSITIVE
    return _of_one(name, lambda xp, f, x: getattr(f, function)(x), vjp, doc, domain=domain, host=kind != "I")


def _slope(of_zero: float, lower: Op) -> Callable[..., Any]:
    """The rule of a function of order 1: its derivative is that of order 0 less itself over `x`, and `of_zero` at 0."""
    return lambda y, g, x: multiply(g, _at_zero(x, of_zero, subtract(lower(x), real_divide(y, x))))


bessel_i0 = _bessel("BesselI0", lambda y, g, x: multiply(g, bessel_i1(x)))
bessel_i0e = _bessel("BesselI0e", lambda y, g, x: multiply(g, subtract(bessel_i1e(x), multiply(sign_op(x), y))))
bessel_i1 = _bessel("BesselI1", _slope(1.0, bessel_i0))
bessel_i1e = _bessel(
    "BesselI1e",
    lambda y, g, x: multiply(g, _at_zero(x, 0.5, subtract(bessel_i0e(x), multiply(y, add_v2(sign_op(x), reciprocal(x)))))),
)
bessel_j0 = _bessel("BesselJ0", lambda y, g, x: negative(multiply(g, bessel_j1(x))))
bessel_j1 = _bessel("BesselJ1", _slope(0.5, bessel_j0))
bessel_y0 = _bessel("BesselY0", lambda y, g, x: negative(multiply(g, bessel_y1(x))))
bessel_y1 = _bessel("BesselY1", lambda y, g, x: multiply(g, subtract(bessel_y0(x), real_divide(y, x))))
bessel_k0 = _bessel("BesselK0", lambda y, g, x: negative(multiply(g, bessel_k1(x))))
bessel_k0e = _bessel("BesselK0e", lambda y, g, x: multiply(g, subtract(y, bessel_k1e(x))))
bessel_k1 = _bessel("BesselK1", lambda y, g, x: negative(multiply(g, add_v2(bessel_k0(x), real_divide(y, x)))))
bessel_k1e = _bessel(
    "BesselK1e", lambda y, g, x: multiply(g, subtract(multiply(y, subtract(1.0, reciprocal(x))), bessel_k0e(x)))
)

# -- integrals ---------------------------------------------------------------------------------------------

dawsn = _of_one(
    "Dawsn",
    lambda xp, f, x: f.dawsn(x),
    lambda y, g, x: multiply(g, subtract(1.0, multiply(multiply(x, y), 2.0))),
    "Dawson's integral: `exp(-x^2)` times the integral of `exp(t^2)` from 0 to `x`.",
    domain=(-3, 3),
)
expint = _of_one(
    "Expint",
    lambda xp, f, x: xp.where((x < 0) | xp.isposinf(x), np.nan, xp.where(x == 0, -np.inf, f.expi(x))),
    lambda y, g, x: real_divide(multiply(g, exp(x)), x),
    "The exponential integral: that of `exp(t) / t` from minus infinity to `x`; NaN below 0, as in TensorFlow.",
)
fresnel_cos = _of_one(
    "FresnelCos",
    lambda xp, f, x: f.fresnel(x)[1],
    lambda y, g, x: multiply(g, cos(multiply(square(x), np.pi / 2))),
    "Fresnel's cosine integral: that of `cos(pi * t^2 / 2)` from 0 to `x`.",
    domain=(-3, 3),
)
fresnel_sin = _of_one(
    "FresnelSin",
    lambda xp, f, x: f.fresnel(x)[0],
    lambda y, g, x: multiply(g, sin(multiply(square(x), np.pi / 2))),
    "Fresnel's sine integral: that of `sin(pi * t^2 / 2)` from 0 to `x`.",
    domain=(-3, 3),
)
spence = _of_one(
    "Spence",
    lambda xp, f, x: f.spence(x),
    lambda y, g, x: multiply(g, select_v2(equal_op(x, 1.0), negative(ones_like(x)), real_divide(log(x), subtract(1.0, x)))),
    "Spence's integral (the dilogarithm of `1 - x`): that of `log(t) / (1 - t)` from 1 to `x`.",
)
