"""EfficientNet B0 to B7, and the way their pictures are prepared."""

from typing import Any

from thalweg.keras.applications.efficient import (
    EfficientNetB0 as EfficientNetB0,
    EfficientNetB1 as EfficientNetB1,
    EfficientNetB2 as EfficientNetB2,
    EfficientNetB3 as EfficientNetB3,
    EfficientNetB4 as EfficientNetB4,
    EfficientNetB5 as EfficientNetB5,
    EfficientNetB6 as EfficientNetB6,
    EfficientNetB7 as EfficientNetB7,
)
from thalweg.keras.applications.imagenet_utils import decode_predictions as decode_predictions


def preprocess_input(x: Any, data_format: str | None = None) -> Any:
    """Pictures of 0 to 255, prepared: unchanged, since the model begins with that itself."""
    return x
