"""`tf.layers`: TensorFlow 1's layers, as functions and classes; their variables come from `get_variable`."""

from __future__ import annotations

import importlib
from typing import Any

from thalweg.compat.v1.layers.base import Layer as Layer
from thalweg.compat.v1.layers.convolutional import (
    Conv1D as Conv1D,
    Conv2D as Conv2D,
    Conv2DTranspose as Conv2DTranspose,
    Conv3D as Conv3D,
    Conv3DTranspose as Conv3DTranspose,
    SeparableConv1D as SeparableConv1D,
    SeparableConv2D as SeparableConv2D,
    conv1d as conv1d,
    conv2d as conv2d,
    conv2d_transpose as conv2d_transpose,
    conv3d as conv3d,
    conv3d_transpose as conv3d_transpose,
    separable_conv1d as separable_conv1d,
    separable_conv2d as separable_conv2d,
)
from thalweg.compat.v1.layers.core import (
    Dense as Dense,
    Dropout as Dropout,
    Flatten as Flatten,
    dense as dense,
    dropout as dropout,
    flatten as flatten,
)
from thalweg.compat.v1.layers.normalization import (
    BatchNormalization as BatchNormalization,
    batch_norm as batch_norm,
    batch_normalization as batch_normalization,
)
from thalweg.compat.v1.layers.pooling import (
    AveragePooling1D as AveragePooling1D,
    AveragePooling2D as AveragePooling2D,
    AveragePooling3D as AveragePooling3D,
    MaxPooling1D as MaxPooling1D,
    MaxPooling2D as MaxPooling2D,
    MaxPooling3D as MaxPooling3D,
    average_pooling1d as average_pooling1d,
    average_pooling2d as average_pooling2d,
    average_pooling3d as average_pooling3d,
    max_pooling1d as max_pooling1d,
    max_pooling2d as max_pooling2d,
    max_pooling3d as max_pooling3d,
)


def __getattr__(name: str) -> Any:
    if name == "InputSpec":
        return importlib.import_module("thalweg.keras.engine.input_spec").InputSpec
    if name == "experimental":
        return importlib.import_module("thalweg.compat.v1.layers")
    raise AttributeError(f"module 'thalweg.compat.v1.layers' has no attribute {name!r}")
