"""MobileNetV3Small, MobileNetV3Large, and the way its pictures are prepared."""

from typing import Any

from thalweg.keras.applications.imagenet_utils import decode_predictions as decode_predictions
from thalweg.keras.applications.mobile import (
    MobileNetV3Large as MobileNetV3Large,
    MobileNetV3Small as MobileNetV3Small,
)


def preprocess_input(x: Any, data_format: str | None = None) -> Any:
    """Pictures of 0 to 255, prepared: unchanged, since the model begins with that itself."""
    return x
