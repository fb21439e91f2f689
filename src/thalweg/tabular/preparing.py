"""From a table and the name of its target to all that training needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from . import dates, leakage
from .columns import CLASSIFICATION, DATE, LEFT_OUT, REGRESSION, Column, find_columns, is_missing, to_numbers
from .preprocessing import Preprocessor, category_text
from .problems import TableError, check_cells, closest, counted, listed
from .reading import as_frame
from .settings import Settings, choose_settings
from .splitting import Split, check_rows, hold_out, split
from .targets import check_target, class_numbers, describe_imbalance, find_classes, find_task

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Prepared:
    """A table ready to be trained on.

    `frame` holds the rows as they were given, less those without a target; `matrix` is `[rows, columns]`; `truth` holds class
    numbers or the target's own numbers, `[rows]`; `split` names the rows of each part. `weights` are what each row counts for in
    training, `groups` numbers of rows that belong together, where a column says so. `remarks` are sentences for people,
    `warnings` those that cast doubt on the figures.
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
    groups: np.ndarray | None = field(default=None, repr=False)
    remarks: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def prepare(frame: Any, target: str, *, task: str | None = None, types: Mapping[str, str] | None = None,
            drop: Sequence[str] = (), weights: str | None = None, group: str | None = None, time: str | None = None,
            dev: Any = None, test: Any = None, parts: Split | None = None, **wanted: Any) -> Prepared:
    """Infer columns and task, split, and fit the preprocessing on the training rows.

    frame: a frame of pandas or polars, an Arrow table, a path, or what a DataFrame can be made of; target: the column to
    predict; task: "classification" or "regression" instead of what the target suggests; types: kinds of columns by name, instead
    of those found; drop: columns to leave out; weights: a column that says what each row counts for in training; group: a
    column whose values stay together in one part; time: a column by which the latest rows are the test set; dev, test:
    tables to take for these parts; parts: row numbers to take for them instead; wanted: fields of `Settings` in place of the
    recipe's.
    Raises TableError where the table cannot be learned from.
    """
    frame, given = _joined(frame, dev, test)
    check_target(frame, target)
    _check_roles(frame, target, {"weights": weights, "group": group, "time": time}, given)
    frame, given, remarks = _with_target(frame, target, given)
    if parts is None and not given.any():
        check_rows(len(frame))
    held = {name: why for name, why in ((weights, "what a row counts for"), (group, "keeps rows together")) if name}
    columns = find_columns(frame, target, types=types, drop=drop, held=held)
    if task not in (None, CLASSIFICATION, REGRESSION):
        raise TableError(f"there is no task {task!r}.{closest(task, (CLASSIFICATION, REGRESSION))} There are classification and "
                         "regression.")
    task = task or find_task(frame[target])
    classes = find_classes(frame[target]) if task == CLASSIFICATION else []
    truth = class_numbers(frame[target], classes) if classes else to_numbers(frame[target])
    groups = category_text(frame[group]).factorize()[0] if group else None
    parts = parts or _split(given, wanted.get("split_seed") or Settings.split_seed, truth if classes else None, groups,
                   _times(frame, time, columns) if time else None)
    settings = choose_settings(task, len(parts.train), **wanted)
    if classes:
        remarks += _unseen(classes, truth, parts) + describe_imbalance(truth[parts.train], classes, settings.balance)
    _check_train(frame, columns, parts)
    preprocessor = Preprocessor.fit(frame.iloc[parts.train], columns, settings.scaling, places=settings.place_waves > 0)
    return Prepared(task, target, classes, columns, preprocessor, settings, parts, frame, preprocessor.transform(frame), truth,
                    _row_weights(frame[weights]) if weights else None, groups, remarks,
                    leakage.find(frame, columns, truth, bool(classes), parts))


def _joined(frame: Any, dev: Any, test: Any) -> tuple[pd.DataFrame, np.ndarray]:
    """One table of all parts, and what part each row was given for: 0 none, 1 dev, 2 test."""
    import pandas as pd

    frame = as_frame(frame)
    parts, given = [frame], [np.zeros(len(frame), int)]
    for number, (name, table) in enumerate((("dev", dev), ("test", test)), start=1):
        if table is not None:
            more = as_frame(table)
            lacking = [column for column in frame.columns if column not in more.columns]
            if lacking:
                raise TableError(f"the {name} table lacks {listed(lacking)} of the training table."
                                 f"{closest(lacking[0], more.columns)} Its columns are {listed(more.columns, 30)}.")
            parts.append(more[list(frame.columns)])
            given.append(np.full(len(more), number))
    return (frame, given[0]) if len(parts) == 1 else (pd.concat(parts, ignore_index=True), np.concatenate(given))


def _check_roles(frame: pd.DataFrame, target: str, roles: dict[str, str | None], given: np.ndarray) -> None:
    for role, name in roles.items():
        if name is None:
            continue
        if name not in frame.columns:
            raise TableError(f"the table has no column {name!r} for {role}.{closest(name, frame.columns)} Its columns are "
                             f"{listed(frame.columns, 30)}.")
        if name == target:
            raise TableError(f"{name!r} is the target; it cannot be the column for {role} too.")
    if roles["group"] and roles["time"]:
        raise TableError("rows are divided by groups or by time, not by both; leave one out.")


def _with_target(frame: pd.DataFrame, target: str, given: np.ndarray) -> tuple[pd.DataFrame, np.ndarray, list[str]]:
    """The rows that say what is to be predicted."""
    there = ~is_missing(frame[target]).to_numpy()
    if there.all():
        return frame, given, []
    if not there.any():
        raise TableError(f"the target {target!r} is empty in every row; it must hold what is to be predicted.")
    return frame[there].reset_index(drop=True), given[there], [
        f"{counted(int((~there).sum()), 'row')} without a {target} left out"]


def _split(given: np.ndarray, seed: int, classes: np.ndarray | None, groups: np.ndarray | None, times: np.ndarray | None) -> Split:
    """The parts as they were given; what was not given is held out of the training table."""
    if not given.any():
        return split(len(given), seed, classes=classes, groups=groups, times=times)
    rest, dev, test = (np.flatnonzero(given == number) for number in range(3))
    options = {"classes": classes, "groups": groups, "times": times}
    if not len(test):
        rest, test = hold_out(rest, seed, **options)
    if not len(dev):
        rest, dev = hold_out(rest, seed, **options)
    if len(rest) < 2:
        raise TableError(f"{counted(len(rest), 'row')} would be left to train on; give a longer table.")
    return Split(rest, dev, test)


def _times(frame: pd.DataFrame, name: str, columns: list[Column]) -> np.ndarray:
    """What orders the rows in time, as numbers."""
    values = frame[name]
    column = next(column for column in columns if column.name == name)
    form = column.form if column.kind == DATE else dates.find_form(values[~is_missing(values)])
    times = dates.to_seconds(values, form) if form else to_numbers(values)
    check_cells(np.isnan(times), values, "no time", "fill the cells, or leave these rows out")
    return times


def _row_weights(values: pd.Series) -> np.ndarray:
    weights = to_numbers(values)
    check_cells(np.isnan(weights) | (weights < 0), values, "no weight or one below 0", "give every row a weight of 0 or more")
    if not weights.sum() > 0:
        raise TableError(f"the weights in column {values.name!r} are all 0; then no row counts.")
    return weights / weights.mean()


def _unseen(classes: list, truth: np.ndarray, parts: Split) -> list[str]:
    seen = np.bincount(truth[parts.train], minlength=len(classes))
    missing = [label for label, count in zip(classes, seen) if not count]
    return [f"no training row of {listed(missing)}, so it cannot be learned"] if missing else []


def _check_train(frame: pd.DataFrame, columns: list[Column], parts: Split) -> None:
    """Raise TableError where the training rows are empty in every column that is read."""
    read = [column.name for column in columns if column.kind != LEFT_OUT]
    if all(is_missing(frame[name].iloc[parts.train]).all() for name in read):
        raise TableError(f"the {len(parts.train):,} training rows are empty in all columns that say something.")
