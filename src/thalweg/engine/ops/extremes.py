"""Where the largest and the smallest elements are."""

from __future__ import annotations

from typing import Any

import numpy as np

from thalweg.engine.core import convert, dtypes, errors
from thalweg.engine.core.dtypes import DType
from thalweg.engine.core.registry import BOOL, HOST, REAL, Op, Sample, op
from thalweg.engine.core.shape import UNKNOWN, TensorShape
from thalweg.engine.core.tensor import EagerTensor

_SAMPLES = (Sample((3, 4), 1), Sample((2, 3, 4), -2), Sample((5,), 0), Sample((3, 4), 0, output_type=dtypes.int32))


def _without_axis(x: TensorShape, axis: Any, **_: Any) -> TensorShape:
    if x.rank is None:
        return UNKNOWN
    if axis is None:
        return TensorShape([None] * (x.rank - 1)) if x.rank else UNKNOWN
    if not -x.rank <= axis < max(x.rank, 1):
        raise ValueError(f"Expected dimension in the range [{-x.rank}, {x.rank}), but got {axis}")
    axis = axis % x.rank if x.rank else 0
    return TensorShape([d for i, d in enumerate(x.as_list()) if i != axis])


def _output_type(_: Any, attrs: Any) -> DType:
    return dtypes.as_dtype(attrs["output_type"])


def _position(xp: Any, which: str, x: Any, axis: Any, output_type: Any) -> Any:
    """NaN is passed over: the position is that of the extreme of the other elements."""
    if not x.ndim:
        raise errors.InvalidArgumentError(None, None, f"Expected dimension in the range [0, 0), but got {int(axis)}")
    axis = int(axis)
    _without_axis(TensorShape(x.shape), axis)
    find = getattr(xp, which)
    if xp is np or x.dtype.kind in "iub":
        y = find(x, axis=axis)
        if x.dtype.kind in "iub" or not np.isnan(np.take_along_axis(x, np.expand_dims(y, axis), axis)).any():
            return y.astype(output_type.np_dtype)
    last = x.dtype.type(-np.inf if which == "argmax" else np.inf)
    return find(xp.where(xp.isnan(x), last, x), axis=axis).astype(output_type.np_dtype)


@op("ArgMax", types=("T", HOST), dtypes=REAL + BOOL, out=_output_type, shape=_without_axis, samples=_SAMPLES)
def argmax_op(xp: Any, input: Any, dimension: Any, *, output_type: DType = dtypes.int64) -> Any:
    return _position(xp, "argmax", input, dimension, output_type)


@op("ArgMin", types=("T", HOST), dtypes=REAL + BOOL, out=_output_type, shape=_without_axis, samples=_SAMPLES)
def argmin_op(xp: Any, input: Any, dimension: Any, *, output_type: DType = dtypes.int64) -> Any:
    return _position(xp, "argmin", input, dimension, output_type)


def _find(record: Op, input: Any, axis: Any, output_type: Any, name: str | None) -> Any:
    x = input if type(input) is EagerTensor else convert.convert_to_tensor(input)
    return record(x, 0 if axis is None else axis, output_type=dtypes.as_dtype(output_type), name=name)


def argmax(input: Any, axis: Any = None, output_type: Any = dtypes.int64, name: str | None = None) -> Any:
    """The index of the largest element along `axis` (0 by default); of equal ones the first.

    Raises InvalidArgumentError for an axis that the tensor does not have, or that is empty.

    >>> tf.argmax([[1, 3, 2], [5, 4, 0]], axis=1).numpy()
    array([1, 0])
    """
    return _find(argmax_op, input, axis, output_type, name)


def argmin(input: Any, axis: Any = None, output_type: Any = dtypes.int64, name: str | None = None) -> Any:
    """The index of the smallest element along `axis` (0 by default); of equal ones the first.

    >>> tf.argmin([[1, 3, 2], [5, 4, 0]], axis=1).numpy()
    array([0, 2])
    """
    return _find(argmin_op, input, axis, output_type, name)
