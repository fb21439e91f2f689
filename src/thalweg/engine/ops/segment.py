"""Sums, products and extremes over segments of the first dimensions: sorted, unsorted and sparse.

Sorted segment ids decide the size of the result, so they must be known on the host (HOST inputs); unsorted ids may be
computed on the device. Ids out of range raise where NumPy runs and are left out by compiled programs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from thalweg.engine.core import convert, dtypes, errors
from thalweg.engine.core.dtypes import FROM_NUMPY, DType
from thalweg.engine.core.indexed_slices import IndexedSlices
from thalweg.engine.core.registry import FLOAT, HOST, INDEX, NUMERIC, REAL, REGISTRY, Op, Sample, op, register, snake_case
from thalweg.engine.core.shape import UNKNOWN, TensorShape
from thalweg.engine.ops.creation import ones
from thalweg.engine.ops.indexing import ROW_INDEX, accumulate, check_range, gather_grad, gather_v2, pick
from thalweg.engine.ops.shaping import cast, ints, reshape_op, scalar, shape, shape_op, static_axis, static_ints
from thalweg.engine.ops.static import shape_of

# -- reducing rows by id -----------------------------------------------------------------------------------


class _Kind:
    """A reduction: its ufunc, jax.numpy's update method, and the value of an empty unsorted and sorted segment."""

    def __init__(self, ufunc: Any, update: str, empty: Callable[[DType], Any], empty_sorted: int):
        self.ufunc, self.update, self.empty, self.empty_sorted = ufunc, update, empty, empty_sorted


def _reduced(xp: Any, kind: _Kind, rows: Any, ids: Any, count: int) -> Any:
    """The rows of each id in [0, count) combined; rows of negative id are left out, and by maximum and minimum NaN."""
    empty = kind.empty(FROM_NUMPY[np.dtype(rows.dtype)])
    if kind.update in ("max", "min") and rows.dtype.kind in "fV":
        rows = xp.where(xp.isnan(rows), xp.asarray(empty, rows.dtype), rows)
    y = xp.full((count, *rows.shape[1:]), empty, rows.dtype)
    if xp is not np:
        return getattr(y.at[ids], kind.update)(rows, mode="drop", wrap_negative_indices=False)
    if ids.size and ids.min() < 0:
        rows, ids = rows[ids >= 0], ids[ids >= 0]
    accumulate(kind.ufunc, y, ids, rows)
    return y


_SUM = _Kind(np.add, "add", lambda dtype: 0, 0)
_PROD = _Kind(np.multiply, "multiply", lambda dtype: 1, 1)
_MAX = _Kind(np.maximum, "max", lambda dtype: dtype.min, 0)
_MIN = _Kind(np.minimum, "min", lambda dtype: dtype.max, 0)


def _declare(record: Op, doc: str) -> Op:
    record.__name__ = record.__qualname__ = snake_case(record.name)
    record.__doc__, record.__module__ = doc, __name__
    return register(record)


# -- the transpose of a sum over segments ------------------------------------------------------------------


@op("GatherOrZero", types=("T", "I"), dtypes=NUMERIC, where={"I": ROW_INDEX},
    samples=[Sample((4, 3), np.array([[2, -1], [0, 3]], np.int32))],
    shape=lambda params, ids: UNKNOWN if params.rank is None else ids + params[1:])
def gather_or_zero(xp: Any, params: Any, ids: Any) -> Any:
    """Rows by index, zeros for a negative one."""
    if xp is not np:
        return pick(xp, params, (ids,))
    inside = ids >= 0
    if inside.all():
        return params[ids, ...]
    y = np.zeros((*ids.shape, *params.shape[1:]), params.dtype)
    y[inside] = params[ids[inside]]
    return y


@gather_or_zero.vjp
def _(y: Any, g: Any, params: Any, ids: Any) -> Any:
    return lambda: unsorted_segment_sum(g, ids, shape_op(params)[0]), None


# -- unsorted segments -------------------------------------------------------------------------------------


def _unsorted_shape(data: TensorShape, ids: TensorShape, num_segments: Any) -> TensorShape:
    if isinstance(num_segments, list):
        raise ValueError(f"num_segments must be a scalar, not {num_segments}")
    count = num_segments
    if count is not None and count < 0:
        raise ValueError(f"The number of segments must not be negative: {count}")
    if data.rank is None or ids.rank is None:
        return UNKNOWN
    if ids.rank > data.rank or not data[: ids.rank].is_compatible_with(ids):
        raise ValueError(f"data.shape = {data} does not start with segment_ids.shape = {ids}")
    return TensorShape([count]) + data[ids.rank :]


_UNSORTED_SAMPLES = [
    Sample((5, 3), np.array([2, 0, -1, 2, 4], np.int32), 5), Sample((2, 3, 4), np.array([[0, 1, 0], [2, 2, 1]], np.int64), 4),
    Sample((0, 3), np.zeros(0, np.int32), 2),
]  # fmt: skip


def _unsorted(name: str, kind: _Kind, allowed: Any, vjp: Any, doc: str) -> Op:
    def kernel(xp: Any, data: Any, segment_ids: Any, num_segments: Any) -> Any:
        count = scalar(num_segments, "num_segments")
        if data.shape[: segment_ids.ndim] != segment_ids.shape:
            raise ValueError("segment_ids")  # the shape rule says it
        ids = segment_ids.reshape(-1)
        rows = data.reshape((ids.size, *data.shape[segment_ids.ndim :]))
        if xp is np and ids.size:
            check_range(xp, np.maximum(segment_ids, 0), count, "segment_ids")
        return _reduced(xp, kind, rows, ids, count)

    record = Op(kernel, name, types=("T", "I", HOST), dtypes=allowed, where={"I": INDEX}, shape=_unsorted_shape, vjp=vjp,
                samples=_UNSORTED_SAMPLES)  # fmt: skip
    return _declare(record, doc)


def _unsorted_extreme_vjp(y: Any, g: Any, data: Any, ids: Any, num_segments: Any) -> Any:
    def dx() -> Any:
        chosen = cast(REGISTRY["Equal"](data, gather_or_zero(y, ids)), data.dtype)
        shared = g / unsorted_segment_sum(chosen, ids, num_segments)  # evenly among equals
        return REGISTRY["Mul"](chosen, gather_or_zero(shared, ids))

    return dx, None, None


def _unsorted_prod_vjp(y: Any, g: Any, data: Any, ids: Any, num_segments: Any) -> Any:
    def total(x: Any) -> Any:
        return unsorted_segment_sum(x, ids, num_segments)

    def product(x: Any) -> Any:
        return unsorted_segment_prod(x, ids, num_segments)

    return lambda: _prod_gradient(y, g, data, ids, total, product), None, None


def _prod_gradient(y: Any, g: Any, data: Any, ids: Any, total: Any, product: Any) -> Any:
    """For each factor the product of the others: with one zero in a segment only the zero has any, with two none has."""
    select = REGISTRY["SelectV2"]
    is_zero = REGISTRY["Equal"](data, 0)
    g = REGISTRY["Mul"](g, cast(REGISTRY["Less"](total(cast(is_zero, dtypes.int32)), 2), data.dtype))
    nonzero = select(is_zero, REGISTRY["OnesLike"](data), data)
    others = select(is_zero, gather_or_zero(product(nonzero), ids), gather_or_zero(y, ids) / nonzero)
    return REGISTRY["Mul"](gather_or_zero(g, ids), others)


unsorted_segment_sum = _unsorted(
    "UnsortedSegmentSum", _SUM, NUMERIC, lambda y, g, data, ids, n: (lambda: gather_or_zero(g, ids), None, None),
    """Sums over the elements of each segment id; an empty segment gives 0, a negative id is left out.

    data: begins with the shape of `segment_ids`. Returns `[num_segments, ...]`.
    Raises InvalidArgumentError for an id that is not below `num_segments`.

    >>> tf.math.unsorted_segment_sum([1, 2, 3], [1, 0, 1], 3).numpy()
    array([2, 4, 0], dtype=int32)
    """,
)  # fmt: skip
unsorted_segment_prod = _unsorted(
    "UnsortedSegmentProd", _PROD, NUMERIC, _unsorted_prod_vjp,
    """Products over the elements of each segment id; an empty segment gives 1, a negative id is left out.

    >>> tf.math.unsorted_segment_prod([1, 2, 3], [1, 0, 1], 3).numpy()
    array([2, 3, 1], dtype=int32)
    """,
)  # fmt: skip
unsorted_segment_max = _unsorted(
    "UnsortedSegmentMax", _MAX, REAL, _unsorted_extreme_vjp,
    """The largest element of each segment id; an empty segment gives the smallest number there is.

    >>> tf.math.unsorted_segment_max([1, 2, 3], [1, 0, 1], 2).numpy()
    array([2, 3], dtype=int32)
    """,
)  # fmt: skip
unsorted_segment_min = _unsorted(
    "UnsortedSegmentMin", _MIN, REAL, _unsorted_extreme_vjp,
    """The smallest element of each segment id; an empty segment gives the largest number there is.

    >>> tf.math.unsorted_segment_min([1, 2, 3], [1, 0, 1], 2).numpy()
    array([2, 1], dtype=int32)
    """,
)  # fmt: skip


def _sizes_of_segments(data: Any, ids: Any, num_segments: Any) -> Any:
    """How many elements each segment has (at least 1, to divide by), shaped to broadcast against the result."""
    n = unsorted_segment_sum(ones(shape(ids), data.dtype), ids, num_segments)
    return _upright(REGISTRY["Maximum"](n, 1), data, ids)


def _upright(n: Any, data: Any, ids: Any) -> Any:
    """A vector with a dimension of size 1 for each that `data` has more than `ids`."""
    if data.shape.rank is not None and ids.shape.rank is not None:
        return reshape_op(n, [-1] + [1] * (data.shape.rank - ids.shape.rank))
    more = REGISTRY["Rank"](data) - REGISTRY["Rank"](ids)
    return reshape_op(n, REGISTRY["ConcatV2"]([-1], ones(reshape_op(more, [1]), dtypes.int32), 0))


def unsorted_segment_mean(data: Any, segment_ids: Any, num_segments: Any, name: str | None = None) -> Any:
    """Means over the elements of each segment id; an empty segment gives 0, a negative id is left out.

    >>> tf.math.unsorted_segment_mean([1., 2., 3.], [1, 0, 1], 2).numpy()
    array([2., 2.], dtype=float32)
    """
    data, ids = convert.convert_to_tensor(data), convert.convert_to_tensor(segment_ids)
    return unsorted_segment_sum(data, ids, num_segments) / _sizes_of_segments(data, ids, num_segments)


def unsorted_segment_sqrt_n(data: Any, segment_ids: Any, num_segments: Any, name: str | None = None) -> Any:
    """Sums over the elements of each segment id, divided by the square root of their number.

    >>> tf.math.unsorted_segment_sqrt_n([1., 1., 1., 1.], [0, 0, 0, 0], 2).numpy()
    array([2., 0.], dtype=float32)
    """
    data, ids = convert.convert_to_tensor(data), convert.convert_to_tensor(segment_ids)
    return unsorted_segment_sum(data, ids, num_segments) / REGISTRY["Sqrt"](_sizes_of_segments(data, ids, num_segments))


# -- sorted segments ---------------------------------------------------------------------------------------


def _sorted_ids(ids: Any, rows: int) -> np.ndarray:
    """Segment ids, checked: as many as rows, ascending, from 0 on."""
    if ids.dtype.kind not in "iu":
        raise errors.invalid(f"segment_ids must be int32 or int64, not {ids.dtype}")
    if ids.shape != (rows,):
        raise errors.invalid(f"segment_ids should be a vector of {rows} elements, one for each row, not of shape {list(ids.shape)}")
    if ids.size and (ids[0] < 0 or (ids[1:] < ids[:-1]).any()):
        raise errors.invalid(f"segment ids must be >= 0 and not decrease: {ids.tolist()}")
    return ids


def _sorted_shape(data: TensorShape, ids: Any) -> TensorShape:
    ids = static_ids(ids)
    if data.rank is None:
        return UNKNOWN
    count = None if ids is None or None in ids else (ids[-1] + 1 if ids else 0)
    if ids is not None and data.as_list()[0] not in (None, len(ids)):
        raise ValueError(f"segment_ids should have one element for each row: {len(ids)} for {data}")
    return TensorShape([count]) + data.with_rank_at_least(1)[1:]


def static_ids(ids: Any) -> list[int | None] | None:
    return static_ints(ids, "segment_ids")


_SORTED_SAMPLES = [Sample((5, 3), [0, 0, 2, 2, 3]), Sample((4,), [0, 1, 1, 1]), Sample((0, 3), np.zeros(0, np.int32))]


def _sorted(name: str, kind: _Kind, allowed: Any, vjp: Any, doc: str, mean: bool = False) -> Op:
    def kernel(xp: Any, data: Any, segment_ids: Any) -> Any:
        ids = _sorted_ids(segment_ids, data.shape[0] if data.ndim else 0)
        count = int(ids[-1]) + 1 if ids.size else 0
        y = _reduced(xp, kind, data, ids, count)
        sizes = np.bincount(ids, minlength=count).reshape([-1] + [1] * (data.ndim - 1))
        if mean:
            return _divided(xp, y, np.maximum(sizes, 1))
        return xp.where(sizes > 0, y, xp.asarray(kind.empty_sorted, data.dtype)) if (sizes == 0).any() else y

    record = Op(kernel, name, types=("T", HOST), dtypes=allowed, where={HOST: INDEX}, shape=_sorted_shape, vjp=vjp,
                samples=_SORTED_SAMPLES)  # fmt: skip
    return _declare(record, doc)


def _divided(xp: Any, y: Any, sizes: Any) -> Any:
    if y.dtype.kind in "iu":
        return (xp.sign(y) * (xp.abs(y) // sizes)).astype(y.dtype) if y.dtype.kind == "i" else (y // sizes).astype(y.dtype)
    return y / sizes.astype(y.dtype)


def _rows(g: Any, ids: Any) -> Any:
    return gather_v2(g, ids, 0)


def _count(data: Any, ids: Any) -> Any:
    """The number of rows of each segment (at least 1, to divide by), shaped to broadcast against the result."""
    ids = convert.convert_to_tensor(ids)
    n = REGISTRY["Maximum"](segment_sum(ones(shape(ids), dtypes.int32), ids), 1)
    return cast(_upright(n, data, ids), data.dtype)


def _sorted_extreme_vjp(y: Any, g: Any, data: Any, ids: Any) -> Any:
    def dx() -> Any:
        chosen = cast(REGISTRY["Equal"](data, _rows(y, ids)), data.dtype)
        return REGISTRY["Mul"](chosen, _rows(g / segment_sum(chosen, ids), ids))

    return dx, None


def _sorted_prod_vjp(y: Any, g: Any, data: Any, ids: Any) -> Any:
    def dx() -> Any:
        places = convert.convert_to_tensor(ids)
        return _prod_gradient(y, g, data, places, lambda x: segment_sum(x, ids), lambda x: segment_prod(x, ids))

    return dx, None


segment_sum = _sorted(
    "SegmentSum", _SUM, NUMERIC, lambda y, g, data, ids: (lambda: _rows(g, ids), None),
    """Sums over runs of rows: rows with the same segment id, which may not decrease. An empty segment gives 0.

    Returns as many rows as the last id says. Raises InvalidArgumentError for ids that decrease or are negative.

    >>> tf.math.segment_sum([1, 2, 3], [0, 0, 1]).numpy()
    array([3, 3], dtype=int32)
    """,
)  # fmt: skip
segment_mean = _sorted(
    "SegmentMean", _SUM, NUMERIC, lambda y, g, data, ids: (lambda: _rows(g / _count(data, ids), ids), None),
    """Means over runs of rows with the same segment id. An empty segment gives 0.

    >>> tf.math.segment_mean([1., 2., 3.], [0, 0, 1]).numpy()
    array([1.5, 3. ], dtype=float32)
    """, mean=True,
)  # fmt: skip
segment_prod = _sorted(
    "SegmentProd", _PROD, NUMERIC, _sorted_prod_vjp,
    """Products over runs of rows with the same segment id. An empty segment gives 1.

    >>> tf.math.segment_prod([2, 2, 3], [0, 0, 1]).numpy()
    array([4, 3], dtype=int32)
    """,
)  # fmt: skip
segment_max = _sorted(
    "SegmentMax", _MAX, REAL, _sorted_extreme_vjp,
    """The largest of each run of rows with the same segment id. An empty segment gives 0.

    >>> tf.math.segment_max([1, 2, 3], [0, 0, 1]).numpy()
    array([2, 3], dtype=int32)
    """,
)  # fmt: skip
segment_min = _sorted(
    "SegmentMin", _MIN, REAL, _sorted_extreme_vjp,
    """The smallest of each run of rows with the same segment id. An empty segment gives 0.

    >>> tf.math.segment_min([1, 2, 3], [0, 0, 1]).numpy()
    array([1, 3], dtype=int32)
    """,
)  # fmt: skip


# -- sparse segments ---------------------------------------------------------------------------------------


def _sparse_shape(data: TensorShape, indices: TensorShape, ids: Any, num_segments: Any = None, **_: Any) -> TensorShape:
    if data.rank is None:
        return UNKNOWN
    ids = static_ids(ids)
    count = static_axis(num_segments)
    if count is None and num_segments is None:
        count = None if ids is None or None in ids else (ids[-1] + 1 if ids else 0)
    return TensorShape([count]) + data[1:]


def _scale(xp: Any, mode: str, sizes: np.ndarray) -> np.ndarray:
    sizes = np.maximum(sizes, 1)
    return sizes if mode == "mean" else np.sqrt(sizes)


def _sparse(name: str, mode: str, counted: bool) -> Op:
    """`mode`: sum, mean or sqrt_n. `counted`: the number of segments is given as a fourth input."""

    def run(xp: Any, data: Any, indices: Any, segment_ids: Any, num_segments: Any) -> Any:
        ids = _sorted_ids(segment_ids, indices.size)
        count = (int(ids[-1]) + 1 if ids.size else 0) if num_segments is None else scalar(num_segments, "num_segments")
        check_range(xp, indices, data.shape[0])
        check_range(np, ids, count, "segment_ids")
        rows = data[indices] if xp is np else pick(xp, data, (indices,))
        y = _reduced(xp, _SUM, rows, ids, count)
        if mode == "sum":
            return y
        sizes = _scale(xp, mode, np.bincount(ids, minlength=count)).reshape([-1] + [1] * (data.ndim - 1))
        return y / sizes.astype(data.dtype)

    def kernel(xp: Any, data: Any, indices: Any, segment_ids: Any, *, sparse_gradient: bool = False) -> Any:
        return run(xp, data, indices, segment_ids, None)

    def kernel_counted(
        xp: Any, data: Any, indices: Any, segment_ids: Any, num_segments: Any, *, sparse_gradient: bool = False
    ) -> Any:
        return run(xp, data, indices, segment_ids, num_segments)

    def vjp(y: Any, g: Any, data: Any, indices: Any, ids: Any, *num_segments: Any, sparse_gradient: bool) -> Any:
        def dx() -> Any:
            rows = _rows(g if mode == "sum" else g / _sparse_sizes(y, ids, mode), ids)
            if sparse_gradient:
                return IndexedSlices(rows, indices, shape(data))
            return gather_grad(shape_of(data), indices, 0, rows)

        return (dx, None, None, *(None for _ in num_segments))

    types = ("T", "I", HOST, HOST) if counted else ("T", "I", HOST)
    last = (4,) if counted else ()
    samples = [Sample((4, 3), np.array([0, 2, 2], np.int32), [0, 0, 1], *last)]
    record = Op(kernel_counted if counted else kernel, name, types=types, dtypes=REAL if mode == "sum" else FLOAT,
                where={"I": INDEX, HOST: INDEX}, shape=_sparse_shape, vjp=vjp, samples=samples)  # fmt: skip
    return _declare(record, "")


def _sparse_sizes(y: Any, ids: Any, mode: str) -> Any:
    """What each row of the result was divided by."""
    ids = convert.convert_to_tensor(ids)
    n = REGISTRY["Maximum"](unsorted_segment_sum(ones(shape(ids), y.dtype), ids, shape_op(y)[0]), 1)
    return _upright(n if mode == "mean" else REGISTRY["Sqrt"](n), y, ids)


_SPARSE = {
    mode: (_sparse(f"SparseSegment{label}", mode, False), _sparse(f"SparseSegment{label}WithNumSegments", mode, True))
    for mode, label in (("sum", "Sum"), ("mean", "Mean"), ("sqrt_n", "SqrtN"))
}


def _sparse_call(mode: str, data: Any, indices: Any, ids: Any, num_segments: Any, name: str | None, sparse_gradient: bool) -> Any:
    plain, counted = _SPARSE[mode]
    if num_segments is None:
        return plain(data, indices, ids, sparse_gradient=sparse_gradient, name=name)
    return counted(data, indices, ids, num_segments, sparse_gradient=sparse_gradient, name=name)


def sparse_segment_sum(
    data: Any, indices: Any, segment_ids: Any, num_segments: Any = None, name: str | None = None, sparse_gradient: bool = False
) -> Any:
    """Sums, over runs of the same segment id, of the rows of `data` that `indices` picks.

    num_segments: by default what the last id says. The gradient is an `IndexedSlices` with `sparse_gradient`.
    Raises InvalidArgumentError for an index out of range or ids that decrease.

    >>> tf.sparse.segment_sum([[1.], [2.], [4.]], [0, 2], [0, 0]).numpy()
    array([[5.]], dtype=float32)
    """
    return _sparse_call("sum", data, indices, segment_ids, num_segments, name, sparse_gradient)


def sparse_segment_mean(
    data: Any, indices: Any, segment_ids: Any, num_segments: Any = None, name: str | None = None, sparse_gradient: bool = False
) -> Any:
    """Means, over runs of the same segment id, of the rows of `data` that `indices` picks.

    >>> tf.sparse.segment_mean([[1.], [2.], [4.]], [0, 2], [0, 0]).numpy()
    array([[2.5]], dtype=float32)
    """
    return _sparse_call("mean", data, indices, segment_ids, num_segments, name, sparse_gradient)


def sparse_segment_sqrt_n(
    data: Any, indices: Any, segment_ids: Any, num_segments: Any = None, name: str | None = None, sparse_gradient: bool = False
) -> Any:
    """Sums as `sparse_segment_sum`, divided by the square root of the number of rows in each.

    >>> tf.sparse.segment_sqrt_n([[1.], [1.], [1.], [1.]], [0, 1, 2, 3], [0, 0, 0, 0]).numpy()
    array([[2.]], dtype=float32)
    """
    return _sparse_call("sqrt_n", data, indices, segment_ids, num_segments, name, sparse_gradient)
