"""CSV files: which delimiter, which encoding, point or comma before the decimals; read whole or in chunks."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import re
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from .problems import TableError, counted, listed

if TYPE_CHECKING:
    import pandas as pd

DELIMITERS = ",;\t|"
SAMPLE_LINES = 200
SAMPLE_BYTES = 1 << 20
BLOCK = 1 << 22
BYTE_ORDER_MARKS = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16", codecs.BOM_UTF8: "utf-8-sig"}


@dataclass(frozen=True)
class CsvFile:
    """A CSV file, gzipped or not, and how it is written.

    `decimal` is the mark before the decimals, `thousands` the one between groups of three digits, or "".
    """

    path: Path
    name: str
    gzipped: bool
    encoding: str
    delimiter: str
    header: tuple[str, ...]
    decimal: str = "."
    thousands: str = ""

    @classmethod
    def open(cls, path: Path, name: str) -> CsvFile:
        """Find out how a file is written. Raises TableError where it is empty, no text, or has no row of names."""
        with _opened(path, name) as (file, gzipped):
            start = file.read(SAMPLE_BYTES)
            encoding = _find_encoding(start, file)
        text = start.decode(encoding, errors="replace").lstrip("\ufeff")
        if not text.strip():
            raise TableError(f"{name!r} is empty; a table needs a row of column names and rows under it.")
        if "\0" in text[:4096]:
            raise TableError(f"{name!r} is not text; write the table as CSV (a spreadsheet's 'save as CSV').")
        delimiter, header, rows = _fields(text)
        check_header(header, name)
        return cls(path, name, gzipped, encoding, delimiter, tuple(header), *_number_marks(rows, delimiter))

    def read(self, as_text: bool = False) -> pd.DataFrame:
        """The whole table; see `reading.read_table`."""
        with self._text() as text, self._explained():
            frame = self._parse(text, as_text)
        frame.columns = list(self.header)
        if not len(frame):
            raise TableError(f"{self.name!r} has column names but no rows under them.")
        return frame

    def chunks(self, rows: int, as_text: bool = False) -> Iterator[pd.DataFrame]:
        """The table in pieces of `rows` rows. A column's type may differ from piece to piece."""
        none = True
        with self._text() as text, self._explained():
            for frame in self._parse(text, as_text, chunksize=rows):
                frame.columns = list(self.header)
                none = False
                yield frame
        if none:
            raise TableError(f"{self.name!r} has column names but no rows under them.")

    def text_bytes(self) -> int:
        """About how many bytes of text the file holds; of a gzipped file, guessed from how well its start is compressed."""
        size = self.path.stat().st_size
        if not self.gzipped:
            return size
        with open(self.path, "rb") as packed, gzip.GzipFile(fileobj=packed) as file:
            read = len(file.read(SAMPLE_BYTES))
            return int(read * max(1.0, size / max(packed.tell(), 1)))

    def _parse(self, text: Any, as_text: bool, **more: Any) -> Any:
        import pandas as pd

        options: dict[str, Any] = {"dtype": str, "keep_default_na": False} if as_text else {
            "low_memory": False, "decimal": self.decimal, "thousands": self.thousands or None}
        return pd.read_csv(text, sep=self.delimiter, index_col=False, skipinitialspace=True, **options, **more)

    @contextmanager
    def _text(self) -> Iterator[IO[str]]:
        with _opened(self.path, self.name) as (file, _):
            yield io.TextIOWrapper(file, encoding=self.encoding, errors="replace", newline="")

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Say of a file that cannot be cut into rows and fields what is wrong with it."""
        import pandas as pd

        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error", pd.errors.ParserWarning)
                yield
        except (pd.errors.ParserError, pd.errors.ParserWarning) as error:
            reason = str(error).removeprefix("Error tokenizing data. C error: ").strip().rstrip(".")
            raise TableError(f"{self.name!r} is not a regular table ({reason}); every row needs the header's "
                             f"{counted(len(self.header), 'field')}, and text that holds {self.delimiter!r} needs "
                             "quotes.") from None


@contextmanager
def _opened(path: Path, name: str) -> Iterator[tuple[Any, bool]]:
    """The file's bytes, decompressed, and whether they were compressed."""
    try:
        with open(path, "rb") as plain:
            gzipped = plain.read(2) == b"\x1f\x8b"
            plain.seek(0)
            with gzip.GzipFile(fileobj=plain) if gzipped else plain as file:
                yield file, gzipped
    except (gzip.BadGzipFile, EOFError, zlib.error):
        raise TableError(f"{name!r} is a damaged or incomplete gzip file; fetch it again.") from None
    except OSError as error:
        raise TableError(f"cannot read {name!r}: {error.strerror or error}.") from None


def _find_encoding(start: bytes, rest: IO[bytes]) -> str:
    """By its byte order mark; else UTF-8 where all of the file is, else Western European."""
    for mark, encoding in BYTE_ORDER_MARKS.items():
        if start.startswith(mark):
            return encoding
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        decoder.decode(start)
        while block := rest.read(BLOCK):
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _fields(text: str) -> tuple[str, list[str], list[list[str]]]:
    """The delimiter that cuts the first lines most evenly into the most fields; the column names; some rows."""
    lines = [line for line in text.splitlines()[:SAMPLE_LINES] if line.strip()]

    def evenness(delimiter: str) -> tuple[float, int]:
        counts = [len(row) for row in csv.reader(lines, delimiter=delimiter, skipinitialspace=True)]
        same = sum(count == counts[0] for count in counts) / len(counts)
        return (same if counts[0] > 1 else 0.0, counts[0])

    delimiter = max(DELIMITERS, key=evenness)
    header, *rows = csv.reader(lines, delimiter=delimiter, skipinitialspace=True)
    return delimiter, [name.strip() or f"column {place}" for place, name in enumerate(header, start=1)], rows


def _number_marks(rows: list[list[str]], delimiter: str) -> tuple[str, str]:
    """The decimal mark and the thousands mark: a comma is decimal where some cells can be read so and none the other way."""
    cells = [cell.strip() for row in rows for cell in row]
    comma = [cell for cell in cells if re.fullmatch(r"[+-]?(\d+|\d{1,3}(\.\d{3})+),\d+", cell)]
    point = [cell for cell in cells if re.fullmatch(r"[+-]?(\d*|\d{1,3}(,\d{3})+)\.\d+", cell)]
    by_thousands = [cell for cell in comma if re.fullmatch(r"[+-]?\d{1,3},\d{3}", cell)]
    grouped = [cell for cell in point if re.fullmatch(r"[+-]?\d{1,3}\.\d{3}", cell)]
    if comma and len(point) == len(grouped) and (delimiter != "," or len(by_thousands) < len(comma)):
        return ",", "." if grouped or any("." in cell for cell in comma) else ""
    return ".", ""


def check_header(header: list[str], source: str) -> None:
    """Raise TableError where the names are numbers, or one stands twice."""
    if all(_is_number(name) for name in header):
        raise TableError(f"the first row of {source!r} holds numbers ({listed(header, 3)}); a row of column names must "
                         "stand above the data.")
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise TableError(f"{source!r} has several columns named {listed(twice)}; give each column a name of its own.")


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
