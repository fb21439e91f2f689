"""Train, dev and test: 80/20, then 80/20 of the rest."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from .problems import TableError

FEWEST_ROWS = 10


class Split(NamedTuple):
    """Row numbers of the three parts."""

    train: np.ndarray
    dev: np.ndarray
    test: np.ndarray


def split(rows: int, seed: int = 42) -> Split:
    """Split so that figures compare with everyone's.

    The same rows in the same order as scikit-learn's `train_test_split(..., test_size=0.2, random_state=seed)` called
    twice: once for the test set, once on what remains for the dev set.
    """
    if rows < FEWEST_ROWS:
        raise TableError(f"the table has {rows} usable rows; at least {FEWEST_ROWS} are needed to train, choose and test")
    rest, test = _hold_out(np.arange(rows), seed)
    train, dev = _hold_out(rest, seed)
    return Split(train, dev, test)


def _hold_out(rows: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    count = math.ceil(0.2 * len(rows))
    shuffled = rows[np.random.RandomState(seed).permutation(len(rows))]
    return shuffled[count:], shuffled[:count]
