"""Convolutions in one, two and three dimensions, their transposes, and depthwise ones.

`x` is the input, `w` the filter `[*window, in, out]` (depthwise: `[*window, in, multiplier]`), `g` the arriving gradient.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from thalweg.engine.core.registry import FLOAT, HOST, Op, Sample, op as declare, register
from thalweg.engine.core.shape import UNKNOWN, TensorShape
from thalweg.engine.core.tensor import static_shape
from thalweg.engine.ops import windows as win, xla_conv
from thalweg.engine.ops.matmul import product
from thalweg.engine.ops.shaping import shape as shape_of

# Patches hold each input once per window position. Beyond this many elements the batch is taken in pieces: the memory is
# worth more than the speed.
_PATCH_LIMIT = 1 << 26


def _patches(xp: Any, x: Any, w: win.Window, out: tuple[int, ...]) -> Any:
    """`[batch * out, window * channels]`: what each output sees, one row each."""
    parts = win.slices(win.pad(xp, x, w), w, out)
    side_by_side = parts[0] if len(parts) == 1 else xp.concatenate(parts, axis=-1)
    return side_by_side.reshape(math.prod(side_by_side.shape[:-1]), side_by_side.shape[-1])


def _window(
    x: Any, w_shape: Any, n: int, strides: Any, padding: str, explicit: Any, dilations: Any, fmt: str
) -> tuple[Any, tuple[int, ...]]:
    sizes = x.shape[1:-1]
    s, d = win.spatial(strides, fmt), win.spatial(dilations, fmt)
    window = win.make_window(sizes, w_shape[:n], s, d, padding, win.explicit_pairs(explicit, fmt, n))
    out = tuple(
        win.output_size(size, k, si, di, padding, (b, a))
        for size, k, si, di, b, a in zip(sizes, w_shape[:n], s, d, window.before, window.after)
    )
    return window, out  # type: ignore[return-value]


def forward(xp: Any, x: Any, w: Any, window: win.Window, out: tuple[int, ...]) -> Any:
    """Convolution of channels-last `x`; a filter with fewer inputs than `x` has channels makes groups."""
    channels, w_in, w_out = x.shape[-1], w.shape[-2], w.shape[-1]
    if channels != w_in:
        groups = channels // w_in
        return xp.concatenate(
            [forward(xp, a, b, window, out) for a, b in zip(xp.split(x, groups, axis=-1), xp.split(w, groups, axis=-1))], axis=-1
        )
    if xla_conv.fits(xp, x, window):
        return xla_conv.forward(x, w, window)
    needed = x.shape[0] * int(np.prod(out)) * int(np.prod(window.size)) * channels
    if needed > _PATCH_LIMIT and x.shape[0] > 1:
        half = x.shape[0] // 2
        return xp.concatenate([forward(xp, x[:half], w, window, out), forward(xp, x[half:], w, window, out)])
    rows = _patches(xp, x, window, out)
    return product(xp, rows, w.reshape(-1, w_out)).reshape(x.shape[0], *out, w_out)


def backprop_input(xp: Any, w: Any, g: Any, window: win.Window, sizes: tuple[int, ...], channels: int) -> Any:
    """The gradient for the input: each output's gradient through the filter, put back where it came from."""
    w_in, w_out = w.shape[-2], w.shape[-1]
    if channels != w_in:
        groups = channels // w_in
        pairs = zip(xp.split(w, groups, axis=-1), xp.split(g, groups, axis=-1))
        return xp.concatenate([backprop_input(xp, a, b, window, sizes, w_in) for a, b in pairs], axis=-1)
    if xla_conv.fits(xp, g, window):
        return xla_conv.backprop_input(w, g, window, sizes)
    positions = len(window.positions())
    rows = product(xp, g.reshape(math.prod(g.shape[:-1]), w_out), w.reshape(positions * w_in, w_out).T)
    grid = rows.reshape(*g.shape[:-1], positions, w_in)
    parts = [grid[..., i, :] for i in range(positions)]
    return win.put_back(xp, parts, window, sizes)


def backprop_filter(xp: Any, x: Any, g: Any, window: win.Window, w_shape: tuple[int, ...]) -> Any:
    """The gradient for the filter: patches times gradients."""
    channels, w_in, w_out = x.shape[-1], w_shape[-2], w_shape[-1]
    if channels != w_in:
        groups = channels // w_in
        part = (*w_shape[:-1], w_out // groups)
        pairs = zip(xp.split(x, groups, axis=-1), xp.split(g, groups, axis=-1))
        return xp.concatenate([backprop_filter(xp, a, b, window, part) for a, b in pairs], axis=-1)
    if xla_conv.fits(xp, x, window):
        return xla_conv.backprop_filter(x, g, window)
    rows = _patches(xp, x, window, g.shape[1:-1])
    return product(xp, rows.T, g.reshape(math.prod(g.shape[:-1]), w_out)).reshape(w_shape)


# -- shapes ------------------------------------------------------------------------------------------------


def _conv_shape(n: int, depthwise: bool = False) -> Any:
    def rule(
        x: TensorShape,
        w: TensorShape,
        *,
        strides: Any,
        padding: str,
        explicit_paddings: Any = (),
        data_format: str,
        dilations: Any,
        **_: Any,
    ) -> TensorShape:
        batch, sizes, channels = win.split_shape(x, data_format, n, "The input of a convolution")
        kernel = [None] * (n + 2) if w.rank is None else w.with_rank(n + 2).as_list()
        *window, w_in, w_out = kernel
        if channels is not None and w_in is not None and (channels != w_in if depthwise else w_in == 0 or channels % w_in):
            raise ValueError(
                f"The input has {channels} channels, and the filter {w} takes {w_in}: the depth of the input must be "
                f"a multiple of the filter's"
            )
        s, d = win.spatial(strides, data_format), win.spatial(dilations, data_format)
        if min(*s, *d) < 1:
            raise ValueError(f"Strides and dilations must be positive, not {list(strides)} and {list(dilations)}")
        pairs = win.explicit_pairs(explicit_paddings, data_format, n)
        out = []
        for size, k, si, di, pair in zip(sizes, window, s, d, pairs):
            o = win.output_size(size, k, si, di, padding, pair)
            if padding != "SAME" and size is not None and k is not None and size + sum(pair) - (k - 1) * di - 1 + si < 0:
                raise ValueError(
                    f"Computed output size would be negative: the window of size {k} (dilated by {di}) does not fit into {size}"
                )
            out.append(o)
        if depthwise:
            w_out = None if w_in is None or w_out is None else w_in * w_out
        return win.joined_shape(batch, out, w_out, data_format)

    return rule


def _grad_input_shape(n: int) -> Any:
    """The shape asked for, if the convolution of such an input gives the gradient's shape."""

    def rule(sizes: Any, w: TensorShape, g: TensorShape, **attrs: Any) -> TensorShape:
        shape = _from_value(sizes)
        y = _conv_shape(n)(shape, w, **attrs)
        if not y.is_compatible_with(g):
            raise ValueError(
                f"A convolution of an input of shape {shape} gives {y}, not the {g} that was given: the output_shape does not fit"
            )
        return shape

    return rule


def _from_value(sizes: Any, *_: Any, **__: Any) -> TensorShape:
    return UNKNOWN if sizes is None else TensorShape([None if s is None or s < 0 else s for s in sizes])


# -- the records, for two and three dimensions -------------------------------------------------------------------


def _family(n: int, fmt: str, names: tuple[str, str, str], samples: tuple[list[Sample], ...]) -> tuple[Op, Op, Op]:
    """Convolution over `n` dimensions, and its gradients for input and filter (each differentiable again)."""
    ones = [1] * (n + 2)

    def conv(
        xp: Any,
        input: Any,
        filter: Any,
        *,
        strides: Any,
        use_cudnn_on_gpu: bool = True,
        padding: str,
        explicit_paddings: Any = (),
        data_format: str = fmt,
        dilations: Any = ones,
    ) -> Any:
        conv_op.infer_shapes(
            [TensorShape(input.shape), TensorShape(filter.shape)],
            {
                "strides": strides,
                "padding": padding,
                "explicit_paddings": explicit_paddings,
                "data_format": data_format,
                "dilations": dilations,
            },
        )  # fmt: skip  (raises for what does not fit)
        x = win.to_last(xp, input, data_format)
        window, out = _window(x, filter.shape, n, strides, padding, explicit_paddings, dilations, data_format)
        return win.from_last(xp, forward(xp, x, filter, window, out), data_format)

    def grad_input(
        xp: Any,
        input_sizes: Any,
        filter: Any,
        out_backprop: Any,
        *,
        strides: Any,
        use_cudnn_on_gpu: bool = True,
        padding: str,
        explicit_paddings: Any = (),
        data_format: str = fmt,
        dilations: Any = ones,
    ) -> Any:
        shape = [int(v) for v in input_sizes]
        last = shape if win.channels_last(data_format) else [shape[0], *shape[2:], shape[1]]
        input_op.infer_shapes([shape, TensorShape(filter.shape), TensorShape(out_backprop.shape)], {
            "strides": strides, "padding": padding, "explicit_paddings": explicit_paddings, "data_format": data_format,
            "dilations": dilations,
        })  # fmt: skip
        window, _ = _window(np.empty((0, *last[1:])), filter.shape, n, strides, padding, explicit_paddings, dilations, data_format)
        g = win.to_last(xp, out_backprop, data_format)
        return win.from_last(xp, backprop_input(xp, filter, g, window, tuple(last[1:-1]), last[-1]), data_format)

    def grad_filter(
        xp: Any,
        input: Any,
        filter_sizes: Any,
        out_backprop: Any,
        *,
        strides: Any,
        use_cudnn_on_gpu: bool = True,
        padding: str,
        explicit_paddings: Any = (),
        data_format: str = fmt,
        dilations: Any = ones,
    ) -> Any:
        x, g = win.to_last(xp, input, data_format), win.to_last(xp, out_backprop, data_format)
        w_shape = tuple(int(v) for v in filter_sizes)
        window, _ = _window(x, w_shape, n, strides, padding, explicit_paddings, dilations, data_format)
        return backprop_filter(xp, x, g, window, w_shape)

    conv_op = register(Op(conv, names[0], dtypes=FLOAT, shape=_conv_shape(n), samples=samples[0]))
    input_op = register(
        Op(grad_input, names[1], types=(HOST, "T", "T"), dtypes=FLOAT, shape=_grad_input_shape(n), samples=samples[1])
    )
    filter_op = register(
        Op(
            grad_filter,
            names[2],
            types=("T", HOST, "T"),
            dtypes=FLOAT,
            shape=lambda x, sizes, g, **_: _from_value(sizes),
            samples=samples[2],
        )
    )

    @conv_op.vjp
    def _(y: Any, g: Any, x: Any, w: Any, **attrs: Any) -> Any:
        return lambda: input_op(known_shape(x), w, g, **attrs), lambda: filter_op(x, known_shape(w), g, **attrs)

    @input_op.vjp
    def _(y: Any, g: Any, sizes: Any, w: Any, dy: Any, **attrs: Any) -> Any:
        return None, lambda: filter_op(g, known_shape(w), dy, **attrs), lambda: conv_op(g, w, **attrs)

    @filter_op.vjp
    def _(y: Any, g: Any, x: Any, sizes: Any, dy: Any, **attrs: Any) -> Any:
        return lambda: input_op(known_shape(x), g, dy, **attrs), None, lambda: conv_op(x, g, **attrs)

    for record in (conv_op, input_op, filter_op):
        record.cpu_options = xla_conv.CPU_OPTIONS
    return conv_op, input_op, filter_op


def known_shape(x: Any) -> Any:
    """A shape as a value for a HOST input: plain if it is known."""
    known = static_shape(x)
    return known.as_list() if known.is_fully_defined() else shape_of(x)


_1, _2 = [1, 1, 1, 1], [1, 2, 2, 1]
conv2d_op, conv2d_backprop_input, conv2d_backprop_filter = _family(
    2,
    "NHWC",
    ("Conv2D", "Conv2DBackpropInput", "Conv2DBackpropFilter"),
    (
        [
            Sample((2, 5, 6, 3), (3, 2, 3, 4), strides=_1, padding="SAME"),
            Sample((2, 7, 6, 3), (3, 2, 3, 4), strides=_2, padding="VALID"),
            Sample((1, 7, 8, 2), (2, 3, 2, 3), strides=_1, padding="VALID", dilations=[1, 2, 2, 1]),
            Sample((1, 5, 5, 4), (3, 3, 2, 6), strides=_1, padding="SAME"),
            Sample((1, 4, 5, 2), (3, 3, 2, 3), strides=_1, padding="EXPLICIT", explicit_paddings=[0, 0, 1, 0, 2, 1, 0, 0]),
        ],
        [Sample([2, 5, 6, 3], (3, 2, 3, 4), (2, 5, 6, 4), strides=_1, padding="SAME")],
        [Sample((2, 7, 6, 3), [3, 2, 3, 4], (2, 3, 3, 4), strides=_2, padding="VALID")],
    ),
)
_31 = [1, 1, 1, 1, 1]
conv3d_op, conv3d_backprop_input, conv3d_backprop_filter = _family(
    3,
    "NDHWC",
    ("Conv3D", "Conv3DBackpropInputV2", "Conv3DBackpropFilterV2"),
    (
        [
            Sample((1, 4, 5, 6, 2), (2, 3, 2, 2, 3), strides=_31, padding="SAME"),
            Sample((1, 4, 5, 6, 2), (2, 3, 2, 2, 3), strides=[1, 2, 2, 2, 1], padding="VALID"),
        ],
        [Sample([1, 4, 5, 3, 2], (2, 3, 2, 2, 3), (1, 4, 5, 3, 3), strides=_31, padding="SAME")],
        [Sample((1, 4, 5, 3, 2), [2, 3, 2, 2, 3], (1, 4, 5, 3, 3), strides=_31, padding="SAME")],
    ),
)


# -- depthwise ---------------------------------------------------------------------------------------------


def _depthwise_window(x: Any, w_shape: Any, attrs: dict[str, Any]) -> tuple[Any, tuple[int, ...]]:
    return _window(
        x, w_shape, 2, attrs["strides"], attrs["padding"], attrs["explicit_paddings"], attrs["dilations"], attrs["data_format"]
    )


@declare(
    "DepthwiseConv2dNative",
    dtypes=FLOAT,
    shape=_conv_shape(2, depthwise=True),
    samples=[
        Sample((2, 5, 6, 3), (3, 2, 3, 2), strides=_1, padding="SAME"),
        Sample((1, 7, 7, 2), (3, 3, 2, 1), strides=_2, padding="VALID"),
    ],
)
def depthwise_op(
    xp: Any,
    input: Any,
    filter: Any,
    *,
    strides: Any,
    padding: str,
    explicit_paddings: Any = (),
    data_format: str = "NHWC",
    dilations: Any = (1, 1, 1, 1),
) -> Any:
    x = win.to_last(xp, input, data_format)
    window, out = _depthwise_window(x, filter.shape, locals())
    parts = win.slices(win.pad(xp, x, window), window, out)
    w = filter.reshape(-1, *filter.shape[2:])
    total = sum(part[..., None] * w[i] for i, part in enumerate(parts))
    return win.from_last(xp, total.reshape(*total.shape[:-2], -1), data_format)


@declare("DepthwiseConv2dNativeBackpropInput", types=(HOST, "T", "T"), dtypes=FLOAT, shape=_from_value,
         samples=[Sample([2, 5, 6, 3], (3, 2, 3, 2), (2, 5, 6, 6), strides=_1, padding="SAME")])  # fmt: skip
def depthwise_backprop_input(
    xp: Any,
    input_sizes: Any,
    filter: Any,
    out_backprop: Any,
    *,
    strides: Any,
    padding: str,
    explicit_paddings: Any = (),
    data_format: str = "NHWC",
    dilations: Any = (1, 1, 1, 1),
) -> Any:
    shape = [int(v) for v in input_sizes]
    last = shape if win.channels_last(data_format) else [shape[0], *shape[2:], shape[1]]
    window, _ = _depthwise_window(np.empty((0, *last[1:])), filter.shape, locals())
    g = win.to_last(xp, out_backprop, data_format)
    g = g.reshape(*g.shape[:-1], *filter.shape[2:])
    w = filter.reshape(-1, *filter.shape[2:])
    parts = [xp.sum(g * w[i], axis=-1, dtype=g.dtype) for i in range(w.shape[0])]
    return win.from_last(xp, win.put_back(xp, parts, window, tuple(last[1:-1])), data_format)


@declare("DepthwiseConv2dNativeBackpropFilter", types=("T", HOST, "T"), dtypes=FLOAT,
         shape=lambda x, sizes, g, **_: _from_value(sizes),
         samples=[Sample((2, 5, 6, 3), [3, 2, 3, 2], (2, 5, 6, 6), strides=_1, padding="SAME")])  # fmt: skip
def depthwise_backprop_filter(
    xp: Any,
    input: Any,
    filter_sizes: Any,
    out_backprop: Any,
    *,
    strides: Any,
    padding: str,
    explicit_paddings: Any = (),
    data_format: str = "NHWC",
    dilations: Any = (1, 1, 1, 1),
) -> Any:
    x, g = win.to_last(xp, input, data_format), win.to_last(xp, out_backprop, data_format)
    w_shape = tuple(int(v) for v in filter_sizes)
    window, out = _depthwise_window(x, w_shape, locals())
    g = g.reshape(*g.shape[:-1], *w_shape[2:])
    parts = win.slices(win.pad(xp, x, window), window, out)
    return xp.stack([xp.sum(p[..., None] * g, axis=(0, 1, 2), dtype=g.dtype) for p in parts]).reshape(w_shape)


@depthwise_op.vjp
def _(y: Any, g: Any, x: Any, w: Any, **attrs: Any) -> Any:
    return lambda: depthwise_backprop_input(known_shape(x), w, g, **attrs), lambda: depthwise_backprop_filter(
        x, known_shape(w), g, **attrs
    )


@depthwise_backprop_input.vjp
def _(y: Any, g: Any, sizes: Any, w: Any, dy: Any, **attrs: Any) -> Any:
    return None, lambda: depthwise_backprop_filter(g, known_shape(w), dy, **attrs), lambda: depthwise_op(g, w, **attrs)


@depthwise_backprop_filter.vjp
def _(y: Any, g: Any, x: Any, sizes: Any, dy: Any, **attrs: Any) -> Any:
    return lambda: depthwise_backprop_input(known_shape(x), g, dy, **attrs), None, lambda: depthwise_op(x, g, **attrs)
