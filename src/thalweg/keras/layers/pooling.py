"""Poolings: the largest or the mean of each window, or of everything."""

from __future__ import annotations

from typing import Any

import thalweg as tf
from thalweg.keras.config import standardize_data_format
from thalweg.keras.engine.input_spec import InputSpec
from thalweg.keras.engine.layer import Layer
from thalweg.keras.engine.shapes import Shape, as_shape
from thalweg.keras.layers import windows


class _Pooling(Layer):
    """Over windows of `pool_size`, `strides` apart (as far as they are long, unless given)."""

    _config_names = ("pool_size", "padding", "strides", "data_format")
    _rank = 2
    _kind = "MAX"

    def __init__(
        self, pool_size: Any = 2, strides: Any = None, padding: str = "valid", data_format: str | None = None, **kwargs: Any
    ):
        super().__init__(**kwargs)
        name = type(self).__name__
        self.pool_size = windows.per_dimension(pool_size, self._rank, "pool_size", name)
        self.strides = windows.per_dimension(pool_size if strides is None else strides, self._rank, "strides", name)
        self.padding = windows.check_padding(padding, name)
        self.data_format = standardize_data_format(data_format)
        self.input_spec = InputSpec(ndim=self._rank + 2)

    def call(self, inputs: Any) -> Any:
        return tf.nn.pool(
            inputs, self.pool_size, self._kind, self.strides, self.padding.upper(),
            windows.layout(self.data_format, self._rank),
        )  # fmt: skip

    def compute_output_shape(self, input_shape: Any) -> Any:
        shape = as_shape(input_shape)
        space, channels = windows.take_apart(shape, self.data_format)
        sizes = [
            windows.window_output(size, window, stride, self.padding)
            for size, window, stride in zip(space, self.pool_size, self.strides)
        ]
        found = windows.put_together(shape[0], sizes, channels, self.data_format)
        return windows.check_not_empty(found, shape, self.name)


class MaxPooling1D(_Pooling):
    """The largest of each window of steps. Source: `tf.keras.layers.MaxPooling1D`."""

    _rank = 1


class MaxPooling2D(_Pooling):
    """The largest of each window of an image. Source: `tf.keras.layers.MaxPooling2D`.

    >>> tf.keras.layers.MaxPooling2D()(tf.zeros([1, 4, 6, 3])).shape
    TensorShape([1, 2, 3, 3])
    """

    _rank = 2


class MaxPooling3D(_Pooling):
    """The largest of each window of a volume. Source: `tf.keras.layers.MaxPooling3D`."""

    _rank = 3


class AveragePooling1D(_Pooling):
    """The mean of each window of steps. Source: `tf.keras.layers.AveragePooling1D`."""

    _rank, _kind = 1, "AVG"


class AveragePooling2D(_Pooling):
    """The mean of each window of an image. Source: `tf.keras.layers.AveragePooling2D`."""

    _rank, _kind = 2, "AVG"


class AveragePooling3D(_Pooling):
    """The mean of each window of a volume. Source: `tf.keras.layers.AveragePooling3D`."""

    _rank, _kind = 3, "AVG"


class _GlobalPooling(Layer):
    """Over all of space. keepdims: leave dimensions of 1."""

    _config_names = ("data_format", "keepdims")
    _rank = 2

    def __init__(self, data_format: str | None = None, keepdims: bool = False, **kwargs: Any):
        super().__init__(**kwargs)
        self.data_format, self.keepdims = standardize_data_format(data_format), keepdims
        self.input_spec = InputSpec(ndim=self._rank + 2)

    @property
    def _axes(self) -> list[int]:
        return list(range(1, self._rank + 1) if self.data_format == "channels_last" else range(2, self._rank + 2))

    def _reduce(self, inputs: Any) -> Any:
        raise NotImplementedError

    def call(self, inputs: Any) -> Any:
        return self._reduce(inputs)

    def compute_output_shape(self, input_shape: Any) -> Any:
        shape = as_shape(input_shape)
        space, channels = windows.take_apart(shape, self.data_format)
        if not self.keepdims:
            return Shape((shape[0], channels))
        return windows.put_together(shape[0], [1] * len(space), channels, self.data_format)


class _GlobalMaxPooling(_GlobalPooling):
    def _reduce(self, inputs: Any) -> Any:
        return tf.reduce_max(inputs, self._axes, keepdims=self.keepdims)


class _GlobalAveragePooling(_GlobalPooling):
    def _reduce(self, inputs: Any) -> Any:
        return tf.reduce_mean(inputs, self._axes, keepdims=self.keepdims)


class GlobalMaxPooling1D(_GlobalMaxPooling):
    """The largest of all steps, channel by channel."""

    _rank = 1


class GlobalMaxPooling2D(_GlobalMaxPooling):
    """The largest of an image, channel by channel."""

    _rank = 2


class GlobalMaxPooling3D(_GlobalMaxPooling):
    """The largest of a volume, channel by channel."""

    _rank = 3


class GlobalAveragePooling1D(_GlobalAveragePooling):
    """The mean of all steps that the mask lets count, channel by channel."""

    _rank = 1

    def __init__(self, data_format: str | None = None, keepdims: bool = False, **kwargs: Any):
        super().__init__(data_format, keepdims, **kwargs)
        self.supports_masking = True

    def call(self, inputs: Any, mask: Any = None) -> Any:
        if mask is None:
            return self._reduce(inputs)
        axis = self._axes[0]
        counts = tf.expand_dims(tf.cast(mask, inputs.dtype), 2 if axis == 1 else 1)
        total = tf.reduce_sum(inputs * counts, axis, keepdims=self.keepdims)
        return total / tf.reduce_sum(counts, axis, keepdims=self.keepdims)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        return None


class GlobalAveragePooling2D(_GlobalAveragePooling):
    """The mean of an image, channel by channel.

    >>> tf.keras.layers.GlobalAveragePooling2D()(tf.ones([1, 4, 4, 3])).shape
    TensorShape([1, 3])
    """

    _rank = 2


class GlobalAveragePooling3D(_GlobalAveragePooling):
    """The mean of a volume, channel by channel."""

    _rank = 3
