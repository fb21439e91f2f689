"""Counts of true and false, positives and negatives, at one threshold or many: what precision, recall and AUC divide.

Source: `keras.src.metrics.metrics_utils` (Keras 3), whose rounding at thresholds this follows.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import thalweg as tf
from thalweg.keras import config
from thalweg.keras.losses.base import cast, same_rank

# A threshold that any prediction is above.
LOWEST = -1e10
KINDS = ("tp", "fp", "tn", "fn")


def parse_thresholds(thresholds: Any, default: float) -> list[float]:
    """Thresholds as a list. Raises ValueError for one outside 0 .. 1."""
    if thresholds is None:
        return [default]
    parsed = list(thresholds) if isinstance(thresholds, (list, tuple, np.ndarray)) else [thresholds]
    wrong = [t for t in parsed if t is None or not 0 <= t <= 1]
    if wrong:
        raise ValueError(f"Thresholds must be between 0 and 1, but {wrong} are not.")
    return parsed


def even_thresholds(count: int) -> list[float]:
    """`count` thresholds from 0 to 1 at equal distances."""
    return [0.0, *(i / (count - 1) for i in range(1, count - 1)), 1.0]


def evenly_spaced(thresholds: Any) -> bool:
    """Whether three or more thresholds run from 0 to 1 at equal distances, so that a prediction's bucket is computed."""
    if len(thresholds) < 3:
        return False
    return np.allclose(thresholds, np.linspace(0.0, 1.0, len(thresholds)), atol=config.epsilon())


def counts(
    kinds: str,
    y_true: Any,
    y_pred: Any,
    thresholds: Any,
    dtype: str,
    sample_weight: Any = None,
    top_k: int | None = None,
    class_id: int | None = None,
    label_weights: Any = None,
    multi_label: bool = False,
) -> list[Any]:
    """How much weight of the batch is of each of `kinds` ("tp fp ..."), per threshold.

    y_true: 0 and 1, y_pred: scores, both `[batch]` or `[batch, labels]`; positive is a score above the threshold.
    `top_k`: only each sample's k best scores can be positive. `class_id`: that label alone. `label_weights`: `[labels]`.
    Returns for each kind `[thresholds]`, or `[thresholds, labels]` with `multi_label`.
    """
    y_true, y_pred = cast(y_true, dtype), cast(y_pred, dtype)
    y_pred, y_true = same_rank(y_pred, y_true)
    if not y_true.shape.is_compatible_with(y_pred.shape):
        raise ValueError(
            f"Counting hits needs y_true and y_pred of the same shape, but y_true is {tuple(y_true.shape)} and y_pred "
            f"is {tuple(y_pred.shape)}. Class numbers must be one-hot here: tf.one_hot(y_true, classes)."
        )
    if top_k is not None:
        y_pred = _only_top_k(y_pred, top_k)
    if class_id is not None:
        if y_pred.shape.rank == 1:
            raise ValueError(f"class_id={class_id} needs y_pred of shape [batch, classes], but it is [batch].")
        y_true, y_pred = y_true[..., class_id, tf.newaxis], y_pred[..., class_id, tf.newaxis]
    weight = _weights(y_pred, sample_weight, label_weights)
    positive = tf.cast(tf.cast(y_true, tf.bool), dtype)
    real, unreal = positive, 1.0 - positive
    if weight is not None:
        real, unreal = real * weight, unreal * weight

    labels = y_pred.shape[-1] if multi_label else 1
    if labels is None:
        labels = tf.shape(y_pred)[-1]
    # One row per label: [labels, n].
    rows = (lambda x: tf.transpose(tf.reshape(x, [-1, labels]))) if multi_label else (lambda x: tf.reshape(x, [1, -1]))
    real, unreal, score = rows(real), rows(unreal), rows(y_pred)
    above = _above_by_bucket if evenly_spaced(thresholds) else _above_by_comparing
    tp, fp = above(real, unreal, score, thresholds, labels)
    found = {"tp": tp, "fp": fp}
    if "tn" in kinds:
        found["tn"] = tf.reduce_sum(unreal, axis=1)[:, tf.newaxis] - fp
    if "fn" in kinds:
        found["fn"] = tf.reduce_sum(real, axis=1)[:, tf.newaxis] - tp
    return [tf.transpose(found[kind]) if multi_label else found[kind][0] for kind in kinds.split()]


def _only_top_k(y_pred: Any, k: int) -> Any:
    _, best = tf.math.top_k(y_pred, k)
    chosen = tf.reduce_sum(tf.one_hot(best, tf.shape(y_pred)[-1], dtype=y_pred.dtype), axis=-2)
    below_all = tf.fill(tf.shape(y_pred), tf.constant(float("-inf"), y_pred.dtype))
    return tf.where(chosen > 0.0, y_pred, below_all)


def _weights(y_pred: Any, sample_weight: Any, label_weights: Any) -> Any:
    """The weight of each prediction, or None when all weigh 1."""
    weight = None
    if sample_weight is not None:
        weight = cast(sample_weight, y_pred.dtype)
        for _ in range(y_pred.shape.rank - weight.shape.rank):
            weight = tf.expand_dims(weight, -1)
        if y_pred.shape.rank == 1 and weight.shape.rank == 2:
            weight = tf.squeeze(weight, -1)
    if label_weights is not None:
        label_weights = cast(label_weights, y_pred.dtype)
        weight = label_weights if weight is None else weight * label_weights
    return weight


def _above_by_comparing(real: Any, unreal: Any, score: Any, thresholds: Any, labels: Any) -> tuple[Any, Any]:
    """Weight of real and unreal scores above each threshold, `[labels, thresholds]`: every score with every one."""
    with np.errstate(over="ignore"):  # LOWEST in float16 is minus infinity, and serves as well
        limits = tf.constant(np.asarray(thresholds, score.dtype.as_numpy_dtype))
    positive = tf.cast(score[:, tf.newaxis, :] > limits[:, tf.newaxis], score.dtype)
    return (
        tf.reduce_sum(positive * real[:, tf.newaxis, :], axis=-1),
        tf.reduce_sum(positive * unreal[:, tf.newaxis, :], axis=-1),
    )


def _above_by_bucket(real: Any, unreal: Any, score: Any, thresholds: Any, labels: Any) -> tuple[Any, Any]:
    """As `_above_by_comparing`, for evenly spaced thresholds: each score is put in its bucket, then buckets add up."""
    count = len(thresholds)
    score = tf.clip_by_value(score, 0.0, 1.0)
    bucket = tf.math.ceil(score * (count - 1.0)) - 1.0
    if thresholds[0] < 0.0 or thresholds[-1] > 1.0:  # with a margin, a score of 0 is above the first threshold
        bucket = tf.nn.relu(bucket)
    bucket = tf.cast(bucket, tf.int32)
    # A score of 0 without the margin is above none: it goes to a bucket of its own, the last, which is cut off.
    bucket = tf.where(bucket < 0, tf.fill(tf.shape(bucket), count), bucket)
    offset = tf.range(labels)[:, tf.newaxis] * (count + 1)
    both = tf.stack([tf.reshape(real, [-1]), tf.reshape(unreal, [-1])], axis=-1)
    filled = tf.math.unsorted_segment_sum(both, tf.reshape(bucket + offset, [-1]), labels * (count + 1))
    filled = tf.reshape(filled, [labels, count + 1, 2])[:, :count]
    above = tf.cumsum(filled, axis=1, reverse=True)
    return above[..., 0], above[..., 1]
