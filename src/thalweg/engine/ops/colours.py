"""Colours: between red, green, blue and hue, saturation, value.

Source: https://www.tensorflow.org/api_docs/python/tf/image/rgb_to_hsv
"""

from __future__ import annotations

from typing import Any

import numpy as np

from thalweg.engine.core import errors
from thalweg.engine.core.registry import FLOAT, Sample, op
from thalweg.engine.core.shape import TensorShape
from thalweg.engine.ops.arrays import stack, unstack
from thalweg.engine.ops.comparison import equal, greater, where
from thalweg.engine.ops.creation import zeros_like
from thalweg.engine.ops.division import divide_no_nan
from thalweg.engine.ops.elementwise import maximum, minimum

_COLOURS = np.array([[0.2, 0.9, 0.4], [0.7, 0.1, 0.3], [0.3, 0.2, 0.8], [0.45, 0.6, 0.55]])


def _three_channels(x: TensorShape) -> TensorShape:
    if x.rank is not None and x.rank < 1:
        raise ValueError("input must be at least 1-dimensional")
    if x.rank is not None and x[-1] not in (3, None):
        raise ValueError(f"input must have 3 channels but instead has {x[-1]} channels.")
    return x


def _check(x: Any) -> None:
    if x.ndim < 1 or x.shape[-1] != 3:
        raise errors.invalid("input must have 3 channels in its last dimension")


@op("RGBToHSV", dtypes=FLOAT, shape=_three_channels, samples=[Sample(_COLOURS), Sample(_COLOURS.reshape(2, 2, 3)[:, :1])])
def rgb_to_hsv(xp: Any, images: Any) -> Any:
    """Hue, saturation and value, each in [0, 1], of colours in [0, 1]. Raises InvalidArgumentError unless there are 3 channels."""
    _check(images)
    r, g, b = (images[..., i] for i in range(3))
    value = xp.maximum(xp.maximum(r, g), b)
    spread = value - xp.minimum(xp.minimum(r, g), b)
    some = spread > 0
    norm = 1 / (6 * xp.where(some, spread, xp.ones_like(spread)))
    kind = images.dtype.type
    hue = xp.where(r == value, norm * (g - b), xp.where(g == value, norm * (b - r) + kind(2 / 6), norm * (r - g) + kind(4 / 6)))
    hue = xp.where(some, hue, xp.zeros_like(hue))
    hue = xp.where(hue < 0, hue + kind(1), hue)
    saturation = xp.where(value > 0, spread / xp.where(value > 0, value, xp.ones_like(value)), xp.zeros_like(value))
    return xp.stack([hue, saturation, value], axis=-1).astype(images.dtype)


@rgb_to_hsv.vjp
def _(y: Any, g: Any, images: Any) -> Any:
    red, green, blue = unstack(images, 3, axis=-1)
    dh, ds, dv = unstack(g, 3, axis=-1)
    value, least = maximum(maximum(red, green), blue), minimum(minimum(red, green), blue)
    spread = value - least
    none = zeros_like(red)
    # The first of equal channels is the largest, and the smallest, one.
    top = (red, green, blue)

    def firsts(extreme: Any) -> list[Any]:
        first, second = equal(red, extreme), equal(green, extreme)
        return [first, ~first & second, ~first & ~second]

    largest, smallest = firsts(value), firsts(least)
    # hue = (x - z) / (6 spread) + const, with (x, z) the two channels after the largest
    ups = [where(largest[(i - 1) % 3], 1.0, where(largest[(i + 1) % 3], -1.0, 0.0)) for i in range(3)]
    difference = none
    for i in range(3):
        difference = where(largest[i], top[(i + 1) % 3] - top[(i + 2) % 3], difference)
    some = greater(spread, zeros_like(spread))
    dh = where(some, dh, none)
    per_step = divide_no_nan(dh, 6 * spread)
    dspread = -divide_no_nan(per_step * difference, spread) + divide_no_nan(ds, value)
    dvalue = dv - divide_no_nan(ds * spread, value * value) + dspread
    parts = []
    for i in range(3):
        part = per_step * _as(ups[i], per_step)
        part = part + where(largest[i], dvalue, none) - where(smallest[i], dspread, none)
        parts.append(part)
    return stack(parts, axis=-1)


def _as(x: Any, like: Any) -> Any:
    from thalweg.engine.ops.shaping import cast

    return cast(x, like.dtype)


@op("HSVToRGB", dtypes=FLOAT, shape=_three_channels, samples=[Sample(_COLOURS)])
def hsv_to_rgb(xp: Any, images: Any) -> Any:
    """Red, green and blue of hue, saturation and value. Raises InvalidArgumentError unless there are 3 channels."""
    _check(images)
    hue, saturation, value = (images[..., i] for i in range(3))
    kind = images.dtype.type
    six = hue * kind(6)
    parts = [xp.abs(six - kind(3)) - kind(1), kind(2) - xp.abs(six - kind(2)), kind(2) - xp.abs(six - kind(4))]
    rest = kind(1) - saturation
    return xp.stack([(rest + saturation * xp.clip(p, kind(0), kind(1))) * value for p in parts], axis=-1).astype(images.dtype)


@hsv_to_rgb.vjp
def _(y: Any, g: Any, images: Any) -> Any:
    hue, saturation, value = unstack(images, 3, axis=-1)
    dh, ds, dv = zeros_like(hue), zeros_like(hue), zeros_like(hue)
    for gradient, sign, offset, at in zip(unstack(g, 3, axis=-1), (1.0, -1.0, -1.0), (-1.0, 2.0, 2.0), (3.0, 2.0, 4.0)):
        away = 6 * hue - at
        raw = sign * where(away < 0, -away, away) + offset
        part = minimum(maximum(raw, zeros_like(raw)), raw * 0 + 1)
        inside = (raw > 0) & (raw < 1)
        slope = sign * where(away < 0, -1.0 + zeros_like(hue), 1.0 + zeros_like(hue)) * 6
        dh = dh + where(inside, gradient * value * saturation * slope, zeros_like(hue))
        ds = ds + gradient * value * (part - 1)
        dv = dv + gradient * (1 - saturation + saturation * part)
    return stack([dh, ds, dv], axis=-1)
