"""Curves of training: each measure over the epochs, training and validation together."""

from __future__ import annotations

import os
from typing import Any

_TRAINING, _VALIDATION = "#1f6f8b", "#d1603d"


def draw_curves(epochs: list[int], history: dict[str, list[Any]], names: Any = None, path: Any = None) -> Any:
    """A Matplotlib figure with a panel for each measure. Raises ValueError for names that are not in the history."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    shown = list(names) if names is not None else [name for name in history if not name.startswith("val_")]
    missing = [name for name in shown if name not in history]
    if missing or not shown:
        raise ValueError(f"The history has no {', '.join(missing) or 'measures'}: it has {', '.join(history) or 'none'}.")
    figure = Figure(figsize=(4.6 * len(shown), 3.4), layout="constrained")
    FigureCanvasAgg(figure)
    numbers = [epoch + 1 for epoch in epochs]
    for i, name in enumerate(shown, 1):
        panel = figure.add_subplot(1, len(shown), i)
        panel.plot(numbers, history[name], color=_TRAINING, marker="o", markersize=3.5, label="training")
        if f"val_{name}" in history:
            values = history[f"val_{name}"]
            panel.plot(numbers[-len(values) :], values, color=_VALIDATION, marker="s", markersize=3.5, label="validation")
            panel.legend(frameon=False)
        panel.set_title(name, loc="left", fontsize=11)
        panel.set_xlabel("epoch")
        panel.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
        panel.grid(color="#e4e8ec", linewidth=0.8)
        panel.spines[["top", "right"]].set_visible(False)
    if path is not None:
        figure.savefig(os.fspath(path), dpi=144)
    return figure
