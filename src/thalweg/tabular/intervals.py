"""How sure a figure of merit is: 95 % intervals by bootstrap over the rows it was measured on."""

from __future__ import annotations

import numpy as np

SAMPLES = 1000
MOST_GROUPS = 20_000        # more rows are resampled in groups drawn by chance, which differ from one another as rows do
BOUNDS = (0.025, 0.975)


def classification(truth: np.ndarray, probability: np.ndarray, seed: int = 0) -> dict[str, list[float]]:
    """`[low, high]` of accuracy and macro F1. Rows drawn anew are counts drawn anew of the cells of the confusion matrix."""
    random = np.random.default_rng(seed)
    classes, rows = probability.shape[1], len(truth)
    cells = np.bincount(truth * classes + probability.argmax(axis=1), minlength=classes * classes)
    filled = np.flatnonzero(cells)
    counts = np.zeros((SAMPLES, classes * classes))
    counts[:, filled] = random.multinomial(rows, cells[filled] / rows, size=SAMPLES)
    counts = counts.reshape(SAMPLES, classes, classes)
    hits, actual, claimed = np.einsum("ncc->nc", counts), counts.sum(axis=2), counts.sum(axis=1)
    there = actual + claimed > 0
    f1 = np.where(there, 2 * hits / np.where(there, actual + claimed, 1), 0).sum(axis=1) / there.sum(axis=1)
    return {"accuracy": _bounds(hits.sum(axis=1) / rows), "macro_f1": _bounds(f1)}


def regression(truth: np.ndarray, predicted: np.ndarray, seed: int = 0) -> dict[str, list[float]]:
    """`[low, high]` of R2, mean absolute error and root mean squared error."""
    random = np.random.default_rng(seed)
    rows, middle = len(truth), truth.mean()
    error, apart = predicted - truth, truth - middle
    parts = np.stack([np.ones(rows), np.abs(error), error ** 2, apart, apart ** 2])
    if rows > MOST_GROUPS:
        group = random.permutation(rows) % MOST_GROUPS
        parts = np.stack([np.bincount(group, weights=part, minlength=MOST_GROUPS) for part in parts])
    drawn = random.integers(0, parts.shape[1], size=(SAMPLES, parts.shape[1]), dtype=np.int32)
    count, absolute, squared, first, second = (part[drawn].sum(axis=1) for part in parts)
    spread = second - first ** 2 / count
    r2 = 1 - squared / np.where(spread > 0, spread, np.inf)
    return {"r2": _bounds(r2), "mae": _bounds(absolute / count), "rmse": _bounds(np.sqrt(squared / count))}


def _bounds(values: np.ndarray) -> list[float]:
    return [float(bound) for bound in np.quantile(values, BOUNDS)]
