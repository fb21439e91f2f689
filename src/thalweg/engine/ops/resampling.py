"""Images at other sizes: each output row is a weighted sum of input rows, and so is each column.

Every way to resize is a table of taps: for each output place the input places it reads, and their weights. The gradient is
the same table read the other way.

Source: https://www.tensorflow.org/api_docs/python/tf/image/resize
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from thalweg.engine.core import dtypes, errors
from thalweg.engine.core.registry import FLOAT, HOST, REAL, Op, Sample, op
from thalweg.engine.core.shape import UNKNOWN, TensorShape
from thalweg.engine.ops.shaping import ints, shape as shape_of

_DENSE_FROM = 5  # taps from which one matrix product is cheaper than as many gathers
_TINY = np.float32(1000) * np.finfo(np.float32).tiny


class Taps:
    """`places[o, k]` and `weights[o, k]`: what output place `o` of one dimension reads."""

    def __init__(self, places: np.ndarray, weights: np.ndarray | None, size: int):
        self.places, self.weights, self.size = places, weights, size

    def matrix(self) -> np.ndarray:
        """`[outputs, inputs]`, float32."""
        out = np.zeros((len(self.places), self.size), np.float32)
        weights = np.ones(self.places.shape, np.float32) if self.weights is None else self.weights
        np.add.at(out, (np.arange(len(self.places))[:, None], self.places), weights)
        return out


# -- where outputs read ------------------------------------------------------------------------------------------


def _scale(n: int, to: int, align_corners: bool) -> np.float32:
    return np.float32((n - 1) / (to - 1)) if align_corners and to > 1 else np.float32(n / to)


def _centers(n: int, to: int, align_corners: bool, half_pixel_centers: bool) -> np.ndarray:
    scale, at = _scale(n, to, align_corners), np.arange(to, dtype=np.float32)
    return (at + np.float32(0.5)) * scale - np.float32(0.5) if half_pixel_centers else at * scale


@functools.lru_cache(maxsize=256)
def bilinear_taps(n: int, to: int, align_corners: bool, half_pixel_centers: bool) -> Taps:
    at = _centers(n, to, align_corners, half_pixel_centers)
    low = np.floor(at)
    places = np.stack([np.maximum(low, 0), np.minimum(np.ceil(at), n - 1)], 1).astype(np.int64)
    part = at - low
    return Taps(np.clip(places, 0, n - 1), np.stack([1 - part, part], 1), n)


@functools.lru_cache(maxsize=256)
def nearest_taps(n: int, to: int, align_corners: bool, half_pixel_centers: bool) -> Taps:
    scale, at = _scale(n, to, align_corners), np.arange(to, dtype=np.float32)
    at = (at + np.float32(0.5)) * scale if half_pixel_centers else at * scale
    places = np.floor(at + np.float32(0.5)) if align_corners else np.floor(at)
    return Taps(np.clip(places, 0, n - 1).astype(np.int64)[:, None], None, n)


def _cubic(a: float) -> tuple[np.ndarray, np.ndarray]:
    """The cubic kernel at distances 0..1 and 1..2, at 1,024 steps each, as TensorFlow's table has it."""
    x = np.arange(1025, dtype=np.float64) / 1024
    near = ((a + 2) * x - (a + 3)) * x * x + 1
    x = x + 1
    return near.astype(np.float32), (((x - 5) * x + 8) * x * a - 4 * a).astype(np.float32)


@functools.lru_cache(maxsize=256)
def bicubic_taps(n: int, to: int, align_corners: bool, half_pixel_centers: bool) -> Taps:
    at = _centers(n, to, align_corners, half_pixel_centers)
    low = np.floor(at)
    step = np.rint((at - low) * 1024).astype(np.int64)
    near, far = _cubic(-0.5 if half_pixel_centers else -0.75)
    weights = np.stack([far[step], near[step], near[1024 - step], far[1024 - step]], 1)
    wanted = low.astype(np.int64)[:, None] + np.arange(-1, 3)
    places = np.clip(wanted, 0, n - 1)
    if half_pixel_centers:  # what lies outside counts for nothing, the rest is scaled up
        weights = _normalized(np.where(places == wanted, weights, np.float32(0)))
    return Taps(places, weights, n)


def _normalized(weights: np.ndarray) -> np.ndarray:
    total = weights.sum(1, keepdims=True, dtype=np.float32)
    return np.where(np.abs(total) >= _TINY, weights / np.where(total == 0, np.float32(1), total), np.float32(0))


@functools.lru_cache(maxsize=256)
def area_taps(n: int, to: int, align_corners: bool, half_pixel_centers: bool) -> Taps:
    scale = _scale(n, to, align_corners)
    start = np.arange(to, dtype=np.float32) * scale
    end = np.arange(1, to + 1, dtype=np.float32) * scale
    low, high = np.floor(start).astype(np.int64), np.ceil(end).astype(np.int64)
    wanted = low[:, None] + np.arange(max(1, int((high - low).max())))
    over = np.minimum(end[:, None], wanted + 1) - np.maximum(start[:, None], wanted)
    weights = np.where(wanted < high[:, None], np.maximum(over, 0), 0) / scale
    return Taps(np.clip(wanted, 0, n - 1), weights.astype(np.float32), n)


def _lanczos(radius: float) -> Callable[[np.ndarray], np.ndarray]:
    def kernel(x: np.ndarray) -> np.ndarray:
        safe = np.where(x <= 1e-3, 1.0, x)
        y = radius * np.sin(np.pi * safe) * np.sin(np.pi * safe / radius) / (np.pi**2 * safe * safe)
        return np.where(x > radius, 0, np.where(x <= 1e-3, 1, y))

    return kernel


def _piecewise_cubic(near: Callable[[Any], Any], far: Callable[[Any], Any]) -> Callable[[np.ndarray], np.ndarray]:
    return lambda x: np.where(x >= 2, 0, np.where(x >= 1, far(x), near(x)))


_KERNELS: dict[str, tuple[float, Callable[[np.ndarray], np.ndarray]]] = {
    "lanczos1": (1.0, _lanczos(1.0)), "lanczos3": (3.0, _lanczos(3.0)), "lanczos5": (5.0, _lanczos(5.0)),
    "gaussian": (1.5, lambda x: np.where(x >= 1.5, 0, np.exp(-x * x / (2 * 0.5**2)))),
    "box": (0.5, lambda x: np.where(x < 0.5, 1.0, np.where(x == 0.5, 0.5, 0.0))),
    "triangle": (1.0, lambda x: np.where(x >= 1, 0, 1 - x)),
    "keyscubic": (2.0, _piecewise_cubic(lambda x: (1.5 * x - 2.5) * x * x + 1, lambda x: ((-0.5 * x + 2.5) * x - 4) * x + 2)),
    "mitchellcubic": (2.0, _piecewise_cubic(
        lambda x: (7 * x / 6 - 2) * x * x + 16 / 18, lambda x: ((-7 * x / 18 + 2) * x - 20 / 6) * x + 32 / 18)),
}  # fmt: skip


@functools.lru_cache(maxsize=256)
def kernel_taps(n: int, to: int, scale: float, translation: float, kernel_type: str, antialias: bool) -> Taps:
    """Taps of any kernel: output place `o + 1/2` reads around `(o + 1/2 - translation) / scale`."""
    radius, kernel = _KERNELS[kernel_type]
    inverse = np.float32(1) / np.float32(scale)
    width = max(inverse, np.float32(1)) if antialias else np.float32(1)
    at = (np.arange(to, dtype=np.float32) + np.float32(0.5)) * inverse - inverse * np.float32(translation)
    reach = np.float32(radius) * width
    low = np.clip(np.ceil(at - reach - np.float32(0.5)), 0, n - 1).astype(np.int64)
    high = np.clip(np.floor(at + reach - np.float32(0.5)), 0, n - 1).astype(np.int64) + 1
    wanted = low[:, None] + np.arange(max(1, int((high - low).max(initial=1))))
    distance = np.abs(wanted + np.float32(0.5) - at[:, None]) / width
    weights = np.where(wanted < high[:, None], kernel(distance), 0).astype(np.float32)
    weights = _normalized(weights)
    weights[(at < 0) | (at > n)] = 0
    return Taps(np.clip(wanted, 0, n - 1), weights, n)


# -- reading ---------------------------------------------------------------------------------------------------------


def _along(xp: Any, x: Any, taps: Taps, axis: int) -> Any:
    """Read along an axis of `[batch, height, width, channels]`."""
    if taps.weights is None:
        return xp.take(x, taps.places[:, 0], axis=axis)
    x = x.astype(np.float32)
    count = taps.places.shape[1]
    shape = [1, 1, 1, 1]
    shape[axis] = len(taps.places)
    if count == 2:
        a, b = (xp.take(x, taps.places[:, k], axis=axis) for k in (0, 1))
        return a + (b - a) * taps.weights[:, 1].reshape(shape)
    if count < _DENSE_FROM:
        parts = [xp.take(x, taps.places[:, k], axis=axis) * taps.weights[:, k].reshape(shape) for k in range(count)]
        return functools.reduce(lambda a, b: a + b, parts)
    return _product(xp, taps.matrix(), x, axis)


def _product(xp: Any, matrix: np.ndarray, x: Any, axis: int) -> Any:
    b, h, w, c = x.shape
    if axis == 1:
        return xp.matmul(matrix, x.reshape((b, h, w * c))).reshape((b, len(matrix), w, c))
    return xp.matmul(matrix, x.reshape((b * h, w, c))).reshape((b, h, len(matrix), c))


def _back(xp: Any, g: Any, taps: Taps, axis: int) -> Any:
    return _product(xp, np.ascontiguousarray(taps.matrix().T), g.astype(np.float32), axis)


def _sizes(size: np.ndarray) -> tuple[int, int]:
    if size.shape != (2,):
        raise errors.invalid(f"size must be 1-dimensional of 2 elements, not of shape {list(size.shape)}")
    height, width = ints(size)
    if height <= 0 or width <= 0:
        raise errors.invalid("output dimensions must be positive")
    return height, width


def _check_images(x: Any) -> None:
    if x.ndim != 4:
        raise errors.invalid(f"input must be 4-dimensional, not of shape {list(x.shape)}")
    if not x.shape[1] or not x.shape[2]:
        raise errors.invalid("input image must be of non-zero size")


def _resized_shape(images: TensorShape, size: Any, *_: Any, **__: Any) -> TensorShape:
    batch, _, _, channels = images.with_rank(4).as_list()
    height, width = size if isinstance(size, list) and len(size) == 2 else (None, None)
    return TensorShape([batch, height, width, channels])


def _grad_shape(dy: TensorShape, shape: Any, *_: Any, **__: Any) -> TensorShape:
    return UNKNOWN if shape is None else TensorShape(shape)


_LARGER, _SMALLER = Sample((2, 3, 4, 2), [5, 7]), Sample((1, 6, 5, 3), [2, 3])


def _family(name: str, taps: Callable[..., Taps], allowed: Any, out: Any) -> Op:
    """A way to resize whose taps depend on the sizes alone, and its gradient."""

    @op(f"{name}Grad", types=("T", HOST), dtypes=FLOAT, out=lambda groups, attrs: attrs["dtype"], shape=_grad_shape,
        samples=[Sample((2, 5, 7, 2), [2, 3, 4, 2], dtype=dtypes.float32)])
    def gradient(
        xp: Any, grads: Any, shape: Any, *, dtype: Any, align_corners: bool = False, half_pixel_centers: bool = False
    ) -> Any:
        _, h, w, _ = ints(shape)
        y = _back(xp, grads, taps(h, grads.shape[1], align_corners, half_pixel_centers), 1)
        return _back(xp, y, taps(w, grads.shape[2], align_corners, half_pixel_centers), 2).astype(dtype.np_dtype)

    def kernel(xp: Any, images: Any, size: Any, *, align_corners: bool = False, half_pixel_centers: bool = False) -> Any:
        height, width = _sizes(size)
        _check_images(images)
        y = _along(xp, images, taps(images.shape[2], width, align_corners, half_pixel_centers), 2)
        return _along(xp, y, taps(images.shape[1], height, align_corners, half_pixel_centers), 1)

    kernel.__name__ = ""
    record = op(name, types=("T", HOST), dtypes=allowed, out=out, shape=_resized_shape,
        samples=[_LARGER, _SMALLER, Sample((1, 3, 4, 1), [4, 3], half_pixel_centers=True),
                 Sample((1, 3, 4, 1), [5, 2], align_corners=True)])(kernel)  # fmt: skip
    record.__name__ = record.__qualname__ = name

    @gradient.vjp
    def _(y: Any, g: Any, grads: Any, shape: Any, *, dtype: Any, **attrs: Any) -> Any:
        from thalweg.engine.ops.shaping import cast

        return lambda: cast(record(g, shape_of(grads)[1:3], **attrs), grads.dtype), None

    @record.vjp
    def _(y: Any, g: Any, images: Any, size: Any, **attrs: Any) -> Any:
        if not images.dtype.is_floating:
            return None, None
        return lambda: gradient(g, shape_of(images), dtype=images.dtype, **attrs), None

    return record


resize_bilinear = _family("ResizeBilinear", bilinear_taps, REAL, dtypes.float32)
resize_nearest_neighbor = _family("ResizeNearestNeighbor", nearest_taps, REAL, "T")
resize_bicubic = _family("ResizeBicubic", bicubic_taps, REAL, dtypes.float32)
resize_area = _family("ResizeArea", area_taps, REAL, dtypes.float32)


def _pair(values: np.ndarray, what: str) -> list[float]:
    if values.shape != (2,):
        raise errors.invalid(f"{what} should be a 1-dimensional tensor of 2 elements, not of shape {list(values.shape)}")
    return [float(v) for v in values]


def _two_taps(h: int, w: int, size: Any, scale: Any, translation: Any, kernel_type: str, antialias: bool) -> tuple[Taps, Taps]:
    height, width = _sizes(size)
    (sy, sx), (ty, tx) = _pair(scale, "scale"), _pair(translation, "translation")
    if sy <= 0 or sx <= 0:
        raise errors.invalid("scale must be greater than zero.")
    if kernel_type not in _KERNELS:
        raise errors.invalid(f"Unknown kernel type: {kernel_type}. It is one of {', '.join(_KERNELS)}.")
    return kernel_taps(h, height, sy, ty, kernel_type, antialias), kernel_taps(w, width, sx, tx, kernel_type, antialias)


_HALVED = (np.array([2, 3], np.int32), np.array([0.5, 0.75], np.float32), np.array([0.25, 0.0], np.float32))


@op("ScaleAndTranslateGrad", types=("T", HOST, HOST, HOST), dtypes=(dtypes.float32,), shape=_grad_shape,
    samples=[Sample((1, 2, 3, 2), [1, 4, 4, 2], *_HALVED[1:])])
def scale_and_translate_grad(
    xp: Any, grads: Any, shape: Any, scale: Any, translation: Any, *, kernel_type: str = "lanczos3", antialias: bool = True
) -> Any:
    _, h, w, _ = ints(shape)
    rows, columns = _two_taps(h, w, np.array(grads.shape[1:3]), scale, translation, kernel_type, antialias)
    return _back(xp, _back(xp, grads, rows, 1), columns, 2)


@op("ScaleAndTranslate", types=("T", HOST, HOST, HOST), dtypes=REAL, out=dtypes.float32, shape=_resized_shape,
    samples=[Sample((1, 4, 4, 2), *_HALVED), Sample((1, 4, 4, 1), *_HALVED, kernel_type="triangle", antialias=False)])
def scale_and_translate(
    xp: Any, images: Any, size: Any, scale: Any, translation: Any, *, kernel_type: str = "lanczos3", antialias: bool = True
) -> Any:
    """Images scaled, then moved, and cut or filled with zeros to `size`."""
    _check_images(images)
    rows, columns = _two_taps(images.shape[1], images.shape[2], size, scale, translation, kernel_type, antialias)
    return _along(xp, _along(xp, images, rows, 1), columns, 2)


@scale_and_translate.vjp
def _(y: Any, g: Any, images: Any, size: Any, scale: Any, translation: Any, **attrs: Any) -> Any:
    from thalweg.engine.ops.shaping import cast

    def dx() -> Any:
        return cast(scale_and_translate_grad(g, shape_of(images), scale, translation, **attrs), images.dtype)

    return (dx if images.dtype.is_floating else None), None, None, None


@scale_and_translate_grad.vjp
def _(y: Any, g: Any, grads: Any, shape: Any, scale: Any, translation: Any, **attrs: Any) -> Any:
    return lambda: scale_and_translate(g, shape_of(grads)[1:3], scale, translation, **attrs), None, None, None
