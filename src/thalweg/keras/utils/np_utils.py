"""The old home of two helpers: `from keras.utils import np_utils`."""

from thalweg.keras.utils.arrays import normalize, to_categorical

__all__ = ["normalize", "to_categorical"]
