"""`tf.ragged.stack`."""

from __future__ import annotations

from typing import Any

from thalweg.engine.ops.ragged.shaping_functions import stack as _stack


def stack(values: Any, axis: int = 0, name: str | None = None) -> Any:
    """Tensors of one rank, ragged or not, as rows of a ragged tensor: their sizes may differ.

    >>> tf.ragged.stack([tf.constant([1, 2]), tf.constant([3])])
    <tf.RaggedTensor [[1, 2], [3]]>
    """
    if not isinstance(values, (list, tuple)):
        values = [values]
    if not values:
        raise ValueError("rt_inputs may not be empty.")
    return _stack(values, axis)
