"""The pictures of a fit, drawn with Matplotlib without touching its global state."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .columns import CLASSIFICATION
from .problems import TableError
from .writing import write_file

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from .result import Fitted

INK, FAINT, GRID = "#1b2733", "#6b7785", "#e3e8ed"
TRAIN, DEV, BEST = "#8fa3b5", "#0b6e99", "#d1495b"
MOST_CLASSES_COUNTED, MOST_CLASSES_NAMED = 20, 50


def save_figures(fitted: Fitted, folder: Path) -> list[str]:
    """Write `learning_curves.png` and `confusion_matrix.png` or `residuals.png`; return their names."""
    figures = {"learning_curves.png": learning_curves(fitted)}
    if fitted.task == CLASSIFICATION:
        figures["confusion_matrix.png"] = confusion_matrix(fitted)
    else:
        figures["residuals.png"] = residuals(fitted)
    for name, figure in figures.items():
        file = io.BytesIO()
        figure.savefig(file, format="png", dpi=150, facecolor="white")
        write_file(folder / name, file.getvalue())
    return list(figures)


def learning_curves(fitted: Fitted) -> Figure:
    """Loss by epoch on train and dev, and accuracy or R2 beside it, with the epoch that was kept."""
    history = fitted.history
    if fitted.task == CLASSIFICATION:
        second, title = ("accuracy", "val_accuracy"), "Accuracy"
        curves = {name: history[name] for name in second}
    else:
        second, title = ("r2", "val_r2"), "R²"
        curves = _r2_curves(fitted)
    figure = _figure(11, 4.6, f"{fitted.target}: learning curves",
                     f"epoch {fitted.best_epoch} of {len(history['loss'])} kept, the best on dev; train as measured while training"
                     + (", with dropout" if fitted.settings.dropout else ""))
    for place, (names, heading, values) in enumerate(
            ((("loss", "val_loss"), "Loss", history), (second, title, curves)), start=1):
        axes = _axes(figure, 1, 2, place, heading)
        _draw_curves(axes, values[names[0]], values[names[1]], fitted.best_epoch)
        axes.set_xlabel("epoch", color=FAINT)
    return figure


def _draw_curves(axes: Axes, train: list[float], dev: list[float], best: int) -> None:
    epochs = np.arange(1, len(train) + 1)
    axes.plot(epochs, train, color=TRAIN, linewidth=2, label="train")
    axes.plot(epochs, dev, color=DEV, linewidth=2, label="dev")
    axes.axvline(best, color=BEST, linewidth=1, linestyle=(0, (4, 3)), zorder=1)
    axes.plot([best], [dev[best - 1]], "o", color=BEST, markersize=6, label=f"kept: {dev[best - 1]:.4f}", zorder=5)
    # The first epochs are far off and the last ones are what matters: leave out what would flatten them.
    late = np.concatenate([train[len(train) // 10:], dev[len(dev) // 10:]])
    late = late[np.isfinite(late)]
    if len(late) > 1 and late.max() > late.min():
        margin = 0.08 * (late.max() - late.min())
        axes.set_ylim(late.min() - margin, late.max() + 2 * margin)
    if len(train) > 1:
        axes.set_xlim(1, len(train))
    axes.xaxis.set_major_locator(_few_ticks(integer=True))
    axes.legend(frameon=False, labelcolor=INK)


def _r2_curves(fitted: Fitted) -> dict[str, list[float]]:
    """R2 from the loss, the mean squared error of the standardised target: one less the share that is left."""
    prepared = fitted.prepared
    curves = {}
    for name, loss, rows in (("r2", "loss", prepared.split.train), ("val_r2", "val_loss", prepared.split.dev)):
        spread = (prepared.truth[rows] / fitted.deviation).var() or 1.0
        curves[name] = [1 - value / spread for value in fitted.history[loss]]
    return curves


def confusion_matrix(fitted: Fitted) -> Figure:
    """Test rows by true and predicted class, coloured by the share of the true class."""
    scores = fitted.metrics["test"]
    names, counts = list(scores["classes"]), np.array(scores["confusion_matrix"])
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    size = min(5.4 + 0.55 * len(names), 16)
    figure = _figure(size + 0.8, size, f"{fitted.target}: confusion matrix",
                     f"{scores['rows']:,} test rows, accuracy {scores['accuracy']:.4f}, macro F1 {scores['macro_f1']:.4f}")
    axes = _axes(figure, 1, 1, 1, "")
    axes.grid(False)
    image = axes.imshow(share, cmap=_blues(), vmin=0, vmax=1)
    labels = [name if len(name) <= 18 else name[:17] + "…" for name in names]
    if len(names) <= MOST_CLASSES_NAMED:
        tilted = max(map(len, labels)) > 6 + 34 / len(names)        # about what fits under a cell
        axes.set_xticks(range(len(names)), labels, rotation=30 if tilted else 0, ha="right" if tilted else "center")
        axes.set_yticks(range(len(names)), labels)
    if len(names) <= MOST_CLASSES_COUNTED:
        for row in range(len(names)):
            for column in range(len(names)):
                _cell(axes, row, column, counts[row, column], share[row, column], small=len(names) > 10)
        axes.set_xticks(np.arange(len(names) + 1) - 0.5, minor=True)
        axes.set_yticks(np.arange(len(names) + 1) - 0.5, minor=True)
        axes.grid(True, which="minor", color="white", linewidth=2)
    axes.tick_params(which="both", length=0)
    axes.set_xlabel("predicted", color=FAINT)
    axes.set_ylabel("true", color=FAINT)
    bar = figure.colorbar(image, ax=axes, fraction=0.04, pad=0.03, format=lambda value, _: f"{100 * value:.0f}%")
    bar.outline.set_visible(False)
    bar.ax.tick_params(length=0, labelcolor=FAINT)
    bar.set_label("share of the true class", color=FAINT)
    return figure


def _cell(axes: Axes, row: int, column: int, count: int, share: float, small: bool) -> None:
    if not count:
        return
    color = "white" if share > 0.55 else INK
    text = f"{count:,}" if small else f"{count:,}\n{100 * share:.1f}%"
    axes.text(column, row, text, ha="center", va="center", color=color, fontsize=8 if small else 10, linespacing=1.4)


def residuals(fitted: Fitted) -> Figure:
    """Predicted against true numbers, and how the errors are spread, on the test rows."""
    prepared = fitted.prepared
    rows = prepared.split.test
    true, predicted = prepared.truth[rows], fitted.answers(prepared.matrix[rows])
    scores = fitted.metrics["test"]
    figure = _figure(11, 5.2, f"{fitted.target}: predicted and true",
                     f"{scores['rows']:,} test rows, R² {scores['r2']:.4f}, mean absolute error {scores['mae']:,.5g}, "
                     f"root mean squared error {scores['rmse']:,.5g}")
    axes = _axes(figure, 1, 2, 1, "Predicted against true")
    low, high = min(true.min(), predicted.min()), max(true.max(), predicted.max())
    if len(true) > 1500:
        axes.hexbin(true, predicted, gridsize=55, cmap=_blues(0.12), mincnt=1, bins="log", linewidths=0.1)
    else:
        axes.plot(true, predicted, "o", color=DEV, alpha=0.5, markersize=5, markeredgewidth=0)
    axes.plot([low, high], [low, high], color=BEST, linewidth=1.2, label="exact")
    axes.set_xlabel("true", color=FAINT)
    axes.set_ylabel("predicted", color=FAINT)
    axes.legend(frameon=False, labelcolor=INK, loc="upper left")

    axes = _axes(figure, 1, 2, 2, "Errors: predicted less true")
    error = predicted - true
    reach = max(np.quantile(np.abs(error), 0.99), 1e-12)
    bins = _odd(min(51, 9 + int(len(true) ** 0.5)))
    axes.hist(np.clip(error, -reach, reach), bins=bins, color=DEV, alpha=0.85, edgecolor="white", linewidth=0.4)
    axes.axvline(0, color=BEST, linewidth=1.2)
    axes.axvline(float(np.median(error)), color=INK, linewidth=1, linestyle=(0, (4, 3)), label=f"median {np.median(error):,.4g}")
    axes.set_xlabel("error (the farthest 1% drawn at the edge)", color=FAINT)
    axes.set_ylabel("rows", color=FAINT)
    axes.legend(frameon=False, labelcolor=INK)
    for axes in figure.axes:
        axes.xaxis.set_major_locator(_few_ticks())
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_formatter(lambda value, _: f"{value:,.6g}")
    return figure


def _odd(count: int) -> int:
    """A middle bin for errors about 0."""
    return count + 1 - count % 2


# -- the common look -----------------------------------------------------------------------------------------


def _figure(width: float, height: float, title: str, subtitle: str) -> Figure:
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
        from matplotlib.layout_engine import ConstrainedLayoutEngine
    except ImportError:
        raise TableError("the pictures need Matplotlib; install it with: pip install 'thalweg[tabular]'.") from None
    below_titles = ConstrainedLayoutEngine(w_pad=0.12, h_pad=0.12, rect=(0, 0, 1, 1 - 0.62 / height))
    figure = Figure(figsize=(width, height), layout=below_titles)
    FigureCanvasAgg(figure)
    figure.text(0.16 / width, 1 - 0.14 / height, title, fontsize=14, fontweight="bold", color=INK, va="top")
    figure.text(0.16 / width, 1 - 0.44 / height, subtitle, fontsize=10, color=FAINT, va="top")
    return figure


def _axes(figure: Figure, rows: int, columns: int, place: int, title: str) -> Axes:
    axes = figure.add_subplot(rows, columns, place)
    axes.set_title(title, loc="left", fontsize=11, color=INK)
    axes.grid(True, color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0, labelcolor=FAINT, labelsize=9)
    return axes


def _blues(lowest: float = 0.0) -> Any:
    """White (or a first blue, where any count must show) to the house's deep blue."""
    from matplotlib.colors import LinearSegmentedColormap

    steps = np.array([[247, 250, 252], [190, 219, 233], [92, 158, 191], [11, 110, 153], [6, 62, 90]]) / 255
    smooth = LinearSegmentedColormap.from_list("thalweg", steps)
    return LinearSegmentedColormap.from_list("thalweg", smooth(np.linspace(lowest, 1, 64)))


def _few_ticks(integer: bool = False) -> Any:
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(6, integer=integer)
