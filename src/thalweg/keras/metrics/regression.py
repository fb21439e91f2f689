"""Metrics between numbers. Source: `tf.keras.metrics` (Keras 3; `MeanRelativeError` Keras 2)."""

from __future__ import annotations

import warnings
from typing import Any

import thalweg as tf
from thalweg.keras import config, losses
from thalweg.keras.losses.base import cast, pair, same_rank
from thalweg.keras.metrics.base import Metric
from thalweg.keras.metrics.reduction import Mean, MeanMetricWrapper
from thalweg.keras.saving import registration


class MeanSquaredError(MeanMetricWrapper):
    """Mean of `(y_true - y_pred) ** 2`.

    >>> float(tf.keras.metrics.MeanSquaredError()([[0.0], [1.0]], [[1.0], [1.0]]))
    0.5
    """

    def __init__(self, name: str | None = "mean_squared_error", dtype: Any = None):
        super().__init__(losses.mean_squared_error, name, dtype)


class MeanAbsoluteError(MeanMetricWrapper):
    """Mean of `|y_true - y_pred|`."""

    def __init__(self, name: str | None = "mean_absolute_error", dtype: Any = None):
        super().__init__(losses.mean_absolute_error, name, dtype)


class MeanAbsolutePercentageError(MeanMetricWrapper):
    """Mean of `100 * |(y_true - y_pred) / y_true|`."""

    def __init__(self, name: str | None = "mean_absolute_percentage_error", dtype: Any = None):
        super().__init__(losses.mean_absolute_percentage_error, name, dtype)


class MeanSquaredLogarithmicError(MeanMetricWrapper):
    """Mean of `(log(y_true + 1) - log(y_pred + 1)) ** 2`."""

    def __init__(self, name: str | None = "mean_squared_logarithmic_error", dtype: Any = None):
        super().__init__(losses.mean_squared_logarithmic_error, name, dtype)


class LogCoshError(MeanMetricWrapper):
    """Mean of `log(cosh(y_pred - y_true))`."""

    def __init__(self, name: str | None = "logcosh", dtype: Any = None):
        super().__init__(losses.log_cosh, name, dtype)


class RootMeanSquaredError(Mean):
    """Square root of the mean of `(y_true - y_pred) ** 2` over all batches.

    >>> float(tf.keras.metrics.RootMeanSquaredError()([[0.0], [0.0]], [[3.0], [3.0]]))
    3.0
    """

    def __init__(self, name: str | None = "root_mean_squared_error", dtype: Any = None):
        super().__init__(name=name, dtype=dtype)

    def update_state(  # type: ignore[override]
        self, y_true: Any, y_pred: Any, sample_weight: Any = None
    ) -> None:
        y_true, y_pred = same_rank(cast(y_true, self._dtype), cast(y_pred, self._dtype))
        super().update_state(tf.math.squared_difference(y_pred, y_true), sample_weight)

    def result(self) -> Any:
        return tf.sqrt(super().result())


def cosine_similarity(y_true: Any, y_pred: Any, axis: int = -1) -> Any:
    """The cosine of the angle between the vectors along `axis`: 1 for the same direction (the loss is its negative)."""
    return -losses.cosine_similarity(y_true, y_pred, axis)


class CosineSimilarity(MeanMetricWrapper):
    """Mean cosine between labels and predictions along `axis`."""

    def __init__(self, name: str | None = "cosine_similarity", dtype: Any = None, axis: int = -1):
        super().__init__(cosine_similarity, name, dtype, axis=axis)


class MeanRelativeError(Mean):
    """Mean of `|y_true - y_pred| / normalizer`; 0 where the normalizer is (Keras 2)."""

    def __init__(self, normalizer: Any, name: str | None = None, dtype: Any = None):
        super().__init__(name=name or "mean_relative_error", dtype=dtype)
        self.normalizer = cast(normalizer, self._dtype)

    def update_state(  # type: ignore[override]
        self, y_true: Any, y_pred: Any, sample_weight: Any = None
    ) -> None:
        y_true, y_pred = same_rank(cast(y_true, self._dtype), cast(y_pred, self._dtype))
        y_pred, normalizer = same_rank(y_pred, self.normalizer)
        super().update_state(tf.math.divide_no_nan(tf.abs(y_true - y_pred), normalizer), sample_weight)

    def get_config(self) -> dict[str, Any]:
        return {"normalizer": registration.serialize_keras_object(self.normalizer), **super().get_config()}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> MeanRelativeError:
        return cls(**registration.deserialize_keras_object(config))


class R2Score(Metric):
    """How much of the labels' variance the predictions explain: 1 is all, 0 as much as their mean.

    `class_aggregation` of several outputs: 'uniform_average', 'variance_weighted_average' or None (one each).
    `num_regressors` adjusts for that many predictors. y_true, y_pred: `[batch, outputs]` (or `[batch]`).

    >>> round(float(tf.keras.metrics.R2Score()([[1.0], [4.0], [3.0]], [[2.0], [4.0], [4.0]])), 3)
    0.571
    """

    def __init__(
        self,
        class_aggregation: str | None = "uniform_average",
        num_regressors: int = 0,
        name: str | None = "r2_score",
        dtype: Any = None,
    ):
        super().__init__(name=name, dtype=dtype)
        if class_aggregation not in (None, "uniform_average", "variance_weighted_average"):
            raise ValueError(
                "`class_aggregation` must be 'uniform_average', 'variance_weighted_average' or None, "
                f"but it is {class_aggregation!r}."
            )
        if num_regressors < 0:
            raise ValueError(f"`num_regressors` must be 0 or more, but it is {num_regressors}.")
        self.class_aggregation = class_aggregation
        self.num_regressors = num_regressors
        self.num_samples = self.add_weight(name="num_samples")
        self._built = False

    def _build(self, shape: Any) -> None:
        if shape.rank != 2 or shape[-1] is None:
            raise ValueError(f"R2Score takes y_true and y_pred of shape [batch, outputs], but they are {tuple(shape)}.")
        outputs = (shape[-1],)
        self.squared_sum = self.add_weight(name="squared_sum", shape=outputs)
        self.sum = self.add_weight(name="sum", shape=outputs)
        self.total_mse = self.add_weight(name="residual", shape=outputs)
        self.count = self.add_weight(name="count", shape=outputs)
        self._built = True

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        y_true, y_pred = same_rank(cast(y_true, self._dtype), cast(y_pred, self._dtype))
        if y_true.shape.rank == 1:
            y_true, y_pred = y_true[:, tf.newaxis], y_pred[:, tf.newaxis]
        if not self._built:
            self._build(y_pred.shape)
        weight = tf.ones_like(y_true) if sample_weight is None else cast(sample_weight, self._dtype)
        if weight.shape.rank == 1:
            weight = weight[:, tf.newaxis]
        weight = tf.broadcast_to(weight, tf.shape(y_true))
        weighted = y_true * weight
        self.sum.assign_add(tf.reduce_sum(weighted, axis=0))
        self.squared_sum.assign_add(tf.reduce_sum(y_true * weighted, axis=0))
        self.total_mse.assign_add(tf.reduce_sum(tf.math.squared_difference(y_true, y_pred) * weight, axis=0))
        self.count.assign_add(tf.reduce_sum(weight, axis=0))
        self.num_samples.assign_add(tf.cast(tf.size(y_true), self._dtype))

    def result(self) -> Any:
        if not self._built:
            raise ValueError("This R2Score has seen nothing yet: call update_state(y_true, y_pred) before result().")
        total = self.squared_sum - self.sum * (self.sum / self.count)
        scores = 1.0 - self.total_mse / total
        scores = tf.where(tf.math.is_inf(scores), tf.zeros_like(scores), scores)
        if self.class_aggregation == "uniform_average":
            scores = tf.reduce_mean(scores)
        elif self.class_aggregation == "variance_weighted_average":
            scores = tf.reduce_sum(total * scores) / tf.reduce_sum(total)
        return self._adjusted(scores) if self.num_regressors else scores

    def _adjusted(self, scores: Any) -> Any:
        """Less for each regressor, as long as there are more samples than those."""
        freedom = self.num_samples - self.num_regressors - 1.0
        if tf.executing_eagerly() and float(freedom) <= 0:
            warnings.warn("There are no more samples than regressors, so R2Score gives the plain R2.", stacklevel=3)
        adjusted = 1.0 - (1.0 - scores) * (self.num_samples - 1.0) / freedom
        return tf.where(freedom > 0.0, adjusted, scores)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "class_aggregation": self.class_aggregation,
            "num_regressors": self.num_regressors,
        }


# -- correlation --------------------------------------------------------------------------------------------


def pearson_correlation(y_true: Any, y_pred: Any, axis: int = -1) -> Any:
    """Pearson's correlation along `axis`.

    >>> tf.keras.metrics.pearson_correlation([[0.0, 1.0, 0.5]], [[0.1, 0.9, 0.5]]).numpy()
    array([1.], dtype=float32)
    """
    y_true, y_pred = pair(y_true, y_pred)
    a = y_true - tf.reduce_mean(y_true, axis=axis, keepdims=True)
    b = y_pred - tf.reduce_mean(y_pred, axis=axis, keepdims=True)
    a /= tf.math.reduce_std(a, axis=axis, keepdims=True)
    b /= tf.math.reduce_std(b, axis=axis, keepdims=True)
    return tf.reduce_mean(a * b, axis=axis)


class PearsonCorrelation(MeanMetricWrapper):
    """Mean over samples of Pearson's correlation along `axis`."""

    def __init__(self, name: str | None = "pearson_correlation", dtype: Any = None, axis: int = -1):
        super().__init__(pearson_correlation, name, dtype, axis=axis)


def concordance_correlation(y_true: Any, y_pred: Any, axis: int = -1) -> Any:
    """Lin's concordance along `axis`: correlation that also asks for the same mean and spread."""
    y_true, y_pred = pair(y_true, y_pred)
    true_mean = tf.reduce_mean(y_true, axis=axis, keepdims=True)
    pred_mean = tf.reduce_mean(y_pred, axis=axis, keepdims=True)
    spread = tf.math.reduce_variance(y_true, axis=axis, keepdims=True)
    spread += tf.math.reduce_variance(y_pred, axis=axis, keepdims=True)
    # Keras takes y_true relative to the mean of y_pred; the sum is the same, as the other factor's is 0.
    covariance = (y_true - pred_mean) * (y_pred - pred_mean)
    norm = spread + tf.square(true_mean - pred_mean)
    return tf.reduce_mean(2.0 * covariance / (norm + config.epsilon()), axis=axis)


class ConcordanceCorrelation(MeanMetricWrapper):
    """Mean over samples of Lin's concordance along `axis`."""

    def __init__(self, name: str | None = "concordance_correlation", dtype: Any = None, axis: int = -1):
        super().__init__(concordance_correlation, name, dtype, axis=axis)
