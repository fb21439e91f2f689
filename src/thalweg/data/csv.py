"""Datasets of CSV files: `tf.data.experimental.CsvDataset` and `make_csv_dataset`."""

from __future__ import annotations

import collections
import csv
import gzip
import io
import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np

from thalweg.data import structure
from thalweg.data.cursors import Cursor, OneInput, Scope
from thalweg.data.dataset import AUTOTUNE, Dataset
from thalweg.data.files import file_names, matching_files
from thalweg.data.sources import TensorSliceDataset
from thalweg.data.structure import Components
from thalweg.engine.core import dtypes, errors
from thalweg.engine.execution.tensor_spec import TensorSpec
from thalweg.engine.formats import tfrecord
from thalweg.io.csv import Field, checked_selection, reader, row_values


class _Raw(io.RawIOBase):
    """What `tfrecord.open_for_reading` gives, as a file of Python's."""

    def __init__(self, path: str, compression: str):
        self._file = tfrecord.open_for_reading(path, compression)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._file.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        getattr(self._file, "_raw", self._file).close()
        super().close()


class CsvCursor(OneInput):
    """Goes through the records of the files that its input names."""

    fields = ("path", "number")

    def __init__(self, names: Cursor, dataset: CsvDataset, compression: str):
        super().__init__(names)
        self.dataset, self.compression = dataset, compression
        self.path: str | None = None
        self.number = 0  # of records read from the file
        self._rows: Iterator[list[str]] | None = None

    def __next__(self) -> Components:
        while True:
            if self._rows is None:
                self.path, self.number = structure_text(next(self.input)[0].item()), 0
                self._open()
            row = self._row()
            if row is None:
                self._rows = self.path = None
                continue
            self.number += 1
            d = self.dataset
            place = f"record {self.number - 1} of {self.path}"
            values = row_values(row or [""], d._fields, d._selected, place, d._missing)
            return tuple([f.column([v], ()) for f, v in zip(d._fields, values)])

    def _open(self) -> None:
        assert self.path is not None
        text = io.TextIOWrapper(
            io.BufferedReader(_Raw(self.path, self.compression)), encoding="utf-8", errors="surrogateescape", newline=""
        )
        self._rows = reader(text, self.dataset._delimiter, self.dataset._quotes)
        if self.dataset._header:
            self._row()

    def _row(self) -> list[str] | None:
        try:
            return next(self._rows, None)  # type: ignore[arg-type]
        except csv.Error as error:
            raise errors.invalid(f"Record {self.number} of {self.path} is not comma-separated values: {error}.") from None

    def place(self) -> str:
        return f"record {self.number - 1} of {self.path}" if self.path is not None else ""

    def restore(self, state: dict[str, Any]) -> None:
        super().restore(state)
        self._rows = None
        if self.path is not None:
            self._open()
            for _ in range(self.number):
                self._row()


def structure_text(name: Any) -> str:
    return name.decode() if isinstance(name, bytes) else name


class CsvDataset(Dataset):
    """The records of CSV files, as tuples of scalars.

    record_defaults: for each column a value for empty fields, which says its dtype, or a dtype where the field is required.
    select_cols, exclude_cols: the numbers of columns wanted or not wanted. Raises InvalidArgumentError, naming record and file,
    for what does not fit.
    """

    _waits_for_outside = True

    def __init__(
        self, filenames: Any, record_defaults: Any, compression_type: Any = None, buffer_size: Any = None, header: bool = False,
        field_delim: str = ",", use_quote_delim: bool = True, na_value: str = "", select_cols: Any = None, exclude_cols: Any = None,
    ):  # fmt: skip
        if select_cols is not None and exclude_cols is not None:
            raise errors.invalid("Either select_cols or exclude_cols should be empty.")
        self._inputs = (file_names(filenames),)
        self._fields = [Field(d) for d in record_defaults]
        self._parameters = (structure.as_leaf(compression_type or ""),)
        self._header, self._delimiter, self._quotes, self._missing = bool(header), field_delim, use_quote_delim, ("", na_value)
        if exclude_cols is not None:
            without = set(exclude_cols)
            select_cols = [i for i in range(len(self._fields) + len(without)) if i not in without][: len(self._fields)]
        self._selected = checked_selection(select_cols, len(self._fields))
        self._element_spec = tuple(TensorSpec([], f.dtype) for f in self._fields)

    def _cursor(self, scope: Scope) -> Cursor:
        compression = tfrecord.compression_name(scope.array(self._parameters[0]).item())
        return CsvCursor(self._inputs[0]._cursor(scope), self, compression)


# -- files whose columns are found out -----------------------------------------------------------------------------


class _Files:
    """CSV files as they are looked at before: their header, and the types of what is in them."""

    def __init__(self, names: list[str], delimiter: str, quotes: bool, encoding: str, compression: Any):
        self.names, self._delimiter, self._quotes, self._encoding = names, delimiter, quotes, encoding
        self._packed = compression == "GZIP"
        if compression == "ZLIB":
            raise ValueError(f"`compression_type` {compression} is not supported for probing columns.")

    def rows(self, name: str) -> Iterator[list[str]]:
        opener: Any = gzip.open if self._packed else open
        with opener(name, "rt", encoding=self._encoding, newline="") as f:
            yield from reader(f, self._delimiter, self._quotes)

    def header(self) -> list[str]:
        """The names in the first line, the same in all files. Raises ValueError."""
        found = [next(self.rows(name), None) for name in self.names]
        for name, columns in zip(self.names, found):
            if columns is None:
                raise ValueError(f"Failed when reading the header line of {name}. Is it an empty file?")
            if columns != found[0]:
                raise ValueError(
                    "All input CSV files should have the same column names in the header row. File "
                    f"{name} has different column names."
                )
        return found[0]  # type: ignore[return-value]

    def defaults(self, count: int, header: bool, limit: int | None, selected: list[int] | None, na_value: str) -> list[Any]:
        """A default for each column, of the narrowest type that its first values have."""
        picked = list(range(count)) if selected is None else selected
        kinds = [-1] * len(picked)
        for row in itertools.islice(self._all(header), limit):
            if len(row) != count:
                raise ValueError(f"Problem inferring types: a CSV row has {len(row)} number of fields. Expected: {count}.")
            for j, i in enumerate(picked):
                if row[i] not in ("", na_value):
                    kinds[j] = max(kinds[j], _kind(row[i]))
        return [np.array([b""], object) if k in (-1, len(_KINDS)) else np.zeros(1, _KINDS[k]) for k in kinds]

    def _all(self, header: bool) -> Iterator[list[str]]:
        for name in self.names:
            yield from itertools.islice(self.rows(name), int(header), None)


_KINDS = (np.int32, np.int64, np.float32, np.float64)


def _kind(text: str) -> int:
    """The place of the narrowest type of a value among `_KINDS`; their number for a string."""
    try:
        number = int(text)
        if -(2**31) <= number < 2**31:
            return 0
        if -(2**63) <= number < 2**63:
            return 1
    except ValueError:
        pass
    try:
        value = float(text)
    except ValueError:
        return len(_KINDS)
    return 2 if abs(value) <= float(dtypes.float32.max) or not np.isfinite(value) else 3


def make_csv_dataset(
    file_pattern: Any, batch_size: Any, column_names: Any = None, column_defaults: Any = None, label_name: str | None = None,
    select_columns: Any = None, field_delim: str = ",", use_quote_delim: bool = True, na_value: str = "", header: bool = True,
    num_epochs: int | None = None, shuffle: bool = True, shuffle_buffer_size: int = 10000, shuffle_seed: Any = None,
    prefetch_buffer_size: Any = None, num_parallel_reads: Any = None, sloppy: bool = False,
    num_rows_for_inference: int | None = 100, compression_type: Any = None, ignore_errors: bool = False, encoding: str = "utf-8",
) -> Dataset:  # fmt: skip
    """Batches of CSV files' records: dicts of columns by name, or pairs of such a dict and the column `label_name`.

    column_names: by default those in the files' first line. column_defaults: as of `CsvDataset`; by default the types are found
    from the first `num_rows_for_inference` rows. num_epochs: None for no end. Raises ValueError for names that do not fit.
    """
    names = _found(file_pattern)
    files = _Files(names, field_delim, use_quote_delim, encoding, compression_type)
    if column_names is None:
        if not header:
            raise ValueError("Expected `column_names` or `header` arguments. Neither is provided.")
        column_names = files.header()
    column_names = list(column_names)
    twice = {c for c in column_names if column_names.count(c) > 1}
    if twice:
        raise ValueError(f"Either `column_names` argument or CSV header row contains duplicate column names: {twice}.")
    selected = None if select_columns is None else _positions(select_columns, column_names)
    if column_defaults is None:
        column_defaults = files.defaults(len(column_names), header, num_rows_for_inference, selected, na_value)
    if selected is not None:
        if len(column_defaults) != len(selected):
            raise ValueError(
                "If specified, `column_defaults` and `select_columns` must have the same length: `column_defaults` has length "
                f"{len(column_defaults)}, `select_columns` has length {len(selected)}."
            )
        column_names = [column_names[i] for i in selected]
    if label_name is not None and label_name not in column_names:
        raise ValueError(f"`label_name` provided must be one of the columns: {column_names}. Received: {label_name}.")

    def read(name: Any) -> Dataset:
        dataset = CsvDataset(
            name, column_defaults, compression_type, header=header, field_delim=field_delim, use_quote_delim=use_quote_delim,
            na_value=na_value, select_cols=selected,
        )  # fmt: skip
        return dataset.ignore_errors() if ignore_errors else dataset

    def by_name(*columns: Any) -> Any:
        features = collections.OrderedDict(zip(column_names, columns))
        return features if label_name is None else (features, features.pop(label_name))

    # The files' order is shuffled too, by the same seed, as TensorFlow shuffles it.
    dataset: Dataset = TensorSliceDataset([n.encode() for n in names])
    if shuffle:
        dataset = dataset.shuffle(len(names), shuffle_seed)
    cycle = None if num_parallel_reads == AUTOTUNE else num_parallel_reads or 1
    dataset = dataset.interleave(read, cycle, 1)
    if shuffle:
        dataset = dataset.shuffle(shuffle_buffer_size, shuffle_seed)
    if num_epochs != 1:
        dataset = dataset.repeat(num_epochs)
    dataset = dataset.batch(batch_size, drop_remainder=num_epochs is None).map(by_name)
    return dataset.prefetch(AUTOTUNE if prefetch_buffer_size is None else prefetch_buffer_size)


def _found(pattern: Any) -> list[str]:
    """The files that a pattern or several match, sorted. Raises ValueError if there are none."""
    patterns = [pattern] if isinstance(pattern, str) or not isinstance(pattern, (list, tuple)) else list(pattern)
    names = sorted({n.decode() for p in patterns for n in matching_files([p])})
    if not names:
        raise ValueError(f"No files match `file_pattern` {pattern!r}.")
    return names


def _positions(wanted: Any, names: list[str]) -> list[int]:
    """The numbers of columns given by name or number, sorted. Raises ValueError for what is no column, or comes twice."""
    found = []
    for v in wanted:
        if isinstance(v, int):
            if not 0 <= v < len(names):
                raise ValueError(
                    f"Column index {v} specified in `select_columns` should be > 0  and <= {len(names)}, which is the number of "
                    "columns."
                )
            found.append(v)
        elif v not in names:
            raise ValueError(f"Column {v} specified in `select_columns` must be of one of the columns: {names}.")
        else:
            found.append(names.index(v))
    if len(set(found)) != len(found):
        raise ValueError(f"The `select_columns` argument contains duplicate columns: {wanted!r}.")
    return sorted(found)
