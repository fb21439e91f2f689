"""Layers: `tf.keras.layers`."""

from thalweg.keras.engine.input_layer import Input, InputLayer
from thalweg.keras.engine.input_spec import InputSpec
from thalweg.keras.engine.layer import Layer
from thalweg.keras.layers.core import Activation, Identity, Lambda, Masking
from thalweg.keras.layers.dense import Dense
from thalweg.keras.layers.embedding import Embedding
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

_CLASSES = (
    Activation, ActivityRegularization, AlphaDropout, Dense, Dropout, Embedding, Flatten, GaussianDropout, GaussianNoise,
    Identity, InputLayer, Lambda, Masking, Permute, RepeatVector, Reshape, SpatialDropout1D, SpatialDropout2D,
    SpatialDropout3D,
)  # fmt: skip
_catalogue = Catalogue("keras.layers", "layer", _CLASSES)


def serialize(layer: Layer) -> dict:
    """The config of a layer."""
    return _catalogue.serialize(layer)


def deserialize(config: dict, custom_objects: dict | None = None) -> Layer:
    """The layer that `serialize` described, written by either generation of Keras."""
    return _catalogue.deserialize(config, custom_objects)


__all__ = [*sorted(cls.__name__ for cls in _CLASSES), "Input", "InputSpec", "Layer", "deserialize", "serialize"]
