"""A fit as one Keras model that takes the cells of a table and gives probabilities, or numbers; and as one `.keras` file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import thalweg as tf

from ..columns import CLASSIFICATION, to_numbers
from ..preprocessing import MISSING, OTHER, Preprocessor, category_text
from ..problems import TableError
from .layers import TableMatrix

if TYPE_CHECKING:
    import pandas as pd

    from ..predictor import Predictor


def whole_model(predictor: Predictor) -> tf.keras.Model:
    """A Keras model from cells to answers, with the preprocessing inside.

    Its inputs are called `numbers`, `categories` and `prepared`, of which it has those that the table gives: see `TableMatrix`,
    and `cells` for making them of a table. It gives the probability of each class `[rows, classes]`, or the number `[rows, 1]`.
    """
    preprocessor = predictor.preprocessor
    config = preprocessor.get_config()
    prepared = [sum(date.elapsed.scales for date in preprocessor.dates), sum(2 * len(date.cycles) for date in preprocessor.dates),
                sum(len(text.weight) for text in preprocessor.texts)]
    inputs: list[Any] = []
    if preprocessor.numbers:
        inputs.append(tf.keras.Input(shape=(len(preprocessor.numbers),), name="numbers"))
    if preprocessor.categories:
        inputs.append(tf.keras.Input(shape=(len(preprocessor.categories),), dtype="string", name="categories"))
    if sum(prepared):
        inputs.append(tf.keras.Input(shape=(sum(prepared),), name="prepared"))
    matrix = TableMatrix(_plain(config["numbers"]), _plain(config["categories"]), _plain(config["pairs"]), prepared, MISSING, OTHER,
                         name="table")(inputs)
    output = predictor.model(matrix)
    if predictor.task == CLASSIFICATION:
        output = tf.keras.layers.Softmax(name="probability")(output)
    else:
        output = tf.keras.layers.Rescaling(predictor.deviation, predictor.center, name="number")(output)
    return tf.keras.Model(inputs, output, name="table_model")


def cells(preprocessor: Preprocessor, frame: pd.DataFrame) -> dict[str, np.ndarray]:
    """What `whole_model` takes of a table, by the names of its inputs."""
    found: dict[str, np.ndarray] = {}
    if preprocessor.numbers:
        found["numbers"] = np.stack([to_numbers(frame[number.name]) for number in preprocessor.numbers], axis=1).astype(np.float32)
    if preprocessor.categories:
        found["categories"] = np.stack([category_text(frame[category.name]).to_numpy(object)
                                        for category in preprocessor.categories], axis=1)
    if preprocessor.dates or preprocessor.texts:
        where = preprocessor.places()
        names = [part.name for part in preprocessor.dates] + [part.name for part in preprocessor.texts]
        columns = [place for name in names for place in where[name]]
        found["prepared"] = preprocessor.transform(frame)[:, sorted(columns)]
    return found


def write_keras_file(predictor: Predictor, path: Path) -> None:
    """Write `whole_model` to a `.keras` file, whole or not at all. Raises TableError where it cannot be written."""
    try:
        whole_model(predictor).save(str(path))
    except OSError as error:
        raise TableError(f"cannot write {str(path)!r}: {error.strerror}. What was saved before is as it was.") from None


def _plain(parts: Any) -> list[dict[str, Any]]:
    """Configurations as JSON has them."""
    return [{name: list(value) if isinstance(value, (list, tuple)) else value for name, value in part.items()} for part in parts]
