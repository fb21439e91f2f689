"""TensorFlow 1's spellings of convolution and pooling."""

from __future__ import annotations

from typing import Any

from thalweg.engine.ops import convolution as v2, neighbours, pooling


def _either(name: str, first: Any, second_name: str, second: Any) -> Any:
    """One of two spellings of an argument. Raises ValueError when both or neither are given."""
    if first is not None and second is not None:
        raise ValueError(f"Cannot specify both '{name}' and '{second_name}'.")
    if first is None and second is None:
        raise ValueError(f"Must specify '{name}' or '{second_name}'.")
    return first if second is None else second


def conv1d(
    value: Any = None,
    filters: Any = None,
    stride: Any = None,
    padding: Any = None,
    use_cudnn_on_gpu: Any = None,
    data_format: Any = None,
    name: Any = None,
    input: Any = None,
    dilations: Any = None,
) -> Any:
    return v2.conv1d(_either("value", value, "input", input), filters, stride, padding, data_format or "NWC", dilations, name)


def conv2d(
    input: Any,
    filter: Any = None,
    strides: Any = None,
    padding: Any = None,
    use_cudnn_on_gpu: bool = True,
    data_format: Any = "NHWC",
    dilations: Any = None,
    name: Any = None,
    filters: Any = None,
) -> Any:
    filters = _either("filter", filter, "filters", filters)
    if padding is None:
        raise ValueError("Padding argument is required")
    return v2.conv2d(input, filters, 1 if strides is None else strides, padding, data_format, dilations, name)


def conv3d(
    input: Any,
    filter: Any = None,
    strides: Any = None,
    padding: Any = None,
    data_format: Any = "NDHWC",
    dilations: Any = None,
    name: Any = None,
    filters: Any = None,
) -> Any:
    return v2.conv3d(input, _either("filter", filter, "filters", filters), strides, padding, data_format, dilations, name)


def conv2d_transpose(
    value: Any = None,
    filter: Any = None,
    output_shape: Any = None,
    strides: Any = None,
    padding: Any = "SAME",
    data_format: Any = "NHWC",
    name: Any = None,
    input: Any = None,
    filters: Any = None,
    dilations: Any = None,
) -> Any:
    x, w = _either("value", value, "input", input), _either("filter", filter, "filters", filters)
    return v2.conv2d_transpose(x, w, output_shape, strides, padding, data_format, dilations, name)


def conv3d_transpose(
    value: Any = None,
    filter: Any = None,
    output_shape: Any = None,
    strides: Any = None,
    padding: Any = "SAME",
    data_format: Any = "NDHWC",
    name: Any = None,
    input: Any = None,
    filters: Any = None,
    dilations: Any = None,
) -> Any:
    x, w = _either("value", value, "input", input), _either("filter", filter, "filters", filters)
    return v2.conv3d_transpose(x, w, output_shape, strides, padding, data_format, dilations, name)


def convolution(
    input: Any,
    filter: Any = None,
    padding: Any = "VALID",
    strides: Any = None,
    dilation_rate: Any = None,
    name: Any = None,
    data_format: Any = None,
    filters: Any = None,
    dilations: Any = None,
) -> Any:
    rate = dilation_rate if dilations is None else dilations
    return v2.convolution(input, _either("filter", filter, "filters", filters), strides, padding, data_format, rate, name)


def depthwise_conv2d(
    input: Any,
    filter: Any,
    strides: Any,
    padding: Any,
    rate: Any = None,
    name: Any = None,
    data_format: Any = None,
    dilations: Any = None,
) -> Any:
    return v2.depthwise_conv2d(input, filter, strides, padding, data_format, rate if dilations is None else dilations, name)


def separable_conv2d(
    input: Any,
    depthwise_filter: Any,
    pointwise_filter: Any,
    strides: Any,
    padding: Any,
    rate: Any = None,
    name: Any = None,
    data_format: Any = None,
    dilations: Any = None,
) -> Any:
    dilations = rate if dilations is None else dilations
    return v2.separable_conv2d(input, depthwise_filter, pointwise_filter, strides, padding, data_format, dilations, name)


def max_pool(
    value: Any = None,
    ksize: Any = None,
    strides: Any = None,
    padding: Any = None,
    data_format: Any = "NHWC",
    name: Any = None,
    input: Any = None,
) -> Any:
    return pooling.max_pool(_either("value", value, "input", input), ksize, strides, padding, data_format, name)


def avg_pool(
    value: Any = None,
    ksize: Any = None,
    strides: Any = None,
    padding: Any = None,
    data_format: Any = "NHWC",
    name: Any = None,
    input: Any = None,
) -> Any:
    return pooling.avg_pool(_either("value", value, "input", input), ksize, strides, padding, data_format, name)


avg_pool2d = avg_pool


def pool(
    input: Any,
    window_shape: Any,
    pooling_type: str,
    padding: Any,
    dilation_rate: Any = None,
    strides: Any = None,
    name: Any = None,
    data_format: Any = None,
    dilations: Any = None,
) -> Any:
    return pooling.pool(
        input, window_shape, pooling_type, strides, padding, data_format, dilation_rate if dilations is None else dilations, name
    )


def max_pool_with_argmax(
    input: Any,
    ksize: Any,
    strides: Any,
    padding: Any,
    data_format: Any = "NHWC",
    Targmax: Any = None,
    name: Any = None,
    output_dtype: Any = None,
    include_batch_in_index: bool = False,
) -> Any:
    from thalweg.engine.core import dtypes

    return pooling.max_pool_with_argmax(
        input, ksize, strides, padding, data_format, output_dtype or Targmax or dtypes.int64, include_batch_in_index, name
    )


def dilation2d(
    input: Any,
    filter: Any = None,
    strides: Any = None,
    rates: Any = None,
    padding: Any = None,
    name: Any = None,
    filters: Any = None,
    dilations: Any = None,
) -> Any:
    rates = rates if dilations is None else dilations
    return neighbours.dilation2d(input, _either("filter", filter, "filters", filters), strides, padding, "NHWC", rates, name)


def erosion2d(value: Any, kernel: Any, strides: Any, rates: Any, padding: Any, name: Any = None) -> Any:
    return neighbours.erosion2d(value, kernel, strides, padding, "NHWC", rates, name)


def conv2d_backprop_input(
    input_sizes: Any,
    filter: Any = None,
    out_backprop: Any = None,
    strides: Any = None,
    padding: Any = None,
    use_cudnn_on_gpu: bool = True,
    data_format: str = "NHWC",
    dilations: Any = (1, 1, 1, 1),
    name: Any = None,
    filters: Any = None,
) -> Any:
    """The gradient of `conv2d` for its input, of shape `input_sizes`."""
    return v2.conv2d_transpose(
        out_backprop, _either("filter", filter, "filters", filters), input_sizes, strides, padding, data_format, dilations, name
    )


def conv2d_backprop_filter(
    input: Any,
    filter_sizes: Any,
    out_backprop: Any,
    strides: Any,
    padding: Any,
    use_cudnn_on_gpu: bool = True,
    data_format: str = "NHWC",
    dilations: Any = (1, 1, 1, 1),
    name: Any = None,
) -> Any:
    """The gradient of `conv2d` for its filter, of shape `filter_sizes`."""
    return v2.conv2d_backprop_filter(input, filter_sizes, out_backprop, strides, padding, data_format, dilations, name)


def depthwise_conv2d_native(
    input: Any, filter: Any, strides: Any, padding: Any, data_format: str = "NHWC", dilations: Any = None, name: Any = None
) -> Any:
    return v2.depthwise_conv2d(input, filter, strides, padding, data_format, dilations, name)
