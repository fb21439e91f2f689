"""TensorFlow 1's spellings of ops on sparse tensors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from thalweg.compat.v1.arrays import either
from thalweg.compat.v1.graph import placeholder, placeholder_with_default
from thalweg.engine.core import dtypes
from thalweg.engine.core.shape import TensorShape
from thalweg.engine.core.sparse_tensor import SparseTensor, SparseTensorValue
from thalweg.engine.ops import sparse, sparse_embedding, sparse_math, sparse_parts

sparse_reorder, sparse_reshape, sparse_transpose = sparse.reorder, sparse.reshape, sparse.transpose
sparse_retain, sparse_reset_shape, sparse_slice = sparse_parts.retain, sparse_parts.reset_shape, sparse_parts.slice
sparse_fill_empty_rows, sparse_mask = sparse_parts.fill_empty_rows, sparse_parts.mask
sparse_merge, sparse_to_indicator = sparse_parts.merge, sparse_parts.to_indicator
sparse_maximum, sparse_minimum, sparse_softmax = sparse_math.maximum, sparse_math.minimum, sparse_math.softmax
sparse_tensor_dense_matmul, sparse_tensor_to_dense = sparse.sparse_dense_matmul, sparse.to_dense


def sparse_placeholder(dtype: Any, shape: Any = None, name: str | None = None) -> SparseTensor:
    """A sparse tensor to be fed: with a SparseTensorValue, or a triple of indices, values and dense shape."""
    known = TensorShape(shape)
    names = [None if name is None else f"{name}/{part}" for part in ("shape", "values", "indices")]
    if known.rank is None:
        dense_shape = placeholder(dtypes.int64, [None], names[0])
    else:  # a shape that is given need not be fed
        sizes = np.array([-1 if n is None else n for n in known.as_list()], np.int64)
        dense_shape = placeholder_with_default(sizes, [known.rank], names[0])
    values = placeholder(dtype, [None], names[1])
    x = SparseTensor(placeholder(dtypes.int64, [None, known.rank], names[2]), values, dense_shape)
    x.set_shape(known)
    return x


def sparse_add(a: Any, b: Any, threshold: Any = None, thresh: Any = None) -> Any:
    """As `tf.sparse.add`, with `thresh` as another name."""
    limit = either("threshold", threshold, "thresh", thresh)
    return sparse_math.add(a, b, 0 if limit is None else limit)


def sparse_concat(
    axis: Any, sp_inputs: Any, name: str | None = None, expand_nonconcat_dim: bool = False, concat_dim: Any = None,
    expand_nonconcat_dims: bool | None = None,
) -> SparseTensor:  # fmt: skip
    """As `tf.sparse.concat`, with `concat_dim` and `expand_nonconcat_dim` as other names."""
    axis = either("axis", axis, "concat_dim", concat_dim)
    return sparse_parts.concat(axis, sp_inputs, bool(expand_nonconcat_dims or expand_nonconcat_dim), name)


def sparse_split(
    *, sp_input: Any = None, num_split: Any = None, axis: Any = None, name: str | None = None, split_dim: Any = None
) -> list[SparseTensor]:
    """As `tf.sparse.split`, with `split_dim` as another name of the axis."""
    return sparse_parts.split(sp_input, num_split, either("axis", axis, "split_dim", split_dim), name)


def _reduction(reduce: Callable[..., Any], output_is_sparse: bool, doc: str) -> Callable[..., Any]:
    def reduced(
        sp_input: Any, axis: Any = None, keepdims: Any = None, reduction_axes: Any = None, keep_dims: Any = None
    ) -> Any:
        axis = either("axis", axis, "reduction_axes", reduction_axes)
        return reduce(sp_input, axis, either("keepdims", keepdims, "keep_dims", keep_dims), output_is_sparse)

    reduced.__name__ = reduced.__qualname__ = f"sparse_{reduce.__name__}{'_sparse' if output_is_sparse else ''}"
    reduced.__doc__ = f"{doc}, with `reduction_axes` and `keep_dims` as other names."
    return reduced


sparse_reduce_sum = _reduction(sparse_math.reduce_sum, False, "As `tf.sparse.reduce_sum`")
sparse_reduce_sum_sparse = _reduction(sparse_math.reduce_sum, True, "As `tf.sparse.reduce_sum` with a sparse result")
sparse_reduce_max = _reduction(sparse_math.reduce_max, False, "As `tf.sparse.reduce_max`")
sparse_reduce_max_sparse = _reduction(sparse_math.reduce_max, True, "As `tf.sparse.reduce_max` with a sparse result")


def embedding_lookup_sparse(
    params: Any, sp_ids: Any, sp_weights: Any, partition_strategy: str = "mod", name: str | None = None,
    combiner: str | None = None, max_norm: Any = None, allow_fast_lookup: bool = False,
) -> Any:  # fmt: skip
    """As `tf.nn.embedding_lookup_sparse`, with the rows of several tables dealt out in turn unless the strategy is "div"."""
    return sparse_embedding.sparse_lookup(params, sp_ids, sp_weights, partition_strategy, combiner, max_norm, name)


def safe_embedding_lookup_sparse(
    embedding_weights: Any, sparse_ids: Any, sparse_weights: Any = None, combiner: str = "mean", default_id: Any = None,
    name: str | None = None, partition_strategy: str = "div", max_norm: Any = None, allow_fast_lookup: bool = False,
) -> Any:  # fmt: skip
    """As `tf.nn.safe_embedding_lookup_sparse`, with the rows of several tables dealt out as `partition_strategy` says."""
    return sparse_embedding.safe_lookup(
        embedding_weights, sparse_ids, sparse_weights, combiner, default_id, name, partition_strategy, max_norm
    )


__all__ = [
    "SparseTensorValue", "sparse_add", "sparse_concat", "sparse_fill_empty_rows", "sparse_mask", "sparse_maximum",
    "sparse_merge", "sparse_minimum", "sparse_placeholder", "sparse_reduce_max", "sparse_reduce_max_sparse",
    "sparse_reduce_sum", "sparse_reduce_sum_sparse", "sparse_reorder", "sparse_reset_shape", "sparse_reshape", "sparse_retain",
    "sparse_slice", "sparse_softmax", "sparse_split", "sparse_tensor_dense_matmul", "sparse_tensor_to_dense",
    "sparse_to_indicator", "sparse_transpose",
]  # fmt: skip
