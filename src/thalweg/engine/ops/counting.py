"""Counting: non-zeros, values in bins, histograms, confusion matrices."""

from __future__ import annotations

from typing import Any

import numpy as np

from thalweg.engine.core import convert, dtypes, errors
from thalweg.engine.core.dtypes import DType
from thalweg.engine.core.registry import HOST, INDEX, NO_GRADIENT, REGISTRY, Sample, op
from thalweg.engine.core.shape import TensorShape
from thalweg.engine.core.tensor import static_shape
from thalweg.engine.ops.assertions import after, assert_less, assert_non_negative
from thalweg.engine.ops.comparison import greater, not_equal_op
from thalweg.engine.ops.division import real_divide, truediv
from thalweg.engine.ops.elementwise import add_v2, maximum, minimum, multiply, subtract
from thalweg.engine.ops.gradients import ones_like
from thalweg.engine.ops.reduce import reduce_max, reduce_sum
from thalweg.engine.ops.scopes import scope
from thalweg.engine.ops.shaping import cast

_BINS = (dtypes.int32, dtypes.int64, dtypes.float32, dtypes.float64)

# -- non-zeros ---------------------------------------------------------------------------------------------


def count_nonzero(input: Any, axis: Any = None, keepdims: Any = None, dtype: Any = dtypes.int64, name: str | None = None) -> Any:
    """How many elements over `axis` (None: all axes) are not zero; of strings, not empty; of booleans, true.

    >>> tf.math.count_nonzero([[0, 1, 0], [2, 3, 0]], axis=1).numpy()
    array([1, 2])
    """
    with scope(name, "count_nonzero"):
        x = convert.convert_to_tensor(input)
        counted = x if x.dtype.base_dtype is dtypes.bool else not_equal_op(x, b"" if x.dtype.base_dtype is dtypes.string else 0)
        return cast(reduce_sum(cast(counted, dtypes.int64), axis, bool(keepdims)), dtype)


def zero_fraction(value: Any, name: str | None = None) -> Any:
    """The fraction of elements that are zero, as float32; NaN of none.

    >>> tf.math.zero_fraction([0, 1, 0, 3]).numpy()
    np.float32(0.5)
    """
    with scope(name, "zero_fraction"):
        x = convert.convert_to_tensor(value)
        size = REGISTRY["Size"](x, out_type=dtypes.int64)
        zeros = subtract(size, reduce_sum(cast(not_equal_op(x, 0), dtypes.int64)))
        fraction = real_divide(cast(zeros, dtypes.float32), cast(size, dtypes.float32))
        return REGISTRY["Identity"](fraction, name="fraction")


# -- bins --------------------------------------------------------------------------------------------------


def _bincount_shape(input: TensorShape, size: Any, weights: TensorShape, **_: Any) -> TensorShape:
    if input.rank is None:
        return input
    if input.rank > 2:
        raise ValueError(f"Shape must be at most rank 2 but is rank {input.rank}")
    return TensorShape([size]) if input.rank < 2 else TensorShape([input[0], size])


@op("DenseBincount", vjp=NO_GRADIENT, types=("Tidx", HOST, "T"), dtypes=_BINS, where={"Tidx": INDEX}, shape=_bincount_shape,
    samples=[Sample(np.array([1, 1, 3]), 5, np.zeros(0, np.float32)),
             Sample(np.array([[1, 1], [3, 0]]), 4, np.ones((2, 2), np.float32))])
def dense_bincount(xp: Any, input: Any, size: Any, weights: Any, *, binary_output: bool = False) -> Any:
    """How often each of `0 ... size - 1` occurs in a vector, or in each row of a matrix; larger values are left out."""
    size = int(size)
    if xp is np and (input < 0).any():
        raise errors.InvalidArgumentError(None, None, "Input arr must be non-negative!")
    rows = input.reshape((1, -1) if input.ndim < 2 else input.shape)
    counted = (rows >= 0) & (rows < size)
    places = xp.where(counted, rows + size * xp.arange(rows.shape[0], dtype=rows.dtype)[:, None], rows.shape[0] * size)
    added = weights.reshape(rows.shape) if weights.size else xp.ones(rows.shape, weights.dtype)
    bins = add_at(xp, xp.zeros(rows.shape[0] * size + 1, weights.dtype), places, added)[:-1]
    if binary_output:
        bins = (bins != 0).astype(weights.dtype)
    return bins.reshape((size,) if input.ndim < 2 else (rows.shape[0], size))


def add_at(xp: Any, zeros: Any, places: Any, added: Any) -> Any:
    """`zeros` (an array of the kernel's own) with `added` summed up at `places`."""
    if xp is not np:
        return zeros.at[places].add(added)
    np.add.at(zeros, places, added)
    return zeros


def bincount(
    arr: Any, weights: Any = None, minlength: Any = None, maxlength: Any = None, dtype: Any = dtypes.int32, name: str | None = None,
    axis: Any = None, binary_output: bool = False,
) -> Any:  # fmt: skip
    """How often each of `0, 1, ... max(arr)` occurs in `arr`, or the sum of `weights` there.

    axis: None or 0 counts the whole tensor, -1 each row of a matrix. `minlength` and `maxlength` bound the number of bins;
    `binary_output` gives 1 where a value occurs at all. Raises InvalidArgumentError for negative values.

    >>> tf.math.bincount([1, 1, 3]).numpy()
    array([0, 2, 0, 1], dtype=int32)
    """
    with scope(name, "bincount"):
        arr = convert.convert_to_tensor(arr)
        weights = None if weights is None else convert.convert_to_tensor(weights)
        if weights is not None and binary_output:
            raise ValueError("Arguments `binary_output` and `weights` are mutually exclusive. Please specify only one.")
        if axis not in (None, 0, -1):
            raise ValueError(f"Unsupported value for argument axis={axis}. Only 0 and -1 are currently supported.")
        if not arr.dtype.is_integer:
            arr = cast(arr, dtypes.int32)
        size = _number_of_bins(arr, minlength, maxlength)
        if axis != -1:
            arr = REGISTRY["Reshape"](arr, [-1])
            weights = None if weights is None else REGISTRY["Reshape"](weights, [-1])
        if weights is None:
            weights = convert.convert_to_tensor([], dtype=dtype or arr.dtype.base_dtype)
        elif static_shape(weights).num_elements() != 0:
            static_shape(weights).assert_is_compatible_with(static_shape(arr))
        return dense_bincount(arr, size, weights, binary_output=bool(binary_output))


def _number_of_bins(arr: Any, minlength: Any, maxlength: Any) -> Any:
    dtype = arr.dtype.base_dtype
    some = cast(greater(REGISTRY["Size"](arr), 0), dtype)
    size = multiply(some, add_v2(reduce_max(arr), 1))  # of none the largest is the dtype's lowest, and counts as -1
    if minlength is not None:
        size = maximum(convert.convert_to_tensor(minlength, dtype=dtype), size)
    if maxlength is not None:
        size = minimum(convert.convert_to_tensor(maxlength, dtype=dtype), size)
    return size


# -- histograms --------------------------------------------------------------------------------------------


def _as_vector(_: TensorShape, __: TensorShape, nbins: Any, **___: Any) -> TensorShape:
    return TensorShape([nbins])


@op("HistogramFixedWidth", types=("T", "T", HOST), dtypes=_BINS, out=lambda _, attrs: dtypes.as_dtype(attrs["dtype"]),
    shape=_as_vector, samples=[Sample((7,), [0.0, 1.0], 5), Sample((2, 3), [-1.0, 1.0], 4)])
def histogram_fixed_width_op(xp: Any, values: Any, value_range: Any, nbins: Any, *, dtype: DType = dtypes.int32) -> Any:
    nbins = int(nbins)
    if xp is np:
        if nbins <= 0:
            raise errors.InvalidArgumentError(None, None, f"nbins should be a positive number, but got '{nbins}'")
        if not value_range[0] < value_range[1]:
            shown = ", ".join(map(str, value_range.tolist()))
            raise errors.InvalidArgumentError(
                None, None, f"value_range should satisfy value_range[0] < value_range[1], but got '[{shown}]'"
            )
    low, high = value_range[0].astype(np.float64), value_range[1].astype(np.float64)
    places = (values.astype(np.float64) - low) / ((high - low) / nbins)
    places = xp.clip(xp.nan_to_num(places), 0, nbins - 1).astype(np.int32).ravel()
    return add_at(xp, xp.zeros(nbins, dtype.np_dtype), places, dtype.np_dtype.type(1))


def histogram_fixed_width(
    values: Any, value_range: Any, nbins: Any = 100, dtype: Any = dtypes.int32, name: str | None = None
) -> Any:
    """How many values fall into each of `nbins` bins of equal width; what is outside the range counts in the end bins.

    Raises InvalidArgumentError unless `value_range[0] < value_range[1]`.

    >>> tf.histogram_fixed_width([-1.0, 0.0, 1.5, 2.0, 5.0, 15.0], [0.0, 5.0], nbins=5).numpy()
    array([2, 1, 1, 0, 2], dtype=int32)
    """
    return histogram_fixed_width_op(values, value_range, nbins, dtype=dtypes.as_dtype(dtype), name=name or "histogram_fixed_width")


def histogram_fixed_width_bins(
    values: Any, value_range: Any, nbins: Any = 100, dtype: Any = dtypes.int32, name: str | None = None
) -> Any:
    """The index of the bin that each value falls into, of `nbins` bins of equal width over `value_range`.

    >>> tf.histogram_fixed_width_bins([-1.0, 0.0, 1.5, 15.0], [0.0, 5.0], nbins=5).numpy()
    array([0, 0, 1, 4], dtype=int32)
    """
    with scope(name, "histogram_fixed_width_bins"):
        values = convert.convert_to_tensor(values)
        bounds = convert.convert_to_tensor(value_range)
        low, high = bounds[0], bounds[1]
        bins = cast(convert.convert_to_tensor(nbins, dtype=dtypes.int32), values.dtype.base_dtype)
        scaled = truediv(subtract(values, low), subtract(high, low))
        places = REGISTRY["Floor"](multiply(bins, scaled))
        return cast(maximum(minimum(places, subtract(bins, 1)), 0), dtypes.int32)


# -- confusion matrix --------------------------------------------------------------------------------------


def confusion_matrix(
    labels: Any, predictions: Any, num_classes: Any = None, weights: Any = None, dtype: Any = dtypes.int32, name: str | None = None
) -> Any:
    """A matrix whose row is the label's class, whose column the predicted one, and whose cell how often they met.

    labels, predictions: vectors of one length. num_classes: one more than the largest of either by default. weights: how
    much each pair counts. Raises InvalidArgumentError for a class below 0 or beyond `num_classes`.

    >>> tf.math.confusion_matrix([0, 1, 1], [0, 1, 0]).numpy()
    array([[1, 0],
           [1, 1]], dtype=int32)
    """
    with scope(name, "confusion_matrix") as name:
        labels, predictions = squeezed_alike(convert.convert_to_tensor(labels), convert.convert_to_tensor(predictions))
        labels, predictions = cast(labels, dtypes.int64), cast(predictions, dtypes.int64)
        labels = after([assert_non_negative(labels, "`labels` contains negative values")], labels)
        predictions = after([assert_non_negative(predictions, "`predictions` contains negative values")], predictions)
        if num_classes is None:
            size = add_v2(maximum(reduce_max(predictions), reduce_max(labels)), 1)
        else:
            size = cast(num_classes, dtypes.int64)
            labels = after([assert_less(labels, size, "`labels` out of bound")], labels)
            predictions = after([assert_less(predictions, size, "`predictions` out of bound")], predictions)
        if weights is None:
            weights = cast(ones_like(predictions), dtype)
        else:
            weights = convert.convert_to_tensor(weights)
            static_shape(predictions).assert_is_compatible_with(static_shape(weights))
            weights = cast(weights, dtype)
        pairs, shape = REGISTRY["Pack"](labels, predictions, axis=1), REGISTRY["Pack"](size, size)
        return REGISTRY["ScatterNd"](pairs, weights, shape, name=name)


def squeezed_alike(labels: Any, predictions: Any) -> tuple[Any, Any]:
    """Two tensors of which one may have a last dimension of size 1 too many."""
    a, b = static_shape(labels), static_shape(predictions)
    if a.rank is not None and b.rank is not None:
        if b.rank - a.rank == 1 and b[-1] in (None, 1):
            predictions = REGISTRY["Squeeze"](predictions, axis=[-1])
        elif a.rank - b.rank == 1 and a[-1] in (None, 1):
            labels = REGISTRY["Squeeze"](labels, axis=[-1])
    return labels, predictions
