"""TensorFlow's first checkpoints (V1), which are read: one file, a table of slices of tensors.

Source: tensorflow/core/util/saved_tensor_slice.proto
"""

from __future__ import annotations

import math
import os
from typing import Any, NamedTuple

import numpy as np

from thalweg.engine.core import dtypes, errors
from thalweg.engine.formats.table import MAGIC, read_table

_LARGEST = 1 << 33  # bytes of one tensor: a file is not trusted


class Entry(NamedTuple):
    """A tensor's dtype and shape."""

    dtype: dtypes.DType
    shape: tuple[int, ...]


def is_first_checkpoint(path: Any) -> bool:
    """Whether a path is a file that ends as a table does."""
    path = os.fspath(path)
    if not os.path.isfile(path) or os.path.getsize(path) < 8:
        return False
    with open(path, "rb") as f:
        f.seek(-8, os.SEEK_END)
        return int.from_bytes(f.read(), "little") == MAGIC


class FirstCheckpointReader:
    """A V1 checkpoint's tensors by name. Raises DataLossError for a damaged file, NotFoundError for a name that is not there."""

    def __init__(self, path: Any):
        from google.protobuf.message import DecodeError

        from thalweg.engine.formats.schema import messages
        from thalweg.engine.formats.tensor_proto import shape_of_proto

        (slices,) = messages("saved_tensor_slice.proto", "SavedTensorSlices")
        self.prefix = os.fspath(path)
        with open(self.prefix, "rb") as f:
            table = dict(read_table(f.read()))
        self._slices: dict[str, list[Any]] = {}
        try:
            meta = slices.FromString(table.pop(b"", b"")).meta
            for value in table.values():
                one = slices.FromString(value).data
                self._slices.setdefault(one.name, []).append(one)
        except DecodeError as error:
            raise errors.DataLossError(None, None, f"{self.prefix} is damaged: {error}.") from None
        self.entries: dict[str, Entry] = {}
        for t in meta.tensor:
            shape = tuple(int(n) for n in shape_of_proto(t.shape).as_list())
            dtype = dtypes.as_dtype(int(t.type)).base_dtype
            if math.prod(shape) * max(dtype.size, 1) > _LARGEST:
                raise errors.DataLossError(None, None, f"{self.prefix}: tensor {t.name} is said to have the shape {list(shape)}.")
            self.entries[t.name] = Entry(dtype, shape)

    def read(self, key: str) -> np.ndarray:
        """The tensor of this name."""
        entry = self.entries.get(key)
        if entry is None:
            raise errors.NotFoundError(None, None, f"Key {key} not found in checkpoint")
        whole = np.zeros(entry.shape, entry.dtype.np_dtype)
        for one in self._slices.get(key, []):
            place = tuple(
                slice(e.start, e.start + e.length) if e.WhichOneof("has_length_hack") else slice(None) for e in one.slice.extent
            )
            part = whole[place]
            values = _values(one.data, entry.dtype)
            if values.size != part.size:
                raise errors.DataLossError(None, None, f"{self.prefix}: {key} has {values.size} values for {part.size} places.")
            whole[place] = values.reshape(part.shape)
        return whole


_FIELDS = {
    "float32": "float_val", "float64": "double_val", "int64": "int64_val", "bool": "bool_val", "string": "string_val",
    "uint32": "uint32_val", "uint64": "uint64_val",
}  # fmt: skip


def _values(proto: Any, dtype: dtypes.DType) -> np.ndarray:
    """The numbers of a slice, in a row."""
    if proto.tensor_content:
        return np.frombuffer(proto.tensor_content, dtype.np_dtype)
    if dtype.name in ("float16", "bfloat16"):
        return np.array(list(proto.half_val), np.uint16).view(dtype.np_dtype)
    values = list(getattr(proto, _FIELDS.get(dtype.name, "int_val")))
    found = np.empty(len(values), dtype.np_dtype)
    found[:] = values
    return found
