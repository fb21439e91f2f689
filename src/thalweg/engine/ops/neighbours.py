"""Functions of each entry's neighbours: grayscale dilation and erosion, local response normalization."""

from __future__ import annotations

import functools
import itertools
from typing import Any

import numpy as np

from thalweg.engine.core import convert, dtypes, errors
from thalweg.engine.core.graph import name_scope
from thalweg.engine.core.registry import FLOAT, NO_GRADIENT, REGISTRY, Sample, op
from thalweg.engine.core.tensor import static_shape
from thalweg.engine.ops import conv, pool as pooling, windows as win
from thalweg.engine.ops.layouts import as_tensor

# -- morphology ----------------------------------------------------------------------------------------------


def _dilation_window(x: Any, w_shape: Any, strides: Any, rates: Any, padding: str) -> tuple[Any, tuple[int, ...]]:
    s, r = list(strides)[1:-1], list(rates)[1:-1]
    window = win.make_window(x.shape[1:-1], w_shape[:2], s, r, padding, [(0, 0)] * 2)
    out = [win.output_size(n, k, si, ri, padding, (0, 0)) for n, k, si, ri in zip(x.shape[1:-1], w_shape[:2], s, r)]
    return window, tuple(out)  # type: ignore[arg-type]


def _dilation_shape(x: Any, w: Any, *, strides: Any, rates: Any, padding: str) -> Any:
    batch, sizes, channels = win.split_shape(x, "NHWC", 2, "The input of a dilation")
    kernel = [None] * 3 if w.rank is None else w.with_rank(3).as_list()
    out = [
        win.output_size(n, k, s, r, padding, (0, 0))
        for n, k, s, r in zip(sizes, kernel[:2], list(strides)[1:-1], list(rates)[1:-1])
    ]
    return win.joined_shape(batch, out, channels if channels is not None else kernel[2], "NHWC")


def _raised(xp: Any, x: Any, w: Any, strides: Any, rates: Any, padding: str) -> tuple[Any, Any, list[Any]]:
    window, out = _dilation_window(x, w.shape, strides, rates, padding)
    flat = w.reshape(-1, w.shape[-1])
    return window, out, [p + flat[i] for i, p in enumerate(win.slices(win.pad(xp, x, window, -np.inf), window, out))]


@op("Dilation2D", dtypes=FLOAT, shape=_dilation_shape,
    samples=[Sample((2, 5, 6, 3), (3, 2, 3), strides=[1, 1, 1, 1], rates=[1, 1, 1, 1], padding="SAME")])  # fmt: skip
def dilation2d_op(xp: Any, input: Any, filter: Any, *, strides: Any, rates: Any, padding: str) -> Any:
    return functools.reduce(xp.maximum, _raised(xp, input, filter, strides, rates, padding)[2])


@op("Dilation2DBackpropInput", vjp=NO_GRADIENT, dtypes=FLOAT, shape=lambda x, *_, **__: x)
def dilation2d_backprop_input(
    xp: Any, input: Any, filter: Any, out_backprop: Any, *, strides: Any, rates: Any, padding: str
) -> Any:
    window, _, parts = _raised(xp, input, filter, strides, rates, padding)
    chosen = pooling.argmax_parts(parts, functools.reduce(xp.maximum, parts))
    zero = xp.zeros((), out_backprop.dtype)
    return win.put_back(xp, [xp.where(c, out_backprop, zero) for c in chosen], window, input.shape[1:-1])


@op("Dilation2DBackpropFilter", vjp=NO_GRADIENT, dtypes=FLOAT, shape=lambda x, w, *_, **__: w)
def dilation2d_backprop_filter(
    xp: Any, input: Any, filter: Any, out_backprop: Any, *, strides: Any, rates: Any, padding: str
) -> Any:
    _, _, parts = _raised(xp, input, filter, strides, rates, padding)
    chosen = pooling.argmax_parts(parts, functools.reduce(xp.maximum, parts))
    zero = xp.zeros((), out_backprop.dtype)
    sums = [xp.sum(xp.where(c, out_backprop, zero), axis=(0, 1, 2), dtype=out_backprop.dtype) for c in chosen]
    return xp.stack(sums).reshape(filter.shape)


dilation2d_op.vjp(
    lambda y, g, x, w, **a: (lambda: dilation2d_backprop_input(x, w, g, **a), lambda: dilation2d_backprop_filter(x, w, g, **a))
)


def dilation2d(
    input: Any, filters: Any, strides: Any, padding: str, data_format: str, dilations: Any, name: str | None = None
) -> Any:
    """Grayscale dilation: the largest of `input + filters` over each window. filters `[height, width, channels]`."""
    if data_format != "NHWC":
        raise ValueError("`data_format` values other than 'NHWC' are not supported.")
    return dilation2d_op(
        as_tensor(input), filters, strides=list(strides), rates=list(dilations), padding=padding.upper(), name=name
    )


def erosion2d(
    value: Any, filters: Any, strides: Any, padding: str, data_format: str, dilations: Any, name: str | None = None
) -> Any:
    """Grayscale erosion: the smallest of `value - filters` over each window."""
    flipped = REGISTRY["ReverseV2"](as_tensor(filters), np.array([0, 1], np.int32))
    return -dilation2d(-as_tensor(value), flipped, strides, padding, data_format, dilations, name)


# -- local response normalization ----------------------------------------------------------------------------


def _neighbours(xp: Any, x: Any, radius: int) -> Any:
    """The sum over channels at most `radius` away."""
    padded = xp.pad(x, [(0, 0)] * (x.ndim - 1) + [(radius, radius)])
    depth = x.shape[-1]
    return sum(padded[..., i : i + depth] for i in range(2 * radius + 1))


@op(
    "LRN",
    dtypes=FLOAT,
    shape=lambda x, **_: x.with_rank(4),
    samples=[Sample((2, 3, 4, 7), depth_radius=2, bias=1.0, alpha=0.5, beta=0.75)],
)
def local_response_normalization(
    xp: Any, input: Any, *, depth_radius: int = 5, bias: float = 1.0, alpha: float = 1.0, beta: float = 0.5
) -> Any:
    """Divide by a power of the squares around, across channels (Krizhevsky et al. 2012)."""
    y = input / (bias + alpha * _neighbours(xp, input * input, depth_radius)) ** beta
    return y.astype(input.dtype)


@op("LRNGrad", vjp=NO_GRADIENT, dtypes=FLOAT, shape=lambda g, x, y, **_: x)
def lrn_grad(
    xp: Any,
    input_grads: Any,
    input_image: Any,
    output_image: Any,
    *,
    depth_radius: int = 5,
    bias: float = 1.0,
    alpha: float = 1.0,
    beta: float = 0.5,
) -> Any:
    norm = bias + alpha * _neighbours(xp, input_image * input_image, depth_radius)
    spread = _neighbours(xp, input_grads * output_image / norm, depth_radius)
    return (input_grads * norm**-beta - 2 * alpha * beta * input_image * spread).astype(input_image.dtype)


local_response_normalization.vjp(lambda y, g, x, **attrs: lrn_grad(g, x, y, **attrs))
lrn = local_response_normalization
