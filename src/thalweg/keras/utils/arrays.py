"""Small conversions of data: classes to one-hot rows, rows to unit length, sequences to one length."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

import thalweg as tf


def to_categorical(x: Any, num_classes: int | None = None, dtype: Any = None) -> Any:
    """Class numbers as one-hot rows.

    x: integers `[...]` or `[..., 1]`, an array or a tensor. num_classes: the largest plus one unless given.
    Returns `[..., num_classes]`, float64 unless `dtype` says otherwise (float32 for a tensor).
    Raises ValueError for a class outside `0 <= class < num_classes`.
    Source: keras.utils.to_categorical.

    >>> tf.keras.utils.to_categorical([0, 2, 1], num_classes=3)
    array([[1., 0., 0.],
           [0., 0., 1.],
           [0., 1., 0.]])
    """
    if isinstance(x, (tf.Tensor, tf.Variable)):
        if x.shape.rank and x.shape.rank > 1 and x.shape[-1] == 1:
            x = tf.squeeze(x, -1)
        if num_classes is None:
            num_classes = int(tf.reduce_max(x)) + 1
        return tf.one_hot(tf.cast(x, tf.int64), num_classes, dtype=tf.as_dtype(dtype or tf.float32))
    classes = np.asarray(x).astype("int64")
    if classes.ndim > 1 and classes.shape[-1] == 1:
        classes = classes[..., 0]
    if not num_classes:
        num_classes = int(classes.max(initial=-1)) + 1
    if classes.size and (classes.min() < 0 or classes.max() >= num_classes):
        bad = classes.min() if classes.min() < 0 else classes.max()
        raise ValueError(
            f"`to_categorical` found class {bad}, but num_classes={num_classes} allows 0 to {num_classes - 1}."
        )
    return np.eye(num_classes, dtype=dtype)[classes]


def normalize(x: Any, axis: int = -1, order: Any = 2) -> Any:
    """`x` divided by its norm along `axis`; where the norm is zero it stays zero.

    A vector comes back as a matrix of one row, as in Keras. Source: keras.utils.normalize.

    >>> tf.keras.utils.normalize(np.array([[3.0, 4.0]]))
    array([[0.6, 0.8]])
    """
    if isinstance(x, (tf.Tensor, tf.Variable)):
        norm = tf.norm(x, ord=order, axis=axis, keepdims=True)
        return x / tf.where(norm > 0, norm, tf.ones_like(norm))
    x = np.asarray(x)
    norm = np.linalg.norm(x, order, axis, keepdims=True)
    return np.atleast_2d(x / np.where(norm == 0, 1, norm))


def pad_sequences(
    sequences: Sequence[Any],
    maxlen: int | None = None,
    dtype: Any = "int32",
    padding: str = "pre",
    truncating: str = "pre",
    value: Any = 0.0,
) -> np.ndarray:
    """Sequences of different lengths as one array, filled up with `value` and cut to `maxlen`.

    sequences: list of lists, whose elements may themselves be arrays of one shape. maxlen: the longest unless given.
    padding, truncating: at which end, "pre" or "post". Returns `[len(sequences), maxlen, ...]`.
    Raises ValueError when something is not a sequence or the elements differ in shape.
    Source: keras.utils.pad_sequences.

    >>> tf.keras.utils.pad_sequences([[1], [2, 3, 4]], maxlen=2)
    array([[0, 1],
           [3, 4]], dtype=int32)
    """
    for name, end in (("padding", padding), ("truncating", truncating)):
        if end not in ("pre", "post"):
            raise ValueError(f"`{name}` must be 'pre' or 'post', got {end!r}.")
    if not hasattr(sequences, "__len__"):
        raise ValueError(f"`sequences` must be a list of sequences, got {type(sequences).__name__}.")
    for i, sequence in enumerate(sequences):
        if not hasattr(sequence, "__len__"):
            raise ValueError(f"`sequences` must be a list of sequences; element {i} is {sequence!r}.")
    is_text = np.issubdtype(dtype, np.str_) or np.issubdtype(dtype, np.bytes_)
    if isinstance(value, str) and dtype is not object and not is_text:
        raise ValueError(f"value={value!r} does not fit dtype {dtype!r}: write `dtype=object` for text.")
    if maxlen is None:
        maxlen = max((len(sequence) for sequence in sequences), default=0)
    element_shape = next((np.asarray(sequence).shape[1:] for sequence in sequences if len(sequence)), ())
    padded = np.full((len(sequences), maxlen, *element_shape), value, dtype=dtype)
    for i, sequence in enumerate(sequences):
        kept = sequence[max(len(sequence) - maxlen, 0) :] if truncating == "pre" else sequence[:maxlen]
        if not len(kept):
            continue
        kept = np.asarray(kept, dtype=dtype)
        if kept.shape[1:] != element_shape:
            raise ValueError(
                f"Sequence {i} has elements of shape {kept.shape[1:]}; the sequences before have {element_shape}."
            )
        padded[i, slice(maxlen - len(kept), None) if padding == "pre" else slice(len(kept))] = kept
    return padded
