"""One call from a table to a fitted model: what `thalweg fit` and `thalweg.tabular.fit` do."""

from __future__ import annotations

import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from importlib import metadata
from pathlib import Path
from typing import Any

from thalweg.version import __version__

from .comparing import compare as compare_models
from .interruption import interruptible
from .large import LargeTable, read_or_stream, train_large
from .preparing import Prepared, prepare
from .problems import TableError
from .reading import as_frame
from .result import Fitted, Record, Trial
from .running import Epoch
from .searching import search
from .several import FittedTargets
from .training import train
from .validating import cross_validate

PACKAGES = ("numpy", "pandas", "jax", "scikit-learn", "scipy")
TRAINING, TRIALS = "training.npz", "trials.jsonl"
MOST_SEEDS, MOST_TRIALS = 100, 1000


def _nothing(*_: Any) -> None:
    """What is called where nobody listens."""


@dataclass(frozen=True)
class Listener:
    """Who is told how things go: after each epoch, trial of a search, fold, and before each model that is compared."""

    epoch: Callable[[Epoch], None] = _nothing
    trial: Callable[[Trial, int], None] = _nothing
    fold: Callable[[int, dict], None] = _nothing
    model: Callable[[str], None] = _nothing
    prepared: Callable[[Prepared], None] = _nothing
    stage: Callable[[str], None] = _nothing


@dataclass(frozen=True)
class Plan:
    """What is done with a table besides one training.

    seeds: starts trained at once, whose mean is kept, or None for the recipe's number; cv: folds of a cross-validation; compare:
    fit scikit-learn's models too; tune: settings to search through first; work: a folder that keeps how far things have come;
    resume: go on from there.
    Raises TableError for numbers that cannot be.
    """

    seeds: int | None = None
    cv: int = 0
    compare: bool = False
    tune: int = 0
    work: str | Path | None = None
    resume: bool = False

    def __post_init__(self) -> None:
        for name, value, least, most in (("seeds", self.seeds, 1, MOST_SEEDS), ("tune", self.tune, 0, MOST_TRIALS)):
            if value is not None and not least <= value <= most:
                raise TableError(f"{name} is {value}; it must be {least} to {most}.")
        if self.cv < 0 or self.cv == 1:
            raise TableError(f"cv is {self.cv}; it must be 2 folds or more.")


def fit(frame: Any, target: str | Sequence[str], *, on_epoch: Callable[[Epoch], None] | None = None, seeds: int | None = None,
        cv: int = 0, compare: bool = False, tune: int = 0, memory: int | None = None, **options: Any) -> Any:
    """Train a neural network to predict one column of a table from the others.

    frame: a frame of pandas or polars, the path of a table, or what a DataFrame can be made of; target: the column's name, or
    several names; on_epoch: called after each epoch; seeds: so many starts at once, whose mean is kept; cv: cross-validate
    in so many folds; compare: fit scikit-learn's models beside it; tune: search through so many settings first; memory: bytes
    above which the table of a path is streamed instead of held; options: those of `prepare` (`task`, `types`, `drop`,
    `weights`, `group`, `time`, `dev`, `test`), and `hidden`, `activation`, `optimizer`, `learning_rate`, `epochs`, `batch_size`,
    `dropout`, `balance`, `seed` and the other fields of `Settings`.
    Gives a `Fitted`; for several targets a `FittedTargets`, which holds one for each. Ctrl-C ends training with the best so
    far. Raises TableError where the table cannot be learned from.

    >>> table = tf.tabular.simulated_california().head(2000)
    >>> fitted = tf.tabular.fit(table, "ocean_proximity", hidden=[32], epochs=20)
    >>> fitted.metrics["test"]["accuracy"] > 0.7
    True
    """
    listener = Listener(epoch=on_epoch) if on_epoch is not None else Listener()
    plan = Plan(seeds, cv, compare, tune)
    frame = read_or_stream(frame, memory) if isinstance(frame, (str, Path)) else frame
    if isinstance(target, str):
        return fit_one(frame, target, plan, listener, **options)
    frame, targets = frame if isinstance(frame, LargeTable) else as_frame(frame), list(target)
    return FittedTargets({name: fit_one(frame, name, plan, listener, **among(targets, name, options)) for name in targets})


def among(targets: Sequence[str], name: str, options: dict[str, Any]) -> dict[str, Any]:
    """The options for one of several targets: the others are nothing to predict it from."""
    return {**options, "drop": [*options.get("drop", ()), *(other for other in targets if other != name)]}


def fit_one(frame: Any, target: str, plan: Plan, listener: Listener, record: Record | None = None, **options: Any) -> Fitted:
    """Prepare, search, train, cross-validate and compare, as `plan` says. See `fit`."""
    record = record or Record(source=type(frame).__name__)
    large = frame if isinstance(frame, LargeTable) else None
    prepared, held = large.prepare(target, **options) if large is not None else (prepare(frame, target, **options), None)
    listener.prepared(prepared)
    work = None if plan.work is None else Path(plan.work)
    with interruptible() as interruption:
        trials: list[Trial] = []
        if plan.tune:
            listener.stage("search")
            settings, trials = search(prepared, plan.tune, on_trial=listener.trial, stop=interruption,
                                      record=work / TRIALS if work is not None else None)
            prepared = with_settings(prepared, settings)
            interruption.asked = False      # Ctrl-C ended the search; what it found is still to be trained
        listener.stage("training")
        how: dict[str, Any] = {"seeds": plan.seeds, "stop": interruption, "resume": plan.resume,
                               "checkpoint": work / TRAINING if work is not None else None}
        if large is not None and held is not None:
            fitted = train_large(large, prepared, held, listener.epoch, weights=options.get("weights"), work=work, **how)
        else:
            fitted = train(prepared, listener.epoch, **how)
        if interruption.asked:
            prepared.remarks.append(f"training was stopped after epoch {len(fitted.history['loss'])} of {prepared.settings.epochs}")
        fitted.trials, fitted.record = trials, described(record)
        if plan.cv and not interruption.asked:
            listener.stage("cross-validation")
            fitted.folds = cross_validate(prepared, plan.cv, on_fold=listener.fold, stop=interruption)
    if plan.compare and not interruption.asked:
        listener.stage("comparison")
        fitted.compared = compare_models(fitted, listener.model)
    if work is not None and not interruption.asked:
        (work / TRIALS).unlink(missing_ok=True)
    return fitted


def with_settings(prepared: Prepared, settings: Any) -> Prepared:
    """The same table with other settings of the network and its training."""
    return replace(prepared, settings=settings)


def described(record: Record) -> Record:
    """The record with the time, the machine and the versions of what is used here."""
    versions = {"thalweg": __version__, "Python": platform.python_version()}
    for package in PACKAGES:
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return replace(record, started=record.started or time.strftime("%Y-%m-%dT%H:%M:%S%z"),
                   machine=f"{platform.system()} {platform.machine()}", versions=versions)
