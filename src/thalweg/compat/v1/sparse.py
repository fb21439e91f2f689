"""TensorFlow 1's spellings of ops on sparse tensors."""

from __future__ import annotations

from typing import Any

import numpy as np

from thalweg.compat.v1.arrays import either
from thalweg.compat.v1.graph import placeholder
from thalweg.engine.core import dtypes
from thalweg.engine.core.shape import TensorShape
from thalweg.engine.core.sparse_tensor import SparseTensor, SparseTensorValue
from thalweg.engine.ops import sparse

sparse_reorder, sparse_reshape, sparse_transpose = sparse.reorder, sparse.reshape, sparse.transpose
sparse_tensor_dense_matmul, sparse_tensor_to_dense = sparse.sparse_dense_matmul, sparse.to_dense


def sparse_placeholder(dtype: Any, shape: Any = None, name: str | None = None) -> SparseTensor:
    """A sparse tensor to be fed: with a SparseTensorValue, or a triple of indices, values and dense shape."""
    known = TensorShape(shape)
    prefix = f"{name}/" if name else ""
    full = np.array(known.as_list(), np.int64) if known.is_fully_defined() else None
    x = SparseTensor(
        placeholder(dtypes.int64, [None, known.rank], f"{prefix}indices"),
        placeholder(dtype, [None], f"{prefix}values"),
        placeholder(dtypes.int64, [known.rank], f"{prefix}shape") if full is None else full,
    )
    x.set_shape(known)
    return x


def sparse_reduce_sum(
    sp_input: Any, axis: Any = None, keepdims: Any = None, reduction_axes: Any = None, keep_dims: Any = None
) -> Any:
    """As `tf.sparse.reduce_sum`, with `reduction_axes` and `keep_dims` as other names."""
    axis, keepdims = either("axis", axis, "reduction_axes", reduction_axes), either("keepdims", keepdims, "keep_dims", keep_dims)
    return sparse.reduce_sum(sp_input, axis, keepdims)


def embedding_lookup_sparse(
    params: Any, sp_ids: Any, sp_weights: Any, partition_strategy: str = "mod", name: str | None = None,
    combiner: str | None = None, max_norm: Any = None, allow_fast_lookup: bool = False,
) -> Any:  # fmt: skip
    """As `tf.nn.embedding_lookup_sparse`, with the rows of several tables dealt out in turn unless the strategy is "div"."""
    return sparse.sparse_lookup(params, sp_ids, sp_weights, partition_strategy, combiner, max_norm, name)


__all__ = [
    "SparseTensorValue", "sparse_placeholder", "sparse_reduce_sum", "sparse_reorder", "sparse_reshape",
    "sparse_tensor_dense_matmul", "sparse_tensor_to_dense", "sparse_transpose",
]  # fmt: skip
