"""The network as a picture: its layers from the table's columns at the top to the answer at the bottom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..columns import CLASSIFICATION
from ..problems import counted
from .look import ACCENT, FAINT, INK, PAPER, PAST, SERIES, SMALL, short
from .picture import WIDTH, Picture

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ..interpretation.study import Study
    from ..result import Fitted

MOST_UNITS = 14
STEP, LEFT = 50.0, 124.0            # points from layer to layer, and what is kept for the words


@dataclass(frozen=True)
class Stage:
    """One layer as people think of it: its name, what it does, its units and its weights."""

    title: str
    remark: str
    units: int
    weights: int
    colour: str


def stages(fitted: Fitted) -> list[Stage]:
    """The layers of a fitted network, dropout as a remark on the layer before it."""
    settings, preprocessor = fitted.settings, fitted.preprocessor
    found = [Stage(counted(len(preprocessor.names), "column"), f"as {counted(preprocessor.width, 'number')}", preprocessor.width, 0,
                   PAST)]
    width = preprocessor.width
    for layer in layers_of(fitted):
        weights = int(layer.count_params())
        name = type(layer).__name__
        if name == "PlaceWaves":
            width += 2 * layer.places * (layer.waves - 1)
            found.append(Stage("map waves", f"{2 * layer.waves} across the map", width, weights, SERIES[3]))
        elif name == "PeriodicEmbedding":
            width = width + layer.numbers * (layer.width - 1)
            found.append(Stage("waves", f"{2 * layer.waves} for each number", width, weights, SERIES[2]))
        elif name == "Dense":
            width = int(layer.units)
            last = layer.name == "output"
            words = "logits" if fitted.task == CLASSIFICATION else "the number, scaled"
            dropout = f", dropout {settings.dropout:g}" if settings.dropout else ""
            title = ((counted(width, "class", "classes") if fitted.task == CLASSIFICATION else short(fitted.target, 18)) if last
                     else counted(width, "unit"))
            remark = words if last else settings.activation + dropout
            found.append(Stage(title, remark, width, weights, SERIES[1] if last else ACCENT))
    return found


def layers_of(fitted: Fitted) -> list:
    """The layers of one network; of an ensemble, those of its first member."""
    layers = list(fitted.model.layers)
    inner = [layer for layer in layers if hasattr(layer, "layers")]
    return list(inner[0].layers) if inner else layers


def network(study: Study) -> Picture:
    """Layers from top to bottom, every unit a dot where they are few, the middle ones left out where they are many."""
    found, fitted = stages(study.fitted), study.fitted
    count = fitted.settings.members
    times = f", {count} such networks averaged" if count > 1 else ""
    total = sum(stage.weights for stage in found)
    height = STEP * len(found) + 6

    def draw(axes: Axes) -> None:
        axes.set_axis_off()
        axes.set_xlim(0, WIDTH - 16)
        axes.set_ylim(STEP * (len(found) - 0.5), -STEP / 2)
        dots = [_places(stage.units) for stage in found]
        for level in range(1, len(found)):
            _threads(axes, dots[level - 1], dots[level], level)
        for level, (stage, at) in enumerate(zip(found, dots)):
            y = level * STEP
            axes.plot(at, np.full(len(at), y), "o", color=stage.colour, markersize=8.5, markeredgecolor=PAPER, markeredgewidth=1.4)
            if stage.units > MOST_UNITS:
                middle = (at[len(at) // 2 - 1] + at[len(at) // 2]) / 2
                axes.text(middle, y, "· · ·", ha="center", va="center", color=FAINT, fontsize=11, fontweight="bold")
            axes.text(0, y - 6, stage.title, fontsize=10.5, color=INK, fontweight="bold", va="center")
            axes.text(0, y + 7, short(stage.remark, 24), fontsize=8.5, color=FAINT, va="center")

    words = " → ".join(f"{stage.units}" for stage in found)
    return Picture("network", "The network", f"{total:,} weights{times}", draw,
                   f"From the table's columns to the answer, {words}: {total:,} weights{times}.",
                   "The network's layers: " + "; ".join(f"{stage.title}, {stage.remark}" for stage in found), height)


def _places(units: int) -> np.ndarray:
    """Where the dots of a layer lie: around the middle, with a gap where units are left out."""
    room = WIDTH - 24 - LEFT
    if units <= MOST_UNITS:
        step = min(17.0, room / max(units, 1))
        return LEFT + room / 2 + step * (np.arange(units) - (units - 1) / 2)
    one = 14.0 * np.arange(6)
    return np.concatenate([LEFT + 6 + one, LEFT + room - 6 - one[::-1]])


def _threads(axes: Axes, above: np.ndarray, below: np.ndarray, level: int) -> None:
    from matplotlib.collections import LineCollection

    lines = [((x, (level - 1) * STEP), (z, level * STEP)) for x in above for z in below]
    axes.add_collection(LineCollection(lines, colors=PAST, linewidths=0.5, alpha=0.28, zorder=0))
