"""Probabilities that mean what they say: a temperature, fitted on dev."""

from __future__ import annotations

import numpy as np

LOWEST, HIGHEST = 0.25, 4.0
DOUBT = 10.0                # how many rows it takes to move the temperature from 1


def find_temperature(logits: np.ndarray, truth: np.ndarray) -> float:
    """What to divide logits `[rows, classes]` by so that their probabilities fit the true classes best.

    The likelihood of the rows, with a mild leaning towards 1, so that a dozen rows do not decide alone. Guo et al., "On
    Calibration of Modern Neural Networks", 2017.
    """
    from scipy.optimize import minimize_scalar

    if not len(truth):
        return 1.0

    def loss(log_temperature: float) -> float:
        return float(_log_loss(logits / np.exp(log_temperature), truth).sum() + DOUBT * log_temperature ** 2)

    found = minimize_scalar(loss, bounds=(np.log(LOWEST), np.log(HIGHEST)), method="bounded")
    return float(np.exp(found.x))


def calibration_error(truth: np.ndarray, probability: np.ndarray, bins: int = 10) -> float:
    """How far the probability of the named class is from how often it is right: the mean over the rows, in ten bins.

    The expected calibration error of Guo et al., 2017.
    """
    sure, right = probability.max(axis=1), probability.argmax(axis=1) == truth
    place = np.minimum((sure * bins).astype(int), bins - 1)
    rows = np.bincount(place, minlength=bins)
    gap = np.abs(np.bincount(place, weights=sure, minlength=bins) - np.bincount(place, weights=right, minlength=bins))
    return float(gap.sum() / max(rows.sum(), 1))


def _log_loss(logits: np.ndarray, truth: np.ndarray) -> np.ndarray:
    top = logits.max(axis=1, keepdims=True)
    return np.log(np.exp(logits - top).sum(axis=1)) + top[:, 0] - logits[np.arange(len(truth)), truth]
