"""Dense layers of `tf.contrib.layers`, and what has no variables."""

from __future__ import annotations

import functools
from typing import Any

from thalweg.compat import v1 as tf
from thalweg.contrib.framework.arguments import add_arg_scope
from thalweg.contrib.layers.collecting import RENAMED, ZEROS, collect, finished, named_output, renaming
from thalweg.contrib.layers.initializers import xavier_initializer


@add_arg_scope
def fully_connected(
    inputs: Any, num_outputs: Any, activation_fn: Any = tf.nn.relu, normalizer_fn: Any = None, normalizer_params: Any = None,
    weights_initializer: Any = None, weights_regularizer: Any = None, biases_initializer: Any = ZEROS,
    biases_regularizer: Any = None, reuse: Any = None, variables_collections: Any = None, outputs_collections: Any = None,
    trainable: bool = True, scope: Any = None,
) -> Any:  # fmt: skip
    """`activation_fn(inputs @ weights + biases)`, over the last axis; ReLU unless told otherwise.

    With `normalizer_fn` there are no biases. Raises ValueError if `num_outputs` is no integer.
    """
    if not isinstance(num_outputs, int) and not hasattr(num_outputs, "__index__"):
        raise ValueError(f"num_outputs type should be one of [int], got {type(num_outputs).__name__}.")
    with tf.variable_scope(scope, "fully_connected", [inputs], reuse=reuse, custom_getter=renaming(RENAMED)) as sc:
        layer = tf.layers.Dense(
            int(num_outputs), use_bias=not normalizer_fn and biases_initializer is not None,
            kernel_initializer=weights_initializer or xavier_initializer(), bias_initializer=biases_initializer,
            kernel_regularizer=weights_regularizer, bias_regularizer=biases_regularizer, trainable=trainable,
            name=sc.name, _scope=sc, _reuse=reuse,
        )  # fmt: skip
        outputs = layer(tf.convert_to_tensor(inputs))
        collect(layer.kernel, variables_collections, "weights")
        collect(layer.bias, variables_collections, "biases")
        return finished(
            layer, outputs, sc, activation_fn, normalizer_fn, normalizer_params, variables_collections, outputs_collections
        )


relu = functools.partial(fully_connected, activation_fn=tf.nn.relu)
relu6 = functools.partial(fully_connected, activation_fn=tf.nn.relu6)
elu = functools.partial(fully_connected, activation_fn=tf.nn.elu)
linear = functools.partial(fully_connected, activation_fn=None)
for _one in (relu, relu6, elu, linear):
    _one._key_op = fully_connected._key_op  # type: ignore[attr-defined]


def legacy_fully_connected(
    x: Any, num_output_units: int, activation_fn: Any = None, weight_init: Any = None, bias_init: Any = ZEROS,
    name: Any = None, weight_collections: Any = (tf.GraphKeys.WEIGHTS,), bias_collections: Any = (tf.GraphKeys.BIASES,),
    output_collections: Any = (tf.GraphKeys.ACTIVATIONS,), trainable: bool = True, weight_regularizer: Any = None,
    bias_regularizer: Any = None,
) -> Any:  # fmt: skip
    """`fully_connected` with older arguments, and without an activation by default."""
    return fully_connected(
        x, num_output_units, activation_fn, weights_initializer=weight_init, weights_regularizer=weight_regularizer,
        biases_initializer=bias_init, biases_regularizer=bias_regularizer, trainable=trainable, scope=name,
        variables_collections={"weights": weight_collections, "biases": bias_collections},
        outputs_collections=list(output_collections),
    )  # fmt: skip


@add_arg_scope
def bias_add(
    inputs: Any, activation_fn: Any = None, initializer: Any = ZEROS, regularizer: Any = None, reuse: Any = None,
    variables_collections: Any = None, outputs_collections: Any = None, trainable: bool = True, data_format: str = "NHWC",
    scope: Any = None,
) -> Any:  # fmt: skip
    """Adds a bias to each channel."""
    with tf.variable_scope(scope, "BiasAdd", [inputs], reuse=reuse, custom_getter=renaming({})) as sc:
        inputs = tf.convert_to_tensor(inputs)
        axis = 1 if data_format == "NCHW" else -1
        biases = tf.get_variable(
            "biases", [inputs.shape.as_list()[axis]], inputs.dtype.base_dtype, initializer, regularizer, trainable
        )
        collect(biases, variables_collections, "biases")
        outputs = tf.nn.bias_add(inputs, biases, data_format=data_format)
        if activation_fn is not None:
            outputs = activation_fn(outputs)
        return named_output(outputs_collections, sc.name, outputs)


@add_arg_scope
def dropout(
    inputs: Any, keep_prob: Any = 0.5, noise_shape: Any = None, is_training: Any = True, outputs_collections: Any = None,
    scope: Any = None, seed: Any = None,
) -> Any:  # fmt: skip
    """While `is_training`, keeps each input with probability `keep_prob` and scales it up; else gives the inputs."""
    with tf.variable_scope(scope, "Dropout", [inputs]) as sc:
        layer = tf.layers.Dropout(1 - keep_prob, noise_shape=noise_shape, seed=seed, name=sc.name, _scope=sc)
        return named_output(outputs_collections, sc.name, layer(tf.convert_to_tensor(inputs), training=is_training))


@add_arg_scope
def flatten(inputs: Any, outputs_collections: Any = None, scope: Any = None) -> Any:
    """All axes but the first as one."""
    with tf.name_scope(scope, "Flatten", [inputs]) as sc:
        return named_output(outputs_collections, sc, tf.layers.flatten(tf.convert_to_tensor(inputs)))


@add_arg_scope
def one_hot_encoding(
    labels: Any, num_classes: int, on_value: float = 1.0, off_value: float = 0.0, outputs_collections: Any = None,
    scope: Any = None,
) -> Any:  # fmt: skip
    """Each label as a row with `on_value` in its column."""
    with tf.name_scope(scope, "OneHotEncoding", [labels, num_classes]) as sc:
        labels = tf.convert_to_tensor(labels)
        if labels.dtype is tf.int32:
            labels = tf.to_int64(labels)
        return named_output(outputs_collections, sc, tf.one_hot(labels, num_classes, on_value=on_value, off_value=off_value))


@add_arg_scope
def softmax(logits: Any, scope: Any = None) -> Any:
    """Softmax over the last axis of any shape."""
    with tf.variable_scope(scope, "softmax", [logits]):
        return tf.nn.softmax(logits)


@add_arg_scope
def unit_norm(inputs: Any, dim: int, epsilon: float = 1e-7, scope: Any = None) -> Any:
    """Inputs scaled to unit length along an axis."""
    with tf.variable_scope(scope, "UnitNorm", [inputs]):
        inputs = tf.convert_to_tensor(inputs)
        lengths = tf.sqrt(tf.reduce_sum(tf.square(inputs), dim, keepdims=True) + epsilon)
        return inputs / lengths


@add_arg_scope
def maxout(inputs: Any, num_units: int, axis: int = -1, scope: Any = None) -> Any:
    """The largest of groups of channels (Goodfellow et al., 2013): `num_units` channels remain. Raises ValueError if uneven."""
    with tf.name_scope(scope, "MaxOut", [inputs]):
        inputs = tf.convert_to_tensor(inputs)
        sizes = inputs.shape.as_list()
        axis = axis % len(sizes)
        if sizes[axis] % num_units:
            raise ValueError(f"number of features({sizes[axis]}) is not a multiple of num_units({num_units})")
        shape = [-1 if n is None else n for n in sizes]
        grouped = [*shape[:axis], num_units, sizes[axis] // num_units, *shape[axis + 1 :]]
        return tf.reduce_max(tf.reshape(inputs, grouped), axis + 1)


def spatial_softmax(
    features: Any, temperature: Any = None, name: Any = None, variables_collections: Any = None, trainable: bool = True,
    data_format: str = "NHWC",
) -> Any:  # fmt: skip
    """Where each channel of images points to: the mean place under its softmax (Levine et al., 2016). `[batch, 2 channels]`."""
    with tf.variable_scope(name, "spatial_softmax"):
        features = tf.convert_to_tensor(features)
        if data_format == "NHWC":
            features = tf.transpose(features, [0, 3, 1, 2])
        _, channels, height, width = features.shape.as_list()
        if temperature is None:
            temperature = tf.get_variable("temperature", (), tf.float32, tf.ones_initializer(), trainable=trainable)
        rows, columns = tf.meshgrid(tf.linspace(-1.0, 1.0, height), tf.linspace(-1.0, 1.0, width), indexing="ij")
        weights = tf.nn.softmax(tf.reshape(features, [-1, height * width]) / temperature)
        x = tf.reduce_sum(tf.reshape(rows, [-1]) * weights, 1, keepdims=True)
        y = tf.reduce_sum(tf.reshape(columns, [-1]) * weights, 1, keepdims=True)
        return tf.reshape(tf.concat([x, y], 1), [-1, channels * 2])


@add_arg_scope
def images_to_sequence(inputs: Any, data_format: str = "channels_last", outputs_collections: Any = None, scope: Any = None) -> Any:
    """`[batch, height, width, channels]` as sequences along the width: `[width, batch * height, channels]`."""
    with tf.name_scope(scope, "ImagesToSequence", [inputs]) as sc:
        _, _, width, channels = inputs.shape.as_list()
        rows = tf.reshape(inputs, [-1, width, channels])
        return named_output(outputs_collections, sc, tf.transpose(rows, [1, 0, 2]))


@add_arg_scope
def sequence_to_images(
    inputs: Any, height: int, output_data_format: str = "channels_last", outputs_collections: Any = None, scope: Any = None
) -> Any:
    """The inverse of `images_to_sequence`."""
    with tf.name_scope(scope, "SequenceToImages", [inputs]) as sc:
        width, _, channels = inputs.shape.as_list()
        rows = tf.transpose(inputs, [1, 0, 2])
        return named_output(outputs_collections, sc, tf.reshape(rows, [-1, height, width, channels]))


def scale_gradient(inputs: Any, gradient_multiplier: Any) -> Any:
    """The inputs, whose gradient is scaled."""
    with tf.name_scope("scale_gradient"):
        return tf.stop_gradient(inputs) * (1 - gradient_multiplier) + inputs * gradient_multiplier


# -- layers again and again ---------------------------------------------------------------------------------


@add_arg_scope
def repeat(inputs: Any, repetitions: int, layer: Any, *args: Any, **kwargs: Any) -> Any:
    """The same layer several times, each with variables of its own: scopes `scope/scope_1`, `scope/scope_2`."""
    scope = kwargs.pop("scope", None)
    with tf.variable_scope(scope, "Repeat", [inputs]):
        outputs = tf.convert_to_tensor(inputs)
        if scope is None:
            scope = getattr(layer, "__name__", None) or (layer.func.__name__ if hasattr(layer, "func") else "repeat")
        for i in range(repetitions):
            outputs = layer(outputs, *args, **kwargs, scope=f"{scope}_{i + 1}")
        return outputs


@add_arg_scope
def stack(inputs: Any, layer: Any, stack_args: Any, **kwargs: Any) -> Any:
    """A layer for each of `stack_args`, one upon the other."""
    scope = kwargs.pop("scope", None)
    with tf.variable_scope(scope, "Stack", [inputs]):
        outputs = tf.convert_to_tensor(inputs)
        if scope is None:
            scope = getattr(layer, "__name__", None) or (layer.func.__name__ if hasattr(layer, "func") else "stack")
        for i, one in enumerate(stack_args):
            arguments = one if isinstance(one, (list, tuple)) else [one]
            outputs = layer(outputs, *arguments, **kwargs, scope=f"{scope}_{i + 1}")
        return outputs
