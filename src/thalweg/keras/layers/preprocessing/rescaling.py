"""`Rescaling`: a number times, plus a number."""

from __future__ import annotations

from typing import Any

import thalweg as tf
from thalweg.keras.engine.layer import Layer
from thalweg.keras.engine.shapes import as_shape


class Rescaling(Layer):
    """`inputs * scale + offset`; integers become floats. Source: `tf.keras.layers.Rescaling`.

    >>> tf.keras.layers.Rescaling(1 / 255)(tf.constant([255])).numpy()
    array([1.], dtype=float32)
    """

    _config_names = ("scale", "offset")

    def __init__(self, scale: Any, offset: Any = 0.0, **kwargs: Any):
        super().__init__(**kwargs)
        self.scale, self.offset = scale, offset
        self.supports_masking = True

    def call(self, inputs: Any) -> Any:
        x = tf.cast(inputs, self.compute_dtype)
        return x * tf.cast(self.scale, x.dtype) + tf.cast(self.offset, x.dtype)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return as_shape(input_shape)
