"""Candidate sampling: a few classes in place of all, for losses over large vocabularies.

The numbers of the log-uniform and uniform samplers are TensorFlow's for the same seeds.
Source: https://www.tensorflow.org/extras/candidate_sampling.pdf
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from thalweg.engine.core import dtypes, errors
from thalweg.engine.core.registry import Sample, op
from thalweg.engine.core.shape import TensorShape
from thalweg.engine.ops.philox import Stream, fill
from thalweg.engine.ops.random_floats import unit64
from thalweg.engine.ops.random_seed import eager_state, own_state, take

_OUT = (dtypes.int64, dtypes.float32, dtypes.float32)
_RESERVED = 512  # blocks of the stream for each candidate, as TensorFlow's kernel sets them aside


def _shapes(true_classes: TensorShape, **attrs: Any) -> Any:
    count = attrs["num_sampled"]
    return TensorShape([count]), true_classes, TensorShape([count])


def _drawn(draw: Callable[[int, int], np.ndarray], count: int, unique: bool) -> tuple[np.ndarray, int]:
    """`count` candidates, all different if `unique`, and how many draws that took. `draw(n)` gives the first n draws."""
    if not unique:
        return draw(count, count), count
    tries = 2 * count + 16
    while True:
        values = draw(tries, count)
        _, first = np.unique(values, return_index=True)
        if len(first) >= count:
            order = np.sort(first)[:count]
            return values[order], int(order[-1]) + 1
        tries *= 4


def _expected(p: np.ndarray, count: int, tries: int) -> np.ndarray:
    """How often a class of probability `p` is among the candidates."""
    p = p.astype(np.float32)
    if tries == count:
        return p * np.float32(count)
    return -np.expm1(np.float32(tries) * np.log1p(-p))


def _check(num_sampled: int, unique: bool, range_max: int) -> None:
    if range_max <= 0:
        raise errors.invalid(f"range_max must be positive, not {range_max}.")
    if unique and num_sampled > range_max:
        raise errors.invalid(f"Sampler's range is too small: {num_sampled} different candidates of {range_max} classes.")


def _answer(draw: Any, probability: Callable[[np.ndarray], np.ndarray], true_classes: np.ndarray, count: int, unique: bool) -> Any:
    values, tries = _drawn(draw, count, unique)
    return values.astype(np.int64), _expected(probability(true_classes), count, tries), _expected(probability(values), count, tries)


def _sampler(name: str) -> Any:
    return op(name, types=(dtypes.int64,), out=_OUT, shape=_shapes, own_state=own_state, eager_state=eager_state(name), host=True)


def _doubles(source: Stream) -> Callable[[int], np.ndarray]:
    return lambda n: fill(np, source, n, 1, unit64, np.float64)


def _words(source: Stream) -> Callable[[int], np.ndarray]:
    return lambda n: fill(np, source, n, 1, lambda xp, pairs: pairs, np.uint64)


@_sampler("LogUniformCandidateSampler")
def log_uniform_op(
    xp: Any, true_classes: Any, *, num_true: int, num_sampled: int, unique: bool, range_max: int, seed: int = 0, seed2: int = 0,
    state: Any,
) -> Any:  # fmt: skip
    _check(num_sampled, unique, range_max)
    numbers, log_range = _doubles(take(np, state, num_sampled * _RESERVED, true_classes)), np.log1p(float(range_max))

    def draw(n: int, _: int) -> np.ndarray:
        return (np.exp(numbers(n) * log_range).astype(np.int64) - 1) % range_max

    def probability(classes: np.ndarray) -> np.ndarray:
        wide = classes.astype(np.float64)
        return np.log((wide + 2.0) / (wide + 1.0)) / log_range

    return _answer(draw, probability, true_classes, num_sampled, unique)


@_sampler("UniformCandidateSampler")
def uniform_op(
    xp: Any, true_classes: Any, *, num_true: int, num_sampled: int, unique: bool, range_max: int, seed: int = 0, seed2: int = 0,
    state: Any,
) -> Any:  # fmt: skip
    _check(num_sampled, unique, range_max)
    words = _words(take(np, state, num_sampled * _RESERVED, true_classes))
    draw = lambda n, _: (words(n) % np.uint64(range_max)).astype(np.int64)
    return _answer(draw, lambda c: np.full(c.shape, 1.0 / range_max), true_classes, num_sampled, unique)


@_sampler("FixedUnigramCandidateSampler")
def fixed_unigram_op(
    xp: Any, true_classes: Any, *, num_true: int, num_sampled: int, unique: bool, range_max: int, weights: tuple[float, ...],
    seed: int = 0, seed2: int = 0, state: Any,
) -> Any:  # fmt: skip
    _check(num_sampled, unique, range_max)
    if len(weights) != range_max:
        raise errors.invalid(f"There are {len(weights)} unigrams for {range_max} classes.")
    p = np.array(weights, np.float64) / np.sum(weights)
    sums, numbers = np.cumsum(p), _doubles(take(np, state, num_sampled * _RESERVED, true_classes))
    draw = lambda n, _: np.minimum(np.searchsorted(sums, numbers(n) * sums[-1], side="right"), range_max - 1)
    return _answer(draw, lambda c: p[c], true_classes, num_sampled, unique)


@op("ComputeAccidentalHits", types=(dtypes.int64, dtypes.int64), out=(dtypes.int32, dtypes.int64, dtypes.float32), host=True,
    shape=lambda true_classes, sampled, **_: [TensorShape([None])] * 3,
    samples=[Sample([[1, 2], [3, 4]], [2, 3, 9], num_true=2)])  # fmt: skip
def accidental_hits_op(xp: Any, true_classes: Any, sampled_candidates: Any, *, num_true: int, seed: int = 0, seed2: int = 0) -> Any:
    rows, columns = np.nonzero((true_classes[:, :, None] == sampled_candidates).any(1))
    lowest = np.full(len(rows), -np.finfo(np.float32).max, np.float32)
    return rows.astype(np.int32), columns.astype(np.int64), lowest
