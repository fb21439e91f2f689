"""Layers that bring activations to mean 0 and variance 1: over the batch, the features, or groups of them."""

from __future__ import annotations

from typing import Any

import thalweg as tf
from thalweg.keras import config
from thalweg.keras.engine.input_spec import InputSpec
from thalweg.keras.engine.layer import Layer
from thalweg.keras.engine.shapes import Shape, as_shape

_SCALE_AND_SHIFT = (
    "axis", "epsilon", "center", "scale", "beta_initializer", "gamma_initializer", "beta_regularizer", "gamma_regularizer",
    "beta_constraint", "gamma_constraint",
)  # fmt: skip


class _Normalizer(Layer):
    """What they share: a learned scale `gamma` and shift `beta`, computed in float32 at least."""

    _config_names: tuple[str, ...] = _SCALE_AND_SHIFT

    def __init__(
        self,
        axis: Any,
        epsilon: float,
        center: bool,
        scale: bool,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        beta_constraint: Any = None,
        gamma_constraint: Any = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.axis, self.epsilon, self.center, self.scale = axis, float(epsilon), center, scale
        self._set(
            beta_initializer=beta_initializer,
            gamma_initializer=gamma_initializer,
            beta_regularizer=beta_regularizer,
            gamma_regularizer=gamma_regularizer,
            beta_constraint=beta_constraint,
            gamma_constraint=gamma_constraint,
        )
        self.supports_masking = True
        self.gamma = self.beta = None

    def _add_scale_and_shift(self, shape: Any) -> None:
        # Statistics are computed in float32 at least, and so are these used.
        self.gamma = self._add("gamma", shape, autocast=False) if self.scale else None
        self.beta = self._add("beta", shape, autocast=False) if self.center else None

    def compute_output_shape(self, input_shape: Any) -> Any:
        shape = as_shape(input_shape)
        for axis in self.axis if isinstance(self.axis, (list, tuple)) else [self.axis]:
            _check_axis(axis, shape)
        return shape


def _check_axis(axis: int, shape: Shape) -> None:
    if not -len(shape) <= axis < len(shape):
        raise ValueError(f"Axis {axis} is out of bounds for input shape {tuple(shape)}.")


def _in_float(x: Any) -> Any:
    return x if x.dtype in (tf.float32, tf.float64) else tf.cast(x, tf.float32)


def _known_size(shape: Shape, axis: int, layer: str) -> int:
    _check_axis(axis, shape)
    size = shape[axis]
    if size is None:
        raise ValueError(
            f"Axis {axis} of the inputs to layer {layer!r} must have a known size, but their shape is {tuple(shape)}."
        )
    return size


class BatchNormalization(_Normalizer):
    """Normalizes each feature over the batch in training, by moving averages at prediction.

    momentum: how much of the moving averages each batch leaves. A layer with `trainable = False` uses the moving
    averages also in training. Source: `tf.keras.layers.BatchNormalization`.

    >>> y = tf.keras.layers.BatchNormalization()(tf.constant([[0.0], [2.0]]), training=True)
    >>> tf.round(y).numpy().ravel()
    array([-1.,  1.], dtype=float32)
    """

    _config_names = (
        "momentum", "moving_mean_initializer", "moving_variance_initializer", "synchronized", *_SCALE_AND_SHIFT,
    )  # fmt: skip

    def __init__(
        self,
        axis: Any = -1,
        momentum: float = 0.99,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        moving_mean_initializer: Any = "zeros",
        moving_variance_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        beta_constraint: Any = None,
        gamma_constraint: Any = None,
        synchronized: bool = False,
        **kwargs: Any,
    ):
        kwargs.pop("fused", None)  # of Keras 2: a choice between equal ways
        for name in ("renorm", "renorm_clipping", "virtual_batch_size"):
            if kwargs.pop(name, None):
                raise NotImplementedError(f"`{name}` of BatchNormalization is not supported: leave it out.")
        kwargs.pop("renorm_momentum", None)
        if isinstance(axis, (list, tuple)):
            (axis,) = axis  # Keras 2 writes configs so
        super().__init__(
            int(axis), epsilon, center, scale, beta_initializer, gamma_initializer, beta_regularizer, gamma_regularizer,
            beta_constraint, gamma_constraint, **kwargs,
        )  # fmt: skip
        self.momentum, self.synchronized = float(momentum), synchronized
        self._set(
            moving_mean_initializer=moving_mean_initializer, moving_variance_initializer=moving_variance_initializer
        )

    def build(self, input_shape: Any) -> None:
        shape = as_shape(input_shape)
        size = _known_size(shape, self.axis, self.name)
        self._add_scale_and_shift((size,))
        self.moving_mean = self._add("moving_mean", (size,), trainable=False, autocast=False)
        self.moving_variance = self._add("moving_variance", (size,), trainable=False, autocast=False)
        self.input_spec = InputSpec(ndim=len(shape), axes={self.axis: size})
        self.built = True

    def call(self, inputs: Any, training: Any = None, mask: Any = None) -> Any:
        x = _in_float(inputs)
        rank = x.shape.rank
        axis = self.axis % rank
        moving_mean = tf.cast(self.moving_mean, x.dtype)
        moving_variance = tf.cast(self.moving_variance, x.dtype)
        if training and self.trainable:
            axes = [i for i in range(rank) if i != axis]
            mean, variance = tf.nn.moments(x, axes) if mask is None else _masked_moments(x, mask, axes)
            self.moving_mean.assign(tf.cast(moving_mean * self.momentum + mean * (1.0 - self.momentum), self.dtype))
            self.moving_variance.assign(
                tf.cast(moving_variance * self.momentum + variance * (1.0 - self.momentum), self.dtype)
            )
        else:
            mean, variance = moving_mean, moving_variance
        place = None if axis == rank - 1 else [-1 if i == axis else 1 for i in range(rank)]

        def along(value: Any) -> Any:
            if value is None:
                return None
            value = tf.cast(value, x.dtype)
            return value if place is None else tf.reshape(value, place)

        y = tf.nn.batch_normalization(
            x, along(mean), along(variance), along(self.beta), along(self.gamma), self.epsilon
        )
        return tf.cast(y, self.compute_dtype)


def _masked_moments(x: Any, mask: Any, axes: list[int]) -> tuple[Any, Any]:
    """Mean and variance over `axes` of the entries that `mask`, without the last dimension, lets count."""
    if mask.shape.rank != x.shape.rank - 1:
        raise ValueError(
            "The mask provided should be one dimension less than the inputs. Received: "
            f"mask.shape={mask.shape}, inputs.shape={x.shape}"
        )
    counts = tf.broadcast_to(tf.cast(tf.expand_dims(mask, -1), x.dtype), tf.shape(x))
    total = tf.reduce_sum(counts, axes, keepdims=True) + config.epsilon()
    mean = tf.reduce_sum(x * counts, axes, keepdims=True) / total
    variance = tf.reduce_sum(tf.square((x - mean) * counts), axes, keepdims=True) / total
    return tf.squeeze(mean, axes), tf.squeeze(variance, axes)


class LayerNormalization(_Normalizer):
    """Normalizes each sample over its features.

    axis: the features, one axis or several. Source: `tf.keras.layers.LayerNormalization`.

    >>> tf.round(tf.keras.layers.LayerNormalization()(tf.constant([[0.0, 2.0]]))).numpy()
    array([[-1.,  1.]], dtype=float32)
    """

    def __init__(self, axis: Any = -1, epsilon: float = 1e-3, center: bool = True, scale: bool = True, **kwargs: Any):
        if not isinstance(axis, (int, list, tuple)):
            raise TypeError(f"Expected an int or a list/tuple of ints for the argument 'axis', but received: {axis!r}")
        if kwargs.pop("rms_scaling", False):
            raise ValueError("`rms_scaling` of LayerNormalization is not what it says: use RMSNormalization instead.")
        super().__init__(axis if isinstance(axis, int) else list(axis), epsilon, center, scale, **kwargs)

    def build(self, input_shape: Any) -> None:
        shape = as_shape(input_shape)
        axes = [self.axis] if isinstance(self.axis, int) else self.axis
        self._axes = sorted(axis % len(shape) for axis in axes)
        self._add_scale_and_shift(tuple(_known_size(shape, axis, self.name) for axis in self._axes))
        self.built = True

    def call(self, inputs: Any) -> Any:
        x = _in_float(inputs)
        mean, variance = tf.nn.moments(x, self._axes, keepdims=True)
        factor = tf.math.rsqrt(variance + self.epsilon)
        if self.gamma is not None:
            factor = factor * self._along(self.gamma, x)
        offset = -mean * factor
        if self.beta is not None:
            offset = offset + self._along(self.beta, x)
        return tf.cast(x * factor + offset, self.compute_dtype)

    def _along(self, value: Any, x: Any) -> Any:
        """A parameter of the normalized axes, in a shape that broadcasts over the others."""
        value = tf.cast(value, x.dtype)
        if self._axes == [x.shape.rank - 1]:
            return value
        return tf.reshape(value, [x.shape[i] if i in self._axes else 1 for i in range(x.shape.rank)])


class GroupNormalization(_Normalizer):
    """Normalizes each sample over space and over groups of channels.

    groups: how many; -1 for as many as channels. Source: `tf.keras.layers.GroupNormalization`.
    """

    _config_names = ("groups", *_SCALE_AND_SHIFT)

    def __init__(
        self, groups: int = 32, axis: int = -1, epsilon: float = 1e-3, center: bool = True, scale: bool = True, **kwargs: Any
    ):
        super().__init__(axis, epsilon, center, scale, **kwargs)
        self.groups = groups

    def build(self, input_shape: Any) -> None:
        shape = as_shape(input_shape)
        size = _known_size(shape, self.axis, self.name)
        self.groups = size if self.groups == -1 else self.groups
        if size < self.groups:
            raise ValueError(f"Number of groups ({self.groups}) cannot be more than the number of channels ({size}).")
        if size % self.groups:
            raise ValueError(
                f"Number of groups ({self.groups}) must be a divisor of the number of channels ({size})."
            )
        self.input_spec = InputSpec(ndim=len(shape), axes={self.axis: size})
        self._add_scale_and_shift((size,))
        self.built = True

    def call(self, inputs: Any) -> Any:
        x = _in_float(inputs)
        rank = x.shape.rank
        axis = self.axis % rank
        shape = tf.shape(x)
        static = x.shape.as_list()
        sizes = [shape[i] if size is None else size for i, size in enumerate(static)]
        in_groups = [*sizes[:axis], self.groups, static[axis] // self.groups, *sizes[axis + 1 :]]
        grouped = tf.reshape(x, in_groups)
        mean, variance = tf.nn.moments(grouped, [i for i in range(1, rank + 1) if i != axis], keepdims=True)
        place = [1] * axis + [self.groups, static[axis] // self.groups] + [1] * (rank - axis - 1)
        factor = tf.math.rsqrt(variance + self.epsilon)
        if self.gamma is not None:
            factor = factor * tf.reshape(tf.cast(self.gamma, x.dtype), place)
        offset = -mean * factor
        if self.beta is not None:
            offset = offset + tf.reshape(tf.cast(self.beta, x.dtype), place)
        y = tf.reshape(grouped * factor + offset, shape)
        y.set_shape(inputs.shape)
        return tf.cast(y, self.compute_dtype)


class RMSNormalization(Layer):
    """Divides each sample by the root mean square of its features, times a learned scale."""

    _config_names = ("axis", "epsilon")

    def __init__(self, axis: Any = -1, epsilon: float = 1e-6, **kwargs: Any):
        super().__init__(**kwargs)
        self.axis, self.epsilon = axis, epsilon
        self.supports_masking = True

    def build(self, input_shape: Any) -> None:
        shape = as_shape(input_shape)
        axes = [self.axis] if isinstance(self.axis, int) else self.axis
        self._axes = sorted(axis % len(shape) for axis in axes)
        self.scale = self.add_weight(
            name="scale", shape=[_known_size(shape, axis, self.name) for axis in self._axes], initializer="ones",
            autocast=False,
        )
        self.built = True

    def call(self, inputs: Any) -> Any:
        x = _in_float(inputs)
        factor = tf.math.rsqrt(tf.reduce_mean(tf.square(x), self._axes, keepdims=True) + self.epsilon)
        place = [x.shape[i] if i in self._axes else 1 for i in range(x.shape.rank)]
        return tf.cast(x * factor * tf.reshape(tf.cast(self.scale, x.dtype), place), self.compute_dtype)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return as_shape(input_shape)


class UnitNormalization(Layer):
    """Scales each sample to length 1 along `axis`."""

    _config_names = ("axis",)

    def __init__(self, axis: Any = -1, **kwargs: Any):
        super().__init__(**kwargs)
        if not isinstance(axis, (int, list, tuple)):
            raise TypeError(
                f"Invalid value for `axis` argument: expected an int or a list/tuple of ints. Received: axis={axis}"
            )
        self.axis = axis
        self.supports_masking = True

    def call(self, inputs: Any) -> Any:
        return tf.math.l2_normalize(inputs, axis=self.axis, epsilon=1e-24)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return as_shape(input_shape)
