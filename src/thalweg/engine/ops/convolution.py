"""`tf.nn`'s convolutions, over the records in conv.py.

Strides and dilations may be one number, one per spatial dimension, or one per dimension.
Source: https://www.tensorflow.org/api_docs/python/tf/nn
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable
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
    fmt = known_format(data_format, 2)
    x = as_tensor(input)
    if (static_shape(x).rank or 0) > 4:  # several batch dimensions are convolved as one
        return _over_batches(x, lambda flat: conv2d(flat, filters, strides, padding, data_format, dilations, name))
    return conv.conv2d_op(
        x,
        filters,
        strides=per_dimension(strides, 2, fmt, "strides"),
        data_format=fmt,
        dilations=per_dimension(dilations, 2, fmt, "dilations"),
        name=name or "Conv2D",
        **padding_attrs(padding, fmt),
    )


def _over_batches(x: Any, convolve: Callable[[Any], Any]) -> Any:
    """A convolution of images whose batch has any number of dimensions (the last three are the image's)."""
    known = static_shape(x)
    whole = REGISTRY["Shape"](x)
    image = known.as_list()[-3:] if known.rank is not None else [None] * 3
    sizes = [whole[i - 3] if n is None else n for i, n in enumerate(image)]
    flat = REGISTRY["Reshape"](x, REGISTRY["Pack"](*[convert.convert_to_tensor(n) for n in [-1, *sizes]]))
    flat.set_shape([None, *image])
    y = convolve(flat)
    result = REGISTRY["Reshape"](y, REGISTRY["ConcatV2"](whole[:-3], REGISTRY["Shape"](y)[1:], 0))
    if known.rank is not None:
        result.set_shape(known.as_list()[:-3] + static_shape(y).as_list()[1:])
    return result


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
    fmt = known_format(data_format, 3)
    return conv.conv3d_op(
        as_tensor(input),
        filters,
        strides=per_dimension(strides, 3, fmt, "strides"),
        data_format=fmt,
        dilations=per_dimension(dilations, 3, fmt, "dilations"),
        name=name or "Conv3D",
        **padding_attrs(padding, fmt),
    )


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
    fmt = known_format(data_format, 1)
    fmt2 = "NHWC" if fmt == "NWC" else "NCHW"
    s, d = per_dimension(stride, 1, fmt, "stride"), per_dimension(dilations, 1, fmt, "dilations")
    explicit = padding if isinstance(padding, str) else lift_pairs(padding, fmt)
    with name_scope(name or "conv1d"):
        y = conv2d(
            lift(input, fmt), REGISTRY["ExpandDims"](as_tensor(filters), 0), lift_list(s, fmt), explicit, fmt2, lift_list(d, fmt)
        )
        return lower(y, fmt)


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
    filters = as_tensor(filters)
    rank = static_shape(filters).rank
    if rank not in (3, 4, 5):
        raise ValueError(f"`filters` must have rank 3, 4 or 5, not {rank}.")
    chosen: Any = {3: conv1d, 4: conv2d, 5: conv3d}[rank]
    fmt = data_format or FORMATS[rank - 2][0]
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
    fmt = known_format(data_format, 2)
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
    fmt = known_format(data_format, 3)
    return _transposed(
        conv.conv3d_backprop_input, 3, fmt, input, filters, output_shape, strides, padding, dilations, name or "conv3d_transpose"
    )


def _transposed(
    record: Any, n: int, fmt: str, x: Any, filters: Any, output_shape: Any, strides: Any, padding: Any, dilations: Any, name: str
) -> Any:
    x, filters = as_tensor(x), as_tensor(filters)
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
        strides=per_dimension(strides, n, fmt, "strides"),
        data_format=fmt,
        dilations=per_dimension(dilations, n, fmt, "dilations"),
        name=name,
        **padding_attrs(padding, fmt),
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
    fmt = known_format(data_format, 1)
    fmt2 = "NHWC" if fmt == "NWC" else "NCHW"
    s, d = per_dimension(strides, 1, fmt, "strides"), per_dimension(dilations, 1, fmt, "dilations")
    with name_scope(name or "conv1d_transpose"):
        if isinstance(output_shape, (list, tuple)):
            shape: Any = lift_list(list(output_shape), fmt)
        else:
            at = 1 if win.channels_last(fmt) else 2
            shape = REGISTRY["ConcatV2"](output_shape[:at], [1], output_shape[at:], 0)
        kernel = REGISTRY["ExpandDims"](as_tensor(filters), 0)
        y = conv2d_transpose(lift(input, fmt), kernel, shape, lift_list(s, fmt), padding, fmt2, lift_list(d, fmt))
        return lower(y, fmt)


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
    rank = static_shape(as_tensor(filters)).rank or np.size(output_shape)
    chosen = {3: conv1d_transpose, 4: conv2d_transpose, 5: conv3d_transpose}.get(rank)  # type: ignore[arg-type]
    if chosen is None:
        raise ValueError(f"`filters` must have rank 3, 4 or 5, not {rank}.")
    return chosen(input, filters, output_shape, strides, padding, data_format or FORMATS[rank - 2][0], dilations, name)  # type: ignore[operator]


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
    fmt = known_format(data_format, 2)
    return conv.depthwise_op(
        as_tensor(input),
        filter,
        strides=per_dimension(strides, 2, fmt, "strides"),
        data_format=fmt,
        dilations=per_dimension(dilations, 2, fmt, "dilations"),
        name=name or "depthwise",
        **padding_attrs(padding, fmt),
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


# -- gradients by name -----------------------------------------------------------------------------------------------


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
        **padding_attrs(padding, data_format),
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
        **padding_attrs(padding, data_format),
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
        **padding_attrs(padding, data_format),
    )


