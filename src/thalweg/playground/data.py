"""Points in the plane to learn from: the six patterns, or columns of a table that the user brings.

Positions lie in [-6, 6]; of a table the columns are scaled to that. Labels of two classes are -1 and 1, of more 0, 1, 2 ...; a
number to predict lies in [-1, 1].
"""

from __future__ import annotations

import csv
import io
import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np

HALF = 5.0  # the patterns fill a square from -5 to 5
MOST_ROWS, MOST_CELLS, MOST_CLASSES = 2_000, 5_000_000, 12


class DataError(ValueError):
    """What is wrong with a table, and what to do, in a sentence or two."""


@dataclass
class Points:
    """xy: `[n, 2]`; labels: `[n]`. classes: their names, empty where a number is predicted. remarks: what was left out."""

    xy: np.ndarray
    labels: np.ndarray
    classes: list[str]
    axes: tuple[str, str] = ("x1", "x2")
    target: str = ""
    remarks: list[str] = field(default_factory=list)

    @property
    def is_regression(self) -> bool:
        return not self.classes


def pattern(name: str, noise: float, seed: int, count: int = 500) -> Points:
    """One of the patterns. noise: from 0 to 0.5. Raises KeyError for another name."""
    make, is_regression = PATTERNS[name]
    rng = np.random.default_rng(seed)
    xy, labels = make(rng, noise, count)
    order = rng.permutation(len(xy))
    return Points(xy[order].astype(np.float32), labels[order].astype(np.float32), [] if is_regression else ["-1", "1"])


def _circle(rng: np.random.Generator, noise: float, n: int) -> Any:
    radius = np.concatenate([rng.uniform(0, HALF / 2, n // 2), rng.uniform(0.7 * HALF, HALF, n - n // 2)])
    angle = rng.uniform(0, 2 * np.pi, n)
    xy = np.stack([radius * np.sin(angle), radius * np.cos(angle)], 1)
    moved = xy + rng.uniform(-HALF, HALF, xy.shape) * noise
    return xy, np.where(np.hypot(*moved.T) < HALF / 2, 1, -1)


def _xor(rng: np.random.Generator, noise: float, n: int) -> Any:
    xy = rng.uniform(-HALF, HALF, (n, 2))
    xy += np.where(xy > 0, 0.3, -0.3)
    moved = xy + rng.uniform(-HALF, HALF, xy.shape) * noise
    return xy, np.where(moved[:, 0] * moved[:, 1] >= 0, 1, -1)


def _gauss(rng: np.random.Generator, noise: float, n: int) -> Any:
    labels = np.where(np.arange(n) < n // 2, 1, -1)
    spread = math.sqrt(0.5 + noise * 7)  # as the original's variance: from 0.5 to 4
    return 2 * labels[:, None] + spread * rng.standard_normal((n, 2)), labels


def _spiral(rng: np.random.Generator, noise: float, n: int) -> Any:
    half = n // 2
    along = np.arange(half) / half
    arms = []
    for turn in (0.0, math.pi):
        angle = 1.75 * along * 2 * math.pi + turn
        arm = np.stack([along * HALF * np.sin(angle), along * HALF * np.cos(angle)], 1)
        arms.append(arm + rng.uniform(-1, 1, arm.shape) * noise)
    return np.concatenate(arms), np.repeat([1, -1], half)


def _plane(rng: np.random.Generator, noise: float, n: int) -> Any:
    xy = rng.uniform(-6, 6, (n, 2))
    moved = xy + rng.uniform(-6, 6, xy.shape) * noise
    return xy, np.clip(moved.sum(1) / 10, -1, 1)


def _hills(rng: np.random.Generator, noise: float, n: int) -> Any:
    xy = rng.uniform(-6, 6, (n, 2))
    moved = xy + rng.uniform(-6, 6, xy.shape) * noise
    hills = [(-4, 2.5, 1), (0, 2.5, -1), (4, 2.5, 1), (-4, -2.5, -1), (0, -2.5, 1), (4, -2.5, -1)]
    heights = np.stack([sign * np.clip(1 - np.hypot(moved[:, 0] - x, moved[:, 1] - y) / 2, 0, 1) for x, y, sign in hills])
    return xy, heights[np.abs(heights).argmax(0), np.arange(n)]


PATTERNS: dict[str, tuple[Any, bool]] = {
    "circle": (_circle, False), "xor": (_xor, False), "gauss": (_gauss, False), "spiral": (_spiral, False),
    "plane": (_plane, True), "hills": (_hills, True),
}  # fmt: skip


# -- tables --------------------------------------------------------------------------------------------------


def read_rows(text: str) -> tuple[list[str], list[list[str]]]:
    """A table's names and rows. Raises DataError."""
    try:
        dialect: Any = csv.Sniffer().sniff(text[:20_000], ",;\t|")
    except csv.Error:
        dialect = csv.excel
    try:
        rows = [row for row in csv.reader(io.StringIO(text), dialect) if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise DataError(f"This cannot be read as a table: {error}.") from None
    if len(rows) < 11:
        raise DataError(f"The table has {max(len(rows) - 1, 0)} rows below its line of names; the playground needs at least 10.")
    if len(rows) * len(rows[0]) > MOST_CELLS:
        raise DataError(f"The table has {len(rows) * len(rows[0]):,} cells; the playground takes up to {MOST_CELLS:,}.")
    return [name.strip() or f"column {i + 1}" for i, name in enumerate(rows[0])], rows[1:]


def _number(cell: str) -> float:
    try:
        return float(cell.replace(",", ".") if cell.count(",") == 1 and "." not in cell else cell)
    except ValueError:
        return math.nan


def columns_of(text: str) -> dict[str, Any]:
    """Each column's name and whether it holds numbers, and a first choice of two columns and a target."""
    names, rows = read_rows(text)
    sample = rows[:500]
    numeric = []
    for i in range(len(names)):
        cells = [row[i] for row in sample if i < len(row) and row[i].strip()]
        numeric.append(bool(cells) and sum(math.isfinite(_number(c)) for c in cells) > 0.9 * len(cells))
    candidates = [n for n, is_number in zip(names, numeric) if is_number]
    if len(candidates) < 2:
        raise DataError("The table needs two columns of numbers to lay its rows out in the plane.")
    places = [n for n in candidates if n.lower() in ("longitude", "lon", "lng")] + [
        n for n in candidates if n.lower() in ("latitude", "lat")
    ]
    x, y = (places + [n for n in candidates if n not in places])[:2]
    words = [n for n, is_number in zip(names, numeric) if not is_number]
    target = (words[::-1] or [n for n in names[::-1] if n not in (x, y)] or [names[-1]])[0]
    columns = [{"name": n, "number": b} for n, b in zip(names, numeric)]
    return {"columns": columns, "x": x, "y": y, "target": target, "rows": len(rows)}


def table(text: str, x: str, y: str, target: str, seed: int) -> Points:
    """Two columns of a table and what to predict from them. Raises DataError."""
    names, rows = read_rows(text)
    for name in (x, y, target):
        if name not in names:
            raise DataError(f"The table has no column {name!r}; it has {', '.join(names[:8])}.")
    places = [names.index(name) for name in (x, y, target)]
    cells = [[row[i].strip() if i < len(row) else "" for i in places] for row in rows]
    xy = np.array([[_number(a), _number(b)] for a, b, _ in cells])
    labels = [c for _, _, c in cells]
    kept = np.isfinite(xy).all(1) & np.array([bool(c) and c.lower() != "nan" for c in labels])
    remarks = []
    if not kept.all():
        remarks.append(f"{int((~kept).sum()):,} of {len(kept):,} rows were left out: a number is missing, NaN or infinite.")
    rng = np.random.default_rng(seed)
    chosen = rng.permutation(np.flatnonzero(kept))
    if len(chosen) > MOST_ROWS:
        remarks.append(f"{MOST_ROWS:,} of {len(chosen):,} rows were drawn at random.")
        chosen = chosen[:MOST_ROWS]
    if len(chosen) < 10:
        raise DataError(f"Only {len(chosen)} rows have numbers in {x!r} and {y!r} and a value in {target!r}; 10 are needed.")
    xy = xy[chosen]
    low, high = xy.min(0), xy.max(0)
    if (low == high).any():
        raise DataError(f"{(x, y)[int(np.argmax(low == high))]!r} is the same in every row: choose another column.")
    scaled = (xy - low) / (high - low) * 2 * HALF - HALF
    values, classes = _targets([labels[i] for i in chosen], target, remarks)
    return Points(scaled.astype(np.float32), values, classes, (x, y), target, remarks)


def _targets(labels: list[str], target: str, remarks: list[str]) -> tuple[np.ndarray, list[str]]:
    names, counts = np.unique(labels, return_counts=True)
    numbers = np.array([_number(c) for c in labels])
    if len(names) > MOST_CLASSES and np.isfinite(numbers).all():
        low, high = numbers.min(), numbers.max()
        return ((numbers - low) / (high - low) * 2 - 1).astype(np.float32), []
    if len(names) < 2:
        raise DataError(f"{target!r} is {names[0]!r} in every row: there is nothing to tell apart.")
    if len(names) > MOST_CLASSES:
        kept = set(names[np.argsort(-counts)][: MOST_CLASSES - 1])
        remarks.append(f"{len(names)} classes: the {MOST_CLASSES - 1} most frequent are kept, the others are 'other'.")
        labels = [c if c in kept else "other" for c in labels]
        names = np.unique(labels)
    index = {name: i for i, name in enumerate(names)}
    values = np.array([index[c] for c in labels], np.float32)
    return (values * 2 - 1 if len(names) == 2 else values), [str(n) for n in names]
