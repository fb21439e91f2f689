"""The target: what task it sets, its classes, and each row's place among them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .columns import CLASSIFICATION, REGRESSION, is_missing, is_number, to_numbers
from .problems import TableError, check_cells, closest, counted, listed

if TYPE_CHECKING:
    import pandas as pd

FEW_INTEGERS = 20           # an integer target with at most so many values is a set of classes
RARE = 10                   # classes are uneven where one has so many times the rows of another


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
    check_cells(found.isna().to_numpy(), values, "a class that the model does not know", f"it knows {listed(classes)}")
    return found.to_numpy(dtype=np.int64)


def describe_imbalance(truth: np.ndarray, classes: list, balanced: bool) -> list[str]:
    """A sentence where the rarest class has less than a tenth of the rows of the commonest."""
    counts = np.bincount(truth, minlength=len(classes))
    seen = np.flatnonzero(counts)
    rare, common = seen[counts[seen].argmin()], counts.argmax()
    if counts[rare] * RARE > counts[common]:
        return []
    done = "they are weighed to count the same" if balanced else "--balance makes each class count the same"
    return [f"the classes are uneven: {counted(int(counts[rare]), 'training row')} of {str(classes[rare])!r}, "
            f"{counts[common]:,} of {str(classes[common])!r}; {done}"]
