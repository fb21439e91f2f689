"""Reductions: sums, products, extremes and what is made of them."""

from __future__ import annotations

from typing import Any

import numpy as np

from thalweg.engine.core import convert
from thalweg.engine.core.registry import REGISTRY
from thalweg.engine.core.tensor import static_shape
from thalweg.engine.ops.families import axis_tuple, reduced_shape, reduction


def spread(g: Any, x: Any, axis: Any, keep_dims: bool) -> Any:
    """`g`, arriving at a reduction of `x`, shaped so that it broadcasts against `x`."""
    if keep_dims:
        return g
    known = static_shape(x)
    if known.rank is not None and not hasattr(axis, "op"):
        axes = axis_tuple(axis._array if hasattr(axis, "_array") else axis, known.rank)
        sizes = [1 if i in axes else d for i, d in enumerate(known.as_list())]
        if None not in sizes or sizes.count(None) == 1:
            return REGISTRY["Reshape"](g, [-1 if s is None else s for s in sizes])
    return REGISTRY["Reshape"](g, kept_dims_shape(REGISTRY["Shape"](x), axis))


def kept_dims_shape(shape: Any, axis: Any) -> Any:
    """The shape vector with 1 in place of each reduced axis."""
    return REGISTRY["KeptDims"](shape, axis)


def _sum_vjp(y: Any, g: Any, x: Any, axis: Any, *, keep_dims: bool) -> Any:
    known = static_shape(x)
    shape = known.as_list() if known.is_fully_defined() else REGISTRY["Shape"](x)
    return REGISTRY["BroadcastTo"](spread(g, x, axis, keep_dims), shape), None


sum_op = reduction("Sum", lambda xp, x, axes, keep: xp.sum(x, axis=axes, dtype=x.dtype, keepdims=keep), vjp=_sum_vjp)


def all_axes(x: Any) -> Any:
    """Every axis of `x`, as a value for a reduction's axis input."""
    rank = static_shape(x).rank
    if rank is not None:
        return np.arange(rank, dtype=np.int32)
    return REGISTRY["Range"](0, REGISTRY["Rank"](x), 1)


def reduce_sum(input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None) -> Any:
    """The sum over `axis` (an int, a list; None: all of them).

    >>> tf.reduce_sum([[1, 2], [3, 4]], axis=0).numpy()
    array([4, 6], dtype=int32)
    """
    x = convert.convert_to_tensor(input_tensor)
    return sum_op(x, all_axes(x) if axis is None else axis, keep_dims=bool(keepdims), name=name)


__all__ = ["reduce_sum", "reduced_shape"]
