"""WAV files of 16-bit samples, read and written by Python's `wave`.

Source: https://www.tensorflow.org/api_docs/python/tf/audio/decode_wav
"""

from __future__ import annotations

import io
import wave
from typing import Any, NamedTuple

import numpy as np

from thalweg.engine.core import dtypes, errors
from thalweg.engine.core.registry import HOST, op
from thalweg.engine.core.shape import TensorShape
from thalweg.engine.formats.wav import encode_wav as wav_file


class DecodeWav(NamedTuple):
    """Samples `[length, channels]` in [-1, 1), and how many there are in a second."""

    audio: Any
    sample_rate: Any


def _wav_shape(contents: TensorShape, *, desired_channels: int, desired_samples: int) -> Any:
    contents.with_rank(0)
    sizes = [n if n > 0 else None for n in (desired_samples, desired_channels)]
    return TensorShape(sizes), TensorShape([])


@op("DecodeWav", types=(dtypes.string,), out=(dtypes.float32, dtypes.int32), shape=_wav_shape, host=True)
def _decode_wav(xp: Any, contents: Any, *, desired_channels: int = -1, desired_samples: int = -1) -> Any:
    if contents.ndim:
        raise errors.invalid(f"contents must be scalar but got shape {list(contents.shape)}")
    try:
        with wave.open(io.BytesIO(contents.item())) as file:
            channels, width, rate, count = file.getnchannels(), file.getsampwidth(), file.getframerate(), file.getnframes()
            if width != 2:
                raise errors.invalid(f"Can only read 16-bit WAV files, but received {8 * width}")
            data = file.readframes(count)
    except (wave.Error, EOFError) as error:
        raise errors.invalid(f"Not a WAV file that can be read: {error}") from None
    if len(data) != count * channels * 2:
        raise errors.invalid(f"Data too short when trying to read WAV samples: {len(data)} bytes for {count} samples.")
    samples = np.frombuffer(data, "<i2").reshape(count, channels).astype(np.float32) / np.float32(32768)
    if 0 < desired_channels != channels:
        samples = samples[:, np.arange(desired_channels) % channels]
    if desired_samples > 0:
        samples = samples[:desired_samples]
        samples = np.pad(samples, [(0, desired_samples - len(samples)), (0, 0)])
    return samples, np.array(rate, np.int32)


@op("EncodeWav", types=(dtypes.float32, HOST), out=dtypes.string, shape=lambda *_, **__: TensorShape([]), host=True)
def _encode_wav(xp: Any, audio: Any, sample_rate: Any) -> Any:
    if audio.ndim != 2:
        raise errors.invalid(f"audio must be 2-dimensional but got shape {list(audio.shape)}")
    if not 0 < audio.shape[1] < 1024:
        raise errors.invalid(f"channel_count must be between 1 and 1023, got {audio.shape[1]}")
    box = np.empty((), object)
    box[()] = wav_file(audio, int(sample_rate))
    return box


def decode_wav(contents: Any, desired_channels: int = -1, desired_samples: int = -1, name: str | None = None) -> DecodeWav:
    """The samples of a WAV file's bytes, `[length, channels]` in [-1, 1), and their rate.

    desired_channels, desired_samples: cut, or fill up (channels by repeating, samples by zeros), to so many. Raises
    InvalidArgumentError for bytes that are no WAV file of 16 bits.
    """
    return DecodeWav(*_decode_wav(contents, desired_channels=desired_channels, desired_samples=desired_samples, name=name))


def encode_wav(audio: Any, sample_rate: Any, name: str | None = None) -> Any:
    """Samples `[length, channels]` in [-1, 1] as a WAV file's bytes."""
    return _encode_wav(audio, sample_rate, name=name)
