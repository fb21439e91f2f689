"""Making tensors: constants, fills, ranges, identity matrices, one-hot vectors, grids and masks."""

from __future__ import annotations

import math
import numbers
from typing import Any

import numpy as np

from thalweg.engine.core import convert, dtypes, errors
from thalweg.engine.core.context import local
from thalweg.engine.core.dispatch import dispatchable
from thalweg.engine.core.dtypes import DType
from thalweg.engine.core.graph import name_scope
from thalweg.engine.core.registry import ANY, HOST, INDEX, REGISTRY, Sample, op
from thalweg.engine.core.shape import UNKNOWN, Dimension, TensorShape
from thalweg.engine.core.tensor import EagerTensor, SymbolicTensor, Tensor
from thalweg.engine.ops.gradients import zeros_like_op
from thalweg.engine.ops.shaping import broadcast_to, cast, expand_dims, ints, reshape_op, scalar, shape, size, static_ints, wrong
from thalweg.engine.ops.static import known

_LARGEST_CONSTANT = 1000  # elements; a larger fill is a node, so that saved graphs stay small

# -- constant ----------------------------------------------------------------------------------------------


def constant(value: Any, dtype: Any = None, shape: Any = None, name: str = "Const") -> Any:
    """A tensor of a value that is no tensor: a number, string, nested list or NumPy array.

    shape: the shape to give it; a single value is repeated.
    Raises TypeError when the value cannot have `dtype` or does not fill `shape`, ValueError for ragged lists.

    >>> tf.constant([1, 2, 3, 4], shape=[2, 2]).numpy()
    array([[1, 2],
           [3, 4]], dtype=int32)
    """
    dtype = None if dtype is None else dtypes.as_dtype(dtype).base_dtype
    if isinstance(value, EagerTensor):
        if dtype is not None and value.dtype is not dtype:
            raise TypeError(f"Expected tensor {value} with dtype {dtype!r}, but got dtype {value.dtype!r}.")
        array = value._array
    elif isinstance(value, SymbolicTensor):
        raise TypeError(f"tf.constant makes a tensor of a value; {value!r} is a tensor already.")
    elif local.graph is None and isinstance(value, (list, tuple)):
        array = convert.convert_to_tensor(value, dtype)._array  # may hold eager tensors
    else:
        array = convert.to_array(value, dtype)
    if shape is not None:
        array = _shaped(array, value, TensorShape(shape))
    if local.graph is not None:
        return local.graph.constant(np.asarray(array), name)
    return EagerTensor(array)


def _shaped(array: Any, value: Any, shape: TensorShape) -> Any:
    count = shape.num_elements()
    if count is None:
        raise ValueError(f"A constant's shape must be fully known, not {shape}.")
    if array.size == count:
        return array.reshape(shape.as_list())
    if array.size == 1:
        return np.full(shape.as_list(), array.ravel()[0], array.dtype)
    raise TypeError(
        f"Eager execution of tf.constant with unsupported shape. Tensor {value!r} has {array.size} elements, but got `shape` "
        f"{shape} with {count} elements)."
    )


# -- fill, zeros, ones -------------------------------------------------------------------------------------


def _fill_shape(dims: Any, value: TensorShape) -> TensorShape:
    if value.rank not in (None, 0):
        raise ValueError(f"value must be a scalar, not of shape {value}")
    sizes = static_ints(dims, "dims")
    if sizes is None:
        return UNKNOWN
    if any(s is not None and s < 0 for s in sizes):
        raise ValueError(f"Dimension {min(s for s in sizes if s is not None)} must be >= 0")
    return TensorShape(sizes)


def _fill_vjp(y: Any, g: Any, dims: Any, value: Any) -> Any:
    from thalweg.engine.ops.reduce import reduce_sum

    return None, lambda: reduce_sum(g)


@op("Fill", types=(HOST, "T"), shape=_fill_shape, vjp=_fill_vjp, samples=[Sample([2, 3], ()), Sample([0, 2], ())])
def fill_op(xp: Any, dims: Any, value: Any) -> Any:
    if value.ndim:
        raise errors.invalid(f"value must be a scalar, not of shape {list(value.shape)}")
    return xp.full(ints(dims, "dims"), value, value.dtype)


def fill(dims: Any, value: Any, name: str | None = None, layout: Any = None) -> Any:
    """A tensor of one value everywhere, with the value's dtype.

    Raises InvalidArgumentError when `value` is no scalar or a size is negative.

    >>> tf.fill([2, 2], 7).numpy()
    array([[7, 7],
           [7, 7]], dtype=int32)
    """
    if local.graph is None:
        value = convert.convert_to_tensor(value)
    return fill_op(dims, value, name=name)


def plain_sizes(shape: Any) -> tuple[int, ...] | None:
    """A shape argument as ints; None where a symbolic tensor is in it. Raises TypeError for what is no shape."""
    if type(shape) in (list, tuple) and all(type(d) is int for d in shape):
        return tuple(shape)
    if isinstance(shape, EagerTensor):
        array = np.asarray(shape._array)
        return ints(array)
    if isinstance(shape, Tensor):
        return None
    if isinstance(shape, np.ndarray):
        return ints(shape)
    if isinstance(shape, (numbers.Integral, Dimension)):
        return (int(shape),)
    if isinstance(shape, TensorShape):
        if not shape.is_fully_defined():
            raise ValueError(f"A shape to fill must be fully known, not {shape}.")
        return tuple(shape.as_list())  # type: ignore[arg-type]
    if isinstance(shape, (list, tuple)):
        return None if any(isinstance(d, SymbolicTensor) for d in shape) else tuple(_size(d) for d in shape)
    return ints(np.asarray(convert.convert_to_tensor(shape, dtype=dtypes.int32)._array)) if local.graph is None else None


def _size(d: Any) -> int:
    if isinstance(d, (list, tuple)):
        raise wrong(f"A shape must be a vector of sizes, not hold {d!r}.")
    try:
        return d.__index__()
    except AttributeError:
        raise TypeError(f"A size must be an integer, not {d!r}.") from None


def _filled(shape: Any, value: Any, dtype: Any, name: str) -> Any:
    dtype = dtypes.as_dtype(dtype).base_dtype
    if dtype is dtypes.string and value == 1:
        raise TypeError("Cannot convert 1 to EagerTensor of dtype string")
    value = {dtypes.string: b"", dtypes.bool: bool(value)}.get(dtype, value)
    sizes = plain_sizes(shape)
    if sizes is None:
        return fill_op(shape, convert.to_array(value, dtype), name=name)
    if any(s < 0 for s in sizes):
        raise wrong(f"Dimension {min(sizes)} must be >= 0", "Fill")
    if local.graph is None:
        return EagerTensor(np.zeros(sizes, dtype.np_dtype) if not value and value != b"" else np.full(sizes, value, dtype.np_dtype))
    if math.prod(sizes) < _LARGEST_CONSTANT:
        return local.graph.constant(np.full(sizes, value, dtype.np_dtype), name)
    return fill_op(np.array(sizes), convert.to_array(value, dtype), name=name)


def zeros(shape: Any, dtype: Any = dtypes.float32, name: str | None = None, layout: Any = None) -> Any:
    """A tensor of zeros (False; empty strings).

    >>> tf.zeros([2, 2]).numpy()
    array([[0., 0.],
           [0., 0.]], dtype=float32)
    """
    return _filled(shape, 0, dtype, name or "zeros")


def ones(shape: Any, dtype: Any = dtypes.float32, name: str | None = None, layout: Any = None) -> Any:
    """A tensor of ones (True).

    >>> tf.ones([2], tf.int32).numpy()
    array([1, 1], dtype=int32)
    """
    return _filled(shape, 1, dtype, name or "ones")


def _like(input: Any, value: int, dtype: Any, name: str) -> Any:
    x = convert.convert_to_tensor(input)
    dtype = x.dtype if dtype is None else dtypes.as_dtype(dtype).base_dtype
    if isinstance(x, EagerTensor) and dtype is dtypes.string and value:
        raise errors.invalid("ones_like is not defined for strings [Op:OnesLike]")
    if x.shape.is_fully_defined():
        return _filled(x.shape, value, dtype, name)
    if dtype is x.dtype and dtype is not dtypes.string:
        return (REGISTRY["OnesLike"] if value else zeros_like_op)(x, name=name)
    y = _filled(shape(x), value, dtype, name)
    y.set_shape(x.shape)
    return y


@dispatchable
def zeros_like(input: Any, dtype: Any = None, name: str | None = None, layout: Any = None) -> Any:
    """Zeros in the shape of a tensor or variable, of its dtype or another.

    >>> tf.zeros_like([[1, 2]]).numpy()
    array([[0, 0]], dtype=int32)
    """
    return _like(input, 0, dtype, name or "zeros_like")


@dispatchable
def ones_like(input: Any, dtype: Any = None, name: str | None = None, layout: Any = None) -> Any:
    """Ones in the shape of a tensor or variable, of its dtype or another.

    >>> tf.ones_like([[1, 2]], dtype=tf.float32).numpy()
    array([[1., 1.]], dtype=float32)
    """
    return _like(input, 1, dtype, name or "ones_like")


# -- ranges ------------------------------------------------------------------------------------------------

_RANGE_ORDER = (dtypes.int32, dtypes.int64, dtypes.float16, dtypes.bfloat16, dtypes.float32, dtypes.float64)
_RANGE_DTYPES = (*_RANGE_ORDER, dtypes.int8, dtypes.int16, dtypes.uint16, dtypes.uint32, dtypes.uint64)


def _range_size(start: Any, limit: Any, delta: Any) -> int:
    """How many steps there are. Raises ValueError for a step of 0 or one that leads away."""
    if delta == 0:
        raise ValueError(f"Requires delta != 0: {delta}")
    if (delta > 0 and start > limit) or (delta < 0 and start < limit):
        wanted = "start <= limit when delta > 0" if delta > 0 else "start >= limit when delta < 0"
        raise ValueError(f"Requires {wanted}: {start}/{limit}")
    if isinstance(start, numbers.Integral):
        return -(-abs(int(limit) - int(start)) // abs(int(delta)))
    return math.ceil(abs((limit - start) / delta))


def _range_shape(start: Any, limit: Any, delta: Any, *, Tidx: DType) -> TensorShape:
    for what, v in (("start", start), ("limit", limit), ("delta", delta)):
        if isinstance(v, list):
            raise ValueError(f"{what} must be a scalar, not {v}")
    if None in (start, limit, delta):
        return TensorShape([None])
    scalar = Tidx.as_numpy_dtype
    return TensorShape([_range_size(scalar(start), scalar(limit), scalar(delta))])


@op("Range", types=(HOST, HOST, HOST), out=lambda groups, attrs: attrs["Tidx"], shape=_range_shape, host=False,
    samples=[Sample(2, 9, 3, Tidx=dtypes.int32), Sample(1.0, 0.0, -0.25, Tidx=dtypes.float32), Sample(3, 3, 1, Tidx=dtypes.int64)])
def range_op(xp: Any, start: Any, limit: Any, delta: Any, *, Tidx: DType) -> Any:
    for what, v in (("start", start), ("limit", limit), ("delta", delta)):
        if v.ndim:
            raise errors.invalid(f"{what} must be a scalar, not shape {list(v.shape)}")
    dtype = Tidx.np_dtype
    start, limit, delta = (v.astype(dtype)[()] for v in (start, limit, delta))
    steps = np.arange(_range_size(start, limit, delta), dtype=np.int64).astype(dtype)
    return start + steps * delta


def range_(start: Any, limit: Any = None, delta: Any = 1, dtype: Any = None, name: str | None = "range") -> Any:
    """Numbers from `start` (0 if only one is given) up to `limit`, which is left out, by steps of `delta`.

    The dtype is that of the widest argument: int32 < int64 < float16 < bfloat16 < float32 < float64.
    Raises InvalidArgumentError for a step of 0 or one that leads away from the limit.

    >>> tf.range(3).numpy(), tf.range(1, 0, -0.5).numpy()
    (array([0, 1, 2], dtype=int32), array([1. , 0.5], dtype=float32))
    """
    if limit is None:
        start, limit = 0, start
    if local.graph is None and dtype is None and _is_plain_range(start, limit, delta):
        return EagerTensor(np.arange(int(start), int(limit), int(delta), dtype=np.int32))
    if dtype is not None:
        dtype = dtypes.as_dtype(dtype).base_dtype
    values = [_number(v, dtype) for v in (start, limit, delta)]
    if dtype is None:
        found = [_dtype_of(v) for v in values]
        strange = [d for d in found if d not in _RANGE_ORDER]
        if strange:
            raise AssertionError(f"tf.range takes int32, int64 or floating numbers, not {strange[0].name}: give it a dtype.")
        dtype = max(found, key=_RANGE_ORDER.index)
    elif dtype not in _RANGE_DTYPES:
        listed = ", ".join(d.name for d in _RANGE_DTYPES)
        raise errors.invalid(f"Value for attr 'Tidx' of {dtype.name} is not in the list of allowed values: {listed} [Op:Range]")
    return range_op(*values, Tidx=dtype, name=name)


def _is_plain_range(start: Any, limit: Any, delta: Any) -> bool:
    """Whether a range is one of Python's own ints that int32 holds, and a right one."""
    if not type(start) is type(limit) is type(delta) is int or not delta:
        return False
    return (limit - start) * delta >= 0 and all(-(2**31) <= v < 2**31 for v in (start, limit, delta))


def _number(value: Any, dtype: DType | None) -> Any:
    if isinstance(value, EagerTensor):
        return np.asarray(value._array)
    if isinstance(value, Tensor):
        return value
    if convert.is_convertible_object(value):
        value = convert.convert_to_tensor(value)
        return np.asarray(value._array) if isinstance(value, EagerTensor) else value
    return convert.to_array(value, dtype)


def _dtype_of(value: Any) -> DType:
    return value.dtype.base_dtype if isinstance(value, Tensor) else dtypes.as_dtype(value.dtype)


def linspace(start: Any, stop: Any, num: Any, name: str | None = None, axis: int = 0) -> Any:
    """`num` evenly spaced values from `start` to `stop`, both included, along a new `axis`.

    start, stop: scalars or tensors that broadcast. Integers give float64.

    >>> tf.linspace(0.0, 1.0, 5).numpy()
    array([0.  , 0.25, 0.5 , 0.75, 1.  ], dtype=float32)
    """
    from thalweg.engine.ops.arrays import concat
    from thalweg.engine.ops.elementwise import add_v2

    with name_scope(name, "linspace"):
        start = convert.convert_to_tensor(start)
        stop = convert.convert_to_tensor(stop, dtype=start.dtype)
        count = known(convert.convert_to_tensor(num))
        if count is None:
            raise ValueError("tf.linspace needs a number of values that is known while the graph is built.")
        both = add_v2(start, stop)  # for its shape
        begin, end = (expand_dims(broadcast_to(v, shape(both)), axis) for v in (start, stop))
        width = end - begin
        delta = width / cast(convert.convert_to_tensor(max(count - 1, 1)), width.dtype)
        begin, end = cast(begin, delta.dtype), cast(end, delta.dtype)
        if count < 0:
            raise wrong(f"Requires num >= 0, not {count}", "LinSpace")
        if count < 2:
            return REGISTRY["GatherV2"](concat([begin, end], axis), np.arange(count, dtype=np.int32), axis)
        steps = reshape_op(np.arange(1, count - 1).astype(delta.dtype.np_dtype), _along(axis, count - 2, begin))
        return concat([begin, begin + delta * steps, end], axis)


def _along(axis: int, count: int, x: Any) -> Any:
    """The shape, of the rank of `x`, that is `count` along `axis` and 1 elsewhere."""
    rank = x.shape.rank
    if rank is not None:
        return [count if i == axis % rank else 1 for i in range(rank)]
    rank = REGISTRY["Rank"](x)
    places = range_(rank) if axis >= 0 else range_(rank) - rank
    return REGISTRY["SelectV2"](REGISTRY["Equal"](places, axis), count, 1)


# -- matrices and vectors ----------------------------------------------------------------------------------


def eye(
    num_rows: Any, num_columns: Any = None, batch_shape: Any = None, dtype: Any = dtypes.float32, name: str | None = None
) -> Any:
    """The identity matrix, of `num_rows` rows and as many columns or `num_columns`; a batch of them with `batch_shape`.

    >>> tf.eye(2, dtype=tf.int32).numpy()
    array([[1, 0],
           [0, 1]], dtype=int32)
    """
    columns = num_rows if num_columns is None else num_columns
    if not all(isinstance(n, (Tensor, numbers.Integral, np.ndarray)) for n in (num_rows, columns)):
        raise TypeError(
            "Arguments `num_rows` and `num_columns` must be positive integer values. "
            f"Received: num_rows={num_rows}, num_columns={columns}"
        )
    dtype = dtypes.as_dtype(dtype).base_dtype
    if dtype is dtypes.string:
        raise TypeError("Cannot convert 1 to EagerTensor of dtype string")
    for n in (num_rows, columns):
        if isinstance(n, numbers.Integral) and n < 0:
            raise wrong(f"Dimension {n} must be >= 0", "Fill")
    plain = isinstance(num_rows, numbers.Integral) and isinstance(columns, numbers.Integral)
    if plain and batch_shape is None and local.graph is None:
        return EagerTensor(np.eye(int(num_rows), int(columns), dtype=dtype.np_dtype))
    with name_scope(name, "eye"):
        matrix = cast(REGISTRY["Equal"](expand_dims(range_(num_rows), 1), range_(columns)), dtype)
        if batch_shape is None:
            return matrix
        batch = convert.convert_to_tensor(batch_shape, dtype=dtypes.int32) if not isinstance(batch_shape, Tensor) else batch_shape
        return broadcast_to(matrix, REGISTRY["ConcatV2"](batch, shape(matrix, batch.dtype), 0))


def _one_hot_shape(indices: TensorShape, depth: Any, on: TensorShape, off: TensorShape, *, axis: int) -> TensorShape:
    if isinstance(depth, list):
        raise ValueError(f"depth must be a scalar, but got: {depth}")
    if depth is not None and depth < 0:
        raise ValueError(f"depth must be non-negative, got: {depth}")
    if indices.rank is None:
        return UNKNOWN
    if not -1 <= axis <= indices.rank:
        raise ValueError(f"Expected axis to be -1 or between [0, {indices.rank + 1}).  But received: {axis}")
    sizes = indices.as_list()
    sizes.insert(axis % (indices.rank + 1), depth)
    return TensorShape(sizes)


@op(
    "OneHot", types=("TI", HOST, "T", "T"), dtypes=ANY, where={"TI": (dtypes.uint8, dtypes.int8, *INDEX)}, shape=_one_hot_shape,
    samples=[Sample(np.array([0, 2, -1, 5], np.int32), 3, (), ()), Sample(np.array([[0, 1]], np.int64), 3, (), (), axis=0)],
)  # fmt: skip
def one_hot_op(xp: Any, indices: Any, depth: Any, on_value: Any, off_value: Any, *, axis: int = -1) -> Any:
    count = scalar(depth, "depth")
    if count < 0 or not -1 <= axis <= indices.ndim:
        raise ValueError("depth or axis")  # the shape rule says which
    at = axis % (indices.ndim + 1)
    places = np.arange(count, dtype=np.int32).reshape([-1] + [1] * (indices.ndim - at))
    return xp.where(xp.expand_dims(indices, at) == places, on_value, off_value)


@dispatchable
def one_hot(
    indices: Any, depth: Any, on_value: Any = None, off_value: Any = None, axis: int | None = None, dtype: Any = None,
    name: str | None = None,
) -> Any:  # fmt: skip
    """Vectors of `depth` elements, `on_value` (1) at the index and `off_value` (0) elsewhere, along a new `axis` (the last).

    An index outside [0, depth) gives a vector of `off_value` alone. The dtype is that of the values, or float32.
    Raises TypeError when the values and `dtype` do not agree.

    >>> tf.one_hot([0, 2, -1], 3).numpy()
    array([[1., 0., 0.],
           [0., 0., 1.],
           [0., 0., 0.]], dtype=float32)
    """
    dtype = None if dtype is None else dtypes.as_dtype(dtype).base_dtype
    given = {
        what: convert.convert_to_tensor(v, dtype_hint=dtype)
        for what, v in (("on_value", on_value), ("off_value", off_value)) if v is not None
    }  # fmt: skip
    for what, v in given.items():
        if dtype is not None and v.dtype.base_dtype is not dtype:
            wanted = "dtype parameter" if on_value is None or off_value is None or what == "on_value" else "dtype of on_value"
            raise TypeError(f"dtype {v.dtype} of {what} does not match {wanted} {dtype}")
        dtype = v.dtype.base_dtype
    dtype = dtype or dtypes.float32
    on = given.get("on_value")
    off = given.get("off_value")
    on = _number_of(1, dtype) if on is None else on
    off = _number_of(0, dtype) if off is None else off
    return one_hot_op(indices, depth, on, off, axis=-1 if axis is None else axis, name=name or "one_hot")


def _number_of(value: int, dtype: DType) -> Any:
    """0 or 1 (False or True) of a dtype: an eager tensor, or an array for the graph being built."""
    array = convert.to_array(bool(value) if dtype is dtypes.bool else value, dtype)
    return EagerTensor(array) if local.graph is None else array


def meshgrid(*args: Any, indexing: str = "xy", name: str = "meshgrid") -> list[Any]:
    """Coordinate grids of vectors: tensors of one shape, the i-th of which varies along its own axis.

    indexing: "xy" gives the first vector the second axis (rows and columns of a picture), "ij" the first.

    >>> [t.numpy().tolist() for t in tf.meshgrid([1, 2, 3], [4, 5])]
    [[[1, 2, 3], [1, 2, 3]], [[4, 4, 4], [5, 5, 5]]]
    """
    if indexing not in ("xy", "ij"):
        raise ValueError(f"Argument `indexing` parameter must be either 'xy' or 'ij', got {indexing!r}")
    if not args:
        return []
    with name_scope(name):
        vectors = [convert.convert_to_tensor(x) for x in args]
        axes = list(range(len(vectors)))
        if indexing == "xy" and len(vectors) > 1:
            axes[:2] = [1, 0]
        sizes = [vectors[i].shape.num_elements() for i in np.argsort(axes)]
        dims = sizes if None not in sizes else REGISTRY["Pack"](*(size(vectors[i]) for i in np.argsort(axes)))
        return [broadcast_to(reshape_op(v, [-1] + [1] * (len(axes) - 1 - a)), dims) for v, a in zip(vectors, axes)]


def sequence_mask(lengths: Any, maxlen: Any = None, dtype: Any = dtypes.bool, name: str | None = None) -> Any:
    """For each length a vector of `maxlen` elements (by default the longest) of which the first `length` are true.

    Raises ValueError when `maxlen` is no scalar.

    >>> tf.sequence_mask([1, 3], dtype=tf.int32).numpy()
    array([[1, 0, 0],
           [1, 1, 1]], dtype=int32)
    """
    with name_scope(name, "SequenceMask"):
        lengths = convert.convert_to_tensor(lengths)
        if maxlen is None:
            longest = REGISTRY["Max"](lengths, _all_axes(lengths))
            maxlen = REGISTRY["Maximum"](0, longest)
        else:
            maxlen = convert.convert_to_tensor(maxlen)
        if maxlen.shape.rank not in (None, 0):
            raise ValueError(
                f"Argument `maxlen` must be scalar for sequence_mask, received `maxlen` = {maxlen} with shape '{maxlen.shape}'"
            )
        places = range_(0, maxlen, 1, dtype=maxlen.dtype)
        mask = REGISTRY["Less"](places, cast(expand_dims(lengths, -1), maxlen.dtype))
        return mask if dtype is None else cast(mask, dtype)


def _all_axes(x: Any) -> Any:
    from thalweg.engine.ops.reduce import all_axes

    return all_axes(x)
