"""Windows over the spatial dimensions of channels-last arrays: what convolution and pooling share.

A window position is a strided slice of the padded input. Both engines run slices, products of 2-D matrices and sums well,
so that convolution needs no second kernel: patches are the slices side by side (im2col), and what flows back to the input
is each position's part put back in its place.
"""

from __future__ import annotations

import itertools
from typing import Any, NamedTuple

import numpy as np

from thalweg.engine.core.shape import UNKNOWN, TensorShape


class Window(NamedTuple):
    """Where windows stand: for each spatial dimension its size, stride, dilation and the padding before and after."""

    size: tuple[int, ...]
    strides: tuple[int, ...]
    dilations: tuple[int, ...]
    before: tuple[int, ...]
    after: tuple[int, ...]

    def positions(self) -> list[tuple[int, ...]]:
        return list(itertools.product(*map(range, self.size)))


def output_size(
    size: int | None, window: int | None, stride: int, dilation: int, padding: Any, explicit: tuple[int, int]
) -> int | None:
    """How many windows fit along a dimension; None if unknown."""
    if size is None or (window is None and padding != "SAME"):
        return None
    if padding == "SAME":
        return -(-size // stride)
    reach = (window - 1) * dilation + 1  # type: ignore[operator]
    return max((size + sum(explicit) - reach) // stride + 1, 0)


def make_window(sizes: Any, window: Any, strides: Any, dilations: Any, padding: Any, explicit: Any) -> Window:
    """The window over an input of spatial `sizes`, with its padding worked out."""
    before, after = [], []
    for n, k, s, d, e in zip(sizes, window, strides, dilations, explicit):
        if padding == "SAME":
            total = max((-(-n // s) - 1) * s + (k - 1) * d + 1 - n, 0)
            before.append(total // 2)
            after.append(total - total // 2)
        else:
            before.append(e[0])
            after.append(e[1])
    return Window(tuple(window), tuple(strides), tuple(dilations), tuple(before), tuple(after))


def pad(xp: Any, x: Any, w: Window, value: Any = 0) -> Any:
    if not any(w.before) and not any(w.after):
        return x
    return xp.pad(x, [(0, 0), *zip(w.before, w.after), (0, 0)], constant_values=value)


def slices(padded: Any, w: Window, out: tuple[int, ...]) -> list[Any]:
    """For each window position the array `[batch, *out, channels]` of what stands there."""
    result = []
    for position in w.positions():
        index = [slice(None)]
        for p, s, d, n in zip(position, w.strides, w.dilations, out):
            index.append(slice(p * d, p * d + (n - 1) * s + 1, s))
        result.append(padded[tuple(index)])
    return result


def put_back(xp: Any, parts: list[Any], w: Window, sizes: tuple[int, ...]) -> Any:
    """The reverse of `pad` and `slices`: every part added at its window position, the padding cut off.

    `parts` holds for each position `[batch, *out, channels]`; the result is `[batch, *sizes, channels]`.
    """
    batch, out, channels = parts[0].shape[0], parts[0].shape[1:-1], parts[0].shape[-1]
    full = tuple(b + n + a for b, n, a in zip(w.before, sizes, w.after))
    if _tiles(w, out, full):
        return _interleave(xp, parts, w, out, sizes)
    total: Any = np.zeros((batch, *full, channels), parts[0].dtype) if xp is np else None
    for part, position in zip(parts, w.positions()):
        starts = [p * d for p, d in zip(position, w.dilations)]
        if xp is np:
            index = [slice(None)] + [slice(b, b + (n - 1) * s + 1, s) for b, n, s in zip(starts, out, w.strides)]
            total[tuple(index)] += part
        else:
            placed = _spread(part, starts, w.strides, full)
            total = placed if total is None else total + placed
    index = [slice(None)] + [slice(b, b + n) for b, n in zip(w.before, sizes)]
    return total[tuple(index)]


def _tiles(w: Window, out: tuple[int, ...], full: tuple[int, ...]) -> bool:
    """Whether windows neither overlap nor leave gaps."""
    return w.size == w.strides and set(w.dilations) <= {1} and all(n * k <= f for n, k, f in zip(out, w.size, full))


def _interleave(xp: Any, parts: list[Any], w: Window, out: tuple[int, ...], sizes: tuple[int, ...]) -> Any:
    """Parts of windows that tile the input, by a transpose instead of sums."""
    batch, channels, n = parts[0].shape[0], parts[0].shape[-1], len(out)
    stacked = xp.stack(parts).reshape(*w.size, batch, *out, channels)
    order = [n] + [axis for i in range(n) for axis in (n + 1 + i, i)] + [2 * n + 1]
    full = xp.transpose(stacked, order).reshape(batch, *[o * k for o, k in zip(out, w.size)], channels)
    cut = full[tuple([slice(None)] + [slice(b, b + s) for b, s in zip(w.before, sizes)])]
    short = [s - have for s, have in zip(sizes, cut.shape[1:-1])]
    return xp.pad(cut, [(0, 0), *[(0, m) for m in short], (0, 0)]) if any(short) else cut


def _spread(part: Any, starts: list[int], strides: tuple[int, ...], full: tuple[int, ...]) -> Any:
    """`part` at its places in zeros of size `full`, as one XLA pad (interior padding makes the strides)."""
    from thalweg.engine.xp import jax

    config = [(0, 0, 0)]
    for b, s, n, f in zip(starts, strides, part.shape[1:-1], full):
        config.append((b, f - b - ((n - 1) * s + 1), s - 1))
    return jax().lax.pad(part, np.zeros((), part.dtype), [*config, (0, 0, 0)])


# -- attributes --------------------------------------------------------------------------------------------


def channels_last(data_format: str) -> bool:
    return data_format in ("NHWC", "NDHWC", "NWC")


def spatial(values: Any, data_format: str) -> tuple[int, ...]:
    """The spatial entries of an attribute with one entry per dimension (strides, ksize, dilations)."""
    values = [int(v) for v in values]
    inner = values[1:-1] if channels_last(data_format) else values[2:]
    return tuple(inner)


def explicit_pairs(explicit_paddings: Any, data_format: str, n: int) -> list[tuple[int, int]]:
    """Explicit padding as one pair per spatial dimension."""
    flat = [int(v) for v in np.ravel(explicit_paddings)]
    if not flat:
        return [(0, 0)] * n
    pairs = list(zip(flat[::2], flat[1::2]))
    return pairs[1:-1] if channels_last(data_format) else pairs[2:]


def to_last(xp: Any, x: Any, data_format: str) -> Any:
    return x if channels_last(data_format) else xp.moveaxis(x, 1, -1)


def from_last(xp: Any, x: Any, data_format: str) -> Any:
    return x if channels_last(data_format) else xp.moveaxis(x, -1, 1)


def split_shape(x: TensorShape, data_format: str, n: int, what: str) -> tuple[Any, list[Any], Any]:
    """Batch, spatial sizes and channels of a static shape; all unknown if its rank is."""
    if x.rank is None:
        return None, [None] * n, None
    if x.rank != n + 2:
        raise ValueError(f"{what} must be {n + 2}-dimensional, not of shape {x}")
    dims = list(x._dims or ())
    return (dims[0], dims[1:-1], dims[-1]) if channels_last(data_format) else (dims[0], dims[2:], dims[1])


def joined_shape(batch: Any, sizes: list[Any], channels: Any, data_format: str) -> TensorShape:
    return TensorShape([batch, *sizes, channels] if channels_last(data_format) else [batch, channels, *sizes])


__all__ = ["UNKNOWN", "Window", "make_window", "output_size", "pad", "put_back", "slices"]
