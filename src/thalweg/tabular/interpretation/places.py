"""Which columns of the network's matrix each column of a table gives. A column is encoded by itself, so that rows can be mixed
column by column in the matrix, without encoding the table again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..preprocessing import Preprocessor

if TYPE_CHECKING:
    import pandas as pd

    from ..predictor import Predictor

MOST_ROWS_AT_ONCE = 65_536


def places(preprocessor: Preprocessor) -> dict[str, list[int]]:
    """The places in the matrix of each column that the network reads, in the matrix' order."""
    if hasattr(preprocessor, "places"):
        return preprocessor.places()
    found: dict[str, list[int]] = {}
    start = 0
    for name, width in [(number.name, number.scales) for number in preprocessor.numbers] + [
            (category.name, len(category.levels)) for category in preprocessor.categories]:
        found[name] = list(range(start, start + width))
        start += width
    return found


def encode_cells(preprocessor: Preprocessor, row: pd.DataFrame, column: str, cells: list) -> np.ndarray:
    """What the network reads of each of these cells of a column, `[cells, places of the column]`.

    row: any one row of the table.
    """
    import pandas as pd

    frame = row.iloc[[0] * len(cells)].reset_index(drop=True)
    frame[column] = pd.Series(cells, dtype=row[column].dtype)
    return preprocessor.transform(frame)[:, places(preprocessor)[column]]


def answers(predictor: Predictor, matrix: np.ndarray) -> np.ndarray:
    """The model's answers as `[rows, outputs]`: probabilities, or one number."""
    starts = range(0, max(len(matrix), 1), MOST_ROWS_AT_ONCE)
    values = np.concatenate([predictor.answers(matrix[start:start + MOST_ROWS_AT_ONCE]) for start in starts])
    return values if values.ndim == 2 else values[:, None]
