"""Pictures of what the answers rest on: importance of columns, and dependence on each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..columns import CLASSIFICATION
from ..interpretation.dependence import Dependence
from .look import (
    ACCENT,
    DASHES,
    FAINT,
    INK,
    SERIES,
    SMALL,
    few_ticks,
    in_percent,
    legend,
    name_axes,
    plain_numbers,
    quiet,
    reach,
    short,
)
from .picture import Picture

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ..interpretation.study import Study

MOST_COLUMNS, MOST_LINES = 20, 5


def importance(study: Study) -> Picture:
    """What each column is worth: how far the merit falls when its cells are shuffled."""
    shown = study.importances[:MOST_COLUMNS]
    measure = "accuracy" if study.fitted.task == CLASSIFICATION else "R²"
    more = f" The first {len(shown)} of {len(study.importances)} columns." if len(study.importances) > len(shown) else ""

    def draw(axes: Axes) -> None:
        quiet(axes, "x")
        drops = np.array([one.drop for one in shown])
        axes.barh(range(len(shown)), drops, height=0.64, color=ACCENT)
        axes.hlines(range(len(shown)), drops - [one.spread for one in shown], drops + [one.spread for one in shown], color=INK,
                    linewidth=1.2, alpha=0.6)
        high = max(max(one.drop + one.spread for one in shown), 1e-6)
        for place, one in enumerate(shown):
            drop = one.drop if one.drop < -5e-4 else max(one.drop, 0)
            axes.annotate(f"{drop:.3f}", (max(one.drop + one.spread, 0), place), (4, 0), textcoords="offset points", va="center",
                          fontsize=SMALL, color=FAINT)
        axes.set_yticks(range(len(shown)), [short(one.column, 20) for one in shown])
        axes.invert_yaxis()
        axes.set_xlim(min(0.0, *(one.drop - one.spread for one in shown)), 1.18 * high)
        few_ticks(axes, up=len(shown) + 1)
        axes.set_yticks(range(len(shown)), [short(one.column, 20) for one in shown])
        name_axes(axes, f"fall in {measure} when the column is shuffled")

    return Picture("importance", "Importance of columns", f"fall in {measure} when a column is shuffled", draw,
                   f"How far {measure} on test rows falls when a column's cells are shuffled among them. Columns that tell the "
                   f"same share what they are worth.{more}",
                   "Permutation importance: " + ", ".join(f"{one.column} {one.drop:.3f}" for one in shown[:8]),
                   56 + 21 * len(shown))


def dependences(study: Study) -> list[Picture]:
    """One picture for each of the columns that matter most."""
    return [dependence(study, found, number) for number, found in enumerate(study.dependences, start=1)]


def dependence(study: Study, found: Dependence, number: int) -> Picture:
    """How the answers change with one column."""
    column = short(found.column, 30)
    target = "mean probability" if study.fitted.task == CLASSIFICATION else f"mean predicted {short(study.fitted.target, 24)}"
    height = 230 if found.ordered else max(80 + 26 * len(found.cells), 130)
    return Picture(f"dependence_{number}", column, f"{target} by {column}", _drawer(study, found, _top_outputs(study)),
                   heard=f"Partial dependence of the {target} on {found.column}", height=height)


def _top_outputs(study: Study) -> list[int]:
    """The classes to draw, the commonest; of two classes the rarer one; for numbers, the one output."""
    fitted = study.fitted
    if fitted.task != CLASSIFICATION:
        return [0]
    order = np.argsort(-np.bincount(fitted.test.truth, minlength=len(fitted.classes)), kind="stable")
    return [int(order[-1])] if len(order) == 2 else [int(place) for place in order[:MOST_LINES]]


def _drawer(study: Study, found: Dependence, top: list[int]):  # type: ignore[no-untyped-def]
    classifies = study.fitted.task == CLASSIFICATION
    names = [short(study.fitted.classes[place], 14) for place in top] if classifies else ["mean"]

    def draw_line(axes: Axes) -> None:
        quiet(axes)
        cells = np.asarray(found.cells, float)
        if len(top) == 1:
            axes.fill_between(cells, found.low[:, top[0]], found.high[:, top[0]], color=ACCENT, alpha=0.15, linewidth=0,
                              label="middle 80% of rows")
        for place, (output, name) in enumerate(zip(top, names)):
            axes.plot(cells, found.mean[:, output], color=SERIES[place], linestyle=DASHES[place], linewidth=2, label=name)
        low, high = (-0.03, 1.03) if classifies else reach(found.low[:, 0], found.high[:, 0])
        axes.set_ylim(low, high)
        axes.vlines(found.deciles, low, low + 0.03 * (high - low), color=FAINT, linewidth=1)
        few_ticks(axes)
        plain_numbers(axes.yaxis)
        if found.unit:
            name_axes(axes, found.unit)
        else:
            plain_numbers(axes.xaxis)
        if classifies:
            in_percent(axes.yaxis)
        legend(axes, loc="lower left", bbox_to_anchor=(-0.02, 1.0), ncols=3, columnspacing=1.0)

    def draw_bars(axes: Axes) -> None:
        quiet(axes, "x")
        thick = 0.76 / len(top)
        for place, (output, name) in enumerate(zip(top, names)):
            at = np.arange(len(found.cells)) + (place - (len(top) - 1) / 2) * thick
            axes.barh(at, found.mean[:, output], height=0.86 * thick, color=SERIES[place], label=name if classifies else None)
        if len(top) == 1:
            axes.hlines(range(len(found.cells)), found.low[:, top[0]], found.high[:, top[0]], color=INK, linewidth=1.2, alpha=0.6,
                        label="middle 80% of rows")
        few_ticks(axes)
        axes.set_yticks(range(len(found.cells)), [short(cell, 16) for cell in found.cells])
        axes.set_ylim(len(found.cells) - 0.45, -0.55)
        plain_numbers(axes.xaxis)
        if classifies:
            in_percent(axes.xaxis)
        legend(axes, loc="lower left", bbox_to_anchor=(-0.02, 1.0), ncols=3, columnspacing=1.0)

    return draw_line if found.ordered else draw_bars
