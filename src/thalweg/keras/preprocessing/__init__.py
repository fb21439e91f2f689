"""Preparing data, under the names of Keras 2."""

from thalweg.keras.preprocessing import image, sequence, text
from thalweg.keras.utils.directories import image_dataset_from_directory, text_dataset_from_directory
from thalweg.keras.utils.timeseries import timeseries_dataset_from_array

__all__ = [
    "image", "image_dataset_from_directory", "sequence", "text", "text_dataset_from_directory",
    "timeseries_dataset_from_array",
]  # fmt: skip
