"""Pictures of a regression on its test rows: predicted against true, the errors, the errors by predicted number."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .look import ACCENT, INK, PAPER, SIGNAL, compact, few_ticks, legend, name_axes, plain_numbers, quiet, reach, short
from .picture import Picture

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ..interpretation.study import Study

MOST_DOTS = 1_200


def predicted(study: Study) -> Picture:
    """Predicted against true numbers."""
    fitted = study.fitted
    true, values, scores = fitted.test.truth, fitted.test.values, fitted.metrics["test"]

    def draw(axes: Axes) -> None:
        quiet(axes)
        _cloud(axes, true, values)
        low, high = reach(true, values, margin=0.02)
        axes.plot([low, high], [low, high], color=SIGNAL, linewidth=1.3, label="exact")
        axes.set_xlim(low, high)
        axes.set_ylim(low, high)
        few_ticks(axes)
        plain_numbers(axes.xaxis, axes.yaxis)
        name_axes(axes, f"true {short(fitted.target, 30)}", "predicted")
        legend(axes, loc="upper left")

    return Picture("predicted", "Predicted against true", f"{len(true):,} test rows, R² {scores['r2']:.4f}", draw,
                   f"Every test row by its true and its predicted {short(fitted.target, 40)}; on the line the two are one. "
                   "Darker is more rows.",
                   f"Predicted against true {fitted.target}: R squared {scores['r2']:.4f}", 280)


def residuals(study: Study) -> Picture:
    """How the errors are spread."""
    error = study.fitted.test.values - study.fitted.test.truth
    far = float(max(np.quantile(np.abs(error), 0.99), 1e-12))
    bins = min(45, 9 + int(len(error) ** 0.5))

    def draw(axes: Axes) -> None:
        quiet(axes, "y")
        axes.hist(np.clip(error, -far, far), bins=bins + 1 - bins % 2, color=ACCENT, edgecolor=PAPER, linewidth=0.5)
        axes.axvline(0, color=SIGNAL, linewidth=1.3)
        axes.axvline(float(np.median(error)), color=INK, linewidth=1.1, linestyle=(0, (4, 2)),
                     label=f"median {compact(float(np.median(error)))}")
        few_ticks(axes)
        plain_numbers(axes.xaxis, axes.yaxis)
        name_axes(axes, "predicted less true", "rows")
        legend(axes)

    middle = np.quantile(np.abs(error), 0.5)
    return Picture("residuals", "Errors", f"half of them within {compact(float(middle))}", draw,
                   f"Predicted less true. Half of the test rows are within {compact(float(middle))}; the farthest 1% are drawn at "
                   "the edge.", f"Histogram of errors; half within {compact(float(middle))}", 240)


def residuals_by_prediction(study: Study) -> Picture:
    """The errors against the predicted number, with their middle and the middle 80 % in ten groups."""
    values, error = study.fitted.test.values, study.fitted.test.values - study.fitted.test.truth

    def draw(axes: Axes) -> None:
        quiet(axes)
        _cloud(axes, values, error)
        order = np.array_split(np.argsort(values, kind="stable"), min(10, max(len(values) // 8, 1)))
        at = [float(np.median(values[group])) for group in order]
        low, middle, high = np.array([np.quantile(error[group], (0.1, 0.5, 0.9)) for group in order]).T
        axes.axhline(0, color=SIGNAL, linewidth=1.3)
        axes.plot(at, middle, color=INK, linewidth=1.5, label="median")
        for edge, label in ((low, "middle 80%"), (high, None)):
            axes.plot(at, edge, color=INK, linewidth=1.1, linestyle=(0, (3, 2)), label=label)
        axes.set_ylim(*reach(np.quantile(error, (0.002, 0.998)), low, high))
        few_ticks(axes)
        plain_numbers(axes.xaxis, axes.yaxis)
        name_axes(axes, "predicted", "predicted less true")
        legend(axes, loc="upper left")

    return Picture("residuals_by_prediction", "Errors by predicted number", "test rows", draw,
                   "Where the solid line leaves 0 the model leans to one side; where the dashed lines part it is less sure.",
                   "Errors against predicted numbers, with their median and middle 80 per cent", 240)


def _cloud(axes: Axes, x: np.ndarray, y: np.ndarray) -> None:
    """Dots, or six-sided cells the darker the more rows lie in them."""
    if len(x) <= MOST_DOTS:
        axes.plot(x, y, "o", color=ACCENT, alpha=0.45, markersize=4, markeredgewidth=0)
        return
    from matplotlib.colors import to_rgb

    cells = axes.hexbin(x, y, gridsize=38, mincnt=1, linewidths=0)
    counts = np.log1p(np.asarray(cells.get_array(), float))
    cells.set_array(None)
    cells.set_facecolor([(*to_rgb(ACCENT), 0.12 + 0.88 * share) for share in counts / counts.max()])
    cells.set_edgecolor("none")
