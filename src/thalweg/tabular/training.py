"""Training a table model."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

import thalweg as tf

from .columns import CLASSIFICATION
from .model import build_model, make_optimizer
from .predictor import Predictor
from .preparing import Prepared, prepare
from .problems import TableError
from .result import Answers, Fitted


@dataclass(frozen=True)
class Epoch:
    """How an epoch went: its number from 1, the measures that Keras logs, seconds since training began."""

    number: int
    of: int
    logs: dict[str, float]
    seconds: float


def fit(frame: Any, target: str, *, task: str | None = None, on_epoch: Callable[[Epoch], None] | None = None,
        **settings: Any) -> Fitted:
    """Train a neural network to predict one column of a table from the others.

    frame: a pandas DataFrame or what one can be made of; target: the column's name; task: "classification" or
    "regression", where the target does not say; on_epoch: called after each epoch; settings: `hidden`, `activation`,
    `optimizer`, `learning_rate`, `epochs`, `batch_size`, `dropout`, `seed` and the other fields of `Settings`.
    Raises TableError where the table cannot be learned from.

    >>> table = tf.tabular.simulated_california().head(2000)
    >>> fitted = tf.tabular.fit(table, "ocean_proximity", hidden=[32], epochs=20)
    >>> fitted.metrics["test"]["accuracy"] > 0.7
    True
    """
    return train(prepare(frame, target, task=task, **settings), on_epoch)


def train(prepared: Prepared, on_epoch: Callable[[Epoch], None] | None = None) -> Fitted:
    """Train on a prepared table: until dev gets no better, then with the best weights. See `fit`."""
    settings, split = prepared.settings, prepared.split
    start = time.perf_counter()
    tf.keras.utils.set_random_seed(settings.seed)
    classifies = prepared.task == CLASSIFICATION
    center, deviation = (0.0, 1.0) if classifies else _center_and_deviation(prepared.truth[split.train])
    goal = prepared.truth.astype(np.int32) if classifies else ((prepared.truth - center) / deviation).astype(np.float32)[:, None]

    model = build_model(settings, prepared.preprocessor.width, prepared.preprocessor.scaled, max(len(prepared.classes), 1))
    steps = settings.epochs * math.ceil(len(split.train) / settings.batch_size)
    loss = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True) if classifies else "mse"
    model.compile(make_optimizer(settings, steps), loss=loss, metrics=["accuracy"] if classifies else [])
    watch = _Watch(on_epoch, settings.epochs, start)
    stopping = tf.keras.callbacks.EarlyStopping(
        monitor="val_loss", patience=settings.patience, restore_best_weights=True)
    history = model.fit(
        prepared.matrix[split.train], goal[split.train], validation_data=(prepared.matrix[split.dev], goal[split.dev]),
        class_weight=_class_weights(prepared), batch_size=settings.batch_size, epochs=settings.epochs,
        callbacks=[stopping, watch], verbose=0).history
    history = {name: [float(value) for value in values] for name, values in history.items()}
    best_epoch = _best_epoch(history)
    model.set_weights(stopping.best_weights)        # also when all epochs were run, or the last ones blew up

    predictor = Predictor(prepared.task, prepared.target, prepared.classes, center, deviation, prepared.preprocessor,
                          settings, model)
    parts = {part: Answers(rows, prepared.truth[rows], predictor.answers(prepared.matrix[rows]))
             for part, rows in split._asdict().items()}
    figures = {part: predictor.figures(answers.truth, answers.values) for part, answers in parts.items()}
    return Fitted(**vars(predictor), prepared=prepared, history=history, metrics=figures, best_epoch=best_epoch,
                  seconds=time.perf_counter() - start, dev=parts["dev"], test=parts["test"])


class _Watch(tf.keras.callbacks.Callback):
    """Reports each epoch, and ends a training whose loss is no number any more."""

    def __init__(self, on_epoch: Callable[[Epoch], None] | None, epochs: int, start: float) -> None:
        super().__init__()
        self.on_epoch, self.epochs, self.start, self.lost = on_epoch, epochs, start, False

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        measures = {name: float(value) for name, value in (logs or {}).items()}
        self.lost = not math.isfinite(measures.get("loss", 0.0))
        if self.lost:
            self.model.stop_training = True
        if self.on_epoch:
            self.on_epoch(Epoch(epoch + 1, self.epochs, measures, time.perf_counter() - self.start))


def _class_weights(prepared: Prepared) -> dict[int, float] | None:
    """What a row of each class counts; None where all count 1."""
    if prepared.task != CLASSIFICATION:
        return None
    rows = np.bincount(prepared.truth[prepared.split.train], minlength=len(prepared.classes))
    weights = np.maximum(prepared.settings.class_floor / np.maximum(rows, 1), 1)
    return dict(enumerate(weights.tolist())) if (weights > 1).any() else None


def _center_and_deviation(numbers: np.ndarray) -> tuple[float, float]:
    return float(numbers.mean()), float(numbers.std()) or 1.0


def _best_epoch(history: dict[str, list[float]]) -> int:
    """The epoch, from 1, that early stopping took for the best. Raises TableError where none gave a number."""
    losses = np.where(np.isfinite(history["loss"]), history["val_loss"], np.inf)
    losses = np.where(np.isfinite(losses), losses, np.inf)
    if np.isinf(losses).all():
        raise TableError("training blew up in its first epoch: the loss is not a number. Try a smaller learning rate.")
    return int(losses.argmin()) + 1
