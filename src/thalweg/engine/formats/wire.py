"""Protocol buffers on the wire: messages as dicts, their schemas as tables.

A schema is `{field name: (number, kind)}`; a kind is "int", "float", "double", "bool", "bytes", "string", "fixed32" or the
schema of a message inside; `[kind]` stands for a repeated field. Fields at their default are not written and come back as it.
Source: https://protobuf.dev/programming-guides/encoding/
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any

from thalweg.engine.core import errors

Schema = dict[str, tuple[int, Any]]
_DEEPEST = 64
_DEFAULTS = {"int": 0, "float": 0.0, "double": 0.0, "bool": False, "bytes": b"", "string": "", "fixed32": 0}


def varint(n: int) -> bytes:
    """An unsigned number, seven bits a byte, the lowest first; negative ones as 64 bits."""
    n &= (1 << 64) - 1
    out = bytearray()
    while n > 0x7F:
        out.append(n & 0x7F | 0x80)
        n >>= 7
    out.append(n)
    return bytes(out)


def read_varint(data: Any, at: int) -> tuple[int, int]:
    """The number at a place, and where it ends. Raises DataLossError where the data ends first."""
    value = shift = 0
    while True:
        if at >= len(data) or shift > 63:
            raise errors.DataLossError(None, None, "Corrupt data: a number does not end.")
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


# -- writing -----------------------------------------------------------------------------------------------


def encode(message: dict[str, Any], schema: Schema) -> bytes:
    """A message as bytes, its fields in the order of their numbers."""
    out = bytearray()
    for name, (number, kind) in sorted(schema.items(), key=lambda item: item[1][0]):
        value = message.get(name)
        if value is None:
            continue
        if not isinstance(kind, list):
            if isinstance(kind, dict) or value != _DEFAULTS[kind]:
                out += _field(number, kind, value)
        elif kind[0] in ("int", "bool"):  # numbers are packed
            packed = b"".join(varint(int(v)) for v in value)
            out += _field(number, "bytes", packed) if packed else b""
        else:
            for v in value:
                out += _field(number, kind[0], v)
    return bytes(out)


def _field(number: int, kind: Any, value: Any) -> bytes:
    if kind in ("int", "bool"):
        return varint(number << 3) + varint(int(value))
    if kind == "double":
        return varint(number << 3 | 1) + struct.pack("<d", value)
    if kind in ("float", "fixed32"):
        return varint(number << 3 | 5) + struct.pack("<f" if kind == "float" else "<I", value)
    body = encode(value, kind) if isinstance(kind, dict) else value.encode() if kind == "string" else bytes(value)
    return varint(number << 3 | 2) + varint(len(body)) + body


# -- reading -----------------------------------------------------------------------------------------------


def fields(data: Any) -> Iterator[tuple[int, int, Any]]:
    """The fields of a message as `(number, wire type, value)`. Raises DataLossError for what is no message."""
    at, end = 0, len(data)
    while at < end:
        tag, at = read_varint(data, at)
        number, wire = tag >> 3, tag & 7
        if wire == 0:
            value, at = read_varint(data, at)
        elif wire in (1, 5):
            size = 8 if wire == 1 else 4
            value, at = data[at : at + size], at + size
        elif wire == 2:
            size, at = read_varint(data, at)
            value, at = data[at : at + size], at + size
        else:
            raise errors.DataLossError(None, None, f"Corrupt data: a field of the unknown kind {wire}.")
        if at > end:
            raise errors.DataLossError(None, None, "Corrupt data: a message ends in the middle of a field.")
        yield number, wire, value


def decode(data: Any, schema: Schema, depth: int = 0) -> dict[str, Any]:
    """A message from bytes. Fields that the schema does not name are skipped. Raises DataLossError for corrupt data."""
    if depth > _DEEPEST:
        raise errors.DataLossError(None, None, "Corrupt data: messages inside messages without an end.")
    by_number = {number: (name, kind) for name, (number, kind) in schema.items()}
    message: dict[str, Any] = {name: [] if isinstance(kind, list) else _DEFAULTS[kind] if isinstance(kind, str) else None
                               for name, (_, kind) in schema.items()}  # fmt: skip
    for number, wire, value in fields(data):
        if number not in by_number:
            continue
        name, kind = by_number[number]
        if not isinstance(kind, list):
            message[name] = _value(kind, wire, value, depth)
        elif wire == 2 and kind[0] in ("int", "bool"):
            at = 0
            while at < len(value):
                n, at = read_varint(value, at)
                message[name].append(_value(kind[0], 0, n, depth))
        else:
            message[name].append(_value(kind[0], wire, value, depth))
    return message


_WIRES = {"int": 0, "bool": 0, "double": 1, "float": 5, "fixed32": 5, "bytes": 2, "string": 2}


def _value(kind: Any, wire: int, value: Any, depth: int) -> Any:
    if wire != (2 if isinstance(kind, dict) else _WIRES[kind]):
        raise errors.DataLossError(None, None, "Corrupt data: a field has another type than its message says.")
    if isinstance(kind, dict):
        return decode(value, kind, depth + 1)
    if kind == "int":
        return value - (1 << 64) if value >= 1 << 63 else value
    if kind == "string":
        return bytes(value).decode("utf-8", "replace")
    if kind in ("float", "double", "fixed32"):
        return struct.unpack({"float": "<f", "double": "<d", "fixed32": "<I"}[kind], value)[0]
    return bool(value) if kind == "bool" else bytes(value)
