"""`keras.ops.image`: pictures resized, cut, turned, and their colours."""

from __future__ import annotations

from typing import Any

import thalweg as tf
from thalweg.keras.config import standardize_data_format
from thalweg.keras.layers.preprocessing.images import crop_to_ratio
from thalweg.keras.layers.preprocessing.warp import sample, warp
from thalweg.keras.ops.dtypes import floating, tensor


def _last(images: Any, data_format: Any, function: Any) -> Any:
    """`function` on a batch with the channels last."""
    x = tensor(images)
    first, single = standardize_data_format(data_format) == "channels_first", x.shape.rank == 3
    x = x[None] if single else x
    x = tf.transpose(x, [0, 2, 3, 1]) if first else x
    y = function(x)
    y = tf.transpose(y, [0, 3, 1, 2]) if first else y
    return y[0] if single else y


def rgb_to_grayscale(images: Any, data_format: Any = None) -> Any:
    """The brightness of pictures, one channel."""
    return _last(images, data_format, tf.image.rgb_to_grayscale)


def rgb_to_hsv(images: Any, data_format: Any = None) -> Any:
    """Hue, saturation and value of red, green and blue."""
    return _last(floating(images), data_format, tf.image.rgb_to_hsv)


def hsv_to_rgb(images: Any, data_format: Any = None) -> Any:
    """Red, green and blue of hue, saturation and value."""
    return _last(floating(images), data_format, tf.image.hsv_to_rgb)


def resize(
    images: Any, size: Any, interpolation: str = "bilinear", antialias: bool = False, crop_to_aspect_ratio: bool = False,
    pad_to_aspect_ratio: bool = False, fill_mode: str = "constant", fill_value: float = 0.0, data_format: Any = None,
) -> Any:  # fmt: skip
    """Pictures in another size, `(rows, columns)`; cut or filled up first, if nothing is to be stretched."""
    from thalweg.keras.layers.preprocessing.images import Resizing

    def change(x: Any) -> Any:
        if pad_to_aspect_ratio:
            x = Resizing(size[0], size[1], pad_to_aspect_ratio=True, fill_value=fill_value)._padded(x)
        x = crop_to_ratio(x, *size) if crop_to_aspect_ratio else x
        return tf.cast(tf.image.resize(x, size, method=interpolation, antialias=antialias), x.dtype)

    return _last(images, data_format, change)


def affine_transform(
    images: Any, transform: Any, interpolation: str = "bilinear", fill_mode: str = "constant", fill_value: float = 0,
    data_format: Any = None,
) -> Any:  # fmt: skip
    """Pictures through maps of places, eight numbers each."""
    matrices = floating(transform)
    matrices = matrices[None] if matrices.shape.rank == 1 else matrices
    return _last(floating(images), data_format, lambda x: warp(x, matrices, fill_mode, interpolation, fill_value))


def map_coordinates(inputs: Any, coordinates: Any, order: int, fill_mode: str = "constant", fill_value: float = 0) -> Any:
    """A picture, `[rows, columns]`, at places `[2, ...]`. order: 0 for the nearest pixel, 1 for bilinear."""
    x, places = floating(inputs), floating(coordinates)
    if x.shape.rank != 2:
        raise ValueError(f"`map_coordinates` is offered for two dimensions, but the inputs have {x.shape.rank}.")
    shape = tf.shape(places)[1:]
    y, at = (tf.reshape(places[i], [1, 1, -1]) for i in range(2))
    mode = "reflect" if fill_mode == "mirror" else fill_mode
    found = sample(x[None, :, :, None], y, at, mode, "bilinear" if order else "nearest", fill_value)
    return tf.reshape(found, shape)


def pad_images(
    images: Any, top_padding: Any = None, left_padding: Any = None, bottom_padding: Any = None, right_padding: Any = None,
    target_height: Any = None, target_width: Any = None, data_format: Any = None,
) -> Any:  # fmt: skip
    """Pictures with zeros around; sides that are left out follow from the target size."""

    def change(x: Any) -> Any:
        rows, columns = x.shape[1], x.shape[2]
        top, bottom = _ends(top_padding, bottom_padding, target_height, rows)
        left, right = _ends(left_padding, right_padding, target_width, columns)
        return tf.pad(x, [[0, 0], [top, bottom], [left, right], [0, 0]])

    return _last(images, data_format, change)


def _ends(before: Any, after: Any, target: Any, size: int) -> tuple[int, int]:
    if target is None:
        return before or 0, after or 0
    before = target - size - (after or 0) if before is None else before
    return before, target - size - before if after is None else after


def crop_images(
    images: Any, top_cropping: Any = None, left_cropping: Any = None, bottom_cropping: Any = None, right_cropping: Any = None,
    target_height: Any = None, target_width: Any = None, data_format: Any = None,
) -> Any:  # fmt: skip
    """Parts of pictures; sides that are left out follow from the target size."""

    def change(x: Any) -> Any:
        rows, columns = x.shape[1], x.shape[2]
        top, bottom = _cuts(top_cropping, bottom_cropping, target_height, rows)
        left, right = _cuts(left_cropping, right_cropping, target_width, columns)
        return x[:, top : rows - bottom, left : columns - right]

    return _last(images, data_format, change)


def _cuts(before: Any, after: Any, target: Any, size: int) -> tuple[int, int]:
    if target is None:
        return before or 0, after or 0
    before = size - target - (after or 0) if before is None else before
    return before, size - target - before if after is None else after


def extract_patches(
    images: Any, size: Any, strides: Any = None, dilation_rate: Any = 1, padding: str = "valid", data_format: Any = None
) -> Any:
    """The windows of pictures, each as one vector."""
    rows, columns = (size, size) if hasattr(size, "__index__") else size
    steps = (rows, columns) if strides is None else (strides, strides) if hasattr(strides, "__index__") else strides
    rates = (dilation_rate, dilation_rate) if hasattr(dilation_rate, "__index__") else dilation_rate
    return _last(
        images, data_format,
        lambda x: tf.image.extract_patches(x, [1, rows, columns, 1], [1, *steps, 1], [1, *rates, 1], padding.upper()),
    )  # fmt: skip


def gaussian_blur(images: Any, kernel_size: Any = (3, 3), sigma: Any = (1.0, 1.0), data_format: Any = None) -> Any:
    """Pictures blurred by a bell of this width."""

    def change(x: Any) -> Any:
        sides = []
        for i in (1, 0):
            at = tf.cast(tf.range(kernel_size[1 - i]), x.dtype) - (kernel_size[1 - i] - 1) / 2
            bell = tf.exp(-0.5 * (at / sigma[i]) ** 2)
            sides.append(bell / tf.reduce_sum(bell))
        kernel = tf.tile(tf.tensordot(sides[0], sides[1], 0)[:, :, None, None], [1, 1, x.shape[-1], 1])
        return tf.nn.depthwise_conv2d(x, kernel, [1, 1, 1, 1], "SAME")

    return _last(floating(images), data_format, change)


def sobel_edges(images: Any, data_format: Any = None) -> Any:
    """How fast pictures change down and across: a last axis of two."""
    return tf.image.sobel_edges(floating(images))


def ssim(x1: Any, x2: Any, max_val: float, **kwargs: Any) -> Any:
    """How alike pictures are, 1 for the same. Source: Wang et al., "Image quality assessment" (2004)."""
    return tf.image.ssim(floating(x1), floating(x2), max_val, **kwargs)
