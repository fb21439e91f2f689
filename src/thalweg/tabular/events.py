"""What TensorBoard shows of a fit beyond its curves: weights and confusion epoch by epoch, the network, the last hidden layer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

import thalweg as tf
from thalweg.engine.formats.summaries import histogram_buckets, metadata
from thalweg.summary.graphs import graph, keras_model
from thalweg.summary.writing import default_writer

from .columns import CLASSIFICATION
from .metrics import confusion_matrix

if TYPE_CHECKING:
    from .copies import Copies, Rows
    from .result import Fitted
    from .running import Epoch

MOST_SNAPSHOTS = 24
MOST_POINTS = 2000
_CELL = 24  # pixels of a class in the picture of a confusion matrix


@dataclass(frozen=True)
class Snapshot:
    """How the first network was after an epoch, counted from 1: histograms of its weights, and on dev its confusion."""

    epoch: int
    histograms: dict[str, np.ndarray] = field(repr=False)
    confusion: np.ndarray | None = field(repr=False)


class Snapshots:
    """Takes snapshots of a training: of its first epochs and then of some, evenly spread."""

    def __init__(self, copies: Copies, dev: Rows) -> None:
        self._copies, self._dev = copies, dev
        self.taken: list[Snapshot] = []

    def __call__(self, epoch: Epoch) -> None:
        if epoch.number > 3 and epoch.number % -(-epoch.of // MOST_SNAPSHOTS):
            return
        copies = self._copies
        for cell, values in zip(copies.cells, copies.state):
            cell.value = np.array(values[0])
        weights = {f"{w.path if hasattr(w, 'path') else w.name}": histogram_buckets(np.asarray(w.numpy()))
                   for w in copies.network.trainable_weights}  # fmt: skip
        confusion = None
        if copies.classifies:
            outputs = copies.network(tf.constant(self._dev.x), training=False).numpy()
            confusion = confusion_matrix(self._dev.y, outputs.argmax(axis=1), copies.shape.outputs)
        self.taken.append(Snapshot(epoch.number, weights, confusion))


def write_snapshots(fitted: Fitted) -> None:
    """Write a fit's snapshots to the default writer, at their epochs as the curves count them, from 0."""
    writer = default_writer()
    if writer is None:
        return
    for snapshot in fitted.snapshots:
        for name, buckets in snapshot.histograms.items():
            writer.add_tensor(name, buckets, snapshot.epoch - 1, metadata("histograms"))
        if snapshot.confusion is not None:
            said = f"Rows: what is true, columns: what is predicted, on dev; in order: {', '.join(map(str, fitted.classes))}."
            tf.summary.image("confusion", confusion_picture(snapshot.confusion)[None], step=snapshot.epoch - 1, description=said)


def confusion_picture(counts: np.ndarray) -> np.ndarray:
    """A confusion matrix as a picture: the darker a cell, the larger its share of its row; thin lines between."""
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    light, dark = np.array([247, 251, 255]), np.array([8, 48, 107])
    cells = light + share[..., None] * (dark - light)
    picture = np.kron(cells, np.ones((_CELL, _CELL, 1)))
    picture[::_CELL] = picture[:, ::_CELL] = 200
    return picture.round().astype(np.uint8)


def write_network(fitted: Fitted) -> None:
    """Write the network to the default writer: as its layers, and as its ops."""
    keras_model("keras", fitted.model, step=0)
    width = fitted.prepared.matrix.shape[1]
    traced = tf.function(lambda columns: fitted.model(columns, training=False), autograph=False)
    graph(traced.get_concrete_function(tf.TensorSpec([None, width], tf.float32)).graph)


def write_hidden(fitted: Fitted) -> None:
    """Write what the last hidden layer makes of test rows for the Projector, with what is true and what is predicted."""
    from thalweg.summary.projection import embeddings  # takes protobuf

    answers = fitted.test
    rows = slice(0, MOST_POINTS)
    vectors = last_hidden(fitted.model, fitted.prepared.matrix[answers.rows[rows]])
    if vectors is None or not len(vectors):
        return
    truth, values = answers.truth[rows], answers.values[rows]
    labels: dict[str, Any] = {"true": truth, "predicted": values}
    if fitted.task == CLASSIFICATION:
        labels = {"true": [fitted.classes[i] for i in truth], "predicted": [fitted.classes[i] for i in values.argmax(axis=1)]}
    embeddings("last hidden layer", vectors, labels=labels)


def last_hidden(model: Any, matrix: np.ndarray) -> np.ndarray | None:
    """The last hidden layer's values for rows; of several networks those of the first one. None where there is no such layer."""
    networks = [layer for layer in model.layers if hasattr(layer, "layers")]
    layers = (networks[0] if networks else model).layers
    hidden = [place for place, layer in enumerate(layers[:-1]) if isinstance(layer, tf.keras.layers.Dense)]
    if not hidden:
        return None
    values = tf.constant(matrix)
    for layer in layers[: hidden[-1] + 1]:
        if not isinstance(layer, tf.keras.layers.InputLayer):
            values = layer(values, training=False) if isinstance(layer, tf.keras.layers.Dropout) else layer(values)
    return values.numpy()
