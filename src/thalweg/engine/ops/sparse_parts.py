"""Sparse tensors taken apart and put together: concat, slice, split, elements kept, rows filled.

Source: https://www.tensorflow.org/api_docs/python/tf/sparse
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from thalweg.engine.core import convert, dtypes, errors, nest
from thalweg.engine.core.graph import name_scope
from thalweg.engine.core.indexed_slices import IndexedSlices
from thalweg.engine.core.registry import REGISTRY, static_value
from thalweg.engine.core.sparse_tensor import SparseTensor
from thalweg.engine.ops.arrays import concat as dense_concat, stack
from thalweg.engine.ops.assertions import after, assert_equal, assert_less_equal
from thalweg.engine.ops.comparison import equal, greater_equal, less, logical_and, where
from thalweg.engine.ops.creation import fill, one_hot, ones, ones_like, zeros
from thalweg.engine.ops.elementwise import maximum, minimum
from thalweg.engine.ops.indexing import gather
from thalweg.engine.ops.reduce import reduce_all, reduce_max
from thalweg.engine.ops.segment import unsorted_segment_sum
from thalweg.engine.ops.sets import setdiff1d
from thalweg.engine.ops.shaping import cast, reshape as dense_reshape, shape as shape_of, size as size_of
from thalweg.engine.ops.sorting import argsort
from thalweg.engine.ops.sparse import as_sparse, reorder, to_dense, with_dense_gradient

# -- along an axis -----------------------------------------------------------------------------------------


def _unit(axis: int, x: SparseTensor) -> Any:
    """A vector with 1 at `axis` and 0 elsewhere. Raises InvalidArgumentError for an axis that `x` does not have."""
    rank = x.shape.rank
    if rank is not None and not -rank <= axis < rank:
        raise errors.wrong_argument(f"Axis {axis} is not in [{-rank}, {rank}), the axes of a sparse tensor of shape {x.shape}.")
    count: Any = size_of(x.dense_shape) if rank is None else rank
    return one_hot(axis if axis >= 0 else count + axis, count, dtype=dtypes.int64)


def concat(axis: int, sp_inputs: Any, expand_nonconcat_dims: bool = False, name: str | None = None) -> SparseTensor:
    """Sparse tensors one after another along `axis`; other axes must agree, or with `expand_nonconcat_dims` grow to fit.

    >>> tf.sparse.concat(1, [tf.sparse.eye(1), tf.sparse.eye(1)]).indices.numpy()
    array([[0, 0],
           [0, 1]])
    """
    if not isinstance(sp_inputs, (list, tuple)):
        raise TypeError(f"Inputs must be a list of SparseTensors, not {type(sp_inputs).__name__}.")
    xs = [as_sparse(x) for x in sp_inputs]
    if len(xs) == 1:
        return xs[0]
    with name_scope(name or "SparseConcat"):
        unit = _unit(axis, xs[0])
        shapes = stack([x.dense_shape for x in xs])
        across = shapes * (1 - unit)
        if not expand_nonconcat_dims:
            shapes = after([assert_equal(across, across[:1], message="Input shapes must match but for the axis")], shapes)
        sizes = REGISTRY["Sum"](shapes * unit, 1)
        starts = REGISTRY["Cumsum"](sizes, 0, exclusive=True)
        indices = dense_concat([x.indices + starts[i] * unit for i, x in enumerate(xs)], 0)
        dense_shape = reduce_max(across, 0) + REGISTRY["Sum"](sizes, 0) * unit
        return reorder(SparseTensor(indices, dense_concat([x.values for x in xs], 0), dense_shape))


def slice(sp_input: Any, start: Any, size: Any, name: str | None = None) -> SparseTensor:
    """The elements from `start` on, `size` of them along each axis, or fewer where the tensor ends.

    >>> tf.sparse.slice(tf.sparse.eye(3), [1, 0], [2, 2]).indices.numpy()
    array([[0, 1]])
    """
    x = as_sparse(sp_input)
    with name_scope(name or "SparseSlice"):
        start, size = (convert.convert_to_tensor(v, dtypes.int64) for v in (start, size))
        for what, vector in (("start", start), ("size", size)):
            if not vector.shape.is_compatible_with(x.dense_shape.shape):
                raise errors.wrong_argument(f"Expected {what} to be a vector of length {x.shape.rank}, not {vector.shape}.")
        inside = reduce_all(logical_and(greater_equal(x.indices, start), less(x.indices, start + size)), 1)
        kept = retain(x.with_values(with_dense_gradient(x.values)), inside)
        return SparseTensor(kept.indices - start, kept.values, maximum(minimum(size, x.dense_shape - start), 0))


def split(
    sp_input: Any = None, num_split: int | None = None, axis: int | None = None, name: str | None = None
) -> list[SparseTensor]:
    """The parts along `axis`, as even as they can be: the first few are one longer.

    >>> [part.shape.as_list() for part in tf.sparse.split(tf.sparse.eye(3), 2, axis=0)]
    [[2, 3], [1, 3]]
    """
    for what, value in (("sp_input", sp_input), ("num_split", num_split), ("axis", axis)):
        if value is None:
            raise ValueError(f"{what} is required")
    x, count = as_sparse(sp_input), int(num_split)  # type: ignore[arg-type]
    if count < 1:
        raise errors.wrong_argument(f"num_split should be at least 1, not {count}.")
    with name_scope(name or "SparseSplit"):
        unit = _unit(int(axis), x)  # type: ignore[arg-type]
        length = REGISTRY["Sum"](x.dense_shape * unit, 0)
        message = f"num_split = {count} should be between 1 and the size of the axis"
        length = after([assert_less_equal(convert.convert_to_tensor(count, dtypes.int64), length, message=message)], length)
        each, longer = length // count, length % count
        parts = []
        for i in range(count):
            begin = each * i + minimum(longer, i)
            width = each + cast(greater_equal(longer, i + 1), dtypes.int64)
            parts.append(slice(x, unit * begin, x.dense_shape * (1 - unit) + unit * width))
        return parts


def expand_dims(sp_input: Any, axis: Any = None, name: str | None = None) -> SparseTensor:
    """An axis of size 1 more, at `axis` (None: the last).

    >>> tf.sparse.expand_dims(tf.sparse.eye(2), 0).shape
    TensorShape([1, 2, 2])
    """
    x = as_sparse(sp_input)
    at = -1 if axis is None else axis
    if not isinstance(at, int):
        at = static_value(at)
    if x.shape.rank is None or not isinstance(at, int):
        raise TypeError("axis must be an integer value in range [-rank(sp_input) - 1, rank(sp_input)], and the rank be known.")
    if not -x.shape.rank - 1 <= at <= x.shape.rank:
        raise errors.wrong_argument(f"axis = {at} is not in [{-x.shape.rank - 1}, {x.shape.rank}].")
    at = at % (x.shape.rank + 1)
    with name_scope(name or "expand_dims"):
        column = zeros([shape_of(x.indices)[0], 1], dtypes.int64)
        indices = dense_concat([x.indices[:, :at], column, x.indices[:, at:]], 1)
        one = ones([1], dtypes.int64)
        return SparseTensor(indices, x.values, dense_concat([x.dense_shape[:at], one, x.dense_shape[at:]], 0))


# -- some of the elements ----------------------------------------------------------------------------------


def retain(sp_input: Any, to_retain: Any) -> SparseTensor:
    """The elements for which the vector `to_retain` is True.

    >>> tf.sparse.retain(tf.sparse.eye(2), [False, True]).indices.numpy()
    array([[1, 1]])
    """
    x, which = as_sparse(sp_input), convert.convert_to_tensor(to_retain)
    if not which.shape.is_compatible_with(x.values.shape):
        raise ValueError(f"to_retain must have one element for each of {x.values.shape[0]} values, not shape {which.shape}.")
    rows = dense_reshape(where(which), [-1])
    return SparseTensor(gather(x.indices, rows), gather(x.values, rows), x.dense_shape)


def mask(a: IndexedSlices, mask_indices: Any, name: str | None = None) -> IndexedSlices:
    """An IndexedSlices without the rows of `mask_indices`.

    >>> tf.sparse.mask(tf.IndexedSlices(tf.constant([1., 2.]), tf.constant([3, 5])), [3]).values.numpy()
    array([2.], dtype=float32)
    """
    with name_scope(name or "sparse_mask"):
        kept, rows = setdiff1d(a.indices, mask_indices)
        return IndexedSlices(gather(a.values, rows), kept, a.dense_shape)


def fill_empty_rows(sp_input: Any, default_value: Any, name: str | None = None) -> tuple[SparseTensor, Any]:
    """Each row that has no element gets `default_value` in its first place; also says, row by row, which those are.

    >>> filled, empty = tf.sparse.fill_empty_rows(tf.SparseTensor([[1, 1]], [5], [3, 2]), 0)
    >>> filled.values.numpy(), empty.numpy()
    (array([0, 5, 0], dtype=int32), array([ True, False,  True]))
    """
    x = as_sparse(sp_input)
    with name_scope(name or "SparseFillEmptyRows"):
        default = convert.convert_to_tensor(default_value, dtype=x.dtype)
        owner = x.indices[:, 0]
        empty = equal(unsorted_segment_sum(ones(shape_of(owner), dtypes.int32), owner, x.dense_shape[0]), 0)
        added = where(empty)
        beside = zeros(stack([shape_of(added)[0], shape_of(x.indices)[1] - 1]), dtypes.int64)
        indices = dense_concat([x.indices, dense_concat([added, beside], 1)], 0)
        values = dense_concat([x.values, fill(shape_of(added)[:1], default)], 0)
        order = argsort(indices[:, 0], stable=True)
        return SparseTensor(gather(indices, order), gather(values, order), x.dense_shape), empty


# -- the same elements in another frame --------------------------------------------------------------------


def reset_shape(sp_input: Any, new_shape: Any = None) -> SparseTensor:
    """The same elements in a larger tensor of `new_shape`, or (None) in the smallest that holds them.

    Raises ValueError for a shape that is smaller somewhere, or of another rank.

    >>> tf.sparse.reset_shape(tf.SparseTensor([[0, 1]], [5], [9, 9])).shape
    TensorShape([1, 2])
    """
    x = as_sparse(sp_input)
    if new_shape is None:
        return SparseTensor(x.indices, x.values, maximum(reduce_max(x.indices, 0) + ones_like(x.dense_shape), 0))
    wanted = cast(convert.convert_to_tensor(new_shape, dtype_hint=dtypes.int64), dtypes.int64)
    if not wanted.shape.is_compatible_with(x.dense_shape.shape):
        raise ValueError(f"The new shape {wanted.shape} must have the rank of the sparse tensor, {x.shape.rank}.")
    sizes = static_value(wanted)
    if sizes is not None and None not in sizes and x.shape.is_fully_defined():
        if any(new < old for new, old in zip(sizes, x.shape.as_list())):
            raise ValueError(f"Requested new_shape should have sizes >= those of sp_input, but {sizes} is given for {x.shape}.")
    else:
        wanted = after([assert_less_equal(x.dense_shape, wanted)], wanted)
    return SparseTensor(x.indices, x.values, wanted)


def merge(sp_ids: Any, sp_values: Any, vocab_size: Any, name: str | None = None, already_sorted: bool = False) -> SparseTensor:
    """The values of `sp_values` at places whose last index is what `sp_ids` holds there: below `vocab_size`."""
    single = not isinstance(sp_ids, (list, tuple)) or hasattr(sp_ids, "_fields")
    ids, sizes = ([sp_ids], [vocab_size]) if single else (list(sp_ids), list(vocab_size))
    if len(ids) != len(sizes):
        raise ValueError("sp_ids and vocab_size have to have equal lengths.")
    with name_scope(name or "SparseMerge"):
        ids, values = [as_sparse(x) for x in ids], as_sparse(sp_values)
        columns = [cast(x.values, dtypes.int64)[:, None] for x in ids]
        ends = stack([cast(n, dtypes.int64) for n in sizes])
        dense_shape = dense_concat([ids[0].dense_shape[:-1], ends], 0)
        y = SparseTensor(dense_concat([ids[0].indices[:, :-1], *columns], 1), values.values, dense_shape)
        return y if already_sorted else reorder(y)


def to_indicator(sp_input: Any, vocab_size: Any, name: str | None = None) -> Any:
    """A dense bool tensor that says of each row which of `vocab_size` ids it holds: the last axis counts ids.

    >>> tf.sparse.to_indicator(tf.SparseTensor([[0, 0], [0, 1]], [2, 0], [1, 2]), 3).numpy()
    array([[ True, False,  True]])
    """
    x = as_sparse(sp_input)
    with name_scope(name or "SparseToIndicator"):
        present = x.with_values(fill(shape_of(x.values), True))
        return to_dense(merge(x, present, vocab_size), default_value=False, validate_indices=False)


def map_values(op: Callable[..., Any], *args: Any, **kwargs: Any) -> SparseTensor:
    """`op` applied to the values of the sparse tensors among its arguments, which must have one shape and the same indices.

    >>> tf.sparse.map_values(tf.add, tf.sparse.eye(2), 5.0).values.numpy()
    array([6., 6.], dtype=float32)
    """
    leaves = nest.flatten((args, kwargs))
    sparse = [x for x in leaves if isinstance(x, SparseTensor)]
    if not sparse:
        raise ValueError("No SparseTensor in argument list of map_values")
    first = sparse[0]
    checks = []
    for x in sparse[1:]:
        checks.append(assert_equal(first.dense_shape, x.dense_shape, message="Mismatched shapes!"))
        checks.append(assert_equal(first.indices, x.indices, message="Mismatched indices!"))
    inner_args, inner_kwargs = nest.pack_sequence_as(
        (args, kwargs), [x.values if isinstance(x, SparseTensor) else x for x in leaves]
    )
    values = op(*inner_args, **inner_kwargs)
    return first.with_values(after(checks, values) if checks else values)
