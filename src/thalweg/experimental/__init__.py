"""`tf.experimental`: names that may still change."""

from __future__ import annotations

from typing import Any

from thalweg.data.optional import Optional as Optional


def __getattr__(name: str) -> Any:
    if name == "numpy":  # loaded when it is first used: it is written on the public names
        import thalweg.experimental.numpy as module

        return module
    raise AttributeError(f"module 'thalweg.experimental' has no attribute {name!r}")
