"""Layers that make training harder: dropout, noise, penalties on activity. They do nothing at prediction."""

from __future__ import annotations

import math
from typing import Any

import thalweg as tf
from thalweg.keras import random, regularizers
from thalweg.keras.engine.input_spec import InputSpec
from thalweg.keras.engine.layer import Layer
from thalweg.keras.engine.shapes import as_shape
from thalweg.keras.random import SeedGenerator


class _Random(Layer):
    """What the random layers share: a rate between 0 and 1, a seed that moves on, nothing done at prediction."""

    _config_names: tuple[str, ...] = ("rate", "seed")
    _up_to = 1.0

    def __init__(self, rate: float, seed: int | None = None, **kwargs: Any):
        super().__init__(**kwargs)
        if not isinstance(rate, (int, float)) or not 0 <= rate <= self._up_to:
            raise ValueError(
                f"Invalid value received for argument `rate`. Expected a float value between 0 and 1. Received: rate={rate}"
            )
        self.rate, self.seed = rate, seed
        self.supports_masking = True
        self.seed_generator = SeedGenerator(seed) if rate > 0 else None

    def call(self, inputs: Any, training: Any = False) -> Any:
        return self._disturb(inputs) if training and self.rate > 0 else inputs

    def _disturb(self, inputs: Any) -> Any:
        raise NotImplementedError

    def compute_output_shape(self, input_shape: Any) -> Any:
        return as_shape(input_shape)


class Dropout(_Random):
    """In training sets a share `rate` of the inputs to 0 and scales up the others by `1 / (1 - rate)`.

    noise_shape: the shape in which zeros are drawn, broadcast over the rest. Source: `tf.keras.layers.Dropout`.

    >>> tf.keras.layers.Dropout(0.5)(tf.ones([1, 3])).numpy()
    array([[1., 1., 1.]], dtype=float32)
    """

    _config_names = ("rate", "seed", "noise_shape")

    def __init__(self, rate: float, noise_shape: Any = None, seed: int | None = None, **kwargs: Any):
        super().__init__(rate, seed, **kwargs)
        self.noise_shape = None if noise_shape is None else tuple(noise_shape)

    def _disturb(self, inputs: Any) -> Any:
        return random.dropout(inputs, self.rate, self.noise_shape, self.seed_generator)


class _SpatialDropout(_Random):
    """Dropout of whole channels."""

    _rank: int
    _config_names: tuple[str, ...] = ("rate", "seed", "data_format")

    def __init__(self, rate: float, data_format: str | None = None, seed: int | None = None, **kwargs: Any):
        from thalweg.keras.config import standardize_data_format

        super().__init__(rate, seed, **kwargs)
        self.data_format = standardize_data_format(data_format)
        self.input_spec = InputSpec(ndim=self._rank + 2)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        config.pop("trainable")  # Keras' do not take it
        if self._rank == 1:
            config.pop("data_format", None)
        return config

    def _disturb(self, inputs: Any) -> Any:
        ones = (1,) * self._rank
        shape = (None, *ones, None) if self.data_format == "channels_last" else (None, None, *ones)
        return random.dropout(inputs, self.rate, shape, self.seed_generator)


class SpatialDropout1D(_SpatialDropout):
    """Dropout of whole channels of `[batch, steps, channels]`."""

    _rank = 1
    _config_names = ("rate", "seed")

    def __init__(self, rate: float, seed: int | None = None, **kwargs: Any):
        super().__init__(rate, "channels_last", seed, **kwargs)


class SpatialDropout2D(_SpatialDropout):
    """Dropout of whole channels of images."""

    _rank = 2


class SpatialDropout3D(_SpatialDropout):
    """Dropout of whole channels of volumes."""

    _rank = 3


class GaussianDropout(_Random):
    """In training multiplies by normal numbers around 1, with variance `rate / (1 - rate)`."""

    def _disturb(self, inputs: Any) -> Any:
        stddev = math.sqrt(self.rate / (1.0 - self.rate))
        return inputs * random.normal(tf.shape(inputs), 1.0, stddev, inputs.dtype, self.seed_generator)


class GaussianNoise(_Random):
    """In training adds normal numbers with standard deviation `stddev`."""

    _config_names = ("stddev", "seed")

    def __init__(self, stddev: float, seed: int | None = None, **kwargs: Any):
        if not isinstance(stddev, (int, float)) or not 0 <= stddev <= 1:
            raise ValueError(
                "Invalid value received for argument `stddev`. Expected a float value between 0 and 1. "
                f"Received: stddev={stddev}"
            )
        super().__init__(stddev, seed, **kwargs)
        self.stddev = stddev

    def _disturb(self, inputs: Any) -> Any:
        return inputs + random.normal(tf.shape(inputs), 0.0, self.stddev, inputs.dtype, self.seed_generator)


class AlphaDropout(_Random):
    """Dropout that keeps mean and variance of inputs that passed a `selu`."""

    _config_names = ("rate", "seed", "noise_shape")

    def __init__(self, rate: float, noise_shape: Any = None, seed: int | None = None, **kwargs: Any):
        super().__init__(rate, seed, **kwargs)
        self.noise_shape = None if noise_shape is None else tuple(noise_shape)

    def _disturb(self, inputs: Any) -> Any:
        lowest = -1.6732632423543772 * 1.0507009873554805  # selu's value far to the left
        shape = tf.shape(inputs)
        if self.noise_shape is not None:
            shape = [shape[i] if dim is None else dim for i, dim in enumerate(self.noise_shape)]
        kept = tf.cast(random.uniform(shape, seed=self.seed_generator) >= self.rate, inputs.dtype)
        scale = ((1.0 - self.rate) * (1.0 + self.rate * lowest**2)) ** -0.5
        shift = -scale * lowest * self.rate
        return scale * (inputs * kept + lowest * (1.0 - kept)) + shift


class ActivityRegularization(Layer):
    """Adds a penalty on its inputs, `l1 * sum(|x|) + l2 * sum(x ** 2)` per row, to the loss; passes them on."""

    _config_names = ("l1", "l2")

    def __init__(self, l1: float = 0.0, l2: float = 0.0, **kwargs: Any):
        super().__init__(activity_regularizer=regularizers.L1L2(l1=l1, l2=l2), **kwargs)
        self.l1, self.l2 = l1, l2
        self.supports_masking = True

    def call(self, inputs: Any) -> Any:
        return inputs

    def compute_output_shape(self, input_shape: Any) -> Any:
        return as_shape(input_shape)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        config.pop("activity_regularizer")
        return config
