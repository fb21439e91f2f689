"""Datasets of batches of rows, given to `fit` as what they are: arrays, and an order of rows for each epoch."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from thalweg.keras.models.data import ArrayData, unpack_x_y_sample_weight


class RowsData(ArrayData):
    """A `tf.data` pipeline over arrays in memory: the same batches in the same order, without a Python object for each."""

    def __init__(self, rows: Any, steps: int | None = None, class_weight: dict[int, float] | None = None):
        super().__init__(*unpack_x_y_sample_weight(rows.arrays), rows.batch_size, class_weight=class_weight)
        self._rows_in_order = rows
        if steps is not None:
            self.n, self.num_batches = steps * rows.batch_size, steps
        else:
            self.n = rows.length
            self.num_batches = self.n // rows.batch_size if rows.drop_remainder else math.ceil(self.n / rows.batch_size)

    def order(self, generator: np.random.Generator | None) -> np.ndarray:
        """The rows that the dataset gives next."""
        return self._rows_in_order.epoch(self.num_batches)


def rows_data(dataset: Any, steps: int | None, class_weight: dict[int, float] | None) -> RowsData | None:
    """The dataset's batches by rows; None where it is more than batches of rows, or `steps` are no whole epochs."""
    rows = dataset._as_arrays()
    if rows is None or (rows.length >= 0) != (steps is None):
        return None
    data = RowsData(rows, steps, class_weight)
    return data if data.num_batches and rows.batch_size <= len(data.flat[0]) else None
