"""Pooling: the largest or the mean of each window.

`x` is the input, `y` the pooled output, `g` the arriving gradient. The gradient of the largest goes to the first of equals in
row-major order, as TensorFlow's does.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from thalweg.engine.core import dtypes
from thalweg.engine.core.dtypes import DType
from thalweg.engine.core.registry import FLOAT, HOST, INDEX, REAL, Op, Sample, op, register
from thalweg.engine.core.shape import UNKNOWN, TensorShape
from thalweg.engine.ops import windows as win
from thalweg.engine.ops.conv import known_shape


def _window(x: Any, n: int, ksize: Any, strides: Any, padding: str, explicit: Any, fmt: str) -> tuple[win.Window, tuple[int, ...]]:
    shape = x.shape if win.channels_last(fmt) else (x.shape[0], x.shape[-1], *x.shape[1:-1])
    _pool_shape(n)(TensorShape(shape), ksize=ksize, strides=strides, padding=padding, explicit_paddings=explicit, data_format=fmt)
    sizes, k, s = x.shape[1:-1], win.spatial(ksize, fmt), win.spatial(strides, fmt)
    window = win.make_window(sizes, k, s, (1,) * n, padding, win.explicit_pairs(explicit, fmt, n))
    out = [
        win.output_size(size, ki, si, 1, padding, (b, a)) for size, ki, si, b, a in zip(sizes, k, s, window.before, window.after)
    ]
    return window, tuple(out)  # type: ignore[arg-type]


def _lowest(dtype: Any) -> Any:
    return -np.inf if dtype.kind in "fV" else np.iinfo(dtype).min


def _pool_shape(n: int) -> Any:
    def rule(
        x: TensorShape, *, ksize: Any, strides: Any, padding: str, explicit_paddings: Any = (), data_format: str, **_: Any
    ) -> TensorShape:
        batch, sizes, channels = win.split_shape(x, data_format, n, "The input of pooling")
        if min(*win.spatial(ksize, data_format), *win.spatial(strides, data_format)) < 1:
            raise ValueError(f"Window sizes and strides must be positive, not {list(ksize)} and {list(strides)}")
        pairs = win.explicit_pairs(explicit_paddings, data_format, n)
        out = []
        for size, k, s, pair in zip(sizes, win.spatial(ksize, data_format), win.spatial(strides, data_format), pairs):
            if padding != "SAME" and size is not None and size + sum(pair) - k + s < 0:
                raise ValueError(f"Computed output size would be negative: the window of size {k} does not fit into {size}")
            out.append(win.output_size(size, k, s, 1, padding, pair))
        return win.joined_shape(batch, out, channels, data_format)

    return rule


def _like_first(x: TensorShape, *_: Any, **__: Any) -> TensorShape:
    return x


def _from_value(sizes: Any, *_: Any, **__: Any) -> TensorShape:
    return UNKNOWN if sizes is None else TensorShape(sizes)


def argmax_parts(parts: list[Any], y: Any) -> list[Any]:
    """For each window position, where it holds the first of the largest."""
    taken = None
    chosen = []
    for part in parts:
        hit = part == y
        chosen.append(hit if taken is None else hit & ~taken)
        taken = hit if taken is None else taken | hit
    return chosen


def _family(n: int, fmt: str, suffix: str, samples: list[Sample]) -> tuple[Op, Op]:
    """Largest and mean pooling over `n` dimensions, with gradients that can be differentiated again."""

    def max_pool(
        xp: Any, input: Any, *, ksize: Any, strides: Any, padding: str, explicit_paddings: Any = (), data_format: str = fmt
    ) -> Any:
        x = win.to_last(xp, input, data_format)
        window, out = _window(x, n, ksize, strides, padding, explicit_paddings, data_format)
        parts = win.slices(win.pad(xp, x, window, _lowest(x.dtype)), window, out)
        y = parts[0]
        for part in parts[1:]:
            y = xp.maximum(y, part)
        return win.from_last(xp, y, data_format)

    def max_grad(
        xp: Any,
        orig_input: Any,
        orig_output: Any,
        grad: Any,
        *,
        ksize: Any,
        strides: Any,
        padding: str,
        explicit_paddings: Any = (),
        data_format: str = fmt,
    ) -> Any:
        x, y, g = (win.to_last(xp, a, data_format) for a in (orig_input, orig_output, grad))
        window, out = _window(x, n, ksize, strides, padding, explicit_paddings, data_format)
        parts = win.slices(win.pad(xp, x, window, _lowest(x.dtype)), window, out)
        zero = xp.zeros((), g.dtype)
        given = [xp.where(c, g, zero) for c in argmax_parts(parts, y)]
        return win.from_last(xp, win.put_back(xp, given, window, x.shape[1:-1]), data_format)

    def max_grad_grad(
        xp: Any,
        orig_input: Any,
        orig_output: Any,
        grad: Any,
        *,
        ksize: Any,
        strides: Any,
        padding: str,
        explicit_paddings: Any = (),
        data_format: str = fmt,
    ) -> Any:
        x, y, g = (win.to_last(xp, a, data_format) for a in (orig_input, orig_output, grad))
        window, out = _window(x, n, ksize, strides, padding, explicit_paddings, data_format)
        chosen = argmax_parts(win.slices(win.pad(xp, x, window, _lowest(x.dtype)), window, out), y)
        zero = xp.zeros((), g.dtype)
        picked = [xp.where(c, p, zero) for c, p in zip(chosen, win.slices(win.pad(xp, g, window), window, out))]
        return win.from_last(xp, sum(picked[1:], picked[0]), data_format)

    def counts(sizes: tuple[int, ...], window: win.Window, out: tuple[int, ...], dtype: Any) -> np.ndarray:
        """How many inputs, padding aside, each window holds."""
        ones = win.pad(np, np.ones((1, *sizes, 1)), window)
        return sum(win.slices(ones, window, out)).astype(dtype)  # type: ignore[attr-defined]

    def avg_pool(xp: Any, value: Any, *, ksize: Any, strides: Any, padding: str, data_format: str = fmt) -> Any:
        x = win.to_last(xp, value, data_format)
        window, out = _window(x, n, ksize, strides, padding, (), data_format)
        parts = win.slices(win.pad(xp, x, window), window, out)
        return win.from_last(xp, sum(parts[1:], parts[0]) / counts(x.shape[1:-1], window, out, x.dtype), data_format)

    def avg_grad(
        xp: Any, orig_input_shape: Any, grad: Any, *, ksize: Any, strides: Any, padding: str, data_format: str = fmt
    ) -> Any:
        shape = [int(v) for v in orig_input_shape]
        last = shape if win.channels_last(data_format) else [shape[0], *shape[2:], shape[1]]
        window, out = _window(np.empty((0, *last[1:])), n, ksize, strides, padding, (), data_format)
        g = win.to_last(xp, grad, data_format) / counts(tuple(last[1:-1]), window, out, grad.dtype)
        parts = [g] * len(window.positions())
        return win.from_last(xp, win.put_back(xp, parts, window, tuple(last[1:-1])), data_format)

    max_op = register(Op(max_pool, f"MaxPool{suffix}", dtypes=REAL, shape=_pool_shape(n), samples=samples))
    max_grad_op = register(Op(max_grad, f"MaxPool{suffix}Grad", dtypes=REAL, shape=_like_first))
    max_grad_grad_op = register(Op(max_grad_grad, f"MaxPool{suffix}GradGrad", dtypes=REAL, shape=lambda x, y, g, **_: y))
    plain = [s for s in samples if "explicit_paddings" not in s.attrs]
    avg_op = register(Op(avg_pool, f"AvgPool{suffix}", dtypes=FLOAT, shape=_pool_shape(n), samples=plain))
    avg_grad_op = register(Op(avg_grad, f"AvgPool{suffix}Grad", types=(HOST, "T"), dtypes=FLOAT, shape=_from_value))

    max_op.vjp(lambda y, g, x, **a: max_grad_op(x, y, g, **a))
    max_grad_op.vjp(lambda dx, g, x, y, dy, **a: (None, None, max_grad_grad_op(x, y, g, **a)))
    max_grad_grad_op.vjp(lambda d, g, x, y, dx, **a: (None, None, max_grad_op(x, y, g, **a)))
    avg_op.vjp(lambda y, g, x, **a: avg_grad_op(known_shape(x), g, **a))
    avg_grad_op.vjp(lambda dx, g, shape, dy, **a: (None, avg_op(g, **a)))
    return max_op, avg_op


_K2, _S1 = [1, 2, 2, 1], [1, 1, 1, 1]
max_pool_op, avg_pool_op = _family(
    2,
    "NHWC",
    "",
    [
        Sample((2, 4, 6, 3), ksize=_K2, strides=_K2, padding="VALID"),
        Sample((2, 5, 7, 3), ksize=_K2, strides=_K2, padding="SAME"),
        Sample((1, 6, 5, 2), ksize=[1, 3, 2, 1], strides=_S1, padding="SAME"),
        Sample((1, 7, 5, 2), ksize=[1, 3, 2, 1], strides=[1, 2, 1, 1], padding="VALID"),
        Sample((0, 4, 4, 2), ksize=_K2, strides=_K2, padding="VALID"),
    ],
)
max_pool3d_op, avg_pool3d_op = _family(
    3,
    "NDHWC",
    "3D",
    [
        Sample((2, 4, 6, 2, 3), ksize=[1, 2, 2, 2, 1], strides=[1, 2, 2, 2, 1], padding="VALID"),
        Sample((1, 4, 5, 3, 2), ksize=[1, 2, 3, 2, 1], strides=[1, 1, 2, 1, 1], padding="SAME"),
    ],
)


# -- with the place of the largest ---------------------------------------------------------------------------


def _argmax_shape(x: TensorShape, *, ksize: Any, strides: Any, padding: str, **_: Any) -> tuple[TensorShape, TensorShape]:
    y = _pool_shape(2)(x, ksize=ksize, strides=strides, padding=padding, data_format="NHWC")
    return y, y


@op("MaxPoolWithArgmax", dtypes=REAL, out=("T", lambda groups, attrs: attrs["Targmax"]), shape=_argmax_shape,
    samples=[Sample((2, 4, 6, 3), ksize=_K2, strides=_K2, padding="VALID")])  # fmt: skip
def max_pool_with_argmax_op(
    xp: Any,
    input: Any,
    *,
    ksize: Any,
    strides: Any,
    Targmax: DType = dtypes.int64,
    padding: str,
    include_batch_in_index: bool = False,
) -> Any:
    window, out = _window(input, 2, ksize, strides, padding, (), "NHWC")
    batch, height, width, channels = input.shape
    flat = np.arange(height * width * channels).reshape(1, height, width, channels).repeat(batch, 0)
    if include_batch_in_index:
        flat = flat + (np.arange(batch) * height * width * channels)[:, None, None, None]
    places = win.slices(win.pad(np, flat, window), window, out)
    parts = win.slices(win.pad(xp, input, window, _lowest(input.dtype)), window, out)
    y = parts[0]
    for part in parts[1:]:
        y = xp.maximum(y, part)
    zero = np.zeros((), np.int64)
    where = [xp.where(c, p, zero) for c, p in zip(argmax_parts(parts, y), places)]
    return y, sum(where[1:], where[0]).astype(Targmax.np_dtype)


@max_pool_with_argmax_op.vjp
def _(y: Any, g: Any, x: Any, *, ksize: Any, strides: Any, padding: str, **_: Any) -> Any:
    from thalweg.engine.core.registry import REGISTRY

    return REGISTRY["MaxPoolGrad"](x, y[0], g[0], ksize=ksize, strides=strides, padding=padding)


__all__ = ["INDEX", "avg_pool3d_op", "avg_pool_op", "max_pool3d_op", "max_pool_op"]
