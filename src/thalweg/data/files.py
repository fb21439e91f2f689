"""Datasets from files: lines of text, TFRecords, records of one length, names of files."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator
from typing import Any

import numpy as np

from thalweg.data import structure
from thalweg.data.cursors import Cursor, OneInput, Scope
from thalweg.data.dataset import Dataset, parameter
from thalweg.data.flattening import InterleaveDataset
from thalweg.data.sources import TensorSliceDataset
from thalweg.data.structure import Components
from thalweg.engine.core import dtypes, errors
from thalweg.engine.core.tensor import EagerTensor, Tensor
from thalweg.engine.execution.tensor_spec import TensorSpec
from thalweg.engine.formats import tfrecord
from thalweg.engine.ops.shaping import reshape

_BUFFER = 1 << 18


def _text(name: Any) -> str:
    return name.decode() if isinstance(name, bytes) else os.fspath(name)


def _string(data: bytes) -> np.ndarray:
    box = np.empty((), object)
    box[()] = data
    return box


class FileCursor(OneInput):
    """Goes through the files whose names its input gives. A state is the file and the number of its record.

    A subclass gives the records of a file.
    """

    fields = ("path", "number")
    what = "record"

    def __init__(self, names: Cursor):
        super().__init__(names)
        self.path: str | None = None
        self.number = 0
        self._records: Iterator[bytes] | None = None

    def read(self, path: str) -> Iterator[bytes]:
        """The records of a file."""
        raise NotImplementedError

    def __next__(self) -> Components:
        while True:
            if self._records is None:
                self.path = _text(next(self.input)[0].item())
                self.number = 0
                self._records = self.read(self.path)
            for record in self._records:
                self.number += 1
                return (_string(record),)
            self._records = self.path = None

    def place(self) -> str:
        return f"{self.what} {self.number - 1} of {self.path}" if self.path is not None else ""

    def restore(self, state: dict[str, Any]) -> None:
        super().restore(state)
        self._records = None
        if self.path is not None:
            self._records = self.read(self.path)
            for _ in range(self.number):
                next(self._records, None)


class LinesCursor(FileCursor):
    what = "line"

    def __init__(self, names: Cursor, compression: str):
        super().__init__(names)
        self.compression = compression

    def read(self, path: str) -> Iterator[bytes]:
        file = tfrecord.open_for_reading(path, self.compression)
        left = b""
        try:
            while data := file.read(_BUFFER):
                lines = (left + data).split(b"\n")
                left = lines.pop()
                for line in lines:
                    yield line.removesuffix(b"\r")
            if left:
                yield left.removesuffix(b"\r")
        finally:
            getattr(file, "_raw", file).close()


class TFRecordCursor(FileCursor):
    def __init__(self, names: Cursor, compression: str):
        super().__init__(names)
        self.compression = compression

    def read(self, path: str) -> Iterator[bytes]:
        return tfrecord.records(path, self.compression)


class FixedLengthCursor(FileCursor):
    def __init__(self, names: Cursor, compression: str, record: int, header: int, footer: int):
        super().__init__(names)
        self.compression, self.record, self.header, self.footer = compression, record, header, footer

    def read(self, path: str) -> Iterator[bytes]:
        if not self.compression:
            self._check_size(path)
        file = tfrecord.open_for_reading(path, self.compression)
        try:
            file.read(self.header)
            left = b""
            while True:
                wanted = self.record + self.footer - len(left)
                left += file.read(wanted) if wanted > 0 else b""
                if len(left) < self.record + self.footer:
                    break
                yield left[: self.record]
                left = left[self.record :]
            if len(left) > self.footer:
                raise errors.invalid(self._misfit(path, f"{len(left) - self.footer} bytes are left over"))
        finally:
            getattr(file, "_raw", file).close()

    def _check_size(self, path: str) -> None:
        try:
            size = os.path.getsize(path)
        except OSError as error:
            raise tfrecord.os_error(error, path) from None
        body = size - self.header - self.footer
        if body < 0 or body % self.record:
            raise errors.invalid(self._misfit(path, f"its body has {body} bytes, which is no multiple of that"))

    def _misfit(self, path: str, why: str) -> str:
        return (
            f"Excluding the header ({self.header} bytes) and footer ({self.footer} bytes), input file {path!r} must "
            "hold records of "
            f"{self.record} bytes, but {why}."
        )


# -- the datasets ----------------------------------------------------------------------------------------------


class _FilesDataset(Dataset):
    """What the files have that another dataset names."""

    _waits_for_outside = True

    def __init__(self, names: Dataset, compression: Any, *numbers: Any):
        self._inputs = (names,)
        compression = structure.as_leaf("" if compression is None else compression)
        self._parameters = (compression, *numbers)
        self._element_spec = TensorSpec([], dtypes.string)

    def _compression(self, scope: Scope) -> str:
        return tfrecord.compression_name(scope.array(self._parameters[0]).item())


class _LinesDataset(_FilesDataset):
    def _cursor(self, scope: Scope) -> Cursor:
        return LinesCursor(self._inputs[0]._cursor(scope), self._compression(scope))


class _TFRecordFilesDataset(_FilesDataset):
    def _cursor(self, scope: Scope) -> Cursor:
        return TFRecordCursor(self._inputs[0]._cursor(scope), self._compression(scope))


class _FixedLengthDataset(_FilesDataset):
    def _cursor(self, scope: Scope) -> Cursor:
        numbers = [scope.number(p) for p in self._parameters[1:]]
        return FixedLengthCursor(self._inputs[0]._cursor(scope), self._compression(scope), *numbers)


class FileReader(Dataset):
    """What `TextLineDataset` and its kin share: names of files in any form, and reading several files at once."""

    _files: type[_FilesDataset]

    def __init__(self, filenames: Any, compression_type: Any, num_parallel_reads: Any, *numbers: Any):
        names = file_names(filenames)

        def read(name: Any) -> Dataset:
            return self._files(TensorSliceDataset(name[None]), compression_type, *numbers)

        if num_parallel_reads is None:
            inner: Dataset = self._files(names, compression_type, *numbers)
        else:
            cycle = parameter(num_parallel_reads, "num_parallel_reads")
            inner = InterleaveDataset(names, read, None if cycle == -1 else cycle, 1)
        self._inputs, self._element_spec = (inner,), inner.element_spec

    def _cursor(self, scope: Scope) -> Cursor:
        return self._inputs[0]._cursor(scope)


def file_names(filenames: Any) -> Dataset:
    """A dataset of names. Raises TypeError for what is no name, list of names or dataset of names."""
    if isinstance(filenames, Dataset):
        spec = filenames.element_spec
        if not isinstance(spec, TensorSpec) or spec.dtype is not dtypes.string:
            raise TypeError(
                "The `filenames` argument must contain `tf.string` elements. Got a dataset of "
                f"{getattr(getattr(spec, 'dtype', None), 'name', spec)!r} elements."
            )
        if spec.shape.rank not in (0, None):
            raise TypeError("The `filenames` argument must contain `tf.string` elements of shape [] (i.e. scalars).")
        return filenames
    if isinstance(filenames, os.PathLike):
        filenames = os.fspath(filenames)
    elif isinstance(filenames, (list, tuple)):
        filenames = [os.fspath(f) if isinstance(f, os.PathLike) else f for f in filenames]
    if isinstance(filenames, (list, tuple)) and not filenames:
        filenames = np.empty((0,), object)
    names = structure.as_leaf(filenames)
    if not isinstance(names, Tensor) or names.dtype.base_dtype is not dtypes.string:
        raise TypeError(
            f"The `filenames` argument must contain `tf.string` elements. Got {getattr(names.dtype, 'name', names)!r} elements."
        )
    if isinstance(names, EagerTensor):
        return TensorSliceDataset(EagerTensor(names._array.reshape(-1)))
    return TensorSliceDataset(reshape(names, [-1]))


class TextLineDataset(FileReader):
    """The lines of text files, as strings without the ends of lines.

    compression_type: '', 'GZIP' or 'ZLIB'. num_parallel_reads: how many files are read in turn. A missing file raises
    NotFoundError when the dataset is gone through.
    """

    _files = _LinesDataset

    def __init__(
        self,
        filenames: Any,
        compression_type: Any = None,
        buffer_size: Any = None,
        num_parallel_reads: Any = None,
        name: str | None = None,
    ):
        super().__init__(filenames, compression_type, num_parallel_reads)


class TFRecordDataset(FileReader):
    """The records of TFRecord files, as strings.

    A damaged or cut file raises DataLossError, naming file and offset. compression_type, num_parallel_reads: as of
    `tf.data.TextLineDataset`.
    """

    _files = _TFRecordFilesDataset

    def __init__(
        self,
        filenames: Any,
        compression_type: Any = None,
        buffer_size: Any = None,
        num_parallel_reads: Any = None,
        name: str | None = None,
    ):
        super().__init__(filenames, compression_type, num_parallel_reads)


class FixedLengthRecordDataset(FileReader):
    """The records of files whose records have `record_bytes` bytes each, after a header and before a footer.

    A file whose size does not fit raises InvalidArgumentError.
    """

    _files = _FixedLengthDataset

    def __init__(
        self, filenames: Any, record_bytes: Any, header_bytes: Any = None, footer_bytes: Any = None, buffer_size: Any = None,
        compression_type: Any = None, num_parallel_reads: Any = None, name: str | None = None,
    ):  # fmt: skip
        numbers = [parameter(0 if n is None else n, what) for n, what in
                   ((record_bytes, "record_bytes"), (header_bytes, "header_bytes"), (footer_bytes, "footer_bytes"))]  # fmt: skip
        if isinstance(numbers[0], int) and numbers[0] < 1:
            raise errors.invalid("`record_bytes` must be > 0")
        super().__init__(filenames, compression_type, num_parallel_reads, *numbers)


def matching_files(patterns: Any) -> list[bytes]:
    """The names of the files that glob patterns match, sorted."""
    found = {name for p in np.ravel(np.asarray(patterns, object)) for name in glob.glob(_text(p))}
    return sorted(os.fsencode(n) for n in found)


def list_files(file_pattern: Any, shuffle: bool | None = None, seed: Any = None) -> Dataset:
    """`Dataset.list_files`."""
    shuffle = True if shuffle is None else shuffle
    given = [file_pattern] if isinstance(file_pattern, (str, bytes, os.PathLike)) else file_pattern
    patterns = structure.as_leaf(
        [os.fspath(p) if isinstance(p, os.PathLike) else p for p in given] if isinstance(given, (list, tuple)) else given
    )
    names = matching_files(np.asarray(patterns._array))
    if not names:
        raise errors.invalid(f"No files matched pattern: {', '.join(_text(p) for p in np.ravel(patterns._array))}")
    dataset: Dataset = TensorSliceDataset(names)
    return dataset.shuffle(len(names), seed=seed) if shuffle else dataset
