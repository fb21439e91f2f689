"""Sound as WAV files of 16-bit samples, written. Source: http://soundfile.sapp.org/doc/WaveFormat/"""

from __future__ import annotations

import struct

import numpy as np


def encode_wav(samples: np.ndarray, rate: int) -> bytes:
    """The WAV file of samples `[frames, channels]` between -1 and 1; what lies outside is clipped. Raises ValueError."""
    if samples.ndim != 2 or not 0 < samples.shape[1] < 1 << 15 or rate <= 0:
        raise ValueError(f"Sound has the form [frames, channels] and a positive rate, not {samples.shape} at {rate}.")
    channels = samples.shape[1]
    scaled = np.nan_to_num(samples.astype(np.float32) * np.float32(32768.0))
    whole = np.clip(np.floor(np.abs(scaled) + 0.5) * np.sign(scaled), -32768, 32767)
    data = whole.astype("<i2").tobytes()
    form = struct.pack("<HHIIHH", 1, channels, rate, rate * 2 * channels, 2 * channels, 16)
    return b"RIFF" + struct.pack("<I", 36 + len(data)) + b"WAVEfmt " + struct.pack("<I", 16) + form + b"data" + (
        struct.pack("<I", len(data)) + data
    )  # fmt: skip
