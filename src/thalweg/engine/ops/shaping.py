"""Shapes as values, and the ops that give a tensor another shape or type without computing."""

from __future__ import annotations

from typing import Any

import numpy as np

from thalweg.engine.core import convert, dtypes
from thalweg.engine.core.dtypes import DType
from thalweg.engine.core.registry import ANY, BASIC, HOST, INDEX, Sample, op
from thalweg.engine.core.shape import SCALAR, UNKNOWN, TensorShape
from thalweg.engine.core.tensor import EagerTensor, SymbolicTensor, static_shape
from thalweg.engine.ops.families import same_shape

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


def shape(input: Any, out_type: Any = None, name: str | None = None) -> Any:
    """The shape of a tensor, as a tensor.

    Where the static shape is fully known the answer is a constant. Returns int32, or `out_type`.

    >>> tf.shape([[1, 2, 3]]).numpy()
    array([1, 3], dtype=int32)
    """
    out_type = dtypes.int32 if out_type is None else dtypes.as_dtype(out_type)
    x = convert.convert_to_tensor(input)
    known = static_shape(x)
    if isinstance(x, SymbolicTensor) and known.is_fully_defined():
        return x.graph.constant(np.array(known.as_list(), out_type.np_dtype), name or "Shape")
    return shape_op(x, out_type=out_type, name=name)


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


# -- identity and reshape ----------------------------------------------------------------------------------


@op("Identity", shape=same_shape, vjp=lambda y, g, x: g, samples=[Sample((2, 3))])
def identity(xp: Any, input: Any) -> Any:
    """A tensor with the same value.

    >>> tf.identity([1, 2]).numpy()
    array([1, 2], dtype=int32)
    """
    return input


def _reshape_shape(x: TensorShape, shape: Any) -> TensorShape:
    if shape is None:
        return UNKNOWN
    sizes = [shape] if isinstance(shape, int) else list(shape)
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
                raise ValueError(f"Input to reshape is a tensor with {total} values, but the requested shape requires a multiple of {given}")
            return TensorShape([(total // given if given else 0) if s == -1 else s for s in sizes])
        if given != total:
            raise ValueError(f"Input to reshape is a tensor with {total} values, but the requested shape has {given}")
    if total is not None and sizes.count(None) == 1 and -1 not in sizes and given and total % given == 0:
        return TensorShape([total // given if s is None else s for s in sizes])
    return TensorShape([None if s == -1 else s for s in sizes])


def reshape_vjp(y: Any, g: Any, x: Any, shape: Any) -> Any:
    known = static_shape(x)
    return reshape_op(g, known.as_list() if known.is_fully_defined() else shape_op(x)), None


@op("Reshape", types=("T", HOST), shape=_reshape_shape, vjp=reshape_vjp,
    samples=[Sample((2, 3), [3, 2]), Sample((2, 3), [-1]), Sample((1,), np.zeros(0, np.int32)), Sample((0, 3), [3, 0])])
def reshape_op(xp: Any, tensor: Any, shape: Any) -> Any:
    return xp.reshape(tensor, tuple(int(s) for s in shape.ravel()))


def reshape(tensor: Any, shape: Any, name: str | None = None) -> Any:
    """The same values in another shape; one size may be -1 and is worked out.

    Raises InvalidArgumentError when the number of elements does not fit.

    >>> tf.reshape([1, 2, 3, 4], [2, -1]).numpy()
    array([[1, 2],
           [3, 4]], dtype=int32)
    """
    y = reshape_op(tensor, shape, name=name)
    return y


# -- cast --------------------------------------------------------------------------------------------------


def _cast_vjp(y: Any, g: Any, x: Any, *, DstT: DType, Truncate: bool = False) -> Any:  # noqa: N803
    source = x.dtype.base_dtype
    if not (source.is_floating or source.is_complex) or not (DstT.is_floating or DstT.is_complex):
        return None
    return cast_op(g, DstT=source)


@op("Cast", dtypes=BASIC, out=lambda groups, attrs: attrs["DstT"], shape=same_shape, vjp=_cast_vjp,
    samples=[Sample((2, 3), DstT=dtypes.float64), Sample((2, 3), DstT=dtypes.int32), Sample((0, 2), DstT=dtypes.bool)])
def cast_op(xp: Any, x: Any, *, DstT: DType, Truncate: bool = False) -> Any:  # noqa: N803
    if x.dtype.kind == "c" and not DstT.is_complex:
        x = xp.real(x)
    return x.astype(DstT.np_dtype)


def cast(x: Any, dtype: Any, name: str | None = None) -> Any:
    """The values as another dtype; a tensor that has it already is returned as it is.

    Floats are truncated towards zero on the way to integers; complex numbers lose their imaginary part.

    >>> tf.cast([1.8, -1.8], tf.int32).numpy()
    array([ 1, -1], dtype=int32)
    """
    dtype = dtypes.as_dtype(dtype).base_dtype
    if type(x) is not EagerTensor:
        x = convert.convert_to_tensor(x)
    if x.dtype.base_dtype is dtype:
        return x
    return cast_op(x, DstT=dtype, name=name)


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


@op("BroadcastTo", types=("T", HOST), dtypes=ANY, shape=lambda x, s: UNKNOWN if s is None else TensorShape(s),
    samples=[Sample((3,), [2, 3]), Sample((), [2]), Sample((1, 3), [0, 3])])
def broadcast_to(xp: Any, input: Any, shape: Any) -> Any:
    """`input` repeated to `shape`, by the rules of broadcasting.

    >>> tf.broadcast_to([1, 2], [2, 2]).numpy()
    array([[1, 2],
           [1, 2]], dtype=int32)
    """
    return xp.broadcast_to(input, tuple(int(s) for s in shape.ravel()))


@broadcast_to.vjp
def _(y: Any, g: Any, x: Any, shape: Any) -> Any:
    from thalweg.engine.ops.families import unbroadcast

    return unbroadcast(g, x, y), None


__all__ = ["INDEX", "broadcast_to", "cast", "identity", "rank", "reshape", "shape", "size"]
