"""`tf.image.resize` and what is built on it.

Source: https://www.tensorflow.org/api_docs/python/tf/image/resize
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import thalweg as tf
from thalweg.engine.ops import resampling
from thalweg.image.geometry import pad_to_bounding_box
from thalweg.image.shapes import as_batch, number, sizes


class ResizeMethod:
    """The ways to resize, for `method=`."""

    BILINEAR = "bilinear"
    NEAREST_NEIGHBOR = "nearest"
    BICUBIC = "bicubic"
    AREA = "area"
    LANCZOS3 = "lanczos3"
    LANCZOS5 = "lanczos5"
    GAUSSIAN = "gaussian"
    MITCHELLCUBIC = "mitchellcubic"


_NUMBERS = {0: "bilinear", 1: "nearest", 2: "bicubic", 3: "area"}  # TensorFlow 1's
_PLAIN = {
    "nearest": resampling.resize_nearest_neighbor, "bilinear": resampling.resize_bilinear, "bicubic": resampling.resize_bicubic,
}  # fmt: skip
_BY_KERNEL = {
    "bilinear": "triangle", "bicubic": "keyscubic", "lanczos3": "lanczos3", "lanczos5": "lanczos5", "gaussian": "gaussian",
    "mitchellcubic": "mitchellcubic",
}  # fmt: skip


def resize(
    images: Any, size: Any, method: Any = ResizeMethod.BILINEAR, preserve_aspect_ratio: bool = False, antialias: bool = False,
    name: str | None = None,
) -> Any:  # fmt: skip
    """Pictures at another size.

    images: `[height, width, channels]` or with a batch in front. size: the new height and width. method: one of
    `tf.image.ResizeMethod`. preserve_aspect_ratio: fit into `size` without distorting. antialias: when making smaller,
    average over all pixels. The result is float32, unless the method is 'nearest'. Raises
    ValueError for another rank, size or method.

    >>> tf.image.resize(tf.reshape([1.0, 2.0, 3.0, 4.0], [2, 2, 1]), [1, 2])[..., 0].numpy()
    array([[2., 3.]], dtype=float32)
    """
    method = _NUMBERS.get(method, method) if not isinstance(method, str) else method
    with tf.name_scope(name or "resize"):
        return scaled(images, size, functools.partial(_one_way, method=method, antialias=antialias), preserve_aspect_ratio)


def _one_way(images: Any, size: Any, method: str, antialias: bool) -> Any:
    if method in _PLAIN and not (antialias and method != "nearest"):
        return _PLAIN[method](images, size, half_pixel_centers=True)
    if method == "area":
        return resampling.resize_area(images, size)
    kernel = _BY_KERNEL.get(method)
    if kernel is None:
        raise ValueError(f"Resize method {method!r} is not implemented. Use one of tf.image.ResizeMethod.")
    scale = tf.cast(size, tf.float32) / tf.cast(tf.shape(images)[1:3], tf.float32)
    return resampling.scale_and_translate(images, size, scale, tf.zeros([2]), kernel_type=kernel, antialias=antialias)


def scaled(images: Any, size: Any, function: Callable[..., Any], preserve_aspect_ratio: bool, skip_same: bool = False) -> Any:
    """`function(images, size)` over a batch, with the rules about sizes that every method shares."""
    images = tf.convert_to_tensor(images, name="images")
    if images.shape.rank is None:
        raise ValueError("'images' contains no shape: give it one with tf.ensure_shape.")
    if images.shape.rank not in (3, 4):
        raise ValueError("'images' must have either 3 or 4 dimensions.")
    batched = images.shape.rank == 4
    images = images if batched else tf.expand_dims(images, 0)
    size = tf.convert_to_tensor(size, tf.int32, name="size") if not isinstance(size, tf.Tensor) else size
    if not size.shape.is_compatible_with([2]):
        raise ValueError("'size' must be a 1-D Tensor of 2 elements: new_height, new_width")
    size = tf.cast(size, tf.int32)
    if preserve_aspect_ratio:
        size = _fitting(images, size)
    known = tf.get_static_value(size)
    if skip_same and known is not None and images.shape.as_list()[1:3] == list(known):
        return images if batched else tf.squeeze(images, [0])
    images = function(images, size)
    return images if batched else tf.squeeze(images, [0])


def _fitting(images: Any, size: Any) -> Any:
    """The largest size within `size` of the pictures' proportions."""
    height, width = sizes(images)[1:3]
    scale_height = tf.cast(size[0], tf.float32) / tf.cast(height, tf.float32)
    scale_width = tf.cast(size[1], tf.float32) / tf.cast(width, tf.float32)
    scale = tf.minimum(scale_height, scale_width)
    fitted = [tf.cast(tf.round(scale * tf.cast(n, tf.float32)), tf.int32) for n in (height, width)]
    return tf.stack(fitted)


def resize_with_pad(
    image: Any, target_height: int, target_width: int, method: Any = ResizeMethod.BILINEAR, antialias: bool = False
) -> Any:
    """Pictures made to fit into a size without distorting, in the middle of zeros.

    >>> tf.image.resize_with_pad(tf.ones([2, 2, 1]), 2, 4)[..., 0].numpy()
    array([[0., 1., 1., 0.],
           [0., 1., 1., 0.]], dtype=float32)
    """
    return padded_to(image, target_height, target_width, functools.partial(resize, method=method, antialias=antialias))


def padded_to(image: Any, target_height: Any, target_width: Any, resized: Callable[..., Any]) -> Any:
    """`resize_with_pad` by the way that `resized(images, [height, width])` goes."""
    image, batched = as_batch(image)
    target_height, target_width = number(target_height), number(target_width)
    for what, n in (("target_height", target_height), ("target_width", target_width)):
        if isinstance(n, int) and n <= 0:
            raise ValueError(f"{what} must be > 0.")
    height, width = sizes(image)[1:3]
    ratio = tf.maximum(_float32(width) / _float32(target_width), _float32(height) / _float32(target_height))
    new_height, new_width = (tf.cast(tf.floor(_float32(n) / ratio), tf.int32) for n in (height, width))
    above, left = (
        tf.maximum(0, tf.cast(tf.floor((_float32(target) - _float32(n) / ratio) / 2), tf.int32))
        for target, n in ((target_height, height), (target_width, width))
    )
    small = resized(image, tf.stack([new_height, new_width]))
    padded = pad_to_bounding_box(small, above, left, target_height, target_width)
    return padded if batched else tf.squeeze(padded, [0])


def _float32(n: Any) -> Any:
    return tf.cast(n, tf.float32)
