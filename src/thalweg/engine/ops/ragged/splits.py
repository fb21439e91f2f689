"""How rows divide values: row splits, and the other ways to say the same.

`splits` has one entry more than there are rows; row `i` holds the values `splits[i]` to `splits[i + 1]`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from thalweg.engine.core import convert, dtypes, errors
from thalweg.engine.core.context import local
from thalweg.engine.core.tensor import EagerTensor, Tensor
from thalweg.engine.ops.arrays import concat
from thalweg.engine.ops.assertions import Assert
from thalweg.engine.ops.comparison import equal
from thalweg.engine.ops.creation import range_, zeros
from thalweg.engine.ops.cumulative import cumsum
from thalweg.engine.ops.elementwise import maximum
from thalweg.engine.ops.indexing import gather
from thalweg.engine.ops.reduce import reduce_all, reduce_max
from thalweg.engine.ops.segment import unsorted_segment_sum
from thalweg.engine.ops.sets import searchsorted
from thalweg.engine.ops.shaping import cast, identity, shape as shape_of

INDEX_TYPES = (dtypes.int32, dtypes.int64)


def index_tensor(x: Any, name: str, dtype: Any = None) -> Any:
    """A vector of int32 or int64 (what has no dtype of its own becomes int64)."""
    given = getattr(x, "dtype", None)
    wanted = None if isinstance(x, Tensor) or given in (np.int32, np.int64) else dtypes.int64
    t = convert.convert_to_tensor(x, dtype=wanted, name=name)
    if t.dtype not in INDEX_TYPES:
        raise ValueError(f"{name} must have dtype int32 or int64, not {t.dtype.name}")
    return t if dtype is None or t.dtype is dtype else cast(t, dtype)


def from_lengths(lengths: Any) -> Any:
    """Splits of rows of these lengths."""
    return concat([zeros([1], lengths.dtype), cumsum(lengths)], 0)


def lengths(splits: Any) -> Any:
    return splits[1:] - splits[:-1]


def from_rowids(rowids: Any, nrows: Any) -> Any:
    """Splits from the row of each value; the rows do not decrease."""
    return from_lengths(unsorted_segment_sum(rowids * 0 + 1, rowids, nrows))


def rowids(splits: Any, count: Any) -> Any:
    """The row of each of `count` values."""
    at = range_(cast(count, splits.dtype), dtype=splits.dtype)
    return cast(searchsorted(splits[1:], at, side="right", out_type=splits.dtype), splits.dtype)


def columns(splits: Any, rows: Any) -> Any:
    """The place of each value within its row, given the row of each."""
    at = range_(shape_of(rows, out_type=splits.dtype)[0], dtype=splits.dtype)
    return at - gather(splits, rows)


def longest(splits: Any) -> Any:
    """The length of the longest row; 0 if there is none."""
    found = lengths(splits)
    return reduce_max(concat([zeros([1], found.dtype), found], 0))


def ranges(starts: Any, limits: Any) -> tuple[Any, Any]:
    """`start, start + 1, ..., limit - 1` for each pair, end to end; and their splits."""
    splits = from_lengths(maximum(limits - starts, 0))
    total = splits[-1]
    rows = rowids(splits, total)
    return columns(splits, rows) + gather(starts, rows), splits


def require(condition: Any, message: str) -> list[Any]:
    """InvalidArgumentError unless the condition holds; in a graph an assertion to depend on."""
    if isinstance(condition, EagerTensor):
        if not np.all(condition._array):
            raise errors.invalid(message)
        return []
    if isinstance(condition, Tensor):
        return [Assert(reduce_all(condition), [message])]
    if not condition:
        raise errors.invalid(message)
    return []


def checked(splits: Any, count: Any, how: str) -> Any:
    """The splits, after a check that they divide `count` values."""
    first = f"Arguments to {how} do not form a valid RaggedTensor:"
    checks = [
        *require(equal(splits[:1], 0), f"{first} the first row must start at 0."),
        *require(splits[1:] >= splits[:-1], f"{first} rows must not have negative lengths."),
        *require(equal(splits[-1], cast(count, splits.dtype)), f"{first} the last row must end where the values end."),
    ]
    if not checks or local.graph is None:
        return splits
    with local.graph.control_dependencies(checks):
        return identity(splits)
