"""Cross-validation: how much the figures of merit depend on which rows are held out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from .columns import CLASSIFICATION
from .preparing import Prepared
from .preprocessing import Preprocessor
from .problems import TableError
from .result import Folds
from .splitting import Split, folds, hold_out
from .training import kept_weights, make_predictor, run_on, starts_of, summarise


def cross_validate(prepared: Prepared, count: int, *, on_fold: Callable[[int, dict], None] | None = None,
                   stop: Callable[[], bool] = lambda: False) -> Folds:
    """Train on all but one of `count` parts and measure on it, for each of them.

    Everything is fitted anew on the rows that remain, of which a fifth is dev. The test rows of the split take part here as all
    others do: the figures of the model that is kept stay those of its own test rows.
    Raises TableError for fewer than 2 folds, or more than rows.
    """
    rows = len(prepared.truth)
    if not 2 <= count <= rows // 4:
        raise TableError(f"{count} folds of {rows:,} rows are asked for; there can be 2 to {rows // 4:,}.")
    classes = prepared.truth if prepared.task == CLASSIFICATION else None
    parts = folds(np.arange(rows), count, prepared.settings.split_seed, classes=classes, groups=prepared.groups)
    figures = []
    for number, test in enumerate(parts):
        rest = np.setdiff1d(np.arange(rows), test)
        train, dev = hold_out(rest, prepared.settings.split_seed, classes=classes, groups=prepared.groups)
        fold = _on_these_rows(prepared, Split(train, dev, test))
        run, goal = run_on(fold, fold.split, starts_of(fold.settings), stop=stop)
        run.advance()
        predictor = make_predictor(fold, kept_weights(run), goal)
        figures.append(predictor.score(fold.matrix[test], fold.truth[test]))
        if on_fold is not None:
            on_fold(number + 1, figures[-1])
        if stop():
            break
    return Folds(figures, *summarise(figures, prepared.task))


def _on_these_rows(prepared: Prepared, parts: Split) -> Prepared:
    """The same table with another split, its preprocessing fitted anew."""
    preprocessor = Preprocessor.fit(prepared.frame.iloc[parts.train], prepared.columns, prepared.settings.scaling,
                                    places=prepared.settings.place_waves > 0)
    return replace(prepared, split=parts, preprocessor=preprocessor, matrix=preprocessor.transform(prepared.frame))
