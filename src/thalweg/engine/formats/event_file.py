"""Event files, TensorBoard's food: written beside the program that makes the events, read again event by event.

A writer keeps events in a list; a thread encodes them, many at a time, and hands whole records to the system. What a killed
program had not handed over is lost; what is in the file is whole. Source:
https://github.com/tensorflow/tensorboard/blob/master/docs/design.md, https://github.com/tensorflow/tensorflow (events_writer)
"""

from __future__ import annotations

import atexit
import collections
import itertools
import os
import socket
import struct
import sys
import threading
import time
import weakref
from collections.abc import Iterator
from typing import Any

import numpy as np

from thalweg.engine.formats import tfrecord
from thalweg.engine.formats.wire import varint

FILE_VERSION = "brain.Event:2"
_MANY = 2048  # events that are encoded together
_CHUNK = 1 << 20
_FEW = 16  # scalars of a tag that are not worth the tables
_LONG = 512  # bytes of a tag, above which its scalars are encoded one by one
_TOO_MANY = 1 << 17  # events that may wait: whoever adds more waits for the thread
_LARGE = 1 << 20  # bytes that may wait before the thread is woken
_double = struct.Struct("<d").pack
_count = itertools.count()
_open: weakref.WeakSet[EventFileWriter] = weakref.WeakSet()


class Scalar:
    """A tag's scalars: what stands before and after the number in each of its events."""

    __slots__ = ("after", "before")

    def __init__(self, before: bytes, after: bytes):
        self.before, self.after = before, after


def step_field(step: int) -> bytes:
    """The step as an event's field; step 0 is not written."""
    if 0 < step < 128:
        return b"\x10" + bytes((step,))
    return b"\x10" + varint(step) if step else b""


def event_bytes(wall_time: float, step: int, rest: bytes) -> bytes:
    """An event from the bytes of its other fields."""
    return b"\t" + _double(wall_time) + step_field(step) + rest


def field(number: int, data: bytes) -> bytes:
    """A field of bytes within a message."""
    return varint(number << 3 | 2) + varint(len(data)) + data


class EventFileWriter:
    """Writes events into a file of its own under `folder`.

    Threads may share a writer; a forked process goes on with a file of its own. `flush` returns once all events so far are in
    the file. Raises NotFoundError or PermissionDeniedError at the first event where the folder cannot be written.
    """

    def __init__(self, folder: Any, suffix: str = "", interval: float = 1.0):
        self.folder, self._suffix, self._interval = os.fspath(folder), suffix, interval
        self._closed = False
        self._reset()
        _open.add(self)

    def _reset(self) -> None:
        """The state of a writer that has written nothing, as after a fork."""
        self.path = ""
        self._file: Any = None
        # Whole events as bytes; scalars as (wall time, step, Scalar, value).
        self._waiting: collections.deque[Any] = collections.deque()
        self._bytes = 0
        self._thread: threading.Thread | None = None
        self._wake = threading.Condition()
        self._writing = threading.RLock()
        self._error: BaseException | None = None

    # -- adding -----------------------------------------------------------------------------------------

    def open(self) -> None:
        """Make the folder and the file, if they are not there."""
        with self._writing:
            if self._file is None:
                now = time.time()
                self.path = os.path.join(
                    self.folder, f"events.out.tfevents.{int(now)}.{socket.gethostname()}.{os.getpid()}.{next(_count)}{self._suffix}"
                )
                try:
                    os.makedirs(self.folder, exist_ok=True)
                    self._file = open(self.path, "xb", buffering=0)  # noqa: SIM115
                except OSError as error:
                    raise tfrecord.os_error(error, self.folder) from None
                source = field(10, field(1, b"tensorflow.core.util.events_writer"))
                self._hand_over([event_bytes(float(int(now)), 0, field(3, FILE_VERSION.encode()) + source)])

    def add(self, event: bytes) -> None:
        """Add a serialized event."""
        self._bytes += len(event)
        self._waiting.append(event)
        if self._thread is None or self._bytes > _LARGE:
            self._nudge()

    def add_scalar(self, wall_time: float, step: int, tag: Scalar, value: float) -> None:
        """Add a number, to be encoded later."""
        waiting = self._waiting
        waiting.append((wall_time, step, tag, value))
        if self._thread is None or not len(waiting) % _MANY:
            self._nudge()

    def _nudge(self) -> None:
        if self._closed:
            raise RuntimeError(f"The writer of {self.folder} is closed: make another one.")
        self._raise_error()
        if self._thread is None:
            self.open()
            self._thread = threading.Thread(target=_keep_writing, args=(weakref.ref(self), self._wake), daemon=True)
            self._thread.start()
        if len(self._waiting) > _TOO_MANY:
            self._write_waiting()
        with self._wake:
            self._wake.notify()

    def _raise_error(self) -> None:
        if self._error is not None:
            error, self._error = self._error, None
            raise error

    # -- writing ----------------------------------------------------------------------------------------

    def _write_waiting(self) -> None:
        """Hand over all that waits, in the order it came."""
        with self._writing:
            self._bytes = 0
            take = self._waiting.popleft
            with np.errstate(all="ignore"):  # a number beyond float32 becomes an infinity
                while count := min(len(self._waiting), _MANY):
                    self._hand_over([take() for _ in range(count)])

    def _hand_over(self, events: list[Any]) -> None:
        data = memoryview(b"".join(_framed(events)))
        while data:  # the system may take a part
            data = data[self._file.write(data) :]

    def flush(self) -> None:
        """Put all events so far into the file. Raises what kept the thread from writing."""
        if not self._closed:
            self._raise_error()
            if self._waiting:
                self.open()
            if self._file is not None:
                self._write_waiting()

    def close(self) -> None:
        """Write the rest and close the file. Nothing can be added then."""
        if self._closed:
            return
        self.flush()
        self._closed = True
        with self._wake:
            self._wake.notify()
        if self._file is not None:
            self._file.close()
        _open.discard(self)

    @property
    def closed(self) -> bool:
        return self._closed

    def __del__(self) -> None:
        if not self._closed and not sys.is_finalizing():
            self.close()


# -- encoding ----------------------------------------------------------------------------------------------


def _encoded(event: Any) -> bytes:
    if type(event) is bytes:
        return event
    wall_time, step, tag, value = event
    return b"\t" + _double(wall_time) + step_field(step) + tag.before + np.array(value, "<f4").tobytes() + tag.after


def _framed(events: list[Any]) -> list[bytes]:
    """Events as they stand in a file; many scalars of one tag are encoded together."""
    groups: dict[Any, list[int]] = {}
    others = []
    for i, event in enumerate(events):
        if type(event) is tuple:
            _, step, tag, _ = event
            groups.setdefault((tag, (step.bit_length() + 6) // 7), []).append(i)
        else:
            others.append(i)
    out: list[bytes] = [b""] * len(events)
    for (tag, step_bytes), members in groups.items():
        if len(members) < _FEW or len(tag.before) + len(tag.after) > _LONG or min(events[i][1] for i in members) < 0:
            others += members
        else:
            rows = _scalars(tag, step_bytes, [events[i] for i in members])
            data, width = rows.tobytes(), rows.shape[1]
            for k, i in enumerate(members):
                out[i] = data[k * width : (k + 1) * width]
    for i, record in zip(others, tfrecord.framed([_encoded(events[i]) for i in others])):
        out[i] = record
    return out


def _scalars(tag: Scalar, step_bytes: int, events: list[Any]) -> np.ndarray:
    """Scalars of one tag, whose steps take as many bytes, as rows of a file."""
    wall_times, steps, _, values = zip(*events)
    n = len(events)
    varints = np.array(steps, np.int64)[:, None] >> 7 * np.arange(step_bytes) & 0x7F
    varints[:, :-1] |= 0x80
    columns = np.concatenate([
        np.array(wall_times, "<f8").view(np.uint8).reshape(n, 8), varints, np.array(values, "<f4").view(np.uint8).reshape(n, 4)
    ], axis=1, dtype=np.intp)  # fmt: skip
    front = b"\t" + bytes(8) + (b"\x10" + bytes(step_bytes) if step_bytes else b"") + tag.before
    places = np.concatenate([np.arange(1, 9), 10 + np.arange(step_bytes), len(front) + np.arange(4)])
    return tfrecord.framed_variants(front + bytes(4) + tag.after, places, columns)


def _keep_writing(reference: Any, wake: threading.Condition) -> None:
    """What a writer's thread does; it ends with its writer."""
    while True:
        writer = reference()
        if writer is None or writer._closed:
            return
        interval = writer._interval
        try:
            if writer._waiting:
                writer._write_waiting()
        except Exception as error:  # told to whoever adds the next event
            writer._error = error
        del writer
        with wake:
            wake.wait(interval)


@atexit.register
def flush_all() -> None:
    """Write what every open writer still holds."""
    for writer in list(_open):
        writer.flush()


def _after_fork() -> None:
    for writer in list(_open):
        writer._reset()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


# -- reading -----------------------------------------------------------------------------------------------


class EventTail:
    """Reads a file's events, and later those that have been added since.

    check: whether checksums of events are computed; those of their lengths always are.
    """

    def __init__(self, path: Any, check: bool = True):
        self.path, self._check = os.fspath(path), check
        self.offset = 0  # where the last whole record read ends

    def chunks(self) -> Iterator[list[bytes]]:
        """The new events as bytes, some at a time. What is not whole yet is left for later.

        Raises NotFoundError, and DataLossError where the file is damaged.
        """
        with tfrecord.open_for_reading(self.path) as file:
            file.seek(self.offset)
            rest, wanted = b"", _CHUNK
            while data := file.read(wanted):
                rest += data
                records, used = _whole_records(rest, self.path, self.offset, self._check)
                self.offset += used
                rest = rest[used:]
                yield records
                # The rest of a record that is longer than a chunk; in parts, since a length may lie.
                missing = int.from_bytes(rest[:8], "little") + 16 - len(rest) if len(rest) >= 12 else 0
                wanted = min(max(missing, _CHUNK), 64 * _CHUNK)


def event_records(path: Any) -> Iterator[bytes]:
    """The events of a file as bytes. A last record that is not all there ends them, as it does in a file being written."""
    for records in EventTail(path).chunks():
        yield from records


def _whole_records(data: bytes, path: str, offset: int, check: bool) -> tuple[list[bytes], int]:
    """The whole records at the front of some data, and how many bytes they take."""
    records, checks, at = [], bytearray(), 0
    while at + 16 <= len(data):
        head = data[at : at + 12]
        length = int.from_bytes(head[:8], "little")
        if head != tfrecord.header(length):
            raise tfrecord.lost(path, offset + at, "corrupted record", "the checksum of its length is wrong")
        end = at + 12 + length
        if end + 4 > len(data):
            break
        records.append(data[at + 12 : end])
        checks += data[end : end + 4]
        at = end + 4
    if check and records and tfrecord.masked_crc32c_of_each(records).astype("<u4").tobytes() != checks:
        raise tfrecord.lost(path, offset, "corrupted record", f"a checksum in the {at} bytes from there is wrong")
    return records, at
