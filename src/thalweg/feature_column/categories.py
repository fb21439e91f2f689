"""Categorical columns: features as ids."""

from __future__ import annotations

from typing import Any

import numpy as np

from thalweg.compat import v1 as tf
from thalweg.feature_column.base import CategoricalColumn, feature, require_categorical, rows


def _check_key(key: Any) -> None:
    if not isinstance(key, str):
        raise ValueError(f"key must be a string. Got: type {type(key)}. Given key: {key}.")


class IdentityColumn(CategoricalColumn):
    """Integers that are ids."""

    def __init__(self, key: str, num_buckets: int, default_value: int | None):
        self.name = self.key = key
        self.num_buckets, self.default = num_buckets, default_value

    def example_features(self) -> dict[str, Any]:
        return {self.key: tf.VarLenFeature(tf.int64)}

    def ids(self, features: dict[str, Any]) -> Any:
        x = tf.to_int64(rows(feature(features, self.key), -1))
        inside = tf.logical_and(x >= 0, x < self.num_buckets)
        if self.default is not None:
            return tf.where(tf.logical_or(inside, tf.equal(x, -1)), x, tf.zeros_like(x) + self.default)
        return x


def categorical_column_with_identity(key: str, num_buckets: int, default_value: int | None = None) -> IdentityColumn:
    """Integers below `num_buckets`; others become `default_value`. Raises ValueError for no buckets."""
    _check_key(key)
    if num_buckets < 1:
        raise ValueError(f"num_buckets {num_buckets} < 1, column_name {key}")
    if default_value is not None and not 0 <= default_value < num_buckets:
        raise ValueError(f"default_value {default_value} not in range [0, {num_buckets}), column_name {key}")
    return IdentityColumn(key, num_buckets, default_value)


class VocabularyColumn(CategoricalColumn):
    """Words of a list; others are missing, or go by their hash to buckets of their own."""

    def __init__(self, key: str, words: Any, dtype: Any, default_value: int, oov: int):
        self.name = self.key = key
        self.words, self.dtype, self.default, self.oov = list(words), tf.as_dtype(dtype), default_value, oov
        self.num_buckets = len(self.words) + oov
        self._ids = {w.encode() if isinstance(w, str) else w: i for i, w in enumerate(self.words)}

    def example_features(self) -> dict[str, Any]:
        return {self.key: tf.VarLenFeature(self.dtype)}

    def _look_up(self, x: np.ndarray) -> np.ndarray:
        ids, missing = self._ids, b"" if x.dtype == object else -1
        found = [-1 if v == missing and v not in ids else ids.get(v, self.default) for v in x.ravel().tolist()]
        return np.array(found, np.int64).reshape(x.shape)

    def ids(self, features: dict[str, Any]) -> Any:
        text = self.dtype is tf.string
        x = rows(feature(features, self.key), "" if text else -1)
        if not text:
            x = tf.to_int64(x)
        found = tf.py_func(self._look_up, [x], tf.int64)
        found.set_shape(x.shape)
        if self.oov:
            other = tf.strings.to_hash_bucket_fast(x if text else tf.as_string(x), self.oov) + len(self.words)
            empty = tf.equal(x, "") if text else tf.equal(x, -1)
            found = tf.where(tf.logical_and(found < 0, tf.logical_not(empty)), other, found)
        return found


def categorical_column_with_vocabulary_list(
    key: str, vocabulary_list: Any, dtype: Any = None, default_value: int = -1, num_oov_buckets: int = 0
) -> VocabularyColumn:
    """Ids by place in a list. Raises ValueError for an empty list, or a word twice."""
    _check_key(key)
    words = list(vocabulary_list) if vocabulary_list is not None else []
    if not words:
        raise ValueError(f"vocabulary_list {vocabulary_list} must be non-empty, column_name: {key}")
    if len(set(words)) != len(words):
        raise ValueError(f"Duplicate keys in vocabulary_list {vocabulary_list}, column_name: {key}")
    if num_oov_buckets and default_value != -1:
        raise ValueError(f"Can't specify both num_oov_buckets and default_value in {key}.")
    kind = tf.string if isinstance(words[0], (str, bytes)) else tf.int64
    return VocabularyColumn(key, words, dtype or kind, default_value, num_oov_buckets)


def categorical_column_with_vocabulary_file(
    key: str, vocabulary_file: Any, vocabulary_size: int | None = None, num_oov_buckets: int = 0, default_value: int | None = None,
    dtype: Any = tf.string,
) -> VocabularyColumn:  # fmt: skip
    """Ids by line in a file. Raises ValueError for a file of fewer lines than `vocabulary_size`."""
    _check_key(key)
    with tf.gfile.GFile(vocabulary_file) as f:
        words = [line.rstrip("\n") for line in f]
    if vocabulary_size is not None:
        if vocabulary_size > len(words):
            raise ValueError(f"vocabulary_size {vocabulary_size} is more than the {len(words)} lines of {vocabulary_file}.")
        words = words[:vocabulary_size]
    values = words if tf.as_dtype(dtype) is tf.string else [int(w) for w in words]
    return VocabularyColumn(key, values, dtype, -1 if default_value is None else default_value, num_oov_buckets)


class HashedColumn(CategoricalColumn):
    """Ids by a hash of the text."""

    def __init__(self, key: str, size: int, dtype: Any):
        self.name = self.key = key
        self.num_buckets, self.dtype = size, tf.as_dtype(dtype)

    def example_features(self) -> dict[str, Any]:
        return {self.key: tf.VarLenFeature(self.dtype)}

    def ids(self, features: dict[str, Any]) -> Any:
        text = self.dtype is tf.string
        x = rows(feature(features, self.key), "" if text else -1)
        hashed = tf.strings.to_hash_bucket_fast(x if text else tf.as_string(x), self.num_buckets)
        return tf.where(tf.equal(x, "") if text else tf.equal(x, tf.cast(-1, x.dtype)), tf.zeros_like(hashed) - 1, hashed)


def categorical_column_with_hash_bucket(key: str, hash_bucket_size: int, dtype: Any = tf.string) -> HashedColumn:
    """Ids by a hash. Raises ValueError for no buckets."""
    _check_key(key)
    if hash_bucket_size is None or hash_bucket_size < 1:
        raise ValueError(f"hash_bucket_size must be at least 1, column_name: {key}")
    return HashedColumn(key, hash_bucket_size, dtype)


class CrossedColumn(CategoricalColumn):
    """Each combination of several columns' values, by a hash of its text."""

    def __init__(self, keys: list[Any], size: int):
        self.keys, self.num_buckets = keys, size
        self.name = "_X_".join(sorted(_leaf_names(keys)))

    def example_features(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for k in self.keys:
            found |= {k: tf.VarLenFeature(tf.string)} if isinstance(k, str) else k.example_features()
        return found

    def ids(self, features: dict[str, Any]) -> Any:
        joined: Any = None
        missing: Any = None
        for k in self.keys:
            if isinstance(k, str):
                x = rows(feature(features, k), "")
                none = tf.equal(x, "") if x.dtype is tf.string else tf.fill(tf.shape(x), False)
            else:
                x = k.ids(features)
                none = x < 0
            text = x if x.dtype is tf.string else tf.as_string(x)
            if joined is None:
                joined, missing = text, none
                continue
            n, m = joined.shape.as_list()[1], text.shape.as_list()[1]
            pairs = tf.strings.join([tf.tile(joined, [1, m or 1]), _repeated(text, n or 1)], separator="_X_")
            missing = tf.logical_or(tf.tile(missing, [1, m or 1]), _repeated(none, n or 1))
            joined = pairs
        hashed = tf.strings.to_hash_bucket_fast(joined, self.num_buckets)
        return tf.where(missing, tf.zeros_like(hashed) - 1, hashed)


def _repeated(x: Any, times: int) -> Any:
    """Each column `times` times, one after the other."""
    wide = tf.tile(tf.expand_dims(x, 2), [1, 1, times])
    return tf.reshape(wide, [tf.shape(x)[0], x.shape.as_list()[1] * times])


def _leaf_names(keys: list[Any]) -> list[str]:
    found: list[str] = []
    for k in keys:
        found += [k] if isinstance(k, str) else _leaf_names(k.keys) if isinstance(k, CrossedColumn) else [k.name]
    return found


def crossed_column(keys: Any, hash_bucket_size: int, hash_key: Any = None) -> CrossedColumn:
    """Combinations of features (by key) and categorical columns. The buckets are not those of TensorFlow's hash.

    Raises ValueError for fewer than two keys, no buckets, or a column of numbers (make buckets of it first).
    """
    if not hash_bucket_size or hash_bucket_size < 1:
        raise ValueError(f"hash_bucket_size must be > 1. hash_bucket_size: {hash_bucket_size}")
    keys = list(keys or [])
    if len(keys) < 2:
        raise ValueError(f"keys must be a list with length > 1. Given: {keys}")
    for k in keys:
        if not isinstance(k, (str, CategoricalColumn)):
            raise ValueError(f"Unsupported key type. All keys must be either string, or categorical column. Given: {k}")
    return CrossedColumn(keys, hash_bucket_size)


class WeightedColumn(CategoricalColumn):
    """A categorical column whose ids have weights."""

    def __init__(self, column: CategoricalColumn, weight_key: str, dtype: Any):
        self.column, self.weight_key, self.dtype = column, weight_key, tf.as_dtype(dtype)
        self.name, self.num_buckets = f"{column.name}_weighted_by_{weight_key}", column.num_buckets

    def example_features(self) -> dict[str, Any]:
        return self.column.example_features() | {self.weight_key: tf.VarLenFeature(self.dtype)}

    def ids(self, features: dict[str, Any]) -> Any:
        return self.column.ids(features)

    def weights(self, features: dict[str, Any]) -> Any:
        return tf.to_float(rows(feature(features, self.weight_key), 0.0))


def weighted_categorical_column(categorical_column: Any, weight_feature_key: str, dtype: Any = tf.float32) -> WeightedColumn:
    """Ids with the weights of another feature of the same shape."""
    require_categorical(categorical_column, "weighted_categorical_column")
    return WeightedColumn(categorical_column, weight_feature_key, dtype)
