"""TensorFlow 1's spellings of arithmetic and reductions: `keep_dims`, `reduction_indices`, `dimension`; names since renamed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from thalweg.compat.v1.arrays import either
from thalweg.engine.core import convert, dtypes
from thalweg.engine.ops import comparison, counting, division, elementwise, extremes, reduce
from thalweg.engine.ops.assertions import check_numerics as check_numerics
from thalweg.engine.ops.clip import clip_by_average_norm as clip_by_average_norm, global_norm as global_norm
from thalweg.engine.ops.division import divide_no_nan as div_no_nan
from thalweg.math import (
    accumulate_n as accumulate_n,
    angle as angle,
    betainc as betainc,
    ceil as ceil,
    conj as conj,
    cumprod as cumprod,
    digamma as digamma,
    erf as erf,
    erfc as erfc,
    expm1 as expm1,
    floordiv as floordiv,
    floormod as floormod,
    igamma as igamma,
    igammac as igammac,
    imag as imag,
    is_finite as is_finite,
    is_inf as is_inf,
    is_nan as is_nan,
    is_non_decreasing as is_non_decreasing,
    is_strictly_increasing as is_strictly_increasing,
    lbeta as lbeta,
    lgamma as lgamma,
    log as log,
    log1p as log1p,
    log_sigmoid as log_sigmoid,
    logical_xor as logical_xor,
    mod as mod,
    polygamma as polygamma,
    real as real,
    reciprocal as reciprocal,
    rint as rint,
    rsqrt as rsqrt,
    squared_difference as squared_difference,
    zeta as zeta,
)

where_v2 = comparison.where
# Names from before TensorFlow 1.0, which programs of its first year use.
mul, neg, sub = elementwise.multiply, elementwise.negative, elementwise.subtract

# -- division ----------------------------------------------------------------------------------------------

floor_div = division.floor_div


def div(x: Any, y: Any, name: str | None = None) -> Any:
    """Division as Python 2 had it: of integers rounded down, of floats true.

    >>> tf.compat.v1.div(7, 2).numpy()
    np.int32(3)
    """
    x = convert.convert_to_tensor(x)
    y = convert.convert_to_tensor(y, dtype=x.dtype.base_dtype)
    if x.dtype.is_floating or x.dtype.is_complex:
        return division.real_divide(x, y, name=name or "div")
    return division.floor_div(x, y, name=name or "div")


# -- reductions --------------------------------------------------------------------------------------------


def _reduction(function: Callable[..., Any]) -> Callable[..., Any]:
    """TensorFlow 1's form of a reduction, with the arguments' old names beside the new."""

    def reduction(
        input_tensor: Any, axis: Any = None, keepdims: Any = None, name: str | None = None, reduction_indices: Any = None,
        keep_dims: Any = None,
    ) -> Any:  # fmt: skip
        axis = either("axis", axis, "reduction_indices", reduction_indices)
        return function(input_tensor, axis, bool(either("keepdims", keepdims, "keep_dims", keep_dims)), name)

    reduction.__name__ = reduction.__qualname__ = function.__name__
    reduction.__doc__ = function.__doc__
    return reduction


reduce_all = _reduction(reduce.reduce_all)
reduce_any = _reduction(reduce.reduce_any)
reduce_logsumexp = _reduction(reduce.reduce_logsumexp)
reduce_max = _reduction(reduce.reduce_max)
reduce_mean = _reduction(reduce.reduce_mean)
reduce_min = _reduction(reduce.reduce_min)
reduce_prod = _reduction(reduce.reduce_prod)
reduce_sum = _reduction(reduce.reduce_sum)


def count_nonzero(
    input_tensor: Any = None, axis: Any = None, keepdims: Any = None, dtype: Any = dtypes.int64, name: str | None = None,
    reduction_indices: Any = None, keep_dims: Any = None, input: Any = None,
) -> Any:  # fmt: skip
    """As `tf.math.count_nonzero`, with the arguments' old names beside the new."""
    x = either("input", input, "input_tensor", input_tensor)
    axis = either("axis", axis, "reduction_indices", reduction_indices)
    return counting.count_nonzero(x, axis, either("keepdims", keepdims, "keep_dims", keep_dims), dtype, name)


def argmax(input: Any, axis: Any = None, name: str | None = None, dimension: Any = None, output_type: Any = dtypes.int64) -> Any:
    """As `tf.argmax`, with `dimension` as another name of `axis`."""
    return extremes.argmax(input, either("axis", axis, "dimension", dimension), output_type, name)


def argmin(input: Any, axis: Any = None, name: str | None = None, dimension: Any = None, output_type: Any = dtypes.int64) -> Any:
    """As `tf.argmin`, with `dimension` as another name of `axis`."""
    return extremes.argmin(input, either("axis", axis, "dimension", dimension), output_type, name)


def arg_max(input: Any, dimension: Any, output_type: Any = dtypes.int64, name: str | None = None) -> Any:
    """As `tf.argmax`, in an older order of arguments."""
    return extremes.argmax(input, dimension, output_type, name)


def arg_min(input: Any, dimension: Any, output_type: Any = dtypes.int64, name: str | None = None) -> Any:
    """As `tf.argmin`, in an older order of arguments."""
    return extremes.argmin(input, dimension, output_type, name)


# -- counting ----------------------------------------------------------------------------------------------


def bincount(arr: Any, weights: Any = None, minlength: Any = None, maxlength: Any = None, dtype: Any = dtypes.int32) -> Any:
    """As `tf.math.bincount` over the whole tensor."""
    return counting.bincount(arr, weights, minlength, maxlength, dtype)


def confusion_matrix(
    labels: Any, predictions: Any, num_classes: Any = None, dtype: Any = dtypes.int32, name: str | None = None, weights: Any = None
) -> Any:
    """As `tf.math.confusion_matrix`, in an older order of arguments."""
    return counting.confusion_matrix(labels, predictions, num_classes, weights, dtype, name)


# -- choosing ----------------------------------------------------------------------------------------------


def where(condition: Any, x: Any = None, y: Any = None, name: str | None = None) -> Any:
    """`x` where `condition` is true, `y` elsewhere, all of one shape; or a vector of conditions chooses rows.

    With `condition` alone: the positions of its true elements.
    """
    if x is None or y is None:
        return comparison.where(condition, x, y, name)
    return comparison.select(condition, x, y, name=name or "Select")


__all__ = [
    "accumulate_n", "angle", "arg_max", "arg_min", "argmax", "argmin", "betainc", "bincount", "ceil", "check_numerics",
    "clip_by_average_norm", "confusion_matrix", "conj", "count_nonzero", "cumprod", "digamma", "div", "div_no_nan", "erf",
    "erfc", "expm1", "floor_div", "floordiv", "floormod", "global_norm", "igamma", "igammac", "imag", "is_finite", "is_inf",
    "is_nan", "is_non_decreasing", "is_strictly_increasing", "lbeta", "lgamma", "log", "log1p", "log_sigmoid", "logical_xor",
    "mod", "mul", "neg", "polygamma", "real",
    "reciprocal", "reduce_all", "reduce_any", "reduce_logsumexp", "reduce_max", "reduce_mean",
    "reduce_min", "reduce_prod", "reduce_sum", "rint", "rsqrt", "squared_difference", "sub", "where", "where_v2",
    "zeta",
]  # fmt: skip
