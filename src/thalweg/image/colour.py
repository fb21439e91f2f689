"""Colours and brightness of pictures: conversions and adjustments.

Integers stand for 0 to 1 by their largest value. Source: https://www.tensorflow.org/api_docs/python/tf/image
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import thalweg as tf
from thalweg.engine.ops.colours import hsv_to_rgb, rgb_to_hsv
from thalweg.image.shapes import checked

_TO_YIQ = np.array([[0.299, 0.59590059, 0.2115], [0.587, -0.27455667, -0.52273617], [0.114, -0.32134392, 0.31119955]])
_FROM_YIQ = np.array([[1, 1, 1], [0.95598634, -0.27201283, -1.10674021], [0.6208248, -0.64720424, 1.70423049]])
_TO_YUV = np.array([[0.299, -0.14714119, 0.61497538], [0.587, -0.28886916, -0.51496512], [0.114, 0.43601035, -0.10001026]])
_FROM_YUV = np.array([[1, 1, 1], [0, -0.394642334, 2.03206185], [1.13988303, -0.58062185, 0]])
_GRAY = [0.2989, 0.5870, 0.1140]


def convert_image_dtype(image: Any, dtype: Any, saturate: bool = False, name: str | None = None) -> Any:
    """Pictures in another dtype, scaled so that the brightest value stays the brightest.

    saturate: clip what does not fit, instead of letting it wrap. Raises AttributeError for a dtype that is no number.

    >>> tf.image.convert_image_dtype(tf.constant([0, 255], tf.uint8), tf.float32).numpy()
    array([0., 1.], dtype=float32)
    """
    image = tf.convert_to_tensor(image, name="image")
    dtype = tf.as_dtype(dtype)
    if not dtype.is_floating and not dtype.is_integer:
        raise AttributeError("dtype must be either floating point or integer")
    if dtype is image.dtype:
        return tf.identity(image, name=name)
    with tf.name_scope(name or "convert_image"):
        if image.dtype.is_integer and dtype.is_integer:
            return _between_integers(image, dtype, saturate)
        if image.dtype.is_floating and dtype.is_floating:
            return tf.cast(image, dtype)
        if image.dtype.is_integer:
            return tf.cast(image, dtype) * (1.0 / image.dtype.max)
        scaled = image * (dtype.max + 0.5)
        return tf.saturate_cast(scaled, dtype) if saturate else tf.cast(scaled, dtype)


def _between_integers(image: Any, dtype: Any, saturate: bool) -> Any:
    into = tf.saturate_cast if saturate else tf.cast
    if image.dtype.max > dtype.max:
        return into(image // ((image.dtype.max + 1) // (dtype.max + 1)), dtype)
    return into(image, dtype) * ((dtype.max + 1) // (image.dtype.max + 1))


def _as_floats(image: Any, function: Callable[[Any], Any], kept: tuple[Any, ...] = (tf.float16, tf.float32)) -> Any:
    """A function of floats applied to pictures of any dtype; the result is of that dtype again."""
    image = tf.convert_to_tensor(image, name="image")
    if image.dtype in kept:
        return function(image)
    return convert_image_dtype(function(convert_image_dtype(image, tf.float32)), image.dtype, saturate=True)


def adjust_brightness(image: Any, delta: Any) -> Any:
    """Pictures with `delta` (in the scale of 0 to 1) added to all values.

    >>> tf.image.adjust_brightness([[[0.25]]], 0.5).numpy()
    array([[[0.75]]], dtype=float32)
    """
    return _as_floats(image, lambda x: x + tf.cast(delta, x.dtype))


def adjust_contrast(images: Any, contrast_factor: Any) -> Any:
    """Pictures whose values' distances from each channel's mean are multiplied by `contrast_factor`."""

    def adjusted(x: Any) -> Any:
        if x.shape.rank is not None and x.shape.rank < 3:
            raise ValueError(f"Shape must be at least rank 3 but is rank {x.shape.rank}")
        mean = tf.reduce_mean(x, axis=[-3, -2], keepdims=True)
        return (x - mean) * tf.cast(contrast_factor, x.dtype) + mean

    return _as_floats(images, adjusted)


def adjust_gamma(image: Any, gamma: Any = 1, gain: Any = 1) -> Any:
    """`gain * value ** gamma`. Raises ValueError for a negative gamma."""
    known = tf.get_static_value(gamma)
    if known is not None and known < 0:
        raise ValueError("Gamma should be a non-negative real number.")
    return _as_floats(image, lambda x: tf.cast(gain, x.dtype) * x ** tf.cast(gamma, x.dtype))


def adjust_hue(image: Any, delta: Any, name: str | None = None) -> Any:
    """Colour pictures with `delta` added to the hue; a whole turn is 1. Raises ValueError for a known delta beyond [-1, 1]."""
    known = tf.get_static_value(delta)
    if known is not None and not -1 <= known <= 1:
        raise ValueError("delta must be in the interval [-1, 1]")
    with tf.name_scope(name or "adjust_hue"):

        def adjusted(x: Any) -> Any:
            hue, saturation, value = tf.unstack(rgb_to_hsv(x), 3, axis=-1)
            return hsv_to_rgb(tf.stack([tf.math.floormod(hue + tf.cast(delta, x.dtype), 1), saturation, value], axis=-1))

        return _as_floats(checked(image), adjusted)


def adjust_saturation(image: Any, saturation_factor: Any, name: str | None = None) -> Any:
    """Colour pictures with the saturation multiplied by a factor, up to 1."""
    with tf.name_scope(name or "adjust_saturation"):

        def adjusted(x: Any) -> Any:
            hue, saturation, value = tf.unstack(rgb_to_hsv(x), 3, axis=-1)
            stronger = tf.clip_by_value(saturation * tf.cast(saturation_factor, x.dtype), 0, 1)
            return hsv_to_rgb(tf.stack([hue, stronger, value], axis=-1))

        return _as_floats(checked(image), adjusted)


def adjust_jpeg_quality(image: Any, jpeg_quality: Any, dct_method: str = "", name: str | None = None) -> Any:
    """Pictures written as JPEG of a quality from 0 to 100, and read again."""
    from thalweg.engine.formats.pictures import decode_jpeg, encode_jpeg_variable_quality

    image = tf.convert_to_tensor(image, name="image")
    channels = image.shape.as_list()[-1]
    as_bytes = convert_image_dtype(image, tf.uint8, saturate=True)
    written = encode_jpeg_variable_quality(as_bytes, quality=tf.cast(jpeg_quality, tf.int32))
    read = decode_jpeg(written, channels=channels or 0, dct_method=dct_method)
    return convert_image_dtype(read, image.dtype, saturate=True)


def per_image_standardization(image: Any) -> Any:
    """Each picture less its mean, divided by its standard deviation (at least `1 / sqrt(number of values)`)."""
    image = checked(image)
    kept = image if image.dtype in (tf.float16, tf.float32) else convert_image_dtype_later(image)
    axes = [-1, -2, -3]
    count = tf.cast(tf.reduce_prod(tf.shape(image)[-3:]), kept.dtype)
    mean = tf.reduce_mean(kept, axis=axes, keepdims=True)
    deviation = tf.math.reduce_std(kept, axis=axes, keepdims=True)
    return (kept - mean) / tf.maximum(deviation, tf.math.rsqrt(count))


def convert_image_dtype_later(image: Any) -> Any:
    """float32 of the same values: statistics need no scale."""
    return tf.cast(image, tf.float32)


def rgb_to_grayscale(images: Any, name: str | None = None) -> Any:
    """The brightness of colours, with a last dimension of one. Raises ValueError unless there are three channels.

    >>> tf.image.rgb_to_grayscale([[[1.0, 2.0, 3.0]]]).numpy()
    array([[[1.8149]]], dtype=float32)
    """
    with tf.name_scope(name or "rgb_to_grayscale"):
        images = _with_channels(images, 3)
        return _as_floats(images, lambda x: tf.tensordot(x, tf.cast(_GRAY, x.dtype), [[-1], [-1]])[..., tf.newaxis])


def grayscale_to_rgb(images: Any, name: str | None = None) -> Any:
    """The one channel three times. Raises ValueError unless there is one channel."""
    with tf.name_scope(name or "grayscale_to_rgb"):
        images = _with_channels(images, 1)
        ones = tf.ones_like(tf.shape(images))[:-1]
        y = tf.tile(images, tf.concat([ones, [3]], 0))
        y.set_shape([*images.shape.as_list()[:-1], 3] if images.shape.rank else None)
        return y


def _with_channels(images: Any, count: int) -> Any:
    images = tf.convert_to_tensor(images, name="images")
    if images.shape.rank is not None and (images.shape.rank < 1 or images.shape[-1] not in (count, None)):
        what = "A grayscale image" if count == 1 else "An RGB image"
        raise ValueError(f"{what} (shape {images.shape}) must have {count} channel{'s' if count > 1 else ''} last.")
    return images


def _linear(matrix: np.ndarray) -> Callable[[Any], Any]:
    return lambda images: tf.tensordot(images, tf.cast(matrix, images.dtype), [[-1], [0]])


def rgb_to_yiq(images: Any) -> Any:
    """NTSC's luminance and colour differences of red, green and blue."""
    return _linear(_TO_YIQ)(tf.convert_to_tensor(images))


def yiq_to_rgb(images: Any) -> Any:
    """Red, green and blue of NTSC's luminance and colour differences."""
    return _linear(_FROM_YIQ)(tf.convert_to_tensor(images))


def rgb_to_yuv(images: Any) -> Any:
    """PAL's luminance and colour differences of red, green and blue."""
    return _linear(_TO_YUV)(tf.convert_to_tensor(images))


def yuv_to_rgb(images: Any) -> Any:
    """Red, green and blue of PAL's luminance and colour differences."""
    return _linear(_FROM_YUV)(tf.convert_to_tensor(images))
