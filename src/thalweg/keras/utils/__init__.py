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
from thalweg.keras.utils import data_utils, generic_utils, layer_utils, np_utils, vis_utils
from thalweg.keras.utils.arrays import normalize, pad_sequences, to_categorical
from thalweg.keras.utils.batches import pack_x_y_sample_weight, unpack_x_y_sample_weight
from thalweg.keras.utils.directories import (
    audio_dataset_from_directory,
    image_dataset_from_directory,
    text_dataset_from_directory,
)
from thalweg.keras.utils.downloads import get_file
from thalweg.keras.utils.images import array_to_img, img_to_array, load_img, save_img
from thalweg.keras.utils.messages import (
    disable_interactive_logging,
    enable_interactive_logging,
    is_interactive_logging_enabled,
)
from thalweg.keras.utils.plotting import model_to_dot, plot_model
from thalweg.keras.utils.progbar import Progbar
from thalweg.keras.utils.py_dataset import PyDataset, Sequence
from thalweg.keras.utils.seeds import set_random_seed
from thalweg.keras.utils.splitting import split_dataset
from thalweg.keras.utils.timeseries import timeseries_dataset_from_array

__all__ = [
    "CustomObjectScope",
    "Progbar",
    "PyDataset",
    "Sequence",
    "array_to_img",
    "audio_dataset_from_directory",
    "custom_object_scope",
    "data_utils",
    "deserialize_keras_object",
    "disable_interactive_logging",
    "enable_interactive_logging",
    "generic_utils",
    "get_custom_objects",
    "get_file",
    "get_registered_name",
    "get_registered_object",
    "image_dataset_from_directory",
    "img_to_array",
    "is_interactive_logging_enabled",
    "layer_utils",
    "load_img",
    "model_to_dot",
    "normalize",
    "np_utils",
    "pack_x_y_sample_weight",
    "pad_sequences",
    "plot_model",
    "register_keras_serializable",
    "save_img",
    "serialize_keras_object",
    "set_random_seed",
    "split_dataset",
    "text_dataset_from_directory",
    "timeseries_dataset_from_array",
    "to_categorical",
    "unpack_x_y_sample_weight",
    "vis_utils",
]
