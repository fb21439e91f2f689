"""IndexedSlices: a gradient that is zero outside some rows, as an embedding's is.

Source: https://www.tensorflow.org/api_docs/python/tf/IndexedSlices
"""

from __future__ import annotations

from typing import Any

from thalweg.engine.core import convert, dtypes
from thalweg.engine.core.composite import CompositeSpec, CompositeTensor
from thalweg.engine.core.shape import UNKNOWN, TensorShape, as_shape
from thalweg.engine.core.tensor_spec import TensorSpec


class IndexedSlices(CompositeTensor):
    """`values[i]` belongs to row `indices[i]` of a tensor of shape `dense_shape`; rows that repeat are summed.

    Converting it to a tensor makes it dense.
    """

    _is_indexed_slices = True

    def __init__(self, values: Any, indices: Any, dense_shape: Any = None):
        self._values, self._indices, self._dense_shape = values, indices, dense_shape

    @property
    def values(self) -> Any:
        return self._values

    @property
    def indices(self) -> Any:
        return self._indices

    @property
    def dense_shape(self) -> Any:
        return self._dense_shape

    @property
    def dtype(self) -> Any:
        return self._values.dtype

    @property
    def shape(self) -> TensorShape:
        from thalweg.engine.core.registry import static_value

        known = None if self._dense_shape is None else static_value(self._dense_shape)
        return UNKNOWN if known is None else TensorShape(known)

    @property
    def _type_spec(self) -> IndexedSlicesSpec:
        dense = None if self._dense_shape is None else self._dense_shape.dtype
        return IndexedSlicesSpec(self.shape, self.dtype, self._indices.dtype, dense, self._indices.shape)

    @property
    def name(self) -> str:
        return self._values.name

    @property
    def op(self) -> Any:
        return self._values.op

    @property
    def graph(self) -> Any:
        return self._values.graph

    @property
    def device(self) -> str:
        return self._values.device

    def __neg__(self) -> IndexedSlices:
        return IndexedSlices(-self._values, self._indices, self._dense_shape)

    @staticmethod
    def concatenate(terms: list[IndexedSlices]) -> IndexedSlices:
        """Several gradients of one tensor as one."""
        concat = concatenate_tensors
        return IndexedSlices(
            concat([t.values for t in terms]), concat([t.indices for t in terms]), terms[0].dense_shape
        )

    def __repr__(self) -> str:
        shape = "" if self._dense_shape is None else f", dense_shape={self._dense_shape!s}"
        return f"IndexedSlices(indices={self._indices!s}, values={self._values!s}{shape})"

    __str__ = __repr__


class IndexedSlicesSpec(CompositeSpec):
    """The type of IndexedSlices: the shape and dtype of the whole, the dtypes of its parts, how many rows there are.

    >>> tf.IndexedSlicesSpec([None, 2], tf.float32, tf.int32)
    IndexedSlicesSpec(TensorShape([None, 2]), tf.float32, tf.int32, None, TensorShape([None]))
    """

    value_type = IndexedSlices

    def __init__(
        self, shape: Any = None, dtype: Any = dtypes.float32, indices_dtype: Any = dtypes.int64, dense_shape_dtype: Any = None,
        indices_shape: Any = None,
    ):  # fmt: skip
        self._shape, self._dtype, self._indices_dtype = as_shape(shape), dtypes.as_dtype(dtype), dtypes.as_dtype(indices_dtype)
        self._dense_shape_dtype = None if dense_shape_dtype is None else dtypes.as_dtype(dense_shape_dtype)
        self._indices_shape = TensorShape([None]) if indices_shape is None else as_shape(indices_shape).with_rank(1)

    @property
    def shape(self) -> TensorShape:
        return self._shape

    @property
    def dtype(self) -> dtypes.DType:
        return self._dtype

    @property
    def _component_specs(self) -> list[Any]:
        rows, row = self._indices_shape, UNKNOWN if self._shape.rank is None else self._shape[1:]
        parts = [TensorSpec(rows.concatenate(row), self._dtype), TensorSpec(rows, self._indices_dtype)]
        if self._dense_shape_dtype is not None:
            parts.append(TensorSpec([self._shape.rank], self._dense_shape_dtype))
        return parts

    def _to_components(self, value: IndexedSlices) -> list[Any]:
        parts = [value.values, value.indices]
        return parts if value.dense_shape is None else [*parts, value.dense_shape]

    def _from_components(self, components: list[Any]) -> IndexedSlices:
        return IndexedSlices(*components)

    def _key(self) -> tuple[Any, ...]:
        return self._shape, self._dtype, self._indices_dtype, self._dense_shape_dtype, self._indices_shape

    def __eq__(self, other: object) -> bool:
        return isinstance(other, IndexedSlicesSpec) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def __reduce__(self) -> Any:
        return IndexedSlicesSpec, self._key()

    def __repr__(self) -> str:
        return f"IndexedSlicesSpec({', '.join(map(repr, self._key()))})"


def concatenate_tensors(tensors: list[Any]) -> Any:
    from thalweg.engine.core.registry import REGISTRY

    return REGISTRY["ConcatV2"](*tensors, 0)


def _densify(value: IndexedSlices, dtype: Any = None, name: str | None = None, as_ref: bool = False) -> Any:
    from thalweg.engine.core.registry import REGISTRY

    if value.dense_shape is None:
        raise ValueError(f"Tensor conversion requested for IndexedSlices for which dense_shape is None: {value!r}")
    dense = REGISTRY["UnsortedSegmentSum"](value.values, value.indices, value.dense_shape[0], name=name)
    if dtype is not None and dense.dtype is not dtype:
        raise ValueError(f"Tensor conversion requested dtype {dtype.name} for IndexedSlices with dtype {dense.dtype.name}")
    return dense


convert.register_tensor_conversion_function(IndexedSlices, _densify)
