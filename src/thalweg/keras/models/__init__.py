"""Models, and the ways to copy them and keep them in files: `tf.keras.models`."""

from thalweg.keras.models.configs import clone_model, model_from_config, model_from_json
from thalweg.keras.models.model import Functional, Model
from thalweg.keras.models.sequential import Sequential
from thalweg.keras.saving.registration import Catalogue
from thalweg.keras.saving.saving_api import load_model, save_model

_catalogue = Catalogue("keras", "model", [Model, Sequential], {"Functional": Functional})
_functional_catalogue = Catalogue("keras.src.models.functional", "model", [Functional])  # Keras' own name of its home

__all__ = [
    "Functional", "Model", "Sequential", "clone_model", "load_model", "model_from_config", "model_from_json", "save_model",
]  # fmt: skip
