"""`tf.spectral`: the older name of Fourier transforms in `tf.signal`."""

from __future__ import annotations

from typing import Any


def __getattr__(name: str) -> Any:
    from thalweg import signal

    return getattr(signal, name)
