"""`tf.contrib.losses`: the older forms of `tf.losses`, with predictions before labels."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from thalweg.compat import v1 as tf

compute_weighted_loss = tf.losses.compute_weighted_loss
add_loss, get_losses = tf.losses.add_loss, tf.losses.get_losses
get_regularization_losses, get_total_loss = tf.losses.get_regularization_losses, tf.losses.get_total_loss


def _swapped(name: str) -> Any:
    loss = getattr(tf.losses, name)

    def older(predictions: Any, labels: Any, weights: Any = 1.0, **kwargs: Any) -> Any:
        return loss(labels, predictions, weights=weights, **kwargs)

    older.__name__ = older.__qualname__ = name
    older.__doc__ = f"As `tf.losses.{name}`, with predictions before labels."
    return older


absolute_difference, log_loss, mean_squared_error = (
    _swapped("absolute_difference"),
    _swapped("log_loss"),
    _swapped("mean_squared_error"),
)
hinge_loss = _swapped("hinge_loss")


def softmax_cross_entropy(
    logits: Any, onehot_labels: Any, weights: Any = 1.0, label_smoothing: float = 0, scope: Any = None
) -> Any:
    return tf.losses.softmax_cross_entropy(onehot_labels, logits, weights, label_smoothing, scope)


def sparse_softmax_cross_entropy(logits: Any, labels: Any, weights: Any = 1.0, scope: Any = None) -> Any:
    return tf.losses.sparse_softmax_cross_entropy(labels, logits, weights, scope)


def sigmoid_cross_entropy(
    logits: Any, multi_class_labels: Any, weights: Any = 1.0, label_smoothing: float = 0, scope: Any = None
) -> Any:
    return tf.losses.sigmoid_cross_entropy(multi_class_labels, logits, weights, label_smoothing, scope)


def cosine_distance(
    predictions: Any, labels: Any = None, axis: Any = None, weights: Any = 1.0, scope: Any = None, dim: Any = None
) -> Any:
    return tf.losses.cosine_distance(labels, predictions, axis if axis is not None else dim, weights, scope)


def mean_pairwise_squared_error(predictions: Any, labels: Any = None, weights: Any = 1.0, scope: Any = None) -> Any:
    return tf.losses.mean_pairwise_squared_error(labels, predictions, weights, scope)


# -- metric learning ------------------------------------------------------------------------------------------


def _squared_distances(x: Any) -> Any:
    squares = tf.reduce_sum(tf.square(x), 1, keepdims=True)
    return tf.maximum(squares - 2.0 * tf.matmul(x, x, transpose_b=True) + tf.transpose(squares), 0.0)


def contrastive_loss(labels: Any, embeddings_anchor: Any, embeddings_positive: Any, margin: float = 1.0) -> Any:
    """Distance of pairs labelled 1, shortfall of the distance to `margin` of those labelled 0 (Hadsell et al., 2006)."""
    distances = tf.sqrt(tf.reduce_sum(tf.square(embeddings_anchor - embeddings_positive), 1))
    labels = tf.to_float(labels)
    return tf.reduce_mean(
        labels * tf.square(distances) + (1.0 - labels) * tf.square(tf.maximum(margin - distances, 0.0)), name="contrastive_loss"
    )


def npairs_loss(
    labels: Any, embeddings_anchor: Any, embeddings_positive: Any, reg_lambda: float = 0.002, print_losses: bool = False
) -> Any:
    """Cross entropy of the similarities of anchors and positives (Sohn, 2016)."""
    penalty = 0.25 * reg_lambda * (
        tf.reduce_mean(tf.reduce_sum(tf.square(embeddings_anchor),
            1)) + tf.reduce_mean(tf.reduce_sum(tf.square(embeddings_positive), 1))
    )  # fmt: skip
    similarity = tf.matmul(embeddings_anchor, embeddings_positive, transpose_a=False, transpose_b=True)
    labels = tf.reshape(labels, [-1, 1])
    same = tf.to_float(tf.equal(labels, tf.transpose(labels)))
    wanted = same / tf.reduce_sum(same, 1, keepdims=True)
    return tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(logits=similarity, labels=wanted)) + penalty


def triplet_semihard_loss(labels: Any, embeddings: Any, margin: float = 1.0) -> Any:
    """Anchors nearer to their positives than to the hardest negatives beyond them, by `margin` (Schroff et al., 2015)."""
    labels = tf.reshape(labels, [-1, 1])
    d = _squared_distances(embeddings)
    same = tf.equal(labels, tf.transpose(labels))
    n = tf.shape(d)[0]
    further = tf.logical_and(tf.expand_dims(d, 1) > tf.expand_dims(d, 2), tf.expand_dims(tf.logical_not(same), 1))
    nearest = tf.reduce_min(
        tf.where(further, tf.broadcast_to(tf.expand_dims(d, 1), tf.shape(further)), tf.fill(tf.shape(further), float("inf"))), 2
    )
    farthest = tf.reduce_max(tf.where(same, tf.zeros_like(d), d), 1, keepdims=True)
    negatives = tf.where(tf.reduce_any(further, 2), nearest, tf.broadcast_to(farthest, tf.shape(d)))
    positive = tf.to_float(same) - tf.eye(n)
    total = tf.reduce_sum(tf.maximum((margin + d - negatives) * positive, 0.0))
    return tf.div(total, tf.reduce_sum(positive), name="triplet_semihard_loss")


metric_learning = SimpleNamespace(
    contrastive_loss=contrastive_loss, npairs_loss=npairs_loss, triplet_semihard_loss=triplet_semihard_loss
)
