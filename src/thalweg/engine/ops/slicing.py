"""Slices: `x[...]` as TensorFlow reads it, `tf.strided_slice`, `tf.slice`, and their gradients.

A slice is three vectors (begin, end, strides) and five bit masks, one bit for each item between the brackets. Begin and
end count as Python's slices do, so kernels index with Python slices made from them.
"""

from __future__ import annotations

import numbers
from typing import Any

import numpy as np

from thalweg.engine.core import convert, dtypes, errors
from thalweg.engine.core.context import local
from thalweg.engine.core.registry import HOST, REGISTRY, Sample, op
from thalweg.engine.core.shape import UNKNOWN, Dimension, TensorShape
from thalweg.engine.core.tensor import EagerTensor, SymbolicTensor, Tensor
from thalweg.engine.ops.families import tell_tapes
from thalweg.engine.ops.indexing import boolean_mask
from thalweg.engine.ops.shaping import cast, ints, static_ints
from thalweg.engine.ops.static import known, shape_of

newaxis = None

_MASKS = ("begin_mask", "end_mask", "ellipsis_mask", "new_axis_mask", "shrink_axis_mask")
_INDEX = (dtypes.int16, dtypes.int32, dtypes.int64)
_INDEX_NUMBERS = frozenset(d.np_dtype.num for d in _INDEX)
_NOT_AN_INDEX = (
    "Only integers, slices (`:`), ellipsis (`...`), tf.newaxis (`None`) and scalar tf.int32/tf.int64 tensors are valid indices"
)
_ndarray = np.ndarray


# -- from vectors and masks to Python slices ---------------------------------------------------------------


def _items(vectors: list[Any], masks: dict[str, Any]) -> list[Any]:
    """What stands between the brackets: slices, ints, None (a new axis) and one Ellipsis. Unknown numbers are `_Unknown`."""
    found: list[Any] = []
    for i, (b, e, s) in enumerate(zip(*vectors)):
        bit = 1 << i
        if masks["ellipsis_mask"] & bit:
            if Ellipsis in found:
                raise ValueError("Multiple ellipses in slice spec not allowed")
            found.append(Ellipsis)
        elif masks["new_axis_mask"] & bit:
            found.append(None)
        elif s == 0:
            raise ValueError(f"strides[{i}] must be non-zero")
        elif masks["shrink_axis_mask"] & bit:
            if s is not None and s < 0:
                raise ValueError("only stride 1 allowed on non-range indexing.")
            found.append(_Unknown if b is None else b)
        else:
            b = None if masks["begin_mask"] & bit else (_Unknown if b is None else b)
            e = None if masks["end_mask"] & bit else (_Unknown if e is None else e)
            found.append(slice(b, e, _Unknown if s is None else s))
    return found if Ellipsis in found else [*found, Ellipsis]


class _Unknown:
    """Stands in a static slice for a number that is known only when the graph runs."""


def _key(begin: Any, end: Any, strides: Any, masks: dict[str, Any]) -> tuple[Any, ...]:
    vectors = [ints(v, what, (1,)) for v, what in ((begin, "begin"), (end, "end"), (strides, "strides"))]
    if len({len(v) for v in vectors}) > 1:
        raise errors.invalid(f"begin, end and strides must be vectors of one length, not of {[len(v) for v in vectors]}")
    return tuple(_items(vectors, masks))


def _walk(items: list[Any], dims: tuple[int | None, ...]) -> list[tuple[Any, int | None]]:
    """Each item with the size of the dimension it takes from (a new axis: None); the ellipsis as full slices."""
    taken = sum(1 for i in items if i is not None and i is not Ellipsis)
    if taken > len(dims):
        raise ValueError(f"Index out of range using input dim {len(dims)}; input has only {len(dims)} dims")
    pairs: list[tuple[Any, int | None]] = []
    at = 0
    for item in items:
        if item is None:
            pairs.append((None, None))
            continue
        repeat = len(dims) - taken if item is Ellipsis else 1
        for _ in range(repeat):
            pairs.append((slice(None, None, 1) if item is Ellipsis else item, dims[at]))
            at += 1
    return pairs


def _sliced_shape(x: TensorShape, begin: Any, end: Any, strides: Any, **masks: Any) -> TensorShape:
    if x._dims is None or any(v is None for v in (begin, end, strides)):
        return UNKNOWN
    vectors = [static_ints(v, what, only_vector=True) for v, what in ((begin, "begin"), (end, "end"), (strides, "strides"))]
    if len({len(v or ()) for v in vectors}) > 1:
        raise ValueError(f"begin, end and strides must be vectors of one length, not of {[len(v or ()) for v in vectors]}")
    items = _items(vectors, masks)
    sizes: list[int | None] = []
    for i, (item, dim) in enumerate(_walk(items, x._dims)):
        if item is None:
            sizes.append(1)
        elif isinstance(item, slice):
            sizes.append(_length(item, dim))
        elif dim is not None and item is not _Unknown and not -dim <= item < dim:
            raise ValueError(f"slice index {item} of dimension {i} out of bounds.")
    return TensorShape(sizes)


def _length(item: slice, dim: int | None) -> int | None:
    if _Unknown in (item.start, item.stop, item.step):
        return None
    if dim is None:
        return 0 if item.start == item.stop == 0 and item.step > 0 else None
    return len(range(*item.indices(dim)))


# -- StridedSlice ------------------------------------------------------------------------------------------


def _strided_slice_vjp(y: Any, g: Any, x: Any, begin: Any, end: Any, strides: Any, **masks: Any) -> Any:
    return lambda: strided_slice_grad(shape_of(x), begin, end, strides, g, **masks), None, None, None


@op(
    "StridedSlice", types=("T", HOST, HOST, HOST), shape=_sliced_shape, vjp=_strided_slice_vjp,
    samples=[
        Sample((4, 5), [1, 0], [4, 5], [2, 1]), Sample((4, 5), [0, 0], [0, -9], [1, -2], begin_mask=1, end_mask=1),
        Sample((2, 3, 4), [1, 0, 2], [0, 0, 3], [1, 1, 1], ellipsis_mask=2, shrink_axis_mask=5),
        Sample((2, 0), [0, 0], [0, 2], [1, 1], new_axis_mask=1),
    ],
)  # fmt: skip
def strided_slice_op(
    xp: Any, input: Any, begin: Any, end: Any, strides: Any, *, begin_mask: int = 0, end_mask: int = 0, ellipsis_mask: int = 0,
    new_axis_mask: int = 0, shrink_axis_mask: int = 0,
) -> Any:  # fmt: skip
    masks = dict(zip(_MASKS, (begin_mask, end_mask, ellipsis_mask, new_axis_mask, shrink_axis_mask)))
    return input[_key(begin, end, strides, masks)]


def _moving_items(begin: Any, strides: Any, masks: dict[str, int], rank: int) -> list[Any] | None:
    """For each dimension: a whole one, a new one (None), or an index that is known only on the device. None: something else."""
    if not isinstance(strides, np.ndarray):
        return None
    items: list[Any] = []
    count = len(strides)
    for k in range(count):
        bit = 1 << k
        if masks["ellipsis_mask"] & bit:
            new = sum(bool(masks["new_axis_mask"] & 1 << j) for j in range(count) if j != k)
            items += [slice(None)] * (rank - (count - 1 - new))
        elif masks["new_axis_mask"] & bit:
            items.append(None)
        elif masks["shrink_axis_mask"] & bit:
            items.append(begin[k])
        elif masks["begin_mask"] & bit and masks["end_mask"] & bit and strides[k] == 1:
            items.append(slice(None))
        else:
            return None
    taken = sum(i is not None for i in items)
    return [*items, *[slice(None)] * (rank - taken)]


@strided_slice_op.moving
def _(xp: Any, input: Any, begin: Any, end: Any, strides: Any, **masks: int) -> Any:
    import jax

    items = _moving_items(begin, strides, masks, input.ndim)
    if items is None:
        return NotImplemented
    y, axis = input, 0
    for item in items:
        if item is None:
            y = xp.expand_dims(y, axis)
        elif not isinstance(item, slice):
            y = jax.lax.dynamic_index_in_dim(y, item, axis, keepdims=False)  # a negative one counts from the end
            continue
        axis += 1
    return y


def strided_slice(
    input_: Any, begin: Any, end: Any, strides: Any = None, begin_mask: int = 0, end_mask: int = 0, ellipsis_mask: int = 0,
    new_axis_mask: int = 0, shrink_axis_mask: int = 0, var: Any = None, name: str | None = None,
) -> Any:  # fmt: skip
    """`input_[begin[0]:end[0]:strides[0], ...]`, with a bit of a mask set for each item that is written otherwise.

    Raises InvalidArgumentError for a stride of 0, too many items, or an index out of bounds.

    >>> tf.strided_slice([1, 2, 3, 4], [0], [4], [2]).numpy()
    array([1, 3], dtype=int32)
    """
    begin = convert.convert_to_tensor(begin, dtype_hint=dtypes.int32)
    if strides is None:
        strides = np.ones(begin.shape.as_list(), np.int32)
    masks = (begin_mask, end_mask, ellipsis_mask, new_axis_mask, shrink_axis_mask)
    y = strided_slice_op(input_, begin, end, strides, **dict(zip(_MASKS, masks)), name=name)
    return y if var is None else _assignable(y, var, [begin, end, strides], dict(zip(_MASKS, masks)))


def _grad_shape(shape: Any, begin: Any, end: Any, strides: Any, dy: TensorShape, **masks: Any) -> TensorShape:
    return UNKNOWN if shape is None else TensorShape(shape)


def _strided_slice_grad_vjp(y: Any, g: Any, shape: Any, begin: Any, end: Any, strides: Any, dy: Any, **masks: Any) -> Any:
    return None, None, None, None, lambda: strided_slice_op(g, begin, end, strides, **masks)


@op("StridedSliceGrad", types=(HOST, HOST, HOST, HOST, "T"), shape=_grad_shape, vjp=_strided_slice_grad_vjp,
    samples=[
        Sample([4, 5], [1, 4], [3, 0], [1, -2], (2, 2)),
        Sample([4, 5], [1, 0], [2, 0], [1, 1], (5,), end_mask=2, shrink_axis_mask=1),
    ])
def strided_slice_grad(
    xp: Any, shape: Any, begin: Any, end: Any, strides: Any, dy: Any, *, begin_mask: int = 0, end_mask: int = 0,
    ellipsis_mask: int = 0, new_axis_mask: int = 0, shrink_axis_mask: int = 0,
) -> Any:  # fmt: skip
    """Zeros of `shape` with `dy` where the slice was taken."""
    masks = dict(zip(_MASKS, (begin_mask, end_mask, ellipsis_mask, new_axis_mask, shrink_axis_mask)))
    dx = np.zeros(ints(shape), dy.dtype)
    dx[_key(begin, end, strides, masks)] = dy
    return dx


@strided_slice_grad.moving
def _(xp: Any, shape: Any, begin: Any, end: Any, strides: Any, dy: Any, **masks: int) -> Any:
    import jax

    if not isinstance(shape, np.ndarray):
        return NotImplemented
    dims = ints(shape)
    items = _moving_items(begin, strides, masks, len(dims))
    if items is None:
        return NotImplemented
    kept = [i for i in items if i is not None]
    starts = [0 if isinstance(i, slice) else xp.where(i < 0, i + n, i) for i, n in zip(kept, dims)]
    part = xp.reshape(dy, [n if isinstance(i, slice) else 1 for i, n in zip(kept, dims)])
    return jax.lax.dynamic_update_slice(xp.zeros(dims, dy.dtype), part, [xp.asarray(s, np.int64) for s in starts])


@strided_slice_grad.xla
def _(xp: Any, shape: Any, begin: Any, end: Any, strides: Any, dy: Any, **masks: Any) -> Any:
    # A pad: XLA fuses it, where the scatter that an indexed update becomes is a loop.
    import jax

    dims = ints(shape)
    sizes: list[int] = []
    config: list[Any] = []
    reversed_axes = []
    for item, size in _walk(list(_key(begin, end, strides, masks)), dims):
        if item is None:
            continue
        dim = int(size or 0)
        taken = range(*item.indices(dim)) if isinstance(item, slice) else range(item % dim, item % dim + 1)
        if taken.step < 0:
            reversed_axes.append(len(sizes))
            taken = taken[::-1]
        sizes.append(len(taken))
        config.append((taken[0], dim - 1 - taken[-1], taken.step - 1) if taken else (0, dim, 0))
    g = xp.reshape(dy, sizes)
    return jax.lax.pad(xp.flip(g, reversed_axes) if reversed_axes else g, xp.zeros((), dy.dtype), config)


def _update_vjp(y: Any, g: Any, x: Any, begin: Any, end: Any, strides: Any, value: Any, **masks: Any) -> Any:
    return (
        lambda: tensor_strided_slice_update(g, begin, end, strides, REGISTRY["ZerosLike"](value), **masks), None, None, None,
        lambda: strided_slice_op(g, begin, end, strides, **masks),
    )  # fmt: skip


@op("TensorStridedSliceUpdate", types=("T", HOST, HOST, HOST, "T"), shape=lambda x, *_, **__: x, vjp=_update_vjp,
    samples=[Sample((4, 5), [1, 0], [3, 5], [1, 2], (2, 3))])
def tensor_strided_slice_update(
    xp: Any, input: Any, begin: Any, end: Any, strides: Any, value: Any, *, begin_mask: int = 0, end_mask: int = 0,
    ellipsis_mask: int = 0, new_axis_mask: int = 0, shrink_axis_mask: int = 0,
) -> Any:  # fmt: skip
    """`input` with `value`, shaped as the slice, put in place of a slice."""
    masks = dict(zip(_MASKS, (begin_mask, end_mask, ellipsis_mask, new_axis_mask, shrink_axis_mask)))
    key = _key(begin, end, strides, masks)
    if xp is not np:
        return xp.asarray(input).at[key].set(value)
    y = np.array(input)
    if y[key].shape != value.shape and value.size != 1:
        raise errors.invalid(f"The slice has the shape {list(y[key].shape)}, the value assigned {list(value.shape)}")
    y[key] = value
    return y


# -- Slice -------------------------------------------------------------------------------------------------


def _slice_sizes(dims: Any, begin: Any, size: Any) -> list[int | None]:
    """Sizes of the slice. Raises ValueError where it leaves the tensor."""
    if len(begin) != len(dims) or len(size) != len(dims):
        raise ValueError(f"Expected begin and size to have {len(dims)} elements each, but they have {len(begin)} and {len(size)}")
    sizes: list[int | None] = []
    for i, (dim, b, s) in enumerate(zip(dims, begin, size)):
        if b is not None and (b < 0 or (dim is not None and b > dim)):
            raise ValueError(f"Expected begin[{i}] in [0, {dim}], but got {b}")
        if s == -1:
            s = None if dim is None or b is None else dim - b
        elif s is not None and (s < 0 or (dim is not None and (b or 0) + s > dim)):
            raise ValueError(f"Expected size[{i}] in [0, {'?' if dim is None else dim - (b or 0)}], but got {s}")
        sizes.append(s)
    return sizes


def _slice_shape(x: TensorShape, begin: Any, size: Any) -> TensorShape:
    begin, size = static_ints(begin, "begin", only_vector=True), static_ints(size, "size", only_vector=True)
    rank = next((len(v) for v in (x._dims, begin, size) if v is not None), None)
    if rank is None:
        return UNKNOWN
    unknown = [None] * rank
    return TensorShape(_slice_sizes(x._dims or unknown if rank else (), begin or unknown, size or unknown))


def _slice_vjp(y: Any, g: Any, x: Any, begin: Any, size: Any) -> Any:
    starts, before, taken = known(begin), x.shape, y.shape
    if starts is not None and before.is_fully_defined() and taken.is_fully_defined():
        after = [n - b - t for n, b, t in zip(before.as_list(), starts, taken.as_list())]
        return lambda: REGISTRY["Pad"](g, np.array([starts, after], np.int64).T.reshape(-1, 2)), None, None

    def padded() -> Any:
        first = cast(begin, dtypes.int32)
        last = REGISTRY["Shape"](x) - REGISTRY["Shape"](y) - first
        return REGISTRY["Pad"](g, REGISTRY["Pack"](first, last, axis=1))

    return padded, None, None


@op("Slice", types=("T", HOST, HOST), shape=_slice_shape, vjp=_slice_vjp,
    samples=[
        Sample((4, 5), [1, 0], [2, -1]), Sample((0, 3), [0, 1], [0, 2]),
        Sample((), np.zeros(0, np.int32), np.zeros(0, np.int32)),
    ])
def slice_op(xp: Any, input: Any, begin: Any, size: Any) -> Any:
    starts = ints(begin, "begin", (1,))
    sizes = _slice_sizes(input.shape, starts, ints(size, "size", (1,)))
    return input[(*(slice(b, b + s) for b, s in zip(starts, sizes)), ...)]  # type: ignore[operator]


def slice_(input_: Any, begin: Any, size: Any, name: str | None = None) -> Any:
    """The block of `size` (-1: all that is left) that starts at `begin`.

    Raises InvalidArgumentError where the block leaves the tensor.

    >>> tf.slice([[1, 2, 3], [4, 5, 6]], [0, 1], [-1, 2]).numpy()
    array([[2, 3],
           [5, 6]], dtype=int32)
    """
    return slice_op(input_, begin, size, name=name)


# -- x[...] ------------------------------------------------------------------------------------------------


def getitem(x: Any, key: Any) -> Any:
    """`x[key]`: ints, slices, `...`, `tf.newaxis`, scalar integer tensors, or one boolean mask.

    Raises TypeError for other keys, InvalidArgumentError for an index out of bounds.

    >>> x = tf.constant([[1, 2, 3], [4, 5, 6]])
    >>> x[0, ::2].numpy(), x[..., tf.newaxis, -1].shape, x[x > 3].numpy()
    (array([1, 3], dtype=int32), TensorShape([2, 1]), array([4, 5, 6], dtype=int32))
    """
    if type(x) is EagerTensor and local.graph is None:
        plain = _plain_key(key)
        if plain is not None:
            try:
                array = x._array
                out = (array if type(array) is _ndarray else np.asarray(array))[plain]
            except (IndexError, ValueError):
                pass  # the op below says what is wrong
            else:
                y = EagerTensor(out)
                if local.tapes or local.forward:
                    begin, end, strides, masks = _spec(plain)
                    tell_tapes(strided_slice_op, (x, *(np.array(v, np.int64) for v in (begin, end, strides))), masks, y)
                return y
    return _general_getitem(x, key)


def _plain_key(key: Any) -> tuple[Any, ...] | None:
    """The key for NumPy if it holds numbers alone, else None. It has `...`, so that NumPy gives an array."""
    kind = type(key)
    if kind is int:
        return (key, ...)
    if kind is not tuple:
        key = (key,)
    ellipsis = False
    for i, k in enumerate(key):
        kind = type(k)
        if kind is EagerTensor and k._array.ndim == 0 and k._array.dtype.num in _INDEX_NUMBERS:
            key = (*key[:i], int(k._array), *key[i + 1 :])
            continue
        if kind is slice:
            for v in (k.start, k.stop, k.step):
                if v is not None and type(v) is not int:
                    return None
        elif k is Ellipsis:
            if ellipsis:
                return None
            ellipsis = True
        elif kind is not int and k is not None:
            return None
    return key if ellipsis else (*key, ...)


def _spec(items: Any) -> tuple[list[Any], list[Any], list[Any], dict[str, Any]]:
    """(begin, end, strides, masks) of what stands between the brackets. Raises TypeError for what cannot."""
    begin: list[Any] = []
    end: list[Any] = []
    strides: list[Any] = []
    masks: dict[str, Any] = dict.fromkeys(_MASKS, 0)
    for i, item in enumerate(items):
        b, e, s = 0, 0, 1
        if isinstance(item, slice):
            start, stop, step = (None if _is_unknown_size(v) else v for v in (item.start, item.stop, item.step))
            if start is None:
                masks["begin_mask"] |= 1 << i
            else:
                b = _checked(start)
            if stop is None:
                masks["end_mask"] |= 1 << i
            else:
                e = _checked(stop)
            s = 1 if step is None else _checked(step)
        elif item is Ellipsis:
            masks["ellipsis_mask"] |= 1 << i
        elif item is None:
            masks["new_axis_mask"] |= 1 << i
        else:
            b = _checked(item)
            e = b + 1
            masks["shrink_axis_mask"] |= 1 << i
        begin.append(b)
        end.append(e)
        strides.append(s)
    return begin, end, strides, masks


def _is_unknown_size(v: Any) -> bool:
    return isinstance(v, Dimension) and v.value is None


def _checked(index: Any) -> Any:
    """An index as an int, or as a symbolic tensor."""
    if isinstance(index, (numbers.Integral, Dimension)):
        return int(index)
    dtype = getattr(index, "dtype", None)
    if dtype is not None:
        try:
            known_dtype = dtypes.as_dtype(dtype).base_dtype
        except TypeError:
            known_dtype = None
        if known_dtype in _INDEX and len(index.shape or ()) != 1:
            index = convert.convert_to_tensor(index)
            return int(index) if isinstance(index, EagerTensor) else index
    raise TypeError(f"{_NOT_AN_INDEX}, got {index!r}")


def _is_mask(key: Any) -> bool:
    if isinstance(key, bool):
        return True
    return isinstance(key, (Tensor, np.ndarray)) and dtypes.as_dtype(key.dtype) is dtypes.bool


def _general_getitem(x: Any, key: Any, variable: Any = None) -> Any:
    if _is_mask(key):
        return boolean_mask(x, key)
    items = key if isinstance(key, (list, tuple)) else [key]
    begin, end, strides, masks = _spec(items)
    if local.graph is None and not any(isinstance(v, SymbolicTensor) for v in (x, *begin, *end, *strides)):
        vectors: list[Any] = [np.array(v, np.int64) for v in (begin, end, strides)]
        y = strided_slice_op(x, *vectors, **masks)
    else:
        x = convert.convert_to_tensor(x)
        graph = local.graph or next(v for v in (x, *begin, *end, *strides) if isinstance(v, SymbolicTensor)).graph
        with graph.name_scope("strided_slice") as scope:
            vectors = _packed(graph, [begin, end, strides])
            y = strided_slice_op(x, *vectors, **masks, name=scope)
    return y if variable is None else _assignable(y, variable, vectors, masks)


def _packed(graph: Any, vectors: list[list[Any]]) -> list[Any]:
    """The three vectors as tensors of one dtype, named as TensorFlow names them."""
    symbolic = [v for vector in vectors for v in vector if isinstance(v, SymbolicTensor)]
    wide = any(v.dtype is dtypes.int64 for v in symbolic)
    wide = wide or any(isinstance(v, int) and not -(2**31) <= v < 2**31 for vector in vectors for v in vector)
    dtype = dtypes.int64 if wide else dtypes.int32
    packed = []
    for i, vector in enumerate(vectors):
        name = f"stack_{i}" if i else "stack"
        if any(isinstance(v, SymbolicTensor) for v in vector):
            parts = [cast(v, dtype) if isinstance(v, SymbolicTensor) else np.array(v, dtype.np_dtype) for v in vector]
            packed.append(REGISTRY["Pack"](*parts, name=name))
        else:
            packed.append(graph.constant(np.array(vector, dtype.np_dtype), name))
    return packed


# -- slices of variables -----------------------------------------------------------------------------------


def variable_getitem(variable: Any, key: Any) -> Any:
    """`v[key]`: the slice of the value, with a method `assign(value)` that writes it back into the variable."""
    return _general_getitem(variable.value(), key, variable)


def _assignable(y: Any, variable: Any, vectors: list[Any], masks: dict[str, Any]) -> Any:
    def assign(value: Any, name: str | None = None) -> Any:
        """Write `value`, shaped as the slice, into the variable."""
        return variable.assign(tensor_strided_slice_update(variable, *vectors, value, **masks), name=name)

    y.assign = assign
    return y


Tensor.__getitem__ = getitem  # type: ignore[attr-defined, misc]
