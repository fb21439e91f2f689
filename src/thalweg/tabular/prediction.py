"""A table with a model's predictions beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .columns import CLASSIFICATION
from .predictor import Predictor

if TYPE_CHECKING:
    import pandas as pd


def add_predictions(model: Predictor, frame: pd.DataFrame) -> pd.DataFrame:
    """The table and, after its columns, `predicted_TARGET` and for classes `probability_CLASS` of each.

    Row order and all cells are kept; columns of those names that were there (from an earlier prediction) are replaced.
    Raises TableError where a column that the model reads is missing or cannot be read.
    """
    import numpy as np

    answers = model.answers(model.preprocessor.transform(frame))
    added: dict = {}
    if model.task == CLASSIFICATION:
        added[f"predicted_{model.target}"] = np.array(model.classes, dtype=object)[answers.argmax(axis=1)]
        for place, label in enumerate(model.classes):
            added[f"probability_{label}"] = answers[:, place].round(6)
    else:
        added[f"predicted_{model.target}"] = answers.astype(np.float32)
    return frame.drop(columns=[name for name in added if name in frame]).assign(**added)
