"""Layers: `tf.keras.layers`."""

from typing import Any

from thalweg.keras.engine.input_layer import Input, InputLayer
from thalweg.keras.engine.input_spec import InputSpec
from thalweg.keras.engine.layer import Layer
from thalweg.keras.layers.activation import ELU, LeakyReLU, PReLU, ReLU, Softmax, ThresholdedReLU
from thalweg.keras.layers.core import Activation, Identity, Lambda, Masking
from thalweg.keras.layers.dense import Dense
from thalweg.keras.layers.embedding import Embedding
from thalweg.keras.layers.merging import (
    Add,
    Average,
    Concatenate,
    Dot,
    Maximum,
    Minimum,
    Multiply,
    Subtract,
    add,
    average,
    concatenate,
    dot,
    maximum,
    minimum,
    multiply,
    subtract,
)
from thalweg.keras.layers.normalization import (
    BatchNormalization,
    GroupNormalization,
    LayerNormalization,
    RMSNormalization,
    UnitNormalization,
)
from thalweg.keras.layers.preprocessing import Normalization, Rescaling
from thalweg.keras.layers.regularization import (
    ActivityRegularization,
    AlphaDropout,
    Dropout,
    GaussianDropout,
    GaussianNoise,
    SpatialDropout1D,
    SpatialDropout2D,
    SpatialDropout3D,
)
from thalweg.keras.layers.reshaping import Flatten, Permute, RepeatVector, Reshape
from thalweg.keras.saving.registration import Catalogue

CLASSES = (
    ELU, Activation, ActivityRegularization, Add, AlphaDropout, Average, BatchNormalization, Concatenate, Dense, Dot,
    Dropout, Embedding, Flatten, GaussianDropout, GaussianNoise, GroupNormalization, Identity, InputLayer, Lambda,
    LayerNormalization, LeakyReLU, Masking, Maximum, Minimum, Multiply, Normalization, PReLU, Permute, RMSNormalization,
    ReLU, RepeatVector, Rescaling, Reshape, Softmax, SpatialDropout1D, SpatialDropout2D, SpatialDropout3D, Subtract,
    ThresholdedReLU, UnitNormalization,
)  # fmt: skip
FUNCTIONS = (add, average, concatenate, dot, maximum, minimum, multiply, subtract)
_catalogue = Catalogue("keras.layers", "layer", CLASSES)


def serialize(layer: Layer) -> Any:
    """The config of a layer."""
    return _catalogue.serialize(layer)


def deserialize(config: Any, custom_objects: Any = None) -> Any:
    """The layer that `serialize` described, written by either generation of Keras."""
    return _catalogue.deserialize(config, custom_objects)


__all__ = [
    *sorted(cls.__name__ for cls in CLASSES), "Input", "InputSpec", "Layer", *sorted(fn.__name__ for fn in FUNCTIONS),
    "deserialize", "serialize",
]  # fmt: skip
