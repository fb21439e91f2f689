"""Answers to rows that are mixed column by column in the network's matrix, without encoding the table again: each column of a
table is encoded by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

import thalweg as tf

from ..preprocessing import Preprocessor

if TYPE_CHECKING:
    import pandas as pd

    from ..predictor import Predictor

ROWS_AT_ONCE = 2048
_FORWARD = "_tabular_forward"


def encode_cells(preprocessor: Preprocessor, row: pd.DataFrame, column: str, cells: list) -> np.ndarray:
    """What the network reads of each of these cells of a column, `[cells, places of the column]`.

    row: any one row of the table.
    """
    import pandas as pd

    frame = row.iloc[[0] * len(cells)].reset_index(drop=True)
    frame[column] = pd.Series(cells, dtype=row[column].dtype)
    return preprocessor.transform(frame)[:, preprocessor.places()[column]]


def answers(predictor: Predictor, matrix: np.ndarray) -> np.ndarray:
    """The model's answers as `[rows, outputs]`: probabilities, or one number.

    Always the same number of rows at once, the last ones filled up, by a program that is compiled at the first call: what is
    asked here is many thousand rows, in pieces of every length.
    """
    model = predictor.model
    forward = model.__dict__.get(_FORWARD)
    if forward is None:
        forward = tf.function(lambda x: model(x, training=False), autograph=False, jit_compile=True)
        model.__dict__[_FORWARD] = forward      # past the model's own bookkeeping of attributes: it goes when the model goes
    parts = []
    for start in range(0, max(len(matrix), 1), ROWS_AT_ONCE):
        block = np.zeros((ROWS_AT_ONCE, matrix.shape[1]), np.float32)
        rows = matrix[start:start + ROWS_AT_ONCE]
        block[:len(rows)] = rows
        parts.append(forward(tf.constant(block)).numpy()[:len(rows)])
    values = predictor.meaning(np.concatenate(parts).astype(np.float64))
    return values if values.ndim == 2 else values[:, None]
