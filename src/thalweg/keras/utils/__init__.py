"""Helpers around models: progress bar, seeds, labels, sequences, and the registry of custom objects."""

from thalweg.keras.saving.registration import (
    CustomObjectScope,
    custom_object_scope,
    deserialize_keras_object,
    get_custom_objects,
    get_registered_name,
    get_registered_object,
    register_keras_serializable,
    serialize_keras_object,
)
from thalweg.keras.utils import np_utils
from thalweg.keras.utils.arrays import normalize, pad_sequences, to_categorical
from thalweg.keras.utils.batches import pack_x_y_sample_weight, unpack_x_y_sample_weight
from thalweg.keras.utils.messages import (
    disable_interactive_logging,
    enable_interactive_logging,
    is_interactive_logging_enabled,
)
from thalweg.keras.utils.progbar import Progbar
from thalweg.keras.utils.py_dataset import PyDataset, Sequence
from thalweg.keras.utils.seeds import set_random_seed

__all__ = [
    "CustomObjectScope",
    "Progbar",
    "PyDataset",
    "Sequence",
    "custom_object_scope",
    "deserialize_keras_object",
    "disable_interactive_logging",
    "enable_interactive_logging",
    "get_custom_objects",
    "get_registered_name",
    "get_registered_object",
    "is_interactive_logging_enabled",
    "normalize",
    "np_utils",
    "pack_x_y_sample_weight",
    "pad_sequences",
    "register_keras_serializable",
    "serialize_keras_object",
    "set_random_seed",
    "to_categorical",
    "unpack_x_y_sample_weight",
]
