"""`tf.image` as TensorFlow 1 has it: TensorFlow 2's functions, and resizing as it was sampled then.

Source: https://www.tensorflow.org/api_docs/python/tf/compat/v1/image/resize_images
"""

from __future__ import annotations

from typing import Any

import numpy as np

from thalweg import image as _v2
from thalweg.engine.core import convert, dtypes
from thalweg.engine.ops.creation import range_
from thalweg.engine.ops.elementwise import maximum, minimum
from thalweg.engine.ops.indexing import gather
from thalweg.engine.ops.rounding import floor, round as round_
from thalweg.engine.ops.shaping import cast, expand_dims, reshape, shape, squeeze


class ResizeMethod:
    """Ways to resize, by number."""

    BILINEAR, NEAREST_NEIGHBOR, BICUBIC, AREA = 0, 1, 2, 3


_METHODS = {0: "bilinear", 1: "nearest", 2: "bicubic", 3: "area"}
_A = -0.75  # of the cubic that TensorFlow's first kernel used


def _cubic(f: Any) -> list[Any]:
    """Weights of the four samples around a place."""
    f = round_(f * 1024.0) / 1024.0  # the kernel took them from a table
    near = lambda d: ((_A + 2.0) * d - (_A + 3.0)) * d * d + 1.0
    far = lambda d: ((_A * d - 5.0 * _A) * d + 8.0 * _A) * d - 4.0 * _A
    return [far(f + 1.0), near(f), near(1.0 - f), far(2.0 - f)]


def _along(x: Any, axis: int, size: Any, method: str, align_corners: bool) -> Any:
    """Images resized along one axis: sampled at multiples of the scale, from the first row on."""
    before = shape(x)[axis]
    places = cast(range_(0, size, 1), dtypes.float32)
    high, wide = cast(before, dtypes.float32), cast(size, dtypes.float32)
    if align_corners:
        scale = maximum(high - 1.0, 0.0) / maximum(wide - 1.0, 1.0)
    else:
        scale = high / wide
    source = places * scale
    base = floor(source)
    f = source - base
    if method == "nearest":
        base = floor(source + 0.5) if align_corners else base
        taps = [(0, None)]
    elif method == "bilinear":
        taps = [(0, 1.0 - f), (1, f)]
    else:
        taps = list(zip((-1, 0, 1, 2), _cubic(f)))
    total: Any = None
    form = [-1 if i == axis else 1 for i in range(4)]
    for offset, weight in taps:
        index = minimum(maximum(cast(base, dtypes.int32) + offset, 0), before - 1)
        part = gather(x, index, axis=axis)
        part = part if weight is None else cast(part, dtypes.float32) * reshape(weight, form)
        total = part if total is None else total + part
    return total


def resize_images(
    images: Any, size: Any, method: Any = ResizeMethod.BILINEAR, align_corners: bool = False, preserve_aspect_ratio: bool = False,
    name: str | None = None,
) -> Any:  # fmt: skip
    """Images `[batch, height, width, channels]` (or one) resized, sampled as TensorFlow 1 did: without half pixels.

    The result is float32, but for nearest neighbours. Raises ValueError for other ranks or an unknown method.
    """
    method = _METHODS.get(method, method) if not isinstance(method, str) else method
    if method not in _METHODS.values():
        raise ValueError("Resize method is not implemented.")
    if method == "area" or preserve_aspect_ratio:
        return _v2.resize(images, size, method, preserve_aspect_ratio)
    x = convert.convert_to_tensor(images)
    if x.shape.rank not in (3, 4):
        raise ValueError("'images' must have either 3 or 4 dimensions.")
    single = x.shape.rank == 3
    x = expand_dims(x, 0) if single else x
    sizes = convert.convert_to_tensor(size, dtype=dtypes.int32)
    known = [int(n) for n in np.asarray(size).tolist()] if not hasattr(size, "op") and not hasattr(size, "graph") else [None, None]
    old = x.shape.as_list()
    if known[0] is not None and old[1:3] == known:
        y = x  # TensorFlow gives the images as they are
    else:
        y = _along(_along(x, 1, sizes[0], method, align_corners), 2, sizes[1], method, align_corners)
        y.set_shape([old[0], *known, old[3]])
    return squeeze(y, [0]) if single else y


resize = resize_images


def _method(method: int) -> Any:
    def function(
        images: Any, size: Any, align_corners: bool = False, name: str | None = None, half_pixel_centers: bool = False
    ) -> Any:
        if half_pixel_centers:
            return _v2.resize(images, size, _METHODS[method])
        return resize_images(images, size, method, align_corners)

    function.__doc__ = f"`resize_images` by the method {_METHODS[method]}."
    return function


resize_bilinear, resize_nearest_neighbor, resize_bicubic, resize_area = (_method(i) for i in range(4))
resize_image_with_crop_or_pad = _v2.resize_with_crop_or_pad


def resize_image_with_pad(
    image: Any, target_height: Any, target_width: Any, method: Any = ResizeMethod.BILINEAR, align_corners: bool = False
) -> Any:
    """The image as large as fits, in the middle of a black one."""
    return _v2.resize_with_pad(image, target_height, target_width, _METHODS.get(method, method))


def extract_image_patches(images: Any, ksizes: Any, strides: Any, rates: Any, padding: str, name: str | None = None) -> Any:
    """Patches of images, in rows."""
    return _v2.extract_patches(images, ksizes, strides, rates, padding, name)


def __getattr__(name: str) -> Any:
    return getattr(_v2, name)
