"""`tf.keras.regularizers`: penalties on weights and outputs, and the way to them by name. Source: Keras 3."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import thalweg as tf
from thalweg.keras import config
from thalweg.keras.saving.registration import Catalogue


class Regularizer:
    """Base class: subclass it and write `__call__(x)`, which gives one number, and `get_config`."""

    def __call__(self, x: Any) -> Any:
        return 0.0

    def get_config(self) -> dict[str, Any]:
        raise NotImplementedError(f"{type(self).__name__} needs a get_config() method to be saved.")

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        return cls(**config)


def _penalty(value: Any, name: str, default: float) -> float:
    if value is None:
        return default
    if not isinstance(value, (int, float)) or not math.isfinite(value) or value < 0:
        raise ValueError(f"`{name}` must be a number from 0 up, but it is {value!r}.")
    return float(value)


class L1L2(Regularizer):
    """`l1 * sum(|x|) + l2 * sum(x ** 2)`.

    >>> float(tf.keras.regularizers.L1L2(l1=0.5, l2=0.25)(tf.constant([1.0, -2.0])))
    2.75
    """

    def __init__(self, l1: float | None = 0.0, l2: float | None = 0.0):
        self.l1, self.l2 = _penalty(l1, "l1", 0.0), _penalty(l2, "l2", 0.0)

    def __call__(self, x: Any) -> Any:
        x = tf.convert_to_tensor(x)
        penalty = tf.zeros([], x.dtype)
        if self.l1:
            penalty += self.l1 * tf.reduce_sum(tf.abs(x))
        if self.l2:
            penalty += self.l2 * tf.reduce_sum(tf.square(x))
        return penalty

    def get_config(self) -> dict[str, Any]:
        return {"l1": self.l1, "l2": self.l2}


class L1(Regularizer):
    """`l1 * sum(|x|)`. `l` is the old spelling of the argument."""

    def __init__(self, l1: float | None = 0.01, *, l: float | None = None):
        self.l1 = _penalty(l1 if l is None else l, "l1", 0.01)

    def __call__(self, x: Any) -> Any:
        return self.l1 * tf.reduce_sum(tf.abs(x))

    def get_config(self) -> dict[str, Any]:
        return {"l1": self.l1}


class L2(Regularizer):
    """`l2 * sum(x ** 2)`. `l` is the old spelling of the argument.

    >>> float(tf.keras.regularizers.l2(l=0.25)(tf.constant([1.0, -2.0])))
    1.25
    """

    def __init__(self, l2: float | None = 0.01, *, l: float | None = None):
        self.l2 = _penalty(l2 if l is None else l, "l2", 0.01)

    def __call__(self, x: Any) -> Any:
        return self.l2 * tf.reduce_sum(tf.square(x))

    def get_config(self) -> dict[str, Any]:
        return {"l2": self.l2}


class OrthogonalRegularizer(Regularizer):
    """`factor` times the mean absolute cosine between the rows (or columns) of a matrix.

    Raises ValueError when called on something else than a matrix.
    """

    def __init__(self, factor: float = 0.01, mode: str = "rows"):
        if mode not in ("rows", "columns"):
            raise ValueError(f"`mode` must be 'rows' or 'columns', but it is {mode!r}.")
        self.factor, self.mode = _penalty(factor, "factor", 0.01), mode

    def __call__(self, inputs: Any) -> Any:
        if inputs.shape.rank != 2:
            raise ValueError(f"OrthogonalRegularizer takes matrices only, but the shape is {tuple(inputs.shape)}.")
        by_rows = self.mode == "rows"
        x = tf.math.l2_normalize(inputs, axis=1 if by_rows else 0, epsilon=config.epsilon() ** 2)
        cosines = tf.matmul(x, x, transpose_a=not by_rows, transpose_b=by_rows)
        size = inputs.shape[0 if by_rows else 1]
        off_diagonal = cosines * (1.0 - tf.eye(size, dtype=x.dtype))
        pairs = size * (size - 1.0) / 2.0
        return self.factor * 0.5 * tf.reduce_sum(tf.abs(off_diagonal)) / pairs

    def get_config(self) -> dict[str, Any]:
        return {"factor": self.factor, "mode": self.mode}


l1, l2, orthogonal_regularizer = L1, L2, OrthogonalRegularizer


def l1_l2(l1: float | None = 0.01, l2: float | None = 0.01) -> L1L2:
    """An `L1L2` with Keras 2's defaults of the function, 0.01 each."""
    return L1L2(l1=l1, l2=l2)


CLASSES = (L1, L1L2, L2, OrthogonalRegularizer, Regularizer)
_ALIASES: dict[str, Any] = {"l1": L1, "l2": L2, "l1_l2": L1L2, "l1l2": L1L2}
_catalogue = Catalogue("keras.regularizers", "regularizer", CLASSES, _ALIASES, snake_case=True)


def get(identifier: Any) -> Any:
    """The regularizer behind a name, a config, a class or a function; None for None. ValueError for anything else.

    >>> tf.keras.regularizers.get("l2").l2
    0.01
    """
    if identifier == "l1_l2":
        return l1_l2()
    return None if identifier is None else _catalogue.get(identifier)


def serialize(regularizer: Any, use_legacy_format: bool = False) -> Any:
    """The config of a regularizer."""
    return _catalogue.serialize(regularizer, use_legacy_format)


def deserialize(
    config: Any, custom_objects: Mapping[str, Any] | None = None, use_legacy_format: bool = False
) -> Any:
    """The regularizer that a config or a name stands for."""
    return _catalogue.deserialize(config, custom_objects, use_legacy_format)


__all__ = [
    *sorted(cls.__name__ for cls in CLASSES), "deserialize", "get", "l1", "l1_l2", "l2", "orthogonal_regularizer",
    "serialize",
]  # fmt: skip
