"""What is expected of an example: `FixedLenFeature` and its kin, and how each is read.

A column reads one feature of one example as an array and joins those of a batch into tensors.
Source: https://www.tensorflow.org/api_docs/python/tf/io/parse_example
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from thalweg.engine.core import convert, dtypes, errors
from thalweg.engine.core.shape import TensorShape
from thalweg.engine.core.sparse_tensor import SparseTensor
from thalweg.engine.execution.tensor_spec import TensorSpec


class FixedLenFeature(NamedTuple):
    """As many values in each example as `shape` has; `default_value` where they are missing, which without one is an error."""

    shape: Any
    dtype: Any
    default_value: Any = None


class VarLenFeature(NamedTuple):
    """Any number of values; they come as a SparseTensor."""

    dtype: Any


class FixedLenSequenceFeature(NamedTuple):
    """Any number of blocks of `shape`; shorter examples of a batch are padded with `default_value`, or zeros."""

    shape: Any
    dtype: Any
    allow_missing: bool = False
    default_value: Any = None


class SparseFeature(NamedTuple):
    """A sparse tensor of shape `size`: its indices in the features `index_key` (one for each dimension),
    its values in `value_key`."""

    index_key: Any
    value_key: Any
    dtype: Any
    size: Any
    already_sorted: bool = False


_KINDS = {"bytes_list": dtypes.string, "float_list": dtypes.float32, "int64_list": dtypes.int64}
_LISTS = {dtype: name for name, dtype in _KINDS.items()}
_SPOKEN = {"float32": "float"}


def _feature(features: Any, key: str) -> Any:
    """The feature of that name, or None. (Asking a protobuf map with `[]` would make it.)"""
    return features[key] if key in features else None  # noqa: SIM401


def spoken(dtype: dtypes.DType) -> str:
    return _SPOKEN.get(dtype.name, dtype.name)


def values_of(feature: Any, dtype: dtypes.DType) -> np.ndarray | None:
    """The values of a feature, None if it has none of any kind. Raises TypeError, with the kind found, for another."""
    kind = None if feature is None else feature.WhichOneof("kind")
    if kind is None:
        return None
    if kind != _LISTS[dtype]:
        raise TypeError(spoken(_KINDS[kind]))
    values = getattr(feature, kind).value
    if dtype is dtypes.string:
        out = np.empty(len(values), object)
        out[:] = values
        return out
    return np.array(values, dtype.np_dtype)


class Where:
    """Which example is being read, for errors."""

    def __init__(self, name: str, index: int):
        self.name, self.index = name, index

    def error(self, key: str, what: str) -> errors.OpError:
        return errors.invalid(f"Name: {self.name}, Key: {key}, Index: {self.index}.  {what}")


class Column:
    """One feature that is wanted. `batched`: whether several examples are read together."""

    def __init__(self, key: str, dtype: Any, batched: bool):
        self.key, self.dtype, self.batched = key, dtypes.as_dtype(dtype), batched
        if self.dtype not in _LISTS:
            raise errors.invalid(
                f"The feature {key!r} cannot be of {self.dtype.name}: examples hold float32, int64 and string. Cast it afterwards."
            )

    def read(self, features: Any, where: Where) -> Any:
        """The feature of one example."""
        raise NotImplementedError

    def join(self, rows: list[Any]) -> list[np.ndarray]:
        """The features of all examples, as the arrays that `specs` lists; of the only one where nothing is batched."""
        raise NotImplementedError

    def specs(self) -> list[TensorSpec]:
        raise NotImplementedError

    def result(self, tensors: Sequence[Any]) -> Any:
        """What the user gets, of tensors as `specs` lists them."""
        return tensors[0]

    def _values(self, features: Any, where: Where, key: str | None = None, dtype: dtypes.DType | None = None) -> np.ndarray | None:
        key, dtype = key or self.key, dtype or self.dtype
        try:
            return values_of(_feature(features, key), dtype)
        except TypeError as found:
            raise where.error(key, f"Data types don't match. Data type: {found} but expected type: {spoken(dtype)}") from None


class FixedColumn(Column):
    """A `FixedLenFeature`."""

    def __init__(self, key: str, feature: FixedLenFeature, batched: bool):
        super().__init__(key, feature.dtype, batched)
        shape = TensorShape(feature.shape)
        if not shape.is_fully_defined():
            what = "First dimension of shape" if shape.rank and shape[0] is None else "All dimensions of shape"
            raise ValueError(
                f"{what} for feature {key} unknown. Consider using FixedLenSequenceFeature. Received feature={feature}."
            )
        self.shape = tuple(shape.as_list())
        self.size = math.prod(self.shape)
        self.default = None if feature.default_value is None else _default(feature.default_value, self.dtype, self.shape)

    def read(self, features: Any, where: Where) -> np.ndarray:
        values = self._values(features, where)
        if values is None:
            if self.default is None:
                raise errors.invalid(
                    f"Name: {where.name}, Feature: {self.key} (data type: {spoken(self.dtype)}) is required but could not be found."
                )
            return self.default
        if len(values) != self.size:
            listed = f"[{','.join(map(str, self.shape))}]"
            raise where.error(
                self.key,
                f"Number of {spoken(self.dtype)} values != expected.  Values size: {len(values)} but output shape: {listed}",
            )
        return values.reshape(self.shape)

    def join(self, rows: list[Any]) -> list[np.ndarray]:
        if not self.batched:
            return rows
        out = np.empty((len(rows), *self.shape), self.dtype.np_dtype)
        for i, row in enumerate(rows):
            out[i, ...] = row
        return [out]

    def specs(self) -> list[TensorSpec]:
        return [TensorSpec([*[None] * self.batched, *self.shape], self.dtype)]


def _default(value: Any, dtype: dtypes.DType, shape: tuple[int, ...]) -> np.ndarray:
    array = convert.to_array(value, dtype)
    if array.size not in (1, math.prod(shape)):
        raise ValueError(f"The default value {value!r} does not have the shape {list(shape)} of its feature.")
    return np.broadcast_to(array.reshape(-1), (math.prod(shape),)).reshape(shape)


class BlocksColumn(Column):
    """A `FixedLenSequenceFeature` among the features of an example."""

    def __init__(self, key: str, feature: FixedLenSequenceFeature, batched: bool):
        super().__init__(key, feature.dtype, batched)
        if not feature.allow_missing:
            raise ValueError("Unsupported: FixedLenSequenceFeature requires allow_missing to be True.")
        self.shape = tuple(TensorShape(feature.shape).as_list())
        self.size = math.prod(self.shape)
        self.padding = _default(feature.default_value, self.dtype, ()) if feature.default_value is not None else None

    def read(self, features: Any, where: Where) -> np.ndarray:
        values = self._values(features, where)
        if values is None:
            values = np.empty(0, self.dtype.np_dtype)
        if self.size == 0 or len(values) % self.size:
            raise where.error(
                self.key, f"Number of {spoken(self.dtype)} values is not a multiple of stride length. Saw {len(values)} values "
                f"but output shape is: {list(self.shape)}",
            )  # fmt: skip
        return values.reshape(-1, *self.shape)

    def join(self, rows: list[Any]) -> list[np.ndarray]:
        if not self.batched:
            return rows
        return [padded(rows, self.shape, self.dtype, self.padding)]

    def specs(self) -> list[TensorSpec]:
        return [TensorSpec([*[None] * self.batched, None, *self.shape], self.dtype)]


def padded(rows: list[np.ndarray], shape: tuple[int, ...], dtype: dtypes.DType, padding: Any = None) -> np.ndarray:
    """Rows of different lengths side by side."""
    longest = max([len(r) for r in rows], default=0)
    out = np.empty((len(rows), longest, *shape), dtype.np_dtype)
    out[...] = padding if padding is not None else b"" if dtype is dtypes.string else 0
    for i, row in enumerate(rows):
        out[i, : len(row)] = row
    return out


class SparseResult(Column):
    """What columns that come as sparse tensors share."""

    rank = 1

    def specs(self) -> list[TensorSpec]:
        rank = self.rank + self.batched
        return [TensorSpec([None, rank], dtypes.int64), TensorSpec([None], self.dtype), TensorSpec([rank], dtypes.int64)]

    def result(self, tensors: Sequence[Any]) -> Any:
        return SparseTensor(*tensors)


class VariableColumn(SparseResult):
    """A `VarLenFeature`."""

    def __init__(self, key: str, feature: VarLenFeature, batched: bool):
        super().__init__(key, feature.dtype, batched)

    def read(self, features: Any, where: Where) -> np.ndarray:
        values = self._values(features, where)
        return np.empty(0, self.dtype.np_dtype) if values is None else values

    def join(self, rows: list[Any]) -> list[np.ndarray]:
        lengths = [len(r) for r in rows]
        columns = [np.arange(n) for n in lengths]
        if not self.batched:
            return [columns[0][:, None], rows[0], np.array(lengths, np.int64)]
        at = np.stack([np.repeat(np.arange(len(rows)), lengths), _concatenated(columns, dtypes.int64)], axis=1)
        return [at, _concatenated(rows, self.dtype), np.array([len(rows), max(lengths, default=0)], np.int64)]


class SparseColumn(SparseResult):
    """A `SparseFeature`."""

    def __init__(self, key: str, feature: SparseFeature, batched: bool):
        super().__init__(key, feature.dtype, batched)
        several = isinstance(feature.index_key, (list, tuple))
        self.index_keys = list(feature.index_key) if several else [feature.index_key]
        self.sizes = [int(n) for n in feature.size] if isinstance(feature.size, (list, tuple)) else [int(feature.size)]
        if len(self.sizes) != len(self.index_keys):
            raise ValueError(f"The SparseFeature {key!r} has {len(self.index_keys)} index keys but {len(self.sizes)} sizes.")
        self.value_key, self.sorted, self.rank = feature.value_key, feature.already_sorted, len(self.sizes)

    def read(self, features: Any, where: Where) -> tuple[np.ndarray, np.ndarray]:
        none = np.empty(0, np.int64)
        found = [self._values(features, where, k, dtypes.int64) for k in self.index_keys]
        at = [none if f is None else f for f in found]
        values = self._values(features, where, self.value_key)
        values = np.empty(0, self.dtype.np_dtype) if values is None else values
        if any(len(a) != len(values) for a in at):
            lengths = ", ".join(str(len(a)) for a in at)
            raise where.error(self.key, f"There are {len(values)} values in {self.value_key!r}, but {lengths} indices.")
        indices = np.stack(at, axis=1)
        if len(indices) and ((indices < 0).any() or (indices >= np.array(self.sizes)).any()):
            raise where.error(self.key, f"An index lies outside the size {self.sizes}.")
        if not self.sorted:
            order = np.lexsort(indices.T[::-1])
            indices, values = indices[order], values[order]
        return indices, values

    def join(self, rows: list[Any]) -> list[np.ndarray]:
        if not self.batched:
            return [rows[0][0], rows[0][1], np.array(self.sizes, np.int64)]
        numbers = np.repeat(np.arange(len(rows)), [len(v) for _, v in rows])
        inner = np.concatenate([i for i, _ in rows]) if rows else np.empty((0, self.rank), np.int64)
        at = np.concatenate([numbers[:, None], inner], axis=1)
        return [at, _concatenated([v for _, v in rows], self.dtype), np.array([len(rows), *self.sizes], np.int64)]


def _concatenated(arrays: list[np.ndarray], dtype: dtypes.DType) -> np.ndarray:
    return np.concatenate(arrays) if arrays else np.empty(0, dtype.np_dtype)


_COLUMNS: dict[type, Any] = {
    FixedLenFeature: FixedColumn,
    VarLenFeature: VariableColumn,
    FixedLenSequenceFeature: BlocksColumn,
    SparseFeature: SparseColumn,
}
_ORDER: dict[type, int] = {VarLenFeature: 0, SparseFeature: 2}


def columns(features: Any, batched: bool) -> list[Column]:
    """A column for each feature, by kind and key, as TensorFlow orders its results. Raises ValueError for what is no feature."""
    if not features:
        raise ValueError(f"Argument `features` cannot be None or falsy. Got {features}")
    for key, feature in features.items():
        if type(feature) not in _COLUMNS:
            raise ValueError(f"Unsupported {type(feature).__name__} {feature} for key {key!r}")
    order = sorted(features, key=lambda key: (_ORDER.get(type(features[key]), 1), key))
    return [_COLUMNS[type(features[key])](key, features[key], batched) for key in order]
