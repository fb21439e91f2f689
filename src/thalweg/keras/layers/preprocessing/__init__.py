"""Layers that prepare data, fitted on it by `adapt`."""

from thalweg.keras.layers.preprocessing.normalization import Normalization
from thalweg.keras.layers.preprocessing.rescaling import Rescaling

__all__ = ["Normalization", "Rescaling"]
