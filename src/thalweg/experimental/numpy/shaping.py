"""Arrays made, joined, cut, and moved."""

from __future__ import annotations

import builtins
import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np

import thalweg as tf
from thalweg.experimental.numpy.dtypes import asarray, default_float, numpy_dtype, promoted


def _dtype(dtype: Any, otherwise: Any = None) -> Any:
    return tf.as_dtype(numpy_dtype(dtype) if dtype is not None else np.dtype(otherwise or default_float()))


def _shape(shape: Any) -> Any:
    return [shape] if isinstance(shape, (int, np.integer)) else shape


def zeros(shape: Any, dtype: Any = float) -> Any:
    """Zeros."""
    return tf.zeros(_shape(shape), _dtype(dtype))


def ones(shape: Any, dtype: Any = float) -> Any:
    """Ones."""
    return tf.ones(_shape(shape), _dtype(dtype))


empty = zeros


def zeros_like(a: Any, dtype: Any = None) -> Any:
    """Zeros shaped like another array."""
    return tf.zeros_like(asarray(a), None if dtype is None else _dtype(dtype))


def ones_like(a: Any, dtype: Any = None) -> Any:
    """Ones shaped like another array."""
    return tf.ones_like(asarray(a), None if dtype is None else _dtype(dtype))


empty_like = zeros_like


def full(shape: Any, fill_value: Any, dtype: Any = None) -> Any:
    """One value everywhere."""
    return tf.broadcast_to(asarray(fill_value, dtype), _shape(shape))


def full_like(a: Any, fill_value: Any, dtype: Any = None, order: str = "K", subok: bool = True, shape: Any = None) -> Any:
    """One value everywhere, shaped like another array."""
    x = asarray(a)
    return tf.broadcast_to(asarray(fill_value, dtype or x.dtype), tf.shape(x) if shape is None else _shape(shape))


def eye(N: int, M: int | None = None, k: int = 0, dtype: Any = float) -> Any:
    """Ones on diagonal `k`."""
    return tf.constant(np.eye(N, M, k, numpy_dtype(dtype)))


def identity(n: int, dtype: Any = float) -> Any:
    """The identity matrix."""
    return eye(n, dtype=dtype)


def tri(N: int, M: int | None = None, k: int = 0, dtype: Any = None) -> Any:
    """Ones on and below diagonal `k`."""
    return tf.constant(np.tri(N, M, k, numpy_dtype(float if dtype is None else dtype)))


def arange(start: Any, stop: Any = None, step: Any = 1, dtype: Any = None) -> Any:
    """Numbers from `start` up to `stop`, which is left out. Raises ValueError for a step of zero."""
    if not step:
        raise ValueError("step must be non-zero")
    low, high = (0, start) if stop is None else (start, stop)
    values = [asarray(v) for v in (low, high, step)]
    kind = _dtype(dtype) if dtype is not None else promoted(*values)[0].dtype
    return tf.cast(tf.range(*promoted(*values)), kind)


def linspace(
    start: Any, stop: Any, num: int = 50, endpoint: bool = True, retstep: bool = False, dtype: Any = float, axis: int = 0
) -> Any:
    """Evenly spaced numbers."""
    a, b = promoted(asarray(start, None), asarray(stop, None), np.float64(0))[:2]
    step = (b - a) / builtins.max(num - 1 if endpoint else num, 1)
    steps = tf.reshape(tf.cast(tf.range(num), a.dtype), [-1] + [1] * a.shape.rank)
    y = a + steps * step
    if axis:
        y = moveaxis(y, 0, axis)
    y = tf.cast(y, _dtype(dtype))
    return (y, step) if retstep else y


def logspace(
    start: Any, stop: Any, num: int = 50, endpoint: bool = True, base: float = 10.0, dtype: Any = None, axis: int = 0
) -> Any:
    """Numbers evenly spaced on a logarithmic scale."""
    y = tf.pow(tf.constant(base, tf.float64), tf.cast(linspace(start, stop, num, endpoint, axis=axis), tf.float64))
    return tf.cast(y, _dtype(dtype))


def geomspace(start: Any, stop: Any, num: int = 50, endpoint: bool = True, dtype: Any = None, axis: int = 0) -> Any:
    """Numbers each the same multiple of the one before."""
    a, b = (tf.math.log(tf.cast(asarray(v), tf.float64)) for v in (start, stop))
    return tf.cast(tf.exp(tf.cast(linspace(a, b, num, endpoint, axis=axis), tf.float64)), _dtype(dtype))


def meshgrid(*xi: Any, **kwargs: Any) -> list[Any]:
    """Grids of coordinates."""
    return tf.meshgrid(*[asarray(x) for x in xi], **kwargs)


def ix_(*args: Any) -> list[Any]:
    """Vectors, each along a dimension of its own."""
    n = len(args)
    return [tf.reshape(asarray(a), [1] * i + [-1] + [1] * (n - i - 1)) for i, a in enumerate(args)]


def vander(x: Any, N: int | None = None, increasing: bool = False) -> Any:
    """Powers of numbers, as the columns of a matrix."""
    x = asarray(x)
    n = x.shape[0] if N is None else N
    powers = tf.range(n) if increasing else tf.range(n - 1, -1, -1)
    return tf.pow(x[:, None], tf.cast(powers, x.dtype))


def diag(v: Any, k: int = 0) -> Any:
    """A matrix of a diagonal, or the diagonal of a matrix."""
    v = asarray(v)
    return tf.linalg.diag(v, k=k) if v.shape.rank == 1 else tf.linalg.diag_part(v, k=k)


def diagflat(v: Any, k: int = 0) -> Any:
    """A matrix of all values on a diagonal."""
    return diag(ravel(v), k)


def diagonal(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """The diagonal of two dimensions."""
    return tf.linalg.diag_part(moveaxis(asarray(a), [axis1, axis2], [-2, -1]), k=offset)


def diag_indices(n: int, ndim: int = 2) -> list[Any]:
    """The indices of a diagonal."""
    return [tf.range(n, dtype=tf.int64)] * ndim


def tril(m: Any, k: int = 0) -> Any:
    """A matrix without what is above diagonal `k`."""
    m = asarray(m)
    return tf.where(tf.constant(_below(m, k)), m, tf.zeros_like(m))


def _below(m: Any, k: int) -> np.ndarray:
    rows, columns = m.shape.as_list()[-2:]
    return np.tri(rows, columns, k, dtype=np.bool_)


def triu(m: Any, k: int = 0) -> Any:
    """A matrix without what is below diagonal `k`."""
    m = asarray(m)
    return tf.where(tf.constant(_below(m, k - 1)), tf.zeros_like(m), m)


# -- shapes --------------------------------------------------------------------------------------------------------


def shape(a: Any) -> Any:
    """The sizes, as a tuple where they are known."""
    x = asarray(a)
    return tuple(x.shape.as_list()) if x.shape.is_fully_defined() else tf.shape(x)


def ndim(a: Any) -> int:
    """How many dimensions there are."""
    return asarray(a).shape.rank


def size(x: Any, axis: int | None = None) -> Any:
    """How many elements there are, in all or in a dimension."""
    x = asarray(x)
    if axis is not None:
        return x.shape[axis]
    return int(np.prod(x.shape.as_list())) if x.shape.is_fully_defined() else tf.size(x)


def reshape(a: Any, newshape: Any, order: str = "C") -> Any:
    """Other sizes around the same elements. order: 'C', or 'F' for the first dimension fastest."""
    x = asarray(a)
    if order == "F":
        return tf.transpose(tf.reshape(tf.transpose(x), list(reversed(_shape(newshape)))))
    if order != "C":
        raise ValueError(f"Unsupported order argument {order}: use 'C' or 'F'.")
    return tf.reshape(x, _shape(newshape))


def ravel(a: Any) -> Any:
    """One dimension."""
    return tf.reshape(asarray(a), [-1])


def flatten(a: Any, order: str = "C") -> Any:
    """One dimension."""
    return reshape(a, -1, order)


def expand_dims(a: Any, axis: Any) -> Any:
    """A new dimension of size one."""
    return tf.expand_dims(asarray(a), axis)


def squeeze(a: Any, axis: Any = None) -> Any:
    """Without dimensions of size one."""
    return tf.squeeze(asarray(a), axis)


def transpose(a: Any, axes: Any = None) -> Any:
    """Dimensions in another order, reversed by default."""
    return tf.transpose(asarray(a), axes)


def moveaxis(a: Any, source: Any, destination: Any) -> Any:
    """Dimensions at other places."""
    x = asarray(a)
    rank = x.shape.rank
    from_, to = ([v % rank for v in (s if isinstance(s, (list, tuple)) else [s])] for s in (source, destination))
    order = [i for i in builtins.range(rank) if i not in from_]
    for d, s in builtins.sorted(zip(to, from_)):
        order.insert(d, s)
    return tf.transpose(x, order)


def swapaxes(a: Any, axis1: int, axis2: int) -> Any:
    """Two dimensions exchanged."""
    x = asarray(a)
    order = list(builtins.range(x.shape.rank))
    order[axis1], order[axis2] = order[axis2], order[axis1]
    return tf.transpose(x, order)


def broadcast_to(array: Any, shape: Any) -> Any:
    """Repeated to other sizes."""
    return tf.broadcast_to(asarray(array), _shape(shape))


def broadcast_arrays(*args: Any, **_: Any) -> list[Any]:
    """Arrays of one shape."""
    arrays = [asarray(a) for a in args]
    common: Any = tf.shape(arrays[0])
    for a in arrays[1:]:
        common = tf.broadcast_dynamic_shape(common, tf.shape(a))
    return [tf.broadcast_to(a, common) for a in arrays]


def _at_least(n: int, arrays: Sequence[Any]) -> Any:
    found = []
    for a in arrays:
        x = asarray(a)
        rank = x.shape.rank
        if rank < n:
            front = {1: 1, 2: 1, 3: 1 if rank < 2 else 0}[n] if n < 3 or rank < 2 else 0
            if n == 3 and rank == 0:
                x = tf.reshape(x, [1, 1, 1])
            elif n == 3 and rank == 1:
                x = x[None, :, None]
            elif n == 3:
                x = x[:, :, None]
            else:
                x = tf.reshape(x, [1] * (n - rank) + x.shape.as_list()) if front else x
        found.append(x)
    return found[0] if len(found) == 1 else found


def atleast_1d(*arys: Any) -> Any:
    """One dimension at least."""
    return _at_least(1, arys)


def atleast_2d(*arys: Any) -> Any:
    """Two dimensions at least."""
    return _at_least(2, arys)


def atleast_3d(*arys: Any) -> Any:
    """Three dimensions at least."""
    return _at_least(3, arys)


# -- joined and cut ------------------------------------------------------------------------------------------------


def concatenate(arys: Any, axis: Any = 0) -> Any:
    """Arrays end to end; flattened first if `axis` is None."""
    parts = promoted(*arys)
    return tf.concat([tf.reshape(p, [-1]) for p in parts], 0) if axis is None else tf.concat(parts, axis)


def stack(arrays: Any, axis: int = 0) -> Any:
    """Arrays along a new dimension."""
    if isinstance(arrays, tf.Tensor):
        return arrays if axis == 0 else moveaxis(arrays, 0, axis)
    return tf.stack(promoted(*arrays), axis)


def hstack(tup: Any) -> Any:
    """Arrays side by side."""
    parts = [atleast_1d(a) for a in tup]
    return concatenate(parts, 0 if parts[0].shape.rank == 1 else 1)


def vstack(tup: Any) -> Any:
    """Arrays on top of each other."""
    return concatenate([atleast_2d(a) for a in tup], 0)


def dstack(tup: Any) -> Any:
    """Arrays behind each other."""
    return concatenate([atleast_3d(a) for a in tup], 2)


def append(arr: Any, values: Any, axis: Any = None) -> Any:
    """An array with values behind it."""
    return concatenate([arr, values], axis)


def split(ary: Any, indices_or_sections: Any, axis: int = 0) -> list[Any]:
    """Parts: so many, or cut at these places."""
    x = asarray(ary)
    if isinstance(indices_or_sections, (int, np.integer)):
        return tf.split(x, int(indices_or_sections), axis)
    edges = [0, *indices_or_sections, x.shape[axis]]
    return tf.split(x, [b - a for a, b in itertools.pairwise(edges)], axis)


def hsplit(ary: Any, indices_or_sections: Any) -> list[Any]:
    """Parts side by side."""
    return split(ary, indices_or_sections, 0 if ndim(ary) == 1 else 1)


def vsplit(ary: Any, indices_or_sections: Any) -> list[Any]:
    """Parts on top of each other."""
    return split(ary, indices_or_sections, 0)


def dsplit(ary: Any, indices_or_sections: Any) -> list[Any]:
    """Parts behind each other."""
    return split(ary, indices_or_sections, 2)


def tile(A: Any, reps: Any) -> Any:
    """An array repeated as a whole."""
    x, reps = asarray(A), list(reps) if isinstance(reps, (list, tuple)) else [reps]
    rank = builtins.max(x.shape.rank, len(reps))
    x = tf.reshape(x, [1] * (rank - x.shape.rank) + x.shape.as_list())
    return tf.tile(x, [1] * (rank - len(reps)) + reps)


def repeat(a: Any, repeats: Any, axis: Any = None) -> Any:
    """Elements repeated one by one."""
    return tf.repeat(asarray(a), repeats, axis)


def flip(m: Any, axis: Any = None) -> Any:
    """The order of dimensions reversed, of all or of some."""
    m = asarray(m)
    axes = list(builtins.range(m.shape.rank)) if axis is None else [axis] if isinstance(axis, int) else list(axis)
    return tf.reverse(m, axes)


def flipud(m: Any) -> Any:
    """Top to bottom."""
    return flip(m, 0)


def fliplr(m: Any) -> Any:
    """Left to right."""
    return flip(m, 1)


def rot90(m: Any, k: int = 1, axes: tuple[int, int] = (0, 1)) -> Any:
    """Turned by right angles."""
    k %= 4
    if k == 0:
        return asarray(m)
    if k == 2:
        return flip(m, axes)
    turned = swapaxes(m, *axes)
    return flip(turned, axes[0]) if k == 1 else flip(turned, axes[1])


def roll(a: Any, shift: Any, axis: Any = None) -> Any:
    """Elements moved along, those from the end put in front."""
    x = asarray(a)
    if axis is None:
        return tf.reshape(tf.roll(tf.reshape(x, [-1]), shift, 0), tf.shape(x))
    return tf.roll(x, shift, axis)


def pad(array: Any, pad_width: Any, mode: str = "constant", **kwargs: Any) -> Any:
    """Values put around: mode 'constant', 'reflect' or 'symmetric'."""
    x = asarray(array)
    if mode not in ("constant", "reflect", "symmetric"):
        raise ValueError(f"Unsupported padding mode: {mode}")
    width = np.broadcast_to(np.asarray(pad_width), (x.shape.rank, 2))
    return tf.pad(x, width, mode.upper(), constant_values=kwargs.get("constant_values", 0))


def take(a: Any, indices: Any, axis: Any = None, out: Any = None, mode: str = "clip") -> Any:
    """Elements picked by their numbers. mode: 'clip' or 'wrap' numbers beyond the end."""
    if mode not in ("raise", "clip", "wrap"):
        raise ValueError(f"Invalid mode '{mode}' for take: use 'raise', 'clip' or 'wrap'.")
    x, at = asarray(a), asarray(indices)
    if axis is None:
        x, axis = tf.reshape(x, [-1]), 0
    n = tf.cast(tf.shape(x)[axis], at.dtype)
    if mode != "raise":
        at = tf.math.floormod(at, n) if mode == "wrap" else tf.clip_by_value(at, 0, n - 1)
    return tf.gather(x, at, axis=axis)


def take_along_axis(arr: Any, indices: Any, axis: Any) -> Any:
    """Elements picked by numbers that stand along an axis."""
    x, at = asarray(arr), asarray(indices)
    if axis is None:
        return tf.gather(tf.reshape(x, [-1]), at)
    rank = x.shape.rank
    moved, places = moveaxis(x, axis, -1), moveaxis(at, axis, -1)
    lead = tf.broadcast_dynamic_shape(tf.shape(moved)[:-1], tf.shape(places)[:-1])
    moved = tf.broadcast_to(moved, tf.concat([lead, tf.shape(moved)[-1:]], 0))
    places = tf.broadcast_to(places, tf.concat([lead, tf.shape(places)[-1:]], 0))
    return moveaxis(tf.gather(moved, places, axis=-1, batch_dims=rank - 1), -1, axis)


def compress(condition: Any, a: Any, axis: Any = None) -> Any:
    """The rows where a condition holds."""
    mask, x = tf.cast(asarray(condition), tf.bool), asarray(a)
    if axis is None:
        x, axis = tf.reshape(x, [-1]), 0
    rows = tf.where(mask)[:, 0]
    return tf.gather(x, rows, axis=axis)
