"""`tf.lookup.experimental`: tables that change.

Source: https://www.tensorflow.org/api_docs/python/tf/lookup/experimental
"""

from __future__ import annotations

from typing import Any

import numpy as np

import thalweg as tf
from thalweg.engine.core import convert, errors
from thalweg.lookup.tables import LookupInterface, Store


class MutableHashTable(LookupInterface):
    """A table that grows and shrinks: `insert`, `remove`. Values have the shape of `default_value`.

    >>> table = tf.lookup.experimental.MutableHashTable(tf.string, tf.int64, default_value=-1)
    >>> table.insert(["a", "b"], [1, 2])
    >>> table.lookup(["b", "c"]).numpy()
    array([ 2, -1])
    """

    def __init__(
        self, key_dtype: Any, value_dtype: Any, default_value: Any, name: str = "MutableHashTable", checkpoint: bool = True,
        experimental_is_anonymous: bool = False,
    ):  # fmt: skip
        super().__init__(key_dtype, value_dtype, name)
        with tf.init_scope():
            self._default_value = convert.convert_to_tensor(default_value, dtype=self._value_dtype)
        self._default = np.asarray(tf.get_static_value(self._default_value), object if self._value_dtype is tf.string else None)
        self._store = Store(self._key_dtype, self._value_dtype, self._default.shape)

    default_value = property(lambda self: self._default_value)

    def _find(self, keys: np.ndarray, *defaults: np.ndarray) -> tuple[np.ndarray]:
        self._check(keys)
        return (self._store.find(keys, *(defaults or (self._default,))),)

    def _count(self) -> tuple[np.ndarray]:
        return (np.array(len(self._store.places), np.int64),)

    def _pairs(self) -> tuple[np.ndarray, np.ndarray]:
        return self._store.pairs()

    def _insert(self, keys: np.ndarray, values: np.ndarray) -> tuple[()]:
        if values.shape != (*keys.shape, *self._default.shape):
            raise errors.invalid(
                f"Expected shape {[*keys.shape, *self._default.shape]} for value, got {list(values.shape)}"
            )
        self._check(keys)
        self._store.insert(keys, values)
        return ()

    def _remove(self, keys: np.ndarray) -> tuple[()]:
        self._check(keys)
        for key in keys.ravel().tolist():
            self._store.places.pop(key, None)
        return ()

    def _check(self, keys: np.ndarray) -> None:
        """Nothing is refused here."""

    def _saved_arrays(self) -> dict[str, np.ndarray]:
        """What a checkpoint keeps."""
        keys, values = self._pairs()
        return {"table-keys": keys, "table-values": values}

    def _restore_array(self, name: str, value: np.ndarray) -> None:
        """Take one of the two arrays of a checkpoint; with both of them the table is filled."""
        self._restored = {**getattr(self, "_restored", {}), name: value}
        if len(self._restored) == 2:
            self._store.places.clear()
            self._store.insert(self._restored["table-keys"], self._restored["table-values"])
            self._restored = {}

    def insert(self, keys: Any, values: Any, name: str | None = None) -> Any:
        """Keys with their values; what was there is replaced. Raises InvalidArgumentError for values of another shape."""
        keys = self._checked_keys(keys)
        values = convert.convert_to_tensor(values, dtype=self._value_dtype)
        return _done(self._call("_insert", keys, values))

    insert_or_assign = insert

    def remove(self, keys: Any, name: str | None = None) -> Any:
        """Take keys out; those that are not there are let be."""
        return _done(self._call("_remove", self._checked_keys(keys)))

    erase = remove

    def lookup(  # type: ignore[override]  # as in TensorFlow
        self, keys: Any, dynamic_default_values: Any = None, name: str | None = None
    ) -> Any:
        """The values of keys, in their shape. dynamic_default_values: one for each key, instead of the table's default."""

        def dense(keys: Any) -> Any:
            defaults = dynamic_default_values
            given = () if defaults is None else (convert.convert_to_tensor(defaults, self._value_dtype),)
            (values,) = self._call("_find", keys, *given)
            values.set_shape(keys.shape.concatenate(self._default_value.shape))
            return values

        return self._on_values(keys, dense)


def _done(result: Any) -> Any:
    """Nothing where it ran at once, the operation in a graph."""
    return None if result is None or result == () else result


class DenseHashTable(MutableHashTable):
    """As MutableHashTable; `empty_key` and `deleted_key` mark free places: InvalidArgumentError is raised where they are used."""

    def __init__(
        self, key_dtype: Any, value_dtype: Any, default_value: Any, empty_key: Any, deleted_key: Any,
        initial_num_buckets: int | None = None, name: str = "MutableDenseHashTable", checkpoint: bool = True,
        experimental_is_anonymous: bool = False,
    ):  # fmt: skip
        super().__init__(key_dtype, value_dtype, default_value, name, checkpoint)
        marks = [convert.convert_to_tensor(k, dtype=self._key_dtype) for k in (empty_key, deleted_key)]
        self._marks = [tf.get_static_value(m) for m in marks]
        self._marks = [m.item() if isinstance(m, np.ndarray) else m for m in self._marks]
        if self._marks[0] == self._marks[1]:
            raise errors.invalid("Empty and deleted keys cannot be equal")

    def _check(self, keys: np.ndarray) -> None:
        found = keys.ravel().tolist()
        for mark, what in zip(self._marks, ("empty_key", "deleted_key")):
            if mark in found:
                raise errors.invalid(f"Using the {what} as a table key is not allowed")
