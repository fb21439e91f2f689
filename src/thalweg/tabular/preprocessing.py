"""From a table to the matrix a network reads: medians for gaps, even scales, one column per category.

Everything is fitted on the training rows alone and kept as plain data, so that it can be saved in JSON and read by eye.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np

from .columns import CATEGORY, NUMBER, Column, is_missing, to_numbers
from .problems import TableError, closest, listed

if TYPE_CHECKING:
    import pandas as pd

STANDARD, ADAPTIVE, BOTH = "standard", "adaptive", "both"
FAR_OUT = 4.0               # deviations from the mean; a column that reaches farther has a long tail
KNOTS = 512
MOST_CATEGORIES = 128
MISSING = "(missing)"


@dataclass(frozen=True)
class Number:
    """A column of numbers: gaps become the median, numbers beyond the training range its end, then it is scaled.

    The standard scale (`mean`, `deviation`) has mean 0 and deviation 1. The quantile scale maps ranks to a normal
    distribution, by straight lines between knots `(at, to)`: it spreads what is crowded and reins in what lies far out. A
    column uses one or both, and gives the matrix as many columns.
    """

    name: str
    median: float
    low: float
    high: float
    standard: Sequence[float] = ()
    at: Sequence[float] = ()
    to: Sequence[float] = ()

    @classmethod
    def fit(cls, name: str, numbers: np.ndarray, scaling: str) -> Number:
        known = numbers[~np.isnan(numbers)]
        median = float(np.median(known)) if len(known) else 0.0
        filled = np.where(np.isnan(numbers), median, numbers)
        low, high, mean, deviation = filled.min(), filled.max(), filled.mean(), filled.std() or 1.0
        long_tail = max(high - mean, mean - low) > FAR_OUT * deviation
        quantile = scaling == BOTH or (scaling == ADAPTIVE and long_tail)
        standard = (float(mean), float(deviation)) if scaling == BOTH or not quantile else ()
        return cls(name, median, float(low), float(high), standard, *(_quantile_knots(filled) if quantile else ()))

    def scale(self, numbers: np.ndarray) -> list[np.ndarray]:
        filled = np.clip(np.where(np.isnan(numbers), self.median, numbers), self.low, self.high)
        scales = [(filled - self.standard[0]) / self.standard[1]] if self.standard else []
        return scales + ([np.interp(filled, self.at, self.to)] if self.at else [])

    @property
    def scales(self) -> int:
        """How many columns of the matrix it gives."""
        return bool(self.standard) + bool(self.at)


@dataclass(frozen=True)
class Category:
    """A column of categories: one column each, all zero for one that was not seen in training."""

    name: str
    levels: Sequence[str]

    @classmethod
    def fit(cls, name: str, values: pd.Series) -> Category:
        common = _levels(values).value_counts().index[:MOST_CATEGORIES]
        return cls(name, sorted(map(str, common)))

    def encode(self, values: pd.Series) -> list[np.ndarray]:
        levels = _levels(values).to_numpy()
        return [levels == level for level in self.levels]


@dataclass(frozen=True)
class Preprocessor:
    """All columns' treatment, in the order of the matrix: numbers first, then categories."""

    numbers: Sequence[Number]
    categories: Sequence[Category]

    @classmethod
    def fit(cls, frame: pd.DataFrame, columns: Sequence[Column], scaling: str) -> Preprocessor:
        """Learn medians, scales and categories from the training rows."""
        return cls(
            [Number.fit(c.name, to_numbers(frame[c.name]), scaling) for c in columns if c.kind == NUMBER],
            [Category.fit(c.name, frame[c.name]) for c in columns if c.kind == CATEGORY],
        )

    @property
    def scaled(self) -> int:
        """How many of the matrix's columns are scaled numbers; the others are zeros and ones."""
        return sum(number.scales for number in self.numbers)

    @property
    def width(self) -> int:
        """How many columns the matrix has."""
        return self.scaled + sum(len(category.levels) for category in self.categories)

    def transform(self, frame: pd.DataFrame) -> np.ndarray:
        """Make the matrix, float32 `[rows, width]`.

        Raises TableError where a column is missing or holds text or infinities instead of numbers.
        """
        self._check_columns(frame)
        parts = [part for number in self.numbers for part in number.scale(to_numbers(frame[number.name]))]
        for category in self.categories:
            parts += category.encode(frame[category.name])
        matrix = np.empty((len(frame), len(parts)), np.float32)
        for place, part in enumerate(parts):
            matrix[:, place] = part
        return matrix

    def _check_columns(self, frame: pd.DataFrame) -> None:
        wanted = [number.name for number in self.numbers] + [category.name for category in self.categories]
        missing = [name for name in wanted if name not in frame.columns]
        if missing:
            raise TableError(f"the table lacks {'column' if len(missing) == 1 else 'columns'} {listed(missing)} that the model "
                             f"reads.{closest(missing[0], frame.columns)} Its columns are {listed(frame.columns, 30)}.")

    # -- as plain data -------------------------------------------------------------------------------------

    def get_config(self) -> dict[str, Any]:
        """Plain data for JSON, from which `from_config` makes an equal one."""
        return asdict(self)

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Preprocessor:
        return cls([Number(**number) for number in config["numbers"]], [Category(**category) for category in config["categories"]])


def _quantile_knots(numbers: np.ndarray) -> tuple[list[float], list[float]]:
    """Where the quantile scale bends: distinct values of the column, and the normal score of each one's mean rank."""
    rank = np.linspace(0, 1, min(KNOTS, max(len(numbers), 2)))
    at, group = np.unique(np.quantile(numbers, rank), return_inverse=True)
    mean_rank = np.bincount(group, weights=rank) / np.bincount(group)
    normal = NormalDist()
    to = np.array([normal.inv_cdf(min(max(share, 1e-3), 1 - 1e-3)) for share in mean_rank])
    scores = np.interp(numbers, at, to)
    return at.tolist(), ((to - scores.mean()) / (scores.std() or 1.0)).tolist()


def _levels(values: pd.Series) -> pd.Series:
    """Categories as text: gaps get a name, and truth values one spelling however a file spells them."""
    text = values.astype(object).mask(is_missing(values), MISSING).astype(str).str.strip()
    return text.where(~text.str.lower().isin(["true", "false"]), text.str.capitalize())
