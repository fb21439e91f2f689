"""Activation functions with settings, as layers."""

from __future__ import annotations

from typing import Any

import thalweg as tf
from thalweg.keras import activations
from thalweg.keras.engine.input_spec import InputSpec
from thalweg.keras.engine.layer import Layer
from thalweg.keras.engine.shapes import as_shape


class _Elementwise(Layer):
    """Of the shape of the inputs."""

    def __init__(self, **kwargs: Any):
        super().__init__(**kwargs)
        self.supports_masking = True

    def compute_output_shape(self, input_shape: Any) -> Any:
        return as_shape(input_shape)


def _not_negative(name: str, value: Any) -> Any:
    if value is None or value < 0:
        raise ValueError(f"`{name}` cannot be None or negative, but it is {value!r}.")
    return value


class ReLU(_Elementwise):
    """`x` above `threshold`, up to `max_value`; `negative_slope * (x - threshold)` below.

    >>> tf.keras.layers.ReLU(max_value=1.0)(tf.constant([-1.0, 0.5, 2.0])).numpy()
    array([0. , 0.5, 1. ], dtype=float32)
    """

    _config_names = ("max_value", "negative_slope", "threshold")

    def __init__(self, max_value: float | None = None, negative_slope: float = 0.0, threshold: float = 0.0, **kwargs: Any):
        super().__init__(**kwargs)
        if max_value is not None and max_value < 0:
            raise ValueError(f"max_value of a ReLU layer cannot be a negative value. Received: max_value={max_value}")
        self.max_value = max_value
        self.negative_slope = _not_negative("negative_slope", negative_slope)
        self.threshold = _not_negative("threshold", threshold)

    def call(self, inputs: Any) -> Any:
        return activations.relu(inputs, self.negative_slope, self.max_value, self.threshold)


class LeakyReLU(_Elementwise):
    """`x` where it is positive, `negative_slope * x` elsewhere. Keras 2 calls the slope `alpha`."""

    _config_names = ("negative_slope",)

    def __init__(self, negative_slope: float = 0.3, *, alpha: float | None = None, **kwargs: Any):
        super().__init__(**kwargs)
        self.negative_slope = _not_negative("negative_slope", negative_slope if alpha is None else alpha)

    @property
    def alpha(self) -> float:
        return self.negative_slope

    def call(self, inputs: Any) -> Any:
        return activations.leaky_relu(inputs, self.negative_slope)


class PReLU(_Elementwise):
    """`x` where it is positive, `alpha * x` elsewhere; `alpha` is learned, one for each feature.

    shared_axes: axes, counted with the batch, along which it is the same.
    """

    _config_names = ("alpha_initializer", "alpha_regularizer", "alpha_constraint", "shared_axes")

    def __init__(
        self, alpha_initializer: Any = "zeros", alpha_regularizer: Any = None, alpha_constraint: Any = None,
        shared_axes: Any = None, **kwargs: Any,
    ):  # fmt: skip
        super().__init__(**kwargs)
        self._set(
            alpha_initializer=alpha_initializer, alpha_regularizer=alpha_regularizer, alpha_constraint=alpha_constraint
        )
        self.shared_axes = None if shared_axes is None else (
            list(shared_axes) if isinstance(shared_axes, (list, tuple)) else [shared_axes]
        )

    def build(self, input_shape: Any) -> None:
        shape = as_shape(input_shape)
        shared = self.shared_axes or []
        self.alpha = self._add("alpha", [1 if axis in shared else shape[axis] for axis in range(1, len(shape))])
        axes = {axis: shape[axis] for axis in range(1, len(shape)) if axis not in shared} if shared else {}
        self.input_spec = InputSpec(ndim=len(shape), axes=axes)
        self.built = True

    def call(self, inputs: Any) -> Any:
        return activations.relu(inputs) - self.alpha * activations.relu(-inputs)


class ELU(_Elementwise):
    """`x` where it is positive, `alpha * (exp(x) - 1)` elsewhere."""

    _config_names = ("alpha",)

    def __init__(self, alpha: float = 1.0, **kwargs: Any):
        super().__init__(**kwargs)
        self.alpha = alpha

    def call(self, inputs: Any) -> Any:
        return activations.elu(inputs, self.alpha)


class ThresholdedReLU(_Elementwise):
    """`x` where it is above `theta`, 0 elsewhere. Of Keras 2."""

    _config_names = ("theta",)

    def __init__(self, theta: float = 1.0, **kwargs: Any):
        super().__init__(**kwargs)
        self.theta = _not_negative("theta", theta)

    def call(self, inputs: Any) -> Any:
        return inputs * tf.cast(inputs > self.theta, inputs.dtype)


class Softmax(_Elementwise):
    """Probabilities along `axis`, one or several; `mask` is True where entries count.

    >>> tf.keras.layers.Softmax()(tf.constant([[1.0, 1.0]])).numpy()
    array([[0.5, 0.5]], dtype=float32)
    """

    _config_names = ("axis",)

    def __init__(self, axis: Any = -1, **kwargs: Any):
        super().__init__(**kwargs)
        self.axis = axis

    def call(self, inputs: Any, mask: Any = None) -> Any:
        if mask is None:
            return self._softmax(inputs)
        keep = mask if mask.dtype == tf.bool else mask > 0.5
        low = tf.cast(-3e4 if inputs.dtype == tf.float16 else -1e9, inputs.dtype)
        y = self._softmax(tf.where(keep, inputs, low))
        return tf.where(keep, y, tf.zeros_like(y))  # 0 also where nothing at all is kept

    def _softmax(self, x: Any) -> Any:
        if isinstance(self.axis, (list, tuple)) and len(self.axis) > 1:
            return tf.exp(x - tf.reduce_logsumexp(x, axis=self.axis, keepdims=True))
        axis = self.axis[0] if isinstance(self.axis, (list, tuple)) else self.axis
        return activations.softmax(x, axis=axis)
