"""IndexedSlices: a gradient that is zero outside some rows, as an embedding's is.

Source: https://www.tensorflow.org/api_docs/python/tf/IndexedSlices
"""

from __future__ import annotations

from typing import Any

from thalweg.engine.core import convert
from thalweg.engine.core.shape import UNKNOWN, TensorShape


class IndexedSlices:
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
