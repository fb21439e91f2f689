"""`keras.ops`, making and arranging arrays: shapes, joins, picks, products of arrays."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np

import thalweg as tf
from thalweg.keras import config
from thalweg.keras.ops.dtypes import floating, result_type, tensor, together

# -- making ----------------------------------------------------------------------------------------------------


def _dtype(dtype: Any) -> Any:
    return config.standardize_dtype(dtype)


def array(x: Any, dtype: Any = None) -> Any:
    """A tensor of anything."""
    return tensor(x, None if dtype is None else _dtype(dtype))


def zeros(shape: Any, dtype: Any = None) -> Any:
    """Zeros."""
    return tf.zeros(shape, _dtype(dtype))


def ones(shape: Any, dtype: Any = None) -> Any:
    """Ones."""
    return tf.ones(shape, _dtype(dtype))


def empty(shape: Any, dtype: Any = None) -> Any:
    """An array without values of interest: zeros."""
    return tf.zeros(shape, _dtype(dtype))


def full(shape: Any, fill_value: Any, dtype: Any = None) -> Any:
    """One value everywhere."""
    return tf.broadcast_to(tensor(fill_value, _dtype(dtype)), shape)


def zeros_like(x: Any, dtype: Any = None) -> Any:
    """Zeros in the shape of `x`."""
    return tf.zeros_like(tensor(x), dtype=None if dtype is None else _dtype(dtype))


def ones_like(x: Any, dtype: Any = None) -> Any:
    """Ones in the shape of `x`."""
    return tf.ones_like(tensor(x), dtype=None if dtype is None else _dtype(dtype))


def empty_like(x: Any, dtype: Any = None) -> Any:
    """An array in the shape of `x`."""
    return zeros_like(x, dtype)


def full_like(x: Any, fill_value: Any, dtype: Any = None) -> Any:
    """One value, in the shape of `x`."""
    x = tensor(x)
    return tf.broadcast_to(tensor(fill_value, x.dtype if dtype is None else _dtype(dtype)), tf.shape(x))


def copy(x: Any) -> Any:
    """The same values."""
    return tf.identity(tensor(x))


def eye(N: int, M: int | None = None, k: int = 0, dtype: Any = None) -> Any:
    """Ones on a diagonal."""
    return tf.cast(tf.range(N)[:, None] + k == tf.range(N if M is None else M)[None, :], _dtype(dtype))


def identity(n: int, dtype: Any = None) -> Any:
    """The identity matrix."""
    return eye(n, dtype=dtype)


def tri(N: int, M: int | None = None, k: int = 0, dtype: Any = None) -> Any:
    """Ones on and below a diagonal."""
    return tf.cast(tf.range(N)[:, None] + k >= tf.range(N if M is None else M)[None, :], _dtype(dtype))


def arange(start: Any, stop: Any = None, step: Any = None, dtype: Any = None) -> Any:
    """Numbers at equal steps, `stop` excluded."""
    if stop is None:
        start, stop = 0, start
    step = 1 if step is None else step
    if dtype is None:
        dtype = result_type(*[type(v) if isinstance(v, (int, float)) else tensor(v).dtype for v in (start, stop, step)])
    wide = "float32" if _dtype(dtype) in ("float16", "bfloat16") else _dtype(dtype)
    wide = "int32" if wide in ("int8", "int16", "uint8", "uint16", "bool") else wide
    return tf.cast(tf.range(tensor(start, wide), tensor(stop, wide), tensor(step, wide)), dtype)


def linspace(
    start: Any, stop: Any, num: int = 50, endpoint: bool = True, retstep: bool = False, dtype: Any = None, axis: int = 0
) -> Any:
    """`num` numbers at equal distances from `start` to `stop`."""
    start, stop = map(floating, together(start, stop))
    step = (stop - start) / max(num - 1 if endpoint else num, 1)
    at = tf.reshape(tf.cast(tf.range(num), step.dtype), [num, *[1] * step.shape.rank])
    y = start + at * step
    if endpoint and num > 1:
        y = tf.concat([y[:-1], tf.expand_dims(stop + 0 * step, 0)], 0)
    y = y if axis == 0 else moveaxis(y, 0, axis)
    y = y if dtype is None else tf.cast(y, _dtype(dtype))
    return (y, step) if retstep else y


def logspace(start: Any, stop: Any, num: int = 50, endpoint: bool = True, base: Any = 10, dtype: Any = None, axis: int = 0) -> Any:
    """`num` numbers at equal ratios from `base ** start` to `base ** stop`."""
    y = linspace(start, stop, num, endpoint, axis=axis)
    y = tf.pow(tensor(base, y.dtype), y)
    return y if dtype is None else tf.cast(y, _dtype(dtype))


def geomspace(start: Any, stop: Any, num: int = 50, endpoint: bool = True, dtype: Any = None, axis: int = 0) -> Any:
    """`num` numbers at equal ratios from `start` to `stop`."""
    start, stop = map(floating, together(start, stop))
    y = tf.sign(start) * tf.exp(linspace(tf.math.log(tf.abs(start)), tf.math.log(tf.abs(stop)), num, endpoint, axis=axis))
    return y if dtype is None else tf.cast(y, _dtype(dtype))


def meshgrid(*x: Any, indexing: str = "xy") -> list[Any]:
    """The coordinates of a grid."""
    return list(tf.meshgrid(*map(tensor, x), indexing=indexing))


def _window(values: np.ndarray) -> Any:
    return tf.constant(values, config.floatx())


def bartlett(x: int) -> Any:
    """Bartlett's window of `x` points."""
    return _window(np.bartlett(int(x)))


def blackman(x: int) -> Any:
    """Blackman's window of `x` points."""
    return _window(np.blackman(int(x)))


def hamming(x: int) -> Any:
    """Hamming's window of `x` points."""
    return _window(np.hamming(int(x)))


def hanning(x: int) -> Any:
    """Hann's window of `x` points."""
    return _window(np.hanning(int(x)))


def kaiser(x: int, beta: float) -> Any:
    """Kaiser's window of `x` points."""
    return _window(np.kaiser(int(x), float(beta)))


# -- shapes ----------------------------------------------------------------------------------------------------


def reshape(x: Any, newshape: Any) -> Any:
    """Another shape, -1 for what follows."""
    newshape = (newshape,) if hasattr(newshape, "__index__") else newshape
    return tf.reshape(tensor(x), [-1 if n is None else n for n in newshape])


def ravel(x: Any) -> Any:
    """One dimension."""
    return tf.reshape(tensor(x), [-1])


def transpose(x: Any, axes: Any = None) -> Any:
    """Axes in another order; reversed unless said."""
    return tf.transpose(tensor(x), None if axes is None else list(axes))


def moveaxis(x: Any, source: Any, destination: Any) -> Any:
    """Axes moved to other places."""
    x = tensor(x)
    rank = x.shape.rank
    sources = [a % rank for a in (source if isinstance(source, (tuple, list)) else [source])]
    places = [a % rank for a in (destination if isinstance(destination, (tuple, list)) else [destination])]
    order = [i for i in range(rank) if i not in sources]
    for place, axis in sorted(zip(places, sources)):
        order.insert(place, axis)
    return tf.transpose(x, order)


def swapaxes(x: Any, axis1: int, axis2: int) -> Any:
    """Two axes exchanged."""
    x = tensor(x)
    order = list(range(x.shape.rank))
    order[axis1], order[axis2] = order[axis2], order[axis1]
    return tf.transpose(x, order)


def expand_dims(x: Any, axis: Any) -> Any:
    """New axes of size 1."""
    x = tensor(x)
    axes = list(axis) if isinstance(axis, (tuple, list)) else [axis]
    rank = x.shape.rank + len(axes)
    for a in sorted(a % rank for a in axes):
        x = tf.expand_dims(x, a)
    return x


def squeeze(x: Any, axis: Any = None) -> Any:
    """Without axes of size 1."""
    return tf.squeeze(tensor(x), list(axis) if isinstance(axis, (tuple, list)) else axis)


def broadcast_to(x: Any, shape: Any) -> Any:
    """Repeated along axes of size 1, to a shape."""
    return tf.broadcast_to(tensor(x), shape)


def ndim(x: Any) -> Any:
    """The number of dimensions."""
    return tensor(x).shape.rank


def size(x: Any) -> Any:
    """The number of entries."""
    x = tensor(x)
    return x.shape.num_elements() if x.shape.is_fully_defined() else tf.size(x)


# -- joins and parts -------------------------------------------------------------------------------------------


def concatenate(xs: Any, axis: int | None = 0) -> Any:
    """Arrays one after the other along an axis."""
    tensors = together(*xs)
    return tf.concat([tf.reshape(x, [-1]) for x in tensors], 0) if axis is None else tf.concat(tensors, axis)


def append(x1: Any, x2: Any, axis: int | None = None) -> Any:
    """`x2` after `x1`."""
    return concatenate([x1, x2], axis)


def stack(x: Any, axis: int = 0) -> Any:
    """Arrays along a new axis."""
    return tf.stack(together(*x), axis)


def _at_least(x: Any, rank: int) -> Any:
    x = tensor(x)
    if x.shape.rank >= rank:
        return x
    if x.shape.rank == 0:
        return tf.reshape(x, [1] * rank)
    return {(1, 2): x[None, :] if rank == 2 else None, (1, 3): x[None, :, None] if x.shape.rank == 1 and rank == 3 else None}.get(
        (x.shape.rank, rank), x[..., None]
    )


def vstack(xs: Any) -> Any:
    """Arrays on top of each other."""
    return concatenate([_at_least(x, 2) for x in xs], 0)


def hstack(xs: Any) -> Any:
    """Arrays side by side."""
    tensors = [_at_least(x, 1) for x in xs]
    return concatenate(tensors, 0 if tensors[0].shape.rank == 1 else 1)


def dstack(xs: Any) -> Any:
    """Arrays behind each other."""
    return concatenate([_at_least(x, 3) for x in xs], 2)


def split(x: Any, indices_or_sections: Any, axis: int = 0) -> list[Any]:
    """Equal parts, or parts between places."""
    x = tensor(x)
    if hasattr(indices_or_sections, "__index__"):
        return list(tf.split(x, int(indices_or_sections), axis))
    places = [0, *[int(i) for i in indices_or_sections], x.shape[axis]]
    return list(tf.split(x, [b - a for a, b in itertools.pairwise(places)], axis))


def array_split(x: Any, indices_or_sections: Any, axis: int = 0) -> list[Any]:
    """Parts as equal as possible."""
    x = tensor(x)
    if not hasattr(indices_or_sections, "__index__"):
        return split(x, indices_or_sections, axis)
    parts, rest = divmod(x.shape[axis], int(indices_or_sections))
    return list(tf.split(x, [parts + (i < rest) for i in range(int(indices_or_sections))], axis))


def vsplit(x: Any, indices_or_sections: Any) -> list[Any]:
    """Parts along the first axis."""
    return split(x, indices_or_sections, 0)


def hsplit(x: Any, indices_or_sections: Any) -> list[Any]:
    """Parts along the second axis."""
    return split(x, indices_or_sections, 1 if tensor(x).shape.rank > 1 else 0)


def dsplit(x: Any, indices_or_sections: Any) -> list[Any]:
    """Parts along the third axis."""
    return split(x, indices_or_sections, 2)


def unstack(x: Any, num: int | None = None, axis: int = 0) -> list[Any]:
    """The arrays along an axis."""
    return list(tf.unstack(tensor(x), num, axis))


def tile(x: Any, repeats: Any) -> Any:
    """The whole repeated along axes."""
    x = tensor(x)
    repeats = [repeats] if hasattr(repeats, "__index__") else list(repeats)
    rank = max(x.shape.rank, len(repeats))
    x = tf.reshape(x, tf.concat([[1] * (rank - x.shape.rank), tf.shape(x)], 0)) if rank > x.shape.rank else x
    return tf.tile(x, [1] * (rank - len(repeats)) + repeats)


def repeat(x: Any, repeats: Any, axis: int | None = None) -> Any:
    """Each entry repeated."""
    return tf.repeat(tensor(x), repeats, axis)


def pad(x: Any, pad_width: Any, mode: str = "constant", constant_values: Any = None) -> Any:
    """More entries around: zeros, 'reflect', 'symmetric' or 'edge'."""
    x = tensor(x)
    width = np.broadcast_to(np.asarray(pad_width), (x.shape.rank, 2)).tolist()
    if mode == "edge":
        for axis, (before, after) in enumerate(width):
            at = tf.clip_by_value(tf.range(-before, tf.shape(x)[axis] + after), 0, tf.shape(x)[axis] - 1)
            x = tf.gather(x, at, axis=axis)
        return x
    return tf.pad(x, width, mode.upper(), 0 if constant_values is None else constant_values)


def flip(x: Any, axis: Any = None) -> Any:
    """In reverse order along axes."""
    x = tensor(x)
    axes = list(range(x.shape.rank)) if axis is None else list(axis) if isinstance(axis, (tuple, list)) else [axis]
    return tf.reverse(x, axes)


def fliplr(x: Any) -> Any:
    """Left and right exchanged."""
    return flip(x, 1)


def flipud(x: Any) -> Any:
    """Up and down exchanged."""
    return flip(x, 0)


def rot90(array: Any, k: int = 1, axes: Any = (0, 1)) -> Any:
    """Turned by quarters."""
    x, (a, b) = tensor(array), axes
    match k % 4:
        case 0:
            return x
        case 1:
            return flip(swapaxes(x, a, b), a)
        case 2:
            return flip(x, (a, b))
    return swapaxes(flip(x, a), a, b)


def roll(x: Any, shift: Any, axis: Any = None) -> Any:
    """Entries moved along, those at the end to the beginning."""
    x = tensor(x)
    if axis is None:
        return tf.reshape(tf.roll(tf.reshape(x, [-1]), shift, 0), tf.shape(x))
    return tf.roll(x, shift, axis)


# -- picks -----------------------------------------------------------------------------------------------------


def take(x: Any, indices: Any, axis: int | None = None) -> Any:
    """The entries with these numbers, negative ones from the end."""
    x, at = tensor(x), tensor(indices)
    at = at if at.dtype.is_integer else tf.cast(at, tf.int32)
    x = tf.reshape(x, [-1]) if axis is None else x
    axis = 0 if axis is None else axis
    count = tf.cast(tf.shape(x)[axis], at.dtype)
    return tf.gather(x, tf.where(at < 0, at + count, at), axis=axis)


def take_along_axis(x: Any, indices: Any, axis: int | None = None) -> Any:
    """For each row its own entries."""
    x, at = tensor(x), tensor(indices)
    if axis is None:
        return take(tf.reshape(x, [-1]), tf.reshape(at, [-1]))
    x, at = moveaxis(x, axis, -1), moveaxis(at, axis, -1)
    count = tf.cast(tf.shape(x)[-1], at.dtype)
    at = tf.where(at < 0, at + count, at)
    lead = tf.shape(x)[:-1]
    if x.shape.rank > 1:
        lead = tf.maximum(lead, tf.shape(at)[:-1])
        x = tf.broadcast_to(x, tf.concat([lead, tf.shape(x)[-1:]], 0))
        at = tf.broadcast_to(at, tf.concat([lead, tf.shape(at)[-1:]], 0))
    return moveaxis(tf.gather(x, at, batch_dims=x.shape.rank - 1), -1, axis)


def get_item(x: Any, key: Any) -> Any:
    """`x[key]`."""
    return tensor(x)[key]


def nonzero(x: Any) -> tuple[Any, ...]:
    """The places of entries that are not 0, a vector for each axis."""
    x = tensor(x)
    found = tf.cast(tf.where(tf.not_equal(x, tf.cast(0, x.dtype)) if x.dtype != tf.bool else x), tf.int32)
    return tuple(found[:, i] for i in range(x.shape.rank))


def unravel_index(indices: Any, shape: Any) -> tuple[Any, ...]:
    """Places in an array from places in its flat form."""
    at = tensor(indices)
    at = tf.where(at < 0, at + math.prod(shape), at)
    found = []
    for n in reversed(shape):
        found.append(tf.math.floormod(at, n))
        at = at // n
    return tuple(reversed(found))


# -- diagonals and triangles -----------------------------------------------------------------------------------


def tril(x: Any, k: int = 0) -> Any:
    """Zeros above a diagonal."""
    x = tensor(x)
    keep = tf.range(tf.shape(x)[-2])[:, None] + k >= tf.range(tf.shape(x)[-1])[None, :]
    return tf.where(keep, x, tf.zeros_like(x))


def triu(x: Any, k: int = 0) -> Any:
    """Zeros below a diagonal."""
    x = tensor(x)
    keep = tf.range(tf.shape(x)[-2])[:, None] + k <= tf.range(tf.shape(x)[-1])[None, :]
    return tf.where(keep, x, tf.zeros_like(x))


def diagonal(x: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """A diagonal of two axes, last."""
    x = moveaxis(x, (axis1, axis2), (-2, -1))
    count = max(0, min(x.shape[-2] + min(offset, 0), x.shape[-1] - max(offset, 0)))
    at = tf.range(count)
    places = (at - min(offset, 0)) * x.shape[-1] + at + max(offset, 0)
    return tf.gather(tf.reshape(x, tf.concat([tf.shape(x)[:-2], [-1]], 0)), places, axis=-1)


def diag(x: Any, k: int = 0) -> Any:
    """A diagonal of a matrix, or a matrix with one."""
    x = tensor(x)
    if x.shape.rank == 2:
        return diagonal(x, k)
    return tf.pad(tf.linalg.diag(x), [[max(-k, 0), max(k, 0)], [max(k, 0), max(-k, 0)]])


def diagflat(x: Any, k: int = 0) -> Any:
    """A matrix with these entries on a diagonal."""
    return diag(tf.reshape(tensor(x), [-1]), k)


def trace(x: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """The sum of a diagonal."""
    return tf.reduce_sum(diagonal(x, offset, axis1, axis2), -1)


def vander(x: Any, N: int | None = None, increasing: bool = False) -> Any:
    """Powers in columns."""
    x = tensor(x)
    count = x.shape[0] if N is None else N
    powers = tf.range(count) if increasing else tf.range(count - 1, -1, -1)
    return tf.pow(tf.expand_dims(x, -1), tf.cast(powers, x.dtype))


# -- products --------------------------------------------------------------------------------------------------


def matmul(x1: Any, x2: Any) -> Any:
    """The product of matrices, or stacks of them; of vectors, too."""
    a, b = together(x1, x2)
    left, right = a.shape.rank == 1, b.shape.rank == 1
    if left and right:
        return tf.reduce_sum(a * b)
    y = tf.matmul(a[None, :] if left else a, b[:, None] if right else b)
    return tf.squeeze(y, -2) if left else tf.squeeze(y, -1) if right else y


def dot(x1: Any, x2: Any) -> Any:
    """Sums over the last axis of one and the last but one of the other."""
    a, b = together(x1, x2)
    if a.shape.rank == 0 or b.shape.rank == 0:
        return a * b
    return tf.tensordot(a, b, [[-1], [-1 if b.shape.rank == 1 else -2]])


def inner(x1: Any, x2: Any) -> Any:
    """Sums over the last axes."""
    a, b = together(x1, x2)
    return a * b if a.shape.rank == 0 or b.shape.rank == 0 else tf.tensordot(a, b, [[-1], [-1]])


def outer(x1: Any, x2: Any) -> Any:
    """All products."""
    a, b = together(x1, x2)
    return tf.reshape(a, [-1, 1]) * tf.reshape(b, [1, -1])


def vdot(x1: Any, x2: Any) -> Any:
    """The scalar product of two arrays, flat."""
    a, b = together(x1, x2)
    return tf.reduce_sum(tf.math.conj(tf.reshape(a, [-1])) * tf.reshape(b, [-1]))


def tensordot(x1: Any, x2: Any, axes: Any = 2) -> Any:
    """Sums over pairs of axes."""
    a, b = together(x1, x2)
    return tf.tensordot(a, b, axes)


def einsum(subscripts: str, *operands: Any, **kwargs: Any) -> Any:
    """Sums as an equation says."""
    return tf.einsum(subscripts, *together(*operands))


def kron(x1: Any, x2: Any) -> Any:
    """Each entry of one times the whole other."""
    a, b = together(x1, x2)
    rank = max(a.shape.rank, b.shape.rank)
    a, b = (tf.reshape(x, [1] * (rank - x.shape.rank) + x.shape.as_list()) for x in (a, b))
    pairs = [n for i in range(rank) for n in (a.shape[i], 1)], [n for i in range(rank) for n in (1, b.shape[i])]
    return tf.reshape(tf.reshape(a, pairs[0]) * tf.reshape(b, pairs[1]), [x * y for x, y in zip(a.shape, b.shape)])


def cross(x1: Any, x2: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None) -> Any:
    """The vector product, of vectors of 2 or 3."""
    a, b = together(x1, x2)
    axisa, axisb, axisc = (axis, axis, axis) if axis is not None else (axisa, axisb, axisc)
    a, b = moveaxis(a, axisa, -1), moveaxis(b, axisb, -1)
    if a.shape[-1] == 2 and b.shape[-1] == 2:
        return a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]
    a, b = (tf.concat([x, tf.zeros_like(x[..., :1])], -1) if x.shape[-1] == 2 else x for x in (a, b))
    parts = [a[..., i] * b[..., j] - a[..., j] * b[..., i] for i, j in ((1, 2), (2, 0), (0, 1))]
    return moveaxis(tf.stack(parts, -1), -1, axisc)


def vectorize(pyfunc: Callable[..., Any], *, excluded: Any = None, signature: Any = None) -> Callable[..., Any]:
    """A function of numbers as a function of arrays. Raises ValueError for `signature`, which is not offered."""
    if signature is not None or excluded is not None:
        raise ValueError("`vectorize` takes a function of scalars: write `tf.vectorized_map` where it takes arrays.")

    def over_arrays(*args: Any) -> Any:
        tensors = together(*args)
        shape = tf.shape(sum(tensors[1:], tensors[0]))
        flat = [tf.reshape(tf.broadcast_to(x, shape), [-1]) for x in tensors]
        return tf.reshape(tf.vectorized_map(lambda row: pyfunc(*row), tuple(flat)), shape)

    return over_arrays


__all__ = sorted(
    name for name, value in list(globals().items())
    if callable(value) and not name.startswith("_") and getattr(value, "__module__", "") == __name__
)  # fmt: skip
