"""Summaries of tensors by what they are: `tf.contrib.layers.summarize_tensors` and its kin."""

from __future__ import annotations

import re
from typing import Any

from thalweg.compat import v1 as tf


def summarize_tensor(tensor: Any, tag: str | None = None) -> Any:
    """A scalar summary of a scalar, a histogram of anything else."""
    tag = tag or tensor.op.name
    return tf.summary.scalar(tag, tensor) if tensor.shape.ndims == 0 else tf.summary.histogram(tag, tensor)


def summarize_activation(op: Any) -> Any:
    """The part of zeros of a ReLU, and a histogram."""
    if op.op.type in ("Relu", "Softplus", "Relu6"):
        threshold = tf.less(op, 0.05) if op.op.type == "Softplus" else tf.equal(op, 0)
        tf.summary.scalar(op.op.name + "/zeros", tf.reduce_mean(tf.cast(threshold, tf.float32)))
    if op.op.type == "Relu6":
        tf.summary.scalar(op.op.name + "/sixes", tf.reduce_mean(tf.cast(tf.equal(op, 6), tf.float32)))
    return tf.summary.histogram(op.op.name + "/activation", op)


def summarize_tensors(tensors: Any, summarizer: Any = summarize_tensor) -> list[Any]:
    return [summarizer(t) for t in tensors]


def summarize_collection(collection: Any, name_filter: str | None = None, summarizer: Any = summarize_tensor) -> list[Any]:
    """Summaries of a collection's tensors whose names match."""
    found = tf.get_collection(collection)
    return [summarizer(t) for t in found if name_filter is None or re.match(name_filter, t.op.name)]


def summarize_activations(name_filter: str | None = None, summarizer: Any = summarize_activation) -> list[Any]:
    return summarize_collection(tf.GraphKeys.ACTIVATIONS, name_filter, summarizer)


def summarize_variables(name_filter: str | None = None, summarizer: Any = summarize_tensor) -> list[Any]:
    return summarize_collection(tf.GraphKeys.GLOBAL_VARIABLES, name_filter, summarizer)


def summarize_weights(name_filter: str | None = None, summarizer: Any = summarize_tensor) -> list[Any]:
    return summarize_collection(tf.GraphKeys.WEIGHTS, name_filter, summarizer)


def summarize_biases(name_filter: str | None = None, summarizer: Any = summarize_tensor) -> list[Any]:
    return summarize_collection(tf.GraphKeys.BIASES, name_filter, summarizer)
