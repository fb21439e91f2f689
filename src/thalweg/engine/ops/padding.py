"""Padding: with a constant, or with the tensor's own mirror image."""

from __future__ import annotations

from typing import Any

import numpy as np

from thalweg.engine.core.context import local
from thalweg.engine.core.registry import HOST, Sample, op
from thalweg.engine.core.shape import UNKNOWN, TensorShape
from thalweg.engine.core.tensor import Tensor
from thalweg.engine.ops.reduce import sum_op
from thalweg.engine.ops.shaping import ints, reshape_op
from thalweg.engine.ops.slicing import slice_op
from thalweg.engine.ops.static import known, shape_of


def _widths(paddings: Any, rank: int) -> list[tuple[int, int]]:
    """Pairs (before, after), one for each dimension. Raises ValueError when they are not that."""
    flat = ints(paddings, "paddings", (0, 1, 2))
    if paddings.shape != (rank, 2):
        raise ValueError(f"The first dimension of paddings must be the rank of inputs: {list(paddings.shape)}, rank {rank}")
    pairs = list(zip(flat[::2], flat[1::2]))
    if any(p < 0 for p in flat):
        raise ValueError(f"Paddings must be non-negative: {pairs}")
    return pairs


def _padded_shape(x: TensorShape, paddings: Any, *_: Any, **attrs: Any) -> TensorShape:
    if paddings is None:
        return UNKNOWN if x.rank is None else TensorShape([None] * x.rank)
    if any(not isinstance(p, list) or len(p) != 2 for p in paddings) or x.rank not in (None, len(paddings)):
        raise ValueError(f"The first dimension of paddings must be the rank of inputs: {paddings}, input of shape {x}")
    sizes: list[int | None] = []
    for i, (before, after) in enumerate(paddings):
        if isinstance(before, float) or isinstance(after, float):
            raise TypeError(f"The paddings must be int32 or int64: {paddings}")
        if min(before or 0, after or 0) < 0:
            raise ValueError(f"Paddings must be non-negative: {before} {after}")
        d = None if x.rank is None else x.as_list()[i]
        _check_mirror(d, before, after, attrs.get("mode"))
        sizes.append(None if None in (d, before, after) else d + before + after)
    return TensorShape(sizes)


def _check_mirror(size: int | None, before: int | None, after: int | None, mode: str | None) -> None:
    if mode is None or size is None:
        return
    most = size - 1 if mode == "REFLECT" else size
    if max(before or 0, after or 0) > most:
        than = "less than" if mode == "REFLECT" else "no greater than"
        raise ValueError(f"paddings must be {than} the dimension size: {before}, {after} not {than} {size}")


def _pad_vjp(y: Any, g: Any, x: Any, paddings: Any, *constant: Any) -> Any:
    def dx() -> Any:
        pairs = known(paddings)
        begin = [p[0] for p in pairs] if pairs is not None else reshape_op(slice_op(paddings, [0, 0], [-1, 1]), [-1])
        return slice_op(g, np.array(begin, np.int64) if pairs is not None else begin, shape_of(x))

    if not constant:
        return dx, None
    return dx, None, lambda: sum_op(g, _every_axis(g)) - sum_op(dx(), _every_axis(x))


def _every_axis(x: Any) -> Any:
    from thalweg.engine.ops.reduce import all_axes

    return all_axes(x)


def _with_border(x: Any, paddings: Any, value: Any) -> np.ndarray:
    pairs = _widths(paddings, x.ndim)
    y = np.full([n + b + a for n, (b, a) in zip(x.shape, pairs)], value, x.dtype)
    y[tuple(slice(b, b + n) for n, (b, _) in zip(x.shape, pairs))] = x
    return y


@op("Pad", types=("T", HOST), shape=_padded_shape, vjp=_pad_vjp,
    samples=[Sample((2, 3), [[1, 2], [0, 1]]), Sample((), np.zeros((0, 2), np.int32)), Sample((0, 2), [[1, 1], [0, 0]])])
def pad_op(xp: Any, input: Any, paddings: Any) -> Any:
    return _with_border(input, paddings, b"" if input.dtype == object else 0)


@pad_op.xla
def _(xp: Any, input: Any, paddings: Any) -> Any:
    # One XLA operation; NumPy's own np.pad takes many small steps, so NumPy writes into a filled array instead.
    return xp.pad(input, _widths(paddings, input.ndim)) if input.ndim else input


@op("PadV2", types=("T", HOST, "T"), shape=_padded_shape, vjp=_pad_vjp, samples=[Sample((2, 3), [[1, 2], [0, 1]], ())])
def pad_v2(xp: Any, input: Any, paddings: Any, constant_values: Any) -> Any:
    return _with_border(input, paddings, constant_values)


@pad_v2.xla
def _(xp: Any, input: Any, paddings: Any, constant_values: Any) -> Any:
    # As for Pad.
    return xp.pad(input, _widths(paddings, input.ndim), constant_values=constant_values) if input.ndim else input


_MIRROR_SAMPLES = [Sample((3, 4), [[1, 2], [3, 0]], mode="REFLECT"), Sample((3, 4), [[1, 3], [0, 4]], mode="SYMMETRIC")]


def _mirror_vjp(y: Any, g: Any, x: Any, paddings: Any, *, mode: str) -> Any:
    return lambda: mirror_pad_grad(g, paddings, mode=mode), None


@op("MirrorPad", types=("T", HOST), shape=_padded_shape, vjp=_mirror_vjp, samples=_MIRROR_SAMPLES)
def mirror_pad(xp: Any, input: Any, paddings: Any, *, mode: str) -> Any:
    pairs = _widths(paddings, input.ndim)
    for n, (b, a) in zip(input.shape, pairs):
        _check_mirror(n, b, a, mode)
    return xp.pad(input, pairs, mode=mode.lower()) if pairs else input


def _unpadded_shape(x: TensorShape, paddings: Any, *, mode: str) -> TensorShape:
    if paddings is None or x.rank is None:
        return UNKNOWN
    return TensorShape([None if None in (d, b, a) else d - b - a for d, (b, a) in zip(x.as_list(), paddings)])


@op("MirrorPadGrad", types=("T", HOST), shape=_unpadded_shape,
    vjp=lambda y, g, x, paddings, mode: (lambda: mirror_pad(g, paddings, mode=mode), None),
    samples=[Sample((6, 7), [[1, 2], [3, 0]], mode="REFLECT"), Sample((7, 8), [[1, 3], [0, 4]], mode="SYMMETRIC")])
def mirror_pad_grad(xp: Any, input: Any, paddings: Any, *, mode: str) -> Any:
    """The transpose of MirrorPad: each border folded back onto the elements it mirrors."""
    g = input
    skip = 1 if mode == "REFLECT" else 0
    for axis, (before, after) in enumerate(_widths(paddings, g.ndim)):
        n = g.shape[axis] - before - after
        first, middle, last = xp.split(g, [before, before + n], axis=axis)
        g = middle + _placed(xp, first, axis, skip, n) + _placed(xp, last, axis, n - after - skip, n)
    return g


def _placed(xp: Any, border: Any, axis: int, start: int, n: int) -> Any:
    """A border in reverse order, at `start` of an axis of `n` zeros."""
    widths = [(0, 0)] * border.ndim
    widths[axis] = (start, n - start - border.shape[axis])
    return xp.pad(xp.flip(border, axis), widths)


def _quick_pairs(paddings: list[Any]) -> Any:
    """Plain pairs as an array, without a look at each number's kind; anything else as it is."""
    try:
        array = np.array(paddings)
    except ValueError:
        return paddings
    return array if array.dtype.kind == "i" else paddings


def pad(tensor: Any, paddings: Any, mode: str = "CONSTANT", constant_values: Any = 0, name: str | None = None) -> Any:
    """A tensor with a border: `paddings[i]` is how much before and after dimension i.

    mode: "CONSTANT" (of `constant_values`), "REFLECT" or "SYMMETRIC" (the mirror image, without or with the edge itself).
    Raises ValueError for another mode, InvalidArgumentError for paddings that are negative or larger than the mirror.

    >>> tf.pad([[1, 2]], [[1, 0], [0, 1]]).numpy()
    array([[0, 0, 0],
           [1, 2, 0]], dtype=int32)
    """
    mode = mode.upper()
    if local.graph is None and type(paddings) is list:
        paddings = _quick_pairs(paddings)
    if mode == "CONSTANT":
        if not isinstance(constant_values, Tensor) and np.ndim(constant_values) == 0 and not constant_values:
            return pad_op(tensor, paddings, name=name)
        return pad_v2(tensor, paddings, constant_values, name=name)
    if mode not in ("REFLECT", "SYMMETRIC"):
        raise ValueError(f"Argument `mode` must be one of CONSTANT, REFLECT or SYMMETRIC, not {mode!r}.")
    return mirror_pad(tensor, paddings, mode=mode, name=name)
