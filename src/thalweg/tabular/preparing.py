"""From a table and the name of its target to all that training needs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from .columns import (
    CLASSIFICATION,
    REGRESSION,
    Column,
    check_target,
    class_numbers,
    find_classes,
    find_columns,
    find_task,
    to_numbers,
)
from .preprocessing import Preprocessor
from .problems import TableError, closest, counted, listed
from .settings import Settings, choose_settings
from .splitting import Split, split

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Prepared:
    """A table ready to be trained on.

    `frame` holds the rows as they were given, less those without a target; `matrix` is `[rows, columns]`; `truth` holds class
    numbers or the target's own numbers, `[rows]`; `split` names the rows of each part. `weights` are what each row counts for,
    where a column says so. `remarks` are sentences for people, `warnings` those that cast doubt on the figures.
    """

    task: str
    target: str
    classes: list
    columns: list[Column]
    preprocessor: Preprocessor
    settings: Settings
    split: Split
    frame: pd.DataFrame = field(repr=False)
    matrix: np.ndarray = field(repr=False)
    truth: np.ndarray = field(repr=False)
    weights: np.ndarray | None = field(default=None, repr=False)
    remarks: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def prepare(frame: Any, target: str, *, task: str | None = None, **wanted: Any) -> Prepared:
    """Infer columns and task, split, and fit the preprocessing on the training rows.

    frame: a pandas DataFrame, or what one can be made of; target: the column to predict; task: "classification" or
    "regression" instead of what the target suggests; wanted: fields of `Settings` in place of the recipe's.
    Raises TableError where the table cannot be learned from.
    """
    frame = _as_frame(frame)
    check_target(frame, target)
    frame, remarks = _with_target(frame, target)
    columns = find_columns(frame, target)
    found = find_task(frame[target])
    if task not in (None, CLASSIFICATION, REGRESSION):
        raise TableError(f"there is no task {task!r}.{closest(task, (CLASSIFICATION, REGRESSION))} There are classification and "
                         "regression.")
    task = task or found
    parts = split(len(frame), wanted.get("split_seed") or Settings.split_seed)
    settings = choose_settings(task, len(parts.train), **wanted)
    classes = find_classes(frame[target]) if task == CLASSIFICATION else []
    truth = class_numbers(frame[target], classes) if classes else to_numbers(frame[target])
    if classes:
        remarks += _unseen(classes, truth, parts)
    preprocessor = Preprocessor.fit(frame.iloc[parts.train], columns, settings.scaling)
    return Prepared(task, target, classes, columns, preprocessor, settings, parts, frame, preprocessor.transform(frame), truth,
                    remarks=remarks)


def _as_frame(table: Any) -> pd.DataFrame:
    import pandas as pd

    frame = pd.DataFrame(table).reset_index(drop=True)
    frame.columns = [str(name) for name in frame.columns]
    twice = frame.columns[frame.columns.duplicated()]
    if len(twice):
        raise TableError(f"the table has several columns named {listed(twice.unique())}; give each column a name of its own.")
    if frame.empty:
        raise TableError("the table has no rows.")
    return frame


def _with_target(frame: pd.DataFrame, target: str) -> tuple[pd.DataFrame, list[str]]:
    """The rows that say what is to be predicted."""
    gaps = int(frame[target].isna().sum())
    if not gaps:
        return frame, []
    if gaps == len(frame):
        raise TableError(f"the target {target!r} is empty in every row; it must hold what is to be predicted.")
    return frame.dropna(subset=[target]).reset_index(drop=True), [
        f"{counted(gaps, 'row')} without a {target} left out"]


def _unseen(classes: list, truth: np.ndarray, parts: Split) -> list[str]:
    seen = np.bincount(truth[parts.train], minlength=len(classes))
    missing = [label for label, count in zip(classes, seen) if not count]
    return [f"no training row of {listed(missing)}, so it cannot be learned"] if missing else []
