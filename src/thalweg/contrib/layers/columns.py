"""Feature columns of `tf.contrib.layers`: the first names of those in `tf.feature_column`."""

from __future__ import annotations

from typing import Any

from thalweg.compat import v1 as tf
from thalweg.feature_column import (
    bucketized_column as bucketized_column,
    categorical_column_with_hash_bucket as _hashed,
    categorical_column_with_identity as _identity,
    categorical_column_with_vocabulary_list as _listed,
    crossed_column as crossed_column,
    embedding_column as _embedding,
    indicator_column as one_hot_column,
    numeric_column as _numeric,
    weighted_categorical_column as weighted_sparse_column,
)
from thalweg.feature_column.using import (
    input_layer as input_from_feature_columns,
    make_parse_example_spec as create_feature_spec_for_parsing,
)


def real_valued_column(
    column_name: str, dimension: int = 1, default_value: Any = None, dtype: Any = tf.float32, normalizer: Any = None
) -> Any:
    """Numbers."""
    return _numeric(column_name, (dimension,), default_value, dtype, normalizer)


def sparse_column_with_hash_bucket(column_name: str, hash_bucket_size: int, combiner: str = "sum", dtype: Any = tf.string) -> Any:
    """Categories by a hash."""
    return _hashed(column_name, hash_bucket_size, dtype)


def sparse_column_with_keys(
    column_name: str, keys: Any, default_value: int = -1, combiner: str = "sum", dtype: Any = tf.string
) -> Any:
    """Categories of a list."""
    return _listed(column_name, keys, dtype, default_value)


def sparse_column_with_integerized_feature(column_name: str, bucket_size: int, combiner: str = "sum", dtype: Any = tf.int64) -> Any:
    """Categories that are integers."""
    return _identity(column_name, bucket_size)


def embedding_column(sparse_id_column: Any, dimension: int, combiner: str = "mean", initializer: Any = None, **kwargs: Any) -> Any:
    """Vectors for categories."""
    return _embedding(sparse_id_column, dimension, combiner, initializer)


__all__ = [
    "bucketized_column", "create_feature_spec_for_parsing", "crossed_column", "embedding_column", "input_from_feature_columns",
    "one_hot_column", "real_valued_column", "sparse_column_with_hash_bucket", "sparse_column_with_integerized_feature",
    "sparse_column_with_keys", "weighted_sparse_column",
]  # fmt: skip
