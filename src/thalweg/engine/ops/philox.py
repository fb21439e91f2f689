"""Philox 4x32-10: the random bits behind every random op, as TensorFlow's CPU kernels take them.

A stream is a 64-bit key and a 128-bit counter. Counter `c` gives a block of 128 bits: four 32-bit words, kept here as
two 64-bit *pairs* (word 0 in the low half of pair 0), which is also the order in memory. Under NumPy a stream holds
Python integers; under XLA's trace it holds 0-d uint64 arrays.

Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

_MULTIPLIERS = 0xD2511F53, 0xCD9E8D57
_KEY_STEPS = 0x9E3779B9, 0xBB67AE85
_ROUNDS = 10
_LOW = 0xFFFFFFFF
_LOW64 = 0xFFFFFFFFFFFFFFFF

_M0, _M1 = (np.uint64(m) for m in _MULTIPLIERS)
_MASK, _HALF = np.uint64(_LOW), np.uint64(32)

# Pairs made at a time by NumPy: buffers of this size stay in the second-level cache, and NumPy's cost per call is small
# beside the work (a million words take 9.0 ms with 4096 pairs, 5.5 ms with 16384, no less with more).
CHUNK = 16384

# A block in Python integers takes 5-7 us, the vectorised rounds never less than 40 us.
_FEW_BLOCKS = 6


class Stream(NamedTuple):
    """Where to draw from: the key, and the low and high 64 bits of the counter of the next block."""

    key: Any
    low: Any
    high: Any

    def skip(self, xp: Any, blocks: Any) -> Stream:
        """The stream `blocks` blocks further on."""
        if xp is np:
            counter = (self.low | self.high << 64) + (int(blocks) & _LOW64)
            return Stream(self.key, counter & _LOW64, counter >> 64 & _LOW64)
        low = self.low + xp.asarray(blocks, xp.uint64)
        return Stream(self.key, low, self.high + (low < self.low).astype(xp.uint64))


def stream(xp: Any, key: Any, low: Any, high: Any) -> Stream:
    """A stream from integers or 0-d arrays of any integer type; negative numbers count from 2**64."""
    if xp is np:
        return Stream(int(key) & _LOW64, int(low) & _LOW64, int(high) & _LOW64)
    parts = (xp.uint64(v & _LOW64) if isinstance(v, int) else v.astype(xp.uint64) for v in (key, low, high))
    return Stream(*parts)


def scramble(xp: Any, seed: Any) -> Stream:
    """The stream of a stateless op's seed of two integers: mixed once, so that no part of a seed need be strong."""
    mixed = block(xp, stream(xp, 0x02461E293EC8F720, seed[0], seed[1]))
    return Stream(mixed[0], 0 if xp is np else xp.uint64(0), mixed[1])


def block(xp: Any, source: Stream) -> tuple[Any, Any]:
    """The two pairs of one block, in the stream's own kind of number."""
    if xp is not np:
        return _traced_blocks(xp, source, xp.uint64(0))
    k0, k1 = source.key & _LOW, source.key >> 32
    c0, c1, c2, c3 = source.low & _LOW, source.low >> 32, source.high & _LOW, source.high >> 32
    for _ in range(_ROUNDS):
        p0, p1 = _MULTIPLIERS[0] * c0, _MULTIPLIERS[1] * c2
        c0, c1, c2, c3 = p1 >> 32 ^ c1 ^ k0, p1 & _LOW, p0 >> 32 ^ c3 ^ k1, p0 & _LOW
        k0, k1 = k0 + _KEY_STEPS[0] & _LOW, k1 + _KEY_STEPS[1] & _LOW
    return c0 | c1 << 32, c2 | c3 << 32


# -- many blocks in a row --------------------------------------------------------------------------------


def fill(xp: Any, source: Stream, count: int, per_pair: int, transform: Callable[[Any, Any], Any], dtype: Any) -> Any:
    """`count` values of `dtype` made from consecutive pairs; `transform(xp, pairs)` gives `per_pair` values a pair.

    Values come from whole blocks, so the last block may be cut.
    """
    pairs = 2 * -(-count // (2 * per_pair))
    if xp is not np:
        return transform(xp, _traced_pairs(xp, source, pairs))[:count]
    out = np.empty(pairs * per_pair, dtype)
    at = 0
    for chunk in _numpy_chunks(source, pairs):
        values = transform(np, chunk)
        out[at : at + len(values)] = values
        at += len(values)
    return out[:count]


def _key_schedule(key: int) -> list[tuple[np.uint64, np.uint64]]:
    return [
        (np.uint64(key + i * _KEY_STEPS[0] & _LOW), np.uint64((key >> 32) + i * _KEY_STEPS[1] & _LOW))
        for i in range(_ROUNDS)
    ]


def _numpy_chunks(source: Stream, pairs: int) -> Iterator[np.ndarray]:
    """Consecutive pairs, a chunk at a time; a chunk is overwritten by the next."""
    blocks = pairs // 2
    if blocks <= _FEW_BLOCKS:
        yield np.array([p for i in range(blocks) for p in block(np, source.skip(np, i))], np.uint64)
        return
    keys = _key_schedule(source.key)
    largest = min(blocks, CHUNK // 2)
    lanes, products = np.empty((2, largest), np.uint64), np.empty((4, largest), np.uint64)
    out = np.empty((largest, 2), np.uint64)
    while blocks:
        # A chunk ends where the counter's lowest word wraps: within it the other three words are constants.
        n = min(largest, blocks, 2**32 - (source.low & _LOW))
        c0, c2 = lanes[:, :n]
        q0, q1, p0, p1 = products[:, :n]
        _first_rounds(source, n, keys, c0, c2, q0, q1)
        q0, q1 = _rounds(keys[2:], c0, c2, q0, q1, p0, p1)
        # The words of a block are c0, low half of q1, c2, low half of q0.
        np.bitwise_or(c0, np.left_shift(q1, _HALF, out=q1), out=out[:n, 0])
        np.bitwise_or(c2, np.left_shift(q0, _HALF, out=q0), out=out[:n, 1])
        yield out[:n].reshape(-1)
        source, blocks = source.skip(np, n), blocks - n


def _first_rounds(source: Stream, n: int, keys: Any, c0: Any, c2: Any, q0: Any, q1: Any) -> None:
    """Rounds one and two of `n` counters that differ in their lowest word only: half of them is scalar work."""
    (k0, k1), (l0, l1) = (tuple(map(int, pair)) for pair in keys[:2])
    first, word1 = source.low & _LOW, source.low >> 32
    word2, word3 = source.high & _LOW, source.high >> 32
    fixed = _MULTIPLIERS[1] * word2
    first_c0, first_c1 = fixed >> 32 ^ word1 ^ k0, fixed & _LOW
    second = _MULTIPLIERS[0] * first_c0
    # Round one: c0 and c1 are scalars, c2 and c3 come from the product of the lowest words.
    np.multiply(np.arange(first, first + n, dtype=np.uint64), _M0, out=q0)
    np.right_shift(q0, _HALF, out=c2)
    np.bitwise_xor(c2, np.uint64(word3 ^ k1), out=c2)
    # Round two: the other way about.
    np.multiply(c2, _M1, out=q1)
    np.right_shift(q1, _HALF, out=c0)
    np.bitwise_xor(c0, np.uint64(first_c1 ^ l0), out=c0)
    np.bitwise_and(q0, _MASK, out=c2)
    np.bitwise_xor(c2, np.uint64(second >> 32 ^ l1), out=c2)
    q0.fill(second & _LOW)


def _rounds(keys: Any, c0: Any, c2: Any, q0: Any, q1: Any, p0: Any, p1: Any) -> tuple[Any, Any]:
    """Philox rounds in place. Words 0 and 2 are `c0` and `c2`; words 1 and 3 are the low halves of `q1` and `q0`."""
    multiply, shift, xor, mask = np.multiply, np.right_shift, np.bitwise_xor, np.bitwise_and
    for k0, k1 in keys:
        multiply(c0, _M0, out=p0)
        multiply(c2, _M1, out=p1)
        shift(p1, _HALF, out=c0)
        xor(c0, q1, out=c0)
        xor(c0, k0, out=c0)
        mask(c0, _MASK, out=c0)
        shift(p0, _HALF, out=c2)
        xor(c2, q0, out=c2)
        xor(c2, k1, out=c2)
        mask(c2, _MASK, out=c2)
        q0, p0, q1, p1 = p0, q0, p1, q1
    return q0, q1


# -- blocks anywhere in the stream -------------------------------------------------------------------------


def blocks_at(xp: Any, source: Stream, skip: Any) -> tuple[Any, Any]:
    """The two pairs of the block `skip` blocks on from the stream, for an array of skips (uint64)."""
    if xp is not np:
        return _traced_blocks(xp, source, skip)
    low = np.uint64(source.low) + skip
    high = np.uint64(source.high) + (low < skip).astype(np.uint64)
    c0, q1, c2, q0 = low & _MASK, low >> _HALF, high & _MASK, high >> _HALF
    q0, q1 = _rounds(_key_schedule(source.key), c0, c2, q0, q1, np.empty_like(c0), np.empty_like(c0))
    return c0 | q1 << _HALF, c2 | q0 << _HALF


# -- under XLA's trace --------------------------------------------------------------------------------------


def _traced_rounds(xp: Any, source: Stream, skip: Any, rounds: int) -> tuple[Any, ...]:
    """Words and keys after `rounds` rounds, in 32-bit lanes: XLA makes one vectorised loop of it."""
    word, wide = xp.uint32, xp.uint64
    low = source.low + skip
    high = source.high + (low < skip).astype(wide)
    c0, c1, c2, c3 = (v.astype(word) for v in (low, low >> 32, high, high >> 32))
    k0, k1 = source.key.astype(word), (source.key >> 32).astype(word)
    for _ in range(rounds):
        p0, p1 = c0.astype(wide) * wide(_MULTIPLIERS[0]), c2.astype(wide) * wide(_MULTIPLIERS[1])
        c0, c1, c2, c3 = (
            (p1 >> 32).astype(word) ^ c1 ^ k0, p1.astype(word), (p0 >> 32).astype(word) ^ c3 ^ k1, p0.astype(word)
        )  # fmt: skip
        k0, k1 = k0 + word(_KEY_STEPS[0]), k1 + word(_KEY_STEPS[1])
    return c0, c1, c2, c3, k0, k1


def _traced_blocks(xp: Any, source: Stream, skip: Any) -> tuple[Any, Any]:
    wide = xp.uint64
    c0, c1, c2, c3, _, _ = _traced_rounds(xp, source, skip, _ROUNDS)
    return c0.astype(wide) | c1.astype(wide) << 32, c2.astype(wide) | c3.astype(wide) << 32


def _traced_pairs(xp: Any, source: Stream, pairs: int) -> Any:
    """Consecutive pairs. Each is computed from its counter alone, so that XLA fuses the draw into what uses it.

    Making both pairs of a block once and interleaving them is half the arithmetic but, measured on this CPU, 2.5 times
    slower: XLA does not vectorise across the interleaving. The last round is done for the wanted pair only.
    """
    wide = xp.uint64
    at = xp.arange(pairs, dtype=wide)
    second = (at & wide(1)) == 1
    c0, c1, c2, c3, k0, k1 = _traced_rounds(xp, source, at >> 1, _ROUNDS - 1)
    product = xp.where(second, c0, c2).astype(wide) * xp.where(second, wide(_MULTIPLIERS[0]), wide(_MULTIPLIERS[1]))
    return (product >> 32 ^ xp.where(second, c3 ^ k1, c1 ^ k0).astype(wide)) | product << 32
