"""Heads: from logits to predictions, a loss and metrics.

Source: https://www.tensorflow.org/api_docs/python/tf/estimator/Head
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from thalweg.compat import v1 as tf
from thalweg.estimator.export import ClassificationOutput, PredictOutput, RegressionOutput
from thalweg.estimator.types import EstimatorSpec, ModeKeys

SUM = tf.losses.Reduction.SUM


class Head:
    """Base of heads: `create_estimator_spec` makes all that a model function gives, from logits and labels."""

    logits_dimension = 1

    def __init__(self, weight_column: Any = None, loss_reduction: Any = SUM, name: str | None = None):
        self._weight_column, self._reduction, self.name = weight_column, loss_reduction, name

    # -- what kinds of heads define -----------------------------------------------------------------------

    def predictions(self, logits: Any, keys: Any = None) -> dict[str, Any]:
        raise NotImplementedError

    def losses(self, labels: Any, logits: Any) -> Any:
        """The loss of each example, `[batch, 1]`."""
        raise NotImplementedError

    def _metrics(self, labels: Any, found: dict[str, Any], weights: Any) -> dict[str, Any]:
        return {}

    def _exports(self, found: dict[str, Any]) -> dict[str, Any]:
        return {"predict": PredictOutput(found)}

    def _labels(self, labels: Any) -> Any:
        return labels

    # -- what they share ----------------------------------------------------------------------------------

    def _weights(self, features: Any) -> Any:
        if self._weight_column is None:
            return 1.0
        key = self._weight_column if isinstance(self._weight_column, str) else self._weight_column.key
        return _column(tf.to_float(features[key]))

    def loss(self, labels: Any, logits: Any, features: Any = None, mode: Any = None, regularization_losses: Any = None) -> Any:
        """The loss as one number."""
        per_example, weights = self.losses(self._labels(labels), logits), self._weights(features)
        total = tf.losses.compute_weighted_loss(per_example, weights, reduction=self._reduction)
        return total + tf.add_n(list(regularization_losses)) if regularization_losses else total

    def create_estimator_spec(
        self, features: Any, mode: str, logits: Any, labels: Any = None, optimizer: Any = None, trainable_variables: Any = None,
        train_op_fn: Callable[[Any], Any] | None = None, update_ops: Any = None, regularization_losses: Any = None,
    ) -> EstimatorSpec:  # fmt: skip
        """A spec for the mode. Raises ValueError without an optimizer or a `train_op_fn` while training."""
        with tf.name_scope(self.name or "head"):
            found = self.predictions(logits)
            if mode == ModeKeys.PREDICT:
                return EstimatorSpec(mode, predictions=found, export_outputs=self._exports(found))
            labels = self._labels(labels)
            per_example, weights = self.losses(labels, logits), self._weights(features)
            loss = tf.losses.compute_weighted_loss(per_example, weights, reduction=self._reduction)
            if regularization_losses:
                loss = loss + tf.add_n(list(regularization_losses))
            if mode == ModeKeys.EVAL:
                metrics = {"average_loss": tf.metrics.mean(per_example, weights)} | self._metrics(labels, found, weights)
                return EstimatorSpec(mode, predictions=found, loss=loss, eval_metric_ops=metrics)
            if optimizer is not None:
                update = list(update_ops or tf.get_collection(tf.GraphKeys.UPDATE_OPS))
                with tf.control_dependencies(update):
                    train_op = optimizer.minimize(loss, global_step=tf.train.get_global_step(), var_list=trainable_variables)
            elif train_op_fn is not None:
                train_op = train_op_fn(loss)
            else:
                raise ValueError("train_op_fn and optimizer cannot both be None.")
            tf.summary.scalar("loss", loss)
            return EstimatorSpec(mode, predictions=found, loss=loss, train_op=train_op)


def _column(x: Any) -> Any:
    """A vector as a column."""
    x = tf.convert_to_tensor(x)
    return tf.expand_dims(x, -1) if x.shape.ndims == 1 else x


class _ByVocabulary(Head):
    """A head over classes, which may have names."""

    def __init__(self, label_vocabulary: Any, weight_column: Any, loss_reduction: Any, name: str | None):
        super().__init__(weight_column, loss_reduction, name)
        self._vocabulary = None if label_vocabulary is None else [w.encode() if isinstance(w, str) else w for w in label_vocabulary]

    def _labels(self, labels: Any) -> Any:
        labels = _column(labels)
        if labels.dtype is not tf.string:
            return labels
        if self._vocabulary is None:
            raise ValueError("label_vocabulary must be given where labels are strings.")
        places = {w: i for i, w in enumerate(self._vocabulary)}
        found = tf.py_func(lambda x: np.array([places[v] for v in x.ravel()], np.int64).reshape(x.shape), [labels], tf.int64)
        found.set_shape(labels.shape)
        return found

    def _names(self, ids: Any) -> Any:
        if self._vocabulary is None:
            names = tf.py_func(lambda x: np.array([b"%d" % v for v in x.ravel()], object).reshape(x.shape), [ids], tf.string)
            names.set_shape(ids.shape)
            return names
        return tf.gather(tf.constant(self._vocabulary), ids)


class MultiClassHead(_ByVocabulary):
    """One of `n_classes`. Raises ValueError for fewer than three."""

    def __init__(
        self, n_classes: int, weight_column: Any = None, label_vocabulary: Any = None, loss_reduction: Any = SUM,
        loss_fn: Any = None,
        name: str | None = None,
    ):  # fmt: skip
        if n_classes is None or n_classes <= 2:
            raise ValueError(f"n_classes must be > 2: {n_classes}.")
        super().__init__(label_vocabulary, weight_column, loss_reduction, name)
        self.logits_dimension, self._loss_fn = n_classes, loss_fn

    def predictions(self, logits: Any, keys: Any = None) -> dict[str, Any]:
        ids = tf.expand_dims(tf.argmax(logits, -1), -1, name="class_ids")
        return {"logits": logits, "probabilities": tf.nn.softmax(logits, name="probabilities"), "class_ids": ids,
                "classes": self._names(ids)}  # fmt: skip

    def losses(self, labels: Any, logits: Any) -> Any:
        if self._loss_fn is not None:
            return self._loss_fn(labels=labels, logits=logits)
        flat = tf.reshape(tf.to_int64(labels), [-1])
        return tf.expand_dims(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=flat, logits=logits), -1)

    def _metrics(self, labels: Any, found: dict[str, Any], weights: Any) -> dict[str, Any]:
        return {"accuracy": tf.metrics.accuracy(tf.to_int64(labels), found["class_ids"], None if weights == 1.0 else weights)}

    def _exports(self, found: dict[str, Any]) -> dict[str, Any]:
        classes = ClassificationOutput(scores=found["probabilities"])
        return {"serving_default": classes, "classification": classes, "predict": PredictOutput(found)}


class BinaryClassHead(_ByVocabulary):
    """One of two classes, by one logit."""

    def __init__(
        self, weight_column: Any = None, thresholds: Any = None, label_vocabulary: Any = None, loss_reduction: Any = SUM,
        loss_fn: Any = None, name: str | None = None,
    ):  # fmt: skip
        super().__init__(label_vocabulary, weight_column, loss_reduction, name)
        self._thresholds, self._loss_fn = tuple(thresholds or ()), loss_fn

    def predictions(self, logits: Any, keys: Any = None) -> dict[str, Any]:
        logistic = tf.sigmoid(logits, name="logistic")
        two = tf.concat([tf.zeros_like(logits), logits], 1)
        ids = tf.expand_dims(tf.argmax(two, -1), -1)
        return {"logits": logits, "logistic": logistic, "probabilities": tf.nn.softmax(two), "class_ids": ids,
                "classes": self._names(ids)}  # fmt: skip

    def losses(self, labels: Any, logits: Any) -> Any:
        labels = tf.to_float(labels)
        if self._loss_fn is not None:
            return self._loss_fn(labels=labels, logits=logits)
        return tf.nn.sigmoid_cross_entropy_with_logits(labels=labels, logits=logits)

    def _metrics(self, labels: Any, found: dict[str, Any], weights: Any) -> dict[str, Any]:
        m, w = tf.metrics, None if weights == 1.0 else weights
        labels, logistic, ids = tf.to_float(labels), found["logistic"], found["class_ids"]
        mean, mean_update = m.mean(labels, w, name="label_mean")
        baseline = (tf.maximum(mean, 1.0 - mean), tf.maximum(mean_update, 1.0 - mean_update))
        metrics = {
            "accuracy": m.accuracy(labels, ids, w), "precision": m.precision(labels, ids, w), "recall": m.recall(labels, ids, w),
            "prediction/mean": m.mean(logistic, w), "label/mean": (mean, mean_update), "accuracy_baseline": baseline,
            "auc": m.auc(labels, logistic, w),
            "auc_precision_recall": m.auc(labels, logistic, w, curve="PR", summation_method="careful_interpolation"),
        }  # fmt: skip
        for t in self._thresholds:
            above = tf.to_float(logistic > t)
            metrics[f"accuracy/positive_threshold_{t:f}"] = m.accuracy(labels, above, w)
            metrics[f"precision/positive_threshold_{t:f}"] = m.precision(labels, above, w)
            metrics[f"recall/positive_threshold_{t:f}"] = m.recall(labels, above, w)
        return metrics

    _exports = MultiClassHead._exports


class MultiLabelHead(Head):
    """Any number of `n_classes`: labels are `[batch, n_classes]` of ones and zeros."""

    def __init__(self, n_classes: int, weight_column: Any = None, thresholds: Any = None, label_vocabulary: Any = None,
                 loss_reduction: Any = SUM, loss_fn: Any = None, name: str | None = None):  # fmt: skip
        super().__init__(weight_column, loss_reduction, name)
        self.logits_dimension = n_classes

    def predictions(self, logits: Any, keys: Any = None) -> dict[str, Any]:
        return {"logits": logits, "probabilities": tf.sigmoid(logits)}

    def losses(self, labels: Any, logits: Any) -> Any:
        each = tf.nn.sigmoid_cross_entropy_with_logits(labels=tf.to_float(labels), logits=logits)
        return tf.reduce_mean(each, 1, keepdims=True)

    def _metrics(self, labels: Any, found: dict[str, Any], weights: Any) -> dict[str, Any]:
        return {"auc": tf.metrics.auc(tf.to_float(labels), found["probabilities"])}


class RegressionHead(Head):
    """Numbers."""

    def __init__(
        self, label_dimension: int = 1, weight_column: Any = None, loss_reduction: Any = SUM, loss_fn: Any = None,
        inverse_link_fn: Any = None, name: str | None = None,
    ):  # fmt: skip
        super().__init__(weight_column, loss_reduction, name)
        self.logits_dimension, self._loss_fn, self._link = label_dimension, loss_fn, inverse_link_fn

    def predictions(self, logits: Any, keys: Any = None) -> dict[str, Any]:
        if self._link is not None:
            return {"predictions": self._link(logits), "logits": logits}
        return {"predictions": logits}

    def losses(self, labels: Any, logits: Any) -> Any:
        labels = tf.to_float(labels)
        if self._loss_fn is not None:
            return self._loss_fn(labels=labels, logits=logits)
        return tf.squared_difference(labels, logits)

    def _labels(self, labels: Any) -> Any:
        return _column(labels)

    def _metrics(self, labels: Any, found: dict[str, Any], weights: Any) -> dict[str, Any]:
        w = None if weights == 1.0 else weights
        return {"prediction/mean": tf.metrics.mean(found["predictions"], w), "label/mean": tf.metrics.mean(tf.to_float(labels), w)}

    def _exports(self, found: dict[str, Any]) -> dict[str, Any]:
        numbers = RegressionOutput(found["predictions"])
        return {"serving_default": numbers, "regression": numbers, "predict": PredictOutput(found)}


class LogisticRegressionHead(RegressionHead):
    """Numbers in [0, 1], by one logit."""

    def __init__(self, weight_column: Any = None, loss_reduction: Any = SUM, name: str | None = None):
        loss = lambda labels, logits: tf.nn.sigmoid_cross_entropy_with_logits(labels=labels, logits=logits)
        super().__init__(1, weight_column, loss_reduction, loss, tf.sigmoid, name)


def head_for(n_classes: int, weight_column: Any, label_vocabulary: Any, loss_reduction: Any) -> Head:
    """The head of a classifier."""
    if n_classes == 2:
        return BinaryClassHead(weight_column, label_vocabulary=label_vocabulary, loss_reduction=loss_reduction)
    return MultiClassHead(n_classes, weight_column, label_vocabulary, loss_reduction)
