"""How a draw from a gamma distribution moves with the distribution's shape parameter.

Source: Figurnov, Mohamed, Mnih, "Implicit reparameterization gradients", 2018: the draw `y` is where the distribution
function P(alpha, y) has a fixed value, so dy/dalpha = -(dP/dalpha) / (dP/dy).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from thalweg.engine.core import dtypes
from thalweg.engine.core.registry import NO_GRADIENT, Sample, op
from thalweg.engine.core.tensor import static_shape
from thalweg.engine.ops import elementwise
from thalweg.engine.ops.families import broadcast_shape, unbroadcast
from thalweg.engine.ops.random_rejection import until_done

_MOST_TERMS = 2000


def gamma_vjp(y: Any, g: Any, alpha: Any) -> Any:
    """The gradient at `alpha` of draws `y`, whose last dimensions are alpha's."""
    moved = elementwise.multiply(g, random_gamma_grad(alpha, y))
    return unbroadcast(moved, alpha, y) if static_shape(alpha) != static_shape(y) else moved


@op("RandomGammaGrad", vjp=NO_GRADIENT, dtypes=(dtypes.float32, dtypes.float64), shape=broadcast_shape, elementwise=True,
    samples=[Sample(np.array([0.5, 2.0, 30.0]), np.array([0.1, 2.5, 28.0]))])
def random_gamma_grad(xp: Any, alpha: Any, sample: Any) -> Any:
    """The derivative of a Gamma(alpha, 1) draw with respect to alpha, element by element."""
    a, x = (v.astype(xp.float64) for v in xp.broadcast_arrays(alpha, sample))
    shape = a.shape
    a, x = a.reshape(-1), x.reshape(-1)
    large = (x > 1) & (x > a)
    proper = (a > 0) & (x > 0) & xp.isfinite(a) & xp.isfinite(x)
    edge = xp.where((a > 0) & (x == 0), 0.0, xp.nan)
    a, x = xp.where(proper, a, 1.0), xp.where(proper, x, 1.0)
    value = xp.where(large, _by_fraction(xp, a, x, ~(large & proper)), _by_series(xp, a, x, large | ~proper))
    return xp.where(proper, value, edge).reshape(shape).astype(alpha.dtype)


def _by_series(xp: Any, a: Any, x: Any, done: Any) -> Any:
    """From the power series of P: terms x / (a + n), and their derivatives with respect to a."""

    def step(s: dict[str, Any]) -> dict[str, Any]:
        r = s["r"] + 1
        term = s["x"] / r
        dc = term * s["dc"] - s["x"] / (r * r) * s["c"]
        dtotal, c = s["dtotal"] + dc, s["c"] * term
        going = ~s["done"]
        converged = (abs(dc) <= 1e-16 * abs(dtotal)) | (s["n"] >= _MOST_TERMS)
        keep = {"r": r, "dc": dc, "c": c, "dtotal": dtotal, "total": s["total"] + c, "n": s["n"] + 1}
        return s | {k: xp.where(going, v, s[k]) for k, v in keep.items()} | {"done": s["done"] | converged}

    one, none = xp.ones_like(a), xp.zeros_like(a)
    s = until_done(
        xp, step,
        {"r": a, "x": x, "c": one, "total": one, "dc": none, "dtotal": none, "n": none, "done": done},
    )  # fmt: skip
    return -(s["dtotal"] + s["total"] * (xp.log(x) - _digamma(xp, a + 1))) * x / a


def _by_fraction(xp: Any, a: Any, x: Any, done: Any) -> Any:
    """From the continued fraction of 1 - P, its numerators `p` and denominators `q` differentiated along."""

    def step(s: dict[str, Any]) -> dict[str, Any]:
        n = s["n"] + 1
        y, z = s["y"] + 1, s["z"] + 2
        yn = y * n
        p = s["p1"] * z - s["p2"] * yn
        q = s["q1"] * z - s["q2"] * yn
        dp = s["dp1"] * z - s["p1"] - s["dp2"] * yn + s["p2"] * n
        dq = s["dq1"] * z - s["q1"] - s["dq2"] * yn + s["q2"] * n
        total = xp.where(q != 0, p / q, s["total"])
        dtotal = xp.where(q != 0, (dp - total * dq) / q, s["dtotal"])
        converged = ((q != 0) & (abs(dtotal - s["dtotal"]) <= 1e-16)) | (n >= _MOST_TERMS)
        shrink = xp.where(abs(p) > 2.0**52, 2.0**-52, 1.0)
        older = {k + "2": s[k + "1"] * shrink for k in ("p", "q", "dp", "dq")}
        newer = {"p1": p * shrink, "q1": q * shrink, "dp1": dp * shrink, "dq1": dq * shrink}
        keep = older | newer | {"n": n, "y": y, "z": z, "total": total, "dtotal": dtotal}
        going = ~s["done"]
        return {k: xp.where(going, v, s[k]) for k, v in keep.items()} | {"done": s["done"] | converged}

    zero, one = xp.zeros_like(a), xp.ones_like(a)
    y = 1 - a
    z = x + y + 1
    p, q = x + 1, z * x
    s = until_done(
        xp, step,
        {"y": y, "z": z, "n": zero, "p2": one, "q2": x, "p1": p, "q1": q, "dp2": zero, "dq2": zero, "dp1": zero, "dq1": -x,
         "total": p / q, "dtotal": p / q * x / q, "done": done},
    )  # fmt: skip
    return (s["dtotal"] + s["total"] * (xp.log(x) - _digamma(xp, a))) * x


def _digamma(xp: Any, x: Any) -> Any:
    """The logarithmic derivative of gamma at positive x: moved up past 10, then its asymptotic series."""
    moved = xp.zeros_like(x)
    for _ in range(10):
        low = x < 10
        moved = moved + xp.where(low, 1 / x, 0.0)
        x = xp.where(low, x + 1, x)
    z = 1 / (x * x)
    series = z * (1 / 12 - z * (1 / 120 - z * (1 / 252 - z * (1 / 240 - z * (1 / 132 - z * (691 / 32760 - z / 12))))))
    return xp.log(x) - 0.5 / x - series - moved
