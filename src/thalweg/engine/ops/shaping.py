"""Shapes as values, and the ops that give a tensor another shape or type without computing."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from thalweg.engine.core import convert, dtypes, errors
from thalweg.engine.core.context import local
from thalweg.engine.core.dispatch import dispatchable
from thalweg.engine.core.dtypes import DType
from thalweg.engine.core.registry import ANY, BASIC, HOST, NUMERIC, Sample, op
from thalweg.engine.core.shape import SCALAR, UNKNOWN, TensorShape, broadcast
from thalweg.engine.core.sparse_tensor import SparseTensor
from thalweg.engine.core.tensor import EagerTensor, SymbolicTensor, static_shape
from thalweg.engine.ops.families import axis_tuple, same_shape, unbroadcast
from thalweg.engine.ops.static import shape_of

# -- reading HOST inputs -----------------------------------------------------------------------------------


def ints(values: Any, what: str = "shape", ranks: tuple[int, ...] = (0, 1)) -> tuple[int, ...]:
    """A HOST input of a kernel as Python ints. Raises InvalidArgumentError for other numbers or another rank."""
    if values.dtype.kind not in "iu":
        raise errors.invalid(f"The {what} must be int32 or int64, not {values.dtype}: {values.tolist()}")
    if values.ndim not in ranks:
        wanted = " or ".join(("a scalar", "a vector", "a matrix")[r] for r in ranks)
        raise errors.invalid(f"The {what} must be {wanted}, not of shape {list(values.shape)}")
    return tuple(values.ravel().tolist())


def wrong(message: str, op_name: str = "") -> Exception:
    """What a public function raises for an argument: InvalidArgumentError where ops run, ValueError in a graph being built."""
    if local.graph is not None:
        return ValueError(message)
    return errors.invalid(f"{message} [Op:{op_name}]" if op_name else message)


def scalar(value: Any, what: str) -> int:
    """A HOST input of a kernel as one int."""
    return ints(value, what, (0,))[0]


def static_ints(values: Any, what: str = "shape", only_vector: bool = False) -> list[int | None] | None:
    """The same for a shape rule: a list of ints, None for unknown elements; None if nothing is known."""
    if values is None:
        return None
    if only_vector and not isinstance(values, list):
        raise ValueError(f"The {what} must be a vector, not {values}")
    values = values if isinstance(values, list) else [values]
    if any(isinstance(v, float) for v in values):
        raise TypeError(f"The {what} must be int32 or int64: {values}")
    if any(isinstance(v, list) for v in values):
        raise ValueError(f"The {what} must be a vector, not {values}")
    return values


def one_axis(axis: int, rank: int) -> int:
    """An axis counted from the front. Raises ValueError for one that `rank` dimensions do not have."""
    if not -rank <= axis < rank:
        raise ValueError(f"axis = {axis} is not in [{-rank}, {rank})")
    return axis % rank


def static_axis(axis: Any) -> int | None:
    """One axis as a shape rule gets it: an int or a list of one; None if unknown."""
    return axis[0] if isinstance(axis, list) and len(axis) == 1 else axis


# -- shape, size, rank -------------------------------------------------------------------------------------


def _out_type(_: Any, attrs: Any) -> DType:
    return attrs["out_type"]


@op("Shape", out=_out_type, shape=lambda x, **_: TensorShape([x.rank]), samples=[Sample((2, 3)), Sample(())])
def shape_op(xp: Any, input: Any, *, out_type: DType = dtypes.int32) -> Any:
    return np.array(input.shape, out_type.np_dtype)


@op("Size", out=_out_type, shape=lambda x, **_: SCALAR, samples=[Sample((2, 3)), Sample(()), Sample((0, 2))])
def size_op(xp: Any, input: Any, *, out_type: DType = dtypes.int32) -> Any:
    return np.array(input.size, out_type.np_dtype)


@op("Rank", out=dtypes.int32, shape=lambda x: SCALAR, samples=[Sample((2, 3)), Sample(())])
def rank_op(xp: Any, input: Any) -> Any:
    return np.array(input.ndim, np.int32)


@dispatchable
def shape(input: Any, out_type: Any = None, name: str | None = None) -> Any:
    """The shape of a tensor, as a tensor.

    Where the static shape is fully known the answer is a constant. Returns int32, or `out_type`.

    >>> tf.shape([[1, 2, 3]]).numpy()
    array([1, 3], dtype=int32)
    """
    out_type = dtypes.int32 if out_type is None else dtypes.as_dtype(out_type)
    if isinstance(input, SparseTensor):
        return cast(input.dense_shape, out_type, name)
    x = convert.convert_to_tensor(input)
    known = static_shape(x)
    if isinstance(x, SymbolicTensor) and known.is_fully_defined():
        return x.graph.constant(np.array(known.as_list(), out_type.np_dtype), name or "Shape")
    return shape_op(x, out_type=out_type, name=name)


@dispatchable
def size(input: Any, out_type: Any = None, name: str | None = None) -> Any:
    """The number of elements of a tensor, as a tensor.

    >>> tf.size([[1, 2, 3]]).numpy()
    np.int32(3)
    """
    out_type = dtypes.int32 if out_type is None else dtypes.as_dtype(out_type)
    x = convert.convert_to_tensor(input)
    known = static_shape(x).num_elements()
    if isinstance(x, SymbolicTensor) and known is not None:
        return x.graph.constant(np.array(known, out_type.np_dtype), name or "Size")
    return size_op(x, out_type=out_type, name=name)


@dispatchable
def rank(input: Any, name: str | None = None) -> Any:
    """The number of dimensions of a tensor, as an int32 tensor.

    >>> tf.rank([[1, 2, 3]]).numpy()
    np.int32(2)
    """
    x = convert.convert_to_tensor(input)
    known = static_shape(x).rank
    if isinstance(x, SymbolicTensor) and known is not None:
        return x.graph.constant(np.array(known, np.int32), name or "Rank")
    return rank_op(x, name=name)


def shape_n(input: Any, out_type: Any = dtypes.int32, name: str | None = None) -> list[Any]:
    """The shapes of several tensors.

    >>> [s.numpy() for s in tf.shape_n([[1, 2], [[3]]])]
    [array([2], dtype=int32), array([1, 1], dtype=int32)]
    """
    return [shape(x, out_type, name) for x in input]


# -- identity and reshape ----------------------------------------------------------------------------------


@op("Identity", shape=same_shape, vjp=lambda y, g, x: g, samples=[Sample((2, 3))])
def identity(xp: Any, input: Any) -> Any:
    """A tensor with the same value.

    >>> tf.identity([1, 2]).numpy()
    array([1, 2], dtype=int32)
    """
    return input


def identity_n(input: Any, name: str | None = None) -> list[Any]:
    """A list of tensors with the same values.

    >>> [t.numpy() for t in tf.identity_n([1, 2.5])]
    [np.int32(1), np.float32(2.5)]
    """
    return [identity(x, name=name) for x in input]


@op("StopGradient", shape=same_shape, samples=[Sample((2, 3))])
def stop_gradient(xp: Any, input: Any) -> Any:
    """The same value, as a constant for differentiation: no gradient flows through it.

    >>> x = tf.constant(2.0)
    >>> with tf.GradientTape() as tape:
    ...     tape.watch(x)
    ...     y = x * tf.stop_gradient(x)
    >>> tape.gradient(y, x).numpy()
    np.float32(2.0)
    """
    return input


@op("PreventGradient", shape=same_shape, samples=[Sample((2, 3))])
def prevent_gradient(xp: Any, input: Any, *, message: str = "") -> Any:
    """The same value; asking for a gradient through it raises LookupError."""
    return input


@prevent_gradient.vjp
def _(y: Any, g: Any, x: Any, *, message: str) -> Any:
    raise LookupError(f"Gradient explicitly disabled. Reason: {message}")


def _ensured(x: TensorShape, *, shape: Any) -> TensorShape:
    return x.merge_with(shape)


@op("EnsureShape", shape=_ensured, vjp=lambda y, g, x, shape: g, samples=[Sample((2, 3), shape=TensorShape([None, 3]))])
def ensure_shape_op(xp: Any, input: Any, *, shape: TensorShape) -> Any:
    if not shape.is_compatible_with(input.shape):
        raise errors.invalid(f"Shape of tensor {list(input.shape)} is not compatible with expected shape {shape.as_list()}.")
    return input


def ensure_shape(x: Any, shape: Any, name: str | None = None) -> Any:
    """The same tensor, known and checked to have a shape (`None`: any size).

    Raises InvalidArgumentError when it does not; ValueError while a graph is built.

    >>> tf.ensure_shape([[1, 2]], [None, 2]).shape
    TensorShape([1, 2])
    """
    return ensure_shape_op(x, shape=TensorShape(shape), name=name)


def _reshape_shape(x: TensorShape, shape: Any) -> TensorShape:
    sizes = static_ints(shape)
    if sizes is None:
        return UNKNOWN
    if any(s is not None and s < -1 for s in sizes):
        raise ValueError(f"Size of a dimension must be non-negative, not {min(s for s in sizes if s is not None)}")
    if sizes.count(-1) > 1:
        raise ValueError(f"Only one input size may be -1, not both {sizes.index(-1)} and {sizes.index(-1, sizes.index(-1) + 1)}")
    total = x.num_elements()
    given = 1
    for s in sizes:
        if s not in (None, -1):
            given *= s
    if total is not None and None not in sizes:
        if -1 in sizes:
            if (given == 0 and total) or (given and total % given):
                raise ValueError(
                    f"Input to reshape is a tensor with {total} values, but the requested shape requires a multiple of {given}"
                )
            left = total // given if given else _left_over(x.as_list(), sizes)
            return TensorShape([left if s == -1 else s for s in sizes])
        if given != total:
            raise ValueError(f"Input to reshape is a tensor with {total} values, but the requested shape has {given}")
    if total is not None and sizes.count(None) == 1 and -1 not in sizes and given and total % given == 0:
        return TensorShape([total // given if s is None else s for s in sizes])
    return TensorShape([None if s == -1 else s for s in sizes])


def _left_over(dims: Any, sizes: Any) -> int:
    """What -1 stands for where there are no elements: sizes of 0 are left out on both sides, as TensorFlow does."""
    return math.prod(d for d in dims if d) // math.prod(s for s in sizes if s and s > 0)


def reshape_like(g: Any, x: Any) -> Any:
    """`g` with the shape of `x`: the gradient of all that only reshapes."""
    return reshape_op(g, shape_of(x))


@op("Reshape", types=("T", HOST), shape=_reshape_shape, vjp=lambda y, g, x, shape: (lambda: reshape_like(g, x), None),
    samples=[Sample((2, 3), [3, 2]), Sample((2, 3), [-1]), Sample((1,), np.zeros(0, np.int32)), Sample((0, 3), [3, 0])])
def reshape_op(xp: Any, tensor: Any, shape: Any) -> Any:
    sizes = ints(shape)
    if min(sizes, default=0) < -1:
        raise ValueError("shape")  # the shape rule says it; NumPy would take any negative size for -1
    if 0 in sizes and -1 in sizes and not tensor.size:
        left = _left_over(tensor.shape, sizes)
        sizes = tuple(left if s == -1 else s for s in sizes)
    return xp.reshape(tensor, sizes)


def reshape(tensor: Any, shape: Any, name: str | None = None) -> Any:
    """The same values in another shape; one size may be -1 and is worked out.

    Raises InvalidArgumentError when the number of elements does not fit.

    >>> tf.reshape([1, 2, 3, 4], [2, -1]).numpy()
    array([[1, 2],
           [3, 4]], dtype=int32)
    """
    return reshape_op(tensor, shape, name=name)


# -- dimensions of size 1 ----------------------------------------------------------------------------------


def _expand_dims_shape(x: TensorShape, axis: Any) -> TensorShape:
    axis = static_axis(axis)
    if isinstance(axis, list):
        raise ValueError(f"The 'dim' input must be a single value, not {axis}")
    if x.rank is None:
        return UNKNOWN
    if axis is None:
        return TensorShape([None] * (x.rank + 1))
    if not -x.rank - 1 <= axis <= x.rank:
        raise ValueError(f"Tried to expand dim index {axis} for tensor with {x.rank} dimensions.")
    sizes = x.as_list()
    sizes.insert(axis % (x.rank + 1), 1)
    return TensorShape(sizes)


@op("ExpandDims", types=("T", HOST), shape=_expand_dims_shape, vjp=lambda y, g, x, axis: (lambda: reshape_like(g, x), None),
    samples=[Sample((2, 3), 1), Sample((2, 3), -1), Sample((), 0), Sample((0,), 0)])
def expand_dims(xp: Any, input: Any, axis: Any) -> Any:
    """A tensor with a dimension of size 1 put in at `axis`.

    >>> tf.expand_dims([1, 2], 0).shape
    TensorShape([1, 2])
    """
    axes = ints(axis, "axis")
    if len(axes) != 1:
        raise errors.invalid("The 'dim' input must be a tensor with a single value")
    return xp.expand_dims(input, axes[0])


def _squeeze_shape(x: TensorShape, *, squeeze_dims: Any) -> TensorShape:
    if x.rank is None:
        return UNKNOWN
    sizes = x.as_list()
    if not squeeze_dims:
        return UNKNOWN if None in sizes else TensorShape([d for d in sizes if d != 1])
    axes = {one_axis(a, x.rank) for a in squeeze_dims}
    wrong = [a for a in axes if sizes[a] not in (1, None)]
    if wrong:
        raise ValueError(f"Can not squeeze dim[{wrong[0]}], expected a dimension of 1, got {sizes[wrong[0]]}")
    return TensorShape([d for i, d in enumerate(sizes) if i not in axes])


@op("Squeeze", shape=_squeeze_shape, vjp=lambda y, g, x, squeeze_dims: lambda: reshape_like(g, x),
    samples=[Sample((1, 3, 1)), Sample((1, 3, 1), squeeze_dims=[-1]), Sample((1, 0))])
def squeeze_op(xp: Any, input: Any, *, squeeze_dims: Any = ()) -> Any:
    return xp.squeeze(input, axis=tuple({one_axis(a, input.ndim) for a in squeeze_dims}) or None)


@dispatchable
def squeeze(input: Any, axis: Any = None, name: str | None = None) -> Any:
    """A tensor without its dimensions of size 1, all of them or those of `axis`.

    Raises InvalidArgumentError for an axis whose size is not 1.

    >>> tf.squeeze([[[1], [2]]]).numpy()
    array([1, 2], dtype=int32)
    """
    axes = () if axis is None else tuple(int(a) for a in np.ravel(axis))
    return squeeze_op(input, squeeze_dims=axes, name=name)


@op("KeptDims", types=(HOST, HOST), out=dtypes.int32, samples=[Sample([2, 3], [0])],
    shape=lambda shape, axis: TensorShape([None if shape is None else len(shape)]))
def kept_dims(xp: Any, shape: Any, axis: Any) -> Any:
    """A shape with 1 in place of each of the axes reduced; unknown sizes (while shapes are inferred) stay so."""
    kept = np.array(shape)
    kept[list(axis_tuple(ints(axis, "axis"), len(kept)))] = 1
    return kept if kept.dtype.kind == "f" else kept.astype(np.int32)


# -- cast --------------------------------------------------------------------------------------------------


def _cast_vjp(y: Any, g: Any, x: Any, *, DstT: DType, Truncate: bool = False) -> Any:
    source = x.dtype.base_dtype
    if not (source.is_floating or source.is_complex) or not (DstT.is_floating or DstT.is_complex):
        return None
    return cast_op(g, DstT=source)


@op("Cast", dtypes=BASIC, out=lambda groups, attrs: attrs["DstT"], shape=same_shape, vjp=_cast_vjp,
    samples=[Sample((2, 3), DstT=dtypes.float64), Sample((2, 3), DstT=dtypes.int32), Sample((0, 2), DstT=dtypes.bool)])
def cast_op(xp: Any, x: Any, *, DstT: DType, Truncate: bool = False) -> Any:
    if x.dtype.kind == "c" and not DstT.is_complex:
        x = xp.real(x)
    if DstT.is_integer and x.dtype.kind in "fV":  # ml_dtypes' floats are of kind V
        return _float_to_int(xp, x, DstT)
    return x.astype(DstT.np_dtype)


def _float_to_int(xp: Any, x: Any, dtype: DType) -> Any:
    """Truncated towards zero. What does not fit becomes the smallest int32 or int64, as on x86, and smaller and unsigned
    types wrap it around. XLA by itself would take NaN to 0 and stop at the limits.
    """
    if xp is np:
        return x.astype(dtype.np_dtype)
    through = dtypes.int32 if dtype.size < 4 or dtype is dtypes.int32 else dtypes.int64
    low = float(through.min)
    y = xp.where((x >= low) & (x < -low), x, low).astype(through.np_dtype).astype(dtype.np_dtype)
    return xp.where(x < 0, y, x.astype(dtype.np_dtype)) if dtype is dtypes.uint64 else y


@dispatchable
def cast(x: Any, dtype: Any, name: str | None = None) -> Any:
    """The values as another dtype; a tensor that has it already is returned as it is.

    Floats are truncated towards zero on the way to integers; complex numbers lose their imaginary part.

    >>> tf.cast([1.8, -1.8], tf.int32).numpy()
    array([ 1, -1], dtype=int32)
    """
    dtype = dtypes.as_dtype(dtype).base_dtype
    if type(x) is not EagerTensor:
        if isinstance(x, SparseTensor):
            return x.with_values(cast(x.values, dtype, name))
        x = convert.convert_to_tensor(x)
    if x.dtype.base_dtype is dtype:
        return x
    if dtypes.string in (dtype, x.dtype.base_dtype):
        raise errors.UnimplementedError(None, None, "A cast cannot make or read strings: use tf.strings.as_string or to_number.")
    return cast_op(x, DstT=dtype, name=name)


def _bitcast_dtype(groups: Any, attrs: Any) -> DType:
    return attrs["type"]


@dispatchable
def bitcast(input: Any, type: Any, name: str | None = None) -> Any:
    """The same bits as another dtype. A smaller one adds a last dimension, a larger one takes it away.

    Raises InvalidArgumentError when the last dimension does not fit.

    >>> tf.bitcast(tf.constant(1.0), tf.uint32).numpy()
    np.uint32(1065353216)
    """
    x = convert.convert_to_tensor(input)
    type = dtypes.as_dtype(type)
    if type not in NUMERIC:
        raise wrong(f"Value for attr 'type' of {type.name} is not a numeric type", "Bitcast")
    return bitcast_op(x, type=type, T=x.dtype.base_dtype, name=name)


def _bitcast_shape(x: TensorShape, *, type: DType, T: DType) -> TensorShape:
    if x.rank is None or T.size == type.size:
        return x
    if T.size > type.size:
        return x.concatenate([T.size // type.size])
    ratio = type.size // T.size
    if not x.rank or x.as_list()[-1] not in (ratio, None):
        raise ValueError(f"Cannot bitcast from {T.name} to {type.name}: the last dimension of shape {x.as_list()} is not {ratio}")
    return x[:-1]


@op("Bitcast", dtypes=NUMERIC, out=_bitcast_dtype, shape=_bitcast_shape,
    samples=[Sample(np.array([1, 2], np.float32), type=dtypes.int32, T=dtypes.float32)])
def bitcast_op(xp: Any, input: Any, *, type: DType, T: DType) -> Any:
    if T.size < type.size and input.shape[-1:] != (type.size // T.size,):
        raise ValueError("cannot bitcast")
    out = np.ascontiguousarray(input).reshape(input.shape or (1,)).view(type.np_dtype)
    if T.size > type.size:
        return out.reshape((*input.shape, T.size // type.size))
    return out.reshape(input.shape if T.size == type.size else input.shape[:-1])


@bitcast_op.xla
def _(xp: Any, input: Any, *, type: DType, T: DType) -> Any:
    # jax.numpy arrays have no view of another size.
    import jax

    return jax.lax.bitcast_convert_type(input, type.np_dtype)


# -- broadcasting ------------------------------------------------------------------------------------------


@op("BroadcastGradientArgs", types=(HOST, HOST), out=(dtypes.int32, dtypes.int32),
    shape=lambda a, b: (TensorShape([None]), TensorShape([None])), samples=[Sample([2, 3], [3])])
def broadcast_gradient_args(xp: Any, s0: Any, s1: Any) -> Any:
    """For each of two shapes the axes, of their broadcast, that its gradient is summed over."""
    n = max(len(s0), len(s1))
    a, b = (np.concatenate([np.ones(n - len(s), np.int32), s]) for s in (s0, s1))
    missing_a, missing_b = np.arange(n) < n - len(s0), np.arange(n) < n - len(s1)
    return (
        np.flatnonzero(missing_a | ((a == 1) & (b != 1))).astype(np.int32),
        np.flatnonzero(missing_b | ((b == 1) & (a != 1))).astype(np.int32),
    )


def _broadcast_to_shape(x: TensorShape, shape: Any) -> TensorShape:
    sizes = static_ints(shape)
    if sizes is None:
        return UNKNOWN
    target = TensorShape(sizes)
    if x.rank is not None and (x.rank > len(sizes) or not broadcast(x, target).is_compatible_with(target)):
        raise ValueError(f"Shape {x} cannot be broadcast to {target}")
    return target


@op("BroadcastTo", types=("T", HOST), dtypes=ANY, shape=_broadcast_to_shape,
    samples=[Sample((3,), [2, 3]), Sample((), [2]), Sample((1, 3), [0, 3])])
def broadcast_to(xp: Any, input: Any, shape: Any) -> Any:
    """`input` repeated to `shape`, by the rules of broadcasting.

    >>> tf.broadcast_to([1, 2], [2, 2]).numpy()
    array([[1, 2],
           [1, 2]], dtype=int32)
    """
    sizes = ints(shape)
    if xp is np:  # a copy: what follows runs faster on it than on a view that repeats, and making it costs less
        y = np.empty(sizes, input.dtype)
        y[...] = input
        return y
    return xp.broadcast_to(input, sizes)


@broadcast_to.vjp
def _(y: Any, g: Any, x: Any, shape: Any) -> Any:
    return lambda: unbroadcast(g, x, y), None


@op("BroadcastArgs", types=(HOST, HOST), out=dtypes.int32, samples=[Sample([2, 1], [3])],
    shape=lambda a, b: TensorShape([None if a is None or b is None else max(len(a), len(b))]))
def broadcast_args(xp: Any, s0: Any, s1: Any) -> Any:
    try:
        return np.array(np.broadcast_shapes(ints(s0), ints(s1)), np.int32)
    except ValueError:
        raise errors.invalid(f"Incompatible shapes: {s0.tolist()} and {s1.tolist()} cannot be broadcast together") from None


def broadcast_dynamic_shape(shape_x: Any, shape_y: Any) -> Any:
    """The shape, as a tensor, of what two tensors of these shapes broadcast to.

    >>> tf.broadcast_dynamic_shape([2, 1, 3], [4, 1]).numpy()
    array([2, 4, 3], dtype=int32)
    """
    y = broadcast_args(shape_x, shape_y)
    return cast(y, dtypes.int64) if getattr(shape_x, "dtype", None) == dtypes.int64 else y


def broadcast_static_shape(shape_x: TensorShape, shape_y: TensorShape) -> TensorShape:
    """The `TensorShape` that two static shapes broadcast to. Raises ValueError when they cannot be.

    >>> tf.broadcast_static_shape(tf.TensorShape([1, 3]), tf.TensorShape([5, 1]))
    TensorShape([5, 3])
    """
    return broadcast(TensorShape(shape_x), TensorShape(shape_y))
