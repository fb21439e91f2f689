"""What all tables share: keys on the host, and lookups that run now or as a step of a graph."""

from __future__ import annotations

from typing import Any

import numpy as np

import thalweg as tf
from thalweg.engine.core import convert, errors
from thalweg.engine.core.context import local
from thalweg.engine.core.tensor import EagerTensor, SymbolicTensor
from thalweg.engine.execution.python_calls import HostOp

KEYS = (tf.string, tf.int64, tf.int32)


def _run(xp: Any, *arrays: Any, table: Any, method: str) -> Any:
    return getattr(table, method)(*[np.asarray(a) for a in arrays])


def _specs(attrs: dict[str, Any]) -> list[Any]:
    table, method = attrs["table"], attrs["method"]
    one = tf.TensorSpec(None, table.value_dtype)
    return {
        "_find": [one], "_count": [tf.TensorSpec([], tf.int64)], "_pairs": [tf.TensorSpec(None, table.key_dtype), one],
    }.get(method, [])  # fmt: skip


table_op = HostOp(_run, "LookupTable", _specs)


class LookupInterface:
    """A table: its dtypes, and `table[keys]` for `table.lookup(keys)`."""

    def __init__(self, key_dtype: Any, value_dtype: Any, name: str | None = None):
        self._key_dtype, self._value_dtype = tf.as_dtype(key_dtype), tf.as_dtype(value_dtype)
        self._name = name or "table"

    key_dtype = property(lambda self: self._key_dtype)
    value_dtype = property(lambda self: self._value_dtype)
    name = property(lambda self: self._name)

    @property
    def resource_handle(self) -> Any:
        return self

    def __getitem__(self, keys: Any) -> Any:
        return self.lookup(keys)

    def lookup(self, keys: Any, name: str | None = None) -> Any:
        raise NotImplementedError

    def size(self, name: str | None = None) -> Any:
        """How many keys there are, as int64."""
        return self._call("_count")[0]

    def export(self, name: str | None = None) -> tuple[Any, Any]:
        """All keys and their values."""
        keys, values = self._call("_pairs")
        return keys, values

    def _call(self, method: str, *inputs: Any) -> Any:
        """A method over arrays, run now or as a step of a graph."""
        tensors = [convert.convert_to_tensor(x) for x in inputs]
        if local.graph is None and not any(isinstance(t, SymbolicTensor) for t in tensors):
            result = getattr(self, method)(*[np.asarray(t._array) for t in tensors])
            return tuple(EagerTensor(a) for a in result) if isinstance(result, tuple) else None
        return table_op(*tensors, table=self, method=method)

    def _checked_keys(self, keys: Any) -> Any:
        """Keys as a tensor (sparse and ragged ones as they are). Raises TypeError for another dtype."""
        if isinstance(keys, tf.SparseTensor) or hasattr(keys, "with_flat_values"):
            found = keys.dtype
        else:
            keys = convert.convert_to_tensor(keys, dtype=None if hasattr(keys, "dtype") else self._key_dtype, name="keys")
            found = keys.dtype
        if found is not self._key_dtype:
            raise TypeError(f"Dtype of argument `keys` must be {self._key_dtype!r}, received: {found!r}")
        return keys

    def _on_values(self, keys: Any, function: Any) -> Any:
        """A function of dense keys applied to keys of any kind."""
        keys = self._checked_keys(keys)
        if isinstance(keys, tf.SparseTensor):
            return tf.SparseTensor(keys.indices, function(keys.values), keys.dense_shape)
        if hasattr(keys, "with_flat_values"):
            return keys.with_flat_values(function(keys.flat_values))
        return function(keys)


def _numpy(dtype: Any) -> Any:
    return object if dtype is tf.string else dtype.as_numpy_dtype


class Store:
    """Keys and where their values stand."""

    def __init__(self, key_dtype: Any, value_dtype: Any, value_shape: tuple[int, ...] = ()):
        self.key_dtype, self.value_dtype, self.value_shape = key_dtype, value_dtype, value_shape
        self.places: dict[Any, Any] = {}

    def insert(self, keys: np.ndarray, values: np.ndarray, once: bool = False) -> None:
        """Raises FailedPreconditionError, with `once`, for a key that has another value already."""
        flat = keys.ravel().tolist()
        rows: Any = values.reshape((len(flat), *self.value_shape)) if flat else []
        for key, value in zip(flat, rows):
            before = self.places.setdefault(key, value)
            if before is not value:
                if once and not np.array_equal(before, value):
                    raise errors.FailedPreconditionError(
                        None, None,
                        f"HashTable has different value for same key. Key {key!r} has {before!r} and trying to add value {value!r}",
                    )  # fmt: skip
                self.places[key] = value

    def find(self, keys: np.ndarray, default: np.ndarray) -> np.ndarray:
        """The values of keys; `default` for those that are not there: one, or one for each."""
        flat = keys.ravel().tolist()
        out = np.empty((len(flat), *self.value_shape), _numpy(self.value_dtype))
        each = default.ndim > len(self.value_shape)
        defaults = default.reshape((len(flat), *self.value_shape)) if each else None
        missing = object()
        plain = default if self.value_shape or default.dtype != object else default.item()
        get = self.places.get
        for i, key in enumerate(flat):
            value = get(key, missing)
            out[i] = (plain if defaults is None else defaults[i]) if value is missing else value
        return out.reshape((*keys.shape, *self.value_shape))

    def pairs(self) -> tuple[np.ndarray, np.ndarray]:
        keys = np.empty(len(self.places), _numpy(self.key_dtype))
        keys[:] = list(self.places)
        values = np.empty((len(keys), *self.value_shape), _numpy(self.value_dtype))
        for i, v in enumerate(self.places.values()):
            values[i] = v
        return keys, values
