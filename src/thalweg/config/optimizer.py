"""`tf.config.optimizer`: how graphs are optimized. Compiling everything can be asked for; other options are remembered."""

from __future__ import annotations

import os
from typing import Any

_options: dict[str, Any] = {}


def get_jit() -> str:
    """`autoclustering` where every function is compiled at its first call, else nothing."""
    return "autoclustering" if os.environ.get("THALWEG_JIT") == "always" else ""


def set_jit(enabled: Any) -> None:
    """Compile every function at its first call (True, "autoclustering"), or when it pays (False)."""
    os.environ["THALWEG_JIT"] = "always" if enabled in (True, "autoclustering") else "auto"


def get_experimental_options() -> dict[str, Any]:
    return dict(_options)


def set_experimental_options(options: dict[str, Any]) -> None:
    _options.update(options)
