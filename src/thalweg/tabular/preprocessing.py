"""From a table to the matrix a network reads: medians for gaps, even scales, one column per category.

Everything is fitted on the training rows alone and kept as plain data, so that it can be saved in JSON and read by eye.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np

from . import dates
from .columns import BOOLEAN, CATEGORY, DATE, MOST_CATEGORIES, NUMBER, TEXT, Column, is_missing, to_numbers
from .problems import TableError, closest, listed

if TYPE_CHECKING:
    import pandas as pd

STANDARD, ADAPTIVE, BOTH = "standard", "adaptive", "both"
FAR_OUT = 4.0               # deviations from the mean; a column that reaches farther has a long tail
KNOTS = 512
FEW_GAPS = 0.05             # a larger share of missing cells may say something by itself
MISSING, OTHER = "(missing)", "(other)"
TEXT_WIDTH = 256
WORD = re.compile(r"\w+")
LONGITUDE = re.compile(r"(?<![a-z])(longitude|long|lon|lng)(?![a-z])", re.IGNORECASE)
LATITUDES = ("latitude", "lat")


@dataclass(frozen=True)
class Number:
    """A column of numbers: gaps become the median, numbers beyond the training range its end, then it is scaled.

    The standard scale (`mean`, `deviation`) has mean 0 and deviation 1. The quantile scale maps ranks to a normal
    distribution, by straight lines between knots `(at, to)`: it spreads what is crowded and reins in what lies far out. A
    column uses one or both, and gives the matrix as many columns; `gaps` gives it one more that says where a gap was.
    """

    name: str
    median: float
    low: float
    high: float
    standard: Sequence[float] = ()
    at: Sequence[float] = ()
    to: Sequence[float] = ()
    gaps: bool = False

    @classmethod
    def fit(cls, name: str, numbers: np.ndarray, scaling: str) -> Number:
        known = numbers[~np.isnan(numbers)]
        median = float(np.median(known)) if len(known) else 0.0
        filled = np.where(np.isnan(numbers), median, numbers)
        low, high, mean, deviation = filled.min(), filled.max(), filled.mean(), filled.std() or 1.0
        long_tail = max(high - mean, mean - low) > FAR_OUT * deviation
        quantile = scaling == BOTH or (scaling == ADAPTIVE and long_tail)
        standard = (float(mean), float(deviation)) if scaling == BOTH or not quantile else ()
        at, to = _quantile_knots(filled) if quantile else ((), ())
        return cls(name, median, float(low), float(high), standard, at, to, bool(len(known) < (1 - FEW_GAPS) * len(numbers)))

    def fill(self, numbers: np.ndarray) -> np.ndarray:
        """The numbers without gaps and within the training range."""
        return np.clip(np.where(np.isnan(numbers), self.median, numbers), self.low, self.high)

    def scale(self, numbers: np.ndarray) -> list[np.ndarray]:
        """The columns that it gives the matrix, but for that of the gaps."""
        filled = self.fill(numbers)
        scales = [(filled - self.standard[0]) / self.standard[1]] if self.standard else []
        return scales + ([np.interp(filled, self.at, self.to)] if self.at else [])

    @property
    def scales(self) -> int:
        """How many scaled columns of the matrix it gives."""
        return bool(self.standard) + bool(self.at)


@dataclass(frozen=True)
class Date:
    """A column of dates: the time that went by, scaled like a number, and sine and cosine of the place in each cycle."""

    name: str
    form: str
    elapsed: Number
    cycles: Sequence[str]

    @classmethod
    def fit(cls, name: str, values: pd.Series, form: str, scaling: str) -> Date:
        seconds = dates.to_seconds(values, form)
        return cls(name, form, Number.fit(name, seconds / dates.DAY, scaling), dates.cycles_of(seconds))

    def encode(self, values: pd.Series) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """Scaled columns, and those of the cycles."""
        seconds = dates.to_seconds(values, self.form)
        return self.elapsed.scale(seconds / dates.DAY), list(dates.expand(seconds, list(self.cycles)))


@dataclass(frozen=True)
class Category:
    """A column of categories: one column each, the last one `OTHER` where rare ones are taken together.

    One that was not seen in training counts as `OTHER` where there is that, and else is all zero.
    """

    name: str
    levels: Sequence[str]

    @classmethod
    def fit(cls, name: str, values: pd.Series) -> Category:
        counts = category_text(values).value_counts()
        kept = sorted(map(str, counts.index[:MOST_CATEGORIES]))
        return cls(name, kept + [OTHER] if len(counts) > MOST_CATEGORIES else kept)

    def encode(self, values: pd.Series) -> list[np.ndarray]:
        place_of = {level: place for place, level in enumerate(self.levels)}
        other = place_of.get(OTHER, -1)
        places = category_text(values).map(place_of).fillna(other).to_numpy(np.int64)
        return [places == place for place in range(len(self.levels))]


@dataclass(frozen=True)
class Text:
    """A column of free text: words and pairs of words, hashed into `len(weight)` columns and weighed by how rare they are."""

    name: str
    weight: Sequence[float]

    @classmethod
    def fit(cls, name: str, values: pd.Series) -> Text:
        rows = hashed_words(values, TEXT_WIDTH) > 0
        rarity = np.log((1 + len(rows)) / (1 + rows.sum(axis=0))) + 1
        return cls(name, rarity.round(4).tolist())

    def encode(self, values: pd.Series) -> np.ndarray:
        """`[rows, width]`, each row of length 1 times the root of the width, so that its cells are about 1."""
        found = np.log1p(hashed_words(values, len(self.weight))) * np.asarray(self.weight, np.float32)
        length = np.sqrt((found ** 2).sum(axis=1, keepdims=True))
        return found / np.where(length > 0, length, 1) * np.float32(len(self.weight) ** 0.5 / 4)


@dataclass(frozen=True)
class Place:
    """Two columns that are a longitude and a latitude: together a place on a map, in units of its breadth.

    A network reads each number alone and places both together, so that it can tell a shore or a quarter at once.
    """

    longitude: str
    latitude: str
    center: Sequence[float]
    breadth: float

    @classmethod
    def fit(cls, longitude: Number, latitude: Number, east: np.ndarray, north: np.ndarray) -> Place:
        center = (float(np.nanmean(east)), float(np.nanmean(north)))
        scale = np.array([np.cos(np.radians(center[1])), 1.0])
        spread = np.sqrt((scale ** 2 * (np.nanvar(east), np.nanvar(north))).sum() / 2)
        return cls(longitude.name, latitude.name, center, float(spread) or 1.0)

    def encode(self, east: np.ndarray, north: np.ndarray) -> list[np.ndarray]:
        narrow = np.cos(np.radians(self.center[1]))
        return [(east - self.center[0]) * narrow / self.breadth, (north - self.center[1]) / self.breadth]


@dataclass(frozen=True)
class Preprocessor:
    """All columns' treatment, in the order of the matrix: scaled numbers (those of dates after the others), gaps of numbers,
    cycles of dates, categories, text, and at the end the places, two columns each."""

    numbers: Sequence[Number]
    categories: Sequence[Category]
    dates: Sequence[Date] = ()
    texts: Sequence[Text] = ()
    pairs: Sequence[Place] = ()

    @classmethod
    def fit(cls, frame: pd.DataFrame, columns: Sequence[Column], scaling: str, places: bool = False) -> Preprocessor:
        """Learn medians, scales, categories and words from the training rows; and `places`, where there are such."""
        cells = {c.name: to_numbers(frame[c.name]) for c in columns if c.kind == NUMBER}
        numbers = [Number.fit(name, values, scaling) for name, values in cells.items()]
        by_name = {number.name: number for number in numbers}
        pairs = find_places(cells) if places else []
        return cls(
            numbers,
            [Category.fit(c.name, frame[c.name]) for c in columns if c.kind in (CATEGORY, BOOLEAN)],
            [Date.fit(c.name, frame[c.name], c.form, scaling) for c in columns if c.kind == DATE],
            [Text.fit(c.name, frame[c.name]) for c in columns if c.kind == TEXT],
            [Place.fit(by_name[east], by_name[north], cells[east], cells[north]) for east, north in pairs],
        )

    @property
    def scaled(self) -> int:
        """How many of the matrix's columns, the first ones, are scaled numbers."""
        return sum(number.scales for number in self.numbers) + sum(date.elapsed.scales for date in self.dates)

    @property
    def width(self) -> int:
        """How many columns the matrix has."""
        return (self.scaled + sum(number.gaps for number in self.numbers) + sum(2 * len(date.cycles) for date in self.dates)
                + sum(len(category.levels) for category in self.categories) + sum(len(text.weight) for text in self.texts)
                + 2 * len(self.pairs))

    @property
    def names(self) -> list[str]:
        """The columns of the table that it reads."""
        parts: list[Any] = [*self.numbers, *self.categories, *self.dates, *self.texts]
        return [part.name for part in parts]

    def places(self) -> dict[str, list[int]]:
        """Which columns of the matrix each column of the table gives. None depends on two columns of the table."""
        found: dict[str, list[int]] = {name: [] for name in self.names}
        end = 0

        def add(name: str, count: int) -> None:
            nonlocal end
            found[name] += range(end, end + count)
            end += count

        for number in self.numbers:
            add(number.name, number.scales)
        for date in self.dates:
            add(date.name, date.elapsed.scales)
        for number in self.numbers:
            add(number.name, int(number.gaps))
        for date in self.dates:
            add(date.name, 2 * len(date.cycles))
        for category in self.categories:
            add(category.name, len(category.levels))
        for text in self.texts:
            add(text.name, len(text.weight))
        for pair in self.pairs:
            add(pair.longitude, 1)
            add(pair.latitude, 1)
        return found

    def transform(self, frame: pd.DataFrame) -> np.ndarray:
        """Make the matrix, float32 `[rows, width]`.

        Raises TableError where a column is missing or holds text or infinities instead of numbers.
        """
        self._check_columns(frame)
        cells = {number.name: to_numbers(frame[number.name]) for number in self.numbers}
        parts = [part for number in self.numbers for part in number.scale(cells[number.name])]
        later: list[np.ndarray] = [np.isnan(cells[number.name]) for number in self.numbers if number.gaps]
        for date in self.dates:
            elapsed, cycles = date.encode(frame[date.name])
            parts += elapsed
            later += cycles
        for category in self.categories:
            later += category.encode(frame[category.name])
        matrix = np.empty((len(frame), self.width), np.float32)
        for place, part in enumerate(parts + later):
            matrix[:, place] = part
        end = len(parts) + len(later)
        for text in self.texts:
            matrix[:, end:end + len(text.weight)] = text.encode(frame[text.name])
            end += len(text.weight)
        filled = {number.name: number.fill(cells[number.name]) for number in self.numbers}
        for pair in self.pairs:
            for part in pair.encode(filled[pair.longitude], filled[pair.latitude]):
                matrix[:, end] = part
                end += 1
        return matrix

    def _check_columns(self, frame: pd.DataFrame) -> None:
        missing = [name for name in self.names if name not in frame.columns]
        if missing:
            raise TableError(f"the table lacks {'column' if len(missing) == 1 else 'columns'} {listed(missing)} that the model "
                             f"reads.{closest(missing[0], frame.columns)} Its columns are {listed(frame.columns, 30)}.")

    # -- as plain data -------------------------------------------------------------------------------------

    def get_config(self) -> dict[str, Any]:
        """Plain data for JSON, from which `from_config` makes an equal one."""
        return asdict(self)

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Preprocessor:
        dated = [Date(**{**date, "elapsed": Number(**date["elapsed"])}) for date in config.get("dates", ())]
        return cls([Number(**number) for number in config["numbers"]], [Category(**level) for level in config["categories"]], dated,
                   [Text(**text) for text in config.get("texts", ())], [Place(**place) for place in config.get("pairs", ())])


def _quantile_knots(numbers: np.ndarray) -> tuple[list[float], list[float]]:
    """Where the quantile scale bends: distinct values of the column, and the normal score of each one's mean rank."""
    rank = np.linspace(0, 1, min(KNOTS, max(len(numbers), 2)))
    at, group = np.unique(np.quantile(numbers, rank), return_inverse=True)
    mean_rank = np.bincount(group, weights=rank) / np.bincount(group)
    normal = NormalDist()
    to = np.array([normal.inv_cdf(min(max(share, 1e-3), 1 - 1e-3)) for share in mean_rank])
    scores = np.interp(numbers, at, to)
    return at.tolist(), ((to - scores.mean()) / (scores.std() or 1.0)).tolist()


def find_places(cells: dict[str, np.ndarray]) -> list[tuple[str, str]]:
    """Columns that are a longitude and its latitude, by their names and the numbers in them."""
    found = []
    for name in cells:
        match = LONGITUDE.search(name)
        if not match:
            continue
        for word in LATITUDES:
            other = name[:match.start(1)] + word + name[match.end(1):]
            partner = next((known for known in cells if known.lower() == other.lower()), None)
            if partner and _within(cells[name], 360) and _within(cells[partner], 90):
                found.append((name, partner))
                break
    return found


def _within(numbers: np.ndarray, bound: float) -> bool:
    known = numbers[~np.isnan(numbers)]
    return bool(len(known)) and bool(np.abs(known).max() <= bound) and bool(known.std() > 0)


def category_text(values: pd.Series) -> pd.Series:
    """Categories as text: gaps get a name, whole numbers have no decimals, and truth values are spelled in one way."""
    import pandas as pd

    if pd.api.types.is_float_dtype(values) and bool((values.dropna() % 1 == 0).all()):
        values = values.astype("Int64")
    text = values.astype(object).mask(is_missing(values), MISSING).astype(str).str.strip()
    return text.where(~text.str.lower().isin(["true", "false"]), text.str.capitalize())


def hashed_words(values: pd.Series, width: int) -> np.ndarray:
    """How often each row has words and pairs of neighbours whose hash is each number below `width`, float32 `[rows, width]`."""
    found = np.zeros((len(values), width), np.float32)
    gaps = is_missing(values).to_numpy()
    hashes: dict[str, int] = {}
    for row, cell in enumerate(values.astype(str)):
        words = [] if gaps[row] else WORD.findall(cell.lower())
        for token in (*words, *(f"{a} {b}" for a, b in pairwise(words))):
            place = hashes.get(token)
            if place is None:
                place = hashes[token] = zlib.crc32(token.encode()) % width
            found[row, place] += 1
    return found
