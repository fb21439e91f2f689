"""`tf.contrib.nccl`: sums over towers. On one device the parts are added where they are."""

from __future__ import annotations

from typing import Any

from thalweg.compat import v1 as tf


def all_sum(tensors: Any) -> list[Any]:
    """The sum of all, for each."""
    total = tf.add_n(list(tensors))
    return [tf.identity(total) for _ in tensors]


def all_prod(tensors: Any) -> list[Any]:
    """The product of all, for each."""
    total = tf.reduce_prod(tf.stack(list(tensors)), 0)
    return [tf.identity(total) for _ in tensors]


def all_max(tensors: Any) -> list[Any]:
    total = tf.reduce_max(tf.stack(list(tensors)), 0)
    return [tf.identity(total) for _ in tensors]


def all_min(tensors: Any) -> list[Any]:
    total = tf.reduce_min(tf.stack(list(tensors)), 0)
    return [tf.identity(total) for _ in tensors]


def reduce_sum(tensors: Any) -> Any:
    return tf.add_n(list(tensors))


def broadcast(tensor: Any) -> Any:
    return tensor
