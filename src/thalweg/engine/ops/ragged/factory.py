"""Ragged tensors from Python lists and numbers: `tf.ragged.constant`, `range`, `stack`, ...

Source: https://www.tensorflow.org/api_docs/python/tf/ragged
"""

from __future__ import annotations

from typing import Any

import numpy as np

from thalweg.engine.core import convert, dtypes
from thalweg.engine.ops.creation import constant as constant_tensor
from thalweg.engine.ops.ragged import splits as sp
from thalweg.engine.ops.ragged.tensor import RaggedTensor, RaggedTensorValue
from thalweg.engine.ops.shaping import broadcast_to, cast, shape as shape_of


def constant(
    pylist: Any, dtype: Any = None, ragged_rank: int | None = None, inner_shape: Any = None, name: str | None = None,
    row_splits_dtype: Any = dtypes.int64,
) -> Any:  # fmt: skip
    """A ragged tensor of nested lists.

    ragged_rank: how many dimensions are ragged, by default all but the first. inner_shape: the shape of the innermost values.
    Raises ValueError for lists that nest unevenly, or that do not have these.

    >>> tf.ragged.constant([[1, 2], [], [3]])
    <tf.RaggedTensor [[1, 2], [], [3]]>
    """
    kind = dtypes.as_dtype(row_splits_dtype)
    return _constant(
        pylist, ragged_rank, inner_shape, lambda values, shape: constant_tensor(values, dtype=dtype, shape=shape),
        lambda values, edges: RaggedTensor.from_row_splits(values, constant_tensor(edges, dtype=kind), validate=False),
    )  # fmt: skip


def constant_value(
    pylist: Any, dtype: Any = None, ragged_rank: int | None = None, inner_shape: Any = None, row_splits_dtype: Any = "int64"
) -> Any:
    """As `tf.ragged.constant`, of NumPy arrays: a RaggedTensorValue."""
    kind = dtypes.as_dtype(row_splits_dtype).as_numpy_dtype

    def made(values: Any, shape: Any) -> np.ndarray:
        wanted = dtypes.as_dtype(dtype).as_numpy_dtype if isinstance(dtype, (str, dtypes.DType)) else dtype
        return np.array(values, dtype=wanted).reshape(shape)

    return _constant(pylist, ragged_rank, inner_shape, made, lambda values, edges: RaggedTensorValue(values, np.array(edges, kind)))


def _constant(pylist: Any, ragged_rank: int | None, inner_shape: Any, inner: Any, outer: Any) -> Any:
    if ragged_rank is not None and ragged_rank < 0:
        raise ValueError(f"Invalid ragged_rank={ragged_rank}: must be nonnegative.")
    if not _is_list(pylist):
        if ragged_rank or inner_shape:
            wanted = f"ragged_rank={ragged_rank} and inner_shape={inner_shape}"
            raise ValueError(f"Invalid pylist={pylist!r}: incompatible with {wanted}")
        return inner(pylist, ())
    scalars, deepest = _depths(pylist)
    if scalars is not None and deepest > scalars:
        raise ValueError(f"Invalid pylist={pylist!r}: empty list nesting is greater than scalar value nesting")
    if inner_shape is None:
        inner_shape = () if ragged_rank is None else _inner_shape(pylist, ragged_rank)
    inner_shape = tuple(inner_shape)
    if ragged_rank is None:
        ragged_rank = max(0, deepest - 1 - len(inner_shape))
    if scalars is not None and scalars != ragged_rank + 1 + len(inner_shape):
        raise ValueError(
            f"Invalid pylist={pylist!r}: incompatible with ragged_rank={ragged_rank} and dim(inner_shape)={len(inner_shape)}"
        )
    if scalars is None and ragged_rank + 1 < deepest - len(inner_shape):
        raise ValueError(f"Invalid pylist={pylist!r}: it nests deeper than ragged_rank={ragged_rank}")
    levels, values = [], pylist
    for _ in range(ragged_rank):
        edges, joined = [0], []
        for row in values:
            edges.append(edges[-1] + len(row))
            joined.extend(row)
        levels.append(edges)
        values = joined
    result = inner(list(values) if len(values) else [], (len(values), *inner_shape))
    for edges in reversed(levels):
        result = outer(result, edges)
    return result


def _is_list(x: Any) -> bool:
    return isinstance(x, (list, tuple)) or (isinstance(x, np.ndarray) and x.ndim > 0)


def _depths(x: Any) -> tuple[int | None, int]:
    """How deep the scalars lie (None: there are none), and how deep lists nest. Raises ValueError where depths differ."""
    if not _is_list(x):
        return 0, 0
    scalars, deepest = None, 1
    for item in x:
        depth, below = _depths(item)
        if depth is not None:
            if scalars is not None and depth + 1 != scalars:
                raise ValueError(f"all scalar values must have the same nesting depth: {x!r}")
            scalars = depth + 1
        deepest = max(deepest, below + 1)
    return scalars, deepest


def _inner_shape(pylist: Any, ragged_rank: int) -> tuple[int, ...]:
    """The shape that all values below the ragged dimensions share. Raises ValueError if there is none."""
    flat = pylist
    for _ in range(ragged_rank):
        if not all(_is_list(v) for v in flat):
            raise ValueError(f"pylist has scalar values depth smaller than ragged_rank {ragged_rank}")
        flat = [v for row in flat for v in row]
    if not len(flat) or not _is_list(flat[0]):
        return ()
    array = np.array(flat, dtype=object)
    first = np.array(flat[0], dtype=object).shape
    if array.shape != (len(flat), *first):
        raise ValueError("inner values have inconsistent shape")
    return first


def range_(
    starts: Any, limits: Any = None, deltas: Any = 1, dtype: Any = None, name: str | None = None,
    row_splits_dtype: Any = dtypes.int64,
) -> RaggedTensor:  # fmt: skip
    """Rows of numbers `start, start + delta, ...` up to `limit`.

    >>> tf.ragged.range([3, 5, 2])
    <tf.RaggedTensor [[0, 1, 2], [0, 1, 2, 3, 4], [0, 1]]>
    """
    from thalweg.engine.ops.elementwise import maximum
    from thalweg.engine.ops.indexing import gather
    from thalweg.engine.ops.rounding import ceil

    if limits is None:
        starts, limits = 0, starts
    kind = dtypes.as_dtype(row_splits_dtype)
    if dtype is not None:
        starts, limits, deltas = (cast(x, dtype) for x in (starts, limits, deltas))
    given = [convert.convert_to_tensor(x) for x in (starts, limits, deltas)]
    order = [dtypes.int32, dtypes.int64, dtypes.float32, dtypes.float64]
    common = max((t.dtype for t in given), key=order.index)
    begin, end, step = (cast(t, common) for t in given)
    shape = shape_of(begin + end + step)
    if (begin + end + step).shape.rank == 0:
        shape = convert.convert_to_tensor([1])
    begin, end, step = (broadcast_to(t, shape) for t in (begin, end, step))
    sp.require(step != 0 if hasattr(step, "_array") else True, "Requires delta != 0")
    span = (end - begin) / step
    lengths = cast(maximum(ceil(span) if span.dtype.is_floating else span, 0), kind)
    edges = sp.from_lengths(lengths)
    rows = sp.rowids(edges, edges[-1])
    values = gather(begin, rows) + cast(sp.columns(edges, rows), common) * gather(step, rows)
    return RaggedTensor.from_row_splits(values, edges, validate=False)


def row_splits_to_segment_ids(splits: Any, name: str | None = None, out_type: Any = None) -> Any:
    """The row of each value.

    >>> tf.ragged.row_splits_to_segment_ids([0, 3, 3, 5]).numpy()
    array([0, 0, 0, 2, 2])
    """
    splits = sp.index_tensor(splits, "splits")
    out = splits.dtype if out_type is None else dtypes.as_dtype(out_type)
    return cast(sp.rowids(splits, splits[-1]), out)


def segment_ids_to_row_splits(
    segment_ids: Any, num_segments: Any = None, out_type: Any = None, name: str | None = None
) -> Any:
    """Splits from the row of each value.

    >>> tf.ragged.segment_ids_to_row_splits([0, 0, 0, 2, 2]).numpy()
    array([0, 3, 3, 5])
    """
    ids = sp.index_tensor(segment_ids, "segment_ids")
    return RaggedTensor.from_value_rowids(ids, ids, num_segments).row_splits if out_type is None else cast(
        RaggedTensor.from_value_rowids(ids, ids, num_segments).row_splits, dtypes.as_dtype(out_type)
    )
