"""Numbers of categories as vectors: one-hot, several-hot, counts. What all layers with an `output_mode` share."""

from __future__ import annotations

from typing import Any

import thalweg as tf

_OTHER_SPELLINGS = {"binary": "multi_hot", "tf-idf": "tf_idf"}


def check_mode(mode: Any, layer: str, known: tuple[str, ...] = ("int", "one_hot", "multi_hot", "count")) -> str:
    """`output_mode` in Keras 3's spelling. Raises ValueError for one that the layer does not know."""
    mode = _OTHER_SPELLINGS.get(mode, mode)
    if mode not in known:
        raise ValueError(
            f"Unknown value for argument `output_mode` of {layer}: expected one of {', '.join(map(repr, known))}. Received: "
            f"output_mode={mode!r}"
        )
    return mode


def encode(x: Any, mode: str, depth: int, dtype: Any, weights: Any = None, sparse: bool = False) -> Any:
    """Category numbers `x` as `mode` says: as they are, or as vectors `[..., depth]` along the last axis.

    A number outside `0 <= i < depth` counts nowhere. weights: what each entry counts for, in mode 'count'.
    """
    if mode == "int":
        return tf.cast(x, dtype)
    if isinstance(x, tf.RaggedTensor):
        weights = weights.to_tensor() if isinstance(weights, tf.RaggedTensor) else weights
        x = x.to_tensor(default_value=tf.cast(-1, x.dtype))
    x = tf.cast(x, tf.int32)
    if x.shape.rank == 0 or (mode == "one_hot" and x.shape[-1] != 1):
        x = tf.expand_dims(x, -1)
    length = tf.shape(x)[-1]
    rows = tf.reshape(x, [-1, length])
    number = tf.shape(rows)[0]
    # Each row has its own `depth` places in one long vector.
    places = tf.where(tf.logical_and(rows >= 0, rows < depth), rows + depth * tf.expand_dims(tf.range(number), 1), -1)
    amounts = tf.ones_like(rows, dtype=dtype) if weights is None else tf.cast(tf.reshape(weights, [-1, length]), dtype)
    counts = tf.math.unsorted_segment_sum(tf.reshape(amounts, [-1]), tf.reshape(places, [-1]), number * depth)
    if mode != "count":
        counts = tf.minimum(counts, tf.ones_like(counts))
    lead = [tf.shape(x)[i] if n is None else n for i, n in enumerate(x.shape[:-1])]
    y = tf.reshape(counts, [*lead, depth])
    return tf.sparse.from_dense(y) if sparse else y


def encoded_shape(shape: Any, mode: str, depth: int | None) -> Any:
    """The shape of what `encode` gives."""
    shape = tuple(shape)
    if mode == "int":
        return shape
    if not shape or (mode == "one_hot" and shape[-1] != 1):
        return (*shape, depth)
    return (*shape[:-1], depth)


def values_of(x: Any, function: Any) -> Any:
    """`function` on the values of a dense, ragged or sparse tensor, in the same form."""
    if isinstance(x, tf.RaggedTensor):
        return x.with_flat_values(function(x.flat_values))
    if isinstance(x, tf.SparseTensor):
        return tf.SparseTensor(x.indices, function(x.values), x.dense_shape)
    return function(x)


def as_tensor(x: Any, dtype: Any = None) -> Any:
    """A tensor of an array, a list or a tensor; ragged and sparse ones as they are."""
    if isinstance(x, (tf.RaggedTensor, tf.SparseTensor)):
        return x
    return tf.convert_to_tensor(x, dtype=dtype) if not isinstance(x, tf.Tensor) else x
