"""Gradients on their way into a step: dense tensors, or `tf.IndexedSlices` of some rows, or None."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import thalweg as tf


def map_values(function: Callable[[Any], Any], gradient: Any) -> Any:
    """`function` on a dense gradient, or on the values of slices."""
    if isinstance(gradient, tf.IndexedSlices):
        return tf.IndexedSlices(function(gradient.values), gradient.indices, gradient.dense_shape)
    return function(gradient)


def dense(gradient: Any, variable: Any) -> Any:
    """The gradient as one tensor of the variable's shape; slices of the same row are summed."""
    if isinstance(gradient, tf.IndexedSlices):
        return tf.math.unsorted_segment_sum(gradient.values, gradient.indices, variable.shape[0])
    return gradient


def drop_missing(grads: list[Any], variables: list[Any]) -> tuple[list[Any], list[Any]]:
    """The pairs that have a gradient. Warns about the others; raises ValueError where there are no others."""
    missing = [variable.name for gradient, variable in zip(grads, variables) if gradient is None]
    if not missing:
        return grads, variables
    if len(missing) == len(grads):
        raise ValueError(
            f"No gradients provided for any variable: {missing}. The loss does not depend on them, or was computed "
            "outside the tape."
        )
    warnings.warn(
        f"Gradients do not exist for variables {missing} when minimizing the loss. If using `model.compile()`, did you "
        "forget to provide a `loss` argument?",
        stacklevel=5,
    )
    kept = [(gradient, variable) for gradient, variable in zip(grads, variables) if gradient is not None]
    return [gradient for gradient, _ in kept], [variable for _, variable in kept]
