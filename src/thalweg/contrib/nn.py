"""`tf.contrib.nn`: functions beside those of `tf.nn`."""

from __future__ import annotations

from typing import Any

from thalweg.compat import v1 as tf


def alpha_dropout(x: Any, keep_prob: Any, noise_shape: Any = None, seed: Any = None, name: Any = None) -> Any:
    """Dropout that keeps mean and variance of self-normalising networks (Klambauer et al., 2017)."""
    with tf.name_scope(name, "alpha_dropout", [x]):
        x = tf.convert_to_tensor(x)
        low = -1.7580993408473766
        kept = tf.cast(tf.floor(keep_prob + tf.random_uniform(noise_shape or tf.shape(x), seed=seed, dtype=x.dtype)), x.dtype)
        a = 1.0 / (keep_prob * (1.0 + (1.0 - keep_prob) * low**2)) ** 0.5
        return a * (x * kept + low * (1.0 - kept)) - a * low * (1.0 - keep_prob)


def deprecated_flipped_softmax_cross_entropy_with_logits(logits: Any, labels: Any, dim: int = -1, name: Any = None) -> Any:
    return tf.nn.softmax_cross_entropy_with_logits(labels=labels, logits=logits, dim=dim, name=name)


def deprecated_flipped_sparse_softmax_cross_entropy_with_logits(logits: Any, labels: Any, name: Any = None) -> Any:
    return tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits, name=name)


def deprecated_flipped_sigmoid_cross_entropy_with_logits(logits: Any, targets: Any, name: Any = None) -> Any:
    return tf.nn.sigmoid_cross_entropy_with_logits(labels=targets, logits=logits, name=name)
