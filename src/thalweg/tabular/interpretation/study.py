"""All that is worked out about a fitted model for its report, once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from ..columns import CLASSIFICATION
from .curves import Calibration, Curve, calibration, precision_recall, roc
from .dependence import Dependence, partial_dependence
from .explanations import Explanations, background_of, explain
from .importance import Importance, permutation_importance

if TYPE_CHECKING:
    from ..result import Fitted

MOST_DEPENDENCES, MOST_MISTAKES, MOST_CURVES = 6, 12, 8


@dataclass(frozen=True)
class Mistakes:
    """The test rows that the model gets most wrong, the worst first: their row numbers in the table, and in `Fitted.test`."""

    rows: np.ndarray
    places: np.ndarray
    explanations: Explanations


class Study:
    """A fitted model and what its test rows tell of it. Each part is worked out when it is first asked for, and kept."""

    def __init__(self, fitted: Fitted) -> None:
        self.fitted = fitted

    @cached_property
    def importances(self) -> list[Importance]:
        """Every column's, the largest first."""
        return permutation_importance(self.fitted)

    @cached_property
    def dependences(self) -> list[Dependence]:
        """On each of the columns that matter most."""
        leading = [one.column for one in self.importances if one.drop > 0] or [one.column for one in self.importances]
        found = (partial_dependence(self.fitted, column) for column in leading[:MOST_DEPENDENCES])
        return [one for one in found if one is not None]

    @cached_property
    def mistakes(self) -> Mistakes:
        """The test rows that the model gets most wrong."""
        return _hardest(self.fitted)

    @cached_property
    def roc(self) -> dict[str, Curve]:
        """By class name, commonest first; for classes."""
        return self._curves(roc)

    @cached_property
    def precision_recall(self) -> dict[str, Curve]:
        """By class name, commonest first; for classes."""
        return self._curves(precision_recall)

    @cached_property
    def calibration(self) -> Calibration:
        """For classes."""
        return calibration(self.fitted.test.truth, self.fitted.test.values)

    @cached_property
    def map_columns(self) -> tuple[str, str] | None:
        """The names of the columns that hold longitude and latitude, if there are two such."""
        return find_map_columns(self.fitted.prepared.frame)

    def summary(self) -> dict[str, Any]:
        """What `metrics.json` holds of it."""
        found: dict[str, Any] = {"importance": {one.column: {"drop": one.drop, "spread": one.spread} for one in self.importances}}
        if self.fitted.task == CLASSIFICATION:
            found["calibration_error"] = self.calibration.error
            found["roc_auc"] = {name: _number(curve.area) for name, curve in self.roc.items()}
            found["average_precision"] = {name: _number(curve.area) for name, curve in self.precision_recall.items()}
        return found

    def _curves(self, make: Callable[[np.ndarray, np.ndarray], Curve]) -> dict[str, Curve]:
        truth, values, classes = self.fitted.test.truth, self.fitted.test.values, self.fitted.classes
        common = np.argsort(-np.bincount(truth, minlength=len(classes)), kind="stable")[:MOST_CURVES]
        return {str(classes[place]): make(truth == place, values[:, place]) for place in common}


def _hardest(fitted: Fitted) -> Mistakes:
    truth, values = fitted.test.truth, fitted.test.values
    if fitted.task == CLASSIFICATION:
        given = values[np.arange(len(truth)), truth]
        wrong = np.flatnonzero(values.argmax(axis=1) != truth)
        places = wrong[np.argsort(given[wrong], kind="stable")][:MOST_MISTAKES]
    else:
        places = np.argsort(-np.abs(values - truth), kind="stable")[:MOST_MISTAKES]
    rows = fitted.test.rows[places]
    return Mistakes(rows, places, explain(fitted, fitted.prepared.matrix[rows], background_of(fitted)))


def find_map_columns(frame: Any) -> tuple[str, str] | None:
    """The names of the columns that hold longitude and latitude in degrees, if there are two such."""
    found = []
    for spellings, most in ((("longitude", "lon", "lng", "long"), 180), (("latitude", "lat"), 90)):
        for name in frame.columns:
            if str(name).strip().lower() in spellings and frame[name].dtype.kind in "iuf" and frame[name].abs().max() <= most:
                found.append(str(name))
                break
    return (found[0], found[1]) if len(found) == 2 else None


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
