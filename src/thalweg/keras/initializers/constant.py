"""Initializers without chance. Source: `tf.keras.initializers` (Keras 3)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import thalweg as tf
from thalweg.keras import config
from thalweg.keras.initializers.base import Initializer
from thalweg.keras.saving import registration


class Zeros(Initializer):
    """Zeros.

    >>> tf.keras.initializers.Zeros()((2,)).numpy()
    array([0., 0.], dtype=float32)
    """

    def __call__(self, shape: Any, dtype: Any = None, **kwargs: Any) -> Any:
        return tf.zeros(shape, config.standardize_dtype(dtype))


class Ones(Initializer):
    """Ones."""

    def __call__(self, shape: Any, dtype: Any = None, **kwargs: Any) -> Any:
        return tf.ones(shape, config.standardize_dtype(dtype))


class Constant(Initializer):
    """One value everywhere, or an array that broadcasts to the shape; as TensorFlow 1's, a flat list of all values.

    >>> tf.keras.initializers.Constant(3)((2,)).numpy()
    array([3., 3.], dtype=float32)
    """

    def __init__(self, value: Any = 0.0):
        self.value = value

    def __call__(self, shape: Any, dtype: Any = None, **kwargs: Any) -> Any:
        shape = tuple(shape)
        value = np.asarray(self.value.numpy() if tf.is_tensor(self.value) else self.value)
        if value.ndim == 1 and len(shape) != 1 and value.size == math.prod(shape):
            value = value.reshape(shape)
        value = tf.cast(value, config.standardize_dtype(dtype))
        return tf.broadcast_to(value, shape)

    def get_config(self) -> dict[str, Any]:
        return {"value": registration.serialize_keras_object(self.value)}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Constant:
        return cls(registration.deserialize_keras_object(config.get("value", 0.0)))


class Identity(Initializer):
    """The identity matrix times `gain`. Raises ValueError for a shape that is no matrix's."""

    def __init__(self, gain: float = 1.0):
        self.gain = gain

    def __call__(self, shape: Any, dtype: Any = None, **kwargs: Any) -> Any:
        if len(shape) != 2:
            raise ValueError(f"Identity makes matrices only, but the shape is {tuple(shape)}.")
        rows, columns = shape
        return self.gain * tf.eye(rows, columns, dtype=config.standardize_dtype(dtype))

    def get_config(self) -> dict[str, Any]:
        return {"gain": self.gain}


class STFT(Initializer):
    """The kernel that makes a 1-D convolution a short-time Fourier transform: its real or imaginary part.

    `window`: a name SciPy knows (SciPy is needed then), an array of the frame's length, or None. `scaling`: 'density',
    'spectrum' or None. Called with a shape `[frame_length, 1, fft_length // 2 + 1]`.
    """

    def __init__(
        self, side: str = "real", window: Any = "hann", scaling: str | None = "density", periodic: bool = False
    ):
        if side not in ("real", "imag"):
            raise ValueError(f"`side` must be 'real' or 'imag', but it is {side!r}.")
        if scaling not in (None, "density", "spectrum"):
            raise ValueError(f"`scaling` must be 'density', 'spectrum' or None, but it is {scaling!r}.")
        self.side, self.window, self.scaling, self.periodic = side, window, scaling, periodic
        if isinstance(window, str):
            self._window(1)  # an unknown name is told at once

    def _window(self, length: int) -> np.ndarray:
        if not isinstance(self.window, str):
            return np.asarray(self.window, "float64")
        from scipy.signal import get_window

        return get_window(self.window, length, self.periodic)

    def __call__(self, shape: Any, dtype: Any = None, **kwargs: Any) -> Any:
        frame_length, _, bins = shape
        turns = np.arange(frame_length)[:, None, None] * np.arange(bins)[None, None, :] / ((bins - 1) * 2)
        kernel = (np.cos if self.side == "real" else np.sin)(-2 * np.pi * turns)
        if self.window is not None:
            window = self._window(frame_length)
            if window.shape != (frame_length,):
                raise ValueError(f"`window` must hold {frame_length} values, but its shape is {window.shape}.")
            kernel = kernel * window[:, None, None]
            if self.scaling == "density":
                kernel /= np.sqrt(np.sum(np.square(window)))
            elif self.scaling == "spectrum":
                kernel /= np.sum(np.abs(window))
        return tf.cast(kernel, config.standardize_dtype(dtype))

    def get_config(self) -> dict[str, Any]:
        window = registration.serialize_keras_object(self.window)
        return {"side": self.side, "window": window, "scaling": self.scaling, "periodic": self.periodic}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> STFT:
        return cls(**registration.deserialize_keras_object(config))
