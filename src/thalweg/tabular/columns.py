"""What the columns of a table are: numbers, categories, dates, text, or nothing to learn from."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from . import dates
from .problems import TableError, check_cells, closest, listed

if TYPE_CHECKING:
    import pandas as pd

NUMBER, CATEGORY, BOOLEAN, DATE, TEXT, LEFT_OUT = "number", "category", "boolean", "date", "text", "left out"
CLASSIFICATION, REGRESSION = "classification", "regression"
KINDS = (NUMBER, CATEGORY, BOOLEAN, DATE, TEXT)
MISSING_TEXT = ("", "NA", "N/A", "n/a", "#N/A", "NaN", "nan", "null", "NULL", "None", "<NA>", "NaT", "?", "-", "--")
MOSTLY = 0.5                # text of which more than this share reads as numbers is a column of numbers with slips in it
MANY = 20                   # text of more different values than this may be names or sentences
MOST_CATEGORIES = 128       # so many categories are told apart, the most common ones
IDENTIFIER = re.compile(r"(^|[\W_])(id|uuid|guid|key|index|rowid|row|nr|no|pk)$|[a-z](Id|ID|Key|UUID|No|Nr)$", re.ASCII)
TRUTH = ({"true", "false"}, {"yes", "no"}, {"y", "n"}, {"t", "f"}, {"on", "off"})


@dataclass(frozen=True)
class Column:
    """One column: its name, what it is taken for, and a remark for people. `form` is how a date is written."""

    name: str
    kind: str
    remark: str = ""
    form: str = ""


def find_columns(frame: pd.DataFrame, targets: Collection[str] | str, *, types: Mapping[str, str] | None = None,
                 drop: Sequence[str] = (), held: Mapping[str, str] | None = None) -> list[Column]:
    """Say what every column but the targets is.

    types: kinds that the user knows better; drop: columns to leave out; held: columns that serve another purpose, with that
    purpose. Raises TableError where no column is left to learn from, or a column of numbers holds text or infinities.
    """
    targets, types, held = [targets] if isinstance(targets, str) else list(targets), dict(types or {}), dict(held or {})
    for name in [*types, *drop]:
        if name not in frame.columns:
            raise TableError(f"the table has no column {name!r}.{closest(name, frame.columns)} Its columns are "
                             f"{listed(frame.columns, 30)}.")
    columns = []
    for name in frame.columns:
        if name in targets:
            continue
        if name in drop or types.get(name) in ("drop", LEFT_OUT):
            columns.append(Column(name, LEFT_OUT, "as asked"))
        elif name in held:
            columns.append(Column(name, LEFT_OUT, held[name]))
        else:
            columns.append(find_column(frame[name], types.get(name)))
    if all(column.kind == LEFT_OUT for column in columns):
        raise TableError(f"no column is left to predict {', '.join(map(repr, targets))} from"
                         + "".join(f"; {column.name!r}: {column.remark}" for column in columns[:5]) + ".")
    return columns


def find_column(values: pd.Series, kind: str | None = None) -> Column:
    """Say what one column is, or describe it as the `kind` that the user says it is."""
    name = str(values.name)
    if kind is not None and kind not in KINDS:
        raise TableError(f"there is no kind of column {kind!r} (asked for {name!r}).{closest(kind, KINDS)} There are "
                         f"{listed([*KINDS, 'drop'])}.")
    present = values[~is_missing(values)]
    try:
        distinct = present.nunique()
    except TypeError:       # lists, dicts
        return Column(name, LEFT_OUT, f"its cells hold {type(present.iloc[0]).__name__}s, not values")
    if not len(present):
        return Column(name, LEFT_OUT, "every cell is empty")
    if distinct == 1 and kind is None:
        return Column(name, LEFT_OUT, f"every cell is {present.iloc[0]!s:.40}")
    gaps = f", {len(values) - len(present):,} missing" if len(present) < len(values) else ""
    kind, form, why = (kind, "", "") if kind else _find_kind(values, present, distinct)
    if kind == DATE:
        form = form or dates.find_form(present)
        if not form:
            raise TableError(f"column {name!r} cannot be read as dates (such as {str(present.iloc[0])!r}); write them as "
                             "2024-12-31 or 2024-12-31 23:59.")
    return Column(name, kind, why or _describe(kind, values, present, form) + gaps, form)


def _find_kind(values: pd.Series, present: pd.Series, distinct: int) -> tuple[str, str, str]:
    """Kind, the form of a date, and why a column is left out."""
    import pandas as pd

    name = str(values.name)
    if pd.api.types.is_bool_dtype(present) or _says_truth(present, distinct):
        return BOOLEAN, "", ""
    if pd.api.types.is_timedelta64_dtype(values):
        return NUMBER, "", ""
    if pd.api.types.is_datetime64_any_dtype(values):
        return DATE, dates.ISO, ""
    if is_number(values):
        why = _identifies(name, to_numbers(values), distinct)
        return (LEFT_OUT, "", why) if why else (NUMBER, "", "")
    if form := dates.find_form(present):
        return DATE, form, ""
    if distinct <= MANY:
        return CATEGORY, "", ""
    if _words(present) >= 3 and distinct > 0.3 * len(present):
        return TEXT, "", ""
    if distinct > 0.9 * len(present) or (IDENTIFIER.search(name) and distinct > 0.5 * len(present)):
        return LEFT_OUT, "", f"nearly every row has its own text ({distinct:,} values): an identifier or a name"
    return CATEGORY, "", ""


def _describe(kind: str, values: pd.Series, present: pd.Series, form: str) -> str:
    if kind == NUMBER:
        numbers = to_numbers(values)
        return f"{np.nanmin(numbers):g} to {np.nanmax(numbers):g}"
    if kind == DATE:
        seconds = dates.to_seconds(present, form)
        return f"{dates.as_text(np.nanmin(seconds), form)} to {dates.as_text(np.nanmax(seconds), form)}"
    if kind == TEXT:
        return f"free text of about {_words(present):.0f} words, as hashed words and pairs"
    counts = present.astype(str).str.strip().value_counts()
    shown = ", ".join(f"{level:.24}" for level in counts.index[:5]) + (", ..." if len(counts) > 5 else "")
    if len(counts) > MOST_CATEGORIES:
        return f"{len(counts):,} values; the {MOST_CATEGORIES} most common are told apart, the others are one: {shown}"
    return f"{len(counts)} values: {shown}"


def _words(present: pd.Series) -> float:
    """Words of a cell, on average."""
    return float(present.astype(str).head(2000).str.count(r"\S+").mean())


def _says_truth(present: pd.Series, distinct: int) -> bool:
    """Two values of text that mean yes and no, or truth values among objects."""
    if distinct > 4 or str(present.dtype) not in ("object", "str", "string", "category"):
        return False
    return {str(cell).strip().lower() for cell in present.unique()} in TRUTH


def _identifies(name: str, numbers: np.ndarray, distinct: int) -> str:
    """Why a column of numbers says nothing of the row, or "": it counts the rows, or is a number that each row has to itself."""
    if len(numbers) > 2 and numbers[0] in (0, 1) and bool(np.all(np.diff(numbers) == 1)):
        return "the numbers of the rows"
    whole = len(numbers) > MANY and not np.isnan(numbers).any() and bool(np.all(numbers == np.round(numbers)))
    if whole and distinct == len(numbers):
        if numbers.max() - numbers.min() == len(numbers) - 1:
            return "the numbers of the rows, in another order"
        if IDENTIFIER.search(name):
            return "an identifier: every row has its own"
    return ""


# -- cells -------------------------------------------------------------------------------------------------


def is_number(values: pd.Series) -> bool:
    """True for numbers, and for text that is mostly numbers (`to_numbers` then says which cells are not)."""
    import pandas as pd

    if pd.api.types.is_bool_dtype(values) or pd.api.types.is_datetime64_any_dtype(values):
        return False
    if pd.api.types.is_numeric_dtype(values) or pd.api.types.is_timedelta64_dtype(values):
        return True
    present = values[~is_missing(values)]
    if present.map(lambda cell: isinstance(cell, (bool, np.bool_))).any():
        return False
    head = present.head(10_000).astype(str)
    share = pd.to_numeric(head, errors="coerce").notna().mean()
    return bool(max(share, _written_numbers(head).notna().mean() if share <= MOSTLY else share) > MOSTLY)


def to_numbers(values: pd.Series) -> np.ndarray:
    """The column as float64, missing cells as NaN; `$1,200`, `12 %` and `1'000` are read as the numbers they are.

    Raises TableError where a cell holds text or an infinity, with the column, the count, the first such row and its text.
    """
    import pandas as pd

    if pd.api.types.is_timedelta64_dtype(values):
        return values.dt.total_seconds().to_numpy(np.float64)
    if pd.api.types.is_complex_dtype(values):
        raise TableError(f"column {str(values.name)!r} holds complex numbers; give their real and imaginary parts as two columns.")
    if pd.api.types.is_numeric_dtype(values):
        numbers = values.to_numpy(dtype=np.float64, na_value=np.nan)
    else:
        present = ~is_missing(values)
        text = values.astype(str).where(present)
        read = pd.to_numeric(text, errors="coerce")
        odd = read.isna() & present
        if odd.any():
            read = read.astype(np.float64).mask(odd, _written_numbers(text[odd]).reindex(read.index))
        numbers = read.to_numpy(dtype=np.float64, na_value=np.nan)
        check_cells(np.isnan(numbers) & present.to_numpy(), values, "text where numbers belong",
                    "correct the cells, or empty them to have them filled with the median")
    check_cells(np.isinf(numbers), values, "an infinite value", "correct the cells, or empty them")
    return numbers


def _written_numbers(text: pd.Series) -> pd.Series:
    """Numbers as people write them: with a currency, a percent sign, groups of three digits. NaN for other text."""
    import pandas as pd

    bare = text.astype(str).str.replace(r"[\s\u00a0\u202f'$€£¥₹%]|(?<=\d),(?=\d{3}(\D|$))", "", regex=True)
    return pd.to_numeric(bare, errors="coerce")


def is_missing(values: pd.Series) -> pd.Series:
    """Which cells hold nothing: missing, or text that a reader of CSV takes for that."""
    import pandas as pd

    if pd.api.types.is_numeric_dtype(values) or pd.api.types.is_datetime64_any_dtype(values):
        return values.isna()
    return values.isna() | values.astype(str).str.strip().isin(MISSING_TEXT)
