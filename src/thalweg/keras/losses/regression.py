"""Losses between numbers: each formula, then the class over it. Source: `tf.keras.losses` (Keras 3)."""

from __future__ import annotations

import math
from typing import Any

import thalweg as tf
from thalweg.keras import config
from thalweg.keras.losses.base import LossFunctionWrapper, pair


def mean_squared_error(y_true: Any, y_pred: Any) -> Any:
    """Mean over the last axis of `(y_true - y_pred) ** 2`.

    y_true, y_pred: `[batch, d0, .. dN]`. Returns `[batch, d0, .. dN-1]`.

    >>> tf.keras.losses.mean_squared_error([[1.0, 2.0]], [[1.0, 4.0]]).numpy()
    array([2.], dtype=float32)
    """
    y_true, y_pred = pair(y_true, y_pred)
    return tf.reduce_mean(tf.math.squared_difference(y_pred, y_true), axis=-1)


class MeanSquaredError(LossFunctionWrapper):
    """Mean of squared differences.

    >>> float(tf.keras.losses.MeanSquaredError()([1.0, 2.0], [1.0, 4.0]))
    2.0
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "mean_squared_error",
        dtype: Any = None,
    ):
        super().__init__(mean_squared_error, reduction, name, dtype)


def mean_absolute_error(y_true: Any, y_pred: Any) -> Any:
    """Mean over the last axis of `|y_true - y_pred|`. Shapes as `mean_squared_error`."""
    y_true, y_pred = pair(y_true, y_pred)
    return tf.reduce_mean(tf.abs(y_pred - y_true), axis=-1)


class MeanAbsoluteError(LossFunctionWrapper):
    """Mean of absolute differences."""

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "mean_absolute_error",
        dtype: Any = None,
    ):
        super().__init__(mean_absolute_error, reduction, name, dtype)


def mean_absolute_percentage_error(y_true: Any, y_pred: Any) -> Any:
    """Mean over the last axis of `100 * |(y_true - y_pred) / y_true|`. Shapes as `mean_squared_error`."""
    y_true, y_pred = pair(y_true, y_pred)
    relative = tf.abs((y_true - y_pred) / tf.maximum(tf.abs(y_true), config.epsilon()))
    return 100.0 * tf.reduce_mean(relative, axis=-1)


class MeanAbsolutePercentageError(LossFunctionWrapper):
    """Mean of absolute differences relative to `y_true`, in percent."""

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "mean_absolute_percentage_error",
        dtype: Any = None,
    ):
        super().__init__(mean_absolute_percentage_error, reduction, name, dtype)


def mean_squared_logarithmic_error(y_true: Any, y_pred: Any) -> Any:
    """Mean over the last axis of `(log(y_true + 1) - log(y_pred + 1)) ** 2`, negative values taken as 0.

    Shapes as `mean_squared_error`.
    """
    y_true, y_pred = pair(y_true, y_pred)
    log_pred = tf.math.log(tf.maximum(y_pred, config.epsilon()) + 1.0)
    log_true = tf.math.log(tf.maximum(y_true, config.epsilon()) + 1.0)
    return tf.reduce_mean(tf.math.squared_difference(log_true, log_pred), axis=-1)


class MeanSquaredLogarithmicError(LossFunctionWrapper):
    """Mean of squared differences of `log(1 + y)`."""

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "mean_squared_logarithmic_error",
        dtype: Any = None,
    ):
        super().__init__(mean_squared_logarithmic_error, reduction, name, dtype)


def cosine_similarity(y_true: Any, y_pred: Any, axis: int = -1) -> Any:
    """Minus the cosine of the angle between the vectors along `axis`: -1 for the same direction.

    y_true, y_pred: of one shape; returns it without `axis`.
    """
    y_true, y_pred = pair(y_true, y_pred)
    epsilon = config.epsilon() ** 2
    y_true = tf.math.l2_normalize(y_true, axis=axis, epsilon=epsilon)
    y_pred = tf.math.l2_normalize(y_pred, axis=axis, epsilon=epsilon)
    return -tf.reduce_sum(y_true * y_pred, axis=axis)


class CosineSimilarity(LossFunctionWrapper):
    """Minus the cosine between labels and predictions along `axis`."""

    def __init__(
        self,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "cosine_similarity",
        dtype: Any = None,
    ):
        super().__init__(cosine_similarity, reduction, name, dtype, axis=axis)


def huber(y_true: Any, y_pred: Any, delta: float = 1.0) -> Any:
    """Mean over the last axis of `e ** 2 / 2` where `|e| <= delta`, else `delta * |e| - delta ** 2 / 2`.

    Shapes as `mean_squared_error`.
    """
    y_true, y_pred = pair(y_true, y_pred)
    error = y_pred - y_true
    size = tf.abs(error)
    return tf.reduce_mean(
        tf.where(size <= delta, 0.5 * tf.square(error), delta * size - 0.5 * delta * delta), axis=-1
    )


class Huber(LossFunctionWrapper):
    """Squared for errors up to `delta`, linear beyond: outliers pull less."""

    def __init__(
        self,
        delta: float = 1.0,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "huber_loss",
        dtype: Any = None,
    ):
        super().__init__(huber, reduction, name, dtype, delta=delta)


def log_cosh(y_true: Any, y_pred: Any) -> Any:
    """Mean over the last axis of `log(cosh(y_pred - y_true))`. Shapes as `mean_squared_error`."""
    y_true, y_pred = pair(y_true, y_pred)
    error = y_pred - y_true
    return tf.reduce_mean(error + tf.math.softplus(-2.0 * error) - math.log(2.0), axis=-1)


class LogCosh(LossFunctionWrapper):
    """Logarithm of the hyperbolic cosine of the error: squared near 0, linear far away."""

    def __init__(
        self, reduction: str | None = "sum_over_batch_size", name: str | None = "log_cosh", dtype: Any = None
    ):
        super().__init__(log_cosh, reduction, name, dtype)


def poisson(y_true: Any, y_pred: Any) -> Any:
    """Mean over the last axis of `y_pred - y_true * log(y_pred)`. Shapes as `mean_squared_error`."""
    y_true, y_pred = pair(y_true, y_pred)
    return tf.reduce_mean(y_pred - y_true * tf.math.log(y_pred + config.epsilon()), axis=-1)


class Poisson(LossFunctionWrapper):
    """Negative log likelihood of counts, up to a constant, for a predicted rate."""

    def __init__(
        self, reduction: str | None = "sum_over_batch_size", name: str | None = "poisson", dtype: Any = None
    ):
        super().__init__(poisson, reduction, name, dtype)
