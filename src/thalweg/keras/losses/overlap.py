"""Losses over sets: overlap of masks (Dice, Tversky) and of embeddings (circle). Source: `tf.keras.losses` (Keras 3)."""

from __future__ import annotations

from typing import Any

import thalweg as tf
from thalweg.keras import config, notes
from thalweg.keras.losses.base import LossFunctionWrapper, pair, to_float


def dice(y_true: Any, y_pred: Any, axis: Any = None) -> Any:
    """`1 - 2 * sum(y_true * y_pred) / (sum(y_true) + sum(y_pred))` over `axis` (all of them for None).

    y_true, y_pred: masks of one shape. Returns that shape without `axis`.
    """
    y_true, y_pred = pair(y_true, y_pred)
    overlap = tf.reduce_sum(y_true * y_pred, axis=axis)
    total = tf.reduce_sum(y_true, axis=axis) + tf.reduce_sum(y_pred, axis=axis)
    return 1.0 - 2.0 * overlap / (total + config.epsilon())


class Dice(LossFunctionWrapper):
    """One minus the Dice coefficient of two masks."""

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "dice",
        axis: Any = None,
        dtype: Any = None,
    ):
        super().__init__(dice, reduction, name, dtype, axis=axis)


def tversky(y_true: Any, y_pred: Any, alpha: float = 0.5, beta: float = 0.5, axis: Any = None) -> Any:
    """`1 - overlap / (overlap + alpha * missed + beta * added)` over `axis`; 0.5 and 0.5 give `dice`.

    `missed` is what y_true has and y_pred has not, `added` the other way round. Shapes as `dice`.
    """
    y_true, y_pred = pair(y_true, y_pred)
    overlap = tf.reduce_sum(y_true * y_pred, axis=axis)
    missed = tf.reduce_sum((1.0 - y_pred) * y_true, axis=axis)
    added = tf.reduce_sum(y_pred * (1.0 - y_true), axis=axis)
    return 1.0 - overlap / (overlap + alpha * missed + beta * added + config.epsilon())


class Tversky(LossFunctionWrapper):
    """One minus the Tversky index of two masks: Dice with a price for each kind of error."""

    def __init__(
        self,
        alpha: float = 0.5,
        beta: float = 0.5,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "tversky",
        axis: Any = None,
        dtype: Any = None,
    ):
        super().__init__(tversky, reduction, name, dtype, alpha=alpha, beta=beta, axis=axis)


def circle(
    y_true: Any,
    y_pred: Any,
    ref_labels: Any = None,
    ref_embeddings: Any = None,
    remove_diagonal: bool = True,
    gamma: float = 80,
    margin: float = 0.4,
) -> Any:
    """Pulls embeddings of one class together and those of others apart (Sun et al. 2020).

    y_true: class numbers `[batch]`, y_pred: unit vectors `[batch, d]`; they are compared with `ref_labels` and
    `ref_embeddings`, by default with each other. Returns `[batch]`; samples without loss do not count in means.
    """
    y_pred = to_float(y_pred)
    y_true = tf.cast(y_true, "int32")
    references = y_pred if ref_embeddings is None else tf.convert_to_tensor(ref_embeddings)
    labels = y_true if ref_labels is None else tf.cast(ref_labels, "int32")
    distance = tf.maximum(1.0 - tf.matmul(y_pred, references, transpose_b=True), 0.0)

    same = tf.equal(tf.reshape(y_true, (-1, 1)), tf.reshape(labels, (1, -1)))
    other = tf.logical_not(same)
    if remove_diagonal:
        diagonal = tf.eye(tf.size(y_true), num_columns=tf.size(labels), dtype=tf.bool)
        same = tf.logical_and(same, tf.logical_not(diagonal))

    infinity = tf.fill(tf.shape(distance), tf.constant(float("-inf"), distance.dtype))
    attraction = -gamma * tf.maximum(margin + distance, 0.0) * (margin - distance)
    repulsion = gamma * tf.maximum(1 + margin - distance, 0.0) * (1 - margin - distance)
    pull = tf.reduce_logsumexp(tf.where(same, attraction, infinity), axis=1)
    push = tf.reduce_logsumexp(tf.where(other, repulsion, infinity), axis=1)
    values = tf.math.softplus(pull + push)
    notes.set_mask(values, values > 0)
    return values


class Circle(LossFunctionWrapper):
    """Circle loss of unit embeddings with class numbers."""

    def __init__(
        self,
        gamma: float = 80.0,
        margin: float = 0.4,
        remove_diagonal: bool = True,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "circle",
        dtype: Any = None,
    ):
        super().__init__(
            circle, reduction, name, dtype, gamma=gamma, margin=margin, remove_diagonal=remove_diagonal
        )
