"""`keras.ops`, along axes: sums, extremes, statistics, running sums, sorting, counting."""

from __future__ import annotations

import builtins
from typing import Any

import thalweg as tf
from thalweg.keras.ops.dtypes import floating, result_type, tensor, together


def _summed(x: Any) -> Any:
    """What sums are made of: small integers widen, as in Keras."""
    x = tensor(x)
    if x.dtype in (tf.bool, tf.int8, tf.int16):
        return tf.cast(x, tf.int32)
    return tf.cast(x, tf.uint32) if x.dtype in (tf.uint8, tf.uint16) else x


def _axes(axis: Any) -> Any:
    return list(axis) if isinstance(axis, (tuple, list)) else axis


def sum(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The sum along axes."""
    return tf.reduce_sum(_summed(x), _axes(axis), keepdims)


def prod(x: Any, axis: Any = None, keepdims: bool = False, dtype: Any = None) -> Any:
    """The product along axes."""
    x = _summed(x)
    return tf.reduce_prod(x if dtype is None else tf.cast(x, dtype), _axes(axis), keepdims)


def mean(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The mean along axes."""
    return tf.reduce_mean(floating(x), _axes(axis), keepdims)


def var(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The variance along axes, of n."""
    return tf.math.reduce_variance(floating(x), _axes(axis), keepdims)


def std(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The standard deviation along axes, of n."""
    return tf.math.reduce_std(floating(x), _axes(axis), keepdims)


def max(x: Any, axis: Any = None, keepdims: bool = False, initial: Any = None) -> Any:
    """The greatest along axes; `initial` at least."""
    x = tensor(x)
    if x.dtype == tf.bool:
        return any(x, axis, keepdims)
    y = tf.reduce_max(x, _axes(axis), keepdims)
    return y if initial is None else tf.maximum(y, tensor(initial, x.dtype))


def min(x: Any, axis: Any = None, keepdims: bool = False, initial: Any = None) -> Any:
    """The smallest along axes; `initial` at most."""
    x = tensor(x)
    if x.dtype == tf.bool:
        return all(x, axis, keepdims)
    y = tf.reduce_min(x, _axes(axis), keepdims)
    return y if initial is None else tf.minimum(y, tensor(initial, x.dtype))


def ptp(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The greatest minus the smallest."""
    return max(x, axis, keepdims) - min(x, axis, keepdims)


def all(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Whether all are True."""
    return tf.reduce_all(tensor(x, tf.bool), _axes(axis), keepdims)


def any(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Whether one is True."""
    return tf.reduce_any(tensor(x, tf.bool), _axes(axis), keepdims)


def count_nonzero(x: Any, axis: Any = None) -> Any:
    """How many are not 0."""
    x = tensor(x)
    some = x if x.dtype == tf.bool else tf.not_equal(x, tf.cast(0, x.dtype))
    return tf.reduce_sum(tf.cast(some, tf.int32), _axes(axis))


def allclose(x1: Any, x2: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False) -> Any:
    """Whether all numbers are close."""
    from thalweg.keras.ops.elementwise import isclose

    return tf.reduce_all(isclose(x1, x2, rtol, atol, equal_nan))


def logsumexp(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """`log(sum(exp(x)))`."""
    return tf.reduce_logsumexp(floating(x), _axes(axis), keepdims)


def average(x: Any, axis: Any = None, weights: Any = None) -> Any:
    """The mean, weighted if weights are given."""
    if weights is None:
        return mean(x, axis)
    x, weights = map(floating, together(x, weights))
    if weights.shape.rank == 1 and x.shape.rank != 1 and axis is not None:
        shape = [1] * x.shape.rank
        shape[axis] = -1
        weights = tf.reshape(weights, shape)
    weights = tf.broadcast_to(weights, tf.shape(x))
    return tf.reduce_sum(x * weights, _axes(axis)) / tf.reduce_sum(weights, _axes(axis))


# -- order -----------------------------------------------------------------------------------------------------


def argmax(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The place of the greatest."""
    return _place(tf.argmax, x, axis, keepdims)


def argmin(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The place of the smallest."""
    return _place(tf.argmin, x, axis, keepdims)


def _place(find: Any, x: Any, axis: Any, keepdims: bool) -> Any:
    x = tensor(x)
    x = tf.cast(x, tf.int32) if x.dtype == tf.bool else x
    flat = tf.reshape(x, [-1]) if axis is None else x
    y = find(flat, axis=0 if axis is None else axis, output_type=tf.int32)
    if not keepdims:
        return y
    return tf.reshape(y, [1] * x.shape.rank) if axis is None else tf.expand_dims(y, axis)


def sort(x: Any, axis: Any = -1) -> Any:
    """In rising order."""
    x = tensor(x)
    return tf.sort(tf.reshape(x, [-1]) if axis is None else x, axis=-1 if axis is None else axis)


def argsort(x: Any, axis: Any = -1) -> Any:
    """The places in rising order."""
    x = tensor(x)
    x = tf.cast(x, tf.int32) if x.dtype == tf.bool else x
    return tf.argsort(tf.reshape(x, [-1]) if axis is None else x, axis=-1 if axis is None else axis, stable=True)


def argpartition(x: Any, kth: int, axis: Any = -1) -> Any:
    """Places such that at `kth` is what would be there in order, with smaller ones before."""
    return argsort(x, axis)


def top_k(x: Any, k: int, sorted: bool = True) -> Any:
    """The `k` greatest of the last axis, and their places."""
    return tf.math.top_k(tensor(x), k, sorted)


def searchsorted(sorted_sequence: Any, values: Any, side: str = "left") -> Any:
    """Where values would go into a rising sequence."""
    sequence, found = together(sorted_sequence, values)
    flat = tf.searchsorted(sequence, tf.reshape(found, [-1]), side=side)
    return tf.reshape(flat, tf.shape(found))


def digitize(x: Any, bins: Any) -> Any:
    """The number of the bin between rising boundaries that each value falls into."""
    return searchsorted(bins, x, "right")


def unique(x: Any, sorted: bool = True, return_inverse: bool = False, return_counts: bool = False, **kwargs: Any) -> Any:
    """The different values in order; which of them each one is; how often each occurs."""
    flat = tf.reshape(tensor(x), [-1])
    values, number, counts = tf.unique_with_counts(flat)
    order = tf.argsort(values)
    found = [tf.gather(values, order)]
    if return_inverse:
        found.append(tf.reshape(tf.gather(tf.argsort(order), number), tf.shape(tensor(x))))
    if return_counts:
        found.append(tf.gather(counts, order))
    return found[0] if len(found) == 1 else tuple(found)


def in_top_k(targets: Any, predictions: Any, k: int) -> Any:
    """Whether each target is among the `k` greatest predictions."""
    return tf.math.in_top_k(tensor(targets), tensor(predictions), k)


# -- quantiles -------------------------------------------------------------------------------------------------


def quantile(x: Any, q: Any, axis: Any = None, method: str = "linear", keepdims: bool = False) -> Any:
    """The values below which a share `q` of the others lies; 'linear' between them, or 'lower', 'higher', 'nearest', 'midpoint'."""
    x = floating(x)
    q = tensor(q, x.dtype)
    axes = list(range(x.shape.rank)) if axis is None else [a % x.shape.rank for a in _as_list(axis)]
    rest = [i for i in range(x.shape.rank) if i not in axes]
    moved = tf.transpose(x, rest + axes)
    flat = tf.sort(tf.reshape(moved, tf.concat([tf.shape(moved)[: len(rest)], [-1]], 0)), -1)
    place = q * tf.cast(tf.shape(flat)[-1] - 1, x.dtype)
    below, above = tf.cast(tf.floor(place), tf.int32), tf.cast(tf.math.ceil(place), tf.int32)
    low, high = tf.gather(flat, below, axis=-1), tf.gather(flat, above, axis=-1)
    share = {
        "linear": place - tf.floor(place), "lower": tf.zeros_like(place), "higher": tf.ones_like(place),
        "midpoint": tf.fill(tf.shape(place), tf.cast(0.5, x.dtype)), "nearest": tf.round(place) - tf.floor(place),
    }[method]  # fmt: skip
    y = low + (high - low) * share
    for _ in range(q.shape.rank):  # q's axes come first
        y = tf.transpose(y, [y.shape.rank - 1, *range(y.shape.rank - 1)])
    if keepdims:
        for a in builtins.sorted(axes):
            y = tf.expand_dims(y, a + q.shape.rank)
    return y


def _as_list(axis: Any) -> list[int]:
    return list(axis) if isinstance(axis, (list, tuple)) else [axis]


def median(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The value in the middle."""
    return quantile(x, 0.5, axis, keepdims=keepdims)


def percentile(x: Any, q: Any, axis: Any = None, method: str = "linear", keepdims: bool = False) -> Any:
    """`quantile` with shares in percent."""
    return quantile(x, floating(q) / 100, axis, method, keepdims)


# -- running ---------------------------------------------------------------------------------------------------


def _running(run: Any, x: Any, axis: Any, dtype: Any) -> Any:
    x = tensor(x)
    x = tf.cast(x, tf.int32) if x.dtype == tf.bool else x
    x = x if dtype is None else tf.cast(x, dtype)
    return run(tf.reshape(x, [-1]) if axis is None else x, axis=0 if axis is None else axis)


def cumsum(x: Any, axis: Any = None, dtype: Any = None) -> Any:
    """Sums so far."""
    return _running(tf.cumsum, x, axis, dtype)


def cumprod(x: Any, axis: Any = None, dtype: Any = None) -> Any:
    """Products so far."""
    return _running(tf.math.cumprod, x, axis, dtype)


def diff(a: Any, n: int = 1, axis: int = -1) -> Any:
    """Differences of neighbours, `n` times."""
    a = tensor(a)
    axis = axis % a.shape.rank
    for _ in range(n):
        size = tf.shape(a)[axis]
        after, before = tf.gather(a, tf.range(1, size), axis=axis), tf.gather(a, tf.range(0, size - 1), axis=axis)
        a = tf.not_equal(after, before) if a.dtype == tf.bool else after - before
    return a


def trapezoid(y: Any, x: Any = None, dx: float = 1.0, axis: int = -1) -> Any:
    """The integral by trapezia."""
    y = floating(y)
    axis = axis % y.shape.rank
    size = tf.shape(y)[axis]
    both = tf.gather(y, tf.range(1, size), axis=axis) + tf.gather(y, tf.range(0, size - 1), axis=axis)
    if x is None:
        return tf.reduce_sum(both, axis) * (dx / 2)
    steps = diff(floating(x), axis=-1)
    if steps.shape.rank == 1:
        steps = tf.reshape(steps, [-1 if i == axis else 1 for i in range(y.shape.rank)])
    return tf.reduce_sum(both * steps, axis) / 2


# -- without NaN -----------------------------------------------------------------------------------------------


def _filled(x: Any, value: float) -> Any:
    x = tensor(x)
    return tf.where(tf.math.is_nan(x), tf.cast(value, x.dtype), x) if x.dtype.is_floating else x


def _count(x: Any, axis: Any, keepdims: bool) -> Any:
    x = floating(x)
    return tf.reduce_sum(tf.cast(tf.logical_not(tf.math.is_nan(x)), x.dtype), _axes(axis), keepdims)


def nansum(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """`sum` without NaN."""
    return sum(_filled(x, 0.0), axis, keepdims)


def nanprod(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """`prod` without NaN."""
    return prod(_filled(x, 1.0), axis, keepdims)


def nanmean(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """`mean` without NaN."""
    return floating(nansum(x, axis, keepdims)) / _count(x, axis, keepdims)


def nanvar(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """`var` without NaN."""
    x = floating(x)
    apart = tf.square(x - nanmean(x, axis, keepdims=True))
    return nansum(apart, axis, keepdims) / _count(x, axis, keepdims)


def nanstd(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """`std` without NaN."""
    return tf.sqrt(nanvar(x, axis, keepdims))


def nanmax(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """`max` without NaN."""
    return _or_nan(max(_filled(x, float("-inf")), axis, keepdims), x, axis, keepdims)


def nanmin(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """`min` without NaN."""
    return _or_nan(min(_filled(x, float("inf")), axis, keepdims), x, axis, keepdims)


def _or_nan(y: Any, x: Any, axis: Any, keepdims: bool) -> Any:
    """NaN where there was nothing else."""
    return tf.where(_count(x, axis, keepdims) > 0, y, tf.cast(float("nan"), y.dtype)) if y.dtype.is_floating else y


def nanargmax(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """`argmax` without NaN."""
    return argmax(_filled(x, float("-inf")), axis, keepdims)


def nanargmin(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """`argmin` without NaN."""
    return argmin(_filled(x, float("inf")), axis, keepdims)


def nancumsum(x: Any, axis: Any = None, dtype: Any = None) -> Any:
    """`cumsum` without NaN."""
    return cumsum(_filled(x, 0.0), axis, dtype)


def nancumprod(x: Any, axis: Any = None, dtype: Any = None) -> Any:
    """`cumprod` without NaN."""
    return cumprod(_filled(x, 1.0), axis, dtype)


def nanquantile(x: Any, q: Any, axis: Any = None, method: str = "linear", keepdims: bool = False) -> Any:
    """`quantile` without NaN, along one axis or all."""
    x = floating(x)
    if axis is None:
        kept = tf.boolean_mask(tf.reshape(x, [-1]), tf.logical_not(tf.math.is_nan(tf.reshape(x, [-1]))))
        y = quantile(kept, q, None, method)
        return tf.reshape(y, tf.concat([tf.shape(y), [1] * x.shape.rank], 0)) if keepdims else y
    axis = axis % x.shape.rank
    moved = tf.transpose(x, [i for i in range(x.shape.rank) if i != axis] + [axis])
    flat = tf.sort(tf.where(tf.math.is_nan(moved), tf.cast(float("inf"), x.dtype), moved), -1)
    count = tf.reduce_sum(tf.cast(tf.logical_not(tf.math.is_nan(moved)), x.dtype), -1)
    q = tensor(q, x.dtype)
    shares = tf.reshape(q, [-1, *[1] * count.shape.rank])
    place = shares * tf.maximum(count - 1, 0)
    below, above = tf.cast(tf.floor(place), tf.int32), tf.cast(tf.math.ceil(place), tf.int32)
    rows = tf.broadcast_to(flat, tf.concat([[tf.shape(place)[0]], tf.shape(flat)], 0))
    low = tf.gather(rows, tf.expand_dims(below, -1), batch_dims=rows.shape.rank - 1)[..., 0]
    high = tf.gather(rows, tf.expand_dims(above, -1), batch_dims=rows.shape.rank - 1)[..., 0]
    share = {"linear": place - tf.floor(place), "lower": place * 0, "higher": place * 0 + 1, "midpoint": place * 0 + 0.5,
             "nearest": tf.round(place) - tf.floor(place)}[method]  # fmt: skip
    y = tf.where(count > 0, low + (high - low) * share, tf.cast(float("nan"), x.dtype))
    y = tf.reshape(y, tf.concat([tf.shape(q), tf.shape(count)], 0))
    return tf.expand_dims(y, axis + q.shape.rank) if keepdims else y


def nanpercentile(x: Any, q: Any, axis: Any = None, method: str = "linear", keepdims: bool = False) -> Any:
    """`percentile` without NaN."""
    return nanquantile(x, floating(q) / 100, axis, method, keepdims)


def nanmedian(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """`median` without NaN."""
    return nanquantile(x, 0.5, axis, keepdims=keepdims)


# -- counting --------------------------------------------------------------------------------------------------


def bincount(x: Any, weights: Any = None, minlength: int = 0, sparse: bool = False) -> Any:
    """How often each of 0, 1, 2, ... occurs, along the last axis."""
    x = tensor(x, tf.int32)
    axis = None if x.shape.rank <= 1 else -1
    weights = None if weights is None else tensor(weights)
    return tf.math.bincount(x, weights=weights, minlength=minlength, axis=axis)


def histogram(x: Any, bins: int = 10, range: Any = None) -> Any:
    """How many values fall into each of equal bins, and the bins' edges."""
    x = floating(tf.reshape(tensor(x), [-1]))
    low, high = (tf.reduce_min(x), tf.reduce_max(x)) if range is None else (tensor(float(v), x.dtype) for v in range)
    edges = low + (high - low) * tf.cast(tf.range(bins + 1), x.dtype) / bins
    within = tf.boolean_mask(x, tf.logical_and(x >= low, x <= high))
    place = tf.clip_by_value(tf.searchsorted(edges, within, side="right") - 1, 0, bins - 1)
    return tf.cast(tf.math.bincount(place, minlength=bins, maxlength=bins), x.dtype), edges


def isin(x1: Any, x2: Any, assume_unique: bool = False, invert: bool = False) -> Any:
    """Whether each value occurs in `x2`."""
    a, b = together(x1, x2)
    found = tf.reduce_any(tf.equal(tf.expand_dims(a, -1), tf.reshape(b, [-1])), -1)
    return tf.logical_not(found) if invert else found


def corrcoef(x: Any) -> Any:
    """The correlations between rows."""
    x = floating(x)
    x = x - tf.reduce_mean(x, -1, keepdims=True)
    covariance = tf.matmul(x, x, transpose_b=True)
    spread = tf.sqrt(tf.linalg.diag_part(covariance))
    return covariance / spread[:, None] / spread[None, :]


def correlate(x1: Any, x2: Any, mode: str = "valid") -> Any:
    """The correlation of two sequences at all shifts."""
    a, b = map(floating, together(x1, x2))
    n, m = a.shape[0], b.shape[0]
    turned = n < m
    if turned:
        a, b, n, m = b, a, m, n
    edge = {"valid": (0, 0), "same": ((m - 1) - (m - 1) // 2, (m - 1) // 2), "full": (m - 1, m - 1)}[mode]
    if mode == "same":
        edge = (m // 2, m - 1 - m // 2)
    padded = tf.pad(a, [edge])
    found = tf.nn.convolution(padded[None, :, None], b[:, None, None], padding="VALID")[0, :, 0]
    return tf.reverse(found, [0]) if turned else found


amax, amin = max, min

__all__ = builtins.sorted(
    name for name, value in list(globals().items())
    if callable(value) and not name.startswith("_") and getattr(value, "__module__", "") == __name__
)  # fmt: skip
