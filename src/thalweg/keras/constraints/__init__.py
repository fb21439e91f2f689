"""`tf.keras.constraints`: what weights are put back to after each step, and the way to it by name. Source: Keras 3."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import thalweg as tf
from thalweg.keras.config import epsilon
from thalweg.keras.saving.registration import Catalogue


class Constraint:
    """Base class: subclass it and write `__call__(w)`, which gives the weight as it should be."""

    def __call__(self, w: Any) -> Any:
        return w

    def get_config(self) -> dict[str, Any]:
        return {}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        return cls(**config)


def _norms(w: Any, axis: Any) -> Any:
    return tf.sqrt(tf.reduce_sum(tf.square(w), axis=axis, keepdims=True))


class MaxNorm(Constraint):
    """Norms along `axis` of at most `max_value`.

    >>> tf.keras.constraints.MaxNorm(1.0)(tf.constant([[3.0], [4.0]])).numpy()
    array([[0.6],
           [0.8]], dtype=float32)
    """

    def __init__(self, max_value: float = 2, axis: Any = 0):
        self.max_value, self.axis = max_value, axis

    def __call__(self, w: Any) -> Any:
        w = tf.convert_to_tensor(w)
        norms = _norms(w, self.axis)
        return w * (tf.clip_by_value(norms, 0.0, self.max_value) / (epsilon() + norms))

    def get_config(self) -> dict[str, Any]:
        return {"max_value": self.max_value, "axis": self.axis}


class NonNeg(Constraint):
    """No negative weights: they become 0."""

    def __call__(self, w: Any) -> Any:
        return tf.maximum(tf.convert_to_tensor(w), 0.0)


class UnitNorm(Constraint):
    """Norms along `axis` of 1."""

    def __init__(self, axis: Any = 0):
        self.axis = axis

    def __call__(self, w: Any) -> Any:
        w = tf.convert_to_tensor(w)
        return w / (epsilon() + _norms(w, self.axis))

    def get_config(self) -> dict[str, Any]:
        return {"axis": self.axis}


class MinMaxNorm(Constraint):
    """Norms along `axis` between `min_value` and `max_value`; `rate` is how much of the way there each step goes."""

    def __init__(self, min_value: float = 0.0, max_value: float = 1.0, rate: float = 1.0, axis: Any = 0):
        self.min_value, self.max_value, self.rate, self.axis = min_value, max_value, rate, axis

    def __call__(self, w: Any) -> Any:
        w = tf.convert_to_tensor(w)
        norms = _norms(w, self.axis)
        within = tf.clip_by_value(norms, self.min_value, self.max_value)
        desired = self.rate * within + (1.0 - self.rate) * norms
        return w * (desired / (epsilon() + norms))

    def get_config(self) -> dict[str, Any]:
        return {"min_value": self.min_value, "max_value": self.max_value, "rate": self.rate, "axis": self.axis}


class RadialConstraint(Constraint):
    """Convolution kernels that are the same at each distance from their middle (Keras 2).

    Called on `[height, width, in, out]`, height and width equal; each value becomes that of its ring on the diagonal.
    Raises ValueError for another rank.
    """

    def __call__(self, w: Any) -> Any:
        w = tf.convert_to_tensor(w)
        if w.shape.rank != 4:
            raise ValueError(f"RadialConstraint takes 4-D kernels only, but the shape is {tuple(w.shape)}.")
        size = w.shape[0]
        if size == 1:
            return w
        # Which cell of the diagonal gives ring 0 (the middle: one cell or four), 1, 2, ... its value. That the middle
        # takes its upper left neighbour's is Keras' choice.
        start, odd = size // 2, size % 2
        cells = [start - 1] + [start + ring - odd for ring in range(1, (size + 1) // 2)]
        values = tf.gather_nd(w, [[cell, cell] for cell in cells])
        ring_of = [abs(2 * i - size + 1) // 2 for i in range(size)]
        return tf.gather(values, [[max(row, column) for column in ring_of] for row in ring_of])


max_norm, non_neg, unit_norm, min_max_norm = MaxNorm, NonNeg, UnitNorm, MinMaxNorm
radial_constraint = RadialConstraint
maxnorm, nonneg, unitnorm = MaxNorm, NonNeg, UnitNorm

CLASSES = (Constraint, MaxNorm, MinMaxNorm, NonNeg, RadialConstraint, UnitNorm)
_ALIASES = {"maxnorm": MaxNorm, "nonneg": NonNeg, "unitnorm": UnitNorm}
_catalogue = Catalogue("keras.constraints", "constraint", CLASSES, _ALIASES, snake_case=True)


def get(identifier: Any) -> Any:
    """The constraint behind a name, a config, a class or a function; None for None. ValueError for anything else.

    >>> tf.keras.constraints.get("max_norm").max_value
    2
    """
    return None if identifier is None else _catalogue.get(identifier)


def serialize(constraint: Any, use_legacy_format: bool = False) -> Any:
    """The config of a constraint."""
    return _catalogue.serialize(constraint, use_legacy_format)


def deserialize(
    config: Any, custom_objects: Mapping[str, Any] | None = None, use_legacy_format: bool = False
) -> Any:
    """The constraint that a config or a name stands for."""
    return _catalogue.deserialize(config, custom_objects, use_legacy_format)


__all__ = [
    *sorted(cls.__name__ for cls in CLASSES), "deserialize", "get", "max_norm", "min_max_norm", "non_neg",
    "radial_constraint", "serialize", "unit_norm",
]  # fmt: skip
