"""Pictures changed by chance: by seeds of the state, or by a seed alone (`stateless_*`).

Source: https://www.tensorflow.org/api_docs/python/tf/image/stateless_random_flip_left_right
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import thalweg as tf
from thalweg.engine.ops import distortion
from thalweg.image.colour import (
    adjust_brightness,
    adjust_contrast,
    adjust_hue,
    adjust_jpeg_quality,
    adjust_saturation,
)
from thalweg.image.shapes import checked

_Draw = Callable[..., Any]  # draw(shape, low, high, dtype)


def _stateful(seed: Any) -> _Draw:
    return lambda shape, low, high, dtype=tf.float32: tf.random.uniform(shape, low, high, dtype, seed=seed)


def _stateless(seed: Any) -> _Draw:
    return lambda shape, low, high, dtype=tf.float32: tf.random.stateless_uniform(shape, seed, low, high, dtype)


def _interval(lower: Any, upper: Any) -> None:
    if upper <= lower:
        raise ValueError("upper must be > lower.")
    if lower < 0:
        raise ValueError("lower must be non-negative.")


def _flipped(image: Any, axis: int, draw: _Draw) -> Any:
    image = checked(image)
    if image.shape.rank is None:
        one, many = (lambda: _one_flipped(image, axis, draw)), (lambda: _batch_flipped(image, axis, draw))
        return tf.cond(tf.equal(tf.rank(image), 3), one, many)
    if image.shape.rank == 3:
        return _one_flipped(image, axis, draw)
    if image.shape.rank == 4:
        return _batch_flipped(image, axis, draw)
    raise ValueError(f"'image' (shape {image.shape}) must have either 3 or 4 dimensions.")


def _one_flipped(image: Any, axis: int, draw: _Draw) -> Any:
    flip = draw([], 0, 1.0) < 0.5
    return tf.where(flip, tf.reverse(image, [axis - 1]), image)


def _batch_flipped(image: Any, axis: int, draw: _Draw) -> Any:
    flip = tf.cast(tf.round(draw([tf.shape(image)[0]], 0, 1.0)), image.dtype)[:, None, None, None]
    return flip * tf.reverse(image, [axis]) + (1 - flip) * image


def random_flip_left_right(image: Any, seed: Any = None) -> Any:
    """Each picture mirrored left to right with probability 1/2."""
    return _flipped(image, 2, _stateful(seed))


def random_flip_up_down(image: Any, seed: Any = None) -> Any:
    """Each picture mirrored top to bottom with probability 1/2."""
    return _flipped(image, 1, _stateful(seed))


def stateless_random_flip_left_right(image: Any, seed: Any) -> Any:
    """As `random_flip_left_right`, by a seed of two integers alone."""
    return _flipped(image, 2, _stateless(seed))


def stateless_random_flip_up_down(image: Any, seed: Any) -> Any:
    """As `random_flip_up_down`, by a seed of two integers alone."""
    return _flipped(image, 1, _stateless(seed))


def _brightness(image: Any, max_delta: Any, draw: _Draw) -> Any:
    if max_delta < 0:
        raise ValueError("max_delta must be non-negative.")
    return adjust_brightness(image, draw([], -max_delta, max_delta))


def random_brightness(image: Any, max_delta: Any, seed: Any = None) -> Any:
    """`adjust_brightness` by a number drawn from `[-max_delta, max_delta)`. Raises ValueError if that is negative."""
    return _brightness(image, max_delta, _stateful(seed))


def stateless_random_brightness(image: Any, max_delta: Any, seed: Any) -> Any:
    """As `random_brightness`, by a seed of two integers alone."""
    return _brightness(image, max_delta, _stateless(seed))


def _contrast(image: Any, lower: Any, upper: Any, draw: _Draw) -> Any:
    _interval(lower, upper)
    return adjust_contrast(image, draw([], lower, upper))


def random_contrast(image: Any, lower: Any, upper: Any, seed: Any = None) -> Any:
    """`adjust_contrast` by a factor drawn from `[lower, upper)`. Raises ValueError unless `0 <= lower < upper`."""
    return _contrast(image, lower, upper, _stateful(seed))


def stateless_random_contrast(image: Any, lower: Any, upper: Any, seed: Any) -> Any:
    """As `random_contrast`, by a seed of two integers alone."""
    return _contrast(image, lower, upper, _stateless(seed))


def _hue(image: Any, max_delta: Any, draw: _Draw) -> Any:
    if max_delta > 0.5:
        raise ValueError("max_delta must be <= 0.5.")
    if max_delta < 0:
        raise ValueError("max_delta must be non-negative.")
    return adjust_hue(image, draw([], -max_delta, max_delta))


def random_hue(image: Any, max_delta: Any, seed: Any = None) -> Any:
    """`adjust_hue` by a number drawn from `[-max_delta, max_delta)`. Raises ValueError unless that is in [0, 0.5]."""
    return _hue(image, max_delta, _stateful(seed))


def stateless_random_hue(image: Any, max_delta: Any, seed: Any) -> Any:
    """As `random_hue`, by a seed of two integers alone."""
    return _hue(image, max_delta, _stateless(seed))


def _saturation(image: Any, lower: Any, upper: Any, draw: _Draw) -> Any:
    _interval(lower, upper)
    return adjust_saturation(image, draw([], lower, upper))


def random_saturation(image: Any, lower: Any, upper: Any, seed: Any = None) -> Any:
    """`adjust_saturation` by a factor drawn from `[lower, upper)`. Raises ValueError unless `0 <= lower < upper`."""
    return _saturation(image, lower, upper, _stateful(seed))


def stateless_random_saturation(image: Any, lower: Any, upper: Any, seed: Any = None) -> Any:
    """As `random_saturation`, by a seed of two integers alone."""
    return _saturation(image, lower, upper, _stateless(seed))


def _jpeg_quality(image: Any, low: int, high: int, draw: _Draw) -> Any:
    if low < 0 or high < 0 or low > 100 or high > 100:
        raise ValueError("jpeg encoding range must be between 0 and 100.")
    if low >= high:
        raise ValueError("`min_jpeg_quality` must be less than `max_jpeg_quality`.")
    return adjust_jpeg_quality(image, draw([], low, high, tf.int32))


def random_jpeg_quality(image: Any, min_jpeg_quality: int, max_jpeg_quality: int, seed: Any = None) -> Any:
    """`adjust_jpeg_quality` by a quality drawn from an interval within 0 to 100."""
    return _jpeg_quality(image, min_jpeg_quality, max_jpeg_quality, _stateful(seed))


def stateless_random_jpeg_quality(image: Any, min_jpeg_quality: int, max_jpeg_quality: int, seed: Any) -> Any:
    """As `random_jpeg_quality`, by a seed of two integers alone."""
    return _jpeg_quality(image, min_jpeg_quality, max_jpeg_quality, _stateless(seed))


def _cropped(value: Any, size: Any, draw: _Draw) -> Any:
    value = tf.convert_to_tensor(value, name="value")
    size = tf.convert_to_tensor(size, tf.int32, name="size")
    shape = tf.shape(value)
    check = tf.debugging.Assert(tf.reduce_all(shape >= size), ["Need value.shape >= size, got ", shape, size])
    with tf.control_dependencies([] if check is None else [check]):
        limit = shape - size + 1
    offset = draw(tf.shape(limit), None, size.dtype.max, size.dtype) % limit
    return tf.slice(value, offset, size)


def random_crop(value: Any, size: Any, seed: Any = None, name: str | None = None) -> Any:
    """A part of a size, cut at a place drawn by chance; for tensors of any rank.

    Raises InvalidArgumentError when the tensor is smaller.

    >>> tf.image.random_crop(tf.range(10), [3]).shape
    TensorShape([3])
    """
    with tf.name_scope(name or "random_crop"):
        return _cropped(value, size, lambda shape, low, high, dtype: tf.random.uniform(shape, maxval=high, dtype=dtype, seed=seed))


def stateless_random_crop(value: Any, size: Any, seed: Any, name: str | None = None) -> Any:
    """As `random_crop`, by a seed of two integers alone."""
    with tf.name_scope(name or "random_crop"):
        return _cropped(value, size, lambda s, low, high, dtype: tf.random.stateless_uniform(s, seed, 0, high, dtype))


def sample_distorted_bounding_box(
    image_size: Any, bounding_boxes: Any, seed: int = 0, min_object_covered: Any = 0.1, aspect_ratio_range: Any = (0.75, 1.33),
    area_range: Any = (0.05, 1), max_attempts: int = 100, use_image_if_no_bounding_boxes: bool = False, name: str | None = None,
) -> Any:  # fmt: skip
    """A rectangle drawn by chance that covers enough of an object: `(begin, size, bboxes)` for `tf.slice` and drawing.

    image_size: `[height, width, channels]`. bounding_boxes: `[batch, n, 4]` as (top, left, bottom, right) in [0, 1]. It is
    tried `max_attempts` times to find one within the ranges of aspect ratio and area; else it is the whole picture. Raises
    InvalidArgumentError if there is no box and `use_image_if_no_bounding_boxes` is not set.
    """
    first, second = tf.compat.v1.get_seed(seed) if seed else (0, 0)  # without a seed it is drawn by chance, whatever is set
    return distortion.sample_distorted_bounding_box_v2(
        image_size, bounding_boxes, min_object_covered, seed=first, seed2=second,
        aspect_ratio_range=tuple(aspect_ratio_range), area_range=tuple(area_range), max_attempts=max_attempts,
        use_image_if_no_bounding_boxes=use_image_if_no_bounding_boxes, name=name,
    )  # fmt: skip


def stateless_sample_distorted_bounding_box(
    image_size: Any, bounding_boxes: Any, seed: Any, min_object_covered: Any = 0.1, aspect_ratio_range: Any = (0.75, 1.33),
    area_range: Any = (0.05, 1), max_attempts: int = 100, use_image_if_no_bounding_boxes: bool = False, name: str | None = None,
) -> Any:  # fmt: skip
    """As `sample_distorted_bounding_box`, by a seed of two integers alone."""
    return distortion.stateless_sample_distorted_bounding_box(
        image_size, bounding_boxes, min_object_covered, seed, aspect_ratio_range=tuple(aspect_ratio_range),
        area_range=tuple(area_range), max_attempts=max_attempts,
        use_image_if_no_bounding_boxes=use_image_if_no_bounding_boxes, name=name,
    )  # fmt: skip
