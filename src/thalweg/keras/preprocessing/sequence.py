"""Sequences of different lengths."""

from thalweg.keras.utils.arrays import pad_sequences

__all__ = ["pad_sequences"]
