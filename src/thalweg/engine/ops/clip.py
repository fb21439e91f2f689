"""Keeping values, and the lengths of gradients, within bounds.

Source: https://www.tensorflow.org/api_docs/python/tf/clip_by_value
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from thalweg.engine.core import convert, dtypes
from thalweg.engine.core.dispatch import dispatchable
from thalweg.engine.core.dtypes import DType
from thalweg.engine.core.indexed_slices import IndexedSlices
from thalweg.engine.core.registry import REAL, REGISTRY, Sample, op
from thalweg.engine.core.tensor import EagerTensor, static_shape
from thalweg.engine.ops.comparison import greater, less, logical_or, select_v2
from thalweg.engine.ops.division import divide
from thalweg.engine.ops.elementwise import add_n, add_v2, maximum, minimum, multiply, subtract
from thalweg.engine.ops.exponential import rsqrt, sqrt
from thalweg.engine.ops.families import unbroadcast
from thalweg.engine.ops.gradients import ones_like, zeros_like
from thalweg.engine.ops.losses import l2_loss
from thalweg.engine.ops.reduce import reduce_sum
from thalweg.engine.ops.scopes import scope
from thalweg.engine.ops.shaping import cast

# -- values ------------------------------------------------------------------------------------------------


@op("ClipByValue", dtypes=REAL, shape=lambda t, low, high: t, elementwise=True,
    samples=[Sample((2, 3), -0.5, 0.5), Sample((2, 3), [-0.4, -0.6, 0.0], [0.1, 0.2, 0.3])])
def clip_by_value_op(xp: Any, t: Any, clip_value_min: Any, clip_value_max: Any) -> Any:
    return xp.minimum(xp.maximum(t, clip_value_min), clip_value_max)


@clip_by_value_op.vjp
def _(y: Any, g: Any, x: Any, low: Any, high: Any) -> Any:
    zero = zeros_like(g)
    below, above = less(x, low), greater(x, high)
    return (
        lambda: select_v2(logical_or(below, above), zero, g),
        lambda: unbroadcast(select_v2(below, g, zero), low, x),
        lambda: unbroadcast(select_v2(above, g, zero), high, x),
    )


@dispatchable
def clip_by_value(t: Any, clip_value_min: Any, clip_value_max: Any, name: str | None = None) -> Any:
    """`t` with what is below `clip_value_min` or above `clip_value_max` put there. The bounds may be tensors that broadcast.

    Raises ValueError when the bounds would make the result larger than `t`.

    >>> tf.clip_by_value([-3.0, 0.5, 9.0], -1.0, 1.0).numpy()
    array([-1. ,  0.5,  1. ], dtype=float32)
    """
    with scope(name, "clip_by_value") as name:
        values = _values(t)
        lowered = _shaped_like(values, minimum(values, clip_value_max))
        return _as_slices_of(t, _shaped_like(values, maximum(lowered, clip_value_min, name=name)))


@dispatchable
def saturate_cast(value: Any, dtype: Any, name: str | None = None) -> Any:
    """As `tf.cast`, but what `dtype` cannot hold becomes its lowest or highest value. Complex numbers lose their
    imaginary part on the way to real ones.

    >>> tf.saturate_cast([-1.0, 300.0], tf.uint8).numpy()
    array([  0, 255], dtype=uint8)
    """
    with scope(name, "saturate_cast") as name:
        x, dtype = convert.convert_to_tensor(value), dtypes.as_dtype(dtype).base_dtype
        if x.dtype.is_complex:
            if dtype.is_complex:
                return cast(x, dtype, name=name)
            x = REGISTRY["Real"](x)
        low, high = _limits_within(x.dtype.base_dtype, dtype.real_dtype)
        return cast(clip_by_value_op(x, low, high), dtype, name=name)


def _limits_within(source: DType, target: DType) -> tuple[np.ndarray, np.ndarray]:
    """The lowest and highest number of `source` that `target` can hold."""
    return _limit(source, source.min, target.min, 1), _limit(source, source.max, target.max, -1)


def _limit(source: DType, own: Any, wanted: Any, inward: int) -> np.ndarray:
    if inward * _exact(wanted) <= inward * _exact(own):
        return np.array(own, source.np_dtype)
    limit = np.array(wanted).astype(source.np_dtype)
    if inward * _exact(limit) < inward * _exact(wanted):  # rounded outwards: take the number before it
        limit = np.nextafter(limit, np.zeros_like(limit))
    return limit


def _exact(number: Any) -> Any:
    """A Python number that compares without rounding."""
    number = number.item() if hasattr(number, "item") else number
    return int(number) if float(number).is_integer() else number


# -- lengths -----------------------------------------------------------------------------------------------


def clip_by_norm(t: Any, clip_norm: Any, axes: Any = None, name: str | None = None) -> Any:
    """`t` scaled down so that its length over `axes` (None: all) is at most `clip_norm`; a negative one counts as 0.

    >>> tf.clip_by_norm([3.0, 4.0], 1.0).numpy()
    array([0.6, 0.8], dtype=float32)
    """
    with scope(name, "clip_by_norm") as name:
        values = _values(t)
        if np.isscalar(clip_norm):
            clip_norm = max(clip_norm, 0)  # type: ignore[call-overload, type-var]
        else:
            clip_norm = cast(maximum(clip_norm, 0), values.dtype.base_dtype)
        squared = reduce_sum(multiply(values, values), axes, keepdims=True)
        positive = greater(squared, zeros_like(squared))
        # sqrt has no gradient at 0: there it is taken of 1.
        length = select_v2(positive, sqrt(select_v2(positive, squared, ones_like(squared))), squared)
        scaled = _shaped_like(values, multiply(values, clip_norm))
        return _as_slices_of(t, REGISTRY["Identity"](divide(scaled, maximum(length, clip_norm)), name=name))


def global_norm(t_list: Any, name: str | None = None) -> Any:
    """The length of all tensors of a list together; None entries are skipped. Raises TypeError when it is no list.

    >>> tf.linalg.global_norm([tf.constant([3.0]), tf.constant([4.0])]).numpy()
    np.float32(5.0)
    """
    _require_list(t_list)
    with scope(name, "global_norm"):
        halves = add_n([l2_loss(_values(t)) for t in t_list if t is not None])
        return sqrt(multiply(halves, 2.0), name="global_norm")


def clip_by_global_norm(t_list: Any, clip_norm: Any, use_norm: Any = None, name: str | None = None) -> Any:
    """The tensors of a list scaled by one factor, so that their length together is at most `clip_norm`; and that length.

    None entries stay None; a length that is not finite makes everything NaN. `use_norm`: the length, if known already.
    Raises TypeError when `t_list` is no list.

    >>> clipped, norm = tf.clip_by_global_norm([tf.constant([3.0]), tf.constant([4.0])], 1.0)
    >>> clipped[0].numpy(), norm.numpy()
    (array([0.6], dtype=float32), np.float32(5.0))
    """
    _require_list(t_list)
    norm = global_norm(t_list, name) if use_norm is None else use_norm
    with scope(name, "clip_by_global_norm"):
        norm = convert.convert_to_tensor(norm)
        bound = convert.convert_to_tensor(clip_norm, dtype=None if hasattr(clip_norm, "dtype") else norm.dtype.base_dtype)
        scale = multiply(bound, minimum(divide(1.0, norm), divide(1.0, bound)))
        scale = add_v2(scale, subtract(norm, norm))  # infinity less itself is NaN: a broken length shows
        scaled = [None if t is None else _as_slices_of(t, _scaled(_values(t), scale)) for t in t_list]
        return scaled, norm if use_norm is None else use_norm


def _scaled(x: Any, scale: Any) -> Any:
    return multiply(x, cast(scale, x.dtype.base_dtype))


def clip_by_average_norm(t: Any, clip_norm: Any, name: str | None = None) -> Any:
    """`t` scaled down so that its length divided by its number of elements is at most `clip_norm`."""
    with scope(name, "clip_by_average_norm") as name:
        x = convert.convert_to_tensor(t)
        count = cast(REGISTRY["Size"](x), x.dtype.base_dtype)
        bound = convert.convert_to_tensor(clip_norm, dtype=None if hasattr(clip_norm, "dtype") else x.dtype.base_dtype)
        factor = minimum(multiply(rsqrt(reduce_sum(multiply(x, x))), count), divide(1.0, bound))
        return REGISTRY["Identity"](multiply(multiply(x, bound), factor), name=name)


# -- IndexedSlices are scaled by their values --------------------------------------------------------------


def _values(t: Any) -> Any:
    return convert.convert_to_tensor(t.values if isinstance(t, IndexedSlices) else t)


def _as_slices_of(t: Any, values: Any) -> Any:
    return IndexedSlices(values, t.indices, t.dense_shape) if isinstance(t, IndexedSlices) else values


def _shaped_like(values: Any, result: Any) -> Any:
    """The result. Raises ValueError if the other operand has made it larger than the values."""
    if type(result) is not EagerTensor or result._array.shape != values._array.shape:
        static_shape(values).assert_is_compatible_with(static_shape(result))
    return result


def _require_list(t_list: Any) -> None:
    if not isinstance(t_list, Sequence) or isinstance(t_list, str):
        raise TypeError(f"`t_list` should be a sequence of tensors. Received {type(t_list)}.")
