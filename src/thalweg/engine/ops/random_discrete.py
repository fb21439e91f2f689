"""Whole numbers, categories and permutations from random bits, as TensorFlow's CPU kernels make them."""

from __future__ import annotations

from typing import Any

import numpy as np

from thalweg.engine.ops.philox import Stream, fill
from thalweg.engine.ops.random_floats import unit64
from thalweg.engine.ops.random_rejection import until_done


def whole_bits(xp: Any, source: Stream, count: int, dtype: Any) -> Any:
    """`count` integers over the whole range of a 32-bit or 64-bit `dtype`."""
    per_pair = 8 // np.dtype(dtype).itemsize
    return fill(xp, source, count, per_pair, lambda xp, pairs: pairs.view(dtype), dtype)


def uniform_int(xp: Any, source: Stream, count: int, low: Any, high: Any, dtype: Any) -> Any:
    """`count` integers in [low, high), by remainder: as slightly biased as TensorFlow's."""
    unsigned = np.dtype(f"u{np.dtype(dtype).itemsize}")
    base, top = (xp.asarray(v).astype(dtype).view(unsigned) for v in (low, high))
    span = top - base
    bits = whole_bits(xp, source, count, unsigned)
    return (base + bits % span).view(dtype)


def multinomial(xp: Any, source: Stream, logits: Any, samples: int) -> Any:
    """`[batch, samples]` classes drawn with the row's probabilities, by inverting the cumulative sum.

    TensorFlow's kernel splits a large batch over its threads and then draws from other places of the stream; these are
    the numbers of one thread, hence also of every small batch.
    """
    batch = len(logits)
    wide = logits.astype(xp.float64)
    finite = xp.isfinite(wide)
    largest = xp.max(xp.where(finite, wide, -np.inf), axis=1, keepdims=True)
    weights = xp.where(finite, xp.exp(wide - largest), 0.0)
    sums = xp.cumsum(weights, axis=1)
    u = fill(xp, source, batch * samples, 1, unit64, np.float64).reshape(batch, samples)
    target = u * sums[:, -1:]
    if xp is not np:
        return xp.sum(sums[:, None, :] <= target[:, :, None], axis=2)
    out = np.empty((batch, samples), np.int64)
    for row in range(batch):
        out[row] = np.searchsorted(sums[row], target[row], side="right")
    return out


def permutation(xp: Any, source: Stream, size: int) -> Any:
    """A permutation of range(size): step i exchanges place i with place i + (word % (size - i)), for i from 0 on.

    The exchanges are worked out together. What stands at place i when step i comes was put there by the last earlier step
    whose partner was i, and is what stood at that step's own place: following these links gives the first owner. What step
    i fetches from its partner was put there by the last earlier step with the same partner, if there was one.
    """
    if size < 2:
        return xp.arange(size)
    words = whole_bits(xp, source, size - 1, np.uint32)
    steps = xp.arange(size - 1)
    partners = steps + (words % xp.arange(size, 1, -1, dtype=xp.uint32)).astype(xp.int64)
    owners = xp.arange(size)
    links = _last_step_with_partner(xp, steps, partners, size)
    owners = xp.where(links < 0, owners, links)
    for _ in range((size - 1).bit_length()):
        further = owners[owners]
        if xp is np and np.array_equal(further, owners):
            break
        owners = further
    in_order = xp.sort(partners << 32 | steps)
    partner, step = in_order >> 32, in_order & 0xFFFFFFFF
    again = partner[1:] == partner[:-1]
    fetched = xp.where(again, owners[step[:-1]], partner[1:])
    fetched = xp.concatenate([partner[:1], fetched])
    if xp is not np:
        return xp.zeros(size, xp.int64).at[step].set(fetched).at[size - 1].set(owners[size - 1])
    order = np.empty(size, np.int64)
    order[step] = fetched
    order[-1] = owners[-1]
    return order


def _last_step_with_partner(xp: Any, steps: Any, partners: Any, size: int) -> Any:
    """For each place the last step from elsewhere that exchanged with it, -1 where none did."""
    none = xp.full(size, -1)
    if xp is not np:
        return none.at[partners].max(xp.where(partners != steps, steps, -1))
    elsewhere = partners != steps
    none[partners[elsewhere]] = steps[elsewhere]  # of equal partners the last is kept
    return none


# -- one place of a permutation ------------------------------------------------------------------------------

_SIMON_Z = 0x7369F885192C0EF5


def shuffled_index(xp: Any, index: Any, seed: Any, max_index: Any, rounds: int) -> Any:
    """Where each index goes in a permutation of 0 ... max_index: it is encrypted until it falls inside.

    Source: Beaulieu et al., "The SIMON and SPECK families of lightweight block ciphers", 2013; Black and Rogaway,
    "Ciphers with arbitrary finite domains", 2002.
    """
    wide = xp.uint64
    keys = [seed[..., i].astype(xp.uint32).astype(wide) for i in range(3)]
    shape = np.broadcast_shapes(index.shape, max_index.shape, keys[0].shape)
    value, most, *keys = (xp.broadcast_to(v.astype(wide), shape).reshape(-1) for v in (index, max_index, *keys))
    bits = xp.ceil(xp.log2(xp.maximum(most, wide(1)).astype(xp.float64))).astype(wide)
    width = xp.maximum(bits + bits % wide(2), wide(16)) // wide(2)

    def step(s: dict[str, Any]) -> dict[str, Any]:
        coded = _encrypt(s["value"], [s["k0"], s["k1"], s["k2"]], s["width"], rounds)
        value = xp.where(s["done"], s["value"], coded)
        return s | {"value": value, "done": s["done"] | (value <= s["most"])}

    state = dict(zip(("value", "most", "k0", "k1", "k2", "width"), (value, most, *keys, width)))
    state["done"] = most == wide(0)
    coded = until_done(xp, step, state)["value"]
    return xp.where(most == wide(0), wide(0), coded).astype(index.dtype).reshape(shape)


def _encrypt(value: Any, keys: list[Any], width: Any, rounds: int) -> Any:
    """The SIMON cipher on two halves of `width` bits each."""
    one = np.uint64(1)
    mask = (one << width) - one

    def left(x: Any, r: int) -> Any:
        return (x << np.uint64(r) | x >> (width - np.uint64(r))) & mask

    def right(x: Any, r: int) -> Any:
        return (x >> np.uint64(r) | x << (width - np.uint64(r))) & mask

    def mixed(x: Any) -> Any:
        return (left(x, 1) & left(x, 8)) ^ left(x, 2)

    keys = [k & mask for k in keys]
    for i in range(3, rounds):
        digit = np.uint64(_SIMON_Z >> (i - 3) & 1)
        keys.append((np.uint64(0xFFFFFFFC) & mask) ^ digit ^ keys[i - 3] ^ right(keys[i - 1], 3) ^ right(keys[i - 1], 4))
    high, low = value >> width & mask, value & mask
    for i in range(0, rounds, 2):
        high = high ^ mixed(low) ^ keys[i]
        low = low ^ mixed(high) ^ keys[i + 1]
    return high << width | low
