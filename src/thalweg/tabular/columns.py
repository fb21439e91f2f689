"""What the columns of a table are: numbers, categories, or nothing to learn from; and what task the target sets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .problems import TableError, closest, counted, listed

if TYPE_CHECKING:
    import pandas as pd

NUMBER, CATEGORY, LEFT_OUT = "number", "category", "left out"
CLASSIFICATION, REGRESSION = "classification", "regression"
FEW_INTEGERS = 20           # an integer target with at most so many values is a set of classes
MISSING_TEXT = ("", "NA", "N/A", "n/a", "#N/A", "NaN", "nan", "null", "NULL", "None", "<NA>")
MOSTLY = 0.5                # text of which more than this share reads as numbers is a column of numbers with slips in it


@dataclass(frozen=True)
class Column:
    """One column: its name, what it is taken for, and a remark for people."""

    name: str
    kind: str
    remark: str = ""


def find_columns(frame: pd.DataFrame, target: str) -> list[Column]:
    """Say what every column but the target is.

    Raises TableError where no column is left to learn from, or a column of numbers holds text or infinities.
    """
    columns = [find_column(frame[name]) for name in frame.columns if name != target]
    if all(column.kind == LEFT_OUT for column in columns):
        raise TableError(f"no column is left to predict {target!r} from"
                         + "".join(f"; {column.name!r}: {column.remark}" for column in columns[:5]) + ".")
    return columns


def find_column(values: pd.Series) -> Column:
    """Say what one column is."""
    name, present = str(values.name), values.dropna()
    distinct = present.nunique()
    gaps = f", {len(values) - len(present):,} missing" if len(present) < len(values) else ""
    if not len(present):
        return Column(name, LEFT_OUT, "every cell is empty")
    if distinct == 1:
        return Column(name, LEFT_OUT, f"every cell is {present.iloc[0]!s:.40}")
    if is_number(values):
        numbers = to_numbers(values)
        if _counts_rows(numbers):
            return Column(name, LEFT_OUT, "the numbers of the rows")
        return Column(name, NUMBER, f"{np.nanmin(numbers):g} to {np.nanmax(numbers):g}{gaps}")
    if distinct > 20 and distinct > 0.9 * len(present):
        return Column(name, LEFT_OUT, f"nearly every row has its own text ({distinct:,} values): names, dates or free text")
    return Column(name, CATEGORY, f"{_examples(present)}{gaps}")


def is_number(values: pd.Series) -> bool:
    """True for numbers, and for text that is mostly numbers (`to_numbers` then says which cells are not)."""
    import pandas as pd

    if pd.api.types.is_bool_dtype(values) or pd.api.types.is_datetime64_any_dtype(values):
        return False
    if pd.api.types.is_numeric_dtype(values):
        return True
    present = values.dropna()
    if present.map(lambda cell: isinstance(cell, (bool, np.bool_))).any():
        return False
    return bool(pd.to_numeric(present.astype(str), errors="coerce").notna().mean() > MOSTLY)


def to_numbers(values: pd.Series) -> np.ndarray:
    """The column as float64, missing cells as NaN.

    Raises TableError where a cell holds text or an infinity, with the column, the count, the first such row and its text.
    """
    import pandas as pd

    if pd.api.types.is_numeric_dtype(values):
        numbers = values.to_numpy(dtype=np.float64, na_value=np.nan)
    else:
        present = ~is_missing(values)
        numbers = pd.to_numeric(values.where(present).astype(str).where(present), errors="coerce")
        numbers = numbers.to_numpy(dtype=np.float64, na_value=np.nan)
        _check(np.isnan(numbers) & present.to_numpy(), values, "text where numbers belong",
               "correct the cells, or empty them to have them filled with the median")
    _check(np.isinf(numbers), values, "an infinite value", "correct the cells, or empty them")
    return numbers


def is_missing(values: pd.Series) -> pd.Series:
    """Which cells hold nothing: missing, or text that a reader of CSV takes for that."""
    return values.isna() | values.astype(str).str.strip().isin(MISSING_TEXT)


def _check(bad: np.ndarray, values: pd.Series, what: str, remedy: str) -> None:
    """Raise for the first bad cell."""
    if bad.any():
        first = int(bad.argmax())
        raise TableError(f"column {str(values.name)!r} holds {what} in {counted(int(bad.sum()), 'row')} of {len(values):,} "
                         f"(first in row {first + 1}: {str(values.iloc[first])!r}); {remedy}.")


def _counts_rows(numbers: np.ndarray) -> bool:
    """0, 1, 2, ... or 1, 2, 3, ...: an index that a tool wrote, which says nothing of the row."""
    return len(numbers) > 2 and numbers[0] in (0, 1) and bool(np.all(np.diff(numbers) == 1))


def _examples(present: pd.Series, most: int = 5) -> str:
    counts = present.astype(str).value_counts()
    shown = ", ".join(f"{level:.24}" for level in counts.index[:most])
    return f"{len(counts)} values: {shown}" + (", ..." if len(counts) > most else "")


# -- the target ------------------------------------------------------------------------------------------


def check_target(frame: pd.DataFrame, target: str) -> None:
    """Raise TableError where the table has no such column, with those that it has."""
    if target not in frame.columns:
        raise TableError(f"the table has no column {target!r}.{closest(target, frame.columns)} "
                         f"Its columns are {listed(frame.columns, 30)}.")


def find_task(values: pd.Series) -> str:
    """Classification for a category or few integers, regression for other numbers; from the target without gaps.

    Raises TableError where there is one value only, or the classes are as many as the rows.
    """
    distinct, name = values.nunique(), str(values.name)
    if not len(values):
        raise TableError(f"the target {name!r} is empty in every row; it must hold what is to be predicted.")
    if distinct == 1:
        raise TableError(f"the target {name!r} is {str(values.iloc[0])!r} in all of its {counted(len(values), 'row')}; "
                         "there is nothing to tell apart.")
    if is_number(values):
        numbers = to_numbers(values)
        few = distinct <= min(FEW_INTEGERS, len(values) / 4)
        return CLASSIFICATION if few and np.all(numbers == np.round(numbers)) else REGRESSION
    if distinct > max(2, len(values) / 2):
        raise TableError(f"the target {name!r} has {distinct:,} different values in {counted(len(values), 'row')}: too many to be "
                         "classes, and they are not numbers.")
    return CLASSIFICATION


def find_classes(values: pd.Series) -> list[str | int | float | bool]:
    """The classes in order, as plain Python values (whole floats as int), from the target without gaps."""
    import pandas as pd

    if pd.api.types.is_bool_dtype(values) or not is_number(values):
        return sorted({cell.item() if isinstance(cell, np.generic) else cell for cell in values}, key=str)
    return [int(number) if number == round(number) else float(number) for number in np.unique(to_numbers(values))]


def class_numbers(values: pd.Series, classes: list) -> np.ndarray:
    """Each row's place in `classes`, int64. Raises TableError where a row holds none of them."""
    number_of = {str(label): number for number, label in enumerate(classes)}
    if not all(isinstance(label, (str, bool)) for label in classes):
        numbers = to_numbers(values)
        values = type(values)([int(n) if n == round(n) else n for n in numbers.tolist()], name=values.name, dtype=object)
    found = values.astype(str).map(number_of)
    _check(found.isna().to_numpy(), values, "a class that the model does not know", f"it knows {listed(classes)}")
    return found.to_numpy(dtype=np.int64)
