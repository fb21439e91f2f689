"""Dense columns: numbers, buckets of numbers, categories as indicators and as embeddings."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np

from thalweg.compat import v1 as tf
from thalweg.feature_column.base import CategoricalColumn, DenseColumn, feature, require_categorical


class NumericColumn(DenseColumn):
    """Numbers as they are, or passed through a function."""

    def __init__(self, key: str, shape: tuple[int, ...], default_value: Any, dtype: Any, normalizer_fn: Any):
        self.name = self.key = key
        self.shape, self.default, self.dtype, self.normalizer_fn = shape, default_value, dtype, normalizer_fn
        self.size = math.prod(shape)

    def example_features(self) -> dict[str, Any]:
        return {self.key: tf.FixedLenFeature(list(self.shape), self.dtype, self.default)}

    def dense(self, features: dict[str, Any], weights: Any = None) -> Any:
        x = feature(features, self.key)
        if isinstance(x, tf.SparseTensor):
            raise ValueError(
                f"The corresponding Tensor of numerical column must be a Tensor. SparseTensor is not supported. key: {self.key}"
            )
        if self.normalizer_fn is not None:
            x = self.normalizer_fn(x)
        return tf.reshape(tf.to_float(x), [-1, self.size])


def numeric_column(
    key: str, shape: Any = (1,), default_value: Any = None, dtype: Any = tf.float32, normalizer_fn: Any = None
) -> NumericColumn:
    """A feature of numbers. Raises ValueError for another dtype, TypeError for a `normalizer_fn` that is none."""
    sizes = (int(shape),) if isinstance(shape, (int, np.integer)) else tuple(int(n) for n in shape)
    dtype = tf.as_dtype(dtype)
    if not (dtype.is_integer or dtype.is_floating):
        raise ValueError(f"dtype must be convertible to float. dtype: {dtype}, key: {key}")
    if normalizer_fn is not None and not callable(normalizer_fn):
        raise TypeError(f"normalizer_fn must be a callable. Given: {normalizer_fn}")
    return NumericColumn(key, sizes, default_value, dtype, normalizer_fn)


class BucketizedColumn(DenseColumn, CategoricalColumn):
    """Numbers by the interval they are in: dense as one-hot rows, categorical as ids."""

    def __init__(self, source: NumericColumn, boundaries: tuple[float, ...]):
        self.source, self.boundaries = source, boundaries
        self.name = f"{source.name}_bucketized"
        self._buckets = len(boundaries) + 1
        self.size = self._buckets * source.size
        self.num_buckets = self.size

    def example_features(self) -> dict[str, Any]:
        return self.source.example_features()

    def _bucket(self, features: dict[str, Any]) -> Any:
        x = self.source.dense(features)
        edges = tf.constant(np.array(self.boundaries, np.float32))
        return tf.reduce_sum(tf.cast(tf.expand_dims(x, 2) >= edges, tf.int64), 2)

    def dense(self, features: dict[str, Any], weights: Any = None) -> Any:
        return tf.reshape(tf.one_hot(self._bucket(features), self._buckets), [-1, self.size])

    def ids(self, features: dict[str, Any]) -> Any:
        return self._bucket(features) + np.arange(self.source.size, dtype=np.int64) * self._buckets


def bucketized_column(source_column: Any, boundaries: Any) -> BucketizedColumn:
    """Buckets `(-inf, b0), [b0, b1) ... [bn, inf)`. Raises ValueError for boundaries that do not ascend."""
    if not isinstance(source_column, NumericColumn):
        raise ValueError(f"source_column must be a column generated with numeric_column(). Given: {source_column}")
    if len(source_column.shape) > 1:
        raise ValueError(f"source_column must be one-dimensional column. Given: {source_column}")
    edges = tuple(boundaries)
    if not edges or any(a >= b for a, b in itertools.pairwise(edges)):
        raise ValueError(f"boundaries must be a sorted list. Given: {boundaries}")
    return BucketizedColumn(source_column, edges)


class IndicatorColumn(DenseColumn):
    """How often each category is there, or the sum of its weights."""

    def __init__(self, column: CategoricalColumn):
        self.column, self.name, self.size = column, f"{column.name}_indicator", column.num_buckets

    def example_features(self) -> dict[str, Any]:
        return self.column.example_features()

    def dense(self, features: dict[str, Any], weights: Any = None) -> Any:
        hot = tf.one_hot(self.column.ids(features), self.size)
        given = self.column.weights(features)
        if given is not None:
            hot = hot * tf.expand_dims(given, -1)
        return tf.reduce_sum(hot, 1)


def indicator_column(categorical_column: Any) -> IndicatorColumn:
    """A categorical column as a row of counts."""
    require_categorical(categorical_column, "indicator_column")
    return IndicatorColumn(categorical_column)


class EmbeddingColumn(DenseColumn):
    """The vectors of the categories, combined: the variable `embedding_weights`."""

    def __init__(self, column: CategoricalColumn, dimension: int, combiner: str, initializer: Any, trainable: bool, max_norm: Any,
                 checkpoint: Any, shared_name: str | None):  # fmt: skip
        self.column, self.size, self.combiner, self.initializer = column, dimension, combiner, initializer
        self.trainable, self.max_norm, self.checkpoint, self.shared_name = trainable, max_norm, checkpoint, shared_name
        self.name = f"{column.name}_shared_embedding" if shared_name else f"{column.name}_embedding"

    def example_features(self) -> dict[str, Any]:
        return self.column.example_features()

    def dense(self, features: dict[str, Any], weights: Any = None) -> Any:
        table = weights("embedding_weights", [self.column.num_buckets, self.size], self.initializer, self.trainable)
        if self.checkpoint is not None:
            tf.train.init_from_checkpoint(self.checkpoint[0], {self.checkpoint[1]: table})
        return combined(table, self.column, features, self.combiner, self.max_norm)


def combined(table: Any, column: CategoricalColumn, features: dict[str, Any], combiner: str, max_norm: Any = None) -> Any:
    """The rows of a table for the ids of a column, summed or averaged over each example's ids; zeros for none."""
    ids = column.ids(features)
    there = tf.to_float(ids >= 0)
    given = column.weights(features)
    share = there if given is None else there * given
    vectors = tf.nn.embedding_lookup(table, tf.maximum(ids, 0), max_norm=max_norm)
    total = tf.reduce_sum(vectors * tf.expand_dims(share, -1), 1)
    if combiner == "sum":
        return total
    by = (
        tf.reduce_sum(share, 1, keepdims=True) if combiner == "mean" else tf.sqrt(tf.reduce_sum(tf.square(share), 1, keepdims=True))
    )
    return tf.div_no_nan(total, by)


def embedding_column(
    categorical_column: Any, dimension: int, combiner: str = "mean", initializer: Any = None, ckpt_to_load_from: Any = None,
    tensor_name_in_ckpt: Any = None, max_norm: Any = None, trainable: bool = True, use_safe_embedding_lookup: bool = True,
) -> EmbeddingColumn:  # fmt: skip
    """Vectors of `dimension` numbers for categories, learnt. `combiner`: mean, sqrtn or sum, over an example's ids."""
    require_categorical(categorical_column, "embedding_column")
    if dimension is None or dimension < 1:
        raise ValueError(f"Invalid dimension {dimension}.")
    if combiner not in ("mean", "sqrtn", "sum"):
        raise ValueError(f"combiner must be mean, sqrtn or sum, not {combiner!r}.")
    if (ckpt_to_load_from is None) != (tensor_name_in_ckpt is None):
        raise ValueError("Must specify both `ckpt_to_load_from` and `tensor_name_in_ckpt` or none of them.")
    if initializer is not None and not callable(initializer):
        raise ValueError(f"initializer must be callable if specified. Embedding of column_name: {categorical_column.name}")
    initializer = initializer or tf.truncated_normal_initializer(0.0, 1 / math.sqrt(dimension))
    checkpoint = None if ckpt_to_load_from is None else (ckpt_to_load_from, tensor_name_in_ckpt)
    return EmbeddingColumn(categorical_column, dimension, combiner, initializer, trainable, max_norm, checkpoint, None)


def shared_embedding_columns(
    categorical_columns: Any, dimension: int, combiner: str = "mean", initializer: Any = None,
    shared_embedding_collection_name: str | None = None, ckpt_to_load_from: Any = None, tensor_name_in_ckpt: Any = None,
    max_norm: Any = None, trainable: bool = True, use_safe_embedding_lookup: bool = True,
) -> list[EmbeddingColumn]:  # fmt: skip
    """Embeddings of several columns with one table. Raises ValueError where they have different numbers of categories."""
    columns = list(categorical_columns)
    if len({c.num_buckets for c in columns}) > 1:
        raise ValueError("To use shared_embedding_column, all categorical_columns must have the same number of buckets.")
    initializer = initializer or tf.truncated_normal_initializer(0.0, 1 / math.sqrt(dimension))
    name = shared_embedding_collection_name or "_".join(sorted(c.name for c in columns)) + "_shared_embedding"
    checkpoint = None if ckpt_to_load_from is None else (ckpt_to_load_from, tensor_name_in_ckpt)
    return [EmbeddingColumn(c, dimension, combiner, initializer, trainable, max_norm, checkpoint, name) for c in columns]
