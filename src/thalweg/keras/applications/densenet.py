"""DenseNet121, DenseNet169, DenseNet201, and the way its pictures are prepared."""

from typing import Any

from thalweg.keras.applications import imagenet_utils
from thalweg.keras.applications.densely import (
    DenseNet121 as DenseNet121,
    DenseNet169 as DenseNet169,
    DenseNet201 as DenseNet201,
)
from thalweg.keras.applications.imagenet_utils import decode_predictions as decode_predictions


def preprocess_input(x: Any, data_format: str | None = None) -> Any:
    """Pictures of 0 to 255, prepared: to 0 ... 1, then by ImageNet's mean and spread."""
    return imagenet_utils.preprocess_input(x, data_format, mode="torch")
