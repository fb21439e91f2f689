"""The pictures of a fit. Each is drawn once, and given as PNG, as SVG, and as part of the report's page."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ..columns import CLASSIFICATION
from ..interpretation.dependence import partial_dependence
from ..problems import TableError, closest, listed
from . import classes, network, numbers, place, reasons, training
from .picture import Picture as Picture

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ..interpretation.study import Study

FOR_ALL: dict[str, Callable[[Study], Picture]] = {
    "target": training.target, "network": network.network, "loss": training.loss, "importance": reasons.importance}
FOR_CLASSES: dict[str, Callable[[Study], Picture]] = {
    "accuracy": training.merit, "confusion_matrix": classes.confusion_matrix, "roc": classes.roc,
    "precision_recall": classes.precision_recall, "calibration": classes.calibration}
FOR_NUMBERS: dict[str, Callable[[Study], Picture]] = {
    "r2": training.merit, "predicted": numbers.predicted, "residuals": numbers.residuals,
    "residuals_by_prediction": numbers.residuals_by_prediction}


def makers(study: Study) -> dict[str, Callable[[Study], Picture]]:
    """What makes each picture that fits the task and the table, by the picture's name; those of dependence come besides."""
    found = FOR_ALL | (FOR_CLASSES if study.fitted.task == CLASSIFICATION else FOR_NUMBERS)
    return found | ({"map": place.map_of_rows} if study.map_columns is not None else {})


def pictures(study: Study) -> dict[str, Picture]:
    """Every picture that fits the task and the table, by name; `dependence_1` is that of the most important column."""
    found = {name: make(study) for name, make in makers(study).items()}
    return found | {picture.name: picture for picture in reasons.dependences(study)}


def draw(study: Study, name: str) -> Figure:
    """One picture as a Matplotlib figure. Raises TableError where the fit has none of that name."""
    found = makers(study)
    if name not in found:
        raise TableError(f"there is no picture {name!r} of this fit.{closest(name, found)} There are {listed(found, 30)}.")
    return found[name](study).figure()


def draw_dependence(study: Study, column: str) -> Figure:
    """How the answers change with one column. Raises TableError where the network reads no such column, or it is text."""
    columns = study.fitted.preprocessor.names
    if column not in columns:
        raise TableError(f"the network reads no column {column!r}.{closest(column, columns)} It reads {listed(columns, 30)}.")
    found = partial_dependence(study.fitted, column)
    if found is None:
        raise TableError(f"how the answers depend on {column!r} cannot be drawn: its cells are text, each its own.")
    return reasons.dependence(study, found, 1).figure()
