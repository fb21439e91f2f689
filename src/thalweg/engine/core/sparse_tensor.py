"""SparseTensor: a tensor given by its non-zero elements.

Source: https://www.tensorflow.org/api_docs/python/tf/sparse/SparseTensor
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from thalweg.engine.core import convert, dtypes
from thalweg.engine.core.composite import CompositeSpec, CompositeTensor
from thalweg.engine.core.shape import UNKNOWN, TensorShape, as_shape
from thalweg.engine.core.tensor import Tensor
from thalweg.engine.core.tensor_spec import TensorSpec


class SparseTensorValue(NamedTuple):
    """What a fetched SparseTensor gives, and what may be fed for one: three arrays."""

    indices: Any
    values: Any
    dense_shape: Any


class SparseTensor(CompositeTensor):
    """`values[n]` stands at `indices[n]` of a tensor of shape `dense_shape`; everything else is zero.

    indices: `[n, rank]` of int64; values: `[n]`; dense_shape: `[rank]` of int64. Raises ValueError when these do not fit.

    >>> tf.sparse.to_dense(tf.SparseTensor([[0, 1]], [5], [2, 2])).numpy()
    array([[0, 5],
           [0, 0]], dtype=int32)
    """

    def __init__(self, indices: Any, values: Any, dense_shape: Any):
        self._indices = convert.convert_to_tensor(indices, dtype=_int64(indices), name="indices")
        self._values = convert.convert_to_tensor(values, name="values")
        self._dense_shape = convert.convert_to_tensor(dense_shape, dtype=_int64(dense_shape), name="dense_shape")
        for what, part in (("indices", self._indices), ("dense_shape", self._dense_shape)):
            if part.dtype is not dtypes.int64:
                raise ValueError(f"The {what} of a SparseTensor must be int64, not {part.dtype.name}: use tf.cast.")
        self._known = UNKNOWN
        self._check_shapes()

    def _check_shapes(self) -> None:
        indices = self._indices.shape.with_rank(2)
        values, dense_shape = self._values.shape.with_rank(1), self._dense_shape.shape.with_rank(1)
        if not indices[:1].is_compatible_with(values) or not indices[1:].is_compatible_with(dense_shape):
            raise ValueError(
                f"A SparseTensor of n values and rank r takes indices [n, r], values [n] and dense_shape [r], not {indices}, "
                f"{values} and {dense_shape}."
            )

    @classmethod
    def from_value(cls, sparse_tensor_value: Any) -> SparseTensor:
        """A SparseTensor from a SparseTensorValue; one that is already a SparseTensor comes back."""
        return sparse_tensor_value if isinstance(sparse_tensor_value, SparseTensor) else cls(*sparse_tensor_value)

    # -- what it is -------------------------------------------------------------------------------------

    @property
    def indices(self) -> Any:
        return self._indices

    @property
    def values(self) -> Any:
        return self._values

    @property
    def dense_shape(self) -> Any:
        return self._dense_shape

    @property
    def dtype(self) -> dtypes.DType:
        return self._values.dtype

    @property
    def shape(self) -> TensorShape:
        from thalweg.engine.core.registry import static_value

        known = static_value(self._dense_shape)
        if known is not None:
            return self._known.merge_with(known)
        rank = self._dense_shape.shape.with_rank(1).as_list()[0]
        return self._known if rank is None else self._known.merge_with([None] * rank)

    def set_shape(self, shape: Any) -> None:
        """Add what the caller knows of the shape. Raises ValueError if it contradicts what is known."""
        self._known = self.shape.merge_with(shape)

    def get_shape(self) -> TensorShape:
        return self.shape

    @property
    def _type_spec(self) -> SparseTensorSpec:
        return SparseTensorSpec(self.shape, self.dtype)

    @property
    def graph(self) -> Any:
        return self._values.graph

    @property
    def op(self) -> Any:
        return self._values.op

    @property
    def name(self) -> str:
        return self._values.name

    def with_values(self, new_values: Any) -> SparseTensor:
        """The same places with other values."""
        return SparseTensor(self._indices, new_values, self._dense_shape)

    # -- running ----------------------------------------------------------------------------------------

    def eval(self, feed_dict: Any = None, session: Any = None) -> SparseTensorValue:
        """The value, computed by `session` or the default one."""
        return self.graph.session_for_eval(session, "evaluate tensor", "eval()").run(self, feed_dict)

    def _fetch_parts(self) -> Any:
        return [self._indices, self._values, self._dense_shape], lambda parts: SparseTensorValue(*parts)

    def __repr__(self) -> str:
        return f"SparseTensor(indices={self._indices!s}, values={self._values!s}, dense_shape={self._dense_shape!s})"

    __str__ = __repr__


class SparseTensorSpec(CompositeSpec):
    """The type of sparse tensors of some shape and dtype.

    >>> tf.SparseTensorSpec([None, 3], tf.int32)
    SparseTensorSpec(TensorShape([None, 3]), tf.int32)
    """

    def __init__(self, shape: Any = None, dtype: Any = dtypes.float32):
        self._shape, self._dtype = as_shape(shape), dtypes.as_dtype(dtype)

    value_type = SparseTensor

    @property
    def shape(self) -> TensorShape:
        return self._shape

    @property
    def dtype(self) -> dtypes.DType:
        return self._dtype

    @classmethod
    def from_value(cls, value: Any) -> SparseTensorSpec:
        return SparseTensor.from_value(value)._type_spec

    def is_compatible_with(self, spec_or_value: Any) -> bool:
        """Whether a sparse tensor, or one of another type, can stand where this type is asked for."""
        other = getattr(spec_or_value, "_type_spec", spec_or_value)
        fits = isinstance(other, SparseTensorSpec) and self._dtype.is_compatible_with(other._dtype)
        return fits and self._shape.is_compatible_with(other._shape)

    def most_specific_compatible_type(self, other: Any) -> SparseTensorSpec:
        """The narrowest type that both have. Raises ValueError when the dtypes differ."""
        if not isinstance(other, SparseTensorSpec) or self._dtype is not other._dtype:
            raise ValueError(f"No TypeSpec is compatible with both {self!r} and {other!r}")
        return SparseTensorSpec(self._shape.most_specific_compatible_shape(other._shape), self._dtype)

    @property
    def _component_specs(self) -> list[Any]:
        rank = self._shape.rank
        return [TensorSpec([None, rank], dtypes.int64), TensorSpec([None], self._dtype), TensorSpec([rank], dtypes.int64)]

    def _to_components(self, value: Any) -> list[Any]:
        x = SparseTensor.from_value(value)
        return [x.indices, x.values, x.dense_shape]

    def _from_components(self, components: list[Any]) -> SparseTensor:
        x = SparseTensor(*components)
        x.set_shape(self._shape)
        return x

    # -- in datasets ------------------------------------------------------------------------------------

    def _batch(self, size: int | None) -> SparseTensorSpec:
        return SparseTensorSpec(None if self._shape.rank is None else [size, *self._shape.as_list()], self._dtype)

    def _unbatch(self) -> SparseTensorSpec:
        return SparseTensorSpec(None if self._shape.rank is None else self._shape.as_list()[1:], self._dtype)

    def _stack_arrays(self, rows: list[Any]) -> list[np.ndarray]:
        """The components of a batch from those of its elements, as arrays: its rows are as large as the largest."""
        shapes = np.array([r[2] for r in rows])
        lengths = [len(r[0]) for r in rows]
        number = np.repeat(np.arange(len(rows)), lengths)[:, None]
        indices = np.concatenate([number, np.concatenate([r[0] for r in rows])], axis=1)
        return [indices, np.concatenate([r[1] for r in rows]), np.array([len(rows), *shapes.max(0)], np.int64)]

    def _row_arrays(self, components: Any, i: int) -> tuple[np.ndarray, ...]:
        """The components of row `i`, as arrays."""
        indices, values, shape = components
        first, last = np.searchsorted(indices[:, 0], [i, i + 1])
        return indices[first:last, 1:], values[first:last], shape[1:]

    def _row_count(self, components: Any) -> int:
        return int(components[2][0])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SparseTensorSpec) and (self._shape, self._dtype) == (other._shape, other._dtype)

    def __hash__(self) -> int:
        return hash((self._shape, self._dtype))

    def __reduce__(self) -> Any:
        return SparseTensorSpec, (self._shape, self._dtype)

    def __repr__(self) -> str:
        return f"SparseTensorSpec({self._shape!r}, {self._dtype!r})"


def _int64(value: Any) -> Any:
    """int64 for what has no dtype of its own yet, or NumPy's."""
    return None if isinstance(value, Tensor) or convert.is_convertible_object(value) else dtypes.int64
