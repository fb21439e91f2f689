"""`tf.saved_model`: objects with their functions and variables in a folder, as TensorFlow 2 writes and reads them.

Source: https://www.tensorflow.org/guide/saved_model
"""

from typing import Any

from thalweg.saved_model.loading import load as load
from thalweg.saved_model.saving import save as save

_OF_TF1 = (
    "ASSETS_DIRECTORY", "ASSETS_KEY", "CLASSIFY_INPUTS", "CLASSIFY_METHOD_NAME", "CLASSIFY_OUTPUT_CLASSES",
    "CLASSIFY_OUTPUT_SCORES", "DEBUG_DIRECTORY", "DEBUG_INFO_FILENAME_PB", "DEFAULT_SERVING_SIGNATURE_DEF_KEY", "GPU",
    "PREDICT_INPUTS", "PREDICT_METHOD_NAME", "PREDICT_OUTPUTS", "REGRESS_INPUTS", "REGRESS_METHOD_NAME", "REGRESS_OUTPUTS",
    "SAVED_MODEL_FILENAME_PB", "SAVED_MODEL_FILENAME_PBTXT", "SAVED_MODEL_SCHEMA_VERSION", "SERVING", "TPU", "TRAINING",
    "VARIABLES_DIRECTORY", "VARIABLES_FILENAME", "contains_saved_model",
)  # fmt: skip


class SaveOptions:
    """Options that TensorFlow's `save` takes; nothing here depends on them."""

    def __init__(self, **options: Any):
        self.__dict__.update(options)


LoadOptions = SaveOptions


def __getattr__(name: str) -> Any:
    if name in _OF_TF1:
        from thalweg.compat.v1 import saved_model

        return getattr(saved_model, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
