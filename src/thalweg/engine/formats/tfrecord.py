"""TFRecord files: records of bytes, each with its length and two checksums.

A record is its length (8 bytes), the masked CRC32C of the length (4), the data, the masked CRC32C of the data (4), all
little-endian. Source: https://www.tensorflow.org/tutorials/load_data/tfrecord#tfrecords_format_details
"""

from __future__ import annotations

import functools
import gzip
import os
import struct
import zlib
from collections.abc import Iterator
from typing import Any, BinaryIO

import numpy as np

from thalweg.engine.core import errors

_CHUNK = 1 << 20


# -- CRC32C ----------------------------------------------------------------------------------------------------
#
# A checksum is linear over bits: that of a block is the exclusive or of what each byte adds, which depends on the byte and on
# how many bytes follow it. So a block is one lookup of all its bytes in a table, and blocks are joined one after the other.

_BLOCK = 1024
_SHORT = 48  # below this many bytes a loop over bytes is faster


def _first_table() -> np.ndarray:
    """What byte `b` adds when it comes last."""
    table = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        table = np.where(table & 1, table >> 1 ^ np.uint32(0x82F63B78), table >> 1)
    return table.astype(np.uint32)


_FIRST: list[int] = _first_table().tolist()


@functools.cache
def _block_tables() -> tuple[np.ndarray, np.ndarray, list[list[int]]]:
    """The table `[bytes before the block's end, byte]` as one row, the places of a block's bytes in it, and what the four
    bytes of a checksum add when a whole block follows."""
    first = _first_table()
    table = np.empty((_BLOCK, 256), np.uint32)
    table[-1] = first
    for i in range(_BLOCK - 2, -1, -1):
        table[i] = table[i + 1] >> 8 ^ first[table[i + 1] & 0xFF]
    return table.ravel(), np.arange(_BLOCK) * 256, [table[i].tolist() for i in range(4)]


def _serial(crc: int, data: bytes) -> int:
    table = _FIRST
    for byte in data:
        crc = table[(crc ^ byte) & 0xFF] ^ crc >> 8
    return crc


def _by_blocks(data: bytes) -> int:
    """The checksum of at least four bytes, started from ones: which is what inverting those four bytes does."""
    table, places, (t0, t1, t2, t3) = _block_tables()
    taken = np.frombuffer(data, np.uint8).astype(np.intp)
    taken[:4] ^= 0xFF
    head = len(taken) % _BLOCK
    crc = int(np.bitwise_xor.reduce(table.take(taken[:head] + places[_BLOCK - head :]))) if head else 0
    for start in range(head, len(taken), _BLOCK * 64):  # a part that stays in the cache
        part = taken[start : start + _BLOCK * 64].reshape(-1, _BLOCK) + places
        for own in np.bitwise_xor.reduce(table.take(part), axis=1).tolist():
            crc = own ^ t0[crc & 0xFF] ^ t1[crc >> 8 & 0xFF] ^ t2[crc >> 16 & 0xFF] ^ t3[crc >> 24]
    return crc


def crc32c(data: bytes) -> int:
    """The CRC32C (Castagnoli) of bytes.

    >>> from thalweg.engine.formats.tfrecord import crc32c
    >>> hex(crc32c(b"123456789"))
    '0xe3069283'
    """
    return (_serial(0xFFFFFFFF, data) if len(data) < _SHORT else _by_blocks(data)) ^ 0xFFFFFFFF


def masked_crc32c(data: bytes) -> int:
    """The checksum as files hold it: rotated and shifted, so that a checksum of checksums is none of itself."""
    crc = crc32c(data)
    return ((crc >> 15 | crc << 17 & 0xFFFFFFFF) + 0xA282EAD8) & 0xFFFFFFFF


def _short_ones(records: list[bytes]) -> np.ndarray:
    """The masked checksums of records of 4 to `_TOGETHER` bytes, all at once: rows of bytes, zeros before them adding nothing."""
    table, places, _ = _block_tables()
    width = max(map(len, records))
    rows = np.frombuffer(b"".join([r.rjust(width, b"\0") for r in records]), np.uint8).astype(np.intp).reshape(-1, width)
    starts = width - np.fromiter(map(len, records), np.intp, len(records))
    rows[np.arange(len(rows))[:, None], starts[:, None] + np.arange(4)] ^= 0xFF
    crc = np.bitwise_xor.reduce(table.take(rows + places[_BLOCK - width :]), axis=1) ^ np.uint32(0xFFFFFFFF)
    return (crc >> 15 | crc << 17) + np.uint32(0xA282EAD8)


_TOGETHER = 256


def masked_crc32c_of_each(records: list[bytes]) -> np.ndarray:
    """`masked_crc32c` of many records: of short ones in a small part of the time."""
    short = [i for i, r in enumerate(records) if 4 <= len(r) <= _TOGETHER]
    if len(short) == len(records) and records:
        return _short_ones(records)
    checks = np.empty(len(records), np.uint32)
    if short:
        checks[short] = _short_ones([records[i] for i in short])
    for i in set(range(len(records))).difference(short):
        checks[i] = masked_crc32c(records[i])
    return checks


@functools.lru_cache(4096)
def header(length: int) -> bytes:
    """What stands before a record of some length."""
    data = struct.pack("<Q", length)
    return data + struct.pack("<I", masked_crc32c(data))


def framed(records: list[bytes]) -> list[bytes]:
    """Records as they stand in a file."""
    checks = masked_crc32c_of_each(records).astype("<u4").tobytes()
    return [b"".join((header(len(r)), r, checks[4 * i : 4 * i + 4])) for i, r in enumerate(records)]


def framed_variants(record: bytes, places: np.ndarray, values: np.ndarray) -> np.ndarray:
    """A short record with other bytes at some places, many times: rows of bytes as they stand in a file.

    places: where the bytes differ, `record` being zero there. values: these bytes, `[how many, place]`. A checksum is the
    exclusive or of what each byte adds, so that only the bytes that differ are looked up.
    """
    table, _, _ = _block_tables()
    added = np.bitwise_xor.reduce(table.take(values + 256 * (_BLOCK - len(record) + places)), axis=1)
    crc = added ^ np.uint32(crc32c(record))
    rows = np.empty((len(values), len(record) + 16), np.uint8)
    rows[:, :-4] = np.frombuffer(header(len(record)) + record, np.uint8)
    rows[:, 12 + places] = values
    rows[:, -4:] = ((crc >> 15 | crc << 17) + np.uint32(0xA282EAD8)).astype("<u4").view(np.uint8).reshape(-1, 4)
    return rows


# -- writing ---------------------------------------------------------------------------------------------------


def compression_name(compression: Any) -> str:
    """'', 'GZIP' or 'ZLIB'. Raises InvalidArgumentError for anything else."""
    name = compression.decode() if isinstance(compression, bytes) else compression or ""
    if name not in ("", "GZIP", "ZLIB"):
        raise errors.invalid(f"Unsupported compression_type:{name}. It must be 'GZIP', 'ZLIB' or '' for none.")
    return name


class Writer:
    """Writes records into a file. Raises NotFoundError when the directory does not exist."""

    def __init__(self, path: str, compression: str = "", level: int | None = None):
        self._compression = compression_name(compression)
        try:
            self._raw: BinaryIO = open(path, "wb")  # noqa: SIM115
        except OSError as error:
            raise os_error(error, path) from None
        self._file: Any = self._raw
        self._zlib: Any = None
        if self._compression == "GZIP":
            self._file = gzip.GzipFile("", "wb", 6 if level in (None, -1) else level, self._raw, mtime=0)  # type: ignore[arg-type]
        elif self._compression == "ZLIB":
            self._zlib = zlib.compressobj(-1 if level is None else level)

    def write(self, record: bytes) -> None:
        """Append a record."""
        self._put(b"".join([header(len(record)), record, struct.pack("<I", masked_crc32c(record))]))

    def _put(self, data: bytes) -> None:
        self._file.write(data if self._zlib is None else self._zlib.compress(data))

    def flush(self) -> None:
        """Hand what has been written to the system."""
        if self._zlib is not None:
            self._file.write(self._zlib.flush(zlib.Z_SYNC_FLUSH))
        self._file.flush()
        self._raw.flush()

    def close(self) -> None:
        """Write the rest and close the file."""
        if self._raw.closed:
            return
        if self._zlib is not None:
            self._file.write(self._zlib.flush())
        if self._file is not self._raw:
            self._file.close()
        self._raw.close()


# -- reading ---------------------------------------------------------------------------------------------------


class _Inflated:
    """A zlib stream as a file to read. A file that ends within it is read as far as it goes."""

    def __init__(self, raw: BinaryIO, path: str, window: int):
        self._raw, self._path, self._inflate = raw, path, zlib.decompressobj(window)
        self._window, self._left = window, b""

    def read(self, count: int) -> bytes:
        """`count` bytes, fewer at the end."""
        while len(self._left) < count:
            data = self._inflate.unconsumed_tail or self._raw.read(_CHUNK)
            if self._inflate.eof:  # another stream may follow
                data = self._inflate.unused_data + data
                if not data:
                    break
                self._inflate = zlib.decompressobj(self._window)
            if not data:
                break
            try:
                self._left += self._inflate.decompress(data, _CHUNK)
            except zlib.error as error:
                raise errors.DataLossError(
                    None, None, f"{self._path} is no {'GZIP' if self._window > 15 else 'ZLIB'} file, or is damaged ({error})."
                ) from None
        taken, self._left = self._left[:count], self._left[count:]
        return taken


def open_for_reading(path: str, compression: str = "") -> Any:
    """Something to `read` the file's content from, inflated. Raises NotFoundError."""
    compression = compression_name(compression)
    try:
        raw = open(path, "rb")  # noqa: SIM115
    except OSError as error:
        raise os_error(error, path) from None
    return raw if not compression else _Inflated(raw, path, 31 if compression == "GZIP" else 15)


def records(path: str, compression: str = "") -> Iterator[bytes]:
    """The records of a file. Raises NotFoundError; DataLossError, with file and offset, for one that is cut off or damaged."""
    file = open_for_reading(path, compression)
    size = None if compression else os.fstat(file.fileno()).st_size
    offset = 0
    try:
        while True:
            header = file.read(12)
            if not header:
                return
            if len(header) < 12:
                raise lost(path, offset, "truncated record", "the file ends within a record's header")
            length, check = struct.unpack("<QI", header)
            if masked_crc32c(header[:8]) != check:
                raise lost(path, offset, "corrupted record", "the checksum of its length is wrong. Is the compression_type right?")
            if size is not None and length + 16 > size - offset:
                raise lost(
                    path, offset, "truncated record", f"it should have {length} bytes, the file ends after {size - offset - 12}"
                )
            data = _read(file, length + 4)
            if len(data) < length + 4:
                raise lost(path, offset, "truncated record", f"it should have {length} bytes, the file ends after {len(data)}")
            record = data[:length]
            if masked_crc32c(record) != struct.unpack("<I", data[length:])[0]:
                raise lost(path, offset, "corrupted record", "its checksum is wrong")
            yield record
            offset += length + 16
    finally:
        getattr(file, "_raw", file).close()


def _read(file: Any, count: int) -> bytes:
    """`count` bytes, a part at a time, so that a length that lies takes no memory."""
    parts = []
    while count:
        part = file.read(min(count, _CHUNK))
        if not part:
            break
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


def lost(path: str, offset: int, what: str, why: str) -> errors.OpError:
    return errors.DataLossError(None, None, f"{what} at {offset} in {path}: {why}.")


def os_error(error: OSError, path: Any) -> errors.OpError:
    """TensorFlow's error for one of the file system."""
    kinds: dict[type[OSError], type[errors.OpError]] = {
        FileNotFoundError: errors.NotFoundError, PermissionError: errors.PermissionDeniedError,
        IsADirectoryError: errors.FailedPreconditionError, FileExistsError: errors.AlreadyExistsError,
    }  # fmt: skip
    return kinds.get(type(error), errors.UnknownError)(None, None, f"{os.fspath(path)}; {error.strerror}")
