"""Convolution and its two gradients in the form in which XLA runs them fastest on CPUs.

All three are XLA's own convolution of channels-last arrays: the one form for which it calls a tuned kernel wherever it
stands. Inside a loop its layout assignment would turn the transposes of the filter's gradient into odd layouts, which
run 50 times slower; the barriers hold them to what is written. Products of patches, NumPy's way, take two to four times
as long here (docs/performance.md).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from thalweg.engine.ops import windows as win
from thalweg.engine.xp import jax

_TUNED = ("float32", "float16", "bfloat16")  # float64 has no tuned kernel
# XLA's default gives convolutions to a library that runs each on one core; with this they run on all.
CPU_OPTIONS = {"xla_cpu_experimental_ynn_fusion_type": "LIBRARY_FUSION_TYPE_DOT"}
_LETTERS = {1: "W", 2: "HW", 3: "DHW"}


def fits(xp: Any, x: Any, window: win.Window) -> bool:
    """Whether to convolve here: under XLA's trace, for dtypes it is good at. A window of one element is a plain product."""
    return xp is not np and x.dtype.name in _TUNED and math.prod(window.size) > 1


def forward(x: Any, w: Any, window: win.Window) -> Any:
    """The convolution of `x` `[batch, *sizes, in]` with `w` `[*window, in, out]`."""
    return _convolve(x, w, list(zip(window.before, window.after)), strides=window.strides, dilations=window.dilations)


def backprop_input(w: Any, g: Any, window: win.Window, sizes: tuple[int, ...]) -> Any:
    """The gradient for the input: `g`, spread by the strides, with the filter turned round."""
    axes = tuple(range(len(window.size)))
    turned = jax().numpy.flip(w, axes).swapaxes(-1, -2)
    pads = []
    for n, k, s, d, before, out in zip(sizes, window.size, window.strides, window.dilations, window.before, g.shape[1:-1]):
        reach, spread = (k - 1) * d, (out - 1) * s + 1
        pads.append((reach - before, n + before - spread))
    return _convolve(g, turned, pads, dilations=window.dilations, spread=window.strides)


def backprop_filter(x: Any, g: Any, window: win.Window) -> Any:
    """The gradient for the filter: `x` convolved with `g`, with the batch as the channels that are summed."""
    n = len(window.size)
    inner = tuple(range(1, n + 1))
    pads = []
    sizes, outs = x.shape[1:-1], g.shape[1:-1]
    for size, k, s, d, before, out in zip(sizes, window.size, window.strides, window.dilations, window.before, outs):
        pads.append((before, (k - 1) * d + (out - 1) * s + 1 - size - before))
    hold = jax().lax.optimization_barrier
    by_channel, by_position = hold(x.transpose(n + 1, *inner, 0)), hold(g.transpose(*inner, 0, n + 1))
    y = _convolve(by_channel, by_position, pads, strides=window.dilations, dilations=window.strides)
    return hold(y).transpose(*inner, 0, n + 1)


def _convolve(x: Any, w: Any, pads: list[tuple[int, int]], strides: Any = None, dilations: Any = None, spread: Any = None) -> Any:
    """Sums are made in float32 at least. A negative padding cuts."""
    n = len(pads)
    letters = _LETTERS[n]
    y = jax().lax.conv_general_dilated(
        x, w, strides or (1,) * n, pads, lhs_dilation=spread, rhs_dilation=dilations,
        dimension_numbers=(f"N{letters}C", f"{letters}IO", f"N{letters}C"), preferred_element_type=np.float32,
    )  # fmt: skip
    return y.astype(x.dtype)
