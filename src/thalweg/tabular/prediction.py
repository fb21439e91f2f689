"""Tables with a model's predictions beside them, a chunk at a time, so that a table of any size can stream through."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import numpy as np

from .columns import CLASSIFICATION
from .predictor import Predictor
from .problems import TableError
from .profile import Drift
from .reading import Source
from .writing import open_file

if TYPE_CHECKING:
    import pandas as pd

CHUNK_ROWS = 20_000


def predict_table(model: Predictor | dict[str, Predictor], source: Source, out: str | Path | None = None, *, explain: bool = False,
                  chunk: int = CHUNK_ROWS) -> tuple[int, list[str]]:
    """Write a table with predictions as CSV, in the order of its rows; give their number, and warnings of drift.

    out: the file, written whole or not at all; None for standard output. A text file's cells stay as they are, and so do its
    delimiter and decimal comma. explain: add why, see `interpretation.explain_rows`.
    Raises TableError where a column that a model reads is missing or cannot be read, with the row.
    """
    models = list(model.values()) if isinstance(model, dict) else [model]
    drifts = [Drift(one.profile) for one in models if one.profile is not None]
    done = 0
    with _destination(out) as file:
        for frame in source.chunks(chunk, as_text=True):
            readable = with_points(frame, models, source.thousands) if source.decimal == "," else frame
            with _placed(done, source.name):
                answered = frame
                for one in models:
                    answered = add_predictions(one, answered, readable, explain=explain)
                for drift in drifts:
                    drift.see(readable)
            answered.to_csv(file, index=False, header=not done, sep=source.delimiter, decimal=source.decimal)
            done += len(frame)
    warnings = [warning for drift in drifts for warning in drift.warnings()]
    return done, list(dict.fromkeys(warnings))


def add_predictions(model: Predictor, frame: pd.DataFrame, readable: pd.DataFrame | None = None, *, explain: bool = False
                    ) -> pd.DataFrame:
    """The table and, after its columns, `predicted_TARGET` and for classes `probability_CLASS` of each.

    Row order and all cells are kept; columns of those names that were there (from an earlier prediction) are replaced. readable:
    the same rows as the model can read them, where that is not as they are to be written.
    Raises TableError where a column that the model reads is missing or cannot be read.
    """
    readable = frame if readable is None else readable
    answers = model.answers(model.preprocessor.transform(readable))
    added: dict = {}
    if model.task == CLASSIFICATION:
        added[f"predicted_{model.target}"] = np.array(model.classes, dtype=object)[answers.argmax(axis=1)]
        for place, label in enumerate(model.classes):
            added[f"probability_{label}"] = answers[:, place].round(6)
    else:
        added[f"predicted_{model.target}"] = answers.astype(np.float32)
    if explain:
        from .interpretation import explain_rows

        explained = explain_rows(model, readable)
        added |= {f"{name}_{model.target}": explained[name].to_numpy() for name in explained.columns}
    return frame.drop(columns=[name for name in added if name in frame]).assign(**added)


def with_points(frame: pd.DataFrame, models: list[Predictor], thousands: str) -> pd.DataFrame:
    """Columns of numbers with a point before the decimals where the file writes a comma."""
    names = {number.name for model in models for number in model.preprocessor.numbers if number.name in frame}
    groups = {name: frame[name].str.replace(thousands, "") if thousands else frame[name] for name in names}
    return frame.assign(**{name: cells.str.replace(",", ".") for name, cells in groups.items()})


@contextmanager
def _placed(done: int, source: str) -> Iterator[None]:
    """Say in which rows of the file a cell cannot be read: a chunk counts from 1."""
    try:
        yield
    except TableError as error:
        if not done:
            raise
        text = re.sub(r"first in row (\d+)", lambda match: f"first in row {int(match[1]) + done:,}", str(error))
        raise TableError(f"{text} (in {source!r}, whose rows before {done + 1:,} were predicted)") from None


@contextmanager
def _destination(out: str | Path | None) -> Iterator[TextIO]:
    """A file that is there whole at the end, or standard output."""
    if out is None:
        # A text layer of its own would close standard output with it.
        sys.stdout.flush()
        yield sys.stdout
        sys.stdout.flush()
        return
    with open_file(out) as file:
        text = io.TextIOWrapper(file, encoding="utf-8", newline="")
        yield text
        text.flush()
        text.detach()


