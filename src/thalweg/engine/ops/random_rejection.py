"""Samplers that draw until a candidate is accepted: truncated normal, gamma, Poisson, binomial.

TensorFlow gives each output (or group of outputs) a stretch of the stream of its own, so lanes are independent: a lane
is one output with its own position in the stream. `until_done` steps all lanes together, under NumPy dropping those that
are done, under XLA as a while loop of fixed shape.

Source: Marsaglia and Tsang, "A simple method for generating gamma variables", 2000 (gamma); Knuth, TAOCP 2 (small
Poisson); Hormann, "The transformed rejection method for generating Poisson random variables", 1993; Hormann, "The
generation of binomial random variates", 1993.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from thalweg.engine.ops.philox import CHUNK, Stream, blocks_at
from thalweg.engine.ops.random_floats import normal32, normal64, unit64

# Blocks of the stream kept for each output (TensorFlow's kReservedSamplesPerOutput; for a group of normals, words).
RESERVED = 256
_RESERVED_BY_INVERSION = 42

State = dict[str, Any]


def until_done(xp: Any, step: Callable[[State], State], state: State) -> State:
    """Step every lane until `state["done"]` holds for all. `step` must leave lanes that are done as they are."""
    if xp is not np:
        from jax import lax

        return lax.while_loop(lambda s: ~xp.all(s["done"]), step, state)
    whole = {k: v.copy() for k, v in state.items()}
    lanes = np.flatnonzero(~state["done"])
    state = {k: v[lanes] for k, v in state.items()}
    while len(lanes):
        state = step(state)
        going = ~state["done"]
        if np.count_nonzero(going) < 0.75 * len(lanes):
            for k, v in state.items():
                whole[k][lanes] = v
            lanes, state = lanes[going], {k: v[going] for k, v in state.items()}
    return whole


def _unit_pair(xp: Any, source: Stream, skip: Any) -> tuple[Any, Any]:
    """The two float64 uniforms of a block, in the order TensorFlow hands them out: the last one first."""
    first, second = blocks_at(xp, source, skip)
    return unit64(xp, second), unit64(xp, first)


def _lanes(xp: Any, samples: int, parameters: int) -> Any:
    """Which output each lane is: all samples of the first parameter, then of the second ..."""
    return xp.arange(samples * parameters, dtype=xp.uint64)


def _layout(xp: Any, values: Any, samples: int, parameters: int) -> Any:
    """Lane order to output order: `[samples, parameters]`."""
    return values.reshape(parameters, samples).T


# -- truncated normal ----------------------------------------------------------------------------------------


def truncated_normal(xp: Any, source: Stream, count: int, dtype: Any) -> Any:
    """Standard normals below 2 in magnitude, in groups of one block's worth: four float32 or two float64."""
    double = dtype == np.float64
    size = 2 if double else 4
    groups = -(-count // size)
    blocks = size * RESERVED // 4

    def draw(skip: Any) -> Any:
        pairs = xp.stack(blocks_at(xp, source, skip), -1).reshape(-1)
        return (normal64 if double else normal32)(xp, pairs).reshape(-1, size)

    def step(s: State) -> State:
        z = draw(s["skip"])
        kept, filled = s["kept"], s["filled"]
        for j in range(size):
            accepted = abs(z[:, j]) < 2
            here = accepted[:, None] & (filled[:, None] == xp.arange(size))
            kept = xp.where(here, z[:, j, None], kept)
            filled = filled + accepted
        return {"skip": s["skip"] + xp.uint64(1), "kept": kept, "filled": filled, "done": filled >= size}

    starts = xp.arange(groups, dtype=xp.uint64) * xp.uint64(blocks)
    work = np.float64 if double else np.float32
    if xp is not np:
        kept = _empty_groups(xp, starts, size, work)
        return until_done(xp, step, kept)["kept"].reshape(-1)[:count].astype(dtype)
    out = np.empty((groups, size), dtype)
    for at in range(0, groups, CHUNK // 2):
        chunk = starts[at : at + CHUNK // 2]
        z = draw(chunk)
        # Five groups of six take their whole first block.
        short = np.flatnonzero((np.abs(z) >= 2).any(1))
        z[short] = until_done(xp, step, _empty_groups(xp, chunk[short], size, work))["kept"]
        out[at : at + len(z)] = z
    return out.reshape(-1)[:count]


def _empty_groups(xp: Any, starts: Any, size: int, dtype: Any) -> State:
    n = len(starts)
    return {
        "skip": starts, "kept": xp.zeros((n, size), dtype), "filled": xp.zeros(n, xp.int64), "done": xp.zeros(n, bool)
    }  # fmt: skip


# -- gamma ---------------------------------------------------------------------------------------------------


def gamma(xp: Any, source: Stream, samples: int, alpha: Any) -> Any:
    """`[samples, len(alpha)]` float64 draws from Gamma(alpha, 1), for a vector `alpha`."""
    lane = _lanes(xp, samples, len(alpha))
    a = xp.repeat(alpha.astype(xp.float64), samples)
    small = a < 1
    d = a + xp.where(small, 2.0 / 3, -1.0 / 3)
    c = 1.0 / 3 / xp.sqrt(d)
    zero = xp.zeros_like(a)
    none = xp.zeros(a.shape, bool)

    def step(s: State) -> State:
        # Normals and uniforms each come two to a block, blocks being taken when either runs out.
        skip, z0, normal_left = s["skip"], s["z0"], s["normal_left"]
        x, z0, skip = _next_of_two(xp, normal_left, z0, skip, lambda at: _normal_pair(xp, source, at))
        normal_left = ~normal_left
        v = 1 + s["c"] * x
        positive = v > 0
        v = xp.where(positive, v * v * v, 1.0)
        u, u0, after = _next_of_two(xp, s["uniform_left"], s["u0"], skip, lambda at: _unit_pair(xp, source, at))
        skip, u0 = xp.where(positive, after, skip), xp.where(positive, u0, s["u0"])
        uniform_left = s["uniform_left"] ^ positive
        squeeze = u < 1 - 0.0331 * (x * x) * (x * x)
        accepted = positive & (squeeze | (xp.log(u) < 0.5 * x * x + s["d"] * (1 - v + xp.log(v))))
        # Below one a further uniform turns Gamma(alpha + 1) into Gamma(alpha).
        b, _, _ = _next_of_two(xp, uniform_left, u0, skip, lambda at: _unit_pair(xp, source, at))
        value = s["d"] * v * xp.where(s["small"], b ** (1 / s["a"]), 1.0)
        taken = accepted & ~s["done"]
        return s | {
            "skip": skip, "z0": z0, "normal_left": normal_left, "u0": u0, "uniform_left": uniform_left,
            "value": xp.where(taken, value, s["value"]), "done": s["done"] | accepted,
        }  # fmt: skip

    start = lane * xp.uint64(RESERVED)
    exponential = -xp.log1p(-_unit_pair(xp, source, start)[0])
    state = {
        "skip": start, "a": a, "c": c, "d": d, "small": small, "z0": zero, "u0": zero, "normal_left": none,
        "uniform_left": none, "value": xp.where(a == 1, exponential, 0.0), "done": a == 1,
    }  # fmt: skip
    return _layout(xp, until_done(xp, step, state)["value"], samples, len(alpha))


def _normal_pair(xp: Any, source: Stream, skip: Any) -> tuple[Any, Any]:
    """The two float64 normals of a block, the last one first."""
    z = normal64(xp, xp.stack(blocks_at(xp, source, skip), -1).reshape(-1)).reshape(-1, 2)
    return z[:, 1], z[:, 0]


def _next_of_two(xp: Any, left: Any, kept: Any, skip: Any, draw: Callable[[Any], tuple[Any, Any]]) -> tuple[Any, Any, Any]:
    """The next number of a buffer of two: the kept one where one is left, else the first of a new block."""
    fresh, spare = draw(skip)
    return xp.where(left, kept, fresh), xp.where(left, kept, spare), xp.where(left, skip, skip + xp.uint64(1))


# -- Poisson -------------------------------------------------------------------------------------------------


def poisson(xp: Any, source: Stream, samples: int, rate: Any) -> Any:
    """`[samples, len(rate)]` float64 draws from Poisson(rate), for a vector `rate`."""
    r = xp.repeat(rate.astype(xp.float64), samples)
    start = _lanes(xp, samples, len(rate)) * xp.uint64(RESERVED)
    small = _poisson_by_products(xp, source, start, r, ~(r < 10))
    value = _poisson_by_rejection(xp, source, start, r, small, r < 10)
    return _layout(xp, value, samples, len(rate))


def _poisson_by_products(xp: Any, source: Stream, start: Any, rate: Any, done: Any) -> Any:
    """Knuth: how many uniforms can be multiplied before the product falls to exp(-rate)."""

    def step(s: State) -> State:
        product, count, done = s["product"], s["count"], s["done"]
        for u in _unit_pair(xp, source, s["skip"]):
            product = product * u
            done = done | (product <= s["bound"])
            count = count + ~done
        return s | {"skip": s["skip"] + xp.uint64(1), "product": product, "count": count, "done": done}

    state = {
        "skip": start, "bound": xp.exp(-rate), "product": xp.ones_like(rate), "count": xp.zeros_like(rate), "done": done
    }  # fmt: skip
    return until_done(xp, step, state)["count"]


def _poisson_by_rejection(xp: Any, source: Stream, start: Any, rate: Any, value: Any, done: Any) -> Any:
    """Hormann's PTRD."""
    b = 0.931 + 2.53 * xp.sqrt(rate)
    a = -0.059 + 0.02483 * b
    inverse_alpha = 1.1239 + 1.1328 / (b - 3.4)

    def step(s: State) -> State:
        u, v = _unit_pair(xp, source, s["skip"])
        u = u - 0.5
        a, b, rate = s["a"], s["b"], s["rate"]
        shifted = 0.5 - abs(u)
        k = xp.floor((2 * a / shifted + b) * u + rate + 0.43)
        inside = (shifted >= 0.07) & (v <= 0.9277 - 3.6224 / (b - 2))
        outside = (k < 0) | ((shifted < 0.013) & (v > shifted))
        left = xp.log(v * s["inverse_alpha"] / (a / (shifted * shifted) + b))
        right = -rate + k * xp.log(rate) - _lgamma(xp, k + 1)
        accepted = inside | (~outside & (left <= right))
        taken = accepted & ~s["done"]
        return s | {
            "skip": s["skip"] + xp.uint64(1), "value": xp.where(taken, k, s["value"]), "done": s["done"] | accepted
        }  # fmt: skip

    state = {
        "skip": start, "rate": rate, "a": a, "b": b, "inverse_alpha": inverse_alpha, "value": value, "done": done
    }  # fmt: skip
    return until_done(xp, step, state)["value"]


def _lgamma(xp: Any, x: Any) -> Any:
    """log(gamma(x)) for the whole numbers that a sampler tries."""
    if xp is not np:
        from jax.scipy.special import gammaln

        return gammaln(x)
    if not len(x):
        return x
    # Stirling's series after moving x up to at least 16: its first dropped term is below 1e-17 there.
    x = np.maximum(x, 1.0)
    moved = np.ones_like(x)
    y = x.copy()
    for _ in range(15):
        low = y < 16
        moved = np.where(low, moved * y, moved)
        y = y + low
    z = 1 / (y * y)
    series = (1 / 12 + z * (-1 / 360 + z * (1 / 1260 + z * (-1 / 1680 + z * (1 / 1188 + z * (-691 / 360360)))))) / y
    return (y - 0.5) * np.log(y) - y + 0.5 * np.log(2 * np.pi) + series - np.log(moved)


# -- binomial ------------------------------------------------------------------------------------------------


def binomial(xp: Any, source: Stream, samples: int, counts: Any, probs: Any) -> Any:
    """`[samples, len(counts)]` float64 draws from Binomial(counts, probs), for vectors of one length and dtype."""
    flipped = probs > 0.5
    # The choice of method is made in the parameters' own precision, as TensorFlow makes it.
    q = xp.where(flipped, (1 - probs).astype(probs.dtype), probs)
    by_rejection = counts * q >= 10
    never, always = (counts <= 0) | (probs <= 0), probs >= 1
    trivial = never | always | xp.isnan(probs)
    n, p = (xp.repeat(v.astype(xp.float64), samples) for v in (counts, q))
    lane = _lanes(xp, samples, len(counts))
    direct = xp.repeat(by_rejection, samples)
    known = xp.repeat(trivial, samples)
    value = _binomial_by_inversion(xp, source, lane * xp.uint64(_RESERVED_BY_INVERSION), n, p, direct | known)
    value = _binomial_by_rejection(xp, source, lane * xp.uint64(RESERVED), n, p, value, ~direct | known)
    value = xp.where(xp.repeat(flipped, samples), n - value, value)
    edge = xp.where(never, 0.0, xp.where(always, counts.astype(xp.float64), xp.nan))
    return _layout(xp, xp.where(known, xp.repeat(edge, samples), value), samples, len(counts))


def _binomial_by_inversion(xp: Any, source: Stream, start: Any, n: Any, p: Any, done: Any) -> Any:
    """How many geometric numbers can be added before the sum passes n."""

    def step(s: State) -> State:
        total, count, done = s["total"], s["count"], s["done"]
        for u in _unit_pair(xp, source, s["skip"]):
            total = total + xp.ceil(xp.log(u) / xp.log1p(-s["p"]))
            done = done | (total > s["n"])
            count = count + ~done
        return s | {"skip": s["skip"] + xp.uint64(1), "total": total, "count": count, "done": done}

    zero = xp.zeros_like(n)
    state = {"skip": start, "n": n, "p": p, "total": zero, "count": zero, "done": done}
    return until_done(xp, step, state)["count"]


# log(k!) less Stirling's approximation, for k from 0 to 9.
_STIRLING_TAIL = np.array(
    [0.0810614667953272, 0.0413406959554092, 0.0276779256849983, 0.02079067210376509, 0.0166446911898211,
     0.0138761288230707, 0.0118967099458917, 0.0104112652619720, 0.00925546218271273, 0.00833056343336287]
)  # fmt: skip


def _stirling_tail(xp: Any, k: Any) -> Any:
    square = (k + 1) * (k + 1)
    series = (1.0 / 12 - (1.0 / 360 - 1.0 / 1260 / square) / square) / (k + 1)
    at = xp.clip(k, 0, 9).astype(xp.int64)
    return xp.where(k <= 9, xp.take(xp.asarray(_STIRLING_TAIL), at, mode="clip"), series)


def _binomial_by_rejection(xp: Any, source: Stream, start: Any, n: Any, p: Any, value: Any, done: Any) -> Any:
    """Hormann's BTRS."""

    def step(s: State) -> State:
        n, p = s["n"], s["p"]
        deviation = xp.sqrt(n * p * (1 - p))
        b = 1.15 + 2.53 * deviation
        a = -0.0873 + 0.0248 * b + 0.01 * p
        r = p / (1 - p)
        m = xp.floor((n + 1) * p)
        u, v = _unit_pair(xp, source, s["skip"])
        u = u - 0.5
        us = 0.5 - abs(u)
        k = xp.floor((2 * a / us + b) * u + n * p + 0.5)
        inside = (us >= 0.07) & (v <= 0.92 - 4.2 / b)
        possible = (k >= 0) & (k <= n)
        left = xp.log(v * (2.83 + 5.1 / b) * deviation / (a / (us * us) + b))
        right = (
            (m + 0.5) * xp.log((m + 1) / (r * (n - m + 1)))
            + (n + 1) * xp.log((n - m + 1) / (n - k + 1))
            + (k + 0.5) * xp.log(r * (n - k + 1) / (k + 1))
            + _stirling_tail(xp, m) + _stirling_tail(xp, n - m) - _stirling_tail(xp, k) - _stirling_tail(xp, n - k)
        )  # fmt: skip
        accepted = inside | (possible & (left <= right))
        taken = accepted & ~s["done"]
        return s | {
            "skip": s["skip"] + xp.uint64(1), "value": xp.where(taken, k, s["value"]), "done": s["done"] | accepted
        }  # fmt: skip

    return until_done(xp, step, {"skip": start, "n": n, "p": p, "value": value, "done": done})["value"]
