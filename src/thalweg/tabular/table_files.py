"""Tables in Parquet files, Excel workbooks, JSON lines and SQLite databases, read through pandas."""

from __future__ import annotations

import gzip
import json
import sqlite3
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .problems import TableError, closest, listed
from .reading import CHUNK_ROWS, Source, check_names

if TYPE_CHECKING:
    import pandas as pd


def _checked(frame: pd.DataFrame, source: str, first: bool = True) -> pd.DataFrame:
    """A frame with names of text, each once, and at least a row."""
    frame.columns = [str(name) for name in frame.columns]
    check_names(list(frame.columns), repr(source))
    if first and not len(frame):
        raise TableError(f"{source!r} has column names but no rows under them." if len(frame.columns) else f"{source!r} is empty.")
    return frame


class ParquetFile(Source):
    """A Parquet file."""

    def chunks(self, rows: int = CHUNK_ROWS, as_text: bool = False) -> Iterator[pd.DataFrame]:
        try:
            import pyarrow
            import pyarrow.parquet
        except ImportError:
            raise TableError(f"{self.name!r} is a Parquet file, which pyarrow reads; install it with: pip install "
                             "'thalweg[tabular]'.") from None
        try:
            # Without `pre_buffer=False` the file's columns stay in memory as far as they have been read.
            file = pyarrow.parquet.ParquetFile(self.path, pre_buffer=False)
            if not file.metadata.num_rows:
                raise TableError(f"{self.name!r} has columns but no rows.")
            for batch in file.iter_batches(batch_size=rows):
                yield _checked(batch.to_pandas(), self.name)
        except (pyarrow.ArrowException, OSError) as error:
            raise TableError(f"{self.name!r} is a damaged Parquet file ({error}); fetch it again.") from None

    def size(self) -> int:
        return 6 * self.path.stat().st_size     # columns are compressed


def is_workbook(path: Path) -> bool:
    """Whether a zip file is an Excel workbook."""
    try:
        with zipfile.ZipFile(path) as archive:
            return any(name.startswith("xl/") for name in archive.namelist())
    except (zipfile.BadZipFile, OSError):
        return False


class ExcelSheet(Source):
    """A sheet of an Excel workbook; the first, unless another is named."""

    def __init__(self, path: Path, name: str, sheet: str) -> None:
        super().__init__(path, name)
        self.sheet = sheet

    def chunks(self, rows: int = CHUNK_ROWS, as_text: bool = False) -> Iterator[pd.DataFrame]:
        import pandas as pd

        try:
            with pd.ExcelFile(self.path, engine="openpyxl") as book:
                sheets = [str(name) for name in book.sheet_names]
                if self.sheet and self.sheet not in sheets:
                    raise TableError(f"{str(self.path)!r} has no sheet {self.sheet!r}.{closest(self.sheet, sheets)} It has "
                                     f"{listed(sheets)}.")
                frame = book.parse(self.sheet or 0)
        except ImportError:
            raise TableError(f"{self.name!r} is an Excel workbook, which openpyxl reads; install it with: pip install "
                             "'thalweg[tabular]'.") from None
        except (zipfile.BadZipFile, KeyError, OSError) as error:
            raise TableError(f"{self.name!r} is a damaged Excel workbook ({error}).") from None
        frame = _checked(frame.dropna(how="all"), self.name)
        for start in range(0, len(frame), rows):
            yield frame.iloc[start:start + rows].reset_index(drop=True)

    def size(self) -> int:
        return 10 * self.path.stat().st_size


def is_json(path: Path) -> bool:
    """Whether a file, gzipped or not, begins as JSON lines or a JSON list of rows do."""
    try:
        with _opened(path) as file:
            start = file.read(4096).lstrip(b"\xef\xbb\xbf \t\r\n")
    except (OSError, EOFError, zlib.error):
        return False
    return start[:1] == b"{" or start.replace(b" ", b"").replace(b"\n", b"").startswith(b"[{")


def _opened(path: Path) -> Any:
    with open(path, "rb") as file:
        gzipped = file.read(2) == b"\x1f\x8b"
    return gzip.open(path, "rb") if gzipped else open(path, "rb")


class JsonFile(Source):
    """JSON lines, an object a row; or one list of objects."""

    def chunks(self, rows: int = CHUNK_ROWS, as_text: bool = False) -> Iterator[pd.DataFrame]:
        import pandas as pd

        with _opened(self.path) as file:
            kept: list[dict] = []
            for entry in self._entries(file):
                kept.append({name: json.dumps(cell) if isinstance(cell, (dict, list)) else cell for name, cell in entry.items()})
                if len(kept) == rows:
                    yield _checked(pd.DataFrame(kept), self.name)
                    kept = []
            if kept:
                yield _checked(pd.DataFrame(kept), self.name)

    def _entries(self, file: Any) -> Iterator[dict]:
        start = file.read(1)
        while start.isspace():
            start = file.read(1)
        file.seek(0)
        if start == b"[":
            try:
                yield from (self._row(entry, f"entry {place}") for place, entry in enumerate(json.load(file), 1))
            except ValueError as error:
                raise TableError(f"{self.name!r} is not JSON ({error}).") from None
            return
        for number, line in enumerate(file, start=1):
            if line.strip():
                try:
                    entry = json.loads(line)
                except ValueError as error:
                    raise TableError(f"line {number} of {self.name!r} is not JSON ({error}); JSON lines hold an object a "
                                     "line.") from None
                yield self._row(entry, f"line {number}")

    def _row(self, entry: Any, place: str) -> dict:
        if not isinstance(entry, dict):
            raise TableError(f"{place} of {self.name!r} is no object; a row is written as {{\"column\": value, ...}}.")
        return entry


class SqliteTable(Source):
    """A table or view of an SQLite database; the only one, unless one is named."""

    def __init__(self, path: Path, name: str, table: str) -> None:
        super().__init__(path, name)
        with self._connected() as connection:
            query = "select name from sqlite_master where type in ('table', 'view') and name not like 'sqlite_%' order by name"
            tables = [row[0] for row in connection.execute(query)]
        if table and table not in tables:
            raise TableError(f"{str(path)!r} has no table {table!r}.{closest(table, tables)} It has {listed(tables)}.")
        if not table and len(tables) != 1:
            raise TableError(f"{str(path)!r} holds {len(tables)} tables; say which: {path!s}::TABLE. It has {listed(tables)}."
                             if tables else f"{str(path)!r} holds no table.")
        self.table = table or tables[0]

    def chunks(self, rows: int = CHUNK_ROWS, as_text: bool = False) -> Iterator[pd.DataFrame]:
        import pandas as pd

        first = True
        quoted = self.table.replace('"', '""')
        with self._connected() as connection:
            for frame in pd.read_sql_query(f'select * from "{quoted}"', connection, chunksize=rows):
                yield _checked(frame, self.name, first)
                first = False

    def _connected(self) -> Any:
        try:
            connection = sqlite3.connect(f"{self.path.resolve().as_uri()}?mode=ro", uri=True)
            connection.execute("select 1 from sqlite_master limit 1")
        except sqlite3.Error as error:
            raise TableError(f"cannot read the database {str(self.path)!r} ({error}).") from None
        from contextlib import closing

        return closing(connection)
