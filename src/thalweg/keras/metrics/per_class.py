"""Metrics of each class: F scores, the confusion matrix, intersection over union.

Source: `tf.keras.metrics` (Keras 3); `ConfusionMatrix` is Thalweg's own.
"""

from __future__ import annotations

import warnings
from typing import Any

import thalweg as tf
from thalweg.keras import config
from thalweg.keras.losses.base import cast
from thalweg.keras.metrics.base import Metric


def _is_sparse(y_true: Any, y_pred: Any) -> bool:
    """Whether labels are class numbers beside scores of several classes."""
    if y_true.shape.rank == y_pred.shape.rank:
        return y_true.shape[-1] == 1 and y_pred.shape[-1] not in (1, None)
    return y_true.shape.rank == y_pred.shape.rank - 1


class FBetaScore(Metric):
    """`(1 + beta**2) * precision * recall / (beta**2 * precision + recall)` of each class.

    y_true: one-hot `[batch, classes]`, or (beyond Keras) class numbers `[batch]` or `[batch, 1]`; y_pred: scores
    `[batch, classes]`. A class is called where its score is above `threshold`, or without one where it is the highest.
    `average`: None (a score per class), 'macro' (their mean), 'weighted' (by how frequent each is), 'micro' (over all
    entries together).

    >>> score = tf.keras.metrics.FBetaScore(average="macro", beta=2.0)
    >>> round(float(score([[1, 0], [0, 1]], [[0.9, 0.1], [0.2, 0.8]])), 3)
    1.0
    """

    def __init__(
        self,
        average: str | None = None,
        beta: float = 1.0,
        threshold: float | None = None,
        name: str | None = "fbeta_score",
        dtype: Any = None,
    ):
        super().__init__(name=name, dtype=dtype)
        if average not in (None, "micro", "macro", "weighted"):
            raise ValueError(f"`average` must be None, 'micro', 'macro' or 'weighted', but it is {average!r}.")
        if not isinstance(beta, float) or beta <= 0.0:
            raise ValueError(f"`beta` must be a positive float, but it is {beta!r}.")
        if threshold is not None and (not isinstance(threshold, float) or not 0.0 < threshold <= 1.0):
            raise ValueError(f"`threshold` must be a float above 0 and at most 1, but it is {threshold!r}.")
        self.average = average
        self.beta = beta
        self.threshold = threshold
        self._built = False

    def _build(self, y_true_shape: Any, y_pred_shape: Any) -> None:
        if y_true_shape.rank != 2 or y_pred_shape.rank != 2 or y_pred_shape[-1] is None:
            raise ValueError(
                f"{type(self).__name__} takes y_true and y_pred of shape [batch, classes], the classes known, "
                f"but y_true is {tuple(y_true_shape)} and y_pred is {tuple(y_pred_shape)}."
            )
        shape = () if self.average == "micro" else (y_pred_shape[-1],)
        self.true_positives = self.add_weight(name="true_positives", shape=shape)
        self.false_positives = self.add_weight(name="false_positives", shape=shape)
        self.false_negatives = self.add_weight(name="false_negatives", shape=shape)
        self.intermediate_weights = self.add_weight(name="intermediate_weights", shape=shape)
        self._built = True

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        y_pred = cast(y_pred, self._dtype)
        y_true = tf.convert_to_tensor(y_true)
        if y_pred.shape.rank == 2 and _is_sparse(y_true, y_pred):
            y_true = tf.one_hot(tf.cast(tf.reshape(y_true, [-1]), tf.int32), y_pred.shape[-1])
        y_true = cast(y_true, self._dtype)
        if not self._built:
            self._build(y_true.shape, y_pred.shape)
        if self.threshold is None:
            highest = tf.reduce_max(y_pred, axis=-1, keepdims=True)
            # Where all scores are 0 nothing is called, as in Keras.
            called = tf.logical_and(y_pred >= highest, tf.abs(y_pred) > 1e-9)
        else:
            called = y_pred > self.threshold
        called = tf.cast(called, self._dtype)
        weight = 1.0 if sample_weight is None else tf.reshape(cast(sample_weight, self._dtype), [-1, 1])
        axis = None if self.average == "micro" else 0
        true_positives = tf.reduce_sum(called * y_true * weight, axis)
        positives = tf.reduce_sum(y_true * weight, axis)
        self.true_positives.assign_add(true_positives)
        self.false_positives.assign_add(tf.reduce_sum(called * weight, axis) - true_positives)
        self.false_negatives.assign_add(positives - true_positives)
        self.intermediate_weights.assign_add(positives)

    def result(self) -> Any:
        if not self._built:
            raise ValueError(f"This {self.name} has seen nothing yet: call update_state() before result().")
        epsilon = config.epsilon()
        precision = self.true_positives / (self.true_positives + self.false_positives + epsilon)
        recall = self.true_positives / (self.true_positives + self.false_negatives + epsilon)
        squared = self.beta**2
        scores = precision * recall / (squared * precision + recall + epsilon) * (1 + squared)
        if self.average == "weighted":
            weights = self.intermediate_weights / (tf.reduce_sum(self.intermediate_weights) + epsilon)
            return tf.reduce_sum(scores * weights)
        return scores if self.average is None else tf.reduce_mean(scores)

    def get_config(self) -> dict[str, Any]:
        settings = {"average": self.average, "beta": self.beta, "threshold": self.threshold}
        return {**super().get_config(), **settings}


class F1Score(FBetaScore):
    """Harmonic mean of precision and recall of each class: `FBetaScore` with beta 1.

    >>> tf.keras.metrics.F1Score()([0, 1, 1], [[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]]).numpy().round(3)
    array([0.667, 0.667], dtype=float32)
    """

    def __init__(
        self,
        average: str | None = None,
        threshold: float | None = None,
        name: str | None = "f1_score",
        dtype: Any = None,
    ):
        super().__init__(average, 1.0, threshold, name, dtype)

    def get_config(self) -> dict[str, Any]:
        return {key: value for key, value in super().get_config().items() if key != "beta"}


# -- the confusion matrix, and what divides it --------------------------------------------------------------


class _Matrix(Metric):
    """Keeps how often each class (row) was taken for each (column)."""

    def __init__(
        self,
        num_classes: int,
        name: str | None = None,
        dtype: Any = None,
        ignore_class: int | None = None,
        sparse_y_true: bool = True,
        sparse_y_pred: bool = True,
        axis: int = -1,
    ):
        super().__init__(name=name, dtype=dtype or "int")
        self.num_classes = num_classes
        self.ignore_class = ignore_class
        self.sparse_y_true = sparse_y_true
        self.sparse_y_pred = sparse_y_pred
        self.axis = axis
        self.total_cm = self.add_weight(name="total_confusion_matrix", shape=(num_classes, num_classes))

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        if not self.sparse_y_true:
            y_true = tf.argmax(y_true, axis=self.axis)
        if not self.sparse_y_pred:
            y_pred = tf.argmax(y_pred, axis=self.axis)
        y_true = tf.reshape(tf.cast(y_true, tf.int32), [-1])
        y_pred = tf.reshape(tf.cast(y_pred, tf.int32), [-1])
        weight = self._weight(sample_weight, y_true)
        size = self.num_classes
        # Numbers of no class do not count, as in Keras 3.
        counted = tf.logical_and(
            tf.logical_and(y_true >= 0, y_true < size), tf.logical_and(y_pred >= 0, y_pred < size)
        )
        if self.ignore_class is not None:
            counted = tf.logical_and(counted, tf.not_equal(y_true, self.ignore_class))
        cell = tf.where(counted, y_true * size + y_pred, tf.zeros_like(y_true))
        weight = tf.where(counted, weight, tf.zeros_like(weight))
        matrix = tf.math.unsorted_segment_sum(weight, cell, size * size)
        self.total_cm.assign_add(tf.reshape(matrix, [size, size]))

    def _weight(self, sample_weight: Any, y_true: Any) -> Any:
        if sample_weight is None:
            return tf.ones_like(y_true, dtype=self._dtype)
        weight = tf.convert_to_tensor(sample_weight)
        if weight.dtype.is_floating and "int" in self._dtype:
            warnings.warn(
                f"{self.name} counts in {self._dtype}, so fractions of sample weights are cut off: "
                'write dtype="float32" to keep them.',
                stacklevel=3,
            )
        weight = tf.cast(weight, self._dtype)
        if weight.shape.rank:
            weight = tf.reshape(weight, [-1])
        return tf.broadcast_to(weight, tf.shape(y_true))


class ConfusionMatrix(_Matrix):
    """How often each class (row) was taken for each (column); and from it precision, recall and F1 of each class.

    Labels may be class numbers or one-hot, predictions class numbers or scores. Thalweg's own.

    >>> matrix = tf.keras.metrics.ConfusionMatrix(2)
    >>> matrix([0, 1, 1], [[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]]).numpy()
    array([[1, 0],
           [1, 1]], dtype=int32)
    >>> matrix.recall().numpy()
    array([1. , 0.5], dtype=float32)
    """

    def __init__(self, num_classes: int, name: str | None = "confusion_matrix", dtype: Any = None):
        super().__init__(num_classes, name, dtype)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        y_true, y_pred = (self._numbers(tf.convert_to_tensor(y)) for y in (y_true, y_pred))
        super().update_state(y_true, y_pred, sample_weight)

    def _numbers(self, y: Any) -> Any:
        has_classes = y.shape.rank is not None and y.shape.rank > 1 and y.shape[-1] == self.num_classes > 1
        return tf.argmax(y, axis=-1) if has_classes else y

    def result(self) -> Any:
        return tf.identity(self.total_cm)

    def precision(self) -> Any:
        """Of what was taken for each class, how much is; 0 where nothing was."""
        matrix = tf.cast(self.total_cm, config.floatx())
        return tf.math.divide_no_nan(tf.linalg.diag_part(matrix), tf.reduce_sum(matrix, axis=0))

    def recall(self) -> Any:
        """Of each class, how much was taken for it; 0 where there is none."""
        matrix = tf.cast(self.total_cm, config.floatx())
        return tf.math.divide_no_nan(tf.linalg.diag_part(matrix), tf.reduce_sum(matrix, axis=1))

    def f1(self) -> Any:
        """Harmonic mean of both, of each class."""
        matrix = tf.cast(self.total_cm, config.floatx())
        both = tf.reduce_sum(matrix, axis=0) + tf.reduce_sum(matrix, axis=1)
        return tf.math.divide_no_nan(2.0 * tf.linalg.diag_part(matrix), both)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "num_classes": self.num_classes}


class IoU(_Matrix):
    """Mean over `target_class_ids` of `tp / (tp + fp + fn)`; classes that never appear are left out.

    y_true, y_pred: class numbers of one shape, or with `sparse_y_true`, `sparse_y_pred` False scores whose classes
    are at `axis`. `ignore_class`: labels that do not count.

    >>> round(float(tf.keras.metrics.IoU(num_classes=2, target_class_ids=[0])([0, 0, 1, 1], [0, 1, 0, 1])), 4)
    0.3333
    """

    def __init__(
        self,
        num_classes: int,
        target_class_ids: Any,
        name: str | None = None,
        dtype: Any = None,
        ignore_class: int | None = None,
        sparse_y_true: bool = True,
        sparse_y_pred: bool = True,
        axis: int = -1,
    ):
        super().__init__(num_classes, name, dtype, ignore_class, sparse_y_true, sparse_y_pred, axis)
        self.target_class_ids = list(target_class_ids)
        if max(self.target_class_ids) >= num_classes:
            raise ValueError(f"Class {max(self.target_class_ids)} is none of the {num_classes}: write 0 .. one less.")

    def result(self) -> Any:
        matrix = tf.cast(self.total_cm, tf.float32)
        hits = tf.linalg.diag_part(matrix)
        union = tf.reduce_sum(matrix, axis=0) + tf.reduce_sum(matrix, axis=1) - hits
        hits, union = tf.gather(hits, self.target_class_ids), tf.gather(union, self.target_class_ids)
        appears = union > 1e-9
        ratio = tf.where(appears, hits / (union + config.epsilon()), tf.zeros_like(hits))
        return tf.reduce_sum(ratio) / (tf.reduce_sum(tf.cast(appears, tf.float32)) + config.epsilon())

    def _settings(self, *names: str) -> dict[str, Any]:
        return {**Metric.get_config(self), **{name: getattr(self, name) for name in names}}

    def get_config(self) -> dict[str, Any]:
        return self._settings(
            "num_classes", "target_class_ids", "ignore_class", "sparse_y_true", "sparse_y_pred", "axis"
        )


class BinaryIoU(IoU):
    """`IoU` of two classes told apart by `threshold`: labels 0 and 1, predictions probabilities."""

    def __init__(
        self, target_class_ids: Any = (0, 1), threshold: float = 0.5, name: str | None = None, dtype: Any = None
    ):
        super().__init__(2, target_class_ids, name, dtype)
        self.threshold = threshold

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        super().update_state(y_true, cast(y_pred, tf.float32) >= self.threshold, sample_weight)

    def get_config(self) -> dict[str, Any]:
        return self._settings("target_class_ids", "threshold")


class MeanIoU(IoU):
    """Mean `IoU` of all classes."""

    def __init__(
        self,
        num_classes: int,
        name: str | None = None,
        dtype: Any = None,
        ignore_class: int | None = None,
        sparse_y_true: bool = True,
        sparse_y_pred: bool = True,
        axis: int = -1,
    ):
        super().__init__(
            num_classes, range(num_classes), name, dtype, ignore_class, sparse_y_true, sparse_y_pred, axis
        )

    def get_config(self) -> dict[str, Any]:
        return self._settings("num_classes", "ignore_class", "sparse_y_true", "sparse_y_pred", "axis")


class OneHotIoU(IoU):
    """`IoU` of one-hot labels and, unless `sparse_y_pred`, scores."""

    def __init__(
        self,
        num_classes: int,
        target_class_ids: Any,
        name: str | None = None,
        dtype: Any = None,
        ignore_class: int | None = None,
        sparse_y_pred: bool = False,
        axis: int = -1,
    ):
        super().__init__(num_classes, target_class_ids, name, dtype, ignore_class, False, sparse_y_pred, axis)

    def get_config(self) -> dict[str, Any]:
        return self._settings("num_classes", "target_class_ids", "ignore_class", "sparse_y_pred", "axis")


class OneHotMeanIoU(MeanIoU):
    """Mean `IoU` of all classes, of one-hot labels and, unless `sparse_y_pred`, scores."""

    def __init__(
        self,
        num_classes: int,
        name: str | None = None,
        dtype: Any = None,
        ignore_class: int | None = None,
        sparse_y_pred: bool = False,
        axis: int = -1,
    ):
        super().__init__(num_classes, name, dtype, ignore_class, False, sparse_y_pred, axis)

    def get_config(self) -> dict[str, Any]:
        return self._settings("num_classes", "ignore_class", "sparse_y_pred", "axis")
