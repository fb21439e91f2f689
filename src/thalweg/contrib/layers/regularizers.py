"""Regularizers of `tf.contrib.layers`: penalties on weights, as functions that `get_variable` takes."""

from __future__ import annotations

import numbers
from collections.abc import Callable
from typing import Any

from thalweg.compat import v1 as tf

Regularizer = Callable[[Any], Any]


def _checked(scale: Any) -> None:
    if isinstance(scale, numbers.Integral):
        raise ValueError(f"scale cannot be an integer: {scale}")
    if isinstance(scale, numbers.Real) and scale < 0.0:
        raise ValueError(f"Setting a scale less than 0 on a regularizer: {scale:g}")


def _scaled(scale: Any, scope: Any, default: str, penalty: Callable[[Any], Any]) -> Regularizer:
    _checked(scale)
    if scale == 0.0:
        return lambda _: None

    def regularizer(weights: Any) -> Any:
        with tf.name_scope(scope, default, [weights]) as name:
            factor = tf.convert_to_tensor(scale, dtype=weights.dtype.base_dtype, name="scale")
            return tf.multiply(factor, penalty(weights), name=name)

    return regularizer


def l1_regularizer(scale: float, scope: Any = None) -> Regularizer:
    """`scale * sum(|w|)`. Raises ValueError for a negative or integer `scale`."""
    return _scaled(scale, scope, "l1_regularizer", lambda w: tf.reduce_sum(tf.abs(w)))


def l2_regularizer(scale: float, scope: Any = None) -> Regularizer:
    """`scale * sum(w ** 2) / 2`. Raises ValueError for a negative or integer `scale`."""
    return _scaled(scale, scope, "l2_regularizer", tf.nn.l2_loss)


def l1_l2_regularizer(scale_l1: float = 1.0, scale_l2: float = 1.0, scope: Any = None) -> Regularizer | None:
    """The sum of both penalties."""
    scope = scope or "l1_l2_regularizer"
    if scale_l1 == 0.0:
        return l2_regularizer(scale_l2, scope)
    if scale_l2 == 0.0:
        return l1_regularizer(scale_l1, scope)
    return sum_regularizer([l1_regularizer(scale_l1), l2_regularizer(scale_l2)], scope=scope)


def sum_regularizer(regularizer_list: Any, scope: Any = None) -> Regularizer | None:
    """The sum of several regularizers; None if there are none."""
    regularizers = [r for r in regularizer_list if r is not None]
    if not regularizers:
        return None

    def regularizer(weights: Any) -> Any:
        with tf.name_scope(scope, "sum_regularizer", [weights]) as name:
            found = [r for r in (one(weights) for one in regularizers) if r is not None]
            return tf.add_n(found, name=name) if found else None

    return regularizer


def apply_regularization(regularizer: Regularizer, weights_list: Any = None) -> Any:
    """The sum of a regularizer over weights (the collection WEIGHTS by default), collected in REGULARIZATION_LOSSES.

    Raises ValueError if the regularizer does not give a scalar.
    """
    if not weights_list:
        weights_list = tf.get_collection(tf.GraphKeys.WEIGHTS)
    if not weights_list:
        raise ValueError("No weights to regularize.")
    with tf.name_scope("get_regularization_penalty", values=weights_list) as scope:
        penalties = [p if p is not None else tf.constant(0.0) for p in (regularizer(w) for w in weights_list)]
        for p in penalties:
            if p.shape.ndims != 0:
                raise ValueError(f"regularizer must return a scalar Tensor instead of a Tensor with rank {p.shape.ndims}.")
        total = tf.add_n(penalties, name=scope)
        tf.add_to_collection(tf.GraphKeys.REGULARIZATION_LOSSES, total)
        return total
