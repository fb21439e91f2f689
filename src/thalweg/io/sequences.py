"""How the lists of features of a SequenceExample are read."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from thalweg.engine.core import dtypes, errors
from thalweg.engine.core.shape import TensorShape
from thalweg.engine.execution.tensor_spec import TensorSpec
from thalweg.io.features import (
    Column,
    FixedLenSequenceFeature,
    SparseResult,
    VarLenFeature,
    Where,
    padded,
    spoken,
    values_of,
)


def _steps(column: Column, lists: Any, where: Where) -> list[np.ndarray]:
    """The values of each step of a sequence."""
    steps = []
    for i, feature in enumerate(lists[column.key].feature):
        try:
            values = values_of(feature, column.dtype)
        except TypeError as found:
            raise errors.invalid(
                f"Name: {where.name}, Feature list: {column.key}, Index: {i}.  Data types don't match. Expected type: "
                f"{spoken(column.dtype)}  Feature is: {found}"
            ) from None
        steps.append(np.empty(0, column.dtype.np_dtype) if values is None else values)
    return steps


class DenseSequence(Column):
    """A `FixedLenSequenceFeature`: a step for each feature of the list. In a batch its lengths come beside it."""

    def __init__(self, key: str, feature: FixedLenSequenceFeature, batched: bool):
        super().__init__(key, feature.dtype, batched)
        self.shape = tuple(TensorShape(feature.shape).as_list())
        self.size, self.may_miss = math.prod(self.shape), feature.allow_missing

    def read(self, lists: Any, where: Where) -> np.ndarray:
        if self.key not in lists:
            if not self.may_miss:
                raise errors.invalid(
                    f"Name: {where.name}, Feature list '{self.key}' is required but could not be found.  "
                    "Did you mean to set allow_missing?"
                )
            return np.empty((0, *self.shape), self.dtype.np_dtype)
        steps = _steps(self, lists, where)
        for i, values in enumerate(steps):
            if len(values) != self.size:
                raise errors.invalid(
                    f"Name: {where.name}, Key: {self.key}, Index: {i}.  Number of {spoken(self.dtype)} values != expected.  "
                    f"values size: {len(values)} but output shape: {list(self.shape)}"
                )
        return np.array(steps, self.dtype.np_dtype).reshape(len(steps), *self.shape)

    def join(self, rows: list[Any]) -> list[np.ndarray]:
        if not self.batched:
            return rows
        return [padded(rows, self.shape, self.dtype), np.array([len(r) for r in rows], np.int64)]

    def specs(self) -> list[TensorSpec]:
        dense = TensorSpec([*[None] * self.batched, None, *self.shape], self.dtype)
        return [dense, TensorSpec([None], dtypes.int64)] if self.batched else [dense]

    def result(self, tensors: Sequence[Any]) -> Any:
        return tuple(tensors) if self.batched else tensors[0]


class SparseSequence(SparseResult):
    """A `VarLenFeature`: steps of any lengths."""

    rank = 2

    def __init__(self, key: str, feature: VarLenFeature, batched: bool):
        super().__init__(key, feature.dtype, batched)

    def read(self, lists: Any, where: Where) -> list[np.ndarray]:
        return _steps(self, lists, where) if self.key in lists else []

    def join(self, rows: list[Any]) -> list[np.ndarray]:
        at = [
            (b, t, i) if self.batched else (t, i)
            for b, steps in enumerate(rows) for t, values in enumerate(steps) for i in range(len(values))
        ]  # fmt: skip
        values = [v for steps in rows for v in steps]
        sizes = [max([len(s) for s in rows], default=0), max([len(v) for v in values], default=0)]
        rank = self.rank + self.batched
        return [
            np.array(at, np.int64).reshape(-1, rank),
            np.concatenate(values) if values else np.empty(0, self.dtype.np_dtype),
            np.array([*[len(rows)] * self.batched, *sizes], np.int64),
        ]


_KINDS: dict[type, Any] = {FixedLenSequenceFeature: DenseSequence, VarLenFeature: SparseSequence}


def sequence_columns(features: Any, batched: bool) -> list[Column]:
    """A column for each feature of a sequence. Raises ValueError for another kind."""
    for key, feature in features.items():
        if type(feature) not in _KINDS:
            raise ValueError(f"Unsupported {type(feature).__name__} {feature} for key {key!r} of a sequence.")
    order = sorted(features, key=lambda key: (isinstance(features[key], FixedLenSequenceFeature), key))
    return [_KINDS[type(features[key])](key, features[key], batched) for key in order]
