"""`tf.layers.dense`, `dropout` and `flatten`.

Source: https://www.tensorflow.org/versions/r1.15/api_docs/python/tf/layers
"""

from __future__ import annotations

import math
from typing import Any

from thalweg.compat.v1.initializers import zeros_initializer
from thalweg.compat.v1.layers.base import Layer, activation_of, channels_axis, known_size, smart_cond
from thalweg.engine.core import convert
from thalweg.engine.core.registry import REGISTRY
from thalweg.engine.ops import dropout as dropouts
from thalweg.engine.ops.matmul import matmul, tensordot
from thalweg.engine.ops.reordering import transpose
from thalweg.engine.ops.shaping import identity, reshape, shape as shape_of


class Dense(Layer):
    """`activation(inputs @ kernel + bias)`, over the last axis."""

    def __init__(
        self, units: int, activation: Any = None, use_bias: bool = True, kernel_initializer: Any = None,
        bias_initializer: Any = None,
        kernel_regularizer: Any = None, bias_regularizer: Any = None, activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None, trainable: bool = True, name: Any = None, **kwargs: Any,
    ):  # fmt: skip
        super().__init__(trainable, name, activity_regularizer=activity_regularizer, **kwargs)
        self.units, self.activation, self.use_bias = int(units), activation_of(activation), use_bias
        self.kernel_initializer, self.bias_initializer = kernel_initializer, bias_initializer or zeros_initializer()
        self.kernel_regularizer, self.bias_regularizer = kernel_regularizer, bias_regularizer
        self.kernel_constraint, self.bias_constraint = kernel_constraint, bias_constraint
        self.kernel = self.bias = None

    def build(self, input_shape: Any) -> None:
        size = known_size(input_shape, -1, "last dimension")
        self.kernel = self.add_weight(
            "kernel", [size, self.units], initializer=self.kernel_initializer, regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
        )  # fmt: skip
        if self.use_bias:
            self.bias = self.add_weight(
                "bias", [self.units], initializer=self.bias_initializer, regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
            )  # fmt: skip

    def call(self, inputs: Any) -> Any:
        rank = inputs.shape.rank
        if rank is not None and rank > 2:
            y = tensordot(inputs, self.kernel, [[rank - 1], [0]])
            y.set_shape([*inputs.shape.as_list()[:-1], self.units])
        else:
            y = matmul(inputs, self.kernel)
        if self.use_bias:
            y = REGISTRY["BiasAdd"](y, self.bias)
        return y if self.activation is None else self.activation(y)


class Dropout(Layer):
    """While `training`, zeros a part `rate` of the inputs and scales up the rest."""

    def __init__(self, rate: Any = 0.5, noise_shape: Any = None, seed: Any = None, name: Any = None, **kwargs: Any):
        super().__init__(name=name, **kwargs)
        self.rate, self.noise_shape, self.seed = rate, noise_shape, seed

    def call(self, inputs: Any, training: Any = False) -> Any:
        return smart_cond(
            training, lambda: dropouts.dropout(inputs, self.rate, self.noise_shape, self.seed), lambda: identity(inputs)
        )


class Flatten(Layer):
    """All axes but the first as one."""

    def __init__(self, data_format: str = "channels_last", **kwargs: Any):
        super().__init__(**kwargs)
        self.data_format = data_format
        channels_axis(data_format)

    def call(self, inputs: Any) -> Any:
        rank = inputs.shape.rank
        if self.data_format == "channels_first" and rank is not None and rank > 2:
            inputs = transpose(inputs, [0, *range(2, rank), 1])
        sizes = None if rank is None else inputs.shape.as_list()
        if sizes is None or None in sizes[1:]:
            return reshape(inputs, [shape_of(inputs)[0], -1])
        return reshape(inputs, [-1 if sizes[0] is None else sizes[0], math.prod(sizes[1:])])


def dense(
    inputs: Any, units: int, activation: Any = None, use_bias: bool = True, kernel_initializer: Any = None,
    bias_initializer: Any = None, kernel_regularizer: Any = None, bias_regularizer: Any = None, activity_regularizer: Any = None,
    kernel_constraint: Any = None, bias_constraint: Any = None, trainable: bool = True, name: Any = None, reuse: Any = None,
) -> Any:  # fmt: skip
    """`activation(inputs @ kernel + bias)`, over the last axis.

    inputs: `[..., n]`, n known. Returns `[...,
    units]`. The variables are `name/kernel` and `name/bias`; with `reuse` those made before.
    """
    layer = Dense(
        units, activation, use_bias, kernel_initializer, bias_initializer, kernel_regularizer, bias_regularizer,
        activity_regularizer,
        kernel_constraint, bias_constraint, trainable, name, _scope=name, _reuse=reuse,
    )  # fmt: skip
    return layer(inputs)


def dropout(
    inputs: Any, rate: Any = 0.5, noise_shape: Any = None, seed: Any = None, training: Any = False, name: Any = None
) -> Any:
    """While `training` (a bool or a bool tensor), zeros a part `rate` of the inputs and scales up the rest."""
    return Dropout(rate, noise_shape, seed, name)(inputs, training=training)


def flatten(inputs: Any, name: Any = None, data_format: str = "channels_last") -> Any:
    """All axes but the first as one: `[n, ...]` to `[n, k]`."""
    return Flatten(data_format, name=name)(convert.convert_to_tensor(inputs))


__all__ = ["Dense", "Dropout", "Flatten", "dense", "dropout", "flatten"]
