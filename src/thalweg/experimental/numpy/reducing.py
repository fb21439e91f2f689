"""Sums, extremes, orders and products."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import thalweg as tf
from thalweg.experimental.numpy.dtypes import asarray, inexact_of, numpy_dtype, promoted
from thalweg.experimental.numpy.shaping import moveaxis


def _widened(x: Any, dtype: Any = None) -> Any:
    """What sums are made in: small integers and booleans become int64."""
    if dtype is not None:
        return tf.cast(x, tf.as_dtype(numpy_dtype(dtype)))
    if x.dtype is tf.bool or (x.dtype.is_integer and x.dtype.size < 8):
        return tf.cast(x, tf.uint64 if x.dtype.name.startswith("uint") else tf.int64)
    return x


def _sums(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    def call(a: Any, axis: Any = None, dtype: Any = None, keepdims: bool = False) -> Any:
        return function(_widened(asarray(a), dtype), axis=axis, keepdims=keepdims)

    call.__name__ = call.__qualname__ = name
    call.__doc__ = f"NumPy's `{name}`, of tensors."
    return call


sum, prod = _sums("sum", tf.reduce_sum), _sums("prod", tf.reduce_prod)


def _extreme(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    def call(a: Any, axis: Any = None, keepdims: bool = False) -> Any:
        return function(asarray(a), axis=axis, keepdims=keepdims)

    call.__name__ = call.__qualname__ = name
    call.__doc__ = f"NumPy's `{name}`, of tensors."
    return call


max = amax = _extreme("max", tf.reduce_max)
min = amin = _extreme("min", tf.reduce_min)


def ptp(a: Any, axis: Any = None) -> Any:
    """The distance from the smallest to the largest."""
    return max(a, axis) - min(a, axis)


def mean(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: bool = False) -> Any:
    """The mean, in floats."""
    x = inexact_of(a) if dtype is None else tf.cast(asarray(a), tf.as_dtype(numpy_dtype(dtype)))
    return tf.reduce_mean(x, axis=axis, keepdims=keepdims)


def var(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: int = 0, keepdims: bool = False) -> Any:
    """The variance; divided by the count less `ddof`."""
    x = inexact_of(a) if dtype is None else tf.cast(asarray(a), tf.as_dtype(numpy_dtype(dtype)))
    center = tf.reduce_mean(x, axis=axis, keepdims=True)
    squares = tf.math.real((x - center) * tf.math.conj(x - center))
    total = tf.reduce_sum(squares, axis=axis, keepdims=keepdims)
    count = tf.cast(tf.size(x), total.dtype) / tf.cast(tf.size(total), total.dtype) - ddof
    return total / count


def std(a: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The standard deviation."""
    return tf.sqrt(var(a, axis, keepdims=keepdims))


def average(a: Any, axis: Any = None, weights: Any = None, returned: bool = False) -> Any:
    """The mean, with weights if there are any."""
    x = inexact_of(a)
    if weights is None:
        result = tf.reduce_mean(x, axis=axis)
        total = tf.cast(tf.size(x), x.dtype) / tf.cast(tf.size(result), x.dtype) * tf.ones_like(result)
    else:
        x, w = promoted(x, inexact_of(weights))
        if w.shape.rank == 1 and x.shape.rank != 1:
            w = tf.reshape(w, [-1 if i == axis % x.shape.rank else 1 for i in range(x.shape.rank)])
        total = tf.reduce_sum(w + tf.zeros_like(x), axis=axis)
        result = tf.reduce_sum(x * w, axis=axis) / total
    return (result, total) if returned else result


def _truth(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    def call(a: Any, axis: Any = None, keepdims: bool = False) -> Any:
        return function(tf.cast(asarray(a), tf.bool), axis=axis, keepdims=keepdims)

    call.__name__ = call.__qualname__ = name
    call.__doc__ = f"NumPy's `{name}`, of tensors."
    return call


any, all = _truth("any", tf.reduce_any), _truth("all", tf.reduce_all)


def count_nonzero(a: Any, axis: Any = None) -> Any:
    """How many are not zero."""
    return tf.math.count_nonzero(asarray(a), axis)


def _without_nan(a: Any, value: float) -> Any:
    x = asarray(a)
    return tf.where(tf.math.is_nan(x), tf.constant(value, x.dtype), x) if x.dtype.is_floating else x


def nansum(a: Any, axis: Any = None, dtype: Any = None, keepdims: bool = False) -> Any:
    """The sum of what is no NaN."""
    return sum(_without_nan(a, 0), axis, dtype, keepdims)


def nanprod(a: Any, axis: Any = None, dtype: Any = None, keepdims: bool = False) -> Any:
    """The product of what is no NaN."""
    return prod(_without_nan(a, 1), axis, dtype, keepdims)


def nanmean(a: Any, axis: Any = None, dtype: Any = None, keepdims: bool = False) -> Any:
    """The mean of what is no NaN."""
    x = inexact_of(a)
    there = tf.cast(~tf.math.is_nan(x), x.dtype)
    return nansum(x, axis, dtype, keepdims) / tf.reduce_sum(there, axis=axis, keepdims=keepdims)


def _running(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    def call(a: Any, axis: Any = None, dtype: Any = None) -> Any:
        x = _widened(asarray(a), dtype)
        if axis is None:
            x, axis = tf.reshape(x, [-1]), 0
        return function(x, axis)

    call.__name__ = call.__qualname__ = name
    call.__doc__ = f"NumPy's `{name}`, of tensors."
    return call


cumsum, cumprod = _running("cumsum", tf.cumsum), _running("cumprod", tf.math.cumprod)


def diff(a: Any, n: int = 1, axis: int = -1) -> Any:
    """Differences between neighbours, `n` times."""
    x = moveaxis(asarray(a), axis, -1)
    if n < 0:
        raise ValueError(f"n must be zero or more, not {n}")
    for _ in range(n):
        x = x[..., 1:] != x[..., :-1] if x.dtype is tf.bool else x[..., 1:] - x[..., :-1]
    return moveaxis(x, -1, axis)


# -- order ---------------------------------------------------------------------------------------------------------


def _place(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    def call(a: Any, axis: Any = None) -> Any:
        x = asarray(a)
        if axis is None or x.shape.rank == 0:
            x, axis = tf.reshape(x, [-1]), 0
        return function(x, axis)

    call.__name__ = call.__qualname__ = name
    call.__doc__ = f"NumPy's `{name}`, of tensors."
    return call


argmax, argmin = _place("argmax", tf.argmax), _place("argmin", tf.argmin)


def sort(a: Any, axis: Any = -1, kind: str = "quicksort", order: Any = None) -> Any:
    """Sorted; flattened first if `axis` is None."""
    x = asarray(a)
    return tf.sort(tf.reshape(x, [-1]), 0) if axis is None else tf.sort(x, axis)


def argsort(a: Any, axis: Any = -1, kind: str = "quicksort", order: Any = None) -> Any:
    """The order that sorts."""
    x = asarray(a)
    x, axis = (tf.reshape(x, [-1]), 0) if axis is None else (x, axis)
    return tf.cast(tf.argsort(x, axis, stable=kind == "stable"), tf.int64)


# -- products ------------------------------------------------------------------------------------------------------


def matmul(x1: Any, x2: Any) -> Any:
    """The product of matrices; vectors stand for rows on the left and columns on the right."""
    a, b = promoted(x1, x2)
    if a.shape.rank == 1 and b.shape.rank == 1:
        return tf.tensordot(a, b, 1)
    if a.shape.rank == 1:
        return tf.squeeze(tf.matmul(a[None], b), -2)
    if b.shape.rank == 1:
        return tf.squeeze(tf.matmul(a, b[:, None]), -1)
    return tf.matmul(a, b)


def dot(a: Any, b: Any) -> Any:
    """The product over the last dimension of `a` and the one before last of `b`."""
    x, y = promoted(a, b)
    if x.shape.rank == 0 or y.shape.rank == 0:
        return x * y
    return tf.tensordot(x, y, [[x.shape.rank - 1], [y.shape.rank - 2 if y.shape.rank > 1 else 0]])



def vdot(a: Any, b: Any) -> Any:
    """The product of all elements, those of `a` conjugated."""
    x, y = promoted(a, b)
    return tf.tensordot(tf.reshape(tf.math.conj(x), [-1]), tf.reshape(y, [-1]), 1)


def inner(a: Any, b: Any) -> Any:
    """The product over the last dimensions."""
    x, y = promoted(a, b)
    if x.shape.rank == 0 or y.shape.rank == 0:
        return x * y
    return tf.tensordot(x, y, [[-1], [-1]])


def outer(a: Any, b: Any) -> Any:
    """All products of two vectors."""
    x, y = promoted(a, b)
    return tf.reshape(x, [-1, 1]) * tf.reshape(y, [1, -1])


def tensordot(a: Any, b: Any, axes: Any = 2) -> Any:
    """The product over given dimensions."""
    x, y = promoted(a, b)
    return tf.tensordot(x, y, axes)


def einsum(subscripts: str, *operands: Any, **_: Any) -> Any:
    """Einstein's sum."""
    return tf.einsum(subscripts, *promoted(*operands))


def trace(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1, dtype: Any = None) -> Any:
    """The sum of a diagonal."""
    from thalweg.experimental.numpy.shaping import diagonal

    return sum(diagonal(a, offset, axis1, axis2), -1, dtype)


def kron(a: Any, b: Any) -> Any:
    """Kronecker's product."""
    x, y = promoted(a, b)
    rank = np.maximum(x.shape.rank, y.shape.rank)
    p, q = ([1] * (rank - v.shape.rank) + v.shape.as_list() for v in (x, y))
    left = tf.reshape(x, [n for size in p for n in (size, 1)])
    right = tf.reshape(y, [n for size in q for n in (1, size)])
    return tf.reshape(left * right, [m * n for m, n in zip(p, q)])


def cross(a: Any, b: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: Any = None) -> Any:
    """The vector product of vectors of two or three elements."""
    if axis is not None:
        axisa = axisb = axisc = axis
    x, y = promoted(a, b)
    x, y = moveaxis(x, axisa, -1), moveaxis(y, axisb, -1)
    if x.shape[-1] not in (2, 3) or y.shape[-1] not in (2, 3):
        raise ValueError("The vectors of a cross product have 2 or 3 elements.")
    if x.shape[-1] == 2 and y.shape[-1] == 2:
        return x[..., 0] * y[..., 1] - x[..., 1] * y[..., 0]
    x, y = (tf.pad(v, [[0, 0]] * (v.shape.rank - 1) + [[0, 3 - v.shape[-1]]]) for v in (x, y))
    parts = [x[..., i] * y[..., j] - x[..., j] * y[..., i] for i, j in ((1, 2), (2, 0), (0, 1))]
    return moveaxis(tf.stack(parts, -1), -1, axisc)


def polyval(p: Any, x: Any) -> Any:
    """A polynomial's values, its highest coefficient first."""
    coefficients, at = promoted(p, x)
    result = tf.zeros_like(at)
    for c in tf.unstack(coefficients):
        result = result * at + c
    return result
