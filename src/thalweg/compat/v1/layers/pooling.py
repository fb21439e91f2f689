"""`tf.layers.max_pooling2d` and its kin.

Source: https://www.tensorflow.org/versions/r1.15/api_docs/python/tf/layers/max_pooling2d
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from thalweg.compat.v1.layers.base import Layer, as_tuple, channels_axis
from thalweg.compat.v1.layers.convolutional import _FORMATS
from thalweg.engine.ops import pooling


class _Pooling(Layer):
    """The largest or mean value of each window."""

    rank, pool = 2, staticmethod(pooling.max_pool)

    def __init__(
        self, pool_size: Any, strides: Any, padding: str = "valid", data_format: str = "channels_last", name: Any = None,
        **kwargs: Any
    ):
        super().__init__(name=name, **kwargs)
        self.axis, self.data_format, self.padding = channels_axis(data_format), data_format, padding.lower()
        self.pool_size = as_tuple(pool_size, self.rank, "pool_size")
        self.strides = as_tuple(pool_size if strides is None else strides, self.rank, "strides")

    def call(self, inputs: Any) -> Any:
        return self.pool(
            inputs, list(self.pool_size), list(self.strides), self.padding.upper(), _FORMATS[self.data_format][self.rank]
        )


class MaxPooling1D(_Pooling):
    """The largest value of each window along one axis."""

    rank = 1


class MaxPooling2D(_Pooling):
    """The largest value of each window of images."""


class MaxPooling3D(_Pooling):
    """The largest value of each window of volumes."""

    rank = 3


class AveragePooling1D(_Pooling):
    """The mean of each window along one axis."""

    rank, pool = 1, staticmethod(pooling.avg_pool)


class AveragePooling2D(_Pooling):
    """The mean of each window of images."""

    pool = staticmethod(pooling.avg_pool)


class AveragePooling3D(_Pooling):
    """The mean of each window of volumes."""

    rank, pool = 3, staticmethod(pooling.avg_pool)


def _function(layer: type[_Pooling]) -> Callable[..., Any]:
    def function(
        inputs: Any, pool_size: Any, strides: Any, padding: str = "valid", data_format: str = "channels_last", name: Any = None
    ) -> Any:
        return layer(pool_size, strides, padding, data_format, name)(inputs)

    function.__doc__ = layer.__doc__
    return function


max_pooling1d, max_pooling2d, max_pooling3d = _function(MaxPooling1D), _function(MaxPooling2D), _function(MaxPooling3D)
average_pooling1d, average_pooling2d = _function(AveragePooling1D), _function(AveragePooling2D)
average_pooling3d = _function(AveragePooling3D)

__all__ = [
    "AveragePooling1D", "AveragePooling2D", "AveragePooling3D", "MaxPooling1D", "MaxPooling2D", "MaxPooling3D", "average_pooling1d",
    "average_pooling2d", "average_pooling3d", "max_pooling1d", "max_pooling2d", "max_pooling3d",
]  # fmt: skip
