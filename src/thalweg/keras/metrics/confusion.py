"""Precision, recall and what else counts hits at thresholds. Source: `tf.keras.metrics` (Keras 3)."""

from __future__ import annotations

from typing import Any

import thalweg as tf
from thalweg.keras.metrics.base import Metric
from thalweg.keras.metrics.counting import LOWEST, counts, even_thresholds, parse_thresholds

_NAMES = {"tp": "true_positives", "fp": "false_positives", "tn": "true_negatives", "fn": "false_negatives"}


class _Counts(Metric):
    """Keeps counts of some kinds ("tp fp tn fn") per threshold, each in the variable of its name."""

    def __init__(
        self,
        kinds: str,
        thresholds: Any,
        name: str | None,
        dtype: Any,
        top_k: int | None = None,
        class_id: int | None = None,
    ):
        super().__init__(name=name, dtype=dtype)
        self._kinds = kinds
        self.thresholds = thresholds
        self.top_k = top_k
        self.class_id = class_id
        for kind in kinds.split():
            setattr(self, _NAMES[kind], self.add_weight(name=_NAMES[kind], shape=(len(thresholds),)))

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        found = counts(
            self._kinds, y_true, y_pred, self.thresholds, self._dtype, sample_weight, self.top_k, self.class_id
        )
        for variable, count in zip(self._variables, found):
            variable.assign_add(count)

    def _one_or_all(self, values: Any) -> Any:
        return values[0] if len(self.thresholds) == 1 else values


# -- the counts themselves ----------------------------------------------------------------------------------


class _OneCount(_Counts):
    _kind: str

    def __init__(self, thresholds: Any = None, name: str | None = None, dtype: Any = None):
        self.init_thresholds = thresholds
        super().__init__(self._kind, parse_thresholds(thresholds, 0.5), name, dtype)
        self.accumulator = self._variables[0]

    def result(self) -> Any:
        return self._one_or_all(tf.identity(self.accumulator))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "thresholds": self.init_thresholds}


class TruePositives(_OneCount):
    """How many positives are found.

    >>> float(tf.keras.metrics.TruePositives()([0, 1, 1, 1], [1, 0, 1, 1]))
    2.0
    """

    _kind = "tp"


class FalsePositives(_OneCount):
    """How many negatives are taken for positives."""

    _kind = "fp"


class TrueNegatives(_OneCount):
    """How many negatives are left alone."""

    _kind = "tn"


class FalseNegatives(_OneCount):
    """How many positives are missed."""

    _kind = "fn"


# -- precision and recall -----------------------------------------------------------------------------------


class _Ratio(_Counts):
    _kinds_used: str

    def __init__(
        self,
        thresholds: Any = None,
        top_k: int | None = None,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ):
        self.init_thresholds = thresholds
        default = 0.5 if top_k is None else LOWEST
        super().__init__(self._kinds_used, parse_thresholds(thresholds, default), name, dtype, top_k, class_id)

    def result(self) -> Any:
        hits, others = self._variables
        return self._one_or_all(tf.math.divide_no_nan(tf.identity(hits), hits + others))

    def get_config(self) -> dict[str, Any]:
        settings = {"thresholds": self.init_thresholds, "top_k": self.top_k, "class_id": self.class_id}
        return {**super().get_config(), **settings}


class Precision(_Ratio):
    """Of what is called positive, how much is: `tp / (tp + fp)`; 0 when nothing is called so.

    y_true: 0 and 1, y_pred: scores of the same shape; positive is above `thresholds` (0.5; of several, a result each).
    `class_id`: of that class alone, `top_k`: positive is what is among each sample's k best.

    >>> float(tf.keras.metrics.Precision()([0, 1, 1, 1], [1, 0, 1, 1])) == tf.constant(2 / 3)
    <tf.Tensor: shape=(), dtype=bool, numpy=True>
    """

    _kinds_used = "tp fp"


class Recall(_Ratio):
    """Of what is positive, how much is called so: `tp / (tp + fn)`; 0 when nothing is. Arguments as `Precision`."""

    _kinds_used = "tp fn"


# -- the best of one where the other is good enough ---------------------------------------------------------


class SensitivitySpecificityBase(_Counts):
    """The best of one ratio among the thresholds where another is at least `value`."""

    _setting: str

    def __init__(
        self,
        value: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ):
        if num_thresholds <= 0:
            raise ValueError(f"`num_thresholds` must be positive, but it is {num_thresholds}.")
        if not 0 <= value <= 1:
            raise ValueError(f"`{self._setting}` must be between 0 and 1, but it is {value}.")
        thresholds = [0.5] if num_thresholds == 1 else even_thresholds(num_thresholds)
        super().__init__("tp fp tn fn", thresholds, name, dtype, class_id=class_id)
        self.value = value
        self.num_thresholds = num_thresholds

    def _recalls(self) -> Any:
        tp, _, _, fn = self._variables
        return tf.math.divide_no_nan(tf.identity(tp), tp + fn)

    def _precisions(self) -> Any:
        tp, fp, _, _ = self._variables
        return tf.math.divide_no_nan(tf.identity(tp), tp + fp)

    def _specificities(self) -> Any:
        _, fp, tn, _ = self._variables
        return tf.math.divide_no_nan(tf.identity(tn), tn + fp)

    def _best(self, wanted: Any, constrained: Any) -> Any:
        return tf.reduce_max(tf.where(constrained >= self.value, wanted, tf.zeros_like(wanted)))

    def get_config(self) -> dict[str, Any]:
        settings = {"num_thresholds": self.num_thresholds, self._setting: self.value, "class_id": self.class_id}
        return {**super().get_config(), **settings}


class SensitivityAtSpecificity(SensitivitySpecificityBase):
    """The best sensitivity (recall) among thresholds whose specificity is at least `specificity`."""

    _setting = "specificity"

    def __init__(
        self,
        specificity: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ):
        super().__init__(specificity, num_thresholds, class_id, name, dtype)
        self.specificity = specificity

    def result(self) -> Any:
        return self._best(self._recalls(), self._specificities())


class SpecificityAtSensitivity(SensitivitySpecificityBase):
    """The best specificity among thresholds whose sensitivity (recall) is at least `sensitivity`."""

    _setting = "sensitivity"

    def __init__(
        self,
        sensitivity: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ):
        super().__init__(sensitivity, num_thresholds, class_id, name, dtype)
        self.sensitivity = sensitivity

    def result(self) -> Any:
        return self._best(self._specificities(), self._recalls())


class PrecisionAtRecall(SensitivitySpecificityBase):
    """The best precision among thresholds whose recall is at least `recall`."""

    _setting = "recall"

    def __init__(
        self,
        recall: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ):
        super().__init__(recall, num_thresholds, class_id, name, dtype)
        self.recall = recall

    def result(self) -> Any:
        return self._best(self._precisions(), self._recalls())


class RecallAtPrecision(SensitivitySpecificityBase):
    """The best recall among thresholds whose precision is at least `precision`."""

    _setting = "precision"

    def __init__(
        self,
        precision: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ):
        super().__init__(precision, num_thresholds, class_id, name, dtype)
        self.precision = precision

    def result(self) -> Any:
        return self._best(self._recalls(), self._precisions())
