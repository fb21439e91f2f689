"""Joining, splitting and repeating tensors."""

from __future__ import annotations

import numbers
from typing import Any

import numpy as np

from thalweg.engine.core import convert, dtypes, errors
from thalweg.engine.core.context import local
from thalweg.engine.core.dispatch import dispatchable
from thalweg.engine.core.dtypes import DType
from thalweg.engine.core.registry import HOST, INDEX, NUMERIC, REGISTRY, Sample, op
from thalweg.engine.core.shape import UNKNOWN, Dimension, TensorShape
from thalweg.engine.core.tensor import EagerTensor, Tensor, static_shape
from thalweg.engine.ops.families import tell_tapes
from thalweg.engine.ops.indexing import scatter_add
from thalweg.engine.ops.reduce import sum_op
from thalweg.engine.ops.shaping import identity, ints, one_axis, reshape_op, shape_op, static_axis, static_ints, wrong
from thalweg.engine.ops.static import known, shape_of

# -- concat ------------------------------------------------------------------------------------------------


def _concat_shape(*shapes_and_axis: Any) -> TensorShape:
    *shapes, axis = shapes_and_axis
    axis = static_axis(axis)
    rank = next((s.rank for s in shapes if s.rank is not None), None)
    if rank is None:
        return UNKNOWN
    for i, s in enumerate(shapes):
        if s.rank not in (None, rank):
            raise ValueError(f"Ranks of all input tensors should match: shape[0] = {shapes[0]} vs. shape[{i}] = {s}")
    if not rank:
        raise ValueError("Can't concatenate scalars (use tf.stack instead)")
    if axis is None:
        return TensorShape([None] * rank)
    if not -rank <= axis < rank:
        raise ValueError(f"Expected concatenating dimensions in the range [{-rank}, {rank}), but got {axis}")
    axis %= rank
    merged: list[int | None] = [None] * rank
    total: int | None = 0
    for s in shapes:
        dims = s.as_list() if s.rank is not None else [None] * rank
        total = None if total is None or dims[axis] is None else total + dims[axis]
        for i, d in enumerate(dims):
            if i != axis and d is not None:
                if merged[i] not in (None, d):
                    listed = " vs. ".join(str(t) for t in shapes)
                    raise ValueError(f"Dimension {i} must be equal: shapes must match except along axis {axis}: {listed}")
                merged[i] = d
    merged[axis] = total
    return TensorShape(merged)


def _concat_vjp(y: Any, g: Any, *inputs: Any) -> Any:
    *parts, axis = inputs
    at = known(axis)
    sizes = [p.shape.as_list()[static_axis(at)] if p.shape.rank is not None and at is not None else None for p in parts]
    if None not in sizes:
        split: Any = np.array(sizes, np.int64)
    else:
        split = REGISTRY["Pack"](*(shape_op(p)[static_axis(at) if at is not None else axis] for p in parts))
    return (*split_v(g, split, axis, num_split=len(parts)), None)


@op("ConcatV2", types=("T*", HOST), shape=_concat_shape, vjp=_concat_vjp,
    samples=[Sample((2, 3), (4, 3), 0), Sample((2, 3), (2, 0), (2, 1), -1), Sample((2, 3), 1)])
def concat_v2(xp: Any, *values: Any) -> Any:
    axes = ints(values[-1], "axis")
    return xp.concatenate(values[:-1], axis=axes[0])


def _concat_now(values: Any, axis: int) -> Any:
    """The concatenation of eager tensors without the way through the op's call; None where the op must say what is wrong."""
    arrays = [v._array for v in values]
    dtype = arrays[0].dtype
    if any(a.dtype is not dtype for a in arrays):
        return None
    try:
        y = EagerTensor(np.concatenate(arrays, axis))
    except ValueError:
        return None
    if local.tapes or local.forward:
        tell_tapes(concat_v2, (*values, np.array(axis)), {}, y)
    return y


@dispatchable
def concat(values: Any, axis: Any, name: str | None = "concat") -> Any:
    """Tensors put end to end along an existing axis.

    Raises InvalidArgumentError when their shapes differ elsewhere; ValueError while a graph is built.

    >>> tf.concat([[[1, 2]], [[3, 4]]], axis=0).numpy()
    array([[1, 2],
           [3, 4]], dtype=int32)
    """
    if not isinstance(values, (list, tuple)):
        values = [values]
    if len(values) == 1:
        convert.convert_to_tensor(axis, dtype=dtypes.int32).shape.assert_has_rank(0)
        return identity(values[0], name=name)
    if not values:
        raise wrong("tf.concat needs at least one tensor", "ConcatV2")
    if local.graph is None and type(axis) is int and all(type(v) is EagerTensor for v in values):
        y = _concat_now(values, axis)
        if y is not None:
            return y
    return concat_v2(*values, axis, name=name)


# -- stack and unstack -------------------------------------------------------------------------------------


def _pack_shape(*shapes: TensorShape, axis: int) -> TensorShape:
    merged = UNKNOWN
    for i, s in enumerate(shapes):
        if not merged.is_compatible_with(s):
            raise ValueError(f"Shapes of all inputs must match: values[0].shape = {shapes[0]} != values[{i}].shape = {s}")
        merged = merged.merge_with(s)
    if merged.rank is None:
        return UNKNOWN
    sizes = merged.as_list()
    if not -len(sizes) - 1 <= axis <= len(sizes):
        raise ValueError(f"axis = {axis} not in [{-len(sizes) - 1}, {len(sizes) + 1})")
    sizes.insert(axis % (len(sizes) + 1), len(shapes))
    return TensorShape(sizes)


def _pack_vjp(y: Any, g: Any, *values: Any, axis: int) -> Any:
    return unpack(g, num=len(values), axis=axis)


@op("Pack", types=("T*",), shape=_pack_shape, vjp=_pack_vjp,
    samples=[Sample((2, 3), (2, 3)), Sample((2, 3), (2, 3), axis=-1), Sample((), (), ()), Sample((2, 3), axis=1)])
def pack(xp: Any, *values: Any, axis: int = 0) -> Any:
    return xp.stack(values, axis=axis)


def _unpack_shape(x: TensorShape, *, num: int, axis: int) -> tuple[TensorShape, ...]:
    if x.rank is None:
        return (UNKNOWN,) * num
    if not -x.rank <= axis < x.rank:
        raise ValueError(f"axis = {axis} not in [{-x.rank}, {x.rank})")
    sizes = x.as_list()
    length = sizes.pop(axis % x.rank)
    if length not in (None, num):
        raise ValueError(f"Input shape axis {axis} must equal {num}, got shape {x.as_list()}")
    return (TensorShape(sizes),) * num


def _num_outputs(groups: dict[str, DType], attrs: dict[str, Any]) -> tuple[DType, ...]:
    return (groups["T"],) * (attrs["num"] if "num" in attrs else attrs["num_split"])


@op("Unpack", out=_num_outputs, many_outputs=True, shape=_unpack_shape,
    vjp=lambda y, g, x, num, axis: pack(*g, axis=axis) if num else None,
    samples=[Sample((2, 3), num=2), Sample((2, 3), num=3, axis=-1), Sample((0, 3), num=0)])
def unpack(xp: Any, value: Any, *, num: int, axis: int = 0) -> Any:
    at = one_axis(axis, value.ndim)
    if value.shape[at] != num:
        raise ValueError("num")  # the shape rule says it
    moved = xp.moveaxis(value, at, 0)
    return tuple(moved[i, ...] for i in range(num))


@dispatchable
def stack(values: Any, axis: int = 0, name: str | None = "stack") -> Any:
    """Tensors of one shape side by side along a new axis.

    Raises ValueError for an axis that the result does not have, InvalidArgumentError when shapes differ.

    >>> tf.stack([[1, 2], [3, 4]], axis=1).numpy()
    array([[1, 3],
           [2, 4]], dtype=int32)
    """
    if axis == 0 and not (isinstance(values, (list, tuple)) and values and all(type(v) is EagerTensor for v in values)):
        try:
            return convert.convert_to_tensor(values, name=name)
        except (TypeError, ValueError, NotImplementedError):
            pass  # values that are only tensors one by one
    if not isinstance(values, (list, tuple)):
        values = unstack(values)
    rank = convert.convert_to_tensor(values[0]).shape.rank
    if rank is not None and not -rank - 1 <= axis <= rank:
        raise ValueError(f"Argument `axis` = {axis} not in range [{-rank - 1}, {rank + 1})")
    return pack(*values, axis=axis, name=name)


def unstack(value: Any, num: int | None = None, axis: int = 0, name: str | None = "unstack") -> list[Any]:
    """The slices of a tensor along an axis, as a list.

    Raises ValueError when their number is not known while a graph is built (give `num`).

    >>> [t.numpy().tolist() for t in tf.unstack([[1, 2], [3, 4]], axis=1)]
    [[1, 3], [2, 4]]
    """
    value = convert.convert_to_tensor(value)
    if num is None:
        dims = value.shape
        if dims.rank is not None:
            if not -dims.rank <= axis < dims.rank:
                raise ValueError(f"Argument `axis` = {axis} not in range [{-dims.rank}, {dims.rank})")
            num = dims.as_list()[axis]
        if num is None:
            raise ValueError(f"Cannot infer argument `num` from shape {dims}")
    return list(unpack(value, num=int(num), axis=axis, name=name))


def parallel_stack(values: Any, name: str | None = "parallel_stack") -> Any:
    """Tensors of one fully known shape side by side along a new first axis.

    >>> tf.parallel_stack([[1, 2], [3, 4]]).numpy()
    array([[1, 2],
           [3, 4]], dtype=int32)
    """
    for v in values:
        convert.convert_to_tensor(v).shape.assert_is_fully_defined()
    return pack(*values, name=name)


def pack_sequence(value: Any, dtype: DType | None, name: str | None) -> Any:
    """A nested list that holds tensors, as one tensor: what converting it gives."""
    if dtype is None:
        dtype = _first_dtype(value)
    parts = []
    for i, v in enumerate(value):
        if isinstance(v, (list, tuple)) and _first_dtype(v) is not None:
            v = pack_sequence(v, dtype, f"{name or 'packed'}/{i}")
        elif not isinstance(v, Tensor):
            wanted = None if convert.is_convertible_object(v) else dtype
            v = convert.convert_to_tensor(v, dtype=wanted, name=f"{name or 'packed'}/{i}")
        if dtype is not None and v.dtype.base_dtype is not dtype:
            v = REGISTRY["Cast"](v, DstT=dtype)
        parts.append(v)
    return pack(*parts, name=name or "packed")


def _first_dtype(value: Any) -> DType | None:
    for v in value:
        if isinstance(v, (list, tuple)):
            found = _first_dtype(v)
        else:
            found = getattr(v, "dtype", None)
            found = found.base_dtype if isinstance(found, DType) else None
        if found is not None:
            return found
    return None


convert.pack_sequence = pack_sequence

# -- split -------------------------------------------------------------------------------------------------


def _split_shape(axis: Any, x: TensorShape, *, num_split: int) -> tuple[TensorShape, ...]:
    axis = static_axis(axis)
    if x.rank is None:
        return (UNKNOWN,) * num_split
    if axis is None:
        return (TensorShape([None] * x.rank),) * num_split
    if not -x.rank <= axis < x.rank:
        raise ValueError(f"-input rank(-{x.rank}) <= split_dim < input rank ({x.rank}), but got {axis}")
    sizes = x.as_list()
    length = sizes[axis]
    if num_split < 1 or (length is not None and length % num_split):
        raise ValueError(f"The parts must be equal: {num_split} parts of axis {axis}, of size {length}, are not")
    sizes[axis] = None if length is None else length // num_split
    return (TensorShape(sizes),) * num_split


@op("Split", types=(HOST, "T"), out=_num_outputs, many_outputs=True, shape=_split_shape,
    vjp=lambda y, g, axis, value, num_split: (None, lambda: concat_v2(*g, axis)),
    samples=[Sample(1, (2, 6), num_split=3), Sample(-2, (4, 0), num_split=2)])
def split_op(xp: Any, axis: Any, value: Any, *, num_split: int) -> Any:
    return tuple(xp.split(value, num_split, axis=ints(axis, "axis")[0]))


def _split_v_sizes(length: int | None, sizes: list[int | None]) -> list[int | None]:
    """Sizes with -1 worked out. Raises ValueError when they do not fill the dimension."""
    if sizes.count(-1) > 1:
        raise ValueError("There can only be one -1 in the input.")
    if any(s is not None and s < -1 for s in sizes):
        raise ValueError(f"Split size at index {[s is not None and s < -1 for s in sizes].index(True)} must be >= 0: {sizes}")
    if None in sizes or (length is None and -1 in sizes):
        return [None if s == -1 else s for s in sizes]
    given = sum(s for s in sizes if s is not None and s >= 0)
    if length is not None and (given != length if -1 not in sizes else given > length):
        raise ValueError(f"The sizes {sizes} must fill the axis that is split, of size {length}")
    return [length - given if s == -1 else s for s in sizes]  # type: ignore[operator]


def _split_v_shape(x: TensorShape, size_splits: Any, axis: Any, *, num_split: int) -> tuple[TensorShape, ...]:
    axis, sizes = static_axis(axis), static_ints(size_splits, "sizes")
    if x.rank is None:
        return (UNKNOWN,) * num_split
    if axis is None:
        return (TensorShape([None] * x.rank),) * num_split
    at = one_axis(axis, x.rank)
    dims = x.as_list()
    if sizes is not None and len(sizes) != num_split:
        raise ValueError(f"There must be a size for each of {num_split} parts, not {len(sizes)}")
    lengths = _split_v_sizes(dims[at], [None] * num_split if sizes is None else sizes)
    return tuple(TensorShape([*dims[:at], n, *dims[at + 1 :]]) for n in lengths)


@op("SplitV", types=("T", HOST, HOST), out=_num_outputs, many_outputs=True, shape=_split_v_shape,
    vjp=lambda y, g, value, size_splits, axis, num_split: (lambda: concat_v2(*g, axis), None, None),
    samples=[Sample((4, 6), [1, -1, 2], 1, num_split=3), Sample((4, 2), [0, 4], 0, num_split=2)])
def split_v(xp: Any, value: Any, size_splits: Any, axis: Any, *, num_split: int) -> Any:
    at = one_axis(ints(axis, "axis")[0], value.ndim)
    lengths = ints(size_splits, "sizes", (1,))
    if len(lengths) != num_split:
        raise errors.invalid(f"There must be a size for each of {num_split} parts, not {len(lengths)}")
    sizes = _split_v_sizes(value.shape[at], list(lengths))
    ends = np.cumsum(sizes).tolist()  # type: ignore[arg-type]
    before = (slice(None),) * at
    return tuple(value[(*before, slice(e - s, e), ...)] for s, e in zip(sizes, ends))  # type: ignore[operator]


def split(value: Any, num_or_size_splits: Any, axis: Any = 0, num: int | None = None, name: str | None = "split") -> list[Any]:
    """A tensor cut along an axis: into equal parts (an int), or parts of the given sizes (one may be -1).

    Raises InvalidArgumentError when the parts do not fill the axis.

    >>> [t.numpy().tolist() for t in tf.split([1, 2, 3, 4], [1, 3])]
    [[1], [2, 3, 4]]
    """
    if isinstance(num_or_size_splits, (numbers.Integral, Dimension)):
        return list(split_op(axis, value, num_split=int(num_or_size_splits), name=name))
    sizes = convert.convert_to_tensor(num_or_size_splits, dtype_hint=dtypes.int32)
    if sizes.shape.rank == 0:
        raise ValueError(f"Rank-0 tensors are not supported as the num_or_size_splits argument to split: {num_or_size_splits}")
    if num is None and sizes.shape.rank:
        num = sizes.shape.as_list()[0]
    if num is None:
        raise ValueError(f"Cannot infer argument `num` from shape {num_or_size_splits}")
    return list(split_v(value, sizes, axis, num_split=num, name=name))


# -- tile and repeat ---------------------------------------------------------------------------------------


def _tile_shape(x: TensorShape, multiples: Any) -> TensorShape:
    counts = static_ints(multiples, "multiples", only_vector=True)
    if counts is None:
        return UNKNOWN if x.rank is None else TensorShape([None] * x.rank)
    if x.rank is None:
        return TensorShape([0 if m == 0 else None for m in counts])
    if len(counts) != x.rank:
        raise ValueError(f"Expected multiples argument to be a vector of length {x.rank} but got length {len(counts)}")
    if any(m is not None and m < 0 for m in counts):
        raise ValueError(f"Expected multiples[{[m is not None and m < 0 for m in counts].index(True)}] >= 0, but got {counts}")
    return TensorShape([_product(m, d) for m, d in zip(counts, x.as_list())])


def _product(a: int | None, b: int | None) -> int | None:
    """Of two sizes that may be unknown."""
    if a == 0 or b == 0:
        return 0
    return None if a is None or b is None else a * b


@op("Tile", types=("T", HOST), shape=_tile_shape,
    samples=[Sample((2, 3), [2, 1]), Sample((), np.zeros(0, np.int32)), Sample((2,), [0])])
def tile(xp: Any, input: Any, multiples: Any) -> Any:
    """A tensor repeated `multiples[i]` times along each dimension.

    >>> tf.tile([1, 2], [2]).numpy()
    array([1, 2, 1, 2], dtype=int32)
    """
    counts = ints(multiples, "multiples", (1,))
    if len(counts) != input.ndim or any(m < 0 for m in counts):
        raise ValueError("multiples")  # the shape rule says it
    return xp.tile(input, counts)


@tile.vjp
def _(y: Any, g: Any, x: Any, multiples: Any) -> Any:
    def dx() -> Any:
        counts, dims = known(multiples), static_shape(x)
        if counts is not None and dims.is_fully_defined():
            blocks: Any = [v for pair in zip(counts, dims.as_list()) for v in pair]
            axes: Any = np.arange(0, len(blocks), 2)
        else:
            sizes = REGISTRY["Cast"](multiples, DstT=dtypes.int32)
            blocks = reshape_op(pack(sizes, shape_op(x), axis=1), [-1])
            axes = REGISTRY["Range"](0, REGISTRY["Size"](blocks), 2, Tidx=dtypes.int32)
        return sum_op(reshape_op(g, blocks), axes)

    return dx, None


def repeat(input: Any, repeats: Any, axis: int | None = None, name: str | None = None) -> Any:
    """Each element (slice along `axis`) repeated; without an axis those of the flattened input.

    repeats: one number for all, or one for each.
    Raises InvalidArgumentError when their number does not fit.

    >>> tf.repeat([[1, 2], [3, 4]], [1, 2], axis=0).numpy()
    array([[1, 2],
           [3, 4],
           [3, 4]], dtype=int32)
    """
    x = convert.convert_to_tensor(input)
    if axis is None:
        x, axis = reshape_op(x, [-1]), 0
    if not isinstance(axis, int):
        raise TypeError(f"Argument `axis` must be an int. Received `axis` = {axis} of type {type(axis).__name__}")
    counts = convert.convert_to_tensor(repeats, dtype_hint=dtypes.int32)
    if not counts.dtype.is_integer:
        raise TypeError(f"Argument `repeats` must be of type integer, not {counts.dtype.name}.")
    if counts.dtype not in INDEX:
        counts = REGISTRY["Cast"](counts, DstT=dtypes.int32)
    counts.shape.with_rank_at_most(1)
    if x.shape.rank == 0:
        x = reshape_op(x, [1])
    rank = x.shape.rank
    if rank is not None:
        at = axis + rank if axis < 0 else axis
        if not 0 <= at < rank:
            raise ValueError(f"axis={axis} out of bounds: expected {-rank}<=axis<{rank}")
    elif axis < 0:
        raise ValueError(f"axis={axis} may only be negative if rank(data) is statically known.")
    else:
        at = axis
    if rank is not None and counts.shape.rank == 1 and counts.shape.as_list()[0] != 1:
        Dimension(x.shape.as_list()[at]).merge_with(counts.shape.as_list()[0])
    return repeat_op(x, counts, axis=at, name=name or "Repeat")


def _repeat_shape(x: TensorShape, repeats: Any, *, axis: int) -> TensorShape:
    if x.rank is None:
        return UNKNOWN
    dims, counts = x.as_list(), static_ints(repeats, "repeats")
    total = None
    if counts is not None and None not in counts:
        if len(counts) == 1:
            if counts[0] < 0:  # type: ignore[operator]
                raise ValueError(f"repeats must not be negative: {counts[0]}")
            total = _product(dims[axis], counts[0])
        else:
            total = sum(max(c, 0) for c in counts)  # type: ignore[type-var, misc]
    return TensorShape([*dims[:axis], total, *dims[axis + 1 :]])


@op("Repeat", types=("T", HOST), shape=_repeat_shape, samples=[Sample((2, 3), [1, 0, 2], axis=1), Sample((2, 3), 2, axis=0)])
def repeat_op(xp: Any, input: Any, repeats: Any, *, axis: int) -> Any:
    counts = _counts(repeats, input.shape[axis])
    return input[(*(slice(None),) * axis, np.repeat(np.arange(len(counts)), counts))]


def _counts(repeats: np.ndarray, n: int) -> np.ndarray:
    """How often each of `n` elements is repeated; one of several numbers that is negative counts as 0, as in TensorFlow."""
    if repeats.size == 1 and repeats.ravel()[0] < 0:
        raise ValueError("repeats")  # the shape rule says it
    return np.maximum(np.broadcast_to(repeats.ravel(), (n,)), 0)


@repeat_op.vjp
def _(y: Any, g: Any, x: Any, repeats: Any, *, axis: int) -> Any:
    return lambda: repeat_grad(shape_of(x), repeats, g, axis=axis), None


@op("RepeatGrad", types=(HOST, HOST, "T"), dtypes=NUMERIC, shape=lambda s, r, g, axis: UNKNOWN if s is None else TensorShape(s),
    vjp=lambda y, g, shape, repeats, dy, axis: (None, None, lambda: repeat_op(g, repeats, axis=axis)),
    samples=[Sample([2, 3], [1, 0, 2], (2, 3), axis=1)])
def repeat_grad(xp: Any, shape: Any, repeats: Any, dy: Any, *, axis: int) -> Any:
    """The sum of `dy` over the copies of each slice."""
    dims = ints(shape)
    front = [dims[axis], *dims[:axis], *dims[axis + 1 :]]
    counts = _counts(repeats, dims[axis])
    sums = scatter_add(xp, xp.zeros(front, dy.dtype), (np.repeat(np.arange(dims[axis]), counts),), xp.moveaxis(dy, axis, 0))
    return xp.moveaxis(sums, 0, axis)
