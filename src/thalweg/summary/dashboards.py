"""Precision-recall curves, meshes, and layouts of custom scalars: for TensorBoard's dashboards of the same names.

Source: https://github.com/tensorflow/tensorboard/tree/master/tensorboard/plugins
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from thalweg.engine.formats.schema import messages
from thalweg.engine.formats.summaries import metadata
from thalweg.summary.writing import SummaryWriter, default_writer, number_of, record

(PrCurvePluginData, Layout) = messages("plugins.proto", "PrCurvePluginData", "Layout")
(MeshPluginData,) = messages("mesh.proto", "MeshPluginData")
_SMALL = 1e-7


# -- precision and recall -------------------------------------------------------------------------------------


def pr_curve_table(labels: np.ndarray, predictions: np.ndarray, thresholds: int, weights: Any = None) -> np.ndarray:
    """Rows of true positives, false positives, true negatives, false negatives, precision and recall, by threshold from 0 to 1."""
    labels, predictions = np.asarray(labels, bool).ravel(), np.asarray(predictions, np.float64).ravel()
    if labels.shape != predictions.shape:
        raise ValueError(f"There are {labels.size} labels for {predictions.size} predictions.")
    if predictions.size and not (np.nanmin(predictions) >= 0 and np.nanmax(predictions) <= 1):
        raise ValueError("Predictions of a precision-recall curve are probabilities, between 0 and 1: apply a sigmoid first.")
    weights = np.ones_like(predictions) if weights is None else np.asarray(weights, np.float64).ravel()
    places = np.floor(np.nan_to_num(predictions) * (thresholds - 1)).astype(np.intp)
    positive = np.bincount(places, weights * labels, thresholds)[::-1].cumsum()[::-1]
    negative = np.bincount(places, weights * ~labels, thresholds)[::-1].cumsum()[::-1]
    rest_negative, missed = negative[0] - negative, positive[0] - positive
    precision = positive / np.maximum(_SMALL, positive + negative)
    recall = positive / np.maximum(_SMALL, positive + missed)
    return np.stack([positive, negative, rest_negative, missed, precision, recall]).astype(np.float32)


def pr_curve(
    name: str, labels: Any, predictions: Any, step: Any = None, num_thresholds: int = 201, weights: Any = None,
    description: str | None = None,
) -> bool:  # fmt: skip
    """Write precision against recall for a class: `labels` are bools, `predictions` probabilities, of one shape.

    Gives whether there was a writer. Raises ValueError for predictions outside 0 to 1.
    """
    data = PrCurvePluginData(num_thresholds=num_thresholds)
    described = metadata("pr_curves", data.SerializeToString(), description or "")
    pair = np.stack([np.asarray(labels, np.float64).ravel(), np.asarray(predictions, np.float64).ravel()])

    def put(writer: SummaryWriter, tag: str, array: np.ndarray, number: int) -> None:
        writer.add_tensor(tag, pr_curve_table(array[0] > 0.5, array[1], num_thresholds, weights), number, described)

    return bool(record(name, pair, step, put))


# -- meshes ---------------------------------------------------------------------------------------------------

_PARTS = {"vertices": (1, "VERTEX", np.float32), "faces": (2, "FACE", np.int32), "colors": (3, "COLOR", np.uint8)}


def mesh(
    name: str, vertices: Any, colors: Any = None, faces: Any = None, config_dict: Mapping[str, Any] | None = None,
    step: Any = None, description: str | None = None,
) -> bool:  # fmt: skip
    """Write a mesh, or without `faces` a cloud of points.

    vertices: `[batch, points, 3]` floats. faces: `[batch, triangles, 3]` numbers of points. colors: `[batch, points, 3]`, 0 to 255.
    config_dict: settings of three.js' camera, lights and material. Gives whether there was a writer.
    """
    writer = default_writer()
    if writer is None:
        return False
    given = {"vertices": vertices, "faces": faces, "colors": colors}
    arrays = {k: np.asarray(v).astype(_PARTS[k][2]) for k, v in given.items() if v is not None}
    for part, array in arrays.items():
        if array.ndim != 3 or array.shape[2] != 3:
            raise ValueError(f"The {part} of a mesh have the form [batch, count, 3], not {array.shape}.")
    components = sum(1 << _PARTS[part][0] for part in arrays)
    for part, array in arrays.items():
        number, title, _ = _PARTS[part]
        data = MeshPluginData(
            name=name, content_type=number, components=components, shape=array.shape,
            json_config=json.dumps(config_dict or {}, sort_keys=True),
        )  # fmt: skip
        described = metadata("mesh", data.SerializeToString(), description or "")
        writer.add_tensor(f"{name}_{title}", array, number_of(step), described)
    return True


# -- layouts of charts ----------------------------------------------------------------------------------------


def custom_scalars(layout: Any) -> bool:
    """Say which scalars the Custom Scalars dashboard draws together.

    layout: `{category: {chart: [tags]}}`, tags being regular expressions; a chart may also be `(value, lower, upper)` tuples in
    a list, for a line with a margin. A `Layout` message is taken as it is. Gives whether there was a writer.

    >>> with tf.summary.create_file_writer(folder).as_default():
    ...     tf.summary.custom_scalars({"losses": {"both": ["epoch_loss", "val_loss"]}})
    True
    """
    writer = default_writer()
    if writer is None:
        return False
    data = layout if hasattr(layout, "SerializeToString") else _layout(layout)
    text = np.empty((), object)
    text[()] = data.SerializeToString()
    writer.add_tensor("custom_scalars__config__", text, 0, metadata("custom_scalars"))
    return True


def _layout(charts: Mapping[str, Mapping[str, Sequence[Any]]]) -> Any:
    layout = Layout()
    for title, contents in charts.items():
        category = layout.category.add(title=title)
        for chart_title, tags in contents.items():
            chart = category.chart.add(title=chart_title)
            tags = [tags] if isinstance(tags, str) else list(tags)
            if tags and not isinstance(tags[0], str):
                for value, lower, upper in tags:
                    chart.margin.series.add(value=value, lower=lower, upper=upper)
            else:
                chart.multiline.tag.extend(tags)
    return layout
