"""Why the model answers as it does of one row: what each column's cell adds to, or takes from, the mean answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..columns import CLASSIFICATION
from ..problems import TableError
from .answering import answers

if TYPE_CHECKING:
    import pandas as pd

    from ..predictor import Predictor

BACKGROUND, MOST_NAMED = 32, 4
MOST_ANSWERS = 65_536       # at once: what is held in memory


@dataclass(frozen=True)
class Explanations:
    """What the columns contribute to one answer of each row: `start[row] + contributions[row].sum()` is `answer[row]`.

    `answer` is the probability of the class that is predicted, or the predicted number; `start` the mean of the same over the
    background rows. `contributions` is `[rows, columns]`, in the order of `columns`.
    """

    columns: list[str]
    start: np.ndarray
    answer: np.ndarray
    contributions: np.ndarray


def explain(predictor: Predictor, matrix: np.ndarray, background: np.ndarray, seed: int = 0) -> Explanations:
    """Shapley values of the columns, by sampling orders of them.

    Columns of a background row are replaced by the row's own, one by one in a random order; what the answer moves by at each
    is that column's share. Every second order is the one before it backwards, which halves the noise. The shares of one order
    telescope, so the sum over columns is exact however few orders there are.

    matrix: `[rows, places]`, as the preprocessor makes it; background: rows like it to start from, one an order.
    Štrumbelj and Kononenko, "Explaining prediction models and individual predictions with feature contributions", 2014;
    Mitchell and others, "Sampling Permutations for Shapley Value Estimation", 2022.
    """
    where = predictor.preprocessor.places()
    columns = list(where)
    orders = _orders(len(columns), len(background), seed)
    rows_at_once = max(MOST_ANSWERS // max(len(orders) * (len(columns) + 1), 1), 1)
    of_background = answers(predictor, background)
    parts = [_explain(predictor, matrix[start:start + rows_at_once], background, of_background, orders, list(where.values()))
             for start in range(0, len(matrix), rows_at_once)]
    if not parts:
        return Explanations(columns, np.empty(0), np.empty(0), np.empty((0, len(columns))))
    start, answer, contributions = (np.concatenate(arrays) for arrays in zip(*parts))
    return Explanations(columns, start, answer, contributions)


def _orders(columns: int, count: int, seed: int) -> np.ndarray:
    random = np.random.RandomState(seed)
    half = [random.permutation(columns) for _ in range((count + 1) // 2)]
    return np.array([order for one in half for order in (one, one[::-1])])[:count]


def _explain(predictor: Predictor, matrix: np.ndarray, background: np.ndarray, of_background: np.ndarray, orders: np.ndarray,
             where: list[list[int]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rows, columns = len(matrix), len(where)
    # mixed[row, order, step] has the first `step` columns of the order from the row, the others from the background
    mixed = np.broadcast_to(background[:, None], (rows, len(orders), columns, background.shape[1])).copy()
    for number, order in enumerate(orders):
        for step, column in enumerate(order[:-1], start=1):
            mixed[:, number, step:, where[column]] = matrix[:, None, where[column]].transpose(2, 0, 1)
    own = answers(predictor, matrix)
    steps = answers(predictor, mixed[:, :, 1:].reshape(-1, background.shape[1]))
    steps = steps.reshape(rows, len(orders), columns - 1, own.shape[1])
    outputs = own.argmax(axis=1) if predictor.task == CLASSIFICATION else np.zeros(rows, int)
    answer = own[np.arange(rows), outputs]
    path = np.empty((rows, len(orders), columns + 1))
    path[:, :, 0] = of_background[:, outputs].T
    path[:, :, 1:-1] = np.take_along_axis(steps, outputs[:, None, None, None], axis=3)[..., 0]
    path[:, :, -1] = answer[:, None]
    contributions = np.zeros((rows, columns))
    for order, moves in zip(orders, np.diff(path, axis=2).transpose(1, 2, 0)):
        contributions[:, order] += moves.T
    return path[:, :, 0].mean(axis=1), answer, contributions / len(orders)


def background_of(predictor: Predictor) -> np.ndarray:
    """The rows that explanations start from: those kept with the model, or training rows where it was just fitted.

    Raises TableError for a model that was saved without.
    """
    kept = getattr(predictor, "background", None)
    if kept is None and hasattr(predictor, "prepared"):
        prepared = predictor.prepared
        kept = prepared.matrix[np.random.RandomState(predictor.settings.seed).permutation(prepared.split.train)[:BACKGROUND]]
    if kept is None or not len(kept):
        raise TableError("the model was saved without the rows that explanations start from; fit it again.")
    return kept[:BACKGROUND]


def explain_rows(predictor: Predictor, frame: pd.DataFrame) -> pd.DataFrame:
    """Two columns to stand beside a table: `explained_from`, the mean answer, and `because`, what each column adds to it.

    `because` names the columns that move the answer most, with their cells, and adds up the others.
    Raises TableError where a column that the model reads is missing or cannot be read.
    """
    import pandas as pd

    found = explain(predictor, predictor.preprocessor.transform(frame), background_of(predictor))
    return pd.DataFrame({"explained_from": found.start.round(6) if predictor.task == CLASSIFICATION else found.start,
                         "because": because(found, frame, predictor.task)}, index=frame.index)


def because(found: Explanations, frame: pd.DataFrame, task: str, most: int = MOST_NAMED) -> list[str]:
    """One line a row: `income 8.33 +0.21, longitude -122.2 -0.05, others +0.01`."""
    columns = {name: frame[name].tolist() for name in found.columns}
    lines = []
    for row, shares in enumerate(found.contributions):
        order = np.argsort(-np.abs(shares), kind="stable")
        parts = [f"{name} {_cell(columns[name][row])} {amount(shares[place], task)}"
                 for place in order[:most] for name in (found.columns[place],)]
        if len(order) > most:
            parts.append(f"others {amount(shares[order[most:]].sum(), task)}")
        lines.append(", ".join(parts))
    return lines


def amount(share: float, task: str) -> str:
    """What a column adds, with its sign: a probability in thousandths, a number to four digits."""
    if task == CLASSIFICATION:
        return f"{share:+.3f}"
    return f"{share:+,.0f}" if abs(share) >= 1000 else f"{share:+.4g}"


def _cell(cell: object) -> str:
    if isinstance(cell, float):
        return "(missing)" if np.isnan(cell) else f"{cell:.6g}"
    return f"{str(cell).strip() or '(missing)':.24}"


def strongest(found: Explanations, row: int, most: int = 3) -> Sequence[tuple[str, float]]:
    """The columns that move one row's answer most, with what each adds."""
    order = np.argsort(-np.abs(found.contributions[row]), kind="stable")[:most]
    return [(found.columns[place], float(found.contributions[row, place])) for place in order]
