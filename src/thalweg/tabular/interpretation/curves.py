"""How well probabilities order rows (ROC, precision and recall) and whether they are what they say (calibration)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..calibration import calibration_error

MOST_POINTS = 400


@dataclass(frozen=True)
class Curve:
    """A line `(x, y)` with the area under it."""

    x: np.ndarray
    y: np.ndarray
    area: float


def roc(is_class: np.ndarray, score: np.ndarray) -> Curve:
    """False positive rate and true positive rate at every threshold; the area, NaN where all rows are alike.

    is_class: truth values `[rows]`; score: `[rows]`. As scikit-learn's `roc_curve`. Fawcett, "An introduction to ROC
    analysis", 2006.
    """
    hits, claims = _counts(is_class, score)
    false, true = (claims - hits) / max(claims[-1] - hits[-1], 1), hits / max(hits[-1], 1)
    mixed = 0 < hits[-1] < claims[-1]
    return _thin(false, true, float(np.trapezoid(true, false)) if mixed else float("nan"))


def precision_recall(is_class: np.ndarray, score: np.ndarray) -> Curve:
    """Recall and precision at every threshold; the area is the average precision, NaN where no row is of the class.

    As scikit-learn's `precision_recall_curve` and `average_precision_score`: steps, not straight lines between them.
    """
    hits, claims = _counts(is_class, score)
    recall, precision = hits / max(hits[-1], 1), hits / np.maximum(claims, 1)
    precision[0] = 1.0
    area = float((np.diff(recall) * precision[1:]).sum()) if hits[-1] else float("nan")
    return _thin(recall, precision, area)


def _counts(is_class: np.ndarray, score: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows of the class, and all rows, at or above each distinct score, from none to all."""
    order = np.argsort(-score, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(score[order])), len(score) - 1)
    return np.append(0, np.cumsum(is_class[order])[ends]), np.append(0, ends + 1)


def _thin(x: np.ndarray, y: np.ndarray, area: float) -> Curve:
    """Few enough points to draw, evenly along the curve; corners are kept to within a pixel."""
    if len(x) > MOST_POINTS:
        along = np.append(0, np.cumsum(np.hypot(np.diff(x), np.diff(y))))
        keep = np.unique(np.append(np.searchsorted(along, np.linspace(0, along[-1], MOST_POINTS)), len(x) - 1).clip(0, len(x) - 1))
        x, y = x[keep], y[keep]
    return Curve(x, y, area)


@dataclass(frozen=True)
class Calibration:
    """Rows in bins of the probability that the model gives the class it predicts.

    `confidence` is the mean probability of each bin, `accuracy` the share of its rows that are right, `low` and `high` that
    share's 95 % interval, `rows` their number; `error` the expected calibration error.
    """

    confidence: np.ndarray
    accuracy: np.ndarray
    low: np.ndarray
    high: np.ndarray
    rows: np.ndarray
    error: float


def calibration(truth: np.ndarray, probability: np.ndarray, bins: int = 10) -> Calibration:
    """Compare what is predicted with how sure the model says it is. Empty bins are left out.

    truth: class numbers `[rows]`; probability `[rows, classes]`. Guo and others, "On Calibration of Modern Neural Networks",
    2017; intervals as Wilson, "Probable Inference", 1927.
    """
    sure, right = probability.max(axis=1), probability.argmax(axis=1) == truth
    floor = 1 / probability.shape[1]
    number = np.minimum(((sure - floor) / (1 - floor) * bins).astype(int), bins - 1).clip(0)
    rows = np.bincount(number, minlength=bins)
    used = rows > 0
    rows = rows[used]
    confidence = np.bincount(number, sure, bins)[used] / rows
    accuracy = np.bincount(number, right, bins)[used] / rows
    z = 1.96
    middle = (accuracy + z * z / (2 * rows)) / (1 + z * z / rows)
    half = z * np.sqrt(accuracy * (1 - accuracy) / rows + z * z / (4 * rows ** 2)) / (1 + z * z / rows)
    return Calibration(confidence, accuracy, middle - half, middle + half, rows, calibration_error(truth, probability))
