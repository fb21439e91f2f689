"""Ops on sparse tensors, made of gathers, segments and scatters of their parts.

Source: https://www.tensorflow.org/api_docs/python/tf/sparse
"""

from __future__ import annotations

from typing import Any

import numpy as np

from thalweg.engine.core import convert, dtypes
from thalweg.engine.core.graph import name_scope
from thalweg.engine.core.registry import REGISTRY, static_value
from thalweg.engine.core.sparse_tensor import SparseTensor, SparseTensorValue
from thalweg.engine.core.tensor import SymbolicTensor
from thalweg.engine.ops.comparison import not_equal, where
from thalweg.engine.ops.creation import ones
from thalweg.engine.ops.division import divide_no_nan
from thalweg.engine.ops.elementwise import conj
from thalweg.engine.ops.embedding import partitioned_lookup
from thalweg.engine.ops.indexing import gather, gather_nd
from thalweg.engine.ops.reduce import reduce_prod, reduce_sum as dense_sum
from thalweg.engine.ops.scatter import sparse_to_dense
from thalweg.engine.ops.segment import segment_sum, unsorted_segment_sum
from thalweg.engine.ops.shaping import cast, reshape as dense_reshape, shape as shape_of
from thalweg.engine.ops.sorting import argsort


def _sparse(x: Any) -> SparseTensor:
    if not isinstance(x, (SparseTensor, SparseTensorValue)):
        raise TypeError(f"Input must be a SparseTensor, not {type(x).__name__}. tf.sparse.from_dense makes one of a tensor.")
    return SparseTensor.from_value(x)


# -- to and from dense tensors -----------------------------------------------------------------------------


def to_dense(sp_input: Any, default_value: Any = None, validate_indices: bool = True, name: str | None = None) -> Any:
    """The dense tensor, with `default_value` (0) where nothing stands.

    Raises InvalidArgumentError for indices that are repeated or out of order, unless `validate_indices` is False.
    """
    x = _sparse(sp_input)
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
    columns = num_rows if num_columns is None else num_columns
    diagonal = np.arange(min(int(num_rows), int(columns)), dtype=np.int64)
    with name_scope(name or "eye"):
        places = np.stack([diagonal, diagonal], axis=1)
        return SparseTensor(places, ones([len(diagonal)], dtype), np.array([num_rows, columns], np.int64))


# -- order and shape ---------------------------------------------------------------------------------------


def _strides(dense_shape: Any) -> Any:
    """How far apart neighbours along each axis are when a tensor is laid out in a row."""
    return REGISTRY["Cumprod"](dense_shape, 0, exclusive=True, reverse=True)


def reorder(sp_input: Any, name: str | None = None) -> SparseTensor:
    """The same tensor with its elements in the order of their indices."""
    x = _sparse(sp_input)
    with name_scope(name or "SparseReorder"):
        order = argsort(dense_sum(x.indices * _strides(x.dense_shape), [1]), stable=True)
        return SparseTensor(gather(x.indices, order), gather(x.values, order), x.dense_shape)


def transpose(sp_input: Any, perm: Any = None, name: str | None = None) -> SparseTensor:
    """The axes in the order of `perm` (None: reversed)."""
    x = _sparse(sp_input)
    with name_scope(name or "SparseTranspose"):
        if perm is None:
            perm = list(range((x.shape.rank or 0) - 1, -1, -1))
        moved = SparseTensor(gather(x.indices, perm, axis=1), x.values, gather(x.dense_shape, perm))
        return reorder(moved)


def reshape(sp_input: Any, shape: Any, name: str | None = None) -> SparseTensor:
    """The same elements in another shape, of which one size may be -1. Raises InvalidArgumentError when it does not fit."""
    x = _sparse(sp_input)
    with name_scope(name or "SparseReshape"):
        total = static_value(reduce_prod(x.dense_shape))
        sizes = static_value(convert.convert_to_tensor(shape, dtype_hint=dtypes.int64))
        if total is None or sizes is None or None in sizes:
            raise ValueError("tf.sparse.reshape needs shapes that are known when the graph is built.")
        fitted = np.reshape(np.empty(total, np.bool_), sizes).shape
        place = dense_sum(x.indices * _strides(x.dense_shape), [1], keepdims=True)
        new = np.array(fitted, np.int64)
        strides = np.append(np.cumprod(new[:0:-1])[::-1], 1)
        return SparseTensor(place // strides % new, x.values, new)


# -- arithmetic --------------------------------------------------------------------------------------------


def sparse_dense_matmul(sp_a: Any, b: Any, adjoint_a: bool = False, adjoint_b: bool = False, name: str | None = None) -> Any:
    """The product of a sparse matrix and a dense one, each adjoined if asked. Gradients reach both.

    >>> tf.sparse.sparse_dense_matmul(tf.sparse.eye(2), [[1., 2.], [3., 4.]]).numpy()
    array([[1., 2.],
           [3., 4.]], dtype=float32)
    """
    a = _sparse(sp_a)
    with name_scope(name or "SparseTensorDenseMatMul"):
        b = convert.convert_to_tensor(b, dtype=a.dtype if not hasattr(b, "dtype") else None)
        b = REGISTRY["Transpose"](conj(b), [1, 0]) if adjoint_b else b
        rows, columns = a.indices[:, 0], a.indices[:, 1]
        values, height = a.values, a.dense_shape[0]
        if adjoint_a:
            rows, columns, values, height = columns, rows, conj(values), a.dense_shape[1]
        b = dense_reshape(b, shape_of(b))  # a reshape's gradient is dense, as TensorFlow's is here; a gather's is not
        y = unsorted_segment_sum(values[:, None] * gather(b, columns), rows, height)
        if isinstance(y, SymbolicTensor):
            y.set_shape([static_value(height), None if b.shape.rank is None else b.shape[1]])
        return y


def reduce_sum(
    sp_input: Any, axis: Any = None, keepdims: Any = None, output_is_sparse: bool = False, name: str | None = None
) -> Any:
    """The sum over `axis`, dense unless `output_is_sparse`."""
    with name_scope(name or "SparseReduceSum"):
        y = dense_sum(to_dense(sp_input), axis, bool(keepdims))
        return from_dense(y) if output_is_sparse else y


# -- embeddings --------------------------------------------------------------------------------------------


def embedding_lookup_sparse(
    params: Any, sp_ids: Any, sp_weights: Any, combiner: str | None = None, max_norm: Any = None, name: str | None = None,
    allow_fast_lookup: bool = False,
) -> Any:  # fmt: skip
    """For each row of `sp_ids` the rows of `params` it names, combined: their sum, mean or sum over sqrt(n).

    sp_ids: `[n, any]` of integers; sp_weights: a weight for each id, or None for 1. Returns `[n, params.shape[1:]]`.
    """
    return sparse_lookup(params, sp_ids, sp_weights, "div", combiner, max_norm, name)


def sparse_lookup(
    params: Any, sp_ids: Any, sp_weights: Any, strategy: str, combiner: str | None, max_norm: Any, name: str | None
) -> Any:
    """The same over tables that hold rows in turn ("mod") or in ranges ("div")."""
    combiner = combiner or "mean"
    if combiner not in ("mean", "sqrtn", "sum"):
        raise ValueError(f"`combiner` must be one of 'mean', 'sqrtn' or 'sum', not {combiner!r}.")
    ids = _sparse(sp_ids)
    with name_scope(name or "embedding_lookup_sparse"):
        parts = list(params) if isinstance(params, (list, tuple)) else [params]
        rows = partitioned_lookup(parts, ids.values, strategy, max_norm, None)
        segments = cast(ids.indices[:, 0], dtypes.int32)
        if sp_weights is None:
            weights = ones(shape_of(ids.values), rows.dtype)
        else:
            weights = cast(_sparse(sp_weights).values, rows.dtype)
        column = dense_reshape(weights, REGISTRY["ConcatV2"](shape_of(weights), REGISTRY["OnesLike"](shape_of(rows)[1:]), 0))
        total = segment_sum(rows * column if sp_weights is not None else rows, segments)
        if combiner == "sum":
            return total
        size = segment_sum(column if combiner == "mean" else column * column, segments)
        return divide_no_nan(total, size if combiner == "mean" else REGISTRY["Sqrt"](size))
