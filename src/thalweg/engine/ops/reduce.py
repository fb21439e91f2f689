"""Reductions over axes: sums, means, products, extremes, logic, and what is made of them.

A kernel gets the axes as a tuple; `spread` brings a gradient back to the shape of what was reduced.
Source: https://www.tensorflow.org/api_docs/python/tf/math/reduce_sum
"""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np

from thalweg.engine.core import convert, dtypes
from thalweg.engine.core.context import local
from thalweg.engine.core.dispatch import dispatchable
from thalweg.engine.core.registry import BOOL, NUMERIC, REAL, REGISTRY, static_value
from thalweg.engine.core.tensor import EagerTensor, SymbolicTensor, static_shape
from thalweg.engine.ops.comparison import equal_op, is_finite, select_v2
from thalweg.engine.ops.complex_numbers import real_op
from thalweg.engine.ops.division import real_divide
from thalweg.engine.ops.elementwise import add_v2, conj, multiply, square, subtract
from thalweg.engine.ops.exponential import exp, log, sqrt
from thalweg.engine.ops.families import axis_tuple, reduction
from thalweg.engine.ops.gradients import zeros_like
from thalweg.engine.ops.scopes import scope
from thalweg.engine.ops.shaping import cast

# -- axes --------------------------------------------------------------------------------------------------


@functools.lru_cache(maxsize=256)
def _constant(value: tuple[int, ...] | int) -> EagerTensor:
    """A small int32 tensor, made once: shapes and axes repeat from call to call."""
    return EagerTensor(np.array(value, np.int32))


def all_axes(x: Any) -> Any:
    """Every axis of `x`, as a reduction takes them."""
    if type(x) is EagerTensor and x._array.ndim < len(_EVERY_AXIS):
        return _EVERY_AXIS[x._array.ndim]
    rank = static_shape(x).rank
    if rank is None:
        return REGISTRY["Range"](0, REGISTRY["Rank"](x), 1, Tidx=dtypes.int32)
    if isinstance(x, SymbolicTensor):
        return x.graph.constant(np.arange(rank, dtype=np.int32), "Const")
    return _constant(tuple(range(rank)))


_EVERY_AXIS = [_constant(tuple(range(rank))) for rank in range(9)]


def axis_input(x: Any, axis: Any) -> Any:
    """What a reduction takes as its axes: all of them for None."""
    if axis is None:
        return all_axes(x)
    if local.graph is None and (type(axis) is int or (type(axis) is tuple and all(type(a) is int for a in axis))):
        return _constant(axis)
    if isinstance(axis, (list, tuple)) and not len(axis):
        return np.zeros(0, np.int32)
    return axis


def known_axes(x: Any, axis: Any) -> tuple[int, ...] | None:
    """The axes as a tuple of non-negative ints where they and the rank are known."""
    rank, value = static_shape(x).rank, static_value(axis)
    if rank is None or value is None or (isinstance(value, list) and None in value):
        return None
    return axis_tuple(value, rank)


def kept_dims_shape(x: Any, axis: Any) -> Any:
    """The shape of `x` with 1 in place of each reduced axis, worked out when the graph runs."""
    shape = REGISTRY["Shape"](x)
    positions = REGISTRY["Range"](0, REGISTRY["Rank"](x), 1, Tidx=dtypes.int32)
    wanted = REGISTRY["FloorMod"](REGISTRY["Reshape"](cast(axis, np.int32), [-1, 1]), REGISTRY["Rank"](x))
    hit = REGISTRY["Any"](equal_op(positions, wanted), 0)
    return select_v2(hit, REGISTRY["OnesLike"](shape), shape)


def spread(g: Any, x: Any, axis: Any, keep_dims: bool) -> Any:
    """`g`, arriving at a reduction of `x`, shaped so that it broadcasts against `x`."""
    if keep_dims or (type(x) is EagerTensor and axis is all_axes(x)):
        return g
    axes = known_axes(x, axis)
    if axes is None:
        return REGISTRY["Reshape"](g, kept_dims_shape(x, axis))
    if axes == tuple(range(len(axes))):  # leading axes: broadcasting puts them back by itself
        return g
    sizes = [1 if i in axes else d for i, d in enumerate(static_shape(x).as_list())]
    if sizes.count(None) > 1:
        return REGISTRY["Reshape"](g, kept_dims_shape(x, axis))
    return REGISTRY["Reshape"](g, _constant(tuple(-1 if s is None else s for s in sizes)))


def _like(g: Any, x: Any) -> Any:
    """`g` broadcast to the shape of `x`."""
    if type(x) is EagerTensor:
        return REGISTRY["BroadcastTo"](g, _constant(x._array.shape))
    known = static_shape(x)
    return REGISTRY["BroadcastTo"](g, known.as_list() if known.is_fully_defined() else REGISTRY["Shape"](x))


def _count(x: Any, y: Any) -> Any:
    """How many elements of `x` went into each of `y`, in the dtype of `x`; nothing counts as one."""
    n, m = static_shape(x).num_elements(), static_shape(y).num_elements()
    if n is not None and m is not None:
        return convert.convert_to_tensor(n // max(m, 1), dtype=x.dtype.base_dtype)
    size = REGISTRY["Size"]
    return cast(REGISTRY["FloorDiv"](size(x), REGISTRY["Maximum"](size(y), 1)), x.dtype.base_dtype)


# -- sums, means and products ------------------------------------------------------------------------------


def _is_short(x: Any) -> bool:
    """A 16-bit float: added up in float32, as its own precision ends at a few hundred terms."""
    return x.dtype.itemsize == 2 and x.dtype.kind not in "iu"


def _add_up(xp: Any, x: Any, axes: Any, keep: bool) -> Any:
    dtype = np.float32 if _is_short(x) else x.dtype
    if xp is np:
        return np.add.reduce(x, None if len(axes) == x.ndim else axes, dtype, keepdims=keep)  # type: ignore[call-overload]
    return xp.sum(x, axis=axes, dtype=dtype, keepdims=keep)


def _sum(xp: Any, x: Any, axes: Any, keep: bool) -> Any:
    total = _add_up(xp, x, axes, keep)
    return total if total.dtype is x.dtype else total.astype(x.dtype)


def _mean(xp: Any, x: Any, axes: Any, keep: bool) -> Any:
    n = math.prod([x.shape[a] for a in axes])
    if x.dtype.kind in "iu":  # added up in 64 bits, and truncated
        total = xp.sum(x, axis=axes, dtype=np.int64 if x.dtype.kind == "i" else np.uint64, keepdims=keep)
        n = total.dtype.type(n or 1)
        return xp.where(total < 0, -(-total // n), total // n).astype(x.dtype)
    total = _add_up(xp, x, axes, keep)
    mean = total / total.dtype.type(n)
    return mean if mean.dtype is x.dtype else mean.astype(x.dtype)


def _prod(xp: Any, x: Any, axes: Any, keep: bool) -> Any:
    return xp.prod(x, axis=axes, dtype=np.float32 if _is_short(x) else x.dtype, keepdims=keep).astype(x.dtype)


def _sum_vjp(y: Any, g: Any, x: Any, axis: Any, *, keep_dims: bool) -> Any:
    return _like(spread(g, x, axis, keep_dims), x), None


def _mean_vjp(y: Any, g: Any, x: Any, axis: Any, *, keep_dims: bool) -> Any:
    return _like(spread(real_divide(g, _count(x, y)), x, axis, keep_dims), x), None


def _prod_vjp(y: Any, g: Any, x: Any, axis: Any, *, keep_dims: bool) -> Any:
    """Each element's gradient is the product of all others, found without dividing: zeros are no special case."""
    axes = known_axes(x, axis)
    if axes is None:  # the axes as they were given, or (not known at all) every one of them
        given = static_value(axis)
        if given is None or (isinstance(given, list) and None in given):
            flat = REGISTRY["Reshape"](x, [-1])
            others = REGISTRY["Reshape"](_others(flat, 0), REGISTRY["Shape"](x))
            return multiply(spread(g, x, axis, keep_dims), conj(others)), None
        axes = tuple(given) if isinstance(given, list) else (given,)
    others, rest = None, x
    for a in axes:
        along = _others(rest, a)
        others = along if others is None else multiply(others, along)
        rest = prod_op(rest, a, keep_dims=True)
    g = _like(spread(g, x, axis, keep_dims), x)
    return g if others is None else multiply(g, conj(others)), None


def _others(x: Any, axis: Any) -> Any:
    cumprod = REGISTRY["Cumprod"]
    return multiply(cumprod(x, axis, exclusive=True), cumprod(x, axis, exclusive=True, reverse=True))


sum_op = reduction("Sum", _sum, vjp=_sum_vjp)
mean_op = reduction("Mean", _mean, vjp=_mean_vjp)
prod_op = reduction("Prod", _prod, vjp=_prod_vjp)

# -- extremes, logic, norms --------------------------------------------------------------------------------


def _extreme(which: str) -> Any:
    lowest = which == "max"
    ufunc: Any = np.maximum if lowest else np.minimum

    def kernel(xp: Any, x: Any, axes: Any, keep: bool) -> Any:
        if x.size:
            return ufunc.reduce(x, axes, keepdims=keep) if xp is np else getattr(xp, which)(x, axis=axes, keepdims=keep)
        if x.dtype.kind in "iu":
            start: Any = np.iinfo(x.dtype).min if lowest else np.iinfo(x.dtype).max
        else:
            start = -np.inf if lowest else np.inf
        sizes = [1 if i in axes else n for i, n in enumerate(x.shape) if keep or i not in axes]
        return xp.full(sizes, start, dtype=x.dtype)

    return kernel


def _extreme_vjp(y: Any, g: Any, x: Any, axis: Any, *, keep_dims: bool) -> Any:
    """Elements that share the extreme share its gradient."""
    hits = cast(equal_op(spread(y, x, axis, keep_dims), x), g.dtype)
    share = real_divide(hits, spread(sum_op(hits, axis, keep_dims=keep_dims), x, axis, keep_dims))
    return multiply(share, spread(g, x, axis, keep_dims)), None


def _euclidean(xp: Any, x: Any, axes: Any, keep: bool) -> Any:
    squares = xp.conj(x) * x if x.dtype.kind == "c" else x * x
    return xp.sqrt(_add_up(xp, squares, axes, keep)).astype(x.dtype)


def _euclidean_vjp(y: Any, g: Any, x: Any, axis: Any, *, keep_dims: bool) -> Any:
    y, g = spread(y, x, axis, keep_dims), spread(g, x, axis, keep_dims)
    return real_divide(x, real_divide(y, g)), None


max_op = reduction("Max", _extreme("max"), dtypes=REAL, vjp=_extreme_vjp)
min_op = reduction("Min", _extreme("min"), dtypes=REAL, vjp=_extreme_vjp)
all_op = reduction("All", lambda xp, x, axes, keep: xp.all(x, axis=axes, keepdims=keep), dtypes=BOOL)
any_op = reduction("Any", lambda xp, x, axes, keep: xp.any(x, axis=axes, keepdims=keep), dtypes=BOOL)
euclidean_norm = reduction("EuclideanNorm", _euclidean, dtypes=NUMERIC, vjp=_euclidean_vjp)


# -- the public functions ----------------------------------------------------------------------------------


def _reduce(record: Any, input_tensor: Any, axis: Any, keepdims: Any, name: str | None) -> Any:
    if type(input_tensor) is EagerTensor and axis is None and not keepdims:
        return record(input_tensor, all_axes(input_tensor))
    x = convert.convert_to_tensor(input_tensor)
    return _scalar_if_whole(record(x, axis_input(x, axis), keep_dims=bool(keepdims), name=name), axis, keepdims)


def _scalar_if_whole(y: Any, axis: Any, keepdims: Any) -> Any:
    """Reduced over every axis, a tensor is a scalar, even one of unknown rank."""
    if axis is None and not keepdims and isinstance(y, SymbolicTensor):
        y.set_shape(())
    return y


@dispatchable
def reduce_sum(input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None) -> Any:
    """The sum over `axis` (an int, a list; None: all of them). `keepdims` leaves reduced axes with size 1.

    Raises InvalidArgumentError for an axis that the tensor does not have.

    >>> tf.reduce_sum([[1, 2], [3, 4]], axis=0).numpy()
    array([4, 6], dtype=int32)
    """
    return _reduce(sum_op, input_tensor, axis, keepdims, name)


@dispatchable
def reduce_mean(input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None) -> Any:
    """The mean over `axis` (None: all axes); of integers it is truncated to an integer.

    >>> tf.reduce_mean([[1.0, 2.0], [3.0, 5.0]], axis=1).numpy()
    array([1.5, 4. ], dtype=float32)
    """
    return _reduce(mean_op, input_tensor, axis, keepdims, name)


@dispatchable
def reduce_prod(input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None) -> Any:
    """The product over `axis` (None: all axes).

    >>> tf.reduce_prod([[1, 2], [3, 4]], axis=0).numpy()
    array([3, 8], dtype=int32)
    """
    return _reduce(prod_op, input_tensor, axis, keepdims, name)


@dispatchable
def reduce_max(input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None) -> Any:
    """The largest element over `axis` (None: all axes); of no elements the dtype's lowest value.

    >>> tf.reduce_max([[1, 2], [3, 0]], axis=0).numpy()
    array([3, 2], dtype=int32)
    """
    return _reduce(max_op, input_tensor, axis, keepdims, name)


@dispatchable
def reduce_min(input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None) -> Any:
    """The smallest element over `axis` (None: all axes); of no elements the dtype's highest value.

    >>> tf.reduce_min([[1, 2], [3, 0]], axis=0).numpy()
    array([1, 0], dtype=int32)
    """
    return _reduce(min_op, input_tensor, axis, keepdims, name)


@dispatchable
def reduce_all(input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None) -> Any:
    """Whether all booleans over `axis` (None: all axes) are true.

    >>> tf.reduce_all([[True, False], [True, True]], axis=1).numpy()
    array([False,  True])
    """
    return _reduce(all_op, input_tensor, axis, keepdims, name)


@dispatchable
def reduce_any(input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None) -> Any:
    """Whether any boolean over `axis` (None: all axes) is true.

    >>> tf.reduce_any([[True, False], [False, False]], axis=1).numpy()
    array([ True, False])
    """
    return _reduce(any_op, input_tensor, axis, keepdims, name)


def reduce_euclidean_norm(input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None) -> Any:
    """The square root of the sum of squares over `axis` (None: all axes).

    >>> tf.math.reduce_euclidean_norm([3.0, 4.0]).numpy()
    np.float32(5.0)
    """
    return _reduce(euclidean_norm, input_tensor, axis, keepdims, name)


def reduce_logsumexp(input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None) -> Any:
    """`log(sum(exp(x)))` over `axis` (None: all axes), without overflow.

    >>> tf.reduce_logsumexp([1000.0, 1000.0]).numpy()
    np.float32(1000.6932)
    """
    with scope(name, "ReduceLogSumExp"):
        x = convert.convert_to_tensor(input_tensor)
        axes = axis_input(x, axis)
        largest = max_op(x, axes, keep_dims=True)
        shift = REGISTRY["StopGradient"](select_v2(is_finite(largest), largest, zeros_like(largest)))
        result = log(sum_op(exp(subtract(x, shift)), axes, keep_dims=bool(keepdims)))
        if not keepdims:
            shift = REGISTRY["Reshape"](shift, REGISTRY["Shape"](result))
        return _scalar_if_whole(add_v2(result, shift), axis, keepdims)


@dispatchable
def reduce_variance(input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None) -> Any:
    """The variance over `axis` (None: all axes): the mean squared distance from the mean. Real for complex tensors.

    Raises TypeError for integers.

    >>> tf.math.reduce_variance([1.0, 2.0, 3.0, 4.0]).numpy()
    np.float32(1.25)
    """
    with scope(name, "reduce_variance"):
        x = convert.convert_to_tensor(input_tensor)
        if x.dtype.is_integer:
            raise TypeError(f"Input must be either real or complex. Received integer type {x.dtype}.")
        axes = axis_input(x, axis)
        away = subtract(x, mean_op(x, axes, keep_dims=True))
        squares = real_op(multiply(conj(away), away)) if x.dtype.is_complex else square(away)
        return _scalar_if_whole(mean_op(squares, axes, keep_dims=bool(keepdims)), axis, keepdims)


@dispatchable
def reduce_std(input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None) -> Any:
    """The standard deviation over `axis` (None: all axes): the square root of `reduce_variance`.

    Raises TypeError for integers.

    >>> tf.math.reduce_std([1.0, 2.0, 3.0, 4.0]).numpy()
    np.float32(1.118034)
    """
    with scope(name, "reduce_std"):
        return sqrt(reduce_variance(input_tensor, axis, keepdims))
