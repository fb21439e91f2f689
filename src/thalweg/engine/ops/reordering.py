"""Reordering the elements of tensors: transpose, reverse, roll."""

from __future__ import annotations

from typing import Any

import numpy as np

from thalweg.engine.core import convert, dtypes, errors
from thalweg.engine.core.registry import HOST, INDEX, REGISTRY, Sample, op
from thalweg.engine.core.shape import UNKNOWN, TensorShape
from thalweg.engine.core.tensor import SymbolicTensor
from thalweg.engine.ops.arrays import concat, pack
from thalweg.engine.ops.shaping import ints, one_axis, static_ints
from thalweg.engine.ops.static import known

# -- transpose ---------------------------------------------------------------------------------------------


def _transpose_shape(x: TensorShape, perm: Any) -> TensorShape:
    order = static_ints(perm, "perm", only_vector=True)
    rank = x.rank if order is None else len(order)
    if order is None or None in order:
        return UNKNOWN if rank is None else TensorShape([None] * rank)
    if x.rank not in (None, rank):
        raise ValueError(f"transpose expects a vector of size {x.rank}. But input(1) is a vector of size {rank}")
    order = [p + len(order) if -len(order) <= p < 0 else p for p in order]  # type: ignore[operator]
    if sorted(order) != list(range(len(order))):  # type: ignore[type-var]
        raise ValueError(f"perm {order} is not a permutation of 0 .. {len(order) - 1}")
    return TensorShape([None] * len(order) if x.rank is None else [x.as_list()[p] for p in order])  # type: ignore[index]


def _inverse(perm: Any) -> Any:
    order = known(perm)
    if order is not None:
        return np.argsort([p % len(order) for p in order]) if order else np.zeros(0, np.int32)
    return REGISTRY["InvertPermutation"](perm)


_TRANSPOSE_SAMPLES = [Sample((2, 3, 4), [1, 2, 0]), Sample((), np.zeros(0, np.int32)), Sample((2, 0), [1, 0])]


def _transpose_vjp(y: Any, g: Any, x: Any, perm: Any) -> Any:
    return lambda: transpose_op(g, _inverse(perm)), None


def _conjugate_vjp(y: Any, g: Any, x: Any, perm: Any) -> Any:
    return lambda: conjugate_transpose_op(g, _inverse(perm)), None


@op("Transpose", types=("T", HOST), shape=_transpose_shape, vjp=_transpose_vjp, samples=_TRANSPOSE_SAMPLES)
def transpose_op(xp: Any, x: Any, perm: Any) -> Any:
    return xp.transpose(x, ints(perm, "perm", (1,)))


@op("ConjugateTranspose", types=("T", HOST), shape=_transpose_shape, vjp=_conjugate_vjp, samples=_TRANSPOSE_SAMPLES)
def conjugate_transpose_op(xp: Any, x: Any, perm: Any) -> Any:
    x = xp.transpose(x, ints(perm, "perm", (1,)))
    return xp.conj(x) if x.dtype.kind == "c" else x


def transpose(a: Any, perm: Any = None, conjugate: bool = False, name: str | None = "transpose") -> Any:
    """A tensor with its dimensions in the order `perm` (reversed by default), conjugated if asked.

    Raises InvalidArgumentError when `perm` is no permutation; ValueError while a graph is built.

    >>> tf.transpose([[1, 2, 3], [4, 5, 6]]).numpy()
    array([[1, 4],
           [2, 5],
           [3, 6]], dtype=int32)
    """
    a = convert.convert_to_tensor(a)
    if perm is None:
        rank = a.shape.rank if isinstance(a, SymbolicTensor) else a._array.ndim
        if rank is None:
            count = REGISTRY["Rank"](a)
            perm = (count - 1) - REGISTRY["Range"](0, count, 1, Tidx=dtypes.int32)
        else:
            perm = np.arange(rank - 1, -1, -1, dtype=np.int32)
    return (conjugate_transpose_op if conjugate and a.dtype.is_complex else transpose_op)(a, perm, name=name)


def matrix_transpose(a: Any, name: str | None = "matrix_transpose", conjugate: bool = False) -> Any:
    """The last two dimensions exchanged, conjugated if asked.

    Raises ValueError for fewer than two dimensions.

    >>> tf.linalg.matrix_transpose([[[1, 2], [3, 4]]]).numpy()
    array([[[1, 3],
            [2, 4]]], dtype=int32)
    """
    a = convert.convert_to_tensor(a)
    rank = a.shape.rank
    if rank is None:
        count = REGISTRY["Rank"](a)
        first = REGISTRY["Range"](0, count - 2, 1, Tidx=dtypes.int32)
        return transpose(a, concat([first, pack(count - 1, count - 2)], 0), conjugate, name)
    if rank < 2:
        raise ValueError(f"Argument `a` should be a (batch) matrix with rank >= 2.  Received `a` = {a} with shape: {a.shape}")
    return transpose(a, [*range(rank - 2), rank - 1, rank - 2], conjugate, name)


def adjoint(matrix: Any, name: str | None = None) -> Any:
    """The conjugate transpose of a matrix, or of each matrix of a batch.

    >>> tf.linalg.adjoint([[1 + 2j, 3]]).numpy()
    array([[1.-2.j],
           [3.-0.j]])
    """
    return matrix_transpose(matrix, name or "adjoint", conjugate=True)


# -- reverse and roll --------------------------------------------------------------------------------------


def _reverse_shape(x: TensorShape, axis: Any) -> TensorShape:
    axes = static_ints(axis, "axis", only_vector=True)
    if x.rank is None or axes is None:
        return x
    positive = [a if a is None else one_axis(a, x.rank) for a in axes]
    for a in positive:
        if a is not None and positive.count(a) > 1:
            raise ValueError(f"axis {a} specified more than once.")
    return x


def _reverse_vjp(y: Any, g: Any, x: Any, axis: Any) -> Any:
    return lambda: reverse(g, axis), None


@op("ReverseV2", types=("T", HOST), shape=_reverse_shape, vjp=_reverse_vjp,
    samples=[Sample((2, 3), [0]), Sample((2, 3), [1, -2]), Sample((2, 3), np.zeros(0, np.int32))])
def reverse(xp: Any, tensor: Any, axis: Any) -> Any:
    """A tensor with the order turned round along each of `axis`.

    Raises InvalidArgumentError for an axis that is not there or comes twice.

    >>> tf.reverse([1, 2, 3], [0]).numpy()
    array([3, 2, 1], dtype=int32)
    """
    axes = [one_axis(a, tensor.ndim) for a in ints(axis, "axis", (1,))]
    if len(set(axes)) < len(axes):
        raise ValueError("axis")  # the shape rule says it
    return xp.flip(tensor, axes)


def _roll_vjp(y: Any, g: Any, x: Any, shift: Any, axis: Any) -> Any:
    return lambda: roll_op(g, REGISTRY["Neg"](shift), axis), None, None


def _roll_shape(x: TensorShape, shift: Any, axis: Any) -> TensorShape:
    shifts, axes = static_ints(shift, "shift"), static_ints(axis, "axis")
    if shifts is not None and axes is not None and len(shifts) != len(axes):
        raise ValueError(f"shift and axis must have the same size, not {len(shifts)} and {len(axes)}")
    return x.with_rank_at_least(1)


@op("Roll", types=("T", HOST, HOST), where={HOST: INDEX}, shape=_roll_shape, vjp=_roll_vjp,
    samples=[Sample((3, 4), [1, -2], [0, 1]), Sample((3, 4), 1, 0)])
def roll_op(xp: Any, input: Any, shift: Any, axis: Any) -> Any:
    if not input.ndim:
        raise errors.invalid("input must be 1-D or higher")
    axes, shifts = ints(axis, "axis"), ints(shift, "shift")
    if len(axes) != len(shifts):
        raise errors.invalid("shift and axis must have the same size")
    for a in axes:
        if not -input.ndim <= a < input.ndim:
            raise errors.invalid(f"axis {a} is out of range")
    return xp.roll(input, shifts, axes)


def roll(input: Any, shift: Any, axis: Any, name: str | None = None) -> Any:
    """The elements moved on by `shift` places along `axis`; those that fall off come in again at the start.

    >>> tf.roll([1, 2, 3, 4], 1, 0).numpy()
    array([4, 1, 2, 3], dtype=int32)
    """
    return roll_op(input, shift, axis, name=name)


def _reverse_sequence_shape(x: TensorShape, lengths: TensorShape, *, seq_dim: int, batch_dim: int) -> TensorShape:
    if x.rank is None:
        return x
    one_axis(seq_dim, x.rank)
    batch = one_axis(batch_dim, x.rank)
    if batch == one_axis(seq_dim, x.rank):
        raise ValueError(f"batch_dim == seq_dim == {seq_dim}")
    if not lengths.is_compatible_with(x[batch : batch + 1]):
        raise ValueError(f"len(seq_lengths) != input.dims({batch_dim}), ({lengths} vs. {x.as_list()[batch]})")
    return x[:batch] + lengths.merge_with(x[batch : batch + 1]) + x[batch + 1 :]


@op("ReverseSequence", types=("T", "I"), where={"I": INDEX}, shape=_reverse_sequence_shape,
    samples=[Sample((3, 4), np.array([2, 4, 1], np.int32), seq_dim=1)])
def reverse_sequence_op(xp: Any, input: Any, seq_lengths: Any, *, seq_dim: int, batch_dim: int = 0) -> Any:
    seq, batch = one_axis(seq_dim, input.ndim), one_axis(batch_dim, input.ndim)
    if seq == batch:
        raise ValueError("axes")  # the shape rule says it
    n = input.shape[seq]
    if xp is np and seq_lengths.shape != (input.shape[batch],):
        raise ValueError("seq_lengths")  # the shape rule says it
    if xp is np and seq_lengths.size and (seq_lengths.min() < 0 or seq_lengths.max() > n):
        raise errors.invalid(f"seq_lengths must be in [0, {n}], not {seq_lengths.tolist()}")
    places = np.arange(n)
    lengths = seq_lengths[:, None]
    order = xp.where(places < lengths, lengths - 1 - places, places)  # [batch, seq]
    order = order if batch < seq else order.T
    dims = [input.shape[i] if i in (seq, batch) else 1 for i in range(input.ndim)]
    return xp.take_along_axis(input, xp.reshape(order, dims), axis=seq)


@reverse_sequence_op.vjp
def _(y: Any, g: Any, x: Any, lengths: Any, *, seq_dim: int, batch_dim: int) -> Any:
    return lambda: reverse_sequence_op(g, lengths, seq_dim=seq_dim, batch_dim=batch_dim), None


def reverse_sequence(
    input: Any, seq_lengths: Any, seq_axis: int | None = None, batch_axis: int | None = None, name: str | None = None
) -> Any:
    """For each item of the batch, the first `seq_lengths[i]` elements along `seq_axis` in reverse order.

    >>> tf.reverse_sequence([[1, 2, 3], [4, 5, 6]], [2, 3], seq_axis=1, batch_axis=0).numpy()
    array([[2, 1, 3],
           [6, 5, 4]], dtype=int32)
    """
    return reverse_sequence_op(input, seq_lengths, seq_dim=seq_axis, batch_dim=batch_axis or 0, name=name)
