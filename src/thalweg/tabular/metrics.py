"""Figures of merit, as plain Python numbers ready for JSON."""

from __future__ import annotations

from typing import Any

import numpy as np


def confusion_matrix(true: np.ndarray, predicted: np.ndarray, classes: int) -> np.ndarray:
    """Count rows by class: `[true, predicted]`, from two integer vectors."""
    return np.bincount(true * classes + predicted, minlength=classes * classes).reshape(classes, classes)


def classification(true: np.ndarray, probability: np.ndarray, names: list[str]) -> dict[str, Any]:
    """Accuracy, macro F1, mean log loss, precision, recall and F1 of each class, confusion matrix.

    true: class numbers `[n]`; probability: `[n, classes]`. As in scikit-learn, the macro average is over the classes that
    occur among the true or the predicted labels, and a ratio of nothing is 0.
    """
    matrix = confusion_matrix(true, probability.argmax(axis=1), len(names))
    hits, actual, claimed = np.diag(matrix), matrix.sum(axis=1), matrix.sum(axis=0)
    f1 = _ratio(2 * hits, actual + claimed)
    precision, recall = _ratio(hits, claimed), _ratio(hits, actual)
    floor = np.finfo(np.float32).tiny
    return {
        "rows": len(true),
        "accuracy": float(_ratio(hits.sum(), actual.sum())),
        "macro_f1": float(f1[actual + claimed > 0].mean()),
        "log_loss": float(-np.log(np.maximum(probability[np.arange(len(true)), true], floor)).mean()),
        "classes": {
            name: {"precision": float(precision[i]), "recall": float(recall[i]), "f1": float(f1[i]), "rows": int(actual[i])}
            for i, name in enumerate(names)
        },
        "confusion_matrix": matrix.tolist(),
    }


def regression(true: np.ndarray, predicted: np.ndarray) -> dict[str, Any]:
    """R2, mean absolute error and root mean squared error of two float vectors."""
    error = predicted - true
    spread = ((true - true.mean()) ** 2).sum()
    return {
        "rows": len(true),
        "r2": float(1 - (error ** 2).sum() / spread) if spread > 0 else 0.0,
        "mae": float(np.abs(error).mean()),
        "rmse": float(np.sqrt((error ** 2).mean())),
    }


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.divide(part, whole, out=np.zeros(np.shape(whole)), where=np.asarray(whole) > 0)
