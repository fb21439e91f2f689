"""Changes of single pictures, as arrays: turned, moved, zoomed, brightened."""

from __future__ import annotations

from typing import Any

import numpy as np

from thalweg.keras.utils.images import array_to_img, img_to_array


def apply_affine_transform(
    x: np.ndarray, theta: float = 0, tx: float = 0, ty: float = 0, shear: float = 0, zx: float = 1, zy: float = 1,
    row_axis: int = 1, col_axis: int = 2, channel_axis: int = 0, fill_mode: str = "nearest", cval: float = 0.0, order: int = 1,
) -> np.ndarray:  # fmt: skip
    """A picture turned by `theta` degrees, moved by `tx, ty` pixels, sheared by `shear` degrees, zoomed by `zx, zy`.

    What comes in from outside is filled by `fill_mode`: 'nearest', 'constant' (with `cval`), 'reflect' or 'wrap'.
    Raises ValueError for other ranks and axes, ImportError without SciPy.
    """
    if sorted((row_axis, col_axis, channel_axis)) != [0, 1, 2] or channel_axis == 1 or x.ndim != 3:
        raise ValueError("A picture has three axes, of which the channels are the first or the last.")
    turn, lean = np.deg2rad(theta), np.deg2rad(shear)
    steps = []
    if theta:
        steps.append([[np.cos(turn), -np.sin(turn), 0], [np.sin(turn), np.cos(turn), 0], [0, 0, 1]])
    if tx or ty:
        steps.append([[1, 0, tx], [0, 1, ty], [0, 0, 1]])
    if shear:
        steps.append([[1, -np.sin(lean), 0], [0, np.cos(lean), 0], [0, 0, 1]])
    if zx != 1 or zy != 1:
        steps.append([[zx, 0, 0], [0, zy, 0], [0, 0, 1]])
    if not steps:
        return x
    try:
        from scipy import ndimage
    except ImportError:
        raise ImportError("Turning and moving pictures needs SciPy: install it (pip install scipy).") from None
    matrix = np.eye(3)
    for step in steps:
        matrix = matrix @ np.array(step)
    height, width = x.shape[row_axis], x.shape[col_axis]
    centre = np.array([[1, 0, height / 2 - 0.5], [0, 1, width / 2 - 0.5], [0, 0, 1]])
    back = np.array([[1, 0, -height / 2 + 0.5], [0, 1, -width / 2 + 0.5], [0, 0, 1]])
    matrix = centre @ matrix @ back
    channels = np.moveaxis(x, channel_axis, 0)
    if col_axis > row_axis:  # the matrix is for x before y
        matrix[:, [0, 1]] = matrix[:, [1, 0]]
        matrix[[0, 1]] = matrix[[1, 0]]
    made = [
        ndimage.affine_transform(channel, matrix[:2, :2], matrix[:2, 2], order=order, mode=fill_mode, cval=cval)
        for channel in channels
    ]
    return np.moveaxis(np.stack(made), 0, channel_axis)


def apply_channel_shift(x: np.ndarray, intensity: float, channel_axis: int = 0) -> np.ndarray:
    """Every channel plus `intensity`, kept within the values of the picture."""
    return np.clip(x + intensity, np.min(x), np.max(x))


def apply_brightness_shift(x: np.ndarray, brightness: float, scale: bool = True) -> np.ndarray:
    """A picture made brighter (above 1) or darker (below). scale: stretch its values to 0 ... 255 first."""
    from PIL import ImageEnhance

    low, high = np.min(x), np.max(x)
    outside = low < 0 or high > 255
    picture = ImageEnhance.Brightness(array_to_img(x, scale=outside or scale)).enhance(brightness)
    y = img_to_array(picture)
    return y / 255 * (high - low) + low if outside and not scale else y


def flip_axis(x: np.ndarray, axis: int) -> np.ndarray:
    return np.flip(x, axis)


# -- by chance ---------------------------------------------------------------------------------------------------


def random_rotation(
    x: np.ndarray, rg: float, row_axis: int = 1, col_axis: int = 2, channel_axis: int = 0, fill_mode: str = "nearest",
    cval: float = 0.0, interpolation_order: int = 1,
) -> np.ndarray:  # fmt: skip
    """Turned by up to `rg` degrees."""
    theta = np.random.uniform(-rg, rg)
    return apply_affine_transform(
        x, theta=theta, row_axis=row_axis, col_axis=col_axis, channel_axis=channel_axis, fill_mode=fill_mode, cval=cval,
        order=interpolation_order,
    )  # fmt: skip


def random_shift(
    x: np.ndarray, wrg: float, hrg: float, row_axis: int = 1, col_axis: int = 2, channel_axis: int = 0,
    fill_mode: str = "nearest", cval: float = 0.0, interpolation_order: int = 1,
) -> np.ndarray:  # fmt: skip
    """Moved by up to these shares of the width and the height."""
    tx = np.random.uniform(-hrg, hrg) * x.shape[row_axis]
    ty = np.random.uniform(-wrg, wrg) * x.shape[col_axis]
    return apply_affine_transform(
        x, tx=tx, ty=ty, row_axis=row_axis, col_axis=col_axis, channel_axis=channel_axis, fill_mode=fill_mode, cval=cval,
        order=interpolation_order,
    )  # fmt: skip


def random_shear(
    x: np.ndarray, intensity: float, row_axis: int = 1, col_axis: int = 2, channel_axis: int = 0, fill_mode: str = "nearest",
    cval: float = 0.0, interpolation_order: int = 1,
) -> np.ndarray:  # fmt: skip
    """Sheared by up to `intensity` degrees."""
    shear = np.random.uniform(-intensity, intensity)
    return apply_affine_transform(
        x, shear=shear, row_axis=row_axis, col_axis=col_axis, channel_axis=channel_axis, fill_mode=fill_mode, cval=cval,
        order=interpolation_order,
    )  # fmt: skip


def random_zoom(
    x: np.ndarray, zoom_range: Any, row_axis: int = 1, col_axis: int = 2, channel_axis: int = 0, fill_mode: str = "nearest",
    cval: float = 0.0, interpolation_order: int = 1,
) -> np.ndarray:  # fmt: skip
    """Zoomed by factors within `zoom_range`, two numbers."""
    if len(zoom_range) != 2:
        raise ValueError(f"`zoom_range` should be a tuple or list of two floats. Received: {zoom_range}")
    zx, zy = (1, 1) if zoom_range[0] == zoom_range[1] == 1 else np.random.uniform(zoom_range[0], zoom_range[1], 2)
    return apply_affine_transform(
        x, zx=zx, zy=zy, row_axis=row_axis, col_axis=col_axis, channel_axis=channel_axis, fill_mode=fill_mode, cval=cval,
        order=interpolation_order,
    )  # fmt: skip


def random_channel_shift(x: np.ndarray, intensity_range: float, channel_axis: int = 0) -> np.ndarray:
    """Channels shifted by up to `intensity_range`."""
    return apply_channel_shift(x, np.random.uniform(-intensity_range, intensity_range), channel_axis)


def random_brightness(x: np.ndarray, brightness_range: Any, scale: bool = True) -> np.ndarray:
    """Brightness changed by a factor within `brightness_range`, two numbers."""
    if len(brightness_range) != 2:
        raise ValueError(f"`brightness_range should be tuple or list of two floats. Received: {brightness_range}")
    return apply_brightness_shift(x, np.random.uniform(*brightness_range), scale)
