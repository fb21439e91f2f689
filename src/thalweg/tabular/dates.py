"""Dates and times: finding how a column writes them, and expanding each into numbers a network can use."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from .problems import check_cells

if TYPE_CHECKING:
    import pandas as pd

ISO = "ISO8601"
# Where a column can be read in two ways (3/4/2024), the first of these that reads every cell is taken.
DAYS = ("%d.%m.%Y", "%m/%d/%Y", "%d/%m/%Y", "%Y/%m/%d", "%d-%m-%Y", "%m-%d-%Y", "%d.%m.%y", "%m/%d/%y", "%d/%m/%y", "%d %b %Y",
        "%d-%b-%Y", "%d-%b-%y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%a, %d %b %Y")
HOURS = ("%H:%M:%S", "%H:%M", "%I:%M:%S %p", "%I:%M %p")
FORMS = (ISO, *DAYS, *(f"{day} {hour}" for day in DAYS[:9] for hour in HOURS), *HOURS)
SAMPLE = 300
NEARLY_ALL = 0.95
DAY = 86_400.0
# What comes round again: its length in units, and the unit of a cell.
CYCLES = ("month", "weekday", "hour")


def find_form(present: pd.Series) -> str:
    """How a column of text writes dates, or "" where it does not."""
    import pandas as pd

    if pd.api.types.is_datetime64_any_dtype(present):
        return ISO
    sample = present.head(SAMPLE).astype(str).str.strip()
    if not sample.str.contains(r"\d[-/.: ]\w+[-/.: ]+\d|\d:\d\d|[A-Za-z]{3} \d|\d{4}-\d\d").mean() > NEARLY_ALL:
        return ""
    for form in FORMS:
        if _parse(sample, form).notna().mean() > NEARLY_ALL and _parse(present, form).notna().mean() > NEARLY_ALL:
            return form
    return ""


def _parse(text: pd.Series, form: str) -> pd.Series:
    import pandas as pd

    return pd.to_datetime(text.astype(str).str.strip(), format=form, errors="coerce", utc=True)


def to_seconds(values: pd.Series, form: str) -> np.ndarray:
    """Seconds since 1970 (of a time of day: since midnight), missing cells as NaN.

    Raises TableError where a cell holds something else, with the column, the count, the first such row and its text.
    """
    import pandas as pd

    from .columns import is_missing

    if pd.api.types.is_datetime64_any_dtype(values):
        times = pd.to_datetime(values, utc=True)
    else:
        times = _parse(values, form)
        check_cells((times.isna() & ~is_missing(values)).to_numpy(), values, "text where dates belong",
                    f"write dates as in the other rows ({'such as 2024-12-31' if form == ISO else form}), or empty the cells")
    seconds = times.dt.tz_localize(None).to_numpy("datetime64[ms]")
    found = seconds.astype(np.int64) / 1000.0
    found[np.isnat(seconds)] = np.nan
    return found % DAY if form in HOURS else found


def as_text(seconds: float, form: str) -> str:
    """A moment in the shortest ISO form."""
    moment = str(np.datetime64(int(seconds), "s"))
    if form in HOURS:
        return moment[11:16]
    return moment[:10] if moment.endswith("T00:00:00") else moment[:16].replace("T", " ")


def cycles_of(seconds: np.ndarray) -> list[str]:
    """Which cycles a column goes through: only what differs between its rows can say something."""
    known = seconds[~np.isnan(seconds)]
    if not len(known):
        return []
    span = known.max() - known.min()
    return [name for name, phase in zip(CYCLES, _phases(known)) if np.unique(np.round(phase, 6)).size > 1
            and not (name == "month" and span < 60 * DAY)]


def expand(seconds: np.ndarray, cycles: list[str]) -> Iterator[np.ndarray]:
    """Sine and cosine of the place in each cycle; both 0 where there is no date."""
    for name, phase in zip(CYCLES, _phases(seconds)):
        if name in cycles:
            yield np.nan_to_num(np.sin(2 * np.pi * phase))
            yield np.nan_to_num(np.cos(2 * np.pi * phase))


def _phases(seconds: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Place in the year, in the week (from Monday on) and in the day, from 0 to 1."""
    gaps = np.isnan(seconds)
    moment = np.where(gaps, 0, seconds).astype("datetime64[s]")
    day = moment.astype("datetime64[D]")
    year = day.astype("datetime64[Y]")
    length = ((year + 1).astype("datetime64[D]") - year.astype("datetime64[D]")).astype(float)
    phases = ((day - year.astype("datetime64[D]")).astype(float) / length, (day.astype(np.int64) + 3) % 7 / 7.0,
              (moment - day).astype(float) / DAY)
    return tuple(np.where(gaps, np.nan, phase) for phase in phases)  # type: ignore[return-value]


