"""The preprocessing of a fit as a Keras layer, so that a saved model takes the cells of a table."""

from __future__ import annotations

import math
from typing import Any

import thalweg as tf


@tf.keras.utils.register_keras_serializable(package="thalweg")
class TableMatrix(tf.keras.layers.Layer):
    """Make the matrix that the network reads from the cells of a table.

    Inputs, as a list of those that there are: `numbers`, float32 `[rows, numbers]`, NaN where a cell is empty; `categories`,
    strings `[rows, categories]`, empty where a cell is; `prepared`, float32 `[rows, width]`, columns of
    dates and text as `thalweg.tabular` makes them, for no layer reads these. The columns stand in the order of the
    configuration, where each has its name. Output `[rows, width]`.
    """

    def __init__(self, numbers: Any = (), categories: Any = (), pairs: Any = (), prepared: Any = (0, 0, 0), missing: str = "",
                 other: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.settings = {"numbers": list(numbers), "categories": list(categories), "pairs": list(pairs),
                         "prepared": list(prepared), "missing": missing, "other": other}

    def call(self, inputs: Any) -> Any:
        waiting = list(inputs)
        numbers, categories = self.settings["numbers"], self.settings["categories"]
        scaled, gaps, marks, filled = [], [], [], {}
        if numbers:
            cells = tf.cast(waiting.pop(0), tf.float32)
            for place, number in enumerate(numbers):
                x = cells[:, place]
                gap = tf.math.is_nan(x)
                x = tf.where(gap, tf.fill(tf.shape(x), tf.constant(number["median"], tf.float32)), x)
                filled[number["name"]] = x = tf.clip_by_value(x, number["low"], number["high"])
                if number["standard"]:
                    scaled.append((x - number["standard"][0]) / number["standard"][1])
                if number["at"]:
                    scaled.append(self.between(x, number["at"], number["to"]))
                if number["gaps"]:
                    gaps.append(tf.cast(gap, tf.float32))
        if categories:
            words = tf.strings.strip(waiting.pop(0))
            words = tf.where(words == "", tf.fill(tf.shape(words), self.settings["missing"]), words)
            for place, category in enumerate(categories):
                one = tf.cast(words[:, place, None] == tf.constant(category["levels"]), tf.float32)
                if category["levels"][-1] == self.settings["other"]:
                    one = tf.concat([one[:, :-1], 1 - tf.reduce_sum(one[:, :-1], axis=1, keepdims=True)], axis=1)
                marks.append(one)
        parts = [x[:, None] for x in scaled]
        later = [x[:, None] for x in gaps]
        elapsed, cycles, text = self.settings["prepared"]
        if elapsed + cycles + text:
            prepared = waiting.pop(0)
            parts.append(prepared[:, :elapsed])
            later.append(prepared[:, elapsed:elapsed + cycles])
            marks.append(prepared[:, elapsed + cycles:])
        places = []
        for pair in self.settings["pairs"]:
            narrow = math.cos(math.radians(pair["center"][1]))
            places.append((filled[pair["longitude"]][:, None] - pair["center"][0]) * narrow / pair["breadth"])
            places.append((filled[pair["latitude"]][:, None] - pair["center"][1]) / pair["breadth"])
        matrix = tf.concat(parts + later + marks + places, axis=1)
        return tf.ensure_shape(matrix, (None, self.compute_output_shape([(None,)])[1]))

    def between(self, x: Any, at: Any, to: Any) -> Any:
        """Straight lines between knots `(at, to)`."""
        if len(at) == 1:
            return tf.zeros_like(x) + to[0]
        knots, heights = tf.constant(at, tf.float32), tf.constant(to, tf.float32)
        right = tf.clip_by_value(tf.searchsorted(knots, x, side="right"), 1, len(at) - 1)
        start, end = tf.gather(knots, right - 1), tf.gather(knots, right)
        low, high = tf.gather(heights, right - 1), tf.gather(heights, right)
        return low + (high - low) * tf.math.divide_no_nan(x - start, end - start)

    def compute_output_shape(self, input_shape: Any) -> Any:
        width = sum(bool(number["standard"]) + bool(number["at"]) + number["gaps"] for number in self.settings["numbers"])
        width += sum(len(category["levels"]) for category in self.settings["categories"])
        return (input_shape[0][0], width + sum(self.settings["prepared"]) + 2 * len(self.settings["pairs"]))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), **self.settings}
