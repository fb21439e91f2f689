"""Embedding lookups by sparse tensors: several rows of a table for each row, combined.

Source: https://www.tensorflow.org/api_docs/python/tf/nn/embedding_lookup_sparse
"""

from __future__ import annotations

from typing import Any

from thalweg.engine.core import convert, dtypes
from thalweg.engine.core.graph import name_scope
from thalweg.engine.core.registry import REGISTRY
from thalweg.engine.core.shape import TensorShape
from thalweg.engine.core.sparse_tensor import SparseTensor
from thalweg.engine.core.tensor import SymbolicTensor
from thalweg.engine.ops.arrays import concat
from thalweg.engine.ops.comparison import greater, greater_equal, where
from thalweg.engine.ops.creation import ones, zeros_like
from thalweg.engine.ops.division import divide_no_nan
from thalweg.engine.ops.embedding import partitioned_lookup
from thalweg.engine.ops.reduce import reduce_prod
from thalweg.engine.ops.segment import segment_sum
from thalweg.engine.ops.shaping import cast, reshape as dense_reshape, shape as shape_of
from thalweg.engine.ops.sparse import as_sparse, reshape
from thalweg.engine.ops.sparse_parts import fill_empty_rows, retain


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
    ids = as_sparse(sp_ids)
    with name_scope(name or "embedding_lookup_sparse"):
        parts = list(params) if isinstance(params, (list, tuple)) else [params]
        rows = partitioned_lookup(parts, ids.values, strategy, max_norm, None)
        segments = cast(ids.indices[:, 0], dtypes.int32)
        if sp_weights is None:
            weights = ones(shape_of(ids.values), rows.dtype)
        else:
            weights = cast(as_sparse(sp_weights).values, rows.dtype)
        column = dense_reshape(weights, REGISTRY["ConcatV2"](shape_of(weights), REGISTRY["OnesLike"](shape_of(rows)[1:]), 0))
        total = segment_sum(rows * column if sp_weights is not None else rows, segments)
        if combiner == "sum":
            return total
        size = segment_sum(column if combiner == "mean" else column * column, segments)
        return divide_no_nan(total, size if combiner == "mean" else REGISTRY["Sqrt"](size))


def safe_embedding_lookup_sparse(
    embedding_weights: Any, sparse_ids: Any, sparse_weights: Any = None, combiner: str = "mean", default_id: Any = None,
    max_norm: Any = None, name: str | None = None, allow_fast_lookup: bool = False,
) -> Any:  # fmt: skip
    """As `embedding_lookup_sparse`, for ids as data has them: negative ids and weights of zero or less are left out.

    sparse_ids: `[d0, ..., dn]`. Returns `[d0, ..., dn-1] + params.shape[1:]`; where a row has no id that counts, zeros, or
    the row of `default_id`.
    """
    return safe_lookup(embedding_weights, sparse_ids, sparse_weights, combiner, default_id, name, "div", max_norm)


def safe_lookup(
    params: Any, sp_ids: Any, sp_weights: Any, combiner: str, default_id: Any, name: str | None, strategy: str, max_norm: Any
) -> Any:
    """The same over tables that hold rows in turn ("mod") or in ranges ("div")."""
    tables = list(params) if isinstance(params, (list, tuple)) else [params]
    if not tables or params is None:
        raise ValueError(f"Missing embedding_weights {params}.")
    with name_scope(name or "embedding_lookup"):
        full = as_sparse(sp_ids).dense_shape
        ids = reshape(sp_ids, concat([reduce_prod(full[:-1], keepdims=True), full[-1:]], 0))
        weights = None if sp_weights is None else SparseTensor(ids.indices, as_sparse(sp_weights).values, ids.dense_shape)
        ids, weights = _kept(ids, weights, greater_equal(ids.values, 0))
        if weights is not None and combiner != "sum":
            ids, weights = _kept(ids, weights, greater(weights.values, 0))
        ids, is_empty = fill_empty_rows(ids, default_id or 0)
        if weights is not None:
            weights = fill_empty_rows(weights, 1.0)[0]
        rows = sparse_lookup(tables, ids, weights, strategy, combiner, max_norm, None)
        if default_id is None:
            rows = where(dense_reshape(is_empty, [-1] + [1] * ((rows.shape.rank or 2) - 1)), zeros_like(rows), rows)
        y = dense_reshape(rows, concat([cast(full[:-1], dtypes.int32), shape_of(rows)[1:]], 0))
        if isinstance(y, SymbolicTensor):
            y.set_shape(TensorShape(as_sparse(sp_ids).shape[:-1]).concatenate(rows.shape[1:]))
        return y


def _kept(ids: SparseTensor, weights: SparseTensor | None, which: Any) -> tuple[SparseTensor, SparseTensor | None]:
    return retain(ids, which), None if weights is None else retain(weights, which)
