"""A small search for settings of a model: at random, or by Hyperband."""

from thalweg.keras.tuning.search import Choice, Hyperband, Integer, RandomSearch, Real, Trial

__all__ = ["Choice", "Hyperband", "Integer", "RandomSearch", "Real", "Trial"]
