"""`tf.keras.backend`: settings, names, values of variables, and Keras 2's functions of tensors."""

import importlib
from typing import Any

from thalweg.keras.backend.state import *  # noqa: F403

# Loaded when one of their functions is first asked for: they stand on layers and `ops`, which import this package.
_LATER = ("thalweg.keras.backend.tensors", "thalweg.keras.backend.networks")


def __getattr__(name: str) -> Any:
    if not name.startswith("_"):
        for module in _LATER:
            found = getattr(importlib.import_module(module), name, None)
            if found is not None:
                return found
    raise AttributeError(f"module 'thalweg.keras.backend' has no attribute {name!r}")


def __dir__() -> list[str]:
    own = [name for name in globals() if not name.startswith("_")]
    later = [name for module in _LATER for name in dir(importlib.import_module(module)) if not name.startswith("_")]
    return sorted({*own, *later})
