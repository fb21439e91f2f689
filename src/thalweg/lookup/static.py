"""Tables that are filled once: StaticHashTable, and StaticVocabularyTable with buckets for what it does not know."""

from __future__ import annotations

from typing import Any

import numpy as np

import thalweg as tf
from thalweg.engine.core import convert
from thalweg.lookup.tables import LookupInterface, Store


class StaticHashTable(LookupInterface):
    """A table that is filled by its initializer when it is made, and not changed afterwards.

    default_value: for keys that are not there. Keys may be sparse or ragged tensors. Raises TypeError for keys of another dtype.

    >>> words = tf.lookup.KeyValueTensorInitializer(["emerson", "lake"], [0, 1])
    >>> table = tf.lookup.StaticHashTable(words, default_value=-1)
    >>> table[tf.constant(["lake", "palmer"])].numpy()
    array([ 1, -1], dtype=int32)
    """

    def __init__(self, initializer: Any, default_value: Any, name: str | None = None, experimental_is_anonymous: bool = False):
        super().__init__(initializer.key_dtype, initializer.value_dtype, name or "hash_table")
        self._initializer = initializer
        with tf.init_scope():
            self._default_value = convert.convert_to_tensor(default_value, dtype=self._value_dtype)
        if self._default_value.shape.rank != 0:
            raise ValueError(f"default_value must be a scalar, not of shape {self._default_value.shape}")
        self._default = np.asarray(tf.get_static_value(self._default_value), object if self._value_dtype is tf.string else None)
        self._store = Store(self._key_dtype, self._value_dtype)
        keys, values = initializer.pairs()
        self._store.insert(keys, values, once=True)

    @property
    def default_value(self) -> Any:
        return self._default_value

    @property
    def initializer(self) -> Any:
        """In a TensorFlow 1 graph an operation; the table is filled already."""
        return tf.no_op()

    def _find(self, keys: np.ndarray) -> tuple[np.ndarray]:
        return (self._store.find(keys, self._default),)

    def _count(self) -> tuple[np.ndarray]:
        return (np.array(len(self._store.places), np.int64),)

    def _pairs(self) -> tuple[np.ndarray, np.ndarray]:
        return self._store.pairs()

    def lookup(self, keys: Any, name: str | None = None) -> Any:
        """The values of keys, in their shape."""
        return self._on_values(keys, self._dense_lookup)

    def _dense_lookup(self, keys: Any) -> Any:
        (values,) = self._call("_find", keys)
        values.set_shape(keys.shape)
        return values


class StaticVocabularyTable(LookupInterface):
    """Numbers for a vocabulary; a key that is not in it falls into one of `num_oov_buckets` behind it, by its hash.

    initializer: gives int64 values; None for buckets alone. Raises ValueError for a number of buckets that is not positive.
    """

    def __init__(
        self, initializer: Any, num_oov_buckets: int, lookup_key_dtype: Any = None, name: str | None = None,
        experimental_is_anonymous: bool = False,
    ):  # fmt: skip
        if num_oov_buckets <= 0:
            raise ValueError(f"`num_oov_buckets` must be > 0; use StaticHashTable. Received: {num_oov_buckets}.")
        if initializer is not None and initializer.value_dtype is not tf.int64:
            raise TypeError(f"Invalid `value_dtype`, expected {tf.int64!r} but got {initializer.value_dtype!r}.")
        self._table = None if initializer is None else StaticHashTable(initializer, default_value=-1)
        table_dtype = tf.string if self._table is None else self._table.key_dtype
        key_dtype = tf.as_dtype(lookup_key_dtype) if lookup_key_dtype is not None else table_dtype
        if table_dtype.is_integer != key_dtype.is_integer:
            raise TypeError(f"Invalid `key_dtype`, expected {table_dtype!r} but got {key_dtype!r}.")
        super().__init__(key_dtype, tf.int64, name or "string_to_index")
        self._buckets = num_oov_buckets

    @property
    def initializer(self) -> Any:
        return tf.no_op()

    def _count(self) -> tuple[np.ndarray]:
        own = 0 if self._table is None else len(self._table._store.places)
        return (np.array(own + self._buckets, np.int64),)

    def export(self, name: str | None = None) -> tuple[Any, Any]:
        """All keys and their values, without the buckets."""
        if self._table is None:
            return tf.constant([], self._key_dtype), tf.constant([], tf.int64)
        return self._table.export()

    def lookup(self, keys: Any, name: str | None = None) -> Any:
        """The numbers of keys, in their shape."""
        return self._on_values(keys, self._dense_lookup)

    def _dense_lookup(self, keys: Any) -> Any:
        texts = keys if keys.dtype is tf.string else tf.strings.as_string(keys)
        hashed = tf.strings.to_hash_bucket_fast(texts, self._buckets)
        if self._table is None:
            return hashed
        wanted = tf.cast(keys, self._table.key_dtype) if keys.dtype is not self._table.key_dtype else keys
        found = self._table.lookup(wanted)
        own = len(self._table._store.places)
        return tf.where(found < 0, hashed + own, found)
