"""Convolutions and pooling of `tf.contrib.layers`: SAME padding and ReLU unless told otherwise."""

from __future__ import annotations

from typing import Any

from thalweg.compat import v1 as tf
from thalweg.contrib.framework.arguments import add_arg_scope
from thalweg.contrib.layers.collecting import RENAMED, ZEROS, collect, finished, named_output, renaming
from thalweg.contrib.layers.initializers import xavier_initializer

_LAYERS = {1: tf.layers.Conv1D, 2: tf.layers.Conv2D, 3: tf.layers.Conv3D}


def _format(data_format: Any) -> str:
    """`channels_first` for NCHW and its kin."""
    return "channels_first" if data_format is not None and data_format.startswith("NC") else "channels_last"


@add_arg_scope
def convolution(
    inputs: Any, num_outputs: int, kernel_size: Any, stride: Any = 1, padding: str = "SAME", data_format: Any = None, rate: Any = 1,
    activation_fn: Any = tf.nn.relu, normalizer_fn: Any = None, normalizer_params: Any = None, weights_initializer: Any = None,
    weights_regularizer: Any = None, biases_initializer: Any = ZEROS, biases_regularizer: Any = None,
    reuse: Any = None, variables_collections: Any = None, outputs_collections: Any = None, trainable: bool = True,
    scope: Any = None, conv_dims: int | None = None,
) -> Any:  # fmt: skip
    """A convolution, its rank that of the inputs, then normalisation (instead of biases) and activation."""
    with tf.variable_scope(scope, "Conv", [inputs], reuse=reuse, custom_getter=renaming(RENAMED)) as sc:
        inputs = tf.convert_to_tensor(inputs)
        rank = inputs.shape.ndims
        if conv_dims is not None and conv_dims + 2 != rank:
            raise ValueError(f"Convolution expects input with rank {conv_dims + 2}, got {rank}")
        if rank - 2 not in _LAYERS:
            raise ValueError("Convolution not supported for input with rank", rank)
        layer = _LAYERS[rank - 2](
            num_outputs, kernel_size, strides=stride, padding=padding, data_format=_format(data_format), dilation_rate=rate,
            use_bias=not normalizer_fn and biases_initializer is not None,
            kernel_initializer=weights_initializer or xavier_initializer(), bias_initializer=biases_initializer,
            kernel_regularizer=weights_regularizer, bias_regularizer=biases_regularizer, trainable=trainable, name=sc.name,
            _scope=sc, _reuse=reuse,
        )  # fmt: skip
        outputs = layer(inputs)
        collect(layer.kernel, variables_collections, "weights")
        collect(layer.bias, variables_collections, "biases")
        return finished(
            layer, outputs, sc, activation_fn, normalizer_fn, normalizer_params, variables_collections, outputs_collections
        )


def _of_rank(rank: int, name: str) -> Any:
    def conv(inputs: Any, num_outputs: int, kernel_size: Any, stride: Any = 1, padding: str = "SAME", data_format: Any = None,
             rate: Any = 1, activation_fn: Any = tf.nn.relu, normalizer_fn: Any = None, normalizer_params: Any = None,
             weights_initializer: Any = None, weights_regularizer: Any = None,
             biases_initializer: Any = ZEROS, biases_regularizer: Any = None, reuse: Any = None,
             variables_collections: Any = None, outputs_collections: Any = None, trainable: bool = True,
             scope: Any = None) -> Any:  # fmt: skip
        return convolution(
            inputs, num_outputs, kernel_size, stride, padding, data_format, rate, activation_fn, normalizer_fn,
            normalizer_params, weights_initializer, weights_regularizer, biases_initializer, biases_regularizer, reuse,
            variables_collections, outputs_collections, trainable, scope, conv_dims=rank,
        )  # fmt: skip

    conv.__name__ = conv.__qualname__ = name
    conv.__doc__ = f"As `convolution`, of {rank} dimensions."
    return add_arg_scope(conv)


convolution1d = conv1d = _of_rank(1, "convolution1d")
convolution2d = conv2d = _of_rank(2, "convolution2d")
convolution3d = conv3d = _of_rank(3, "convolution3d")


@add_arg_scope
def convolution2d_transpose(
    inputs: Any, num_outputs: int, kernel_size: Any, stride: Any = 1, padding: str = "SAME", data_format: str = "NHWC",
    activation_fn: Any = tf.nn.relu, normalizer_fn: Any = None, normalizer_params: Any = None, weights_initializer: Any = None,
    weights_regularizer: Any = None, biases_initializer: Any = ZEROS, biases_regularizer: Any = None,
    reuse: Any = None, variables_collections: Any = None, outputs_collections: Any = None, trainable: bool = True,
    scope: Any = None,
) -> Any:  # fmt: skip
    """The transpose of a convolution over images: it makes them larger."""
    with tf.variable_scope(scope, "Conv2d_transpose", [inputs], reuse=reuse, custom_getter=renaming(RENAMED)) as sc:
        layer = tf.layers.Conv2DTranspose(
            num_outputs, kernel_size, strides=stride, padding=padding, data_format=_format(data_format),
            use_bias=not normalizer_fn and biases_initializer is not None,
            kernel_initializer=weights_initializer or xavier_initializer(), bias_initializer=biases_initializer,
            kernel_regularizer=weights_regularizer, bias_regularizer=biases_regularizer, trainable=trainable, name=sc.name,
            _scope=sc, _reuse=reuse,
        )  # fmt: skip
        outputs = layer(tf.convert_to_tensor(inputs))
        collect(layer.kernel, variables_collections, "weights")
        collect(layer.bias, variables_collections, "biases")
        return finished(
            layer, outputs, sc, activation_fn, normalizer_fn, normalizer_params, variables_collections, outputs_collections
        )


conv2d_transpose = convolution2d_transpose


@add_arg_scope
def separable_convolution2d(
    inputs: Any, num_outputs: Any, kernel_size: Any, depth_multiplier: int = 1, stride: Any = 1, padding: str = "SAME",
    data_format: str = "NHWC", rate: Any = 1, activation_fn: Any = tf.nn.relu, normalizer_fn: Any = None,
    normalizer_params: Any = None, weights_initializer: Any = None, pointwise_initializer: Any = None,
    weights_regularizer: Any = None, biases_initializer: Any = ZEROS, biases_regularizer: Any = None,
    reuse: Any = None, variables_collections: Any = None, outputs_collections: Any = None, trainable: bool = True,
    scope: Any = None,
) -> Any:  # fmt: skip
    """Each channel convolved by itself, then mixed into `num_outputs` channels (None: not mixed)."""
    names = {"depthwise_kernel": "depthwise_weights", "pointwise_kernel": "pointwise_weights", "bias": "biases"}
    with tf.variable_scope(scope, "SeparableConv2d", [inputs], reuse=reuse, custom_getter=renaming(names)) as sc:
        inputs = tf.convert_to_tensor(inputs)
        initializer, use_bias = weights_initializer or xavier_initializer(), not normalizer_fn and biases_initializer is not None
        if num_outputs is not None:
            layer = tf.layers.SeparableConv2D(
                num_outputs, kernel_size, strides=stride, padding=padding, data_format=_format(data_format), dilation_rate=rate,
                depth_multiplier=depth_multiplier, use_bias=use_bias, depthwise_initializer=initializer,
                pointwise_initializer=pointwise_initializer or initializer, bias_initializer=biases_initializer,
                depthwise_regularizer=weights_regularizer, pointwise_regularizer=weights_regularizer,
                bias_regularizer=biases_regularizer, trainable=trainable, name=sc.name, _scope=sc, _reuse=reuse,
            )  # fmt: skip
            outputs = layer(inputs)
            for weight in layer.weights:
                collect(weight, variables_collections, weight.op.name.split("/")[-1])
        else:
            layer = None
            outputs = _depthwise(inputs, kernel_size, depth_multiplier, stride, padding, data_format, rate, initializer,
                                 weights_regularizer, trainable, variables_collections)  # fmt: skip
            if use_bias:
                biases = tf.get_variable(
                    "bias", [outputs.shape.as_list()[1 if _format(data_format) == "channels_first" else -1]],
                    inputs.dtype.base_dtype, biases_initializer, biases_regularizer, trainable,
                )  # fmt: skip
                collect(biases, variables_collections, "biases")
                outputs = tf.nn.bias_add(outputs, biases, data_format=data_format)
        return finished(
            layer, outputs, sc, activation_fn, normalizer_fn, normalizer_params, variables_collections, outputs_collections
        )


def _pair(value: Any) -> list[int]:
    return [value, value] if isinstance(value, int) else [int(v) for v in value]


def _depthwise(inputs: Any, kernel_size: Any, multiplier: int, stride: Any, padding: str, data_format: str, rate: Any,
               initializer: Any, regularizer: Any, trainable: bool, collections: Any) -> Any:  # fmt: skip
    first = _format(data_format) == "channels_first"
    channels = inputs.shape.as_list()[1 if first else -1]
    weights = tf.get_variable(
        "depthwise_kernel",
        [*_pair(kernel_size), channels, multiplier],
        inputs.dtype.base_dtype,
        initializer,
        regularizer,
        trainable,
    )
    collect(weights, collections, "weights")
    strides = [1, 1, *_pair(stride)] if first else [1, *_pair(stride), 1]
    return tf.nn.depthwise_conv2d(inputs, weights, strides, padding, rate=_pair(rate), data_format=data_format)


separable_conv2d = separable_convolution2d


@add_arg_scope
def convolution2d_in_plane(
    inputs: Any, kernel_size: Any, stride: Any = 1, padding: str = "SAME", activation_fn: Any = tf.nn.relu,
    normalizer_fn: Any = None, normalizer_params: Any = None, weights_initializer: Any = None, weights_regularizer: Any = None,
    biases_initializer: Any = ZEROS, biases_regularizer: Any = None, reuse: Any = None,
    variables_collections: Any = None, outputs_collections: Any = None, trainable: bool = True, scope: Any = None,
) -> Any:  # fmt: skip
    """The same window over each channel."""
    with tf.variable_scope(scope, "ConvInPlane", [inputs], reuse=reuse, custom_getter=renaming({})) as sc:
        inputs = tf.convert_to_tensor(inputs)
        channels = inputs.shape.as_list()[-1]
        weights = tf.get_variable(
            "weights", [*_pair(kernel_size), 1, 1], inputs.dtype.base_dtype, weights_initializer or xavier_initializer(),
            weights_regularizer, trainable,
        )  # fmt: skip
        collect(weights, variables_collections, "weights")
        outputs = tf.nn.depthwise_conv2d(inputs, tf.tile(weights, [1, 1, channels, 1]), [1, *_pair(stride), 1], padding)
        if normalizer_fn is None and biases_initializer is not None:
            biases = tf.get_variable(
                "biases", [channels], inputs.dtype.base_dtype, biases_initializer, biases_regularizer, trainable
            )
            collect(biases, variables_collections, "biases")
            outputs = tf.nn.bias_add(outputs, biases)
        return finished(
            None, outputs, sc, activation_fn, normalizer_fn, normalizer_params, variables_collections, outputs_collections
        )


conv2d_in_plane = convolution2d_in_plane


# -- pooling ------------------------------------------------------------------------------------------------


@add_arg_scope
def max_pool2d(
    inputs: Any, kernel_size: Any, stride: Any = 2, padding: str = "VALID", data_format: str = "NHWC",
    outputs_collections: Any = None, scope: Any = None,
) -> Any:  # fmt: skip
    """The largest value of each window; windows of stride 2, without padding, unless told otherwise."""
    with tf.name_scope(scope, "MaxPool2D", [inputs]) as sc:
        layer = tf.layers.MaxPooling2D(kernel_size, stride, padding=padding, data_format=_format(data_format), _scope=sc[:-1])
        return named_output(outputs_collections, sc, layer(tf.convert_to_tensor(inputs)))


@add_arg_scope
def avg_pool2d(
    inputs: Any, kernel_size: Any, stride: Any = 2, padding: str = "VALID", data_format: str = "NHWC",
    outputs_collections: Any = None, scope: Any = None,
) -> Any:  # fmt: skip
    """The mean of each window; windows of stride 2, without padding, unless told otherwise."""
    with tf.name_scope(scope, "AvgPool2D", [inputs]) as sc:
        layer = tf.layers.AveragePooling2D(kernel_size, stride, padding=padding, data_format=_format(data_format), _scope=sc[:-1])
        return named_output(outputs_collections, sc, layer(tf.convert_to_tensor(inputs)))


@add_arg_scope
def pool(
    inputs: Any, kernel_size: Any, pooling_type: str, padding: str = "VALID", data_format: Any = None, dilation_rate: Any = 1,
    stride: Any = 1, outputs_collections: Any = None, scope: Any = None,
) -> Any:  # fmt: skip
    """Pooling of any rank: `pooling_type` is AVG or MAX."""
    with tf.name_scope(scope, f"{pooling_type.lower()}_pool", [inputs]) as sc:
        inputs = tf.convert_to_tensor(inputs)
        n = inputs.shape.ndims - 2
        sizes = [[v] * n if isinstance(v, int) else list(v) for v in (kernel_size, stride, dilation_rate)]
        outputs = tf.nn.pool(inputs, sizes[0], pooling_type, padding, dilations=sizes[2], strides=sizes[1], data_format=data_format)
        return named_output(outputs_collections, sc, outputs)
