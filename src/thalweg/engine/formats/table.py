"""Sorted tables of keys and values (LevelDB's format): the `.index` file of a checkpoint.

A table is data blocks, an index block that says where they are, and a footer. In a block a key holds only what differs from
the key before it. Source: https://github.com/google/leveldb/blob/main/doc/table_format.md
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator

from thalweg.engine.core import errors
from thalweg.engine.formats.tfrecord import masked_crc32c
from thalweg.engine.formats.wire import read_varint, varint

MAGIC = 0xDB4775248B80FB57
_FOOTER, _TRAILER = 48, 5
_BLOCK_SIZE, _RESTART_INTERVAL = 1 << 18, 16


def _bad(what: str) -> errors.OpError:
    return errors.DataLossError(None, None, f"Not a checkpoint's index, or a damaged one: {what}.")


# -- writing -----------------------------------------------------------------------------------------------


class _Block:
    def __init__(self, interval: int):
        self.interval, self.data, self.restarts, self.count, self.last = interval, bytearray(), [0], 0, b""

    def add(self, key: bytes, value: bytes) -> None:
        shared = 0
        if self.count and self.count % self.interval == 0:
            self.restarts.append(len(self.data))
        elif self.count:
            most = min(len(key), len(self.last))
            while shared < most and key[shared] == self.last[shared]:
                shared += 1
        self.data += varint(shared) + varint(len(key) - shared) + varint(len(value)) + key[shared:] + value
        self.last, self.count = key, self.count + 1

    def bytes(self) -> bytes:
        return bytes(self.data) + struct.pack(f"<{len(self.restarts) + 1}I", *self.restarts, len(self.restarts))


def _between(low: bytes, high: bytes) -> bytes:
    """A short key that is not below `low`, and below `high`."""
    at = next((i for i, (a, b) in enumerate(zip(low, high)) if a != b), None)
    if at is None or low[at] == 0xFF or low[at] + 1 >= high[at]:
        return low
    return low[:at] + bytes([low[at] + 1])


def _after(key: bytes) -> bytes:
    """A short key that is not below `key`."""
    at = next((i for i, c in enumerate(key) if c != 0xFF), None)
    return key if at is None else key[:at] + bytes([key[at] + 1])


def write_table(items: Iterable[tuple[bytes, bytes]]) -> bytes:
    """A table of pairs of key and value, given in the order of their keys."""
    out = bytearray()
    index = _Block(1)

    def flush(block: _Block) -> bytes:
        body = block.bytes() + b"\0"
        handle = varint(len(out)) + varint(len(body) - 1)
        out.extend(body + struct.pack("<I", masked_crc32c(body)))
        return handle

    block = _Block(_RESTART_INTERVAL)
    for key, value in items:
        if len(block.data) >= _BLOCK_SIZE:
            index.add(_between(block.last, key), flush(block))
            block = _Block(_RESTART_INTERVAL)
        block.add(key, value)
    if block.count:
        index.add(_after(block.last), flush(block))
    handles = flush(_Block(1)) + flush(index)
    return bytes(out) + handles.ljust(_FOOTER - 8, b"\0") + struct.pack("<Q", MAGIC)


# -- reading -----------------------------------------------------------------------------------------------


def read_table(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The pairs of a table, in order. Raises DataLossError where the file is not what it says."""
    if len(data) < _FOOTER or struct.unpack("<Q", data[-8:])[0] != MAGIC:
        raise _bad("bad magic number")
    footer = data[-_FOOTER:-8]
    at = 0
    numbers = []
    for _ in range(4):
        n, at = read_varint(footer, at)
        numbers.append(n)
    for _, handle in _pairs(_read_block(data, numbers[2], numbers[3])):
        offset, at = read_varint(handle, 0)
        size, _ = read_varint(handle, at)
        yield from _pairs(_read_block(data, offset, size))


def _read_block(data: bytes, offset: int, size: int) -> bytes:
    if offset + size + _TRAILER > len(data):
        raise _bad("a block lies outside the file")
    body = data[offset : offset + size]
    kind, crc = struct.unpack("<BI", data[offset + size : offset + size + _TRAILER])
    if masked_crc32c(data[offset : offset + size + 1]) != crc:
        raise _bad("block checksum mismatch")
    if kind:
        raise _bad("its blocks are compressed, which TensorFlow's checkpoints are not")
    return body


def _pairs(block: bytes) -> Iterator[tuple[bytes, bytes]]:
    if len(block) < 4:
        raise _bad("a block is too short")
    end = len(block) - 4 - 4 * struct.unpack("<I", block[-4:])[0]
    if end < 0:
        raise _bad("a block has more restarts than bytes")
    at, key = 0, b""
    while at < end:
        shared, at = read_varint(block, at)
        own, at = read_varint(block, at)
        size, at = read_varint(block, at)
        if shared > len(key) or at + own + size > end:
            raise _bad("an entry lies outside its block")
        key = key[:shared] + block[at : at + own]
        at += own
        yield key, block[at : at + size]
        at += size
