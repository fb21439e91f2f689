"""A model's figures of merit on a table of any size, a chunk at a time."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import intervals
from .columns import CLASSIFICATION, is_missing, to_numbers
from .predictor import Predictor
from .problems import TableError
from .profile import Drift
from .reading import CHUNK_ROWS, Source
from .targets import check_target, class_numbers


def evaluate_table(model: Predictor, source: Source, chunk: int = CHUNK_ROWS) -> tuple[dict[str, Any], list[str]]:
    """Figures of merit with 95 % intervals, and warnings of drift.

    Rows without a target are left out. Raises TableError where a column is missing or cannot be read, or no row has a target.
    """
    truths, answers = [], []
    drift = Drift(model.profile) if model.profile is not None else None
    for frame in source.chunks(chunk):
        check_target(frame, model.target)
        frame = frame[~is_missing(frame[model.target])]
        if not len(frame):
            continue
        values = frame[model.target]
        truths.append(class_numbers(values, model.classes) if model.task == CLASSIFICATION else to_numbers(values))
        answers.append(model.answers(model.preprocessor.transform(frame)))
        if drift is not None:
            drift.see(frame)
    if not truths:
        raise TableError(f"no row of {source.name!r} has a {model.target}, so there is nothing to measure by.")
    truth, found = np.concatenate(truths), np.concatenate(answers)
    resample = intervals.classification if model.task == CLASSIFICATION else intervals.regression
    return {**model.figures(truth, found), "intervals": resample(truth, found)}, drift.warnings() if drift is not None else []
