"""ConvNeXtTiny, ConvNeXtSmall, ConvNeXtBase, and the way its pictures are prepared."""

from typing import Any

from thalweg.keras.applications.convnet import (
    ConvNeXtBase as ConvNeXtBase,
    ConvNeXtSmall as ConvNeXtSmall,
    ConvNeXtTiny as ConvNeXtTiny,
)
from thalweg.keras.applications.imagenet_utils import decode_predictions as decode_predictions


def preprocess_input(x: Any, data_format: str | None = None) -> Any:
    """Pictures of 0 to 255, prepared: unchanged, since the model begins with that itself."""
    return x
