"""What a fit gives back: the model, and all that a report about it needs."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from .events import Snapshot
from .figures.plots import Plots
from .predictor import Predictor
from .preparing import Prepared


@dataclass(frozen=True)
class Answers:
    """What the model says of the rows of one part of the table.

    `rows` are row numbers in `Prepared.frame`; `truth` holds class numbers or numbers, `[rows]`; `values` the calibrated
    probabilities `[rows, classes]`, or the predicted numbers `[rows]`.
    """

    rows: np.ndarray
    truth: np.ndarray
    values: np.ndarray


@dataclass(frozen=True)
class Compared:
    """Another model on the same split: its figures of merit on the test rows, what it took, and how large it is.

    `figures` is as `Fitted.metrics["test"]`; times are in seconds, `size` in bytes of its saved form. `failed` says, in a
    sentence, why there are no figures.
    """

    name: str
    figures: dict[str, Any]
    fit_seconds: float
    predict_seconds: float
    size: int
    failed: str = ""


@dataclass(frozen=True)
class Starts:
    """Several starts trained at once: every one's figures by part, their mean and spread, and their ensemble's figures.

    `figures[k]["test"]["accuracy"]` is that of start `k`; `mean` and `spread` (the standard deviation) hold the headline
    figures of the test rows by name; `histories[k]` is as `Fitted.history`. The model that is kept is the ensemble.
    """

    count: int
    figures: list[dict[str, dict[str, Any]]]
    mean: dict[str, float]
    spread: dict[str, float]
    histories: list[dict[str, list[float]]] = field(repr=False)


@dataclass(frozen=True)
class Folds:
    """Cross-validation: the figures of merit of each fold's held-out rows, and their mean and spread."""

    figures: list[dict[str, Any]]
    mean: dict[str, float]
    spread: dict[str, float]


@dataclass(frozen=True)
class Trial:
    """One setting that the search tried: what differs from the recipe, its dev loss, epochs run, and whether it was dropped."""

    number: int
    changes: dict[str, Any]
    loss: float
    epochs: int
    dropped: bool


@dataclass(frozen=True)
class Record:
    """Where, when and how a fit was made, so that it can be made again.

    `source` names the table, `command` is the line to type, `versions` those of Python and of the packages used, `started` the
    local time in ISO form, `machine` words on processor and system.
    """

    source: str = ""
    command: str = ""
    started: str = ""
    machine: str = ""
    versions: dict[str, str] = field(default_factory=dict)


@dataclass
class Fitted(Predictor, Plots):
    """A trained table model, with how it came about.

    `prepared` holds the table (`frame`), the column plan (`columns`), the split (row numbers in `frame`), the preprocessing, the
    settings, `matrix`, `truth` and remarks. `history` holds each epoch's measures by name (`loss`, `val_loss`, `accuracy`,
    `val_accuracy`); `best_epoch` counts from 1. `metrics` holds the figures of merit of `train`, `dev` and `test`;
    `metrics["test"]["intervals"]` a `[low, high]` of each headline figure, 95 % by bootstrap. `dev` and `test` are the model's
    answers on these parts.
    """

    prepared: Prepared = field(repr=False, kw_only=True)
    history: dict[str, list[float]] = field(repr=False, kw_only=True)
    metrics: dict[str, dict[str, Any]] = field(repr=False, kw_only=True)
    best_epoch: int = field(kw_only=True)
    seconds: float = field(kw_only=True)
    dev: Answers = field(repr=False, kw_only=True)
    test: Answers = field(repr=False, kw_only=True)
    starts: Starts | None = field(default=None, repr=False, kw_only=True)
    folds: Folds | None = field(default=None, repr=False, kw_only=True)
    compared: list[Compared] = field(default_factory=list, repr=False, kw_only=True)
    trials: list[Trial] = field(default_factory=list, repr=False, kw_only=True)
    record: Record = field(default_factory=Record, repr=False, kw_only=True)
    snapshots: list[Snapshot] = field(default_factory=list, repr=False, kw_only=True)

    @property
    def split_sizes(self) -> dict[str, int]:
        """How many rows each part has."""
        return {part: len(rows) for part, rows in self.prepared.split._asdict().items()}

    def summary(self) -> dict[str, Any]:
        """What `metrics.json` holds."""
        found: dict[str, Any] = {
            "task": self.task, "target": self.target, **self.metrics, "best_epoch": self.best_epoch,
            "settings": asdict(self.settings), "seconds": round(self.seconds, 2),
        }
        if self.starts is not None:
            found["starts"] = {"count": self.starts.count, "mean": self.starts.mean, "spread": self.starts.spread,
                               "test": [figures["test"] for figures in self.starts.figures]}
        if self.folds is not None:
            found["folds"] = asdict(self.folds)
        for name, entries in (("compared", self.compared), ("trials", self.trials)):
            if entries:
                found[name] = [asdict(entry) for entry in entries]
        if self.record.started:
            found["record"] = asdict(self.record)
        return found
