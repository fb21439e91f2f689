"""Sets in the last dimension of tensors: union, intersection, difference, size. The results are sparse and sorted.

Source: https://www.tensorflow.org/api_docs/python/tf/sets
"""

from __future__ import annotations

from typing import Any

import numpy as np

from thalweg.engine.core import convert, dtypes, errors
from thalweg.engine.core.registry import INTEGER, Sample, op
from thalweg.engine.core.shape import TensorShape
from thalweg.engine.core.sparse_tensor import SparseTensor
from thalweg.engine.ops.creation import ones
from thalweg.engine.ops.indexing import gather_nd, where_op
from thalweg.engine.ops.shaping import shape as shape_of

_I = dtypes.int64
_TYPES = (*(d for d in INTEGER if d.name not in ("uint32", "uint64")), dtypes.string)


def _groups(indices: np.ndarray, values: np.ndarray) -> dict[tuple[int, ...], set[Any]]:
    found: dict[tuple[int, ...], set[Any]] = {}
    for place, value in zip(indices[:, :-1].tolist(), values.tolist()):
        found.setdefault(tuple(place), set()).add(value)
    return found


_COMBINE = {
    "a-b": lambda a, b: a - b, "b-a": lambda a, b: b - a, "intersection": lambda a, b: a & b, "union": lambda a, b: a | b,
}  # fmt: skip
_ONE = (np.array([[0, 0], [0, 1], [1, 0]]), np.array([3, 1, 2], np.int32), np.array([2, 2]))
_OTHER = (np.array([[0, 0], [1, 0]]), np.array([1, 5], np.int32), np.array([2, 1]))


def _shapes(i1: TensorShape, v1: TensorShape, s1: TensorShape, *_: Any, **__: Any) -> Any:
    rank = i1[1] if i1.rank else None
    return TensorShape([None, rank]), TensorShape([None]), TensorShape([rank])


@op("SparseToSparseSetOperation", types=(_I, "T", _I, _I, "T", _I), dtypes=_TYPES, out=(_I, "T", _I), shape=_shapes, host=True,
    samples=[Sample(*_ONE, *_OTHER, set_operation="union")])
def set_operation(
    xp: Any, set1_indices: Any, set1_values: Any, set1_shape: Any, set2_indices: Any, set2_values: Any, set2_shape: Any, *,
    set_operation: str, validate_indices: bool = True,
) -> Any:  # fmt: skip
    if not np.array_equal(set1_shape[:-1], set2_shape[:-1]):
        raise errors.invalid(f"Mismatched group shapes {set1_shape[:-1].tolist()} and {set2_shape[:-1].tolist()}.")
    a, b = _groups(set1_indices, set1_values), _groups(set2_indices, set2_values)
    combine = _COMBINE[set_operation]
    places, values, widest = [], [], 0
    for group in sorted({*a, *b}):
        found = sorted(combine(a.get(group, set()), b.get(group, set())))
        widest = max(widest, len(found))
        places += [(*group, i) for i in range(len(found))]
        values += found
    out = np.empty(len(values), set1_values.dtype)
    out[:] = values
    rank = len(set1_shape)
    return np.array(places, np.int64).reshape(-1, rank), out, np.array([*set1_shape[:-1], widest], np.int64)


@op("SetSize", types=(_I, "T", _I), dtypes=_TYPES, out=dtypes.int32, host=True, samples=[Sample(*_ONE)],
    shape=lambda i, *_, **__: TensorShape([None] * (i[1] - 1)) if i.rank and i[1] is not None else TensorShape(None))
def set_size(xp: Any, set_indices: Any, set_values: Any, set_shape: Any, *, validate_indices: bool = True) -> Any:
    out = np.zeros(tuple(int(n) for n in set_shape[:-1]), np.int32)
    for group, members in _groups(set_indices, set_values).items():
        out[group] = len(members)
    return out


def _sparse(x: Any) -> SparseTensor:
    """A set as a sparse tensor: every element of a dense one counts."""
    if isinstance(x, SparseTensor):
        return x
    x = convert.convert_to_tensor(x)
    places = where_op(ones(shape_of(x), dtypes.bool))
    return SparseTensor(places, gather_nd(x, places), shape_of(x, out_type=dtypes.int64))


def _combined(a: Any, b: Any, how: str, validate_indices: bool) -> SparseTensor:
    x, y = _sparse(a), _sparse(b)
    if x.dtype not in _TYPES or x.dtype is not y.dtype:
        raise TypeError(f"`a` and `b` must be sets of one dtype of integers or strings, not {x.dtype.name} and {y.dtype.name}.")
    parts = set_operation(
        x.indices, x.values, x.dense_shape, y.indices, y.values, y.dense_shape, set_operation=how, validate_indices=validate_indices
    )
    return SparseTensor(*parts)


def intersection(a: Any, b: Any, validate_indices: bool = True) -> SparseTensor:
    """What is in both sets.

    >>> tf.sparse.to_dense(tf.sets.intersection([[1, 2, 3]], [[3, 1, 5]])).numpy()
    array([[1, 3]], dtype=int32)
    """
    return _combined(a, b, "intersection", validate_indices)


def union(a: Any, b: Any, validate_indices: bool = True) -> SparseTensor:
    """What is in one set or the other."""
    return _combined(a, b, "union", validate_indices)


def difference(a: Any, b: Any, aminusb: bool = True, validate_indices: bool = True) -> SparseTensor:
    """What is in `a` and not in `b`; the other way round unless `aminusb`."""
    return _combined(a, b, "a-b" if aminusb else "b-a", validate_indices)


def size(a: Any, validate_indices: bool = True) -> Any:
    """How many elements each set of a sparse tensor has. Raises TypeError for a dense one."""
    if not isinstance(a, SparseTensor):
        raise TypeError(f"Expected `SparseTensor`, got {a}.")
    return set_size(a.indices, a.values, a.dense_shape, validate_indices=validate_indices)
