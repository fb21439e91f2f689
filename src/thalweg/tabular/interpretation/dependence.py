"""How the answers change with one column, the others left as they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..columns import is_number
from .answering import answers, encode_cells

if TYPE_CHECKING:
    import pandas as pd

    from ..result import Fitted

STEPS, MOST_ROWS, MOST_LEVELS = 32, 256, 10


@dataclass(frozen=True)
class Dependence:
    """The model's answers where every row has this cell in this column.

    `cells` are numbers in order (`ordered`), or categories; `mean`, `low` and `high` are `[cells, outputs]`: the mean over
    rows, and between what lies the middle 80 % of them. `deciles` are those of the column, where it is ordered.
    """

    column: str
    cells: list
    ordered: bool
    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray
    deciles: list[float]


def partial_dependence(fitted: Fitted, column: str, steps: int = STEPS, most_rows: int = MOST_ROWS) -> Dependence | None:
    """The dependence on one column, over some training rows; None for a column of which no other cell can be made up (text).

    Friedman, "Greedy Function Approximation", 2001; the spread of single rows: Goldstein and others, "Peeking Inside the Black
    Box", 2015.
    """
    prepared = fitted.prepared
    known = prepared.frame[column].iloc[prepared.split.train].dropna()
    if not len(known):
        return None
    cells, ordered = _cells(known, steps)
    if not cells:
        return None
    random = np.random.RandomState(fitted.settings.seed)
    background = prepared.matrix[random.permutation(prepared.split.train)[:most_rows]]
    where = fitted.preprocessor.places()[column]
    changed = np.repeat(background[None], len(cells), axis=0)
    changed[:, :, where] = encode_cells(fitted.preprocessor, prepared.frame.iloc[:1], column, cells)[:, None, :]
    values = answers(fitted, changed.reshape(-1, background.shape[1])).reshape(len(cells), len(background), -1)
    low, high = np.quantile(values, (0.1, 0.9), axis=1)
    deciles = np.quantile(_as_numbers(known), np.linspace(0.1, 0.9, 9)).tolist() if ordered else []
    shown = _as_numbers(known.iloc[:0].__class__(cells, dtype=known.dtype)).tolist() if ordered else [str(cell) for cell in cells]
    return Dependence(column, shown, ordered, values.mean(axis=1), low, high, deciles)


def _cells(known: pd.Series, steps: int) -> tuple[list[Any], bool]:
    """Cells to try: the whole range but its last per cents, or the commonest categories; and whether they have an order."""
    import pandas as pd

    distinct = known.nunique()
    if pd.api.types.is_datetime64_any_dtype(known):
        low, high = known.quantile(0.01), known.quantile(0.99)
        return pd.Series(pd.date_range(low, high, steps)).astype(known.dtype).tolist(), True
    if is_number(known):
        numbers = _as_numbers(known)
        if distinct <= steps:
            return np.unique(numbers).astype(known.dtype if known.dtype.kind in "iuf" else float).tolist(), True
        low, high = np.quantile(numbers, (0.01, 0.99))
        cells = np.linspace(low, high, steps)
        whole = known.dtype.kind in "iu"
        return (np.unique(cells.round().astype(np.int64)) if whole else cells).tolist(), True
    levels = known.astype(str).value_counts()
    if distinct > 0.5 * len(known):
        return [], False
    first = {str(cell): cell for cell in reversed(known.drop_duplicates().tolist())}
    return [first[level] for level in levels.index[:MOST_LEVELS]], False


def _as_numbers(values: pd.Series) -> np.ndarray:
    import pandas as pd

    if pd.api.types.is_datetime64_any_dtype(values):
        return values.astype("datetime64[ns]").astype("int64").to_numpy() / 86_400e9      # days since 1970
    return pd.to_numeric(values.astype(str) if values.dtype == object else values, errors="coerce").to_numpy(np.float64,
                                                                                                            na_value=np.nan)
