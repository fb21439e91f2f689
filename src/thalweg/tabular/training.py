"""Training a table model."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from . import intervals
from .calibration import find_temperature
from .columns import CLASSIFICATION
from .copies import Copies, Rows
from .events import Snapshots
from .model import build_model, build_network
from .predictor import Predictor, draw_background, shape_of
from .preparing import Prepared, prepare
from .profile import Profile
from .result import Answers, Fitted, Starts
from .running import Epoch, Keeper, Run
from .settings import Settings
from .splitting import Split

HEADLINES = {CLASSIFICATION: ("accuracy", "macro_f1", "log_loss"), "regression": ("r2", "mae", "rmse")}


@dataclass(frozen=True)
class Goal:
    """What the network is to give: class numbers, or the target less `center` over `deviation`."""

    center: float = 0.0
    deviation: float = 1.0

    @classmethod
    def of(cls, prepared: Prepared, train: np.ndarray) -> Goal:
        if prepared.task == CLASSIFICATION:
            return cls()
        numbers = prepared.truth[train]
        return cls(float(numbers.mean()), float(numbers.std()) or 1.0)

    def rows(self, prepared: Prepared, rows: np.ndarray, weight: np.ndarray) -> Rows:
        truth = prepared.truth[rows]
        y = truth.astype(np.int32) if prepared.task == CLASSIFICATION else ((truth - self.center) / self.deviation)
        return Rows(prepared.matrix[rows], y.astype(np.int32 if prepared.task == CLASSIFICATION else np.float32),
                    weight[rows].astype(np.float32))


def train(prepared: Prepared, on_epoch: Callable[[Epoch], None] | None = None, *, seeds: int | None = None,
          stop: Callable[[], bool] = lambda: False, checkpoint: str | Path | None = None, resume: bool = True) -> Fitted:
    """Train on a prepared table: until dev gets no better, then with the best weights.

    seeds: train so many starts at once and keep their mean, as many as the settings' `members` where it is None; stop: asked
    after each epoch, ends training with the best so far; checkpoint: a file that keeps how far training has come, and from
    which an interrupted one goes on. See `fit`.
    """
    start = time.perf_counter()
    settings, parts = prepared.settings, prepared.split
    each = starts_of(settings, seeds)
    keeper = Keeper(checkpoint, fingerprint(prepared), resume) if checkpoint is not None else None
    run, goal = run_on(prepared, parts, each, on_epoch, stop, keeper)
    snapshots = run.snapshots = Snapshots(run.copies, run.dev)
    run.advance()
    fitted = finish(prepared, run, goal, time.perf_counter() - start)
    fitted.snapshots = snapshots.taken
    if keeper is not None and not stop():
        keeper.forget()
    return fitted


def starts_of(settings: Settings, count: int | None = None) -> list[Settings]:
    """The same settings with a seed for each start."""
    return [replace(settings, seed=settings.seed + place) for place in range(count or settings.members)]


def run_on(prepared: Prepared, parts: Split, settings: Sequence[Settings], on_epoch: Callable[[Epoch], None] | None = None,
           stop: Callable[[], bool] = lambda: False, keeper: Keeper | None = None) -> tuple[Run, Goal]:
    """A run of networks of these settings on the training rows of `parts`, watched on its dev rows."""
    goal = Goal.of(prepared, parts.train)
    rows = goal.rows(prepared, parts.train, train_weights(prepared, parts.train))
    dev = goal.rows(prepared, parts.dev, dev_weights(prepared, parts.train))
    copies = Copies(settings, shape_of(prepared.preprocessor, prepared.classes), prepared.task)
    return Run(copies, lambda epoch: rows, dev, settings[0].epochs, on_epoch=on_epoch, stop=stop, keeper=keeper), goal


# -- what rows weigh ----------------------------------------------------------------------------------------


def train_weights(prepared: Prepared, train: np.ndarray) -> np.ndarray:
    """What each row of the table counts for in training, `[rows]`; 1 on average over the training rows."""
    weight = dev_weights(prepared, train)
    if prepared.task == CLASSIFICATION and not prepared.settings.balance:
        counts = np.bincount(prepared.truth[train], minlength=len(prepared.classes))
        weight = weight * np.maximum(prepared.settings.class_floor * len(train) / np.maximum(counts, 1), 1)[prepared.truth]
        return weight
    return weight / weight[train].mean()


def dev_weights(prepared: Prepared, train: np.ndarray) -> np.ndarray:
    """What each row counts for on dev: as its column says, and alike for every class with `balance`."""
    weight = prepared.weights if prepared.weights is not None else np.ones(len(prepared.truth))
    if prepared.task == CLASSIFICATION and prepared.settings.balance:
        counts = np.bincount(prepared.truth[train], minlength=len(prepared.classes))
        weight = weight * (len(train) / (np.maximum(counts, 1) * max((counts > 0).sum(), 1)))[prepared.truth]
    return weight if weight.sum() > 0 else np.ones(len(weight))


# -- from weights to a result ---------------------------------------------------------------------------------


def finish(prepared: Prepared, run: Run, goal: Goal, seconds: float) -> Fitted:
    """The model of a run with the best weights, calibrated on dev, and measured; the test rows are looked at here only."""
    copies, parts = run.copies, prepared.split
    best = int(np.nan_to_num(copies.best_loss, nan=np.inf).argmin())
    best_epoch = run.best_epoch(best)
    predictor = make_predictor(prepared, kept_weights(run), goal)
    answers = {name: Answers(rows, prepared.truth[rows], predictor.answers(prepared.matrix[rows]))
               for name, rows in parts._asdict().items()}
    figures = {name: predictor.figures(part.truth, part.values) for name, part in answers.items()}
    resample = intervals.classification if prepared.task == CLASSIFICATION else intervals.regression
    figures["test"]["intervals"] = resample(answers["test"].truth, answers["test"].values)
    return Fitted(**vars(predictor), prepared=prepared, history=run.histories[best], metrics=figures, best_epoch=best_epoch,
                  seconds=seconds, dev=answers["dev"], test=answers["test"],
                  starts=measure_starts(prepared, run, goal) if copies.count > 1 else None)


def kept_weights(run: Run) -> list[list[np.ndarray]]:
    """The best weights of each copy that did not blow up. Raises TableError where all did."""
    kept = [run.copies.best_weights(copy) for copy in range(run.copies.count) if np.isfinite(run.copies.best_loss[copy])]
    if not kept:
        run.best_epoch(0)
    return kept


def make_predictor(prepared: Prepared, weights: list[list[np.ndarray]], goal: Goal) -> Predictor:
    """A predictor with these weights, one list a network, its probabilities calibrated on dev."""
    settings = replace(prepared.settings, members=len(weights))
    model = build_model(settings, shape_of(prepared.preprocessor, prepared.classes), len(weights))
    flat = [array for member in weights for array in member]
    model.set_weights(flat + [np.float32(1)] if len(weights) > 1 else flat)
    train = prepared.split.train
    predictor = Predictor(prepared.task, prepared.target, prepared.classes, goal.center, goal.deviation, prepared.preprocessor,
                          settings, model, draw_background(prepared.matrix[train], settings.seed),
                          Profile.of(prepared.frame.iloc[train], prepared.preprocessor))
    if prepared.task == CLASSIFICATION:
        dev = prepared.split.dev
        _calibrate(model, find_temperature(predictor.outputs(prepared.matrix[dev]), prepared.truth[dev]), len(weights))
    return predictor


def _calibrate(model: Any, temperature: float, members: int) -> None:
    """Build the temperature into the weights: the last layer's, or the mean's."""
    weights = model.get_weights()
    cut = 1 if members > 1 else 2
    model.set_weights(weights[:-cut] + ([np.float32(temperature)] if members > 1 else [w / temperature for w in weights[-cut:]]))


def measure_starts(prepared: Prepared, run: Run, goal: Goal) -> Starts:
    """Each start's figures by itself, uncalibrated, and their mean and spread."""
    network = build_network(prepared.settings, shape_of(prepared.preprocessor, prepared.classes))
    alone = Predictor(prepared.task, prepared.target, prepared.classes, goal.center, goal.deviation, prepared.preprocessor,
                      prepared.settings, network)
    figures = []
    for copy in range(run.copies.count):
        network.set_weights(run.copies.best_weights(copy))
        figures.append({name: alone.score(prepared.matrix[rows], prepared.truth[rows])
                        for name, rows in prepared.split._asdict().items() if name != "train"})
    mean, spread = summarise([entry["test"] for entry in figures], prepared.task)
    return Starts(run.copies.count, figures, mean, spread, run.histories)


def summarise(figures: Sequence[dict[str, Any]], task: str) -> tuple[dict[str, float], dict[str, float]]:
    """Mean and standard deviation of each headline figure."""
    values = {name: np.array([entry[name] for entry in figures]) for name in HEADLINES[task]}
    return ({name: float(v.mean()) for name, v in values.items()},
            {name: float(v.std(ddof=1)) if len(v) > 1 else 0.0 for name, v in values.items()})


def fingerprint(prepared: Prepared) -> str:
    """A hash of what is trained on: an interrupted run goes on with the same only."""
    found = hashlib.sha256(repr((prepared.task, prepared.target, prepared.classes)).encode())
    for array in (prepared.matrix, prepared.truth, *prepared.split):
        found.update(np.ascontiguousarray(array).tobytes())
    if prepared.weights is not None:
        found.update(prepared.weights.tobytes())
    return found.hexdigest()


__all__ = ["Epoch", "Goal", "prepare", "train"]
