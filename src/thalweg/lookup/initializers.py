"""What static tables are filled from: tensors, or the lines of a text file."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

import thalweg as tf


class TableInitializerBase:
    """Gives a table its keys and values, once."""

    def __init__(self, key_dtype: Any, value_dtype: Any):
        self._key_dtype, self._value_dtype = tf.as_dtype(key_dtype), tf.as_dtype(value_dtype)

    key_dtype = property(lambda self: self._key_dtype)
    value_dtype = property(lambda self: self._value_dtype)

    def pairs(self) -> tuple[np.ndarray, np.ndarray]:
        """Keys and values, as arrays. Raises InvalidArgumentError where they do not belong together."""
        raise NotImplementedError


class KeyValueTensorInitializer(TableInitializerBase):
    """Keys and values of two vectors of one length.

    >>> table = tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer(["a", "b"], [7, 8]), default_value=-1)
    >>> table.lookup(tf.constant(["b", "z"])).numpy()
    array([ 8, -1], dtype=int32)
    """

    def __init__(self, keys: Any, values: Any, key_dtype: Any = None, value_dtype: Any = None, name: str | None = None):
        with tf.init_scope():
            self._keys = tf.convert_to_tensor(keys, dtype=key_dtype, name="keys")
            self._values = tf.convert_to_tensor(values, dtype=value_dtype, name="values")
        super().__init__(self._keys.dtype, self._values.dtype)

    def pairs(self) -> tuple[np.ndarray, np.ndarray]:
        found = [tf.get_static_value(t) for t in (self._keys, self._values)]
        if any(a is None for a in found):
            raise ValueError("The keys and values of a table must be known when it is made: use constants.")
        kinds = [object if t.dtype is tf.string else None for t in (self._keys, self._values)]
        keys, values = (np.asarray(a, dtype=kind) for a, kind in zip(found, kinds))
        if keys.shape != values.shape:
            raise tf.errors.InvalidArgumentError(
                None, None, f"Keys of shape {list(keys.shape)} and values of shape {list(values.shape)} do not pair: give one "
                "value for each key."
            )  # fmt: skip
        return keys.reshape(-1), values.reshape(-1)


class TextFileIndex:
    """What of a line is the key or the value, instead of a column: all of it, or its number."""

    WHOLE_LINE = -2
    LINE_NUMBER = -1


class TextFileInitializer(TableInitializerBase):
    """Keys and values from the lines of a text file, each a column of fields between delimiters, or as `TextFileIndex` says.

    vocab_size: how many lines are read. value_index_offset: added to line numbers. Raises NotFoundError without the file,
    InvalidArgumentError, with the line, for a missing column or a field that is no number.
    """

    def __init__(
        self, filename: Any, key_dtype: Any, key_index: int, value_dtype: Any, value_index: int, vocab_size: int | None = None,
        delimiter: str = "\t", name: str | None = None, value_index_offset: int = 0,
    ):  # fmt: skip
        super().__init__(key_dtype, value_dtype)
        if not isinstance(filename, tf.Tensor) and not filename:
            raise ValueError("`filename` argument required for tf.lookup.TextFileInitializer")
        for what, index, dtype in (("key_index", key_index, self.key_dtype), ("value_index", value_index, self.value_dtype)):
            if index < -2:
                raise ValueError(f"`{what}` should be >= -2, received: {index}.")
            if index == TextFileIndex.LINE_NUMBER and dtype is not tf.int64:
                raise ValueError(f"`{what.split('_')[0]}_dtype` must be int64 for LINE_NUMBER, received: {dtype.name}")
            if index == TextFileIndex.WHOLE_LINE and not dtype.is_integer and dtype is not tf.string:
                kind = f"`{what.split('_')[0]}_dtype`"
                raise ValueError(f"{kind} should be either integer or string for WHOLE_LINE, received: {dtype.name}")
        if vocab_size is not None and vocab_size <= 0:
            raise ValueError(f"`vocab_size` should be > 0, received: {vocab_size}")
        self._filename, self._size, self._delimiter, self._offset = filename, vocab_size, delimiter, value_index_offset
        self._key_index, self._value_index = key_index, value_index

    def _path(self) -> str:
        known = tf.get_static_value(self._filename) if isinstance(self._filename, tf.Tensor) else self._filename
        return os.fsdecode(known.item() if isinstance(known, np.ndarray) else known)

    def pairs(self) -> tuple[np.ndarray, np.ndarray]:
        path = self._path()
        with tf.io.gfile.GFile(path, "rb") as file:
            lines = file.read().split(b"\n")
        if lines and not lines[-1]:
            lines.pop()
        if self._size is not None:
            if len(lines) < self._size:
                raise tf.errors.InvalidArgumentError(
                    None, None, f"Invalid vocab_size in {path}: expected {self._size} but got {len(lines)}"
                )
            lines = lines[: self._size]
        lines = [line.removesuffix(b"\r") for line in lines]
        keys = [self._field(line, i, self._key_index, self._key_dtype, path, 0) for i, line in enumerate(lines)]
        values = [self._field(line, i, self._value_index, self._value_dtype, path, self._offset) for i, line in enumerate(lines)]
        return _array(keys, self._key_dtype), _array(values, self._value_dtype)

    def _field(self, line: bytes, number: int, index: int, dtype: Any, path: str, offset: int) -> Any:
        if index == TextFileIndex.LINE_NUMBER:
            return number + offset
        field = line
        if index != TextFileIndex.WHOLE_LINE:
            fields = line.split(self._delimiter.encode())
            if index >= len(fields):
                raise tf.errors.InvalidArgumentError(
                    None, None, f"Invalid number of columns in {path} line {number} ({line.decode('utf-8', 'replace')}) : expected "
                    f"at least {index + 1} got {len(fields)}"
                )  # fmt: skip
            field = fields[index]
        if dtype is tf.string:
            return field
        try:
            return int(field) if dtype.is_integer else float(field)
        except ValueError:
            raise tf.errors.InvalidArgumentError(
                None, None, f"Field {field.decode('utf-8', 'replace')} in line {number} of {path} is not a valid {dtype.name}."
            ) from None


def _array(values: list[Any], dtype: Any) -> np.ndarray:
    out = np.empty(len(values), object if dtype is tf.string else dtype.as_numpy_dtype)
    out[:] = values
    return out


class DatasetInitializer(TableInitializerBase):
    """Keys and values from the elements of a dataset of pairs."""

    def __init__(self, dataset: Any):
        self._dataset = dataset
        key, value = dataset.element_spec
        super().__init__(key.dtype, value.dtype)

    def pairs(self) -> tuple[np.ndarray, np.ndarray]:
        found = list(self._dataset.as_numpy_iterator())
        return _array([k for k, _ in found], self._key_dtype), _array([v for _, v in found], self._value_dtype)
