"""RaggedTensorSpec: the type of ragged tensors.

Source: https://www.tensorflow.org/api_docs/python/tf/RaggedTensorSpec
"""

from __future__ import annotations

from typing import Any

import numpy as np

from thalweg.engine.core import dtypes
from thalweg.engine.core.composite import CompositeSpec
from thalweg.engine.core.shape import TensorShape, as_shape
from thalweg.engine.core.tensor_spec import TensorSpec
from thalweg.engine.ops.ragged.tensor import RaggedTensor


class RaggedTensorSpec(CompositeSpec):
    """The shape, dtype and ragged rank that a ragged tensor will have.

    >>> tf.RaggedTensorSpec([None, None], tf.int32)
    RaggedTensorSpec(TensorShape([None, None]), tf.int32, 1, tf.int64)
    """

    value_type = RaggedTensor
    name = None

    def __init__(
        self, shape: Any = None, dtype: Any = dtypes.float32, ragged_rank: int | None = None, row_splits_dtype: Any = dtypes.int64,
        flat_values_spec: Any = None,
    ):  # fmt: skip
        self._shape, self._dtype = as_shape(shape), dtypes.as_dtype(dtype)
        self._row_splits_dtype = dtypes.as_dtype(row_splits_dtype)
        rank = self._shape.rank
        if ragged_rank is None:
            if rank is None:
                raise ValueError("Must specify ragged_rank or a shape with a known rank.")
            ragged_rank = rank - 1
        if not isinstance(ragged_rank, int):
            raise TypeError(f"Argument `ragged_rank` must be an int. Received {ragged_rank!r}.")
        if rank is not None and ragged_rank >= rank and rank + ragged_rank:
            raise ValueError(f"Argument `ragged_rank` ({ragged_rank}) must be less than rank ({rank}).")
        self._ragged_rank = ragged_rank

    shape = property(lambda self: self._shape)
    dtype = property(lambda self: self._dtype)
    ragged_rank = property(lambda self: self._ragged_rank)
    row_splits_dtype = property(lambda self: self._row_splits_dtype)
    flat_values_spec = property(lambda self: None)

    @classmethod
    def from_value(cls, value: Any) -> RaggedTensorSpec:
        splits = value.row_splits
        return cls(value.shape, value.dtype, value.ragged_rank, getattr(splits, "dtype", dtypes.int64))

    # -- made of tensors --------------------------------------------------------------------------------

    @property
    def _component_specs(self) -> list[Any]:
        """The innermost values, and the splits of each dimension, the outermost first."""
        k = self._ragged_rank
        inner = None if self._shape.rank is None else self._shape.as_list()[k + 1 :]
        count = self._count(k)
        flat = TensorSpec(None if inner is None else [count, *inner], self._dtype)
        edges = [self._count(i) for i in range(k)]
        return [flat, *(TensorSpec([None if n is None else n + 1], self._row_splits_dtype) for n in edges)]

    def _count(self, axis: int) -> int | None:
        """How many values there are in dimension `axis` over all rows, where that follows from the shape."""
        if self._shape.rank is None:
            return None
        sizes = self._shape.as_list()[: axis + 1]
        return None if None in sizes else int(np.prod(sizes))

    def _to_components(self, value: Any) -> list[Any]:
        if not isinstance(value, RaggedTensor):
            return [value]
        return [value.flat_values, *value.nested_row_splits]

    def _from_components(self, components: list[Any]) -> Any:
        value = components[0]
        sizes = self._shape.as_list() if self._shape.rank is not None else [None] * (self._ragged_rank + 1)
        for i in range(self._ragged_rank, 0, -1):
            value = RaggedTensor(value, components[i], sizes[i], _made=True)
        return value

    # -- comparing --------------------------------------------------------------------------------------

    def is_compatible_with(self, spec_or_value: Any) -> bool:
        """Whether a ragged tensor, or one of another type, can stand where this type is asked for."""
        other = getattr(spec_or_value, "_type_spec", spec_or_value)
        if self._ragged_rank == 0 and hasattr(other, "shape") and not isinstance(other, RaggedTensorSpec):
            return self._dtype is other.dtype and self._shape.is_compatible_with(other.shape)
        return (
            isinstance(other, RaggedTensorSpec) and self._dtype is other._dtype and self._ragged_rank == other._ragged_rank
            and self._row_splits_dtype is other._row_splits_dtype and self._shape.is_compatible_with(other._shape)
        )  # fmt: skip

    def most_specific_compatible_type(self, other: Any) -> RaggedTensorSpec:
        """The narrowest type that both have. Raises ValueError when dtypes or ragged ranks differ."""
        same = isinstance(other, RaggedTensorSpec) and self._ragged_rank == other._ragged_rank
        if not same or self._dtype is not other._dtype or self._row_splits_dtype is not other._row_splits_dtype:
            raise ValueError(f"No TypeSpec is compatible with both {self!r} and {other!r}")
        return RaggedTensorSpec(
            self._shape.most_specific_compatible_shape(other._shape), self._dtype, self._ragged_rank, self._row_splits_dtype
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RaggedTensorSpec) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def _key(self) -> Any:
        return self._shape, self._dtype, self._ragged_rank, self._row_splits_dtype

    def __reduce__(self) -> Any:
        return RaggedTensorSpec, self._key()

    def __repr__(self) -> str:
        return f"RaggedTensorSpec({self._shape!r}, {self._dtype!r}, {self._ragged_rank}, {self._row_splits_dtype!r})"

    # -- in datasets ------------------------------------------------------------------------------------

    def _batch(self, size: int | None) -> RaggedTensorSpec:
        shape = None if self._shape.rank is None else [size, *self._shape.as_list()]
        return RaggedTensorSpec(shape, self._dtype, self._ragged_rank + 1, self._row_splits_dtype)

    def _unbatch(self) -> RaggedTensorSpec:
        shape = None if self._shape.rank is None else TensorShape(self._shape.as_list()[1:])
        return RaggedTensorSpec(shape, self._dtype, max(self._ragged_rank - 1, 0), self._row_splits_dtype)

    def _stack_arrays(self, rows: list[Any]) -> list[np.ndarray]:
        """The components of a batch from those of its elements, as arrays."""
        dtype = self._row_splits_dtype.np_dtype
        flat = np.concatenate([np.asarray(r[0]) for r in rows])
        k = self._ragged_rank
        levels = [np.cumsum([0, *(len(r[1]) - 1 if k else len(r[0]) for r in rows)], dtype=dtype)]
        for i in range(1, k + 1):
            joined, at = [np.zeros(1, dtype)], 0
            for r in rows:
                joined.append(r[i][1:] + at)
                at += int(r[i][-1])
            levels.append(np.concatenate(joined).astype(dtype))
        return [flat, *levels]

    def _row_count(self, components: Any) -> int:
        return len(components[1]) - 1

    def _row_arrays(self, components: Any, i: int) -> tuple[np.ndarray, ...]:
        """The components of row `i`, as arrays."""
        flat, *levels = components
        start, end = int(levels[0][i]), int(levels[0][i + 1])
        edges = []
        for level in levels[1:]:
            part = level[start : end + 1]
            edges.append(part - part[0])
            start, end = int(part[0]), int(part[-1])
        return (flat[start:end], *edges)
