"""How often predictions are right: each formula, then the metric over it. Source: `tf.keras.metrics` (Keras 3)."""

from __future__ import annotations

from typing import Any

import thalweg as tf
from thalweg.keras import config
from thalweg.keras.losses.base import cast, same_rank
from thalweg.keras.metrics.reduction import MeanMetricWrapper


def _hits(matches: Any) -> Any:
    return tf.cast(matches, config.floatx())


def accuracy(y_true: Any, y_pred: Any) -> Any:
    """1 where `y_true == y_pred`, else 0, entry by entry."""
    y_pred = tf.convert_to_tensor(y_pred)
    y_true, y_pred = same_rank(cast(y_true, y_pred.dtype), y_pred)
    return _hits(tf.equal(y_true, y_pred))


class Accuracy(MeanMetricWrapper):
    """How often predictions equal labels.

    >>> float(tf.keras.metrics.Accuracy()([1, 2, 3, 4], [0, 2, 3, 4]))
    0.75
    """

    def __init__(self, name: str | None = "accuracy", dtype: Any = None):
        super().__init__(accuracy, name, dtype)


def binary_accuracy(y_true: Any, y_pred: Any, threshold: float = 0.5) -> Any:
    """1 where `y_pred > threshold` agrees with the label 0 or 1, else 0, entry by entry."""
    y_pred = tf.convert_to_tensor(y_pred)
    y_true, y_pred = same_rank(tf.convert_to_tensor(y_true), y_pred)
    return _hits(tf.equal(y_true, tf.cast(y_pred > tf.cast(threshold, y_pred.dtype), y_true.dtype)))


class BinaryAccuracy(MeanMetricWrapper):
    """How often predictions, cut at `threshold`, equal labels 0 and 1.

    >>> float(tf.keras.metrics.BinaryAccuracy()([[1.0], [0.0]], [[0.9], [0.7]]))
    0.5
    """

    def __init__(self, name: str | None = "binary_accuracy", dtype: Any = None, threshold: float = 0.5):
        super().__init__(binary_accuracy, name, dtype, threshold=threshold)


def categorical_accuracy(y_true: Any, y_pred: Any) -> Any:
    """1 where the largest prediction is the largest label, per sample.

    y_true: one-hot `[batch, .., classes]`, y_pred: scores of the same shape. Returns `[batch, ..]`.
    """
    return _hits(tf.equal(tf.argmax(y_true, axis=-1), tf.argmax(y_pred, axis=-1)))


class CategoricalAccuracy(MeanMetricWrapper):
    """How often the class with the highest score is that of the one-hot label."""

    def __init__(self, name: str | None = "categorical_accuracy", dtype: Any = None):
        super().__init__(categorical_accuracy, name, dtype)


def sparse_categorical_accuracy(y_true: Any, y_pred: Any) -> Any:
    """1 where the largest prediction is at the label's number, per sample.

    y_true: class numbers `[batch, ..]` or `[batch, .., 1]`, y_pred: scores `[batch, .., classes]`. Returns `[batch, ..]`.
    """
    y_true, y_pred = tf.convert_to_tensor(y_true), tf.convert_to_tensor(y_pred)
    if y_true.shape.rank is not None and y_true.shape.rank == y_pred.shape.rank and y_true.shape[-1] == 1:
        y_true = tf.squeeze(y_true, -1)
    hits = _hits(tf.equal(y_true, tf.cast(tf.argmax(y_pred, axis=-1), y_true.dtype)))
    return tf.squeeze(hits, -1) if hits.shape.rank and hits.shape.rank > 1 and hits.shape[-1] == 1 else hits


class SparseCategoricalAccuracy(MeanMetricWrapper):
    """How often the class with the highest score is the label's number.

    >>> float(tf.keras.metrics.SparseCategoricalAccuracy()([2, 1], [[0.1, 0.6, 0.3], [0.05, 0.95, 0.0]]))
    0.5
    """

    def __init__(self, name: str | None = "sparse_categorical_accuracy", dtype: Any = None):
        super().__init__(sparse_categorical_accuracy, name, dtype)


def top_k_categorical_accuracy(y_true: Any, y_pred: Any, k: int = 5) -> Any:
    """1 where the true class is among the `k` largest predictions. Shapes as `categorical_accuracy`."""
    return sparse_top_k_categorical_accuracy(tf.argmax(y_true, axis=-1), y_pred, k)


class TopKCategoricalAccuracy(MeanMetricWrapper):
    """How often the class of the one-hot label is among the `k` highest scores."""

    def __init__(self, k: int = 5, name: str | None = "top_k_categorical_accuracy", dtype: Any = None):
        super().__init__(top_k_categorical_accuracy, name, dtype, k=k)


def sparse_top_k_categorical_accuracy(y_true: Any, y_pred: Any, k: int = 5, from_sorted_ids: bool = False) -> Any:
    """1 where the label's number is among the `k` largest predictions, per sample.

    With `from_sorted_ids` y_pred holds class numbers, best first. y_true: `[batch, ..]` (or `[.., 1]`, kept in the
    result), y_pred: `[batch, .., classes]`.
    """
    y_true, y_pred = tf.convert_to_tensor(y_true), tf.convert_to_tensor(y_pred)
    labels = tf.cast(tf.reshape(y_true, [-1]), y_pred.dtype if from_sorted_ids else tf.int32)
    rows = y_pred if y_pred.shape.rank == 2 else tf.reshape(y_pred, [-1, y_pred.shape[-1]])
    if from_sorted_ids:
        matches = tf.reduce_any(tf.equal(labels[:, tf.newaxis], rows[:, :k]), axis=1)
    else:
        matches = tf.math.in_top_k(targets=labels, predictions=cast(rows, tf.float32), k=k)
    return _hits(matches) if y_true.shape.rank == 1 else tf.reshape(_hits(matches), tf.shape(y_true))


class SparseTopKCategoricalAccuracy(MeanMetricWrapper):
    """How often the label's number is among the `k` highest scores."""

    def __init__(
        self,
        k: int = 5,
        name: str | None = "sparse_top_k_categorical_accuracy",
        dtype: Any = None,
        from_sorted_ids: bool = False,
    ):
        super().__init__(sparse_top_k_categorical_accuracy, name, dtype, k=k, from_sorted_ids=from_sorted_ids)
