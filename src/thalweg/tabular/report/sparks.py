"""A column at a glance: a row of bars small enough for a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..columns import LEFT_OUT, is_number, to_numbers

if TYPE_CHECKING:
    import pandas as pd

BARS, WIDTH, HEIGHT = 24, 96, 22


def spark(values: pd.Series, kind: str) -> str:
    """How the cells of a column spread: a histogram of numbers and dates, or the commonest categories; nothing for others."""
    present = values.dropna()
    if kind == LEFT_OUT or not len(present):
        return ""
    counts = _counts(present)
    if counts is None or not counts.max():
        return ""
    step = WIDTH / max(len(counts), 8)
    path = "".join(f"M{place * step:.1f} {HEIGHT}v{-max(count / counts.max() * HEIGHT, 1):.1f}h{step - 1:.1f}V{HEIGHT}z"
                   for place, count in enumerate(counts) if count)
    size = f'viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}"'
    return f'<svg class="spark" {size} aria-hidden="true"><path d="{path}"/></svg>'


def _counts(present: pd.Series) -> np.ndarray | None:
    import pandas as pd

    if pd.api.types.is_datetime64_any_dtype(present):
        numbers = present.astype("int64").to_numpy(float)
    elif is_number(present):
        numbers = to_numbers(present)
    else:
        levels = present.astype(str).value_counts()
        return levels.to_numpy()[:BARS] if len(levels) <= 0.5 * len(present) else None
    low, high = np.quantile(numbers, (0.005, 0.995))
    if not high > low:
        low, high = float(numbers.min()), float(numbers.max())
    return np.histogram(np.clip(numbers, low, high), bins=BARS, range=(low, high) if high > low else None)[0]
