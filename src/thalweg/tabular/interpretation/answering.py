"""Answers to rows that are mixed column by column in the network's matrix, without encoding the table again: each column of a
table is encoded by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..preprocessing import Preprocessor

if TYPE_CHECKING:
    import pandas as pd

    from ..predictor import Predictor

MOST_ROWS_AT_ONCE = 65_536


def encode_cells(preprocessor: Preprocessor, row: pd.DataFrame, column: str, cells: list) -> np.ndarray:
    """What the network reads of each of these cells of a column, `[cells, places of the column]`.

    row: any one row of the table.
    """
    import pandas as pd

    frame = row.iloc[[0] * len(cells)].reset_index(drop=True)
    frame[column] = pd.Series(cells, dtype=row[column].dtype)
    return preprocessor.transform(frame)[:, preprocessor.places()[column]]


def answers(predictor: Predictor, matrix: np.ndarray) -> np.ndarray:
    """The model's answers as `[rows, outputs]`: probabilities, or one number."""
    starts = range(0, max(len(matrix), 1), MOST_ROWS_AT_ONCE)
    values = np.concatenate([predictor.answers(matrix[start:start + MOST_ROWS_AT_ONCE]) for start in starts])
    return values if values.ndim == 2 else values[:, None]
