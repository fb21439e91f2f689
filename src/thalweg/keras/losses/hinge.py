"""Margin losses: each formula, then the class over it. Source: `tf.keras.losses` (Keras 3)."""

from __future__ import annotations

from typing import Any

import thalweg as tf
from thalweg.keras.losses.base import LossFunctionWrapper, pair


def _signed(y_true: Any) -> Any:
    """Labels 0 and 1 as -1 and 1; labels that are not all 0 or 1 as they are."""
    is_binary = tf.reduce_all(tf.logical_or(tf.equal(y_true, 0.0), tf.equal(y_true, 1.0)))
    return tf.where(is_binary, 2.0 * y_true - 1.0, y_true)


def hinge(y_true: Any, y_pred: Any) -> Any:
    """Mean over the last axis of `max(1 - y_true * y_pred, 0)`, labels -1 and 1 (or 0 and 1).

    y_true, y_pred: `[batch, d0, .. dN]`. Returns `[batch, d0, .. dN-1]`.
    """
    y_true, y_pred = pair(y_true, y_pred)
    return tf.reduce_mean(tf.maximum(1.0 - _signed(y_true) * y_pred, 0.0), axis=-1)


class Hinge(LossFunctionWrapper):
    """Mean shortfall from a margin of 1."""

    def __init__(self, reduction: str | None = "sum_over_batch_size", name: str | None = "hinge", dtype: Any = None):
        super().__init__(hinge, reduction, name, dtype)


def squared_hinge(y_true: Any, y_pred: Any) -> Any:
    """Mean over the last axis of `max(1 - y_true * y_pred, 0) ** 2`. Labels and shapes as `hinge`."""
    y_true, y_pred = pair(y_true, y_pred)
    return tf.reduce_mean(tf.square(tf.maximum(1.0 - _signed(y_true) * y_pred, 0.0)), axis=-1)


class SquaredHinge(LossFunctionWrapper):
    """Mean squared shortfall from a margin of 1."""

    def __init__(
        self, reduction: str | None = "sum_over_batch_size", name: str | None = "squared_hinge", dtype: Any = None
    ):
        super().__init__(squared_hinge, reduction, name, dtype)


def categorical_hinge(y_true: Any, y_pred: Any) -> Any:
    """How far the true class' score is from beating the best other one by 1, per sample.

    y_true: one-hot `[batch, .., classes]`, y_pred: of the same shape. Returns `[batch, ..]`.
    """
    y_true, y_pred = pair(y_true, y_pred)
    positive = tf.reduce_sum(y_true * y_pred, axis=-1)
    negative = tf.reduce_max((1.0 - y_true) * y_pred, axis=-1)
    return tf.maximum(negative - positive + 1.0, 0.0)


class CategoricalHinge(LossFunctionWrapper):
    """Hinge loss of one-hot classes."""

    def __init__(
        self, reduction: str | None = "sum_over_batch_size", name: str | None = "categorical_hinge", dtype: Any = None
    ):
        super().__init__(categorical_hinge, reduction, name, dtype)
