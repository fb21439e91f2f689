"""How much the model leans on each column: what it loses when the column says nothing of its row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..columns import CLASSIFICATION
from .answering import answers

if TYPE_CHECKING:
    from ..result import Fitted

REPEATS, MOST_ROWS = 4, 2_000
MOST_ANSWERS = 200_000      # of a wide table fewer rows are shuffled, but never fewer than FEWEST_ROWS
FEWEST_ROWS = 200


@dataclass(frozen=True)
class Importance:
    """How far accuracy, or R2, falls when a column's cells are shuffled among the rows: mean and deviation of some shuffles."""

    column: str
    drop: float
    spread: float


def permutation_importance(fitted: Fitted, repeats: int = REPEATS, most_rows: int | None = None) -> list[Importance]:
    """Every column's importance on the test rows, the largest first.

    most_rows: shuffle among no more test rows than so many, drawn with the fit's seed (default: 2,000, fewer for wide tables).

    Columns that tell the same share what they are worth: shuffled alone, neither is missed. Breiman, "Random Forests", 2001;
    for any model: Fisher, Rudin and Dominici, "All Models are Wrong, but Many are Useful", 2019.
    """
    where_of = fitted.preprocessor.places()
    if most_rows is None:
        most_rows = int(np.clip(MOST_ANSWERS // (repeats * len(where_of)), FEWEST_ROWS, MOST_ROWS))
    random = np.random.RandomState(fitted.settings.seed)
    rows, truth = fitted.test.rows, fitted.test.truth
    if len(rows) > most_rows:
        chosen = random.permutation(len(rows))[:most_rows]
        rows, truth = rows[chosen], truth[chosen]
    matrix = fitted.prepared.matrix[rows]
    whole = _merit(fitted, truth, answers(fitted, matrix))
    found = []
    for column, where in where_of.items():
        shuffled = np.tile(matrix, (repeats, 1))
        for turn in range(repeats):
            start = turn * len(rows)
            shuffled[start:start + len(rows), where] = matrix[random.permutation(len(rows))][:, where]
        values = answers(fitted, shuffled).reshape(repeats, len(rows), -1)
        drops = [whole - _merit(fitted, truth, value) for value in values]
        found.append(Importance(column, float(np.mean(drops)), float(np.std(drops))))
    return sorted(found, key=lambda importance: -importance.drop)


def _merit(fitted: Fitted, truth: np.ndarray, values: np.ndarray) -> float:
    if fitted.task == CLASSIFICATION:
        return float((values.argmax(axis=1) == truth).mean())
    spread = ((truth - truth.mean()) ** 2).sum()
    return float(1 - ((values[:, 0] - truth) ** 2).sum() / spread) if spread > 0 else 0.0
