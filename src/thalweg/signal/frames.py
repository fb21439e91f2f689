"""Signals in frames: cut, put together again, their short-time spectra.

Source: https://www.tensorflow.org/api_docs/python/tf/signal/stft
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import thalweg as tf
from thalweg.engine.ops.fourier import irfft, rfft
from thalweg.signal.windows import hann_window

_Window = Callable[..., Any]


def _number(x: Any, what: str) -> int:
    known = tf.get_static_value(x) if isinstance(x, tf.Tensor) else x
    if known is None:
        raise ValueError(f"{what} must be known: a number.")
    return int(known)


def frame(
    signal: Any, frame_length: Any, frame_step: Any, pad_end: bool = False, pad_value: Any = 0, axis: int = -1,
    name: str | None = None,
) -> Any:  # fmt: skip
    """Frames of `frame_length`, each `frame_step` after the one before, along an axis: it becomes two.

    pad_end: fill the last frames up with `pad_value`, instead of leaving them out.

    >>> tf.signal.frame([1, 2, 3, 4, 5], 3, 2).numpy()
    array([[1, 2, 3],
           [3, 4, 5]], dtype=int32)
    """
    with tf.name_scope(name or "frame"):
        signal = tf.convert_to_tensor(signal, name="signal")
        length, step = _number(frame_length, "frame_length"), _number(frame_step, "frame_step")
        if length < 0 or step <= 0:
            raise ValueError(f"frame_length must not be negative and frame_step must be positive, not {length} and {step}.")
        n = signal.shape[axis] if signal.shape.rank is not None else None
        n = tf.shape(signal)[axis] if n is None else n
        if pad_end:
            count = -(-n // step)
            missing = length + step * (count - 1) - n
            missing = max(0, missing) if isinstance(missing, int) else tf.maximum(0, missing)
            signal = tf.pad(signal, _at_end(signal, axis, missing), constant_values=pad_value)
        else:
            count = max(0, 1 + (n - length) // step) if isinstance(n, int) else tf.maximum(0, 1 + (n - length) // step)
        places = tf.range(count)[:, None] * step + tf.range(length)
        if axis == 0 or axis == -(signal.shape.rank or 0):
            return tf.gather(signal[None], places, axis=1)[0]  # so that the gradient is a whole tensor, not rows
        return tf.gather(signal, places, axis=axis)


def _at_end(x: Any, axis: int, missing: Any) -> Any:
    """Paddings behind one axis."""
    rank = x.shape.rank
    if rank is not None:
        return [[0, missing if i == axis % rank else 0] for i in range(rank)]
    rank = tf.rank(x)
    after = tf.one_hot(axis % rank, rank, on_value=missing, off_value=0)
    return tf.stack([tf.zeros_like(after), after], axis=1)


def overlap_and_add(signal: Any, frame_step: Any, name: str | None = None) -> Any:
    """Frames `[..., frames, frame_length]` put on top of each other, each `frame_step` after the one before.

    Raises ValueError for a signal of fewer dimensions.

    >>> tf.signal.overlap_and_add([[1.0, 1.0], [1.0, 1.0]], 1).numpy()
    array([1., 2., 1.], dtype=float32)
    """
    with tf.name_scope(name or "overlap_and_add"):
        signal = tf.convert_to_tensor(signal, name="signal")
        if signal.shape.rank is not None and signal.shape.rank < 2:
            raise ValueError(f"signal must have rank at least 2, not {signal.shape.rank}.")
        step = tf.convert_to_tensor(frame_step, tf.int32)
        shape = tf.shape(signal)
        frames, length = shape[-2], shape[-1]
        places = tf.reshape(tf.range(frames)[:, None] * step + tf.range(length), [-1])
        rows = tf.transpose(tf.reshape(signal, [-1, frames * length]))
        out = tf.transpose(tf.math.unsorted_segment_sum(rows, places, (frames - 1) * step + length))
        result = tf.reshape(out, tf.concat([shape[:-2], [-1]], 0))
        known = tf.get_static_value(step)
        if signal.shape.rank is not None and known is not None and None not in signal.shape.as_list()[-2:]:
            frames, length = signal.shape.as_list()[-2:]
            result.set_shape(signal.shape[:-2].concatenate([(frames - 1) * int(known) + length]))
        return result


def _enclosing_power_of_two(n: int) -> int:
    return 1 << max(0, (n - 1).bit_length())


def stft(
    signals: Any, frame_length: Any, frame_step: Any, fft_length: Any = None, window_fn: _Window | None = hann_window,
    pad_end: bool = False, name: str | None = None,
) -> Any:  # fmt: skip
    """The spectra of windowed frames: complex `[..., frames, fft_length / 2 + 1]`.

    fft_length: by default the power of two that holds a frame.
    """
    with tf.name_scope(name or "stft"):
        signals = tf.convert_to_tensor(signals, name="signals")
        length = _number(frame_length, "frame_length")
        size = _enclosing_power_of_two(length) if fft_length is None else _number(fft_length, "fft_length")
        framed = frame(signals, length, frame_step, pad_end)
        if window_fn is not None:
            framed = framed * window_fn(length, dtype=framed.dtype)
        return rfft(framed, [size])


def inverse_stft(
    stfts: Any, frame_length: Any, frame_step: Any, fft_length: Any = None, window_fn: _Window | None = hann_window,
    name: str | None = None,
) -> Any:  # fmt: skip
    """The signal of short-time spectra: frames windowed again and added.

    See `inverse_stft_window_fn` for the window that undoes the first one.
    """
    with tf.name_scope(name or "inverse_stft"):
        stfts = tf.convert_to_tensor(stfts, name="stfts")
        length = _number(frame_length, "frame_length")
        size = _enclosing_power_of_two(length) if fft_length is None else _number(fft_length, "fft_length")
        frames = irfft(stfts, [size])
        if size > length:
            frames = frames[..., :length]
        elif size < length:
            frames = tf.pad(frames, [*[[0, 0]] * (frames.shape.rank - 1), [0, length - size]])
        if window_fn is not None:
            frames = frames * window_fn(length, dtype=frames.dtype)
        return overlap_and_add(frames, frame_step)


def inverse_stft_window_fn(frame_step: Any, forward_window_fn: _Window = hann_window, name: str | None = None) -> _Window:
    """The window with which `inverse_stft` gives back what `stft` with `forward_window_fn` took."""
    step = _number(frame_step, "frame_step")

    def window(frame_length: Any, dtype: Any) -> Any:
        length = _number(frame_length, "frame_length")
        forward = forward_window_fn(length, dtype=dtype)
        overlaps = -(-length // step)
        squares = tf.pad(tf.square(forward), [[0, overlaps * step - length]])
        total = tf.reduce_sum(tf.reshape(squares, [overlaps, step]), 0, keepdims=True)
        return forward / tf.reshape(tf.tile(total, [overlaps, 1]), [-1])[:length]

    return window
