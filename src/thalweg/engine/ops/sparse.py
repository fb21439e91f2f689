"""Ops on sparse tensors, made of gathers, segments and scatters of their parts.

Source: https://www.tensorflow.org/api_docs/python/tf/sparse
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from thalweg.engine.core import convert, dtypes, errors
from thalweg.engine.core.graph import name_scope
from thalweg.engine.core.registry import REGISTRY, static_value
from thalweg.engine.core.shape import TensorShape
from thalweg.engine.core.sparse_tensor import SparseTensor, SparseTensorValue
from thalweg.engine.core.tensor import SymbolicTensor
from thalweg.engine.ops.arrays import stack
from thalweg.engine.ops.assertions import after, assert_equal
from thalweg.engine.ops.comparison import not_equal, where
from thalweg.engine.ops.creation import ones, range_
from thalweg.engine.ops.elementwise import conj
from thalweg.engine.ops.indexing import gather, gather_nd
from thalweg.engine.ops.reduce import reduce_prod, reduce_sum as dense_sum
from thalweg.engine.ops.reordering import transpose as transpose_dense
from thalweg.engine.ops.scatter import sparse_to_dense
from thalweg.engine.ops.segment import unsorted_segment_sum
from thalweg.engine.ops.shaping import cast, reshape as dense_reshape, shape as shape_of
from thalweg.engine.ops.sorting import argsort


def as_sparse(x: Any) -> SparseTensor:
    """The argument, if it is a SparseTensor or the value of one. Raises TypeError for anything else."""
    if not isinstance(x, (SparseTensor, SparseTensorValue)):
        raise TypeError(f"Input must be a SparseTensor, not {type(x).__name__}. tf.sparse.from_dense makes one of a tensor.")
    return SparseTensor.from_value(x)


def strides(dense_shape: Any) -> Any:
    """How far apart neighbours along each axis are when a tensor is laid out in a row."""
    return REGISTRY["Cumprod"](dense_shape, 0, exclusive=True, reverse=True)


def places(indices: Any, dense_shape: Any) -> Any:
    """The number of each index in a tensor laid out in a row."""
    return dense_sum(indices * strides(dense_shape), [1])


def indices_at(numbers: Any, dense_shape: Any) -> Any:
    """The indices of numbers in a tensor laid out in a row: the inverse of `places`."""
    return numbers[:, None] // strides(dense_shape) % dense_shape


def with_dense_gradient(x: Any) -> Any:
    """`x`, to be gathered from: a reshape's gradient is dense, as TensorFlow's is for these ops; a gather's is IndexedSlices."""
    return dense_reshape(x, shape_of(x))


def same_shape(a: SparseTensor, b: SparseTensor) -> Any:
    """The dense shape that both have. Raises InvalidArgumentError (ValueError while building a graph) if they differ."""
    if a.shape.is_fully_defined() and b.shape.is_fully_defined():
        if a.shape.as_list() != b.shape.as_list():
            raise errors.wrong_argument(f"Operands' shapes do not match: {a.shape} and {b.shape}.")
        return a.dense_shape
    return after([assert_equal(a.dense_shape, b.dense_shape, message="Operands' shapes do not match")], a.dense_shape)


# -- to and from dense tensors -----------------------------------------------------------------------------


def to_dense(sp_input: Any, default_value: Any = None, validate_indices: bool = True, name: str | None = None) -> Any:
    """The dense tensor, with `default_value` (0) where nothing stands.

    Raises InvalidArgumentError for indices that are repeated or out of order, unless `validate_indices` is False.
    """
    x = as_sparse(sp_input)
    if default_value is None:
        default_value = convert.convert_to_tensor(np.zeros((), x.dtype.as_numpy_dtype) if x.dtype is not dtypes.string else b"")
    return sparse_to_dense(x.indices, x.dense_shape, x.values, default_value, validate_indices, name)


def from_dense(tensor: Any, name: str | None = None) -> SparseTensor:
    """The elements of a dense tensor that are not zero (or the empty string).

    >>> tf.sparse.from_dense([0, 7, 0]).indices.numpy()
    array([[1]])
    """
    with name_scope(name or "dense_to_sparse"):
        x = convert.convert_to_tensor(tensor)
        nothing = convert.convert_to_tensor(b"" if x.dtype is dtypes.string else np.zeros((), x.dtype.as_numpy_dtype))
        indices = where(not_equal(x, nothing))
        return SparseTensor(indices, gather_nd(x, indices), shape_of(x, out_type=dtypes.int64))


def eye(num_rows: Any, num_columns: Any = None, dtype: Any = dtypes.float32, name: str | None = None) -> SparseTensor:
    """Ones on the main diagonal."""
    sizes = [convert.convert_to_tensor(n, dtype_hint=dtypes.int64) for n in (num_rows, num_columns) if n is not None]
    with name_scope(name or "eye"):
        rows, columns = (cast(sizes[i], dtypes.int64) for i in (0, -1))
        diagonal = range_(REGISTRY["Minimum"](rows, columns), dtype=dtypes.int64)
        return SparseTensor(stack([diagonal, diagonal], axis=1), ones(shape_of(diagonal), dtype), stack([rows, columns]))


# -- order and shape ---------------------------------------------------------------------------------------


def reorder(sp_input: Any, name: str | None = None) -> SparseTensor:
    """The same tensor with its elements in the order of their indices."""
    x = as_sparse(sp_input)
    with name_scope(name or "SparseReorder"):
        order = argsort(places(x.indices, x.dense_shape), stable=True)
        return SparseTensor(gather(x.indices, order), gather(with_dense_gradient(x.values), order), x.dense_shape)


def transpose(sp_input: Any, perm: Any = None, name: str | None = None) -> SparseTensor:
    """The axes in the order of `perm` (None: reversed)."""
    x = as_sparse(sp_input)
    with name_scope(name or "SparseTranspose"):
        if perm is None:
            perm = list(range((x.shape.rank or 0) - 1, -1, -1))
        moved = SparseTensor(gather(x.indices, perm, axis=1), x.values, gather(x.dense_shape, perm))
        return reorder(moved)


def reshape(sp_input: Any, shape: Any, name: str | None = None) -> SparseTensor:
    """The same elements in another shape, of which one size may be -1. Raises InvalidArgumentError when it does not fit."""
    x = as_sparse(sp_input)
    with name_scope(name or "SparseReshape"):
        wanted = cast(convert.convert_to_tensor(shape, dtype_hint=dtypes.int64), dtypes.int64)
        sizes = static_value(wanted)
        if sizes is not None and None not in sizes and x.shape.is_fully_defined():
            fitted = convert.convert_to_tensor(np.array(_fitted(x.shape.as_list(), sizes), np.int64))
        else:
            fitted = _fitted_later(x.dense_shape, wanted)
        return SparseTensor(indices_at(places(x.indices, x.dense_shape), fitted), x.values, fitted)


def _fitted(old: list[int], new: list[int]) -> list[int]:
    """The sizes of a new shape, with the one that is -1 worked out."""
    total, known = math.prod(old), math.prod(n for n in new if n != -1)
    if new.count(-1) > 1:
        raise errors.wrong_argument(f"Only one output dimension may be -1, not several: {new}.")
    if (-1 in new and (known == 0 or total % known)) or (-1 not in new and total != known):
        raise errors.wrong_argument(f"A sparse tensor of shape {old} ({total} dense values) cannot be reshaped to {new}.")
    return [total // known if n == -1 else n for n in new]


def _fitted_later(old: Any, new: Any) -> Any:
    """The same of sizes that are known when the graph runs."""
    total = reduce_prod(old)
    unknown = REGISTRY["Equal"](new, REGISTRY["Neg"](REGISTRY["OnesLike"](new)))
    known = reduce_prod(where(unknown, REGISTRY["OnesLike"](new), new))
    fitted = where(unknown, REGISTRY["FloorDiv"](total, REGISTRY["Maximum"](known, 1)), new)
    return after([assert_equal(reduce_prod(fitted), total, message="A sparse tensor cannot take that shape")], fitted)


# -- arithmetic --------------------------------------------------------------------------------------------


def sparse_dense_matmul(sp_a: Any, b: Any, adjoint_a: bool = False, adjoint_b: bool = False, name: str | None = None) -> Any:
    """The product of a sparse matrix and a dense one, each adjoined if asked. Gradients reach both.

    >>> tf.sparse.sparse_dense_matmul(tf.sparse.eye(2), [[1., 2.], [3., 4.]]).numpy()
    array([[1., 2.],
           [3., 4.]], dtype=float32)
    """
    if isinstance(b, (SparseTensor, SparseTensorValue)):  # x b = (b' x')', as TensorFlow has it
        return transpose_dense(sparse_dense_matmul(b, sp_a, not adjoint_b, not adjoint_a, name), [1, 0])
    a = as_sparse(sp_a)
    with name_scope(name or "SparseTensorDenseMatMul"):
        b = convert.convert_to_tensor(b, dtype=a.dtype if not hasattr(b, "dtype") else None)
        _check_product(a.shape, b, adjoint_a, adjoint_b)
        b = transpose_dense(conj(b), [1, 0]) if adjoint_b else b
        rows, columns = a.indices[:, 0], a.indices[:, 1]
        values, height = a.values, a.dense_shape[0]
        if adjoint_a:
            rows, columns, values, height = columns, rows, conj(values), a.dense_shape[1]
        y = unsorted_segment_sum(values[:, None] * gather(with_dense_gradient(b), columns), rows, height)
        if isinstance(y, SymbolicTensor):
            y.set_shape([static_value(height), None if b.shape.rank is None else b.shape[1]])
        return y


def _check_product(a: TensorShape, b: Any, adjoint_a: bool, adjoint_b: bool) -> None:
    if b.shape.rank not in (2, None):
        raise errors.wrong_argument(f"Tensor 'b' of sparse_dense_matmul must be a matrix, not of shape {b.shape}.")
    if a.rank not in (2, None):
        raise errors.wrong_argument(f"The sparse tensor of sparse_dense_matmul must be a matrix, not of shape {a}.")
    if a.rank == b.shape.rank == 2:
        inner, other = a.as_list()[0 if adjoint_a else 1], b.shape.as_list()[1 if adjoint_b else 0]
        if None not in (inner, other) and inner != other:
            raise errors.wrong_argument(f"Cannot multiply A and B because inner dimensions differ: {inner} and {other}.")
