"""Pictures cut out, padded, flipped and turned.

Source: https://www.tensorflow.org/api_docs/python/tf/image
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import thalweg as tf
from thalweg.image.shapes import as_batch, checked, number, require, sizes


def _each(image: Any, function: Callable[[Any], Any]) -> Any:
    """A function of batches applied to a batch or to one picture."""
    image = checked(image)
    if image.shape.rank is None:
        return tf.cond(tf.equal(tf.rank(image), 3), lambda: _alone(image, function), lambda: function(image))
    if image.shape.rank == 3:
        return _alone(image, function)
    if image.shape.rank == 4:
        return function(image)
    raise ValueError(f"'image' (shape {image.shape}) must have either 3 or 4 dimensions.")


def _alone(image: Any, function: Callable[[Any], Any]) -> Any:
    return tf.squeeze(function(tf.expand_dims(image, 0)), [0])


def flip_left_right(image: Any) -> Any:
    """Pictures mirrored left to right.

    >>> tf.image.flip_left_right([[[1], [2]]])[..., 0].numpy()
    array([[2, 1]], dtype=int32)
    """
    return _reversed(image, -2)


def flip_up_down(image: Any) -> Any:
    """Pictures mirrored top to bottom."""
    return _reversed(image, -3)


def _reversed(image: Any, axis: int) -> Any:
    image = checked(image)
    if image.shape.rank not in (3, 4, None):
        raise ValueError(f"'image' (shape {image.shape}) must have either 3 or 4 dimensions.")
    return tf.reverse(image, [axis])


def rot90(image: Any, k: Any = 1, name: str | None = None) -> Any:
    """Pictures turned against the clock by `k` right angles."""
    with tf.name_scope(name or "rot90"):
        return _each(image, lambda batch: _turned(batch, k))


def _turned(batch: Any, k: Any) -> Any:
    ways = [
        lambda: batch, lambda: tf.transpose(tf.reverse(batch, [2]), [0, 2, 1, 3]), lambda: tf.reverse(batch, [1, 2]),
        lambda: tf.reverse(tf.transpose(batch, [0, 2, 1, 3]), [2]),
    ]  # fmt: skip
    known = tf.get_static_value(k)
    if known is not None:
        return ways[int(known) % 4]()
    turned = tf.switch_case(tf.math.floormod(tf.cast(k, tf.int32), 4), ways)
    turned.set_shape([batch.shape[0], None, None, batch.shape[3]] if batch.shape.rank else None)
    return turned


def transpose(image: Any, name: str | None = None) -> Any:
    """Pictures with rows and columns exchanged."""
    with tf.name_scope(name or "transpose"):
        return _each(image, lambda batch: tf.transpose(batch, [0, 2, 1, 3]))


def central_crop(image: Any, central_fraction: float) -> Any:
    """The middle of pictures: `central_fraction` of each side, in (0, 1]. Raises ValueError for another fraction."""
    known = tf.get_static_value(central_fraction)
    if known is not None:
        if not 0.0 < known <= 1.0:
            raise ValueError("central_fraction must be within (0, 1]")
        if known == 1.0:
            return tf.convert_to_tensor(image)
        central_fraction = float(known)
    image, batched = as_batch(image)
    begins, lengths = [0], [-1]
    for n in sizes(image)[1:3]:
        size = tf.cast(n, tf.float64)
        start = tf.cast((size - size * tf.cast(central_fraction, tf.float64)) / 2, tf.int32)
        begins.append(start)
        lengths.append(n - start * 2)
    cropped = tf.slice(image, tf.stack([*begins, 0]), tf.stack([*lengths, -1]))
    if isinstance(central_fraction, float):
        known_sizes = [None if n is None else n - int((n - n * central_fraction) / 2) * 2 for n in image.shape.as_list()[1:3]]
        cropped = tf.ensure_shape(cropped, [image.shape[0], *known_sizes, image.shape[3]])
    return cropped if batched else tf.squeeze(cropped, [0])


def crop_to_bounding_box(image: Any, offset_height: Any, offset_width: Any, target_height: Any, target_width: Any) -> Any:
    """A rectangle cut out of pictures. Raises ValueError when it is not within them.

    >>> tf.image.crop_to_bounding_box(tf.reshape(tf.range(9), [3, 3, 1]), 1, 0, 1, 2)[..., 0].numpy()
    array([[3, 4]], dtype=int32)
    """
    image, batched = as_batch(image)
    top, left, height, width = map(number, (offset_height, offset_width, target_height, target_width))
    _, h, w, _ = sizes(image)
    checks = [
        *require(left >= 0, "offset_width must be >= 0."), *require(top >= 0, "offset_height must be >= 0."),
        *require(width > 0, "target_width must be > 0."), *require(height > 0, "target_height must be > 0."),
        *require(w >= width + left, "width must be >= target + offset."),
        *require(h >= height + top, "height must be >= target + offset."),
    ]  # fmt: skip
    with tf.control_dependencies(checks):
        cropped = tf.slice(image, tf.stack([0, top, left, 0]), tf.stack([-1, height, width, -1]))
    known = [n if isinstance(n, int) else None for n in (height, width)]
    cropped = tf.ensure_shape(cropped, [image.shape[0], *known, image.shape[3]])
    return cropped if batched else tf.squeeze(cropped, [0])


def pad_to_bounding_box(image: Any, offset_height: Any, offset_width: Any, target_height: Any, target_width: Any) -> Any:
    """Pictures placed on zeros of a size. Raises ValueError when they do not fit."""
    image, batched = as_batch(image)
    top, left, height, width = map(number, (offset_height, offset_width, target_height, target_width))
    _, h, w, _ = sizes(image)
    below, right = height - top - h, width - left - w
    checks = [
        *require(top >= 0, "offset_height must be >= 0."), *require(left >= 0, "offset_width must be >= 0."),
        *require(right >= 0, "width must be <= target - offset"), *require(below >= 0, "height must be <= target - offset"),
    ]  # fmt: skip
    with tf.control_dependencies(checks):
        paddings = tf.reshape(tf.stack([0, 0, top, below, left, right, 0, 0]), [4, 2])
        padded = tf.pad(image, paddings)
    known = [n if isinstance(n, int) else None for n in (height, width)]
    padded = tf.ensure_shape(padded, [image.shape[0], *known, image.shape[3]])
    return padded if batched else tf.squeeze(padded, [0])


def resize_with_crop_or_pad(image: Any, target_height: Any, target_width: Any) -> Any:
    """Pictures cut, or placed on zeros, around their middle. Raises ValueError for sizes that are not positive.

    >>> tf.image.resize_with_crop_or_pad(tf.ones([1, 3, 1]), 1, 5)[..., 0].numpy()
    array([[0., 1., 1., 1., 0.]], dtype=float32)
    """
    image, batched = as_batch(image)
    height, width = number(target_height), number(target_width)
    checks = [*require(width > 0, "target_width must be > 0."), *require(height > 0, "target_height must be > 0.")]
    with tf.control_dependencies(checks):
        image = tf.identity(image) if checks else image
    _, h, w, _ = sizes(image)
    over = [_half(w - width), _half(h - height)]
    under = [_half(width - w), _half(height - h)]
    cut = crop_to_bounding_box(image, over[1], over[0], _least(height, h), _least(width, w))
    padded = pad_to_bounding_box(cut, under[1], under[0], height, width)
    return padded if batched else tf.squeeze(padded, [0])


def _half(difference: Any) -> Any:
    return max(difference // 2, 0) if isinstance(difference, int) else tf.maximum(difference // 2, 0)


def _least(a: Any, b: Any) -> Any:
    return min(a, b) if isinstance(a, int) and isinstance(b, int) else tf.minimum(a, b)
