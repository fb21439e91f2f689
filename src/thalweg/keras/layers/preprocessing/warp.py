"""Images seen through a linear map of places: rotated, moved, sheared, zoomed. Composed of gathers."""

from __future__ import annotations

from typing import Any

import thalweg as tf

FILL_MODES = ("constant", "nearest", "reflect", "wrap")


def warp(images: Any, matrices: Any, fill_mode: str, interpolation: str, fill_value: float) -> Any:
    """`images`, `[batch, rows, columns, channels]`, read where `matrices` say.

    matrices: `[batch, 8]`; the output at (x, y) is the input at `(a x + b y + c, d x + e y + f) / (g x + h y + 1)`, as in
    TensorFlow's ImageProjectiveTransformV3.
    """
    rows, columns = tf.shape(images)[1], tf.shape(images)[2]
    y, x = tf.meshgrid(tf.cast(tf.range(rows), images.dtype), tf.cast(tf.range(columns), images.dtype), indexing="ij")
    a, b, c, d, e, f, g, h = [tf.reshape(part, [-1, 1, 1]) for part in tf.unstack(tf.cast(matrices, images.dtype), 8, axis=1)]
    below = g * x + h * y + 1.0
    return sample(images, (d * x + e * y + f) / below, (a * x + b * y + c) / below, fill_mode, interpolation, fill_value)


def sample(images: Any, y: Any, x: Any, fill_mode: str, interpolation: str, fill_value: float) -> Any:
    """`images` at the places `y, x`, `[batch, rows, columns]` each, which may lie between pixels and outside."""
    y = _inside(y, tf.shape(images)[1], fill_mode)
    x = _inside(x, tf.shape(images)[2], fill_mode)
    if interpolation == "nearest":
        return _pixels(images, _rounded(y), _rounded(x), fill_value)
    top, left = tf.floor(y), tf.floor(x)
    down, right = tf.expand_dims(y - top, -1), tf.expand_dims(x - left, -1)
    upper = (1 - right) * _pixels(images, top, left, fill_value) + right * _pixels(images, top, left + 1, fill_value)
    lower = (1 - right) * _pixels(images, top + 1, left, fill_value) + right * _pixels(images, top + 1, left + 1, fill_value)
    return (1 - down) * upper + down * lower


def _rounded(x: Any) -> Any:
    """Halves away from zero, as C's `round` does."""
    return tf.where(x < 0, -tf.floor(0.5 - x), tf.floor(x + 0.5))


def _inside(place: Any, size: Any, fill_mode: str) -> Any:
    """Places outside the image as places in it; 'constant' leaves them."""
    size = tf.cast(size, place.dtype)
    if fill_mode == "reflect":  # abcd|dcba
        place = tf.math.floormod(place, 2 * size)
        place = tf.where(place >= size, 2 * size - place - 1, place)
    elif fill_mode == "wrap":
        step = tf.maximum(size - 1, 1)
        before = place + size * (tf.floor(-place / step) + 1)
        after = place - size * tf.floor(place / step)
        place = tf.where(place < 0, before, tf.where(place > size - 1, after, place))
    elif fill_mode != "nearest":
        return place
    return tf.clip_by_value(place, tf.zeros_like(size), size - 1)


def _pixels(images: Any, y: Any, x: Any, fill_value: float) -> Any:
    """The pixels at whole numbers; `fill_value` outside."""
    rows, columns = tf.shape(images)[1], tf.shape(images)[2]
    y, x = tf.cast(y, tf.int32), tf.cast(x, tf.int32)
    within = tf.logical_and(tf.logical_and(y >= 0, y < rows), tf.logical_and(x >= 0, x < columns))
    flat = tf.reshape(images, [tf.shape(images)[0], rows * columns, images.shape[-1]])
    place = tf.where(within, y * columns + x, 0)
    found = tf.gather(flat, tf.reshape(place, [tf.shape(place)[0], -1]), batch_dims=1)
    found = tf.reshape(found, [tf.shape(place)[0], tf.shape(place)[1], tf.shape(place)[2], images.shape[-1]])
    return tf.where(tf.expand_dims(within, -1), found, tf.cast(fill_value, images.dtype))
