"""`tf.nn`'s pooling, over the records in pool.py.

Window sizes and strides may be one number, one per spatial dimension, or one per dimension.
Source: https://www.tensorflow.org/api_docs/python/tf/nn
"""

from __future__ import annotations

import functools
import itertools
from typing import Any

import numpy as np

from thalweg.engine.core import convert, dtypes, errors
from thalweg.engine.core.graph import name_scope
from thalweg.engine.core.registry import FLOAT, REGISTRY, Sample, op
from thalweg.engine.core.tensor import static_shape
from thalweg.engine.ops import conv, pool as pooling, windows as win
from thalweg.engine.ops.layouts import (
    FORMATS,
    as_tensor,
    known_format,
    lift,
    lift_list,
    lift_pairs,
    lower,
    padding_attrs,
    per_dimension,
)

# -- pooling -----------------------------------------------------------------------------------------------


def _pool_nd(record: Any, n: int, x: Any, ksize: Any, strides: Any, padding: Any, data_format: str | None, name: str) -> Any:
    fmt = known_format(data_format, n)
    attrs = padding_attrs(padding, fmt)
    k, s = per_dimension(ksize, n, fmt, "ksize"), per_dimension(strides, n, fmt, "strides")
    if (k[0], k[-1] if win.channels_last(fmt) else k[1]) != (1, 1):
        raise ValueError(
            f"Pooling over the batch or the channels is not offered (ksize={ksize}): use tf.reduce_max or tf.reduce_mean."
        )
    return record(as_tensor(x), ksize=k, strides=s, data_format=fmt, name=name, **attrs)


def _pool_1d(pool2d: Any, x: Any, ksize: Any, strides: Any, padding: Any, data_format: str | None, name: str) -> Any:
    fmt = known_format(data_format, 1)
    fmt2 = "NHWC" if fmt == "NWC" else "NCHW"
    k, s = per_dimension(ksize, 1, fmt, "ksize"), per_dimension(strides, 1, fmt, "strides")
    with name_scope(name):
        explicit = padding if isinstance(padding, str) else lift_pairs(padding, fmt)
        return lower(pool2d(lift(x, fmt), lift_list(k, fmt), lift_list(s, fmt), explicit, fmt2), fmt)


def max_pool2d(
    input: Any, ksize: Any, strides: Any, padding: Any, data_format: str | None = "NHWC", name: str | None = None
) -> Any:
    """The largest of each window of `[batch, height, width, channels]`."""
    return _pool_nd(pooling.max_pool_op, 2, input, ksize, strides, padding, data_format, name or "MaxPool2d")


def avg_pool2d(
    input: Any, ksize: Any, strides: Any, padding: Any, data_format: str | None = "NHWC", name: str | None = None
) -> Any:
    """The mean of each window of `[batch, height, width, channels]`; padding does not count."""
    return _pool_nd(pooling.avg_pool_op, 2, input, ksize, strides, padding, data_format, name or "AvgPool2D")


def max_pool3d(
    input: Any, ksize: Any, strides: Any, padding: Any, data_format: str | None = "NDHWC", name: str | None = None
) -> Any:
    """The largest of each window of `[batch, depth, height, width, channels]`."""
    return _pool_nd(pooling.max_pool3d_op, 3, input, ksize, strides, padding, data_format, name or "MaxPool3D")


def avg_pool3d(
    input: Any, ksize: Any, strides: Any, padding: Any, data_format: str | None = "NDHWC", name: str | None = None
) -> Any:
    """The mean of each window of `[batch, depth, height, width, channels]`; padding does not count."""
    return _pool_nd(pooling.avg_pool3d_op, 3, input, ksize, strides, padding, data_format, name or "AvgPool3D")


def max_pool1d(input: Any, ksize: Any, strides: Any, padding: Any, data_format: str | None = "NWC", name: str | None = None) -> Any:
    """The largest of each window of `[batch, width, channels]`."""
    return _pool_1d(max_pool2d, input, ksize, strides, padding, data_format, name or "MaxPool1d")


def avg_pool1d(input: Any, ksize: Any, strides: Any, padding: Any, data_format: str | None = "NWC", name: str | None = None) -> Any:
    """The mean of each window of `[batch, width, channels]`; padding does not count."""
    return _pool_1d(avg_pool2d, input, ksize, strides, padding, data_format, name or "AvgPool1D")


def _by_rank(functions: dict[int, Any], x: Any, data_format: str | None) -> tuple[Any, str]:
    rank = static_shape(as_tensor(x)).rank
    n = len(data_format) - 2 if data_format else (rank or 0) - 2
    if n not in functions:
        raise ValueError(f"The input must have rank 3, 4 or 5, but was of rank {rank}.")
    return functions[n], data_format or FORMATS[n][0]


def max_pool(input: Any, ksize: Any, strides: Any, padding: Any, data_format: str | None = None, name: str | None = None) -> Any:
    """The largest of each window, over 1 to 3 spatial dimensions."""
    function, fmt = _by_rank({1: max_pool1d, 2: max_pool2d, 3: max_pool3d}, input, data_format)
    return function(input, ksize, strides, padding, fmt, name or "MaxPool")


def avg_pool(input: Any, ksize: Any, strides: Any, padding: Any, data_format: str | None = None, name: str | None = None) -> Any:
    """The mean of each window, over 1 to 3 spatial dimensions; padding does not count."""
    function, fmt = _by_rank({1: avg_pool1d, 2: avg_pool2d, 3: avg_pool3d}, input, data_format)
    return function(input, ksize, strides, padding, fmt, name or "AvgPool")


def pool(
    input: Any,
    window_shape: Any,
    pooling_type: str,
    strides: Any = None,
    padding: Any = "VALID",
    data_format: str | None = None,
    dilations: Any = None,
    name: str | None = None,
) -> Any:
    """Pooling of a kind named "MAX" or "AVG", over as many dimensions as `window_shape` has."""
    if pooling_type.upper() not in ("MAX", "AVG"):
        raise ValueError(f'pooling_type must be "MAX" or "AVG", not {pooling_type!r}.')
    if dilations is not None and any(int(d) != 1 for d in np.ravel(dilations)):
        return _dilated_pool(as_tensor(input), list(window_shape), pooling_type.upper(), strides, padding, data_format, dilations)
    chosen = max_pool if pooling_type.upper() == "MAX" else avg_pool
    fmt = data_format or FORMATS[len(list(window_shape))][0]
    return chosen(input, list(window_shape), 1 if strides is None else strides, padding, fmt, name)


def _dilated_pool(x: Any, window: list[int], kind: str, strides: Any, padding: str, data_format: str | None, dilations: Any) -> Any:
    """Pooling with holes: the window's positions as slices, compared or averaged."""
    n = len(window)
    fmt = known_format(data_format, n)
    if not win.channels_last(fmt) or (strides is not None and any(int(s) != 1 for s in np.ravel(strides))):
        raise ValueError("tf.nn.pool with dilations takes strides of 1 and channels last.")
    d = [int(v) for v in np.broadcast_to(dilations, n)]
    reach = [(k - 1) * di for k, di in zip(window, d)]
    before = [r // 2 if padding.upper() == "SAME" else 0 for r in reach]
    after = [r - b if padding.upper() == "SAME" else 0 for r, b in zip(reach, before)]
    pads = np.array([(0, 0), *zip(before, after), (0, 0)], np.int32)
    starts = list(itertools.product(*[[p * di for p in range(k)] for k, di in zip(window, d)]))

    def positions(t: Any) -> list[Any]:
        sizes = static_shape(t).as_list() if static_shape(t).rank is not None else [None] * (n + 2)
        shape = REGISTRY["Shape"](t) if None in sizes[1:-1] else None
        out = [(s if s is not None else shape[i + 1]) - r for i, (s, r) in enumerate(zip(sizes[1:-1], reach))]  # type: ignore[index]
        return [t[(slice(None), *[slice(b, b + o) for b, o in zip(at, out)])] for at in starts]

    if kind == "MAX":
        low = convert.convert_to_tensor(x.dtype.min, dtype=x.dtype)
        return functools.reduce(REGISTRY["Maximum"], positions(REGISTRY["PadV2"](x, pads, low)))
    total = REGISTRY["AddN"](*positions(REGISTRY["Pad"](x, pads)))
    return total / REGISTRY["AddN"](*positions(REGISTRY["Pad"](REGISTRY["OnesLike"](x), pads)))


def max_pool_with_argmax(
    input: Any,
    ksize: Any,
    strides: Any,
    padding: Any,
    data_format: str = "NHWC",
    output_dtype: Any = dtypes.int64,
    include_batch_in_index: bool = False,
    name: str | None = None,
) -> Any:
    """Max pooling, and the flat index of each maximum."""
    if data_format != "NHWC":
        raise ValueError("`data_format` values other than 'NHWC' are not supported.")
    return pooling.max_pool_with_argmax_op(
        as_tensor(input),
        ksize=per_dimension(ksize, 2, "NHWC", "ksize"),
        strides=per_dimension(strides, 2, "NHWC", "strides"),
        padding=padding.upper(),
        Targmax=dtypes.as_dtype(output_dtype),
        include_batch_in_index=include_batch_in_index,
        name=name,
    )


