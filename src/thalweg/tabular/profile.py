"""How the training rows are spread, column by column; and whether the rows of another table are spread otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from . import dates
from .columns import to_numbers
from .preprocessing import Preprocessor, category_text
from .problems import counted

if TYPE_CHECKING:
    import pandas as pd

BINS = 10
MOVED = 0.25                # population stability index from which a column counts as moved; a rule of thumb of credit scoring
FEWEST_ROWS = 100           # fewer rows say little of how a column is spread
MOST_LEVELS = 50


@dataclass(frozen=True)
class Spread:
    """One column: shares of its rows in each of some bins, the last two being "something else" and "missing".

    `edges` divide numbers (seconds, for dates of the form `form`); `levels` are categories.
    """

    name: str
    shares: Sequence[float]
    edges: Sequence[float] = ()
    levels: Sequence[str] = ()
    form: str = ""

    def count(self, values: pd.Series) -> np.ndarray:
        """Rows in each bin."""
        if self.levels:
            places = {level: place for place, level in enumerate(self.levels)}
            text = category_text(values)
            found = np.array(text.map(places).fillna(len(self.levels)), np.int64)
            found[(text == "(missing)").to_numpy()] = len(self.levels) + 1
            return np.bincount(found, minlength=len(self.levels) + 2)
        numbers = dates.to_seconds(values, self.form) if self.form else to_numbers(values)
        found = np.where(np.isnan(numbers), len(self.edges) + 2, np.searchsorted(self.edges, np.nan_to_num(numbers), side="right"))
        return np.bincount(found, minlength=len(self.edges) + 3)


@dataclass(frozen=True)
class Profile:
    """All columns' spreads."""

    spreads: Sequence[Spread] = ()

    @classmethod
    def of(cls, frame: pd.DataFrame, preprocessor: Preprocessor) -> Profile:
        """The spreads of the training rows; text has none."""
        found = []
        for number in preprocessor.numbers:
            found.append(_numeric(number.name, to_numbers(frame[number.name]), frame, ""))
        for date in preprocessor.dates:
            found.append(_numeric(date.name, dates.to_seconds(frame[date.name], date.form), frame, date.form))
        for category in preprocessor.categories:
            text = category_text(frame[category.name])
            levels = [level for level in text.value_counts().index[:MOST_LEVELS] if level != "(missing)"]
            found.append(_with_shares(Spread(category.name, (), levels=levels), frame) if levels else None)
        return cls([spread for spread in found if spread is not None])

    def get_config(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Profile:
        return cls([Spread(**spread) for spread in config["spreads"]])


def _numeric(name: str, numbers: np.ndarray, frame: pd.DataFrame, form: str) -> Spread | None:
    known = numbers[~np.isnan(numbers)]
    if not len(known):
        return None
    edges = np.unique(np.quantile(known, np.linspace(0, 1, BINS + 1)[1:-1])).tolist()
    return _with_shares(Spread(name, (), edges=edges, form=form), frame)


def _with_shares(spread: Spread, frame: pd.DataFrame) -> Spread:
    counts = spread.count(frame[spread.name])
    return Spread(spread.name, (counts / counts.sum()).round(6).tolist(), spread.edges, spread.levels, spread.form)


class Drift:
    """Counts rows as they come by, and says which columns are spread otherwise than in training."""

    def __init__(self, profile: Profile) -> None:
        self.profile = profile
        self.counts = [np.zeros(len(spread.shares)) for spread in profile.spreads]

    def see(self, frame: pd.DataFrame) -> None:
        for spread, counts in zip(self.profile.spreads, self.counts):
            counts += spread.count(frame[spread.name])

    def indices(self) -> dict[str, float]:
        """The population stability index of each column: the sum of `(new - old) log(new / old)` over the shares of its bins."""
        found = {}
        for spread, counts in zip(self.profile.spreads, self.counts):
            if counts.sum() >= FEWEST_ROWS:
                old, new = (np.maximum(shares, 1e-4) for shares in (np.array(spread.shares), counts / counts.sum()))
                found[spread.name] = float(((new - old) * np.log(new / old)).sum())
        return found

    def warnings(self) -> list[str]:
        """A sentence for each column that moved away."""
        found = []
        for spread, counts in zip(self.profile.spreads, self.counts):
            index = self.indices().get(spread.name, 0.0)
            if index < MOVED:
                continue
            worst = int(np.abs(counts / counts.sum() - np.array(spread.shares)).argmax())
            found.append(f"column {spread.name!r} has moved away from the training rows (stability index {index:.2f}): "
                         f"{_place(spread, worst)} in {100 * counts[worst] / counts.sum():.0f} % of "
                         f"{counted(int(counts.sum()), 'row')}, {100 * spread.shares[worst]:.0f} % in training")
        return found


def _place(spread: Spread, bin: int) -> str:
    """A bin in words."""
    if bin == len(spread.shares) - 1:
        return "missing"
    if spread.levels:
        return repr(spread.levels[bin]) if bin < len(spread.levels) else "a category that was not seen"
    edges = [dates.as_text(edge, spread.form) if spread.form else f"{edge:g}" for edge in spread.edges]
    if not edges:
        return "any value"
    if bin == 0:
        return f"below {edges[0]}"
    return f"{edges[-1]} or more" if bin >= len(edges) else f"between {edges[bin - 1]} and {edges[bin]}"
