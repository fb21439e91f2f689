"""Windows: weights that fade a frame in and out.

Source: https://www.tensorflow.org/api_docs/python/tf/signal/hann_window
"""

from __future__ import annotations

from typing import Any

import numpy as np

import thalweg as tf


def _length(window_length: Any) -> int:
    known = tf.get_static_value(window_length) if isinstance(window_length, tf.Tensor) else window_length
    if known is None:
        raise ValueError("The length of a window must be known: a number.")
    return int(known)


def _tensor(values: np.ndarray, dtype: Any, name: str | None) -> Any:
    dtype = tf.as_dtype(dtype)
    if not dtype.is_floating:
        raise ValueError(f"dtype must be a floating point type. Found {dtype!r}")
    return tf.constant(values.astype(dtype.as_numpy_dtype), name=name or "Const")


def _raised_cosine(window_length: Any, periodic: Any, dtype: Any, a: float, b: float, name: str | None) -> Any:
    n = _length(window_length)
    if n == 1:
        return _tensor(np.ones(1), dtype, name)
    last = n - 1 + (1 if bool(periodic) and n % 2 == 0 else 0)
    return _tensor(a - b * np.cos(2 * np.pi * np.arange(n) / last), dtype, name)


def hann_window(window_length: Any, periodic: Any = True, dtype: Any = tf.float32, name: str | None = None) -> Any:
    """One minus a cosine, halved. periodic: for spectra; False: symmetric, for filters.

    >>> tf.signal.hann_window(4).numpy()
    array([0. , 0.5, 1. , 0.5], dtype=float32)
    """
    return _raised_cosine(window_length, periodic, dtype, 0.5, 0.5, name)


def hamming_window(window_length: Any, periodic: Any = True, dtype: Any = tf.float32, name: str | None = None) -> Any:
    """As `hann_window`, on a pedestal."""
    return _raised_cosine(window_length, periodic, dtype, 0.54, 0.46, name)


def kaiser_window(window_length: Any, beta: float = 12.0, dtype: Any = tf.float32, name: str | None = None) -> Any:
    """A window of Bessel functions; a larger `beta` narrows it."""
    return _tensor(_kaiser(_length(window_length), beta), dtype, name)


def _kaiser(n: int, beta: float) -> np.ndarray:
    half = (n - 1) / 2
    inside = np.ones(1) if n == 1 else np.sqrt(np.maximum(0, 1 - ((np.arange(n) - half) / half) ** 2))
    return np.i0(beta * inside) / np.i0(beta)


def kaiser_bessel_derived_window(window_length: Any, beta: float = 12.0, dtype: Any = tf.float32, name: str | None = None) -> Any:
    """The window of overlapping cosine transforms made of a Kaiser window's running sum. The length must be even."""
    half = _length(window_length) // 2
    total = np.cumsum(_kaiser(half + 1, beta))
    rising = np.sqrt(total[:-1] / total[-1])
    return _tensor(np.concatenate([rising, rising[::-1]]), dtype, name)


def vorbis_window(window_length: Any, dtype: Any = tf.float32, name: str | None = None) -> Any:
    """The power-complementary window of the Vorbis format."""
    n = _length(window_length)
    return _tensor(np.sin(np.pi / 2 * np.sin(np.pi / n * (np.arange(n) + 0.5)) ** 2), dtype, name)
