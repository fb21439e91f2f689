"""From Keras objects to configs and files, and back: `tf.keras.saving`."""

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

__all__ = [
    "CustomObjectScope",
    "custom_object_scope",
    "deserialize_keras_object",
    "get_custom_objects",
    "get_registered_name",
    "get_registered_object",
    "register_keras_serializable",
    "serialize_keras_object",
]


def __getattr__(name: str) -> object:
    # What saves whole models stands on layers, which stand on this package.
    if name in ("load_model", "load_weights", "save_model", "save_weights"):
        from thalweg.keras.saving import saving_api

        return getattr(saving_api, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
