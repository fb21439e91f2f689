"""EfficientNet V2, and the way its pictures are prepared."""

from typing import Any

from thalweg.keras.applications.efficient import (
    EfficientNetV2B0 as EfficientNetV2B0,
    EfficientNetV2B1 as EfficientNetV2B1,
    EfficientNetV2B2 as EfficientNetV2B2,
    EfficientNetV2B3 as EfficientNetV2B3,
    EfficientNetV2L as EfficientNetV2L,
    EfficientNetV2M as EfficientNetV2M,
    EfficientNetV2S as EfficientNetV2S,
)
from thalweg.keras.applications.imagenet_utils import decode_predictions as decode_predictions


def preprocess_input(x: Any, data_format: str | None = None) -> Any:
    """Pictures of 0 to 255, prepared: unchanged, since the model begins with that itself."""
    return x
