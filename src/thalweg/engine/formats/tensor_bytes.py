"""Tensors as bytes and bytes as tensors: TensorProto, raw numbers, base64, compressed strings.

Source: https://www.tensorflow.org/api_docs/python/tf/io/serialize_tensor, tensorflow/core/framework/tensor.proto
"""

from __future__ import annotations

import base64
import math
import struct
import zlib
from typing import Any

import numpy as np

from thalweg.engine.core import dtypes, errors
from thalweg.engine.core.dispatch import dispatchable
from thalweg.engine.core.registry import BASIC, HOST, op
from thalweg.engine.core.shape import UNKNOWN, TensorShape
from thalweg.engine.formats import wire

_DIM: wire.Schema = {"size": (1, "int"), "name": (2, "string")}
SHAPE: wire.Schema = {"dim": (2, [_DIM]), "unknown_rank": (3, "bool")}
_S = dtypes.string
_MOST_FILLED = 1 << 26  # bytes that a message may ask for without giving them

# Which field of the message holds the elements of which kind of dtype.
_FIELDS = {
    "float32": (5, "<f4"), "float64": (6, "<f8"), "complex64": (9, "<c8"), "complex128": (12, "<c16"),
    "int64": (10, "varint"), "bool": (11, "varint"), "string": (8, "bytes"), "uint32": (16, "varint"), "uint64": (17, "varint"),
    "float16": (13, "half"), "bfloat16": (13, "half"),
}  # fmt: skip


def _texts(values: list[bytes], shape: Any) -> np.ndarray:
    out = np.empty(len(values), object)
    out[:] = values
    return out.reshape(shape)


def _box(data: bytes) -> np.ndarray:
    return _texts([data], ())


def to_proto(array: np.ndarray) -> bytes:
    """An array as a TensorProto: its bytes whole, strings one by one."""
    number = dtypes.FROM_NUMPY[array.dtype].as_datatype_enum
    shape = wire.encode({"dim": [{"size": n} for n in array.shape]}, SHAPE)
    if array.dtype == object:
        body = b"".join(wire._field(8, "bytes", v) for v in array.ravel().tolist())
    else:
        body = wire._field(4, "bytes", np.ascontiguousarray(array).tobytes())
    return wire.varint(1 << 3) + wire.varint(number) + wire._field(2, "bytes", shape) + body


def from_proto(data: bytes) -> np.ndarray:
    """The array of a TensorProto. Raises DataLossError, before anything is allocated, where sizes and contents do not agree."""
    number, content = 0, None
    shape: tuple[int, ...] = ()
    parts: list[Any] = []
    for field, kind, value in wire.fields(data):
        if field == 1:
            number = value
        elif field == 2:
            shape = tuple(d["size"] for d in wire.decode(value, SHAPE)["dim"])
        elif field == 4:
            content = bytes(value)
        else:
            parts.append((field, kind, value))
    try:
        dtype = dtypes.as_dtype(number)
    except TypeError:
        raise errors.DataLossError(None, None, f"A tensor of the unknown dtype {number}.") from None
    if any(n < 0 for n in shape):
        raise errors.DataLossError(None, None, f"A tensor of the impossible shape {list(shape)}.")
    count = math.prod(shape)
    if content:
        if dtype is _S or len(content) != count * dtype.size:
            raise errors.DataLossError(None, None, f"A tensor of shape {list(shape)} and {dtype.name} has {len(content)} bytes.")
        return np.frombuffer(content, dtype.np_dtype).reshape(shape).copy()
    return _elements(dtype, shape, count, parts)


def _elements(dtype: dtypes.DType, shape: tuple[int, ...], count: int, parts: list[Any]) -> np.ndarray:
    """Elements given one by one; the last of them stands for all that follow."""
    wanted, form = _FIELDS.get(dtype.name, (7, "varint"))
    values: list[Any] = []
    for field, kind, value in parts:
        if field != wanted:
            continue
        if form == "bytes":
            values.append(bytes(value))
        elif form in ("varint", "half"):
            values += [value] if kind == 0 else _varints(value)
        else:
            values += np.frombuffer(bytes(value), form).tolist()
    if len(values) > count or (not values and count and dtype is _S):
        raise errors.DataLossError(None, None, f"A tensor of shape {list(shape)} has {len(values)} elements.")
    if dtype is _S:
        return _texts((values + values[-1:] * (count - len(values))), shape)
    if form == "half":
        few = np.array([v & 0xFFFF for v in values], np.uint16).view(dtype.np_dtype)
    elif form == "varint":
        few = np.array([v & (1 << 64) - 1 for v in values], np.uint64).astype(dtype.np_dtype)
    else:
        few = np.array(values, dtype.np_dtype)
    if len(few) < count and count * dtype.size > _MOST_FILLED:
        raise errors.DataLossError(None, None, f"A tensor of shape {list(shape)} from {len(few)} elements is too large.")
    out = np.zeros(count, dtype.np_dtype)
    out[: len(few)] = few
    if len(few):
        out[len(few) :] = few[-1]
    return out.reshape(shape)


def _varints(data: Any) -> list[int]:
    found, at = [], 0
    while at < len(data):
        value, at = wire.read_varint(data, at)
        found.append(value)
    return found


@op("SerializeTensor", dtypes=(*BASIC, dtypes.bool, _S), out=_S, shape=lambda *_, **__: TensorShape([]), host=True)
def _serialize_tensor(xp: Any, tensor: Any) -> Any:
    return _box(to_proto(tensor))


def serialize_tensor(tensor: Any, name: str | None = None) -> Any:
    """A tensor as the bytes of a TensorProto, in a scalar string."""
    return _serialize_tensor(tensor, name=name)


@op("ParseTensor", types=(_S,), out=lambda groups, attrs: attrs["out_type"], shape=lambda *_, **__: UNKNOWN, host=True)
def _parse_tensor(xp: Any, serialized: Any, *, out_type: Any) -> Any:
    if serialized.ndim:
        raise errors.invalid(f"Expected `serialized` to be a scalar, got shape: {list(serialized.shape)}")
    try:
        found = from_proto(serialized.item())
    except errors.DataLossError as error:
        raise errors.invalid(f"Could not parse `serialized` as TensorProto: {error}") from None
    if found.dtype != out_type.np_dtype:
        held = dtypes.FROM_NUMPY[found.dtype].name
        raise errors.invalid(f"Type mismatch between parsed tensor ({held}) and dtype ({out_type.name})")
    return found


def parse_tensor(serialized: Any, out_type: Any, name: str | None = None) -> Any:
    """The tensor of a TensorProto's bytes. Raises InvalidArgumentError for other bytes and for another dtype.

    >>> tf.io.parse_tensor(tf.io.serialize_tensor([1.0, 2.0]), tf.float32).numpy()
    array([1., 2.], dtype=float32)
    """
    return _parse_tensor(serialized, out_type=dtypes.as_dtype(out_type), name=name)


# -- raw numbers -----------------------------------------------------------------------------------------------------


def _raw(data: list[bytes], shape: tuple[int, ...], out_type: Any, little_endian: bool) -> np.ndarray:
    size = out_type.size
    lengths = {len(d) for d in data}
    if len(lengths) > 1:
        raise errors.invalid(f"DecodeRaw requires input strings to all be the same size, but they are of {sorted(lengths)} bytes")
    length = lengths.pop() if lengths else 0
    if length % size:
        raise errors.invalid(f"Input to DecodeRaw has length {length}, no multiple of {size}, the size of {out_type.name}")
    array = np.frombuffer(b"".join(data), out_type.np_dtype).reshape((*shape, length // size))
    return (array if little_endian or size == 1 else array.byteswap()).copy()


def _out_type(groups: Any, attrs: Any) -> Any:
    return attrs["out_type"]


@op("DecodeRaw", types=(_S,), out=_out_type, shape=lambda x, **_: x.concatenate([None]), host=True)
def _decode_raw(xp: Any, bytes: Any, *, out_type: Any, little_endian: bool = True) -> Any:
    return _raw(bytes.ravel().tolist(), bytes.shape, out_type, little_endian)


@op("DecodePaddedRaw", types=(_S, HOST), out=_out_type, host=True,
    shape=lambda x, n, *, out_type, **_: x.concatenate([None if n is None else n // out_type.size]))
def _decode_padded_raw(xp: Any, input_bytes: Any, fixed_length: Any, *, out_type: Any, little_endian: bool = True) -> Any:
    n = int(fixed_length)
    if n <= 0 or n % out_type.size:
        raise errors.invalid(f"fixed_length ({n}) must be a positive multiple of the size of {out_type.name}")
    return _raw([d[:n].ljust(n, b"\0") for d in input_bytes.ravel().tolist()], input_bytes.shape, out_type, little_endian)


def decode_raw(
    input_bytes: Any, out_type: Any, little_endian: bool = True, fixed_length: Any = None, name: str | None = None
) -> Any:
    """Bytes as numbers: one more dimension, of as many elements as the bytes of each string hold.

    fixed_length: cut or fill each string to so many bytes. Raises InvalidArgumentError for lengths that do not fit.

    >>> tf.io.decode_raw(b"\\x01\\x00\\x02\\x00", tf.int16).numpy()
    array([1, 2], dtype=int16)
    """
    out_type = dtypes.as_dtype(out_type)
    if fixed_length is not None:
        return _decode_padded_raw(input_bytes, fixed_length, out_type=out_type, little_endian=little_endian, name=name)
    return _decode_raw(input_bytes, out_type=out_type, little_endian=little_endian, name=name)


# -- base64, compression --------------------------------------------------------------------------------------------


def _each(array: Any, function: Any) -> np.ndarray:
    return _texts([function(v) for v in array.ravel().tolist()], array.shape)


def _same(x: TensorShape, **_: Any) -> TensorShape:
    return x


@op("EncodeBase64", types=(_S,), out=_S, shape=_same, host=True)
def _encode_base64(xp: Any, input: Any, *, pad: bool = False) -> Any:
    def encoded(data: bytes) -> bytes:
        text = base64.urlsafe_b64encode(data)
        return text if pad else text.rstrip(b"=")

    return _each(input, encoded)


@op("DecodeBase64", types=(_S,), out=_S, shape=_same, host=True)
def _decode_base64(xp: Any, input: Any) -> Any:
    def decoded(text: bytes) -> bytes:
        bare = text.rstrip(b"=")
        if len(text) - len(bare) > 2 or len(bare) % 4 == 1 or not set(bare) <= _WEB_SAFE:
            raise errors.invalid(f"Invalid character found in base64, or its end is missing: {text!r}")
        return base64.urlsafe_b64decode(bare + b"=" * (-len(bare) % 4))

    return _each(input, decoded)


_WEB_SAFE = set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


@dispatchable
def encode_base64(input: Any, pad: bool = False, name: str | None = None) -> Any:
    """Strings in web-safe base64, with `=` at the end if `pad`.

    >>> tf.io.encode_base64(b"tf?").numpy()
    b'dGY_'
    """
    return _encode_base64(input, pad=pad, name=name)


@dispatchable
def decode_base64(input: Any, name: str | None = None) -> Any:
    """Strings from web-safe base64. Raises InvalidArgumentError for other characters."""
    return _decode_base64(input, name=name)


@op("DecodeCompressed", types=(_S,), out=_S, shape=_same, host=True)
def _decode_compressed(xp: Any, bytes: Any, *, compression_type: str = "") -> Any:
    modes = {"": None, "ZLIB": zlib.MAX_WBITS, "GZIP": zlib.MAX_WBITS | 16}
    if compression_type not in modes:
        raise errors.invalid(f"Only ZLIB, GZIP or NONE are supported compressions, not {compression_type}")
    mode = modes[compression_type]
    if mode is None:
        return bytes
    try:
        return _each(bytes, lambda data: zlib.decompress(data, mode))
    except (zlib.error, struct.error) as error:
        raise errors.DataLossError(None, None, f"inflate() failed: {error}") from None


def decode_compressed(bytes: Any, compression_type: str = "", name: str | None = None) -> Any:
    """Strings unpacked from 'ZLIB' or 'GZIP'. Raises DataLossError for corrupt data."""
    return _decode_compressed(bytes, compression_type=compression_type, name=name)


