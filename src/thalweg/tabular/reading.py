"""Reading a table, whatever it is kept in: a file is known by its content, not by its name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .problems import TableError, closest, counted, listed
from .text_files import CsvFile

if TYPE_CHECKING:
    import pandas as pd

CHUNK_ROWS = 50_000


class Source:
    """A table that can be read whole or in chunks.

    `name` is what messages call it; `delimiter`, `decimal` and `thousands` are how it separates fields and writes numbers,
    where it is text.
    """

    delimiter, decimal, thousands = ",", ".", ""

    def __init__(self, path: Path, name: str) -> None:
        self.path, self.name = path, name

    def chunks(self, rows: int = CHUNK_ROWS, as_text: bool = False) -> Iterator[pd.DataFrame]:
        """The table in pieces of at most `rows` rows, in order; the last ones may be shorter."""
        raise NotImplementedError

    def read(self, as_text: bool = False) -> pd.DataFrame:
        """The whole table. as_text: keep the cells of a text file as they are written."""
        import pandas as pd

        parts = list(self.chunks(as_text=as_text))
        return parts[0] if len(parts) == 1 else pd.concat(parts, ignore_index=True)

    def size(self) -> int:
        """About how many bytes the table takes once it is in memory."""
        return 2 * self.path.stat().st_size


def read_table(path: str | Path, as_text: bool = False) -> pd.DataFrame:
    """Read a table: CSV (any common delimiter, encoding, decimal point or comma), Parquet, Excel, JSON lines or SQLite.

    Any of the text forms may be gzipped. `book.xlsx::Sheet` names a sheet, `data.sqlite::table` a table. as_text: keep every
    cell of a CSV file as the text it is, empty cells as empty text; otherwise columns of numbers become numbers, and empty cells
    (also `NA`, `NaN`, `null`) are missing.
    Raises TableError when there is no such file or it holds no table.
    """
    return open_table(path).read(as_text)


def open_table(path: str | Path) -> Source:
    """Find out what a file is, without reading all of it. See `read_table`."""
    from . import table_files

    name, (place, _, part) = str(path), str(path).partition("::")
    path = Path(name) if Path(name).exists() else Path(place)
    part = "" if path == Path(name) else part
    head = _first_bytes(path)
    if head.startswith(b"SQLite format 3\0"):
        return table_files.SqliteTable(path, name, part)
    if head.startswith(b"PK\x03\x04") and table_files.is_workbook(path):
        return table_files.ExcelSheet(path, name, part)
    if part:
        raise TableError(f"{name!r} names a part of {str(path)!r}, but only SQLite files and Excel workbooks have parts.")
    if head.startswith(b"PAR1"):
        return table_files.ParquetFile(path, name)
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise TableError(f"{name!r} is an Excel workbook of the old form (.xls); save it as .xlsx or as CSV.")
    if table_files.is_json(path):
        return table_files.JsonFile(path, name)
    return CsvSource(path, name)


class CsvSource(Source):
    """A CSV file: see `text_files.CsvFile`, which reads it."""

    def __init__(self, path: Path, name: str) -> None:
        super().__init__(path, name)
        self.file = CsvFile.open(path, name)
        self.delimiter, self.decimal, self.thousands = self.file.delimiter, self.file.decimal, self.file.thousands

    def read(self, as_text: bool = False) -> pd.DataFrame:
        return self.file.read(as_text)

    def chunks(self, rows: int = CHUNK_ROWS, as_text: bool = False) -> Iterator[pd.DataFrame]:
        return self.file.chunks(rows, as_text)

    def size(self) -> int:
        return 2 * self.file.text_bytes()


def _first_bytes(path: Path) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read(16)
    except FileNotFoundError:
        beside = [entry.name for entry in path.parent.glob("*")] if path.parent.is_dir() else []
        raise TableError(f"there is no file {str(path)!r}.{closest(path.name, beside)}") from None
    except OSError as error:
        raise TableError(f"cannot read {str(path)!r}: {error.strerror}.") from None


# -- frames -------------------------------------------------------------------------------------------------


def as_frame(table: Any) -> pd.DataFrame:
    """A pandas DataFrame of what can be made one: a frame of pandas or polars, an Arrow table, a dict, an array, a path.

    Raises TableError where it has no rows, or two columns of one name.
    """
    import pandas as pd

    if isinstance(table, (str, Path)):
        table = read_table(table)
    if isinstance(table, pd.DataFrame):
        frame = table.reset_index(drop=True)
    elif hasattr(table, "iter_columns"):            # polars: by column, so that Arrow need not be there
        frame = pd.DataFrame({column.name: _from_polars(column) for column in table.iter_columns()})
    elif hasattr(table, "to_pandas"):               # Arrow
        frame = table.to_pandas()
    else:
        try:
            frame = pd.DataFrame(table)
        except ValueError as error:
            raise TableError(f"a {type(table).__name__} cannot be made a table ({error}); give a pandas or polars frame, or the "
                             "path of a file.") from None
    frame.columns = [str(name) for name in frame.columns]
    check_names(list(frame.columns), "the table")
    if not len(frame):
        raise TableError("the table has no rows.")
    if not len(frame.columns):
        raise TableError("the table has no columns.")
    return frame


def _from_polars(column: Any) -> Any:
    """A polars column as pandas takes it: numbers with gaps as NaN, the rest as objects."""
    import numpy as np

    if column.dtype.is_numeric():
        return column.cast(float).to_numpy() if column.null_count() or column.dtype.is_decimal() else column.to_numpy()
    if column.dtype.is_temporal():
        return column.to_numpy()
    return np.array(column.to_list(), dtype=object)


def check_names(names: list[str], source: str) -> None:
    """Raise TableError where a name stands twice."""
    twice = sorted({name for name in names if names.count(name) > 1}) if len(set(names)) < len(names) else []
    if twice:
        raise TableError(f"{source} has several columns named {listed(twice)}; give each column a name of its own.")


def described_size(frame: pd.DataFrame) -> str:
    """`20,640 rows, 10 columns`."""
    return f"{counted(len(frame), 'row')}, {counted(len(frame.columns), 'column')}"
