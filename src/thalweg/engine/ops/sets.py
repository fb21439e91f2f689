"""Values as sets and places: unique, differences, partitions and stitches, searching, permutations."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from thalweg.engine.core import convert, dtypes, errors
from thalweg.engine.core.dtypes import DType
from thalweg.engine.core.registry import HOST, INDEX, NO_GRADIENT, REAL, REGISTRY, Sample, op
from thalweg.engine.core.shape import UNKNOWN, TensorShape
from thalweg.engine.core.tensor import static_shape
from thalweg.engine.ops.arrays import concat
from thalweg.engine.ops.indexing import gather_v2
from thalweg.engine.ops.shaping import ints, reshape_op, shape, static_ints, wrong
from thalweg.engine.ops.static import shape_of

# -- unique ------------------------------------------------------------------------------------------------


class Unique(NamedTuple):
    """The values once each, and for each element the index of its value."""

    y: Any
    idx: Any


class UniqueWithCounts(NamedTuple):
    """As `Unique`, and how often each value occurs."""

    y: Any
    idx: Any
    count: Any


def _out_idx(groups: Any, attrs: Any) -> DType:
    return attrs["out_idx"]


def _unique(x: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Values in the order they first come, the index of each element's, and counts. No NaN equals another."""
    if x.ndim != 1:
        raise errors.invalid(f"unique expects a 1D vector, not of shape {list(x.shape)}")
    _, first, inverse, count = np.unique(x, return_index=True, return_inverse=True, return_counts=True, equal_nan=False)
    order = np.argsort(first, kind="stable")
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    return x[first[order]], rank[inverse.ravel()], count[order]


def _unique_shape(x: TensorShape, *, out_idx: DType) -> tuple[TensorShape, TensorShape]:
    return TensorShape([None]), x.with_rank(1)


@op("Unique", vjp=NO_GRADIENT, out=("T", _out_idx), shape=_unique_shape, host=True,
    samples=[Sample(np.array([4, 1, 4, 2, 1], np.int32))])
def unique_op(xp: Any, x: Any, *, out_idx: DType = dtypes.int32) -> Any:
    y, idx, _ = _unique(x)
    return y, idx.astype(out_idx.np_dtype)


@op("UniqueWithCounts", vjp=NO_GRADIENT, out=("T", _out_idx, _out_idx), host=True,
    samples=[Sample(np.array([4, 1, 4, 2, 1], np.int32))],
    shape=lambda x, out_idx: (*_unique_shape(x, out_idx=out_idx), TensorShape([None])))
def unique_with_counts_op(xp: Any, x: Any, *, out_idx: DType = dtypes.int32) -> Any:
    y, idx, count = _unique(x)
    return y, idx.astype(out_idx.np_dtype), count.astype(out_idx.np_dtype)


def unique(x: Any, out_idx: Any = dtypes.int32, name: str | None = None) -> Unique:
    """The values of a vector once each, in the order they first come, and for each element the index of its value.

    Raises InvalidArgumentError for a tensor that is no vector.

    >>> tf.unique([4, 1, 4]).y.numpy(), tf.unique([4, 1, 4]).idx.numpy()
    (array([4, 1], dtype=int32), array([0, 1, 0], dtype=int32))
    """
    return Unique(*unique_op(x, out_idx=dtypes.as_dtype(out_idx), name=name))


def unique_with_counts(x: Any, out_idx: Any = dtypes.int32, name: str | None = None) -> UniqueWithCounts:
    """As `unique`, with how often each value occurs.

    >>> tf.unique_with_counts([4, 1, 4]).count.numpy()
    array([2, 1], dtype=int32)
    """
    return UniqueWithCounts(*unique_with_counts_op(x, out_idx=dtypes.as_dtype(out_idx), name=name))


class ListDiff(NamedTuple):
    """What is in the first list alone, and where."""

    out: Any
    idx: Any


@op("ListDiff", vjp=NO_GRADIENT, out=("T", _out_idx), host=True,
    samples=[Sample(np.array([1, 2, 3], np.int32), np.array([2], np.int32))],
    shape=lambda x, y, out_idx: (TensorShape([None]), TensorShape([None])))
def list_diff(xp: Any, x: Any, y: Any, *, out_idx: DType = dtypes.int32) -> Any:
    if x.ndim != 1 or y.ndim != 1:
        raise errors.invalid("x and y should be 1D vectors.")
    places = np.flatnonzero(~np.isin(x, y))
    return x[places], places.astype(out_idx.np_dtype)


def setdiff1d(x: Any, y: Any, index_dtype: Any = dtypes.int32, name: str | None = None) -> ListDiff:
    """The elements of `x` that are not in `y`, in their order, and their indices.

    >>> tf.compat.v1.setdiff1d([1, 2, 3, 4], [2, 4]).out.numpy()
    array([1, 3], dtype=int32)
    """
    return ListDiff(*list_diff(x, y, out_idx=dtypes.as_dtype(index_dtype), name=name))


# -- partition and stitch ----------------------------------------------------------------------------------


def _partition_shape(data: TensorShape, partitions: TensorShape, *, num_partitions: int) -> tuple[TensorShape, ...]:
    if data.rank is None or partitions.rank is None:
        return (UNKNOWN,) * num_partitions
    if not data[: partitions.rank].is_compatible_with(partitions):
        raise ValueError(f"data.shape must start with partitions.shape, got data.shape = {data}, partitions.shape = {partitions}")
    return (TensorShape([None]) + data[partitions.rank :],) * num_partitions


def _partition_vjp(y: Any, g: Any, data: Any, partitions: Any, *, num_partitions: int) -> Any:
    def dx() -> Any:
        count = static_shape(partitions).num_elements()
        places = REGISTRY["Range"](0, REGISTRY["Size"](partitions) if count is None else count, 1, Tidx=dtypes.int32)
        parts = dynamic_partition(reshape_op(places, shape(partitions)), partitions, num_partitions)
        return reshape_op(dynamic_stitch(parts, g), shape_of(data))

    return dx, None


def _partition_dtypes(groups: Any, attrs: Any) -> tuple[DType, ...]:
    return (groups["T"],) * attrs["num_partitions"]


@op("DynamicPartition", types=("T", dtypes.int32), out=_partition_dtypes, many_outputs=True, shape=_partition_shape,
    vjp=_partition_vjp, host=True, samples=[Sample((5, 2), np.array([0, 2, 0, 1, 2], np.int32), num_partitions=3)])
def dynamic_partition_op(xp: Any, data: Any, partitions: Any, *, num_partitions: int) -> Any:
    if data.shape[: partitions.ndim] != partitions.shape:
        raise ValueError("partitions")  # the shape rule says it
    outside = (partitions < 0) | (partitions >= num_partitions)
    if outside.any():
        place = tuple(int(i) for i in np.argwhere(outside)[0])
        at = "".join(f"[{i}]" for i in place)
        raise errors.invalid(f"partitions{at} = {partitions[place]} is not in [0, {num_partitions})")
    return tuple(data[partitions == i] for i in range(num_partitions))


def dynamic_partition(data: Any, partitions: Any, num_partitions: int, name: str | None = None) -> list[Any]:
    """The slices of `data` sorted into `num_partitions` tensors, each into the one that `partitions` names.

    data: begins with the shape of `partitions`. Returns a list.
    Raises InvalidArgumentError for a number outside [0, num_partitions).

    >>> [t.numpy().tolist() for t in tf.dynamic_partition([5, 6, 7], [1, 0, 1], 2)]
    [[6], [5, 7]]
    """
    return list(dynamic_partition_op(data, partitions, num_partitions=int(num_partitions), name=name))


def _stitch_shape(indices: Any, rows: TensorShape) -> TensorShape:
    places = static_ints(indices, "indices")
    if rows.rank is None:
        return UNKNOWN
    count = None if places is None or None in places else max(places, default=-1) + 1  # type: ignore[type-var, operator]
    return TensorShape([count]) + rows[1:]


@op("StitchRows", types=(HOST, "T"), shape=_stitch_shape, samples=[Sample([3, 0, 1], (3, 2))],
    vjp=lambda y, g, indices, rows: (None, lambda: gather_v2(g, convert.convert_to_tensor(indices), 0)))
def stitch_rows(xp: Any, indices: Any, rows: Any) -> Any:
    """Rows put at their places; of two for one place the last stays, places that none has are zero."""
    if indices.size and indices.min() < 0:
        raise errors.invalid(f"indices[{int(np.argmin(indices))}] is out of range: {indices.min()}")
    count = int(indices.max()) + 1 if indices.size else 0
    last = np.full(count, -1)
    last[indices] = np.arange(len(indices))
    filled = last >= 0
    picked = rows[np.where(filled, last, 0)]
    if filled.all():
        return picked
    blank = np.full((), b"", object) if rows.dtype == object else xp.zeros((), rows.dtype)
    return xp.where(filled.reshape([-1] + [1] * (rows.ndim - 1)), picked, blank)


def dynamic_stitch(indices: Any, data: Any, name: str | None = None) -> Any:
    """One tensor made of slices put at their places: `data[m][i]` at row `indices[m][i]`; of several the last stays.

    >>> tf.dynamic_stitch([[0, 2], [1]], [[10, 30], [20]]).numpy()
    array([10, 20, 30], dtype=int32)
    """
    places = [convert.convert_to_tensor(i) for i in indices]
    parts = [convert.convert_to_tensor(d) for d in data]
    if len(places) != len(parts):
        raise ValueError(f"indices and data must be lists of one length, not of {len(places)} and {len(parts)}.")
    inner = UNKNOWN
    for i, d in zip(places, parts):
        if None not in (i.shape.rank, d.shape.rank):
            if not d.shape[: i.shape.rank].is_compatible_with(i.shape):
                raise wrong(f"data of shape {d.shape} does not start with indices of shape {i.shape}", "DynamicStitch")
            if not inner.is_compatible_with(d.shape[i.shape.rank :]):
                raise wrong(f"Need data[0].shape[1:] = {inner}, got {d.shape[i.shape.rank :]}", "DynamicStitch")
            inner = inner.merge_with(d.shape[i.shape.rank :])
    rows = [reshape_op(d, _row_shape(i, d, inner)) for i, d in zip(places, parts)]
    return stitch_rows(concat([reshape_op(i, [-1]) for i in places], 0), concat(rows, 0), name=name or "DynamicStitch")


def _row_shape(indices: Any, data: Any, inner: TensorShape) -> Any:
    """`[count, ...inner]`, the shape of data with the dimensions of its indices made one."""
    count = indices.shape.num_elements()
    if inner.is_fully_defined() and count is not None:
        return [count, *inner.as_list()]
    if inner.is_fully_defined() and 0 not in inner.as_list():
        return [-1, *inner.as_list()]
    rank = indices.shape.rank
    return concat([[-1], shape(data)[rank:]], 0)


# -- searching ---------------------------------------------------------------------------------------------


def _search(xp: Any, rows: Any, values: Any, side: str, out_type: DType) -> Any:
    if xp is not np:
        import jax

        found = jax.vmap(lambda a, v: xp.searchsorted(a, v, side=side))(rows, values)
        return found.astype(out_type.np_dtype)
    if len(rows) != len(values):
        raise ValueError("rows")  # the shape rule says it
    found = [np.searchsorted(a, v, side=side) for a, v in zip(rows, values)]  # type: ignore[call-overload]
    return np.array(found, out_type.np_dtype).reshape(values.shape)


def _search_shape(rows: TensorShape, values: TensorShape, *, out_type: DType) -> TensorShape:
    rows, values = rows.with_rank(2), values.with_rank(2)
    if not rows[:1].is_compatible_with(values[:1]):
        raise ValueError(f"Leading dim_size of both tensors must match: {rows} and {values}")
    return values


_SEARCH: dict[str, Any] = {
    "types": ("T", "T"), "dtypes": REAL, "out": lambda groups, attrs: attrs["out_type"], "shape": _search_shape,
}  # fmt: skip
_SEARCH_SAMPLES = [Sample(np.array([[1, 3, 3, 5]], np.float32), np.array([[3, 0, 10]], np.float32))]


@op("LowerBound", **_SEARCH, samples=_SEARCH_SAMPLES)
def lower_bound(xp: Any, sorted_inputs: Any, values: Any, *, out_type: DType = dtypes.int32) -> Any:
    return _search(xp, sorted_inputs, values, "left", out_type)


@op("UpperBound", **_SEARCH, samples=_SEARCH_SAMPLES)
def upper_bound(xp: Any, sorted_inputs: Any, values: Any, *, out_type: DType = dtypes.int32) -> Any:
    return _search(xp, sorted_inputs, values, "right", out_type)


def searchsorted(
    sorted_sequence: Any, values: Any, side: str = "left", out_type: Any = dtypes.int32, name: str | None = None
) -> Any:
    """Where each value would go in a sorted last dimension: before its equals ("left") or behind them ("right").

    Raises InvalidArgumentError when the other dimensions differ.

    >>> tf.searchsorted([1, 3, 3, 5], [3, 6]).numpy()
    array([1, 4], dtype=int32)
    """
    if side not in ("left", "right"):
        raise ValueError(f"Argument `side` must be either 'right' or 'left'. Received: `side` = '{side}'.")
    ordered = convert.convert_to_tensor(sorted_sequence)
    values = convert.convert_to_tensor(values, dtype=None if hasattr(values, "dtype") else ordered.dtype)
    find = lower_bound if side == "left" else upper_bound
    found = find(_as_rows(ordered), _as_rows(values), out_type=dtypes.as_dtype(out_type), name=name)
    return reshape_op(found, shape_of(values))


def _as_rows(x: Any) -> Any:
    """A tensor as rows: all dimensions but the last made one."""
    last = x.shape.as_list()[-1] if x.shape.rank else None
    if last is None:
        return reshape_op(x, concat([[-1], shape(x)[-1:]], 0))
    return reshape_op(x, [-1, last] if last else [x.shape[:-1].num_elements() or 0, 0])


# -- permutations and places -------------------------------------------------------------------------------


@op("InvertPermutation", dtypes=INDEX, shape=lambda x: x.with_rank(1), samples=[Sample(np.array([3, 0, 2, 1], np.int32))])
def invert_permutation(xp: Any, x: Any) -> Any:
    """The permutation that undoes a permutation: `y[x[i]] = i`.

    Raises InvalidArgumentError when `x` does not hold 0 .. n-1 once each.

    >>> tf.math.invert_permutation([2, 0, 1]).numpy()
    array([1, 2, 0], dtype=int32)
    """
    order = xp.argsort(x).astype(x.dtype)
    if xp is np:
        if x.ndim != 1:
            raise errors.invalid("invert_permutation expects a 1D vector.")
        if (x[order] != np.arange(len(x))).any():
            raise errors.invalid(f"{x.tolist()} is no permutation: an index is out of range or comes twice")
    return order


def _unravel_shape(indices: TensorShape, dims: Any) -> TensorShape:
    sizes = static_ints(dims, "dims")
    if indices.rank is None:
        return UNKNOWN
    return TensorShape([None if sizes is None else len(sizes)]) + indices.with_rank_at_most(1)


@op("UnravelIndex", types=("T", HOST), dtypes=INDEX, shape=_unravel_shape, samples=[Sample(np.array([5, 11, 0], np.int32), [3, 4])])
def unravel_index(xp: Any, indices: Any, dims: Any) -> Any:
    """The coordinates, in a tensor of shape `dims`, of elements counted flat.

    Returns `[len(dims)]` or `[len(dims), n]`. Raises InvalidArgumentError for an index that is not below the product.

    >>> tf.unravel_index([5, 11], [3, 4]).numpy()
    array([[1, 2],
           [1, 3]], dtype=int32)
    """
    sizes = ints(dims, "dims")
    if indices.ndim > 1:
        raise errors.invalid(f"The indices can only be scalar or vector, not of shape {list(indices.shape)}")
    if xp is np and indices.size and indices.max() >= np.prod(sizes, dtype=np.int64):
        raise errors.invalid(f"index is out of bound as with dims: {list(sizes)}")
    steps = [int(np.prod(sizes[i + 1 :], dtype=np.int64)) for i in range(len(sizes))]
    return xp.stack([(indices // s) % n for s, n in zip(steps, sizes)]).astype(indices.dtype)
