"""A map, where two columns are longitude and latitude: what is predicted where, and where it is wrong."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from ..columns import CLASSIFICATION
from .look import FAINT, SERIES, SIGNAL, SMALL, compact, few_ticks, legend, name_axes, quiet, short
from .picture import Picture

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ..interpretation.study import Study

MOST_DOTS, MOST_CLASSES = 2_500, 7
STEPS = (0.1, 0.25, 0.5, 1.0)


def map_of_rows(study: Study) -> Picture:
    """The test rows where they lie: by class, the wrong ones ringed; or by how far the prediction is off."""
    assert study.map_columns is not None
    fitted = study.fitted
    east, north = (fitted.prepared.frame[name].to_numpy(float, na_value=np.nan)[fitted.test.rows] for name in study.map_columns)
    known = np.isfinite(east) & np.isfinite(north)
    chosen = np.random.RandomState(fitted.settings.seed).permutation(np.flatnonzero(known))[:MOST_DOTS]
    drawn = f"{len(chosen):,} of {len(known):,} test rows" if len(chosen) < len(known) else f"{len(known):,} test rows"
    classifies = fitted.task == CLASSIFICATION
    draw_rows = _draw_classes if classifies else _draw_errors

    def draw(axes: Axes) -> None:
        quiet(axes)
        axes.set_aspect(1 / max(math.cos(math.radians(float(np.mean(north[chosen])))), 0.1), adjustable="datalim")
        draw_rows(axes, study, east, north, chosen)
        few_ticks(axes)
        name_axes(axes, study.map_columns[0], study.map_columns[1])     # type: ignore[index]

    reading = ("Each test row where it lies, by its true class; a ring marks one that was taken for another." if classifies else
               "Each test row where it lies: red was predicted too high, blue too low, the stronger the farther off.")
    return Picture("map", "Where", drawn, draw, f"{reading} {drawn[0].upper()}{drawn[1:]}.",
                   f"Map of {drawn} by {'class' if classifies else 'error'}", 330)


def _draw_classes(axes: Axes, study: Study, east: np.ndarray, north: np.ndarray, chosen: np.ndarray) -> None:
    fitted = study.fitted
    truth, predicted = fitted.test.truth, fitted.test.values.argmax(axis=1)
    order = np.argsort(-np.bincount(truth, minlength=len(fitted.classes)), kind="stable")
    for place, number in enumerate(order[:MOST_CLASSES]):
        rows = chosen[truth[chosen] == number]
        axes.plot(east[rows], north[rows], "o", color=SERIES[place], markersize=2.6, markeredgewidth=0, alpha=0.8,
                  label=short(fitted.classes[number], 16))
    rest = chosen[np.isin(truth[chosen], order[MOST_CLASSES:])]
    if len(rest):
        axes.plot(east[rest], north[rest], "o", color=FAINT, markersize=2.6, markeredgewidth=0, label="others")
    wrong = chosen[truth[chosen] != predicted[chosen]]
    axes.plot(east[wrong], north[wrong], "o", color="none", markeredgecolor=SIGNAL, markersize=6.5, markeredgewidth=1.1,
              label="wrong")
    legend(axes, markerscale=1.6, handletextpad=0.2)


def _draw_errors(axes: Axes, study: Study, east: np.ndarray, north: np.ndarray, chosen: np.ndarray) -> None:
    error = study.fitted.test.values - study.fitted.test.truth
    most = float(np.quantile(np.abs(error), 0.95)) or 1.0
    strength = np.digitize(np.abs(error[chosen]) / most, STEPS[:-1])
    for step in range(len(STEPS)):
        for sign, colour, word in ((-1, SERIES[0], "low"), (1, SIGNAL, "high")):
            rows = chosen[(strength == step) & (np.sign(error[chosen]) == sign)]
            axes.plot(east[rows], north[rows], "o", color=colour, markersize=2.2 + 0.9 * step, markeredgewidth=0,
                      alpha=(0.25, 0.45, 0.7, 0.95)[step],
                      label=f"{compact(most * STEPS[-2])} or more too {word}" if step == len(STEPS) - 1 else None)
    legend(axes, handletextpad=0.2, fontsize=SMALL)
