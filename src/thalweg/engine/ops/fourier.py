"""Discrete Fourier transforms over the last one, two or three dimensions.

Source: https://www.tensorflow.org/api_docs/python/tf/signal
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from thalweg.engine.core import convert, dtypes
from thalweg.engine.core.registry import COMPLEX, HOST, REGISTRY, Op, Sample, register
from thalweg.engine.core.shape import UNKNOWN, TensorShape
from thalweg.engine.core.tensor import static_shape

_REAL = (dtypes.float32, dtypes.float64)


def _axes(n: int) -> tuple[int, ...]:
    return tuple(range(-n, 0))


def _count(x: Any, n: int) -> Any:
    """The number of points of a transform, as a number or a tensor."""
    dims = static_shape(x)
    if dims.rank is not None and None not in dims.as_list()[-n:]:
        return float(math.prod(dims.as_list()[-n:]))
    size = REGISTRY["Prod"](REGISTRY["Shape"](x)[-n:], 0)
    return REGISTRY["Cast"](REGISTRY["Cast"](size, DstT=x.dtype.real_dtype), DstT=x.dtype)


def _complex_pair(n: int) -> tuple[Op, Op]:
    suffix = "" if n == 1 else f"{n}D"
    samples = [Sample((2, 3, 4, 5)), Sample((4, 3, 2))]

    def forward(xp: Any, input: Any) -> Any:
        return xp.fft.fftn(input, axes=_axes(n)).astype(input.dtype) if input.size else input

    def backward(xp: Any, input: Any) -> Any:
        return xp.fft.ifftn(input, axes=_axes(n)).astype(input.dtype) if input.size else input

    def shape(x: TensorShape) -> TensorShape:
        return x.with_rank_at_least(n)

    fft = register(Op(forward, "FFT" + suffix, dtypes=COMPLEX, shape=shape, samples=samples))
    ifft = register(Op(backward, "IFFT" + suffix, dtypes=COMPLEX, shape=shape, samples=samples))
    fft.vjp(lambda y, g, x: ifft(g) * _count(x, n))
    ifft.vjp(lambda y, g, x: fft(g) / _count(x, n))
    return fft, ifft


fft, ifft = _complex_pair(1)
fft2d, ifft2d = _complex_pair(2)
fft3d, ifft3d = _complex_pair(3)


# -- of real values --------------------------------------------------------------------------------------------


def _rfft_shape(n: int, inverse: bool) -> Any:
    def rule(x: TensorShape, length: Any, **_: Any) -> TensorShape:
        if x.rank is None:
            return UNKNOWN
        sizes = [None] * n if length is None else list(length)
        if not inverse and sizes[-1] is not None:
            sizes[-1] = sizes[-1] // 2 + 1 if sizes[-1] else 0
        return TensorShape([*(x._dims or ())[:-n], *sizes])

    return rule


def _fit(xp: Any, x: Any, sizes: list[int]) -> Any:
    """The last dimensions cut or padded with zeros to these sizes."""
    n = len(sizes)
    cut = x[(..., *[slice(0, s) for s in sizes])]
    missing = [s - have for s, have in zip(sizes, cut.shape[-n:])]
    return xp.pad(cut, [(0, 0)] * (x.ndim - n) + [(0, m) for m in missing]) if any(missing) else cut


def _real_pair(n: int) -> tuple[Op, Op]:
    suffix = "" if n == 1 else f"{n}D"
    even, odd = ([4, 3, 6][-n:], [4, 2, 5][-n:])

    def forward(xp: Any, input: Any, fft_length: Any, *, Tcomplex: Any = dtypes.complex64) -> Any:
        sizes = [int(s) for s in fft_length]
        return xp.fft.rfftn(_fit(xp, input, sizes), axes=_axes(n)).astype(Tcomplex.np_dtype)

    def backward(xp: Any, input: Any, fft_length: Any, *, Treal: Any = dtypes.float32) -> Any:
        sizes = [int(s) for s in fft_length]
        x = _fit(xp, input, [*sizes[:-1], sizes[-1] // 2 + 1])
        return xp.fft.irfftn(x, s=sizes, axes=_axes(n)).astype(Treal.np_dtype)

    rfft_op = register(Op(
        forward, "RFFT" + suffix, types=("T", HOST), dtypes=_REAL, out=lambda groups, attrs: attrs["Tcomplex"],
        shape=_rfft_shape(n, False),
        samples=[Sample((2, 4, 3, 6), even, Tcomplex=dtypes.complex128), Sample((2, 4, 3, 6), odd, Tcomplex=dtypes.complex128)],
    ))  # fmt: skip
    irfft_op = register(Op(
        backward, "IRFFT" + suffix, types=("T", HOST), dtypes=COMPLEX, out=lambda groups, attrs: attrs["Treal"],
        shape=_rfft_shape(n, True), samples=[Sample((2, 4, 3, 4), even, Treal=dtypes.float64)],
    ))  # fmt: skip

    @rfft_op.vjp
    def _(y: Any, g: Any, x: Any, length: Any, *, Tcomplex: Any) -> Any:
        # The transform of real values is the first half of a complex one: the adjoint fills the rest with zeros.
        sizes = _known(length, n)
        full = _place(g, [*sizes[:-1], sizes[-1]], n)
        inverse = {1: ifft, 2: ifft2d, 3: ifft3d}[n]
        dx = REGISTRY["Real"](inverse(full) * float(math.prod(sizes)), Tout=x.dtype)
        return _place(dx, static_shape(x).as_list()[-n:], n), None

    @irfft_op.vjp
    def _(y: Any, g: Any, x: Any, length: Any, *, Treal: Any) -> Any:
        sizes = _known(length, n)
        half = sizes[-1] // 2 + 1
        twice = np.full(half, 2.0)
        twice[0] = 1.0
        if sizes[-1] % 2 == 0 and half > 1:
            twice[-1] = 1.0
        scale = convert.convert_to_tensor(twice / math.prod(sizes), dtype=Treal)
        spectrum = rfft_op(g, np.array(sizes, np.int32), Tcomplex=x.dtype)
        return _place(spectrum * REGISTRY["Cast"](scale, DstT=x.dtype), static_shape(x).as_list()[-n:], n), None

    return rfft_op, irfft_op


def _known(length: Any, n: int) -> list[int]:
    from thalweg.engine.core.registry import static_value

    value = static_value(length)
    if value is None or None in value:
        raise NotImplementedError("The gradient of a real transform needs a known fft_length.")
    return [int(v) for v in value][-n:]


def _place(x: Any, sizes: list[int], n: int) -> Any:
    """A tensor's last dimensions cut or padded with zeros to these sizes."""
    have = static_shape(x).as_list()
    x = x[(..., *[slice(0, s) for s in sizes])]
    missing = [max(s - h, 0) for s, h in zip(sizes, have[-n:])]
    if not any(missing):
        return x
    pads = [[0, 0]] * (len(have) - n) + [[0, m] for m in missing]
    return REGISTRY["Pad"](x, np.array(pads, np.int32))


_pairs = {n: _real_pair(n) for n in (1, 2, 3)}


def _length(x: Any, fft_length: Any, n: int, inverse: bool) -> Any:
    if fft_length is not None:
        plain = not hasattr(fft_length, "dtype") or isinstance(fft_length, np.ndarray)
        return np.ravel(fft_length).astype(np.int32) if plain else fft_length
    known = static_shape(x)
    dims: list[Any] = [None] if known.rank is None else known.as_list()[-n:]
    if None in dims:
        shape = REGISTRY["Shape"](x)[-n:]
        return shape if not inverse else REGISTRY["ConcatV2"](shape[:-1], REGISTRY["Maximum"]((shape[-1:] - 1) * 2, 0), 0)
    if inverse:
        dims[-1] = max((dims[-1] - 1) * 2, 0)
    return np.array(dims, np.int32)


def _real_functions(n: int) -> tuple[Any, Any]:
    rfft_op, irfft_op = _pairs[n]

    def rfft(input_tensor: Any, fft_length: Any = None, name: str | None = None) -> Any:
        x = convert.convert_to_tensor(input_tensor, dtype_hint=dtypes.float32)
        if x.dtype not in _REAL:
            raise ValueError(f"RFFT requires tf.float32 or tf.float64 inputs, got: {x.dtype!r}")
        out = dtypes.complex128 if x.dtype is dtypes.float64 else dtypes.complex64
        return rfft_op(x, _length(x, fft_length, n, False), Tcomplex=out, name=name)

    def irfft(input_tensor: Any, fft_length: Any = None, name: str | None = None) -> Any:
        x = convert.convert_to_tensor(input_tensor)
        return irfft_op(x, _length(x, fft_length, n, True), Treal=x.dtype.real_dtype, name=name)

    suffix = "" if n == 1 else f"{n}d"
    rfft.__name__, irfft.__name__ = "rfft" + suffix, "irfft" + suffix
    dims = "dimension" if n == 1 else f"{n} dimensions"
    rfft.__doc__ = f"The Fourier transform of real values over the last {dims}: half the spectrum, the rest follows by symmetry."
    irfft.__doc__ = f"Real values from half a spectrum over the last {dims}: the inverse of `rfft{suffix}`."
    return rfft, irfft


rfft, irfft = _real_functions(1)
rfft2d, irfft2d = _real_functions(2)
rfft3d, irfft3d = _real_functions(3)


def _half_turns(x: Any, axes: Any) -> tuple[Any, Any]:
    """Half the size of each axis, and the axes: plain numbers, or tensors where they are not known."""
    known = static_shape(x)
    chosen = None if axes is None else np.ravel(axes).astype(np.int32)
    if known.rank is not None:
        chosen = np.arange(known.rank, dtype=np.int32) if chosen is None else chosen % known.rank
        sizes = [known[int(a)] for a in chosen]
        if None not in sizes:
            return np.array([n // 2 for n in sizes], np.int32), chosen
    else:
        rank = REGISTRY["Rank"](x)
        chosen = REGISTRY["Range"](0, rank, 1, Tidx=dtypes.int32) if chosen is None else REGISTRY["FloorMod"](chosen, rank)
    return REGISTRY["FloorDiv"](REGISTRY["GatherV2"](REGISTRY["Shape"](x), chosen, 0), 2), chosen


def fftshift(x: Any, axes: Any = None, name: str | None = None) -> Any:
    """The zero frequency moved to the middle.

    >>> tf.signal.fftshift([0., 1., 2., -2., -1.]).numpy()
    array([-2., -1.,  0.,  1.,  2.], dtype=float32)
    """
    x = convert.convert_to_tensor(x)
    shift, chosen = _half_turns(x, axes)
    return REGISTRY["Roll"](x, shift, chosen, name=name)


def ifftshift(x: Any, axes: Any = None, name: str | None = None) -> Any:
    """The inverse of `fftshift`."""
    x = convert.convert_to_tensor(x)
    shift, chosen = _half_turns(x, axes)
    return REGISTRY["Roll"](x, -shift, chosen, name=name)
