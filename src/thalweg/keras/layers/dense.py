"""`Dense`: every output is a weighted sum of all inputs."""

from __future__ import annotations

from typing import Any

import thalweg as tf
from thalweg.keras import activations
from thalweg.keras.engine.input_spec import InputSpec
from thalweg.keras.engine.layer import Layer
from thalweg.keras.engine.shapes import as_shape


class Dense(Layer):
    """`activation(inputs @ kernel + bias)`, over the last axis.

    inputs: `[..., n]`. Returns `[..., units]`. Raises ValueError for `units` that is no positive integer and for inputs
    of another size than the first ones. Source: `tf.keras.layers.Dense`.

    >>> layer = tf.keras.layers.Dense(2, kernel_initializer="ones")
    >>> layer(tf.constant([[1.0, 2.0]])).numpy()
    array([[3., 3.]], dtype=float32)
    """

    _config_names = (
        "units", "activation", "use_bias", "kernel_initializer", "bias_initializer", "kernel_regularizer",
        "bias_regularizer", "kernel_constraint", "bias_constraint",
    )  # fmt: skip

    def __init__(
        self,
        units: int,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ):
        if isinstance(units, bool) or not hasattr(units, "__index__") or int(units) <= 0:
            raise ValueError(f"`units` of Dense must be a positive integer, but it is {units!r}.")
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        self.units = int(units)
        self.use_bias = use_bias
        self._set(
            activation=activation,
            kernel_initializer=kernel_initializer,
            bias_initializer=bias_initializer,
            kernel_regularizer=kernel_regularizer,
            bias_regularizer=bias_regularizer,
            kernel_constraint=kernel_constraint,
            bias_constraint=bias_constraint,
        )
        self.input_spec = InputSpec(min_ndim=2)
        self.supports_masking = True

    def build(self, input_shape: Any) -> None:
        size = as_shape(input_shape)[-1]
        if size is None:
            raise ValueError(
                f"The last dimension of the inputs to Dense layer {self.name!r} must be known, but their shape is "
                f"{tuple(input_shape)}."
            )
        self.kernel = self._add("kernel", (size, self.units))
        self.bias = self._add("bias", (self.units,)) if self.use_bias else None
        self.input_spec = InputSpec(min_ndim=2, axes={-1: size})
        self.built = True

    def call(self, inputs: Any, training: Any = None) -> Any:
        # The variables' values, not the variables: two tensors take the shortest way through an eager op.
        kernel = self.kernel.value()
        y = tf.matmul(inputs, kernel) if _is_matrix(inputs) else tf.tensordot(inputs, kernel, [[-1], [0]])
        if self.bias is not None:
            y = y + self.bias.value()
        return y if self.activation is activations.linear else self.activation(y)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return as_shape(input_shape)[:-1] + (self.units,)


def _is_matrix(x: Any) -> bool:
    return (x.ndim if tf.executing_eagerly() else x.shape.rank) == 2
