"""Discrete cosine transforms, plain and of overlapping frames; cepstra on the mel scale.

Source: https://www.tensorflow.org/api_docs/python/tf/signal/dct
"""

from __future__ import annotations

from typing import Any

import numpy as np

import thalweg as tf
from thalweg.engine.ops.fourier import irfft, rfft
from thalweg.signal.frames import _at_end, _number, frame, overlap_and_add
from thalweg.signal.windows import vorbis_window


def _checked(input: Any, type: int, n: Any, axis: int, norm: str | None) -> Any:
    if axis != -1:
        raise NotImplementedError(f"axis must be -1. Got: {axis}")
    if type not in (1, 2, 3, 4):
        raise ValueError("Types I, II, III and IV (I)DCT are supported.")
    if norm not in (None, "ortho"):
        raise ValueError(f"Unknown normalization. Expected None or 'ortho', got: {norm}")
    if type == 1 and norm == "ortho":
        raise ValueError("Normalization is not supported for the Type-I DCT.")
    input = tf.convert_to_tensor(input)
    if n is not None:
        if n < 1:
            raise ValueError("n should be a positive integer or None")
        size = _size(input)
        missing = max(0, n - size) if isinstance(size, int) else tf.maximum(0, n - size)
        input = tf.pad(input[..., :n], _at_end(input, -1, missing))
        input.set_shape(input.shape[:-1].concatenate([n]) if input.shape.rank else None)
    if type == 1 and input.shape.rank and input.shape[-1] is not None and input.shape[-1] < 2:
        raise ValueError("Type-I DCT requires the dimension to be greater than one.")
    return input


def _size(x: Any) -> Any:
    """The size of the last dimension: a number if it is known."""
    known = x.shape[-1] if x.shape.rank else None
    return tf.shape(x)[-1] if known is None else known


def _twice(size: Any) -> Any:
    """A transform's length: two times a size."""
    return [2 * size] if isinstance(size, int) else tf.stack([2 * size])


def _steps(x: Any) -> tuple[Any, Any, Any]:
    """The size of the last dimension, that as a number, and 0, 1, 2, ... along it, in float64."""
    size = _size(x)
    if isinstance(size, int):
        return size, float(size), np.arange(size, dtype=np.float64)
    return size, tf.cast(size, tf.float64), tf.cast(tf.range(size), tf.float64)


def _turned(angle: Any, like: Any) -> Any:
    """`2 exp(i angle)`, in the complex dtype beside `like`."""
    parts = (2 * np.cos(angle), 2 * np.sin(angle)) if isinstance(angle, np.ndarray) else (2 * tf.cos(angle), 2 * tf.sin(angle))
    return tf.complex(*[tf.cast(p, like.dtype) for p in parts])


def _real(values: Any, like: Any) -> Any:
    return tf.cast(values, like.dtype)


def dct(input: Any, type: int = 2, n: int | None = None, axis: int = -1, norm: str | None = None, name: str | None = None) -> Any:
    """The cosine transform of the last dimension, of type 1 to 4. n: cut or fill up to so many values first.

    norm: 'ortho' makes types 2 to 4 orthonormal. Raises ValueError for other types.

    >>> tf.signal.dct([1.0, 1.0]).numpy()
    array([4., 0.], dtype=float32)
    """
    with tf.name_scope(name or "dct"):
        x = _checked(input, type, n, axis, norm)
        size, count, steps = _steps(x)
        if type == 1:
            return tf.math.real(rfft(tf.concat([x, x[..., -2:0:-1]], -1)))
        if type == 2:
            y = tf.math.real(rfft(x, _twice(size))[..., :size] * _turned(steps * (-0.5 * np.pi) / count, x))
            if norm == "ortho":
                y = y * _real(0.5 / count**0.5 * tf.where(steps < 1, np.float64(1), np.sqrt(2)), x)
            return y
        if type == 3:
            weights = count**0.5 * tf.where(steps < 1, np.float64(1), np.sqrt(0.5)) if norm == "ortho" else count
            x = x * _real(weights, x)
            return irfft(_turned(steps * (0.5 * np.pi) / count, x) * tf.complex(x, tf.zeros_like(x)), _twice(size))[..., :size]
        y = dct(tf.pad(x, _at_end(x, -1, size)), type=2)[..., 1::2]
        return y * _real((0.5 / count) ** 0.5, x) if norm == "ortho" else y


def idct(input: Any, type: int = 2, n: int | None = None, axis: int = -1, norm: str | None = None, name: str | None = None) -> Any:
    """The transform that undoes `dct`, up to a factor unless `norm='ortho'`."""
    if type not in (1, 2, 3, 4):
        raise ValueError("Types I, II, III and IV (I)DCT are supported.")
    return dct(input, type={1: 1, 2: 3, 3: 2, 4: 4}[type], n=n, axis=axis, norm=norm, name=name)


def mdct(
    signals: Any, frame_length: Any, window_fn: Any = vorbis_window, pad_end: bool = False, norm: str | None = None,
    name: str | None = None,
) -> Any:  # fmt: skip
    """Cosine transforms of frames that overlap by half: `[..., frames, frame_length / 2]`. The length divides by four.

    Source: Princen, Johnson, Bradley, "Subband/transform coding using filter bank designs based on time domain aliasing
    cancellation", 1987.
    """
    length = _number(frame_length, "frame_length")
    if length % 4:
        raise ValueError("The frame length must be a multiple of 4.")
    with tf.name_scope(name or "mdct"):
        frames = frame(tf.convert_to_tensor(signals), length, length // 2, pad_end)
        if window_fn is not None:
            frames = frames * window_fn(length, dtype=frames.dtype)
        a, b, c, d = tf.split(frames, 4, axis=-1)
        folded = tf.concat([-tf.reverse(c, [-1]) - d, a - tf.reverse(b, [-1])], -1)
        return dct(folded, type=4, norm=norm)


def inverse_mdct(mdcts: Any, window_fn: Any = vorbis_window, norm: str | None = None, name: str | None = None) -> Any:
    """The signal of `mdct`'s frames, but for its first and last half frame."""
    with tf.name_scope(name or "inverse_mdct"):
        mdcts = tf.convert_to_tensor(mdcts)
        half = mdcts.shape[-1]
        y = dct(mdcts, type=4, norm=norm)
        if norm is None:
            y = y * _real(0.5 / half, y)
        a, b = tf.split(y, 2, axis=-1)
        frames = tf.concat([b, -tf.reverse(b, [-1]), -tf.reverse(a, [-1]), -a], -1)
        if window_fn is not None:
            frames = frames * window_fn(2 * half, dtype=frames.dtype)
        return overlap_and_add(frames, half)


# -- the mel scale -------------------------------------------------------------------------------------------------


def _mel(hertz: Any) -> Any:
    return 1127.0 * np.log1p(np.asarray(hertz, np.float64) / 700.0)


def linear_to_mel_weight_matrix(
    num_mel_bins: int = 20, num_spectrogram_bins: int = 129, sample_rate: float = 8000, lower_edge_hertz: float = 125.0,
    upper_edge_hertz: float = 3800.0, dtype: Any = tf.float32, name: str | None = None,
) -> Any:  # fmt: skip
    """The weights `[num_spectrogram_bins, num_mel_bins]` that turn a spectrum into bands of the mel scale.

    Raises ValueError for bounds that are not ordered or beyond half the sample rate.
    """
    rate = float(tf.get_static_value(sample_rate) if isinstance(sample_rate, tf.Tensor) else sample_rate)
    if num_mel_bins <= 0:
        raise ValueError(f"num_mel_bins must be positive. Got: {num_mel_bins}")
    if lower_edge_hertz < 0.0:
        raise ValueError(f"lower_edge_hertz must be non-negative. Got: {lower_edge_hertz}")
    if lower_edge_hertz >= upper_edge_hertz:
        raise ValueError(f"lower_edge_hertz {lower_edge_hertz:.1f} >= upper_edge_hertz {upper_edge_hertz:.1f}")
    if rate <= 0.0 or upper_edge_hertz > rate / 2:
        raise ValueError(f"upper_edge_hertz must not be larger than the Nyquist frequency ({rate / 2}). Got {upper_edge_hertz}")
    dtype = tf.as_dtype(dtype)
    if not dtype.is_floating:
        raise ValueError(f"dtype must be a floating point type. Got: {dtype!r}")
    bins = _mel(np.linspace(0, rate / 2, num_spectrogram_bins)[1:])[:, None]
    edges = np.linspace(_mel(lower_edge_hertz), _mel(upper_edge_hertz), num_mel_bins + 2)
    low, center, high = edges[:-2], edges[1:-1], edges[2:]
    weights = np.maximum(0, np.minimum((bins - low) / (center - low), (high - bins) / (high - center)))
    return tf.constant(np.pad(weights, [[1, 0], [0, 0]]).astype(dtype.as_numpy_dtype), name=name or "Const")


def mfccs_from_log_mel_spectrograms(log_mel_spectrograms: Any, name: str | None = None) -> Any:
    """Cepstral coefficients of logarithmic mel spectrograms: orthonormal cosine transforms of the last dimension."""
    x = tf.convert_to_tensor(log_mel_spectrograms)
    size = _size(x)
    if isinstance(size, int) and not size:
        raise ValueError(f"num_mel_bins must be positive. Got: {log_mel_spectrograms}")
    return dct(x, type=2) * tf.math.rsqrt(_real(size, x) * 2)
