"""What the functions over pictures ask of shapes: one picture or a batch of them, and sizes that may be known only later."""

from __future__ import annotations

from typing import Any

import thalweg as tf


def checked(image: Any, at_least: int = 3, exactly: bool = False) -> Any:
    """The picture as a tensor. Raises ValueError for a known shape of fewer than three dimensions, or with a zero in it."""
    image = tf.convert_to_tensor(image, name="image")
    rank = image.shape.rank
    if rank is not None and (rank < at_least or (exactly and rank != at_least)):
        word = "must be" if exactly else "must be at least"
        raise ValueError(f"'image' (shape {image.shape}) {word} {at_least}-dimensional.")
    if rank is not None and any(n == 0 for n in image.shape.as_list()[-3:]):
        raise ValueError(f"inner 3 dims of 'image.shape' must be > 0: {image.shape}")
    return image


def as_batch(image: Any) -> tuple[Any, bool]:
    """The picture as a batch of four dimensions, and whether it was one already. Raises ValueError for another rank."""
    image = checked(image)
    rank = image.shape.rank
    if rank == 3:
        return tf.expand_dims(image, 0), False
    if rank is None:  # it is taken for one picture
        image = tf.expand_dims(image, 0)
        image.set_shape([None] * 4)
        return image, False
    if rank != 4:
        raise ValueError("'image' must have either 3 or 4 dimensions.")
    return image, True


def sizes(image: Any) -> list[Any]:
    """The sizes of a batch: numbers where they are known, tensors elsewhere."""
    known = image.shape.as_list()
    if None not in known:
        return known
    dynamic = tf.unstack(tf.shape(image), len(known))
    return [d if n is None else n for n, d in zip(known, dynamic)]


def number(value: Any) -> Any:
    """A size as a plain number where it is known, else as it is."""
    known = tf.get_static_value(value)
    return value if known is None else int(known)


def require(condition: Any, message: str) -> list[Any]:
    """ValueError if a known condition does not hold; an assertion, as a control dependency, if it is a tensor."""
    if isinstance(condition, tf.Tensor):
        known = tf.get_static_value(condition)
        if known is None:
            return [tf.debugging.Assert(condition, [message])]
        condition = bool(known)
    if not condition:
        raise ValueError(message)
    return []
