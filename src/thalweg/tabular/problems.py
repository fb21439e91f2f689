"""What is said to a person whose table, command or disk stands in the way."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


class TableError(ValueError):
    """One or two sentences on what is wrong, where, and what to do. The command line prints them and exits with 2."""


def counted(count: int, noun: str, nouns: str = "") -> str:
    """`1 row`, `2 rows`, `20,640 rows`; `nouns` is the plural where it is not the noun and an s.

    >>> counted(20640, "row")
    '20,640 rows'
    """
    return f"{count:,} {noun if count == 1 else nouns or noun + 's'}"


def listed(names: Iterable[object], most: int = 12) -> str:
    """Names in quotes, joined by commas, cut after `most`.

    >>> listed(["a", "b", "c"], most=2)
    "'a', 'b' and 1 more"
    """
    quoted = [repr(str(name)) for name in names]
    rest = len(quoted) - most
    return ", ".join(quoted[:most]) + (f" and {rest} more" if rest > 0 else "")


def closest(name: object, names: Iterable[object]) -> str:
    """` Did you mean 'price'?`, or nothing where no name is near. Upper and lower case are the same."""
    lower = {str(known).lower(): str(known) for known in names}
    near = difflib.get_close_matches(str(name).lower(), list(lower), n=1)
    return f" Did you mean {lower[near[0]]!r}?" if near else ""


def check_cells(bad: np.ndarray, values: pd.Series, what: str, remedy: str) -> None:
    """Raise TableError for the first bad cell of a column, with how many there are."""
    if bad.any():
        first = int(bad.argmax())
        raise TableError(f"column {str(values.name)!r} holds {what} in {counted(int(bad.sum()), 'row')} of {len(values):,} "
                         f"(first in row {first + 1}: {str(values.iloc[first])!r}); {remedy}.")
