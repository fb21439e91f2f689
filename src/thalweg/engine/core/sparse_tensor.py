"""SparseTensor: a tensor given by its non-zero elements.

Source: https://www.tensorflow.org/api_docs/python/tf/sparse/SparseTensor
"""

from __future__ import annotations

from typing import Any, NamedTuple

from thalweg.engine.core import convert, dtypes
from thalweg.engine.core.shape import UNKNOWN, TensorShape
from thalweg.engine.core.tensor import Tensor


class SparseTensorValue(NamedTuple):
    """What a fetched SparseTensor gives, and what may be fed for one: three arrays."""

    indices: Any
    values: Any
    dense_shape: Any


class SparseTensor:
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
        rank = self._dense_shape.shape[0]
        return self._known if rank is None else self._known.merge_with([None] * rank)

    def set_shape(self, shape: Any) -> None:
        """Add what the caller knows of the shape. Raises ValueError if it contradicts what is known."""
        self._known = self.shape.merge_with(shape)

    def get_shape(self) -> TensorShape:
        return self.shape

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


def _int64(value: Any) -> Any:
    """int64 for what has no dtype of its own yet, or NumPy's."""
    return None if isinstance(value, Tensor) or convert.is_convertible_object(value) else dtypes.int64
