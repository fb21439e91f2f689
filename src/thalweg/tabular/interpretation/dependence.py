"""How the answers change with one column, the others left as they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import dates
from ..columns import DATE, Column, is_number
from .answering import answers, encode_cells

if TYPE_CHECKING:
    import pandas as pd

    from ..result import Fitted

STEPS, MOST_ROWS, MOST_LEVELS = 32, 256, 10


@dataclass(frozen=True)
class Dependence:
    """The model's answers where every row has this cell in this column.

    `cells` are numbers in order (`ordered`), or categories; `mean`, `low` and `high` are `[cells, outputs]`: the mean over rows,
    and between what lies the middle 80 % of them. `deciles` are those of the column, where it is ordered. Dates are numbers of
    years, times of day of hours: `unit` says so.
    """

    column: str
    cells: list
    ordered: bool
    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray
    deciles: list[float]
    unit: str = ""


def partial_dependence(fitted: Fitted, column: str, steps: int = STEPS, most_rows: int = MOST_ROWS) -> Dependence | None:
    """The dependence on one column, over some training rows; None for a column of which no other cell can be made up (text).

    Friedman, "Greedy Function Approximation", 2001; the spread of single rows: Goldstein and others, "Peeking Inside the Black
    Box", 2015.
    """
    prepared = fitted.prepared
    known = prepared.frame[column].iloc[prepared.split.train].dropna()
    if not len(known):
        return None
    plan = next(one for one in prepared.columns if one.name == column)
    cells, shown, ordered = _cells(known, plan, steps)
    if not cells:
        return None
    random = np.random.RandomState(fitted.settings.seed)
    background = prepared.matrix[random.permutation(prepared.split.train)[:most_rows]]
    where = fitted.preprocessor.places()[column]
    changed = np.repeat(background[None], len(cells), axis=0)
    changed[:, :, where] = encode_cells(fitted.preprocessor, prepared.frame.iloc[:1], column, cells)[:, None, :]
    values = answers(fitted, changed.reshape(-1, background.shape[1])).reshape(len(cells), len(background), -1)
    low, high = np.quantile(values, (0.1, 0.9), axis=1)
    deciles = np.quantile(_as_numbers(known, plan), np.linspace(0.1, 0.9, 9)).tolist() if ordered else []
    unit = "" if plan.kind != DATE else "hour" if plan.form in dates.HOURS else "year"
    return Dependence(column, shown, ordered, values.mean(axis=1), low, high, deciles, unit)


def _cells(known: pd.Series, plan: Column, steps: int) -> tuple[list[Any], list[Any], bool]:
    """Cells to try, in the column's own writing and as they are shown, and whether they have an order: the whole range but its
    last per cents, or the commonest categories."""
    if plan.kind == DATE:
        low, high = np.quantile(dates.to_seconds(known, plan.form), (0.01, 0.99))
        moments = _written(np.linspace(low, high, steps).round().astype("datetime64[s]"), known, plan.form)
        return moments.tolist(), _as_numbers(moments, plan).tolist(), True
    if is_number(known):
        numbers = _as_numbers(known, plan)
        whole = known.dtype.kind in "iu"
        if known.nunique() <= steps:
            cells = np.unique(numbers)
        else:
            cells = np.linspace(np.quantile(numbers, 0.01), np.quantile(numbers, 0.99), steps)
            cells = np.unique(cells.round()) if whole else cells
        return (cells.astype(np.int64) if whole else cells).tolist(), cells.tolist(), True
    levels = known.astype(str).value_counts()
    if len(levels) > 0.5 * len(known):
        return [], [], False
    first = {str(cell): cell for cell in reversed(known.drop_duplicates().tolist())}
    common = [first[level] for level in levels.index[:MOST_LEVELS]]
    return common, [str(cell) for cell in common], False


def _written(moments: np.ndarray, like: pd.Series, form: str) -> pd.Series:
    """Moments as the column writes them."""
    import pandas as pd

    found = pd.Series(pd.to_datetime(moments), name=like.name)
    if pd.api.types.is_datetime64_any_dtype(like):
        return found.astype("datetime64[ns]").dt.tz_localize(getattr(like.dtype, "tz", None)).astype(like.dtype)
    return found.dt.strftime("%Y-%m-%d %H:%M:%S" if form == dates.ISO else form)


def _as_numbers(values: pd.Series, plan: Column) -> np.ndarray:
    """Numbers; of dates the year with its part that has gone by, of times of day the hour."""
    import pandas as pd

    if plan.kind == DATE:
        seconds = dates.to_seconds(values, plan.form)
        return seconds / 3600 if plan.form in dates.HOURS else 1970 + seconds / (365.2425 * dates.DAY)
    numbers = pd.to_numeric(values.astype(str) if values.dtype == object else values, errors="coerce")
    return numbers.to_numpy(np.float64, na_value=np.nan)
