"""Signs that figures are too good: a column that gives the target away, rows that stand on both sides of the split."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .columns import LEFT_OUT, NUMBER, Column, to_numbers
from .preprocessing import category_text
from .problems import counted

if TYPE_CHECKING:
    import pandas as pd

    from .splitting import Split

NEARLY_RIGHT, NEARLY_EXACT = 0.995, 0.99    # accuracy, R2 of a single column on rows it was not fitted to
PLAIN_GUESS = 0.95          # unless always naming the commonest class gets more than this right
MOST_CELLS = 20_000_000
MANY_COPIES = 0.01


def find(frame: pd.DataFrame, columns: list[Column], truth: np.ndarray, classifies: bool, parts: Split) -> list[str]:
    """Sentences on what casts doubt on the figures."""
    read = [column for column in columns if column.kind != LEFT_OUT]
    return _telltales(frame, read, truth, classifies, parts) + _copies(frame, read, truth, parts)


def _telltales(frame: pd.DataFrame, columns: list[Column], truth: np.ndarray, classifies: bool, parts: Split) -> list[str]:
    """Columns that alone predict the target on dev, from what the training rows with the same value hold."""
    found = []
    train, dev = truth[parts.train], truth[parts.dev]
    if len(dev) < 10 or (classifies and np.bincount(train).max() > PLAIN_GUESS * len(train)):
        return []
    for column in columns:
        score = _alone(_steps(frame, column, parts), train, dev, classifies, parts)
        if score >= (NEARLY_RIGHT if classifies else NEARLY_EXACT):
            measure = f"{100 * score:.1f} % of dev rows right" if classifies else f"R2 {score:.3f} on dev"
            found.append(f"column {column.name!r} alone predicts the target ({measure}): does it say what is only known "
                         f"afterwards? If so, leave it out: --drop {column.name!r}")
    return found


def _steps(frame: pd.DataFrame, column: Column, parts: Split) -> np.ndarray:
    """The column as whole numbers: its values; a number that no training row holds counts as the nearest that one does."""
    if column.kind != NUMBER:
        return category_text(frame[column.name]).factorize()[0]
    numbers = to_numbers(frame[column.name])
    numbers = np.where(np.isnan(numbers), np.nanmin(numbers) - 1, numbers)
    known = np.unique(numbers[parts.train])
    after = np.clip(np.searchsorted(known, numbers), 1, max(len(known) - 1, 1))
    before, after = known[after - 1], known[np.minimum(after, len(known) - 1)]
    return np.searchsorted(known, np.where(numbers - before < after - numbers, before, after))


def _alone(steps: np.ndarray, train: np.ndarray, dev: np.ndarray, classifies: bool, parts: Split) -> float:
    """Accuracy or R2 on dev of the training rows' commonest class or mean in the same step."""
    size = int(steps.max()) + 1
    at, at_dev = steps[parts.train], steps[parts.dev]
    if classifies and size * (int(train.max()) + 1) > MOST_CELLS:
        return 0.0
    if classifies:
        counts = np.zeros((size, int(max(train.max(), dev.max())) + 1))
        np.add.at(counts, (at, train), 1)
        known = counts.sum(axis=1)[at_dev] > 0
        return float((known & (counts.argmax(axis=1)[at_dev] == dev)).mean())
    rows = np.bincount(at, minlength=size)
    means = np.where(rows > 0, np.bincount(at, weights=train, minlength=size) / np.maximum(rows, 1), train.mean())
    return float(1 - ((means[at_dev] - dev) ** 2).sum() / max(((dev - dev.mean()) ** 2).sum(), 1e-300))


def _copies(frame: pd.DataFrame, columns: list[Column], truth: np.ndarray, parts: Split) -> list[str]:
    """Test and dev rows whose cells, target included, are those of a training row."""
    import pandas as pd

    cells = pd.util.hash_pandas_object(frame[[column.name for column in columns]].astype(str), index=False).to_numpy()
    cells = cells ^ pd.util.hash_array(np.ascontiguousarray(truth))
    found = []
    for name, rows in (("test", parts.test), ("dev", parts.dev)):
        copies = int(np.isin(cells[rows], cells[parts.train]).sum())
        if copies > max(MANY_COPIES * len(rows), 1):
            found.append(f"{counted(copies, f'{name} row')} of {len(rows):,} {'is a copy' if copies == 1 else 'are copies'} of "
                         f"training rows, which makes the {name} figures look better than they are: leave duplicates out, or keep "
                         "rows together that belong together, with --group")
    return found
