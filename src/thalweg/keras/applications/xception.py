"""Xception, and the way its pictures are prepared."""

from typing import Any

from thalweg.keras.applications import imagenet_utils
from thalweg.keras.applications.imagenet_utils import decode_predictions as decode_predictions
from thalweg.keras.applications.inception import (
    Xception as Xception,
)


def preprocess_input(x: Any, data_format: str | None = None) -> Any:
    """Pictures of 0 to 255, prepared: to -1 ... 1."""
    return imagenet_utils.preprocess_input(x, data_format, mode="tf")
