"""Indexing and slicing ragged tensors: `rt[i]`, `rt[i:j]`, `rt[:, i:j]`, `rt[..., k]`, `rt[tf.newaxis]`.

Source: https://www.tensorflow.org/guide/ragged_tensor#indexing
"""

from __future__ import annotations

from typing import Any

from thalweg.engine.core.tensor import EagerTensor
from thalweg.engine.ops.arrays import concat
from thalweg.engine.ops.comparison import where
from thalweg.engine.ops.creation import range_, zeros
from thalweg.engine.ops.elementwise import maximum, minimum
from thalweg.engine.ops.indexing import gather
from thalweg.engine.ops.ragged import splits as sp
from thalweg.engine.ops.ragged.tensor import RaggedTensor
from thalweg.engine.ops.shaping import cast, shape as shape_of


def getitem(rt: RaggedTensor, key: Any) -> Any:
    """Raises ValueError for a single index into a ragged dimension, IndexError for one out of range."""
    return _outer(rt, list(key) if isinstance(key, (list, tuple)) else [key])


def _outer(rt: Any, keys: list[Any]) -> Any:
    if not keys:
        return rt
    if not isinstance(rt, RaggedTensor):
        return rt[tuple(keys)]
    first, rest = keys[0], keys[1:]
    if first is Ellipsis:
        return _outer(rt, _spelled_out(keys, rt))
    if first is None:
        inner = _outer(rt, rest)
        count = inner.nrows() if isinstance(inner, RaggedTensor) else shape_of(inner, out_type=rt.row_splits.dtype)[0]
        splits = concat([zeros([1], rt.row_splits.dtype), cast(count, rt.row_splits.dtype)[None]], 0)
        return RaggedTensor.from_row_splits(inner, splits, validate=False)
    if isinstance(first, slice):
        return _inner(_rows(rt, first), rest)
    row = _row(rt, first)
    if rest and isinstance(row, RaggedTensor):
        return _outer(row, rest)
    return row[tuple(rest)] if rest else row


def _spelled_out(keys: list[Any], rt: Any) -> list[Any]:
    """Full slices instead of the ellipsis."""
    if sum(k is Ellipsis for k in keys) > 1:
        raise ValueError("Only one ellipsis is allowed in an index.")
    rank = rt.shape.rank
    if rank is None:
        raise ValueError("Ellipsis not supported for unknown shape RaggedTensors")
    others = sum(k is not None and k is not Ellipsis for k in keys)
    at = next(i for i, k in enumerate(keys) if k is Ellipsis)
    return [*keys[:at], *[slice(None)] * max(0, rank - others), *keys[at + 1 :]]


def _row(rt: RaggedTensor, i: Any) -> Any:
    if isinstance(i, int) or (isinstance(i, EagerTensor) and isinstance(rt.row_splits, EagerTensor)):
        count = rt.shape[0]
        if count is not None and not -count <= int(i) < count:
            raise IndexError(f"Index {int(i)} is out of range for a ragged tensor of {count} rows.")
    starts, limits = rt.row_splits[:-1], rt.row_splits[1:]
    return rt.values[starts[i] : limits[i]]


def _rows(rt: RaggedTensor, key: slice) -> RaggedTensor:
    if key == slice(None):
        return rt
    starts, limits = rt.row_splits[:-1][key], rt.row_splits[1:][key]
    if key.step is None or (isinstance(key.step, int) and key.step == 1):
        # Neighbouring rows: their values are one slice, an empty one where there are no rows.
        none = zeros([1], starts.dtype)
        first = concat([starts, none], 0)[0]
        last = concat([none, limits], 0)[-1]
        splits = concat([none, limits - first], 0)
        return RaggedTensor(rt.values[first:last], splits, rt._uniform, _made=True)
    at, splits = sp.ranges(starts, limits)
    return RaggedTensor(taken(rt.values, at), splits, rt._uniform, _made=True)


def taken(values: Any, at: Any) -> Any:
    """Rows of values that may be ragged."""
    if not isinstance(values, RaggedTensor):
        return gather(values, at)
    where_to, splits = sp.ranges(gather(values.row_starts(), at), gather(values.row_limits(), at))
    return RaggedTensor(taken(values.values, where_to), splits, values._uniform, _made=True)


def _inner(rt: Any, keys: list[Any]) -> Any:
    """The keys of the dimensions below the rows."""
    if not keys:
        return rt
    if not isinstance(rt, RaggedTensor):
        return rt[(slice(None), *keys)]
    first, rest = keys[0], keys[1:]
    if first is Ellipsis:
        return _inner(rt, _spelled_out([slice(None), *keys], rt)[1:])
    if first is None:
        inner = _inner(rt, rest)
        count = inner.nrows() if isinstance(inner, RaggedTensor) else shape_of(inner, out_type=rt.row_splits.dtype)[0]
        splits = range_(cast(count, rt.row_splits.dtype) + 1, dtype=rt.row_splits.dtype)
        return RaggedTensor(inner, splits, 1, _made=True)
    if isinstance(first, slice):
        sliced = rt if first == slice(None) else _columns(rt, first)
        return sliced.with_values(_inner(sliced.values, rest))
    if rt._uniform is None:
        raise ValueError("Cannot index into an inner ragged dimension.")
    column = rt.row_starts() + cast(first + rt._uniform if isinstance(first, int) and first < 0 else first, rt.row_splits.dtype)
    picked = taken(rt.values, column)
    return _inner(picked, rest) if rest else picked


def _columns(rt: RaggedTensor, key: slice) -> RaggedTensor:
    """The same slice of every row."""
    lengths = rt.row_lengths()
    dtype = lengths.dtype
    step = 1 if key.step is None else key.step
    if not isinstance(step, int):
        raise TypeError("The step of a slice of a ragged dimension must be a number.")
    if step == 0:
        raise ValueError("slice step cannot be zero")

    def edge(value: Any, default: Any, low: Any, high: Any) -> Any:
        if value is None:
            return default
        value = cast(value, dtype) + lengths * 0
        return maximum(minimum(where(value < 0, value + lengths, value), high), low)

    nothing = lengths * 0
    if step > 0:
        start, stop = edge(key.start, nothing, nothing, lengths), edge(key.stop, lengths, nothing, lengths)
        count = maximum((stop - start + step - 1) // step, 0)
    else:
        start, stop = edge(key.start, lengths - 1, nothing - 1, lengths - 1), edge(key.stop, nothing - 1, nothing - 1, lengths - 1)
        count = maximum((start - stop - step - 1) // -step, 0)
    splits = sp.from_lengths(count)
    rows = sp.rowids(splits, splits[-1])
    at = gather(rt.row_starts() + start, rows) + sp.columns(splits, rows) * step
    return RaggedTensor.from_row_splits(taken(rt.values, at), splits, validate=False)
