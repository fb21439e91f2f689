"""The area under a curve of rates over thresholds. Source: `tf.keras.metrics.AUC` (Keras 3)."""

from __future__ import annotations

from typing import Any

import thalweg as tf
from thalweg.keras import config
from thalweg.keras.losses.base import cast
from thalweg.keras.metrics.base import Metric
from thalweg.keras.metrics.counting import counts, even_thresholds

_CURVES = ("ROC", "PR", "PRGAIN")
_METHODS = ("interpolation", "minoring", "majoring")


def _one_of(value: Any, names: tuple[str, ...], argument: str) -> str:
    value = getattr(value, "value", value)  # Keras' enumerations
    for name in names:
        if str(value).lower() == name.lower():
            return name
    raise ValueError(f"`{argument}` must be one of {', '.join(map(repr, names))}, but it is {value!r}.")


class AUC(Metric):
    """The area under the ROC curve (or that of precision over recall), by a Riemann sum over thresholds.

    y_true: 0 and 1, y_pred: probabilities (logits with `from_logits`) of the same shape. `curve`: 'ROC', 'PR' or
    'PRGAIN'; `summation_method`: 'interpolation', 'minoring' or 'majoring'. `multi_label`: the mean of the labels'
    areas, weighed by `label_weights`.

    >>> float(tf.keras.metrics.AUC(num_thresholds=3)([0, 0, 1, 1], [0, 0.5, 0.3, 0.9]))
    0.75
    """

    def __init__(
        self,
        num_thresholds: int = 200,
        curve: Any = "ROC",
        summation_method: Any = "interpolation",
        name: str | None = None,
        dtype: Any = None,
        thresholds: Any = None,
        multi_label: bool = False,
        num_labels: int | None = None,
        label_weights: Any = None,
        from_logits: bool = False,
    ):
        super().__init__(name=name, dtype=dtype)
        if thresholds is None and num_thresholds <= 1:
            raise ValueError(f"`num_thresholds` must be 2 or more, but it is {num_thresholds}.")
        if num_labels and not multi_label:
            raise ValueError("`num_labels` needs multi_label=True.")
        self._init_from_thresholds = thresholds is not None
        inner = even_thresholds(num_thresholds)[1:-1] if thresholds is None else sorted(thresholds)
        # A margin, so that scores of exactly 0 and 1 lie between the first and the last.
        self.thresholds = [0.0 - config.epsilon(), *inner, 1.0 + config.epsilon()]
        self.num_thresholds = len(self.thresholds)
        self.curve = _one_of(curve, _CURVES, "curve")
        self.summation_method = _one_of(summation_method, _METHODS, "summation_method")
        self.multi_label = multi_label
        self.num_labels = num_labels
        self.label_weights = label_weights
        self._from_logits = from_logits
        self._built = False
        if not multi_label:
            self._build((self.num_thresholds,))
        elif num_labels:
            self._build((self.num_thresholds, num_labels))

    def _build(self, shape: Any) -> None:
        self.true_positives = self.add_weight(name="true_positives", shape=shape)
        self.false_positives = self.add_weight(name="false_positives", shape=shape)
        self.true_negatives = self.add_weight(name="true_negatives", shape=shape)
        self.false_negatives = self.add_weight(name="false_negatives", shape=shape)
        self._built = True

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        y_pred = cast(y_pred, self._dtype)
        if not self._built:
            if y_pred.shape.rank != 2:
                raise ValueError(
                    f"multi_label=True needs y_pred of shape [batch, labels], but it is {tuple(y_pred.shape)}."
                )
            self._build((self.num_thresholds, y_pred.shape[1]))
        found = counts(
            "tp fp tn fn",
            y_true,
            tf.sigmoid(y_pred) if self._from_logits else y_pred,
            self.thresholds,
            self._dtype,
            sample_weight,
            label_weights=None if self.multi_label else self.label_weights,
            multi_label=self.multi_label,
        )
        for variable, count in zip(self._variables, found):
            variable.assign_add(count)

    def result(self) -> Any:
        tp, fp, tn, fn = (tf.identity(variable) for variable in self._variables)
        if self.curve == "PR" and self.summation_method == "interpolation":
            return self._mean_of_labels(_pr_area(tp, fp, fn))
        x, y = _points(self.curve, tp, fp, tn, fn)
        left, right = y[:-1], y[1:]
        heights = {
            "interpolation": lambda: (left + right) / 2.0,
            "minoring": lambda: tf.minimum(left, right),
            "majoring": lambda: tf.maximum(left, right),
        }[self.summation_method]()
        return self._mean_of_labels((x[:-1] - x[1:]) * heights)

    def _mean_of_labels(self, areas: Any) -> Any:
        """The areas of the intervals added up, then the labels' areas averaged."""
        if not self.multi_label:
            return tf.reduce_sum(areas)
        by_label = tf.reduce_sum(areas, axis=0)
        if self.label_weights is None:
            return tf.reduce_mean(by_label)
        weights = cast(self.label_weights, self._dtype)
        return tf.math.divide_no_nan(tf.reduce_sum(by_label * weights), tf.reduce_sum(weights))

    def get_config(self) -> dict[str, Any]:
        settings = {
            "num_thresholds": self.num_thresholds,
            "curve": self.curve,
            "summation_method": self.summation_method,
            "multi_label": self.multi_label,
            "num_labels": self.num_labels,
            "label_weights": self.label_weights,
            "from_logits": self._from_logits,
        }
        if self._init_from_thresholds:
            settings["thresholds"] = self.thresholds[1:-1]
        return {**super().get_config(), **settings}


def _points(curve: str, tp: Any, fp: Any, tn: Any, fn: Any) -> tuple[Any, Any]:
    """The curve's x and y at each threshold."""
    ratio = tf.math.divide_no_nan
    if curve == "ROC":
        return ratio(fp, fp + tn), ratio(tp, tp + fn)
    if curve == "PR":
        return ratio(tp, tp + fn), ratio(tp, tp + fp)
    scale = ratio(tp + fn, tn + fp)
    nothing = tf.equal(tp, 0.0)
    recall_gain = tf.where(nothing, tf.zeros_like(tp), 1.0 - scale * ratio(fn, tp))
    precision_gain = tf.where(nothing, tf.ones_like(tp), 1.0 - scale * ratio(fp, tp))
    return tf.maximum(recall_gain, 0.0), precision_gain


def _pr_area(tp: Any, fp: Any, fn: Any) -> Any:
    """Area of each interval under the PR curve, its points joined as Davis and Goadrich (2006) do: not by a line."""
    ratio = tf.math.divide_no_nan
    positives = tp + fp
    gained = tp[:-1] - tp[1:]
    slope = ratio(gained, tf.maximum(positives[:-1] - positives[1:], 0.0))
    intercept = tp[1:] - slope * positives[1:]
    growth = tf.where(
        tf.logical_and(positives[:-1] > 0.0, positives[1:] > 0.0),
        ratio(positives[:-1], tf.maximum(positives[1:], 0.0)),
        tf.ones_like(positives[1:]),
    )
    return ratio(slope * (gained + intercept * tf.math.log(growth)), tf.maximum(tp[1:] + fn[1:], 0.0))
