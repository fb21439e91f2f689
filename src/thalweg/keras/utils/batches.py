"""A batch as `fit` hands it to `train_step`: `x`, `(x, y)` or `(x, y, sample_weight)`."""

from __future__ import annotations

from typing import Any

import thalweg as tf


def unpack_x_y_sample_weight(data: Any) -> tuple[Any, Any, Any]:
    """The inputs, labels and sample weights of a batch; None for what it lacks.

    >>> tf.keras.utils.unpack_x_y_sample_weight((1, 2))
    (1, 2, None)
    """
    if isinstance(data, list):
        data = tuple(data)
    if not isinstance(data, tuple):
        return data, None, None
    if not 1 <= len(data) <= 3:
        raise ValueError(
            "Data is expected to be in format `x`, `(x,)`, `(x, y)`, or `(x, y, sample_weight)`, but it has "
            f"{len(data)} parts."
        )
    return (*data, None, None)[:3]  # type: ignore[return-value]


def pack_x_y_sample_weight(x: Any, y: Any = None, sample_weight: Any = None) -> Any:
    """A batch of inputs, labels and sample weights, as `unpack_x_y_sample_weight` takes it apart."""
    if y is None:
        return x if not tf.nest.is_nested(x) else (x,)
    return (x, y) if sample_weight is None else (x, y, sample_weight)
