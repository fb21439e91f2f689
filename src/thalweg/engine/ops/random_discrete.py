"""Whole numbers, categories and permutations from random bits, as TensorFlow's CPU kernels make them."""

from __future__ import annotations

from typing import Any

import numpy as np

from thalweg.engine.ops.philox import Stream, fill
from thalweg.engine.ops.random_floats import unit64


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
    batch, classes = logits.shape
    wide = logits.astype(xp.float64)
    finite = xp.isfinite(wide)
    largest = xp.max(xp.where(finite, wide, np.finfo(logits.dtype).min), axis=1, keepdims=True)
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
    """A permutation of range(size): place i is exchanged with i + (word % (size - i)), for i from 0 on."""
    if size < 2:
        return xp.arange(size)
    words = whole_bits(xp, source, size - 1, np.uint32)
    partners = xp.arange(size - 1) + (words % xp.arange(size, 1, -1, dtype=xp.uint32)).astype(xp.int64)
    if xp is not np:
        return _exchange_traced(xp, partners, size)
    order = list(range(size))
    for i, j in enumerate(partners.tolist()):
        order[i], order[j] = order[j], order[i]
    return np.array(order)


def _exchange_traced(xp: Any, partners: Any, size: int) -> Any:
    from jax import lax

    def exchange(i: Any, order: Any) -> Any:
        j = partners[i]
        a, b = order[i], order[j]
        return order.at[i].set(b).at[j].set(a)

    return lax.fori_loop(0, size - 1, exchange, xp.arange(size))
