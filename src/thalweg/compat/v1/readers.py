"""TensorFlow 1's readers: records out of files whose names come from a queue.

Source: https://www.tensorflow.org/api_docs/python/tf/compat/v1/ReaderBase
"""

from __future__ import annotations

import gzip
import threading
import zlib
from collections.abc import Iterator
from typing import Any

import numpy as np

from thalweg.engine.core import context, dtypes, errors
from thalweg.engine.core.cell import Cell
from thalweg.engine.core.context import local
from thalweg.engine.core.shape import SCALAR
from thalweg.engine.execution.python_calls import HostOp, boxed
from thalweg.engine.execution.tensor_spec import TensorSpec
from thalweg.engine.formats import tfrecord

Record = tuple[bytes, bytes]


class _Work:
    """What a reader is at in one session."""

    def __init__(self, records: Any):
        self._records, self._lock = records, threading.RLock()
        self._current: Iterator[Record] = iter(())
        self.produced = self.finished = 0
        self._busy = False

    def next(self, queue: Any) -> Record:
        """The next record; a file's name is taken from the queue when the last file is read."""
        with self._lock:
            while True:
                for record in self._current:
                    self.produced += 1
                    return record
                if self._busy:
                    self.finished += 1
                self._busy = False
                name = queue.take(1)[0][0].item()
                self._current, self._busy = self._open(name), True

    def up_to(self, queue: Any, count: int) -> list[Record]:
        """At least one record; up to `count`, from one file."""
        with self._lock:
            found = [self.next(queue)]
            while len(found) < count:
                record = next(self._current, None)
                if record is None:
                    break
                self.produced += 1
                found.append(record)
            return found

    def _open(self, name: bytes) -> Iterator[Record]:
        try:
            yield from self._records(name)
        except FileNotFoundError:
            raise errors.NotFoundError(None, None, f"{name.decode()}; No such file or directory") from None
        except IsADirectoryError:
            raise errors.FailedPreconditionError(None, None, f"{name.decode()}; Is a directory") from None

    def reset(self) -> None:
        self._current, self.produced, self.finished, self._busy = iter(()), 0, 0, False


def _own_work(attrs: dict[str, Any]) -> Cell:
    return Cell(dtypes.variant, SCALAR, "reader", _Work(attrs["records"]))


def _read(xp: Any, reader: Any, queue: Any) -> Any:
    key, value = reader.item().next(queue.item())
    return boxed(key), boxed(value)


def _column(values: Any) -> np.ndarray:
    whole = np.empty(len(values), object)
    whole[:] = values
    return whole


def _read_up_to(xp: Any, reader: Any, queue: Any, count: Any) -> Any:
    keys, values = zip(*reader.item().up_to(queue.item(), int(count)))
    return _column(keys), _column(values)


def _reset(xp: Any, reader: Any) -> Any:
    reader.item().reset()
    return ()


_STRINGS = [TensorSpec([], dtypes.string)] * 2
_COLUMNS = [TensorSpec([None], dtypes.string)] * 2
_COUNT = [TensorSpec([], dtypes.int64)]

read_op = HostOp(_read, "ReaderReadV2", lambda attrs: _STRINGS)
read_up_to_op = HostOp(_read_up_to, "ReaderReadUpToV2", lambda attrs: _COLUMNS)
reset_op = HostOp(_reset, "ReaderResetV2", lambda attrs: [])
produced_op = HostOp(
    lambda xp, reader: (np.array(reader.item().produced, np.int64),), "ReaderNumRecordsProducedV2", lambda attrs: _COUNT
)
finished_op = HostOp(
    lambda xp, reader: (np.array(reader.item().finished, np.int64),), "ReaderNumWorkUnitsCompletedV2", lambda attrs: _COUNT
)


def _give_work(xp: Any, *, records: Any, state: Cell) -> Any:
    return (boxed(state.value),)


class ReaderBase:
    """A reader in the graph. `read(queue)` gives a record: its key and its value, scalar strings."""

    supports_serialize = False

    def __init__(self, kind: str, records: Any, name: str | None):
        if local.graph is None:
            raise RuntimeError("Readers are not supported when ops run at once: use tf.data, or build a tf.Graph.")
        record = HostOp(_give_work, kind, lambda attrs: [TensorSpec([], dtypes.variant)])
        record.own_state = _own_work
        self._reader_ref = record(records=records, name=name)[0]

    reader_ref = property(lambda self: self._reader_ref)

    def _call(self, op: HostOp, *inputs: Any, name: Any) -> Any:
        with context.building(local.graph if local.graph is not None else self._reader_ref.graph):
            return op(self._reader_ref, *inputs, name=name)

    def read(self, queue: Any, name: str | None = None) -> tuple[Any, Any]:
        """The next record's key and value. OutOfRangeError when the queue of names is closed and all is read."""
        key, value = self._call(read_op, getattr(queue, "queue_ref", queue), name=name)
        return key, value

    def read_up_to(self, queue: Any, num_records: Any, name: str | None = None) -> tuple[Any, Any]:
        """Up to `num_records` keys and values, all of one file."""
        keys, values = self._call(read_up_to_op, getattr(queue, "queue_ref", queue), num_records, name=name)
        return keys, values

    def num_records_produced(self, name: str | None = None) -> Any:
        return self._call(produced_op, name=name)[0]

    def num_work_units_completed(self, name: str | None = None) -> Any:
        return self._call(finished_op, name=name)[0]

    def reset(self, name: str | None = None) -> Any:
        """An operation that starts the reader anew."""
        return self._call(reset_op, name=name)


class WholeFileReader(ReaderBase):
    """A file is a record: its name and its contents."""

    def __init__(self, name: str | None = None):
        super().__init__("WholeFileReaderV2", self._records, name)

    @staticmethod
    def _records(name: bytes) -> Iterator[Record]:
        with open(name, "rb") as f:
            yield name, f.read()


class TextLineReader(ReaderBase):
    """A line is a record; its key is `file:number`, from 1 on."""

    def __init__(self, skip_header_lines: int | None = None, name: str | None = None):
        skipped = skip_header_lines or 0

        def records(name: bytes) -> Iterator[Record]:
            with open(name, "rb") as f:
                for i, line in enumerate(f, 1):
                    if i > skipped:
                        yield b"%s:%d" % (name, i), line.rstrip(b"\n").removesuffix(b"\r")

        super().__init__("TextLineReaderV2", records, name)


class TFRecordReader(ReaderBase):
    """The records of TFRecord files; the key is `file:offset`."""

    def __init__(self, name: str | None = None, options: Any = None):
        from thalweg.engine.formats.record_files import TFRecordOptions

        compression = TFRecordOptions.get_compression_type_string(options)

        def records(name: bytes) -> Iterator[Record]:
            place = 0
            for value in tfrecord.records(name.decode(), compression):
                yield b"%s:%d" % (name, place), value
                place += len(value) + 16

        super().__init__("TFRecordReaderV2", records, name)


class FixedLengthRecordReader(ReaderBase):
    """Records of `record_bytes` each, one every `hop_bytes`; the key is `file:number`, from 0 on."""

    def __init__(
        self, record_bytes: int, header_bytes: int | None = None, footer_bytes: int | None = None, hop_bytes: int | None = None,
        name: str | None = None, encoding: str | None = None,
    ):  # fmt: skip
        header, footer, hop = header_bytes or 0, footer_bytes or 0, hop_bytes or record_bytes

        def records(name: bytes) -> Iterator[Record]:
            with open(name, "rb") as f:
                data = f.read()
            if encoding == "ZLIB":
                data = zlib.decompress(data)
            elif encoding == "GZIP":
                data = gzip.decompress(data)
            end = len(data) - footer - record_bytes
            for i, at in enumerate(range(header, end + 1, hop)):
                yield b"%s:%d" % (name, i), data[at : at + record_bytes]

        super().__init__("FixedLengthRecordReaderV2", records, name)


class IdentityReader(ReaderBase):
    """The names themselves, as keys and values."""

    def __init__(self, name: str | None = None):
        super().__init__("IdentityReaderV2", self._records, name)

    @staticmethod
    def _records(name: bytes) -> Iterator[Record]:
        yield name, name


class LMDBReader:
    """Not offered."""

    def __init__(self, name: str | None = None, options: Any = None):
        raise NotImplementedError("LMDB databases are not read: write TFRecord files, and read them by tf.TFRecordReader.")


__all__ = [
    "FixedLengthRecordReader", "IdentityReader", "LMDBReader", "ReaderBase", "TFRecordReader", "TextLineReader", "WholeFileReader",
]  # fmt: skip
