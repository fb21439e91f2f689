"""Arguments of layers that name something: `kernel_initializer="zeros"`, `activation="relu"`; read and written by suffix."""

from __future__ import annotations

from typing import Any

from thalweg.keras import activations, constraints, initializers, regularizers

_KINDS: dict[str, Any] = {
    "initializer": initializers,
    "regularizer": regularizers,
    "constraint": constraints,
    "activation": activations,
}


def _kind(name: str) -> Any:
    return _KINDS.get(name.rsplit("_", 1)[-1])


def read(name: str, value: Any) -> Any:
    """What an argument stands for: `read("bias_initializer", "zeros")` is a `Zeros()`."""
    kind = _kind(name)
    return value if kind is None else kind.get(value)


def written(name: str, value: Any) -> Any:
    """An argument as plain values, for a config."""
    kind = _kind(name)
    return value if kind is None else kind.serialize(value)
