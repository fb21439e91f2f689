"""Pictures as arrays and back, with Pillow: `load_img`, `img_to_array`, `array_to_img`, `save_img`, `smart_resize`."""

from __future__ import annotations

import io
import os
import warnings
from typing import Any

import numpy as np

import thalweg as tf
from thalweg.keras import config

_MODES = {"grayscale": "L", "rgb": "RGB", "rgba": "RGBA"}
_INTERPOLATIONS = ("nearest", "bilinear", "bicubic", "hamming", "box", "lanczos")


def _pillow() -> Any:
    try:
        from PIL import Image
    except ImportError:
        raise ImportError("Pictures need Pillow: install it (pip install pillow).") from None
    return Image


def img_to_array(img: Any, data_format: str | None = None, dtype: Any = None) -> np.ndarray:
    """A picture as an array `[height, width, channels]`, in floatx unless `dtype` says otherwise.

    Raises ValueError for arrays that are no picture. Source: `tf.keras.utils.img_to_array`.
    """
    data_format = config.standardize_data_format(data_format)
    x = np.asarray(img, dtype=dtype or config.floatx())
    if x.ndim == 2:
        x = x[np.newaxis] if data_format == "channels_first" else x[:, :, np.newaxis]
    elif x.ndim != 3:
        raise ValueError(f"Unsupported image shape: {x.shape}")
    elif data_format == "channels_first" and not isinstance(img, np.ndarray):
        x = x.transpose(2, 0, 1)
    return x


def array_to_img(x: Any, data_format: str | None = None, scale: bool = True, dtype: Any = None) -> Any:
    """An array `[height, width, channels]` as a picture. scale: stretch its values to 0 ... 255.

    Raises ValueError for other ranks and numbers of channels. Source: `tf.keras.utils.array_to_img`.
    """
    image = _pillow()
    data_format = config.standardize_data_format(data_format)
    x = np.array(x, dtype=dtype or config.floatx())
    if x.ndim != 3:
        raise ValueError(f"Expected image array to have rank 3 (single image). Got array with shape: {x.shape}")
    if data_format == "channels_first":
        x = x.transpose(1, 2, 0)
    if scale:
        x = x - np.min(x)
        top = np.max(x)
        x = x * (255 / top) if top != 0 else x
    channels = x.shape[2]
    if channels in (3, 4):
        return image.fromarray(x.astype("uint8"), "RGB" if channels == 3 else "RGBA")
    if channels == 1:
        deep = np.max(x) > 255
        return image.fromarray(x[:, :, 0].astype("int32" if deep else "uint8"), "I" if deep else "L")
    raise ValueError(f"Unsupported channel number: {channels}")


def load_img(
    path: Any,
    color_mode: str = "rgb",
    target_size: Any = None,
    interpolation: str = "nearest",
    keep_aspect_ratio: bool = False,
    grayscale: bool = False,
) -> Any:
    """A picture from a file (or an open one). target_size: `(height, width)` to make it, by `interpolation`.

    keep_aspect_ratio: cut out the middle of the right shape first. Source: `tf.keras.utils.load_img`.
    """
    image = _pillow()
    if grayscale:
        color_mode = "grayscale"
    if color_mode not in _MODES:
        raise ValueError(f'color_mode must be "grayscale", "rgb", or "rgba", but it is {color_mode!r}.')
    if isinstance(path, io.IOBase):
        opened = image.open(path)
    elif isinstance(path, (str, bytes, os.PathLike)):
        with open(path, "rb") as file:
            opened = image.open(io.BytesIO(file.read()))
    else:
        raise TypeError(f"path should be path-like or io.BytesIO, not {type(path)}")
    deep = color_mode == "grayscale" and opened.mode in ("I;16", "I")
    if not deep and opened.mode != _MODES[color_mode]:
        opened = opened.convert(_MODES[color_mode])
    if target_size is not None:
        size = (target_size[1], target_size[0])
        if opened.size != size:
            if interpolation not in _INTERPOLATIONS:
                raise ValueError(f"Invalid interpolation method {interpolation!r}: it may be {', '.join(_INTERPOLATIONS)}.")
            box = _middle(opened.size, size) if keep_aspect_ratio else None
            opened = opened.resize(size, image.Resampling[interpolation.upper()], box=box)
    return opened


def _middle(have: tuple[int, int], want: tuple[int, int]) -> tuple[int, int, int, int]:
    """The largest box of the wanted shape in the middle of a picture."""
    width, height = have
    crop_height, crop_width = min(height, width * want[1] // want[0]), min(width, height * want[0] // want[1])
    top, left = (height - crop_height) // 2, (width - crop_width) // 2
    return left, top, left + crop_width, top + crop_height


def save_img(
    path: Any, x: Any, data_format: str | None = None, file_format: str | None = None, scale: bool = True, **kwargs: Any
) -> None:
    """Write an array as a picture; the ending says the format unless `file_format` does."""
    picture = array_to_img(x, data_format, scale)
    ending = "" if isinstance(path, io.IOBase) else os.path.splitext(os.fspath(path))[1].lstrip(".")
    wanted = (file_format or ending).lower()
    if picture.mode == "RGBA" and wanted in ("jpg", "jpeg"):
        warnings.warn("The JPG format does not support RGBA images, converting to RGB.", stacklevel=2)
        picture = picture.convert("RGB")
    picture.save(path, format="jpeg" if file_format == "jpg" else file_format, **kwargs)


def smart_resize(
    x: Any, size: Any, interpolation: str = "bilinear", data_format: str = "channels_last", backend_module: Any = None
) -> Any:
    """Pictures of a size, without distortion: the middle is cut out in the right shape, then resized.

    x: `[height, width, channels]` or a batch of such. A NumPy array gives a NumPy array.
    Source: `tf.keras.preprocessing.image.smart_resize`.
    """
    if len(size) != 2:
        raise ValueError(f"Expected `size` to be a tuple of 2 integers, but got: {size}.")
    image = tf.convert_to_tensor(x)
    if image.shape.rank not in (None, 3, 4):
        raise ValueError(
            "Expected an image array with shape `(height, width, channels)`, or `(batch_size, height, width, channels)`, "
            f"but got input with incorrect rank, of shape {image.shape}."
        )
    if data_format == "channels_first":
        image = _moved(image, to_last=True)
    shape = tf.shape(image)
    height, width = shape[-3], shape[-2]

    def share(a: Any, b: int, c: int) -> Any:
        return tf.cast(tf.cast(a * b, tf.float32) / float(c), tf.int32)

    crop_height = tf.maximum(tf.minimum(height, share(width, size[0], size[1])), 1)
    crop_width = tf.maximum(tf.minimum(width, share(height, size[1], size[0])), 1)
    top, left = share(height - crop_height, 1, 2), share(width - crop_width, 1, 2)
    image = image[..., top : top + crop_height, left : left + crop_width, :]
    image = tf.image.resize(image, size, method=interpolation)
    if data_format == "channels_first":
        image = _moved(image, to_last=False)
    return image.numpy() if isinstance(x, np.ndarray) else image


def _moved(image: Any, to_last: bool) -> Any:
    order = [1, 2, 0] if to_last else [2, 0, 1]
    return tf.transpose(image, order if image.shape.rank == 3 else [0, *(i + 1 for i in order)])
