"""Pictures of the training: loss and merit by epoch; and of what was trained on: the target."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..columns import CLASSIFICATION
from .look import (
    ACCENT,
    DASHES,
    FAINT,
    PAPER,
    PAST,
    SIGNAL,
    SMALL,
    compact,
    few_ticks,
    legend,
    name_axes,
    percent,
    plain_numbers,
    quiet,
    reach,
    short,
)
from .picture import Picture

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ..interpretation.study import Study
    from ..result import Fitted

MOST_BARS = 16


def loss(study: Study) -> Picture:
    """Loss by epoch on train and dev, with the epoch that was kept."""
    fitted = study.fitted
    measure = "log loss" if fitted.task == CLASSIFICATION else "mean squared error, scaled"
    return _curves(fitted, "loss", "Loss", measure, fitted.history["loss"], fitted.history["val_loss"],
                   _of_starts(fitted, "val_loss"))


def merit(study: Study) -> Picture:
    """Accuracy, or R2, by epoch on train and dev."""
    fitted = study.fitted
    if fitted.task == CLASSIFICATION:
        return _curves(fitted, "accuracy", "Accuracy", "share right", fitted.history["accuracy"], fitted.history["val_accuracy"],
                       _of_starts(fitted, "val_accuracy"))
    train, dev = _r2(fitted)
    return _curves(fitted, "r2", "R²", "R²", train, dev, [])


def _of_starts(fitted: Fitted, name: str) -> list[list[float]]:
    return [history[name] for history in fitted.starts.histories] if fitted.starts is not None else []


def _r2(fitted: Fitted) -> list[list[float]]:
    """R2 from the loss, the mean squared error of the standardised target: one less the share that is left."""
    prepared, curves = fitted.prepared, []
    for measure, rows in (("loss", prepared.split.train), ("val_loss", prepared.split.dev)):
        spread = (prepared.truth[rows] / fitted.deviation).var() or 1.0
        curves.append([1 - value / spread for value in fitted.history[measure]])
    return curves


def _curves(fitted: Fitted, name: str, title: str, measure: str, train: list[float], dev: list[float],
            starts: list[list[float]]) -> Picture:
    best, epochs = fitted.best_epoch, np.arange(1, len(train) + 1)
    dropout = ", with dropout" if fitted.settings.dropout else ""

    def draw(axes: Axes) -> None:
        quiet(axes)
        for place, other in enumerate(starts):
            axes.plot(np.arange(1, len(other) + 1), other, color=ACCENT, linewidth=0.8, alpha=0.35,
                      label=None if place else f"dev, {len(starts)} starts")
        axes.plot(epochs, train, color=PAST, linewidth=1.8, linestyle=DASHES[1], label="train")
        axes.plot(epochs, dev, color=ACCENT, linewidth=2.2, label="dev")
        axes.axvline(best, color=SIGNAL, linewidth=1, linestyle=(0, (2, 2)), zorder=1)
        axes.plot([best], [dev[best - 1]], "o", color=SIGNAL, markersize=6.5, markeredgecolor=PAPER, markeredgewidth=1.2, zorder=5,
                  label=f"kept: epoch {best}, {dev[best - 1]:.4f}")
        # The first epochs are far off and the last ones are what matters: leave out what would flatten them.
        axes.set_ylim(*reach(train[len(train) // 10:], dev[len(dev) // 10:], margin=0.08))
        axes.set_xlim(0.5, len(train) + 0.5)
        few_ticks(axes, across=6, whole=True)
        name_axes(axes, "epoch", measure)
        legend(axes)

    return Picture(
        name, title, f"epoch {best} of {len(train)} kept, the best on dev", draw,
        f"Epoch {best} of {len(train)} is kept: dev's loss was lowest there. Train's is as measured while training{dropout}.",
        f"Line chart of {measure} by epoch on train and dev; at the kept epoch {best} dev has {dev[best - 1]:.4f}.", 240)


def target(study: Study) -> Picture:
    """How the rows spread over the classes, or over the target's range."""
    fitted = study.fitted
    return _class_bars(fitted) if fitted.task == CLASSIFICATION else _histogram(fitted)


def _class_bars(fitted: Fitted) -> Picture:
    counts = np.bincount(fitted.prepared.truth, minlength=len(fitted.classes))
    order = np.argsort(-counts, kind="stable")[:MOST_BARS]
    names, shown = [short(fitted.classes[place]) for place in order], counts[order]

    def draw(axes: Axes) -> None:
        quiet(axes, "")
        axes.barh(range(len(shown)), shown, height=0.68, color=ACCENT)
        for place, count in enumerate(shown):
            axes.annotate(f"{count:,}  {percent(count / counts.sum())}", (count, place), (4, 0), textcoords="offset points",
                          va="center", fontsize=SMALL, color=FAINT)
        axes.set_yticks(range(len(shown)), names)
        axes.set_xticks([])
        axes.set_xlim(0, 1.28 * max(shown.max(), 1))
        axes.invert_yaxis()

    more = f" The {len(order)} commonest of {len(counts)}." if len(counts) > len(order) else ""
    return Picture("target", f"Rows by {short(fitted.target, 30)}", f"{counts.sum():,} rows, {len(counts)} classes", draw,
                   f"The classes and their rows, over train, dev and test.{more}",
                   "Bar chart: " + ", ".join(f"{name} {count:,}" for name, count in zip(names, shown)), 34 + 24 * len(shown))


def _histogram(fitted: Fitted) -> Picture:
    truth = fitted.prepared.truth
    low, high = np.quantile(truth, (0.001, 0.999))

    def draw(axes: Axes) -> None:
        quiet(axes, "y")
        axes.hist(np.clip(truth, low, high), bins=40, color=ACCENT, edgecolor=PAPER, linewidth=0.5)
        axes.axvline(float(np.median(truth)), color=SIGNAL, linewidth=1.4, label=f"median {compact(float(np.median(truth)))}")
        few_ticks(axes)
        plain_numbers(axes.xaxis, axes.yaxis)
        name_axes(axes, short(fitted.target, 40), "rows")
        legend(axes)

    return Picture("target", f"Rows by {short(fitted.target, 30)}",
                   f"{len(truth):,} rows, mean {compact(float(truth.mean()))}", draw,
                   "How the rows spread over the target's range; what lies farthest out is drawn at the edge.",
                   f"Histogram of the target, from {compact(float(truth.min()))} to {compact(float(truth.max()))}, "
                   f"median {compact(float(np.median(truth)))}", 220)
