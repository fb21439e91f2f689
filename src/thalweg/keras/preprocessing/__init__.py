"""Preparing data, under the names of Keras 2."""

from thalweg.keras.preprocessing import sequence

__all__ = ["sequence"]
