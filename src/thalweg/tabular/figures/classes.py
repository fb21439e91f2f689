"""Pictures of a classifier on its test rows: confusion, ROC, precision and recall, calibration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..interpretation.curves import Curve
from .look import ACCENT, DASHES, FAINT, INK, PAPER, PAST, SERIES, SMALL, few_ticks, in_percent, legend, name_axes, quiet, short
from .picture import Picture

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ..interpretation.study import Study

MOST_CLASSES_COUNTED, MOST_CLASSES_NAMED = 14, 40


def confusion_matrix(study: Study) -> Picture:
    """Test rows by true and predicted class, coloured by the share of the true class."""
    scores = study.fitted.metrics["test"]
    names, counts = [short(name, 16) for name in scores["classes"]], np.array(scores["confusion_matrix"])
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    count = len(names)

    def draw(axes: Axes) -> None:
        from matplotlib.colors import to_rgb
        from matplotlib.patches import Rectangle

        quiet(axes, "")
        if count <= MOST_CLASSES_COUNTED:
            for row, column in np.argwhere(counts >= 0):
                axes.add_patch(Rectangle((column - 0.47, row - 0.47), 0.94, 0.94, facecolor=ACCENT, linewidth=0,
                                         alpha=0.05 + 0.95 * share[row, column]))
                if counts[row, column]:
                    _cell(axes, row, column, counts[row, column], share[row, column], small=count > 7)
        else:
            axes.imshow(np.dstack([np.tile(to_rgb(ACCENT), (count, count, 1)), share]), aspect="auto")
        if count <= MOST_CLASSES_NAMED:
            tilted = max(map(len, names)) > 40 / count
            axes.set_xticks(range(count), names, rotation=40 if tilted else 0, ha="right" if tilted else "center",
                            rotation_mode="anchor" if tilted else None)
            axes.set_yticks(range(count), names)
            if count > MOST_CLASSES_COUNTED:
                axes.tick_params(labelsize=max(200 / count, 5))
        else:
            axes.set_xticks([])
            axes.set_yticks([])
        axes.set_xlim(-0.52, count - 0.48)
        axes.set_ylim(count - 0.48, -0.52)
        name_axes(axes, "predicted", "true")

    right = int(np.trace(counts))
    return Picture(
        "confusion_matrix", "Confusion matrix", f"{counts.sum():,} test rows, {right:,} right", draw,
        "A row of squares is a true class: where its test rows went, as count and share. The diagonal is right.",
        f"Confusion matrix of {count} classes: {right:,} of {counts.sum():,} test rows on the diagonal", 300 if count < 12 else 340)


def _cell(axes: Axes, row: int, column: int, count: int, share: float, small: bool) -> None:
    text = f"{count:,}" if small else f"{count:,}\n{100 * share:.1f}%"
    axes.text(column, row, text, ha="center", va="center", color=PAPER if share > 0.5 else INK, fontsize=7 if small else SMALL,
              linespacing=1.35)


def roc(study: Study) -> Picture:
    """True against false positive rate, one class against the others."""
    curves = _one_of_two(study.roc)
    corner = _corner(curves)

    def draw(axes: Axes) -> None:
        axes.plot([0, 1], [0, 1], color=PAST, linewidth=1, linestyle=(0, (2, 2)))
        _draw_curves(axes, curves, "AUC", (0, 1 - corner), (corner, 1))
        name_axes(axes, "false positive rate", "true positive rate")

    return Picture("roc", "ROC", "one class against the others, test rows", draw,
                   "At each threshold, the share of a class found against the share of the others taken for it. The dotted line is "
                   f"guessing (area 0.5); a corner at the top left is perfect (1).{_only(corner)}",
                   _areas("ROC curve, area", curves), 270)


def precision_recall(study: Study) -> Picture:
    """Precision against recall, one class against the others."""
    curves = study.precision_recall
    corner = _corner(curves)

    def draw(axes: Axes) -> None:
        _draw_curves(axes, curves, "AP", (corner, 1), (corner, 1), drawstyle="steps-post")
        name_axes(axes, "recall", "precision")

    return Picture("precision_recall", "Precision and recall", "one class against the others, test rows", draw,
                   "At each threshold, how many of those called a class are of it (precision) against how many of it are found "
                   f"(recall). AP is the average precision.{_only(corner)}",
                   _areas("Precision-recall curve, average precision", curves), 270)


def _corner(curves: dict[str, Curve]) -> float:
    """Where to begin drawing: at 0, or near 1 where nothing happens before."""
    return 0.9 if min((curve.area for curve in curves.values() if not np.isnan(curve.area)), default=0) > 0.98 else 0.0


def _only(corner: float) -> str:
    return " Only the corner where the curves turn is drawn." if corner else ""


def _draw_curves(axes: Axes, curves: dict[str, Curve], word: str, across: tuple[float, float], up: tuple[float, float],
                 **options: Any) -> None:
    quiet(axes)
    for place, (name, curve) in enumerate(curves.items()):
        area = "no such row" if np.isnan(curve.area) else f"{word} {curve.area:.3f}"
        axes.plot(curve.x, curve.y, color=SERIES[place], linestyle=DASHES[place], linewidth=1.9, label=f"{short(name, 16)}  {area}",
                  **options)
    for low_high, limit in ((across, axes.set_xlim), (up, axes.set_ylim)):
        room = 0.012 * (low_high[1] - low_high[0])
        limit(low_high[0] - room, low_high[1] + room)
    few_ticks(axes)
    legend(axes, loc="best" if len(curves) > 3 else "lower left" if options else "lower right")


def _one_of_two(curves: dict[str, Curve]) -> dict[str, Curve]:
    """Of two classes the rarer: the other's ROC is the same one turned about."""
    return dict(list(curves.items())[-1:]) if len(curves) == 2 else curves


def _areas(what: str, curves: dict[str, Curve]) -> str:
    return f"{what} by class: " + ", ".join(f"{name} {curve.area:.3f}" for name, curve in curves.items())


def calibration(study: Study) -> Picture:
    """How often the model is right where it says how sure it is."""
    found = study.calibration

    def draw(axes: Axes) -> None:
        quiet(axes)
        axes.plot([0, 1], [0, 1], color=PAST, linewidth=1, linestyle=(0, (2, 2)))
        axes.vlines(found.confidence, found.low, found.high, color=ACCENT, linewidth=1.4, alpha=0.55)
        axes.plot(found.confidence, found.accuracy, color=ACCENT, linewidth=1.6)
        sizes = 14 + 150 * found.rows / found.rows.max()
        axes.scatter(found.confidence, found.accuracy, sizes, color=ACCENT, edgecolors=PAPER, linewidths=1, zorder=4)
        low = min(found.confidence.min(), found.low.min(), 0.5)
        axes.set_xlim(max(low - 0.04, -0.03), 1.04)
        axes.set_ylim(max(low - 0.04, -0.03), 1.04)
        few_ticks(axes)
        in_percent(axes.xaxis, axes.yaxis)
        name_axes(axes, "how sure the model is", "how often it is right")
        axes.text(0.03, 0.95, f"calibration error {100 * found.error:.2g}%", transform=axes.transAxes, fontsize=SMALL, color=FAINT,
                  va="top")

    return Picture("calibration", "Calibration", f"expected calibration error {100 * found.error:.2g}%", draw,
                   "Test rows grouped by the probability of the class they were given: dots on the dotted line mean that 90% sure "
                   "is right in 9 cases of 10. Large dots are many rows; bars are 95% intervals.",
                   f"Reliability diagram; expected calibration error {100 * found.error:.2g} per cent", 270)
