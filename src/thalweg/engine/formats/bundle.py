"""TensorFlow's tensor bundle: `prefix.index`, a sorted table of entries, and `prefix.data-00000-of-00001`, the tensors' bytes.

Files are written beside their place and moved into it, the index last, so that a reader finds a whole bundle or none.
Source: https://github.com/tensorflow/tensorflow/blob/master/tensorflow/core/util/tensor_bundle/tensor_bundle.h
"""

from __future__ import annotations

import math
import os
import struct
from collections.abc import Mapping
from typing import Any

import numpy as np

from thalweg.engine.core import dtypes, errors
from thalweg.engine.core.dtypes import DType
from thalweg.engine.formats.table import read_table, write_table
from thalweg.engine.formats.tfrecord import masked_crc32c
from thalweg.engine.formats.wire import decode, encode, read_varint, varint

_SHAPE = {"dim": (2, [{"size": (1, "int"), "name": (2, "string")}]), "unknown_rank": (3, "bool")}
_HEADER = {"num_shards": (1, "int"), "endianness": (2, "int"), "version": (3, {"producer": (1, "int"), "min_consumer": (2, "int")})}
_EXTENT = {"start": (1, "int"), "length": (2, "int")}
_ENTRY = {
    "dtype": (1, "int"), "shape": (2, _SHAPE), "shard_id": (3, "int"), "offset": (4, "int"), "size": (5, "int"),
    "crc32c": (6, "fixed32"), "slices": (7, [{"extent": (1, [_EXTENT])}]),
}  # fmt: skip
_WHOLE = -1  # the length of a slice that takes a dimension whole


def _lost(what: str) -> errors.OpError:
    return errors.DataLossError(None, None, what)


def data_path(prefix: str, shard: int = 0, count: int = 1) -> str:
    return f"{prefix}.data-{shard:05d}-of-{count:05d}"


def bundle_exists(prefix: str) -> bool:
    return os.path.isfile(f"{prefix}.index")


# -- elements ----------------------------------------------------------------------------------------------


def _length_bytes(length: int) -> bytes:
    return struct.pack("<I" if length <= 0xFFFFFFFF else "<Q", length)


def _encode_strings(values: list[bytes]) -> tuple[bytes, int]:
    """Strings as they lie in a file, and their checksum: over the lengths as fixed numbers, not as they are written."""
    fixed = b"".join(_length_bytes(len(v)) for v in values)
    check = struct.pack("<I", masked_crc32c(fixed))
    body = b"".join(values)
    return b"".join(varint(len(v)) for v in values) + check + body, masked_crc32c(fixed + check + body)


def _decode_strings(data: bytes, count: int, key: str) -> tuple[np.ndarray, int]:
    """`count` strings, and the checksum that the entry must have. Raises DataLossError where they do not fit the data."""
    if count > len(data):
        raise _lost(f"{key}: {count} strings cannot lie in {len(data)} bytes.")
    at, lengths = 0, []
    for _ in range(count):
        n, at = read_varint(data, at)
        lengths.append(n)
    check, at = data[at : at + 4], at + 4
    if at + sum(lengths) != len(data):
        raise _lost(f"{key}: the lengths of its strings do not add up to the bytes there are.")
    fixed = b"".join(map(_length_bytes, lengths))
    if struct.pack("<I", masked_crc32c(fixed)) != check:
        raise _lost(f"{key}: the lengths of its strings are damaged (checksum mismatch).")
    values = np.empty(count, object)
    crc = masked_crc32c(fixed + data[at - 4 :])
    for i, n in enumerate(lengths):
        values[i] = data[at : at + n]
        at += n
    return values, crc


def _as_bytes(array: np.ndarray) -> tuple[bytes, int]:
    if array.dtype == object:
        return _encode_strings([v if isinstance(v, bytes) else str(v).encode() for v in array.ravel().tolist()])
    data = np.ascontiguousarray(array).tobytes()
    return data, masked_crc32c(data)


# -- writing -----------------------------------------------------------------------------------------------


def write_bundle(prefix: str, tensors: Mapping[str, Any]) -> None:
    """Save named arrays under a prefix. Raises NotFoundError where the directory does not exist."""
    entries, parts, offset = [], [], 0
    for key in sorted(tensors, key=str.encode):
        array = np.asarray(tensors[key])
        data, crc = _as_bytes(array)
        entry = {
            "dtype": dtypes.FROM_NUMPY[array.dtype].as_datatype_enum, "shape": {"dim": [{"size": n} for n in array.shape]},
            "offset": offset, "size": len(data), "crc32c": crc,
        }  # fmt: skip
        entries.append((key.encode(), encode(entry, _ENTRY)))
        parts.append(data)
        offset += len(data)
    header = encode({"num_shards": 1, "version": {"producer": 1}}, _HEADER)
    replace_file(data_path(prefix), parts)
    replace_file(f"{prefix}.index", [write_table([(b"", header), *entries])])


def replace_file(path: str, parts: list[bytes]) -> None:
    """Write a file whole or not at all: beside its place, to the disk, then into its place."""
    temporary = f"{path}.tmp{os.getpid()}"
    try:
        with open(temporary, "wb") as file:
            for part in parts:
                file.write(part)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except FileNotFoundError:
        raise errors.NotFoundError(None, None, f"{os.path.dirname(path) or '.'}; No such file or directory") from None
    except BaseException:
        if os.path.exists(temporary):
            os.unlink(temporary)
        raise


# -- reading -----------------------------------------------------------------------------------------------


class Entry:
    """What the index says of one tensor."""

    def __init__(self, key: str, data: bytes):
        fields = decode(data, _ENTRY)
        self.key, self.crc, self.shard = key, fields["crc32c"], fields["shard_id"]
        self.offset, self.size = fields["offset"], fields["size"]
        try:
            self.dtype: DType = dtypes.as_dtype(fields["dtype"])
        except TypeError:
            raise errors.UnimplementedError(None, None, f"{key} is of TensorFlow's type {fields['dtype']}: unknown here.") from None
        self.shape = tuple(d["size"] for d in (fields["shape"] or {"dim": []})["dim"])
        self.slices = [tuple((e["start"], e["length"] or _WHOLE) for e in s["extent"]) for s in fields["slices"]]
        if any(n < 0 for n in self.shape) or min(self.offset, self.size, self.shard) < 0:
            raise _lost(f"{key}: the index gives it a negative size.")


class BundleReader:
    """Reads the tensors of a bundle by name. Raises NotFoundError when there is none under the prefix."""

    def __init__(self, prefix: str):
        self.prefix = os.fspath(prefix)
        try:
            with open(f"{self.prefix}.index", "rb") as file:
                index = file.read()
        except OSError:
            raise errors.NotFoundError(
                None, None, f"Unsuccessful TensorSliceReader constructor: Failed to find any matching files for {self.prefix}"
            ) from None
        self._raw = dict(read_table(index))
        header = decode(self._raw.pop(b"", b""), _HEADER)
        if header["endianness"]:
            raise errors.UnimplementedError(None, None, f"{self.prefix} was written on a big-endian machine.")
        self._shards = header["num_shards"]
        names = [k.decode("utf-8", "surrogateescape") for k in self._raw if not k.startswith(b"\0")]
        self.entries = {n: Entry(n, self._raw[n.encode("utf-8", "surrogateescape")]) for n in names}

    def read(self, key: str) -> np.ndarray:
        """The tensor of this name. Raises NotFoundError if there is none, DataLossError if its bytes are damaged."""
        entry = self.entries.get(key)
        if entry is None:
            raise errors.NotFoundError(None, None, f"Key {key} not found in checkpoint")
        return self._joined(entry) if entry.slices else self._whole(entry)

    def _whole(self, entry: Entry) -> np.ndarray:
        count = math.prod(entry.shape)
        is_string = entry.dtype is dtypes.string
        if not is_string and count * entry.dtype.np_dtype.itemsize != entry.size:
            raise _lost(f"{entry.key}: the index gives {entry.size} bytes to a tensor of shape {list(entry.shape)}.")
        data = self._bytes(entry)
        if is_string:
            array, crc = _decode_strings(data, count, entry.key)
        else:
            array, crc = np.frombuffer(data, entry.dtype.np_dtype), masked_crc32c(data)
        if crc != entry.crc:
            path = data_path(self.prefix, entry.shard, self._shards)
            raise _lost(f"Checksum does not match for {entry.key} in {path}: the file is damaged.")
        return array.reshape(entry.shape)

    def _bytes(self, entry: Entry) -> bytes:
        path = data_path(self.prefix, entry.shard, self._shards)
        try:
            with open(path, "rb") as file:
                if entry.offset + entry.size > os.fstat(file.fileno()).st_size:
                    raise errors.OutOfRangeError(None, None, f"{path} is too short to hold {entry.key}: it was cut off.")
                file.seek(entry.offset)
                return file.read(entry.size)
        except FileNotFoundError:
            raise errors.NotFoundError(None, None, f"{path}; No such file or directory") from None

    def _joined(self, entry: Entry) -> np.ndarray:
        """A tensor that was saved in slices, put together."""
        places = [[(s, n if n != _WHOLE else size) for (s, n), size in zip(cut, entry.shape)] for cut in entry.slices]
        if any(s < 0 or n < 0 or s + n > size for place in places for (s, n), size in zip(place, entry.shape)):
            raise _lost(f"{entry.key}: a slice lies outside the tensor.")
        if sum(math.prod(n for _, n in place) for place in places) != math.prod(entry.shape):
            raise _lost(f"{entry.key}: its slices do not cover it.")
        parts = [self._whole(self._slice_entry(entry, cut)) for cut in entry.slices]
        whole = np.empty(entry.shape, entry.dtype.np_dtype)
        for place, part in zip(places, parts):
            whole[tuple(slice(s, s + n) for s, n in place)] = part
        return whole

    def _slice_entry(self, entry: Entry, cut: Any) -> Entry:
        raw = self._raw.get(slice_key(entry.key, cut))
        if raw is None:
            raise _lost(f"{entry.key}: the slice {cut} is missing from the index.")
        return Entry(entry.key, raw)


# -- the keys of slices (ordered code) ---------------------------------------------------------------------


def slice_key(name: str, cut: Any) -> bytes:
    """The key of a slice in the index: an order-preserving code of the name and of each dimension's start and length."""
    text = _escaped(name.encode("utf-8", "surrogateescape"))
    key = _unsigned(0) + text + b"\x00\x01" + _unsigned(len(cut))
    return key + b"".join(_signed(n) for extent in cut for n in extent)


def _escaped(name: bytes) -> bytes:
    return b"".join(b"\x00\xff" if c == 0 else b"\xff\x00" if c == 255 else bytes([c]) for c in name)


def _unsigned(n: int) -> bytes:
    body = n.to_bytes((n.bit_length() + 7) // 8, "big")
    return bytes([len(body)]) + body


def _signed(n: int) -> bytes:
    positive = ~n if n < 0 else n
    length = positive.bit_length() // 7 + 1
    if length == 1:
        return bytes([(0x80 ^ n) & 0xFF])
    body = bytearray((n & (1 << 80) - 1).to_bytes(10, "big")[10 - length :])
    header = ((1 << length) - 1) << (16 - length)  # as many ones as there are bytes
    body[0] ^= header >> 8
    body[1] ^= header & 0xFF
    return bytes(body)
