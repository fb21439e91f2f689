"""Arithmetic of sparse tensors: sums and extremes of two, reductions over axes, softmax, counts, products with dense ones.

Source: https://www.tensorflow.org/api_docs/python/tf/sparse
"""

from __future__ import annotations

from typing import Any

import numpy as np

from thalweg.engine.core import convert, dtypes, errors
from thalweg.engine.core.graph import name_scope
from thalweg.engine.core.registry import REGISTRY, static_value
from thalweg.engine.core.shape import TensorShape
from thalweg.engine.core.sparse_tensor import SparseTensor, SparseTensorValue
from thalweg.engine.core.tensor import SymbolicTensor
from thalweg.engine.ops.arrays import concat
from thalweg.engine.ops.assertions import after, assert_equal, assert_non_negative
from thalweg.engine.ops.comparison import greater, greater_equal, less, logical_or, where
from thalweg.engine.ops.creation import ones, range_, zeros_like
from thalweg.engine.ops.elementwise import maximum as dense_maximum, minimum as dense_minimum
from thalweg.engine.ops.indexing import gather, gather_nd
from thalweg.engine.ops.reduce import reduce_max as dense_max, reduce_prod, reduce_sum as dense_sum
from thalweg.engine.ops.reordering import matrix_transpose
from thalweg.engine.ops.scatter import tensor_scatter_nd_add
from thalweg.engine.ops.segment import unsorted_segment_max, unsorted_segment_sum
from thalweg.engine.ops.sets import searchsorted, unique
from thalweg.engine.ops.shaping import cast, reshape as dense_reshape, shape as shape_of, size as size_of, stop_gradient
from thalweg.engine.ops.sorting import sort
from thalweg.engine.ops.sparse import as_sparse, indices_at, places, same_shape
from thalweg.engine.ops.sparse_parts import retain

# -- two sparse tensors ------------------------------------------------------------------------------------


def _distinct(numbers: Any) -> Any:
    """The different numbers, in ascending order."""
    return unique(sort(numbers)).y


def _aligned(a: SparseTensor, b: SparseTensor) -> tuple[Any, Any, Any, Any, Any]:
    """Every place where either has an element: its indices, the values of both there (0 if it has none), the shape.

    Last, whether only one of the two has an element there.
    """
    dense_shape = same_shape(a, b)
    in_a, in_b = places(a.indices, dense_shape), places(b.indices, dense_shape)
    either = _distinct(concat([in_a, in_b], 0))
    count = size_of(either)
    rows_a, rows_b = searchsorted(either, in_a), searchsorted(either, in_b)
    of_a, of_b = (unsorted_segment_sum(x.values, rows, count) for x, rows in ((a, rows_a), (b, rows_b)))
    rows = concat([rows_a, rows_b], 0)
    alone = less(unsorted_segment_sum(ones(shape_of(rows), dtypes.int32), rows, count), 2)
    return indices_at(either, dense_shape), of_a, of_b, dense_shape, alone


def _either_sparse(a: Any, b: Any) -> bool:
    return isinstance(a, (SparseTensor, SparseTensorValue)) or isinstance(b, (SparseTensor, SparseTensorValue))


def add(a: Any, b: Any, threshold: Any = 0) -> Any:
    """The sum of two sparse tensors, or the dense sum of one and a dense tensor.

    A sum of two elements that is smaller than `threshold` is left out; an element that stands alone never is.

    Raises InvalidArgumentError when the shapes differ, TypeError when neither is sparse. Gradients reach both.

    >>> y = tf.sparse.add(tf.SparseTensor([[0]], [1.], [3]), tf.SparseTensor([[0], [2]], [1., 5.], [3]))
    >>> y.indices.numpy().tolist(), y.values.numpy()
    ([[0], [2]], array([2., 5.], dtype=float32))
    """
    if not _either_sparse(a, b):
        raise TypeError("At least one input should be SparseTensor; do you mean to use tf.add()?")
    if not isinstance(a, (SparseTensor, SparseTensorValue)):
        a, b = b, a
    a = as_sparse(a)
    if not isinstance(b, (SparseTensor, SparseTensorValue)):
        return _add_dense(a, convert.convert_to_tensor(b, dtype_hint=a.dtype))
    with name_scope("SparseAdd"):
        indices, of_a, of_b, dense_shape, alone = _aligned(a, as_sparse(b))
        y = SparseTensor(indices, of_a + of_b, dense_shape)
        size = REGISTRY["ComplexAbs"](y.values) if y.dtype.is_complex else REGISTRY["Abs"](y.values)
        limit = convert.convert_to_tensor(threshold, dtype=size.dtype)
        return y if static_value(limit) == 0 else retain(y, logical_or(alone, greater_equal(size, limit)))


def _add_dense(a: SparseTensor, b: Any) -> Any:
    if not a.shape.is_compatible_with(b.shape):
        raise errors.wrong_argument(f"Two operands have different shapes: {a.shape} (sparse) and {b.shape} (dense).")
    return tensor_scatter_nd_add(b, a.indices, a.values)


def maximum(sp_a: Any, sp_b: Any, name: str | None = None) -> SparseTensor:
    """The larger of each two elements, 0 where there is none, at the places where either tensor has one.

    >>> a, b = tf.SparseTensor([[0]], [-1.], [2]), tf.SparseTensor([[1]], [3.], [2])
    >>> tf.sparse.maximum(a, b).values.numpy()
    array([0., 3.], dtype=float32)
    """
    with name_scope(name or "SparseSparseMaximum"):
        indices, a, b, dense_shape, _ = _aligned(as_sparse(sp_a), as_sparse(sp_b))
        return SparseTensor(indices, dense_maximum(a, b), dense_shape)


def minimum(sp_a: Any, sp_b: Any, name: str | None = None) -> SparseTensor:
    """The smaller of each two elements, 0 where there is none, at the places where either tensor has one."""
    with name_scope(name or "SparseSparseMinimum"):
        indices, a, b, dense_shape, _ = _aligned(as_sparse(sp_a), as_sparse(sp_b))
        return SparseTensor(indices, dense_minimum(a, b), dense_shape)


# -- one sparse tensor and a dense one ---------------------------------------------------------------------


def _beside(x: SparseTensor, dense: Any) -> Any:
    """The elements of `dense`, broadcast to the shape of `x`, at the places of `x`."""
    dense = convert.convert_to_tensor(dense, dtype_hint=x.dtype)
    rank, mine = dense.shape.rank, x.shape.rank
    if rank == 0:
        return dense
    if rank is None or mine is None:
        raise ValueError("A sparse tensor times or over a dense one needs known ranks: use set_shape or tf.ensure_shape.")
    tail = x.shape.as_list()[max(mine - rank, 0) :]
    if rank > mine or any(d not in (1, n) and None not in (d, n) for d, n in zip(dense.shape.as_list(), tail)):
        raise errors.wrong_argument(f"A dense operand is broadcast to the sparse one, but {dense.shape} does not fit {x.shape}.")
    wide = cast(greater(shape_of(dense), 1), dtypes.int64)  # an axis of size 1 is read at 0
    return gather_nd(dense, x.indices[:, mine - rank :] * wide)


def times_dense(x: SparseTensor, dense: Any) -> SparseTensor:
    """`sparse * dense`: the dense operand is broadcast to the shape of the sparse one, never the other way."""
    return x.with_values(REGISTRY["Mul"](x.values, _beside(x, dense)))


def over_dense(x: SparseTensor, dense: Any) -> SparseTensor:
    """`sparse / dense`, broadcast as the product is."""
    return x.with_values(x.values / _beside(x, dense))


SparseTensor.__mul__ = SparseTensor.__rmul__ = times_dense  # type: ignore[attr-defined, operator]
SparseTensor.__truediv__ = over_dense  # type: ignore[attr-defined, operator]


def sampled_addmm(
    indices: Any, values: Any, dense_shape: Any, mat1: Any, mat2: Any, beta: Any = 1.0, alpha: Any = 1.0,
    output_type: Any = dtypes.float32,
) -> tuple[Any, Any, Any]:  # fmt: skip
    """`alpha * mat1 @ mat2 + beta * sparse`, computed only where the sparse tensor has elements.

    Returns indices, values and dense shape.
    """
    dtype = dtypes.as_dtype(output_type)
    indices, dense_shape = convert.convert_to_tensor(indices), convert.convert_to_tensor(dense_shape)
    values, a, b = (cast(convert.convert_to_tensor(x), dtype) for x in (values, mat1, mat2))
    rows = gather_nd(a, indices[:, :-1])
    columns = gather_nd(matrix_transpose(b), concat([indices[:, :-2], indices[:, -1:]], 1))
    product = dense_sum(rows * columns, -1)
    return indices, cast(alpha, dtype) * product + cast(beta, dtype) * values, dense_shape


# -- reductions --------------------------------------------------------------------------------------------


def _axes(axis: Any, x: SparseTensor) -> list[int]:
    """The axes to reduce, counted from the front."""
    rank = x.shape.rank
    if rank is None:
        raise ValueError("A sparse tensor is reduced over axes only if its rank is known: use set_shape.")
    if axis is None:
        return list(range(rank))
    given = np.ravel(static_value(axis) if hasattr(axis, "dtype") else axis).tolist()
    for a in given:
        if not -rank <= a < rank:
            raise errors.wrong_argument(f"Invalid reduction dimension {a}, for input with {rank} dimensions.")
    return [a % rank for a in given]


def _reduced(sp_input: Any, axis: Any, keepdims: Any, as_sparse_tensor: bool, combine: Any) -> Any:
    """The elements that differ in `axis` alone combined; 0 where a dense result has none."""
    x = as_sparse(sp_input)
    gone = _axes(axis, x)
    rank = x.shape.rank or 0
    kept = np.array([i for i in range(rank) if i not in gone], np.int64)
    sizes = gather(x.dense_shape, kept)
    at = places(gather(x.indices, kept, axis=1), sizes)
    if as_sparse_tensor:
        numbers = _distinct(at)
        y = combine(x.values, searchsorted(numbers, at), size_of(numbers))
        remaining = np.array([i in kept for i in range(rank)])
        if keepdims:
            sizes = where(remaining, x.dense_shape, 1)
        return SparseTensor(indices_at(numbers, sizes), y, sizes)
    y = dense_reshape(combine(x.values, at, reduce_prod(sizes)), sizes)
    static = x.shape.as_list()
    if keepdims:
        y = dense_reshape(y, where(np.isin(np.arange(rank), kept), x.dense_shape, 1))
    if isinstance(y, SymbolicTensor):
        y.set_shape([1 if i in gone else static[i] for i in range(rank) if keepdims or i not in gone])
    return y


def _largest(values: Any, ids: Any, count: Any) -> Any:
    largest = unsorted_segment_max(values, ids, count)
    some = greater(unsorted_segment_sum(ones(shape_of(ids), dtypes.int32), ids, count), 0)
    return where(some, largest, zeros_like(largest))


def reduce_sum(
    sp_input: Any, axis: Any = None, keepdims: Any = None, output_is_sparse: bool = False, name: str | None = None
) -> Any:
    """The sum over `axis` (None: all), dense unless `output_is_sparse`. Gradients reach the values.

    >>> tf.sparse.reduce_sum(tf.SparseTensor([[0, 1], [1, 0], [1, 1]], [1., 2., 3.], [2, 2]), axis=1).numpy()
    array([1., 5.], dtype=float32)
    """
    with name_scope(name or "SparseReduceSum"):
        return _reduced(sp_input, axis, keepdims, output_is_sparse, unsorted_segment_sum)


def reduce_max(
    sp_input: Any, axis: Any = None, keepdims: Any = None, output_is_sparse: bool = False, name: str | None = None
) -> Any:
    """The largest of the elements that stand along `axis` (None: all), dense unless `output_is_sparse`; 0 where none stands.

    >>> tf.sparse.reduce_max(tf.SparseTensor([[0, 1], [1, 0]], [-1., 2.], [3, 2]), axis=1).numpy()
    array([-1.,  2.,  0.], dtype=float32)
    """
    with name_scope(name or "SparseReduceMax"):
        return _reduced(sp_input, axis, keepdims, output_is_sparse, _largest)


def softmax(sp_input: Any, name: str | None = None) -> SparseTensor:
    """Softmax over the last axis, of the elements that stand there alone.

    Raises InvalidArgumentError for a tensor of fewer than two axes.

    >>> tf.sparse.softmax(tf.SparseTensor([[0, 0], [0, 2]], [1., 1.], [1, 3])).values.numpy()
    array([0.5, 0.5], dtype=float32)
    """
    x = as_sparse(sp_input)
    if x.shape.rank is not None and x.shape.rank < 2:
        raise errors.wrong_argument(f"Input should have rank >= 2, but received shape: {x.shape}.")
    with name_scope(name or "SparseSoftmax"):
        rows = places(x.indices[:, :-1], x.dense_shape[:-1])
        count = reduce_prod(x.dense_shape[:-1])
        largest = stop_gradient(unsorted_segment_max(x.values, rows, count))
        e = REGISTRY["Exp"](x.values - gather(largest, rows))
        return x.with_values(e / gather(unsorted_segment_sum(e, rows, count), rows))


# -- counts ------------------------------------------------------------------------------------------------


def bincount(
    values: Any, weights: Any = None, axis: Any = 0, minlength: Any = None, maxlength: Any = None, binary_output: bool = False,
    name: str | None = None,
) -> SparseTensor:  # fmt: skip
    """How often each number occurs, as a sparse tensor: over everything (`axis=0`), or in each row (`axis=-1`).

    With `weights` their sums; with `binary_output` 1 for each number that occurs. Numbers from `maxlength` on are left out.

    >>> tf.sparse.bincount([[1, 1, 3]], axis=-1).values.numpy()
    array([2, 1], dtype=int32)
    """
    if weights is not None and binary_output:
        raise ValueError("Arguments `binary_output` and `weights` are mutually exclusive. Please specify only one.")
    if axis not in (None, 0, -1):
        raise ValueError(f"Unsupported value for argument axis={axis}. Only 0 and -1 are currently supported.")
    with name_scope(name or "count"):
        numbers, rows, height = _numbers_by_row(values, by_row=axis == -1)
        weight = _weights_of(weights, values, numbers)
        kept = cast(numbers, dtypes.int64)
        width = dense_max(concat([kept + 1, [0]], 0))
        if minlength is not None:
            width = dense_maximum(width, cast(minlength, dtypes.int64))
        if maxlength is not None:
            width = dense_minimum(width, cast(maxlength, dtypes.int64))
            inside = dense_reshape(where(less(kept, width)), [-1])
            kept, rows, weight = (gather(x, inside) for x in (kept, rows, weight))
        at = rows * width + kept
        found = _distinct(at)
        counts = unsorted_segment_sum(weight, searchsorted(found, at), size_of(found))
        counts = REGISTRY["OnesLike"](counts) if binary_output else counts
        if height is None:
            return SparseTensor(found[:, None], counts, width[None])
        dense_shape = concat([height[None], width[None]], 0)
        return SparseTensor(indices_at(found, dense_shape), counts, dense_shape)


def _numbers_by_row(values: Any, by_row: bool) -> tuple[Any, Any, Any]:
    """The numbers to count in a row, the row that each belongs to, and how many rows there are (None: one vector)."""
    if isinstance(values, SparseTensor):
        numbers, rows, height = values.values, values.indices[:, 0], values.dense_shape[0]
        by_row = by_row and values.shape.rank != 1
    else:
        x = convert.convert_to_tensor(values)
        by_row = by_row and x.shape.rank != 1
        numbers = dense_reshape(x, [-1])
        sizes = shape_of(x, out_type=dtypes.int64)
        height = sizes[0] if by_row else None
        rows = range_(size_of(x, out_type=dtypes.int64)) // dense_maximum(reduce_prod(sizes[1:]), 1)
    numbers = after([assert_non_negative(numbers, message="Input values must all be non-negative")], numbers)
    return numbers, rows if by_row else REGISTRY["ZerosLike"](rows), height if by_row else None


def _weights_of(weights: Any, values: Any, numbers: Any) -> Any:
    if weights is None:
        return ones(shape_of(numbers), numbers.dtype)
    if not isinstance(values, SparseTensor):
        flat = convert.convert_to_tensor(weights)
        if not TensorShape(flat.shape).is_compatible_with(convert.convert_to_tensor(values).shape):
            raise errors.wrong_argument("`weights` must have the shape of `values`.")
        return dense_reshape(flat, [-1])
    if not isinstance(weights, SparseTensor):
        raise ValueError("Argument `weights` must be a SparseTensor if `values` is a SparseTensor.")
    check = assert_equal(weights.indices, values.indices, message="`weights` and `values` differ in indices")
    return after([check], weights.values)
