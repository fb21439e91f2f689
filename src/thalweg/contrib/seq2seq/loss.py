"""`sequence_loss`: cross entropy over batches of sequences."""

from __future__ import annotations

from typing import Any

from thalweg.compat import v1 as tf


def sequence_loss(
    logits: Any, targets: Any, weights: Any, average_across_timesteps: bool = True, average_across_batch: bool = True,
    sum_over_timesteps: bool = False, sum_over_batch: bool = False, softmax_loss_function: Any = None, name: Any = None,
) -> Any:  # fmt: skip
    """The weighted cross entropy of logits `[batch, time, classes]` for targets `[batch, time]`.

    Averaged over steps (by their weights) and examples unless told otherwise: a scalar, `[time]`, `[batch]` or `[batch, time]`.
    Raises ValueError for other ranks.
    """
    if len(logits.shape) != 3:
        raise ValueError("Logits must be a [batch_size x sequence_length x logits] tensor")
    if len(targets.shape) != 2:
        raise ValueError("Targets must be a [batch_size x sequence_length] tensor")
    if len(weights.shape) != 2:
        raise ValueError("Weights must be a [batch_size x sequence_length] tensor")
    if (average_across_timesteps and sum_over_timesteps) or (average_across_batch and sum_over_batch):
        raise ValueError("Either average or sum over an axis, not both.")
    with tf.name_scope(name, "sequence_loss", [logits, targets, weights]):
        classes = tf.shape(logits)[2]
        flat = tf.reshape(logits, [-1, classes])
        wanted = tf.reshape(targets, [-1])
        if softmax_loss_function is None:
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=wanted, logits=flat)
        else:
            losses = softmax_loss_function(labels=wanted, logits=flat)
        losses *= tf.reshape(weights, [-1])
        if average_across_timesteps and average_across_batch:
            return tf.reduce_sum(losses) / (tf.reduce_sum(weights) + 1e-12)
        if sum_over_timesteps and sum_over_batch:
            return tf.reduce_sum(losses) / (tf.cast(tf.math.count_nonzero(weights), losses.dtype) + 1e-12)
        losses = tf.reshape(losses, tf.shape(logits)[:2])
        if average_across_timesteps or sum_over_timesteps:
            losses = tf.reduce_sum(losses, axis=[1])
            by = tf.reduce_sum(weights, axis=[1]) if average_across_timesteps else tf.math.count_nonzero(weights, axis=[1])
            return losses / (tf.cast(by, losses.dtype) + 1e-12)
        if average_across_batch or sum_over_batch:
            losses = tf.reduce_sum(losses, axis=[0])
            by = tf.reduce_sum(weights, axis=[0]) if average_across_batch else tf.math.count_nonzero(weights, axis=[0])
            return losses / (tf.cast(by, losses.dtype) + 1e-12)
        return losses
