"""Reading a table: CSV with any common delimiter, plain or gzipped."""

from __future__ import annotations

import csv
import gzip
import io
import warnings
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

from .problems import TableError, closest, counted, listed

if TYPE_CHECKING:
    import pandas as pd

DELIMITERS = ",;\t|"
SAMPLE_LINES = 50


def read_table(path: str | Path, as_text: bool = False) -> pd.DataFrame:
    """Read a CSV file, gzipped or not, with its delimiter found.

    as_text: keep every cell as the text it is in the file, empty cells as empty text; otherwise columns of numbers become
    numbers, and empty cells (also `NA`, `NaN`, `null`) are missing.
    Raises TableError when there is no such file or it holds no table.
    """
    return parse_table(read_text(path), str(path), as_text)


def read_text(path: str | Path) -> str:
    """The file's text, decompressed and decoded (UTF-8, or else Western European)."""
    path = Path(path)
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        beside = [entry.name for entry in path.parent.glob("*")] if path.parent.is_dir() else []
        raise TableError(f"there is no file {str(path)!r}.{closest(path.name, beside)}") from None
    except OSError as error:
        raise TableError(f"cannot read {str(path)!r}: {error.strerror}.") from None
    if data[:2] == b"\x1f\x8b":
        try:
            data = gzip.decompress(data)
        except (OSError, EOFError, zlib.error):
            raise TableError(f"{str(path)!r} is a damaged or incomplete gzip file; fetch it again.") from None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def parse_table(text: str, source: str, as_text: bool = False) -> pd.DataFrame:
    """Make a table of the text of a CSV file; `source` names it in messages. See `read_table`."""
    import pandas as pd

    if not text.strip():
        raise TableError(f"{source!r} is empty; a table needs a row of column names and rows under it.")
    if "\0" in text[:4096]:
        raise TableError(f"{source!r} is not text; write the table as CSV (a spreadsheet's 'save as CSV').")
    delimiter, header = _header(text)
    _check_header(header, source)
    options = {"dtype": str, "keep_default_na": False} if as_text else {"low_memory": False}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)
            frame = pd.read_csv(io.StringIO(text), sep=delimiter, index_col=False, skipinitialspace=True, **options)
    except (pd.errors.ParserError, pd.errors.ParserWarning) as error:
        reason = str(error).removeprefix("Error tokenizing data. C error: ").strip().rstrip(".")
        raise TableError(f"{source!r} is not a regular table ({reason}); every row needs the header's "
                         f"{counted(len(header), 'field')}, and text that holds {delimiter!r} needs quotes.") from None
    frame.columns = header
    if frame.empty:
        raise TableError(f"{source!r} has column names but no rows under them.")
    return frame


def _header(text: str) -> tuple[str, list[str]]:
    """The delimiter that cuts the first lines most evenly into the most fields, and the column names it gives."""
    lines = [line for line in text[:1 << 20].splitlines()[:SAMPLE_LINES] if line.strip()]

    def evenness(delimiter: str) -> tuple[float, int]:
        counts = [len(row) for row in csv.reader(lines, delimiter=delimiter, skipinitialspace=True)]
        same = sum(count == counts[0] for count in counts) / len(counts)
        return (same if counts[0] > 1 else 0.0, counts[0])

    delimiter = max(DELIMITERS, key=evenness)
    header = next(csv.reader(lines, delimiter=delimiter, skipinitialspace=True))
    return delimiter, [name.strip() or f"column {place}" for place, name in enumerate(header, start=1)]


def _check_header(header: list[str], source: str) -> None:
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice and not all(_is_number(name) for name in header):
        raise TableError(f"{source!r} has several columns named {listed(twice)}; give each column a name of its own.")
    if all(_is_number(name) for name in header):
        raise TableError(f"the first row of {source!r} holds numbers ({listed(header, 3)}); a row of column names must "
                         "stand above the data.")


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
