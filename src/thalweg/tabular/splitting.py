"""Train, dev and test: 80/20, then 80/20 of the rest; by chance, class by class, by groups or by time."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from .problems import TableError, counted

FEWEST_ROWS = 10
HELD_OUT = 0.2


class Split(NamedTuple):
    """Row numbers of the three parts."""

    train: np.ndarray
    dev: np.ndarray
    test: np.ndarray


def split(rows: int, seed: int = 42, *, classes: np.ndarray | None = None, groups: np.ndarray | None = None,
          times: np.ndarray | None = None) -> Split:
    """Split so that figures compare with everyone's.

    The same rows in the same order as scikit-learn's `train_test_split(..., test_size=0.2, random_state=seed)` called twice:
    once for the test set, once on what remains for the dev set; with `classes`, class numbers `[rows]`, as with `stratify=`.
    groups: numbers `[rows]`; rows of one group go into one part. times: numbers `[rows]`; the latest rows are the test set, those
    before them dev.
    """
    check_rows(rows)
    rest, test = hold_out(np.arange(rows), seed, classes=classes, groups=groups, times=times)
    train, dev = hold_out(rest, seed, classes=classes, groups=groups, times=times)
    return Split(train, dev, test)


def check_rows(rows: int) -> None:
    """Raise TableError where there are too few to divide."""
    if rows < FEWEST_ROWS:
        raise TableError(f"the table has {counted(rows, 'usable row')}; at least {FEWEST_ROWS} are needed to train, choose and "
                         "test.")


def hold_out(rows: np.ndarray, seed: int, *, classes: np.ndarray | None = None, groups: np.ndarray | None = None,
             times: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Some rows and a fifth of them held out; see `split`."""
    count = math.ceil(HELD_OUT * len(rows))
    random = np.random.RandomState(seed)
    if groups is not None:
        return _by_groups(rows, groups[rows], count, random)
    if times is not None:
        late = np.argsort(times[rows], kind="stable")
        return rows[late[:-count]], rows[late[-count:]]
    if classes is not None:
        return _class_by_class(rows, classes[rows], count, random)
    shuffled = rows[random.permutation(len(rows))]
    return shuffled[count:], shuffled[:count]


def folds(rows: np.ndarray, count: int, seed: int, *, classes: np.ndarray | None = None,
          groups: np.ndarray | None = None) -> list[np.ndarray]:
    """`count` parts of about equal size, for cross-validation: by groups, class by class, or by chance."""
    random = np.random.RandomState(seed)
    shuffled = rows[random.permutation(len(rows))]
    if groups is not None:
        names = random.permutation(np.unique(groups[rows]))
        if len(names) < count:
            raise TableError(f"{count} folds need as many groups, but there are {len(names)}; ask for fewer folds.")
        part = dict(zip(names.tolist(), np.arange(len(names)) % count))
        at = np.array([part[group] for group in groups[shuffled].tolist()])
    else:
        order = np.argsort(classes[shuffled], kind="stable") if classes is not None else np.arange(len(rows))
        at = np.empty(len(rows), int)
        at[order] = np.arange(len(rows)) % count
    return [shuffled[at == number] for number in range(count)]


def _by_groups(rows: np.ndarray, groups: np.ndarray, count: int, random: np.random.RandomState) -> tuple[np.ndarray, np.ndarray]:
    """Whole groups in random order, until they hold about `count` rows."""
    names, group_of, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    if len(names) < 3:
        raise TableError(f"the rows form {len(names)} groups; at least 3 are needed, for none may be in two parts.")
    order = random.permutation(len(names))
    held = order[:np.clip(np.searchsorted(np.cumsum(sizes[order]), count) + 1, 1, len(names) - 1)]
    out = np.isin(group_of, held)
    return rows[~out], rows[out]


def _class_by_class(rows: np.ndarray, classes: np.ndarray, count: int, random: np.random.RandomState
                    ) -> tuple[np.ndarray, np.ndarray]:
    """Each class divided in the same proportion, as scikit-learn's StratifiedShuffleSplit does it; a lone row is kept."""
    sizes = np.bincount(classes)
    alone = np.isin(classes, np.flatnonzero(sizes == 1))
    if alone.any():
        rest, out = hold_out(rows[~alone], random.randint(2**31), classes=_spread(rows[~alone], classes[~alone]))
        return np.concatenate([rest, rows[alone]]), out
    numbers = np.flatnonzero(sizes)
    sizes = sizes[numbers]
    if len(numbers) > min(count, len(rows) - count):       # not one row a class: no such division
        shuffled = rows[random.permutation(len(rows))]
        return shuffled[count:], shuffled[:count]
    kept_sizes = _proportion(sizes, len(rows) - count, random)
    held_sizes = _proportion(sizes - kept_sizes, count, random)
    kept: list[int] = []
    held: list[int] = []
    for number, most, few in zip(numbers, kept_sizes, held_sizes):
        of_class = np.flatnonzero(classes == number)
        drawn = of_class[random.permutation(len(of_class))]
        kept += drawn[:most].tolist()
        held += drawn[most:most + few].tolist()
    return rows[random.permutation(kept)], rows[random.permutation(held)]


def _spread(rows: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """Class numbers by row number."""
    spread = np.zeros(int(rows.max()) + 1 if len(rows) else 0, int)
    spread[rows] = classes
    return spread


def _proportion(sizes: np.ndarray, count: int, random: np.random.RandomState) -> np.ndarray:
    """`count` divided in proportion to `sizes`: the largest fractions are rounded up, equal ones by lot."""
    exact = sizes / sizes.sum() * count
    whole = np.floor(exact)
    lacking = int(count - whole.sum())
    fraction = exact - whole
    for value in np.sort(np.unique(fraction))[::-1]:
        if not lacking:
            break
        places = np.flatnonzero(fraction == value)
        drawn = random.choice(places, size=min(len(places), lacking), replace=False)
        whole[drawn] += 1
        lacking -= len(drawn)
    return whole.astype(int)
