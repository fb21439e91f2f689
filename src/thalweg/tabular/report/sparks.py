"""A column at a glance: a row of bars small enough for a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .. import dates
from ..columns import DATE, LEFT_OUT, Column, is_number, to_numbers

if TYPE_CHECKING:
    import pandas as pd

BARS, WIDTH, HEIGHT = 24, 96, 22


def spark(values: pd.Series, column: Column) -> str:
    """How the cells of a column spread: a histogram of numbers and dates, or the commonest categories; nothing for others."""
    present = values.dropna()
    if column.kind == LEFT_OUT or not len(present):
        return ""
    counts = _counts(present, column)
    if counts is None or not counts.max():
        return ""
    step = WIDTH / max(len(counts), 8)
    path = "".join(f"M{place * step:.1f} {HEIGHT}v{-max(count / counts.max() * HEIGHT, 1):.1f}h{step - 1:.1f}V{HEIGHT}z"
                   for place, count in enumerate(counts) if count)
    size = f'viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}"'
    return f'<svg class="spark" {size} aria-hidden="true"><path d="{path}"/></svg>'


def _counts(present: pd.Series, column: Column) -> np.ndarray | None:
    if column.kind == DATE:
        numbers = dates.to_seconds(present, column.form)
        numbers = numbers[~np.isnan(numbers)]
    elif is_number(present):
        numbers = to_numbers(present)
    else:
        levels = present.astype(str).value_counts()
        return levels.to_numpy()[:BARS] if len(levels) <= 0.5 * len(present) else None
    low, high = np.quantile(numbers, (0.005, 0.995))
    if not high > low:
        low, high = float(numbers.min()), float(numbers.max())
    return np.histogram(np.clip(numbers, low, high), bins=BARS, range=(low, high) if high > low else None)[0]
