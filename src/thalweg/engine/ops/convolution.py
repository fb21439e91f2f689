"""`tf.nn`'s convolutions and pooling, over the records in conv.py and pool.py.

Strides and window sizes may be one number, one per spatial dimension, or one per dimension.
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

_FORMATS = {1: ("NWC", "NCW"), 2: ("NHWC", "NCHW"), 3: ("NDHWC", "NCDHW")}


def _format(data_format: str | None, n: int) -> str:
    fmt = data_format or _FORMATS[n][0]
    if fmt not in _FORMATS[n]:
        raise ValueError(f"data_format must be {_FORMATS[n][0]} or {_FORMATS[n][1]}, not {data_format!r}.")
    return fmt


def _per_dimension(value: Any, n: int, fmt: str, what: str) -> list[int]:
    """One entry per dimension from 1, n or n + 2 numbers."""
    if value is None:
        return [1] * (n + 2)
    values = [int(value)] if np.ndim(value) == 0 else [int(v) for v in value]
    if len(values) == 1:
        values *= n
    if len(values) == n:
        return [1, *values, 1] if win.channels_last(fmt) else [1, 1, *values]
    if len(values) != n + 2:
        raise ValueError(f"{what} should be of length 1, {n} or {n + 2} but was {len(values)}.")
    return values


def _padding(padding: Any, fmt: str) -> dict[str, Any]:
    """`padding` as attributes: a name, or a list of pairs."""
    if isinstance(padding, str):
        if padding.upper() not in ("SAME", "VALID"):
            raise errors.wrong_argument(f'padding must be "SAME", "VALID" or a list of pairs, not {padding!r}.')
        return {"padding": padding.upper()}
    return {"padding": "EXPLICIT", "explicit_paddings": [int(v) for pair in padding for v in pair]}


def _tensor(x: Any) -> Any:
    return convert.convert_to_tensor(x)


# -- convolutions ------------------------------------------------------------------------------------------


def conv2d(
    input: Any,
    filters: Any,
    strides: Any,
    padding: Any,
    data_format: str | None = "NHWC",
    dilations: Any = None,
    name: str | None = None,
) -> Any:
    """2-D convolution.

    input `[batch, height, width, in]`, filters `[height, width, in / groups, out]`. Returns `[batch, height', width', out]`.
    """
    fmt = _format(data_format, 2)
    x = _tensor(input)
    batch = static_shape(x).as_list()[:-3] if static_shape(x).rank is not None else []
    if len(batch) > 1:  # several batch dimensions are convolved as one
        flat = REGISTRY["Reshape"](x, [-1, *static_shape(x).as_list()[-3:]])
        y = conv2d(flat, filters, strides, padding, data_format, dilations, name)
        inner = static_shape(y).as_list()[1:]
        if (batch + inner).count(None) <= 1:
            return REGISTRY["Reshape"](y, [-1 if d is None else d for d in batch + inner])
        return REGISTRY["Reshape"](y, REGISTRY["ConcatV2"](REGISTRY["Shape"](x)[:-3], REGISTRY["Shape"](y)[1:], 0))
    return conv.conv2d_op(
        x,
        filters,
        strides=_per_dimension(strides, 2, fmt, "strides"),
        data_format=fmt,
        dilations=_per_dimension(dilations, 2, fmt, "dilations"),
        name=name or "Conv2D",
        **_padding(padding, fmt),
    )


def conv3d(
    input: Any,
    filters: Any,
    strides: Any,
    padding: Any,
    data_format: str | None = "NDHWC",
    dilations: Any = None,
    name: str | None = None,
) -> Any:
    """3-D convolution: input `[batch, depth, height, width, in]`, filters `[depth, height, width, in, out]`."""
    fmt = _format(data_format, 3)
    return conv.conv3d_op(
        _tensor(input),
        filters,
        strides=_per_dimension(strides, 3, fmt, "strides"),
        data_format=fmt,
        dilations=_per_dimension(dilations, 3, fmt, "dilations"),
        name=name or "Conv3D",
        **_padding(padding, fmt),
    )


def _lift(x: Any, fmt: str) -> Any:
    """A 1-D problem as a 2-D one of height 1."""
    return REGISTRY["ExpandDims"](_tensor(x), 1 if win.channels_last(fmt) else 2)


def _lower(y: Any, fmt: str, name: str | None = None) -> Any:
    return REGISTRY["Squeeze"](y, squeeze_dims=[1 if win.channels_last(fmt) else 2], name=name)


def conv1d(
    input: Any,
    filters: Any,
    stride: Any,
    padding: Any,
    data_format: str | None = "NWC",
    dilations: Any = None,
    name: str | None = None,
) -> Any:
    """1-D convolution: input `[batch, width, in]`, filters `[width, in, out]`."""
    fmt = _format(data_format, 1)
    fmt2 = "NHWC" if fmt == "NWC" else "NCHW"
    s, d = _per_dimension(stride, 1, fmt, "stride"), _per_dimension(dilations, 1, fmt, "dilations")
    explicit = padding if isinstance(padding, str) else _lift_pairs(padding, fmt)
    with name_scope(name or "conv1d"):
        y = conv2d(
            _lift(input, fmt), REGISTRY["ExpandDims"](_tensor(filters), 0), _lift_list(s, fmt), explicit, fmt2, _lift_list(d, fmt)
        )
        return _lower(y, fmt)


def _lift_list(values: list[int], fmt: str) -> list[int]:
    return [values[0], 1, *values[1:]] if win.channels_last(fmt) else [*values[:2], 1, *values[2:]]


def _lift_pairs(padding: Any, fmt: str) -> Any:
    pairs = [list(p) for p in padding]
    return [pairs[0], [0, 0], *pairs[1:]] if win.channels_last(fmt) else [*pairs[:2], [0, 0], *pairs[2:]]


def convolution(
    input: Any,
    filters: Any,
    strides: Any = None,
    padding: Any = "VALID",
    data_format: str | None = None,
    dilations: Any = None,
    name: str | None = None,
) -> Any:
    """Convolution over as many dimensions (1 to 3) as the filters have."""
    filters = _tensor(filters)
    rank = static_shape(filters).rank
    if rank not in (3, 4, 5):
        raise ValueError(f"`filters` must have rank 3, 4 or 5, not {rank}.")
    chosen: Any = {3: conv1d, 4: conv2d, 5: conv3d}[rank]
    fmt = data_format or _FORMATS[rank - 2][0]
    return chosen(input, filters, 1 if strides is None else strides, padding, fmt, dilations, name)


# -- transposes --------------------------------------------------------------------------------------------


def conv2d_transpose(
    input: Any,
    filters: Any,
    output_shape: Any,
    strides: Any,
    padding: Any = "SAME",
    data_format: str | None = "NHWC",
    dilations: Any = None,
    name: str | None = None,
) -> Any:
    """The transpose (gradient) of `conv2d`: filters `[height, width, out, in]`, the result of shape `output_shape`."""
    fmt = _format(data_format, 2)
    return _transposed(
        conv.conv2d_backprop_input, 2, fmt, input, filters, output_shape, strides, padding, dilations, name or "conv2d_transpose"
    )


def conv3d_transpose(
    input: Any,
    filters: Any,
    output_shape: Any,
    strides: Any,
    padding: Any = "SAME",
    data_format: str | None = "NDHWC",
    dilations: Any = None,
    name: str | None = None,
) -> Any:
    """The transpose (gradient) of `conv3d`."""
    fmt = _format(data_format, 3)
    return _transposed(
        conv.conv3d_backprop_input, 3, fmt, input, filters, output_shape, strides, padding, dilations, name or "conv3d_transpose"
    )


def _transposed(
    record: Any, n: int, fmt: str, x: Any, filters: Any, output_shape: Any, strides: Any, padding: Any, dilations: Any, name: str
) -> Any:
    x, filters = _tensor(x), _tensor(filters)
    channels_out = static_shape(filters)[-2] if static_shape(filters).rank is not None else None
    if channels_out is not None and isinstance(output_shape, (list, tuple)):
        wanted = output_shape[-1] if win.channels_last(fmt) else output_shape[1]
        if isinstance(wanted, int) and wanted % int(channels_out):
            raise ValueError(
                f"output_shape {list(output_shape)} has {wanted} channels, which the filter's {channels_out} does not divide."
            )
    return record(
        output_shape,
        filters,
        x,
        strides=_per_dimension(strides, n, fmt, "strides"),
        data_format=fmt,
        dilations=_per_dimension(dilations, n, fmt, "dilations"),
        name=name,
        **_padding(padding, fmt),
    )


def conv1d_transpose(
    input: Any,
    filters: Any,
    output_shape: Any,
    strides: Any,
    padding: Any = "SAME",
    data_format: str | None = "NWC",
    dilations: Any = None,
    name: str | None = None,
) -> Any:
    """The transpose (gradient) of `conv1d`."""
    fmt = _format(data_format, 1)
    fmt2 = "NHWC" if fmt == "NWC" else "NCHW"
    s, d = _per_dimension(strides, 1, fmt, "strides"), _per_dimension(dilations, 1, fmt, "dilations")
    with name_scope(name or "conv1d_transpose"):
        if isinstance(output_shape, (list, tuple)):
            shape: Any = _lift_list(list(output_shape), fmt)
        else:
            at = 1 if win.channels_last(fmt) else 2
            shape = REGISTRY["ConcatV2"](output_shape[:at], [1], output_shape[at:], 0)
        y = conv2d_transpose(_lift(input, fmt), REGISTRY["ExpandDims"](_tensor(filters), 0), shape, _lift_list(s, fmt), padding, fmt2,
                             _lift_list(d, fmt))  # fmt: skip
        return _lower(y, fmt)


def conv_transpose(
    input: Any,
    filters: Any,
    output_shape: Any,
    strides: Any,
    padding: Any = "SAME",
    data_format: str | None = None,
    dilations: Any = None,
    name: str | None = None,
) -> Any:
    """The transpose of `convolution`, over as many dimensions as the filters have."""
    rank = static_shape(_tensor(filters)).rank or np.size(output_shape)
    chosen = {3: conv1d_transpose, 4: conv2d_transpose, 5: conv3d_transpose}.get(rank)  # type: ignore[arg-type]
    if chosen is None:
        raise ValueError(f"`filters` must have rank 3, 4 or 5, not {rank}.")
    return chosen(input, filters, output_shape, strides, padding, data_format or _FORMATS[rank - 2][0], dilations, name)  # type: ignore[operator]


# -- depthwise, separable, dilated ---------------------------------------------------------------------------


def depthwise_conv2d(
    input: Any,
    filter: Any,
    strides: Any,
    padding: Any,
    data_format: str | None = None,
    dilations: Any = None,
    name: str | None = None,
) -> Any:
    """Each channel convolved by itself: filter `[height, width, in, multiplier]`, result with `in * multiplier` channels."""
    fmt = _format(data_format, 2)
    return conv.depthwise_op(
        _tensor(input),
        filter,
        strides=_per_dimension(strides, 2, fmt, "strides"),
        data_format=fmt,
        dilations=_per_dimension(dilations, 2, fmt, "dilations"),
        name=name or "depthwise",
        **_padding(padding, fmt),
    )


def separable_conv2d(
    input: Any,
    depthwise_filter: Any,
    pointwise_filter: Any,
    strides: Any,
    padding: Any,
    data_format: str | None = None,
    dilations: Any = None,
    name: str | None = None,
) -> Any:
    """A depthwise convolution, then a 1x1 one that mixes the channels."""
    with name_scope(name or "separable_conv2d"):
        depthwise = depthwise_conv2d(input, depthwise_filter, strides, padding, data_format, dilations)
        return conv2d(depthwise, pointwise_filter, [1, 1, 1, 1], "VALID", data_format)


def atrous_conv2d(value: Any, filters: Any, rate: int, padding: Any, name: str | None = None) -> Any:
    """2-D convolution with holes: dilated by `rate` in both directions."""
    return conv2d(value, filters, 1, padding, dilations=[rate, rate], name=name)


def atrous_conv2d_transpose(value: Any, filters: Any, output_shape: Any, rate: int, padding: Any, name: str | None = None) -> Any:
    """The transpose of `atrous_conv2d`."""
    return conv2d_transpose(value, filters, output_shape, 1, padding, dilations=[rate, rate], name=name)


# -- pooling -----------------------------------------------------------------------------------------------


def _pool_nd(record: Any, n: int, x: Any, ksize: Any, strides: Any, padding: Any, data_format: str | None, name: str) -> Any:
    fmt = _format(data_format, n)
    attrs = _padding(padding, fmt)
    k, s = _per_dimension(ksize, n, fmt, "ksize"), _per_dimension(strides, n, fmt, "strides")
    if (k[0], k[-1] if win.channels_last(fmt) else k[1]) != (1, 1):
        raise ValueError(
            f"Pooling over the batch or the channels is not offered (ksize={ksize}): use tf.reduce_max or tf.reduce_mean."
        )
    return record(_tensor(x), ksize=k, strides=s, data_format=fmt, name=name, **attrs)


def _pool_1d(pool2d: Any, x: Any, ksize: Any, strides: Any, padding: Any, data_format: str | None, name: str) -> Any:
    fmt = _format(data_format, 1)
    fmt2 = "NHWC" if fmt == "NWC" else "NCHW"
    k, s = _per_dimension(ksize, 1, fmt, "ksize"), _per_dimension(strides, 1, fmt, "strides")
    with name_scope(name):
        explicit = padding if isinstance(padding, str) else _lift_pairs(padding, fmt)
        return _lower(pool2d(_lift(x, fmt), _lift_list(k, fmt), _lift_list(s, fmt), explicit, fmt2), fmt)


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
    rank = static_shape(_tensor(x)).rank
    n = len(data_format) - 2 if data_format else (rank or 0) - 2
    if n not in functions:
        raise ValueError(f"The input must have rank 3, 4 or 5, but was of rank {rank}.")
    return functions[n], data_format or _FORMATS[n][0]


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
        return _dilated_pool(_tensor(input), list(window_shape), pooling_type.upper(), strides, padding, data_format, dilations)
    chosen = max_pool if pooling_type.upper() == "MAX" else avg_pool
    fmt = data_format or _FORMATS[len(list(window_shape))][0]
    return chosen(input, list(window_shape), 1 if strides is None else strides, padding, fmt, name)


def _dilated_pool(x: Any, window: list[int], kind: str, strides: Any, padding: str, data_format: str | None, dilations: Any) -> Any:
    """Pooling with holes: the window's positions as slices, compared or averaged."""
    n = len(window)
    fmt = _format(data_format, n)
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


# -- morphology ----------------------------------------------------------------------------------------------


def _dilation_window(x: Any, w_shape: Any, strides: Any, rates: Any, padding: str) -> tuple[Any, tuple[int, ...]]:
    s, r = list(strides)[1:-1], list(rates)[1:-1]
    window = win.make_window(x.shape[1:-1], w_shape[:2], s, r, padding, [(0, 0)] * 2)
    out = [win.output_size(n, k, si, ri, padding, (0, 0)) for n, k, si, ri in zip(x.shape[1:-1], w_shape[:2], s, r)]
    return window, tuple(out)  # type: ignore[arg-type]


def _dilation_shape(x: Any, w: Any, *, strides: Any, rates: Any, padding: str) -> Any:
    batch, sizes, channels = win.split_shape(x, "NHWC", 2, "The input of a dilation")
    kernel = [None] * 3 if w.rank is None else w.with_rank(3).as_list()
    out = [
        win.output_size(n, k, s, r, padding, (0, 0))
        for n, k, s, r in zip(sizes, kernel[:2], list(strides)[1:-1], list(rates)[1:-1])
    ]
    return win.joined_shape(batch, out, channels if channels is not None else kernel[2], "NHWC")


def _raised(xp: Any, x: Any, w: Any, strides: Any, rates: Any, padding: str) -> tuple[Any, Any, list[Any]]:
    window, out = _dilation_window(x, w.shape, strides, rates, padding)
    flat = w.reshape(-1, w.shape[-1])
    return window, out, [p + flat[i] for i, p in enumerate(win.slices(win.pad(xp, x, window, -np.inf), window, out))]


@op("Dilation2D", dtypes=FLOAT, shape=_dilation_shape,
    samples=[Sample((2, 5, 6, 3), (3, 2, 3), strides=[1, 1, 1, 1], rates=[1, 1, 1, 1], padding="SAME")])  # fmt: skip
def dilation2d_op(xp: Any, input: Any, filter: Any, *, strides: Any, rates: Any, padding: str) -> Any:
    return functools.reduce(xp.maximum, _raised(xp, input, filter, strides, rates, padding)[2])


@op("Dilation2DBackpropInput", dtypes=FLOAT, shape=lambda x, *_, **__: x)
def dilation2d_backprop_input(
    xp: Any, input: Any, filter: Any, out_backprop: Any, *, strides: Any, rates: Any, padding: str
) -> Any:
    window, _, parts = _raised(xp, input, filter, strides, rates, padding)
    chosen = pooling.argmax_parts(parts, functools.reduce(xp.maximum, parts))
    zero = xp.zeros((), out_backprop.dtype)
    return win.put_back(xp, [xp.where(c, out_backprop, zero) for c in chosen], window, input.shape[1:-1])


@op("Dilation2DBackpropFilter", dtypes=FLOAT, shape=lambda x, w, *_, **__: w)
def dilation2d_backprop_filter(
    xp: Any, input: Any, filter: Any, out_backprop: Any, *, strides: Any, rates: Any, padding: str
) -> Any:
    _, _, parts = _raised(xp, input, filter, strides, rates, padding)
    chosen = pooling.argmax_parts(parts, functools.reduce(xp.maximum, parts))
    zero = xp.zeros((), out_backprop.dtype)
    sums = [xp.sum(xp.where(c, out_backprop, zero), axis=(0, 1, 2), dtype=out_backprop.dtype) for c in chosen]
    return xp.stack(sums).reshape(filter.shape)


dilation2d_op.vjp(
    lambda y, g, x, w, **a: (lambda: dilation2d_backprop_input(x, w, g, **a), lambda: dilation2d_backprop_filter(x, w, g, **a))
)


def dilation2d(
    input: Any, filters: Any, strides: Any, padding: str, data_format: str, dilations: Any, name: str | None = None
) -> Any:
    """Grayscale dilation: the largest of `input + filters` over each window. filters `[height, width, channels]`."""
    if data_format != "NHWC":
        raise ValueError("`data_format` values other than 'NHWC' are not supported.")
    return dilation2d_op(_tensor(input), filters, strides=list(strides), rates=list(dilations), padding=padding.upper(), name=name)


def erosion2d(
    value: Any, filters: Any, strides: Any, padding: str, data_format: str, dilations: Any, name: str | None = None
) -> Any:
    """Grayscale erosion: the smallest of `value - filters` over each window."""
    flipped = REGISTRY["ReverseV2"](_tensor(filters), np.array([0, 1], np.int32))
    return -dilation2d(-_tensor(value), flipped, strides, padding, data_format, dilations, name)


def depthwise_conv2d_backprop_input(
    input_sizes: Any,
    filter: Any,
    out_backprop: Any,
    strides: Any,
    padding: Any,
    data_format: str = "NHWC",
    dilations: Any = (1, 1, 1, 1),
    name: str | None = None,
) -> Any:
    """The gradient of `depthwise_conv2d` for its input."""
    return conv.depthwise_backprop_input(
        input_sizes,
        filter,
        out_backprop,
        strides=list(strides),
        data_format=data_format,
        dilations=list(dilations),
        name=name,
        **_padding(padding, data_format),
    )


def conv2d_backprop_filter(
    input: Any,
    filter_sizes: Any,
    out_backprop: Any,
    strides: Any,
    padding: Any,
    data_format: str = "NHWC",
    dilations: Any = (1, 1, 1, 1),
    name: str | None = None,
) -> Any:
    """The gradient of `conv2d` for its filter."""
    return conv.conv2d_backprop_filter(
        input,
        filter_sizes,
        out_backprop,
        strides=list(strides),
        data_format=data_format,
        dilations=list(dilations),
        name=name,
        **_padding(padding, data_format),
    )


def depthwise_conv2d_backprop_filter(
    input: Any,
    filter_sizes: Any,
    out_backprop: Any,
    strides: Any,
    padding: Any,
    data_format: str = "NHWC",
    dilations: Any = (1, 1, 1, 1),
    name: str | None = None,
) -> Any:
    """The gradient of `depthwise_conv2d` for its filter."""
    return conv.depthwise_backprop_filter(
        input,
        filter_sizes,
        out_backprop,
        strides=list(strides),
        data_format=data_format,
        dilations=list(dilations),
        name=name,
        **_padding(padding, data_format),
    )


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
        _tensor(input),
        ksize=_per_dimension(ksize, 2, "NHWC", "ksize"),
        strides=_per_dimension(strides, 2, "NHWC", "strides"),
        padding=padding.upper(),
        Targmax=dtypes.as_dtype(output_dtype),
        include_batch_in_index=include_batch_in_index,
        name=name,
    )


# -- local response normalization ----------------------------------------------------------------------------


def _neighbours(xp: Any, x: Any, radius: int) -> Any:
    """The sum over channels at most `radius` away."""
    padded = xp.pad(x, [(0, 0)] * (x.ndim - 1) + [(radius, radius)])
    depth = x.shape[-1]
    return sum(padded[..., i : i + depth] for i in range(2 * radius + 1))


@op(
    "LRN",
    dtypes=FLOAT,
    shape=lambda x, **_: x.with_rank(4),
    samples=[Sample((2, 3, 4, 7), depth_radius=2, bias=1.0, alpha=0.5, beta=0.75)],
)
def local_response_normalization(
    xp: Any, input: Any, *, depth_radius: int = 5, bias: float = 1.0, alpha: float = 1.0, beta: float = 0.5
) -> Any:
    """Divide by a power of the squares around, across channels (Krizhevsky et al. 2012)."""
    y = input / (bias + alpha * _neighbours(xp, input * input, depth_radius)) ** beta
    return y.astype(input.dtype)


@op("LRNGrad", dtypes=FLOAT, shape=lambda g, x, y, **_: x)
def lrn_grad(
    xp: Any,
    input_grads: Any,
    input_image: Any,
    output_image: Any,
    *,
    depth_radius: int = 5,
    bias: float = 1.0,
    alpha: float = 1.0,
    beta: float = 0.5,
) -> Any:
    norm = bias + alpha * _neighbours(xp, input_image * input_image, depth_radius)
    spread = _neighbours(xp, input_grads * output_image / norm, depth_radius)
    return (input_grads * norm**-beta - 2 * alpha * beta * input_image * spread).astype(input_image.dtype)


local_response_normalization.vjp(lambda y, g, x, **attrs: lrn_grad(g, x, y, **attrs))
lrn = local_response_normalization
