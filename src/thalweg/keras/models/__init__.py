"""Models: `tf.keras.models`."""

from thalweg.keras.models.model import Functional, Model
from thalweg.keras.models.sequential import Sequential

__all__ = ["Functional", "Model", "Sequential"]
