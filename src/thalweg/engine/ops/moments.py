"""Means and variances together, and normalisation by them.

Source: https://www.tensorflow.org/api_docs/python/tf/nn/moments
"""

from __future__ import annotations

from typing import Any

from thalweg.engine.core import convert, dtypes
from thalweg.engine.core.registry import REGISTRY
from thalweg.engine.core.tensor import static_shape
from thalweg.engine.ops.division import div_no_nan
from thalweg.engine.ops.elementwise import add_v2, multiply, negative, square, squared_difference, subtract
from thalweg.engine.ops.exponential import reciprocal, rsqrt
from thalweg.engine.ops.gradients import zeros_like
from thalweg.engine.ops.reduce import reduce_mean, reduce_prod, reduce_sum
from thalweg.engine.ops.scopes import scope
from thalweg.engine.ops.shaping import cast

# -- moments -----------------------------------------------------------------------------------------------


def moments(x: Any, axes: Any, shift: Any = None, keepdims: bool = False, name: str | None = None) -> tuple[Any, Any]:
    """Mean and variance over `axes`; float16 is computed in float32. `shift` is not used, as in TensorFlow.

    >>> mean, variance = tf.nn.moments(tf.constant([1.0, 2.0, 3.0, 4.0]), axes=[0])
    >>> mean.numpy(), variance.numpy()
    (np.float32(2.5), np.float32(1.25))
    """
    with scope(name, "moments"):
        x = convert.convert_to_tensor(x)
        wide = _wide(x)
        mean = reduce_mean(wide, axes, keepdims=True, name="mean")
        away = squared_difference(wide, REGISTRY["StopGradient"](mean))
        variance = reduce_mean(away, axes, keepdims=keepdims, name="variance")
        if not keepdims:
            mean = _squeezed(mean, axes)
        return (mean, variance) if wide is x else (cast(mean, x.dtype), cast(variance, x.dtype))


def _wide(x: Any) -> Any:
    return cast(x, dtypes.float32) if x.dtype.base_dtype is dtypes.float16 else x


def _squeezed(x: Any, axes: Any) -> Any:
    from thalweg.engine.ops.shaping import squeeze

    return squeeze(x, axes)


def weighted_moments(x: Any, axes: Any, frequency_weights: Any, keepdims: bool = False, name: str | None = None) -> tuple[Any, Any]:
    """Mean and variance over `axes` of elements that count as often as `frequency_weights` (which broadcast) say.

    >>> mean, variance = tf.nn.weighted_moments([1.0, 4.0], [0], [2.0, 1.0])
    >>> mean.numpy(), variance.numpy()
    (np.float32(2.0), np.float32(2.0))
    """
    with scope(name, "weighted_moments"):
        x = convert.convert_to_tensor(x)
        asked, x = x.dtype, _wide(x)
        weights = cast(convert.convert_to_tensor(frequency_weights), x.dtype)
        total = reduce_sum(multiply(weights, x), axes, keepdims=True, name="weighted_input_sum")
        count = reduce_sum(add_v2(weights, zeros_like(x)), axes, keepdims=True, name="sum_of_weights")
        mean = div_no_nan(total, count)
        away = reduce_sum(multiply(weights, squared_difference(x, mean)), axes, keepdims=True, name="weighted_distsq")
        variance = div_no_nan(away, count)
        if not keepdims:
            mean, variance = _squeezed(mean, axes), _squeezed(variance, axes)
        return cast(mean, asked), cast(variance, asked)


def sufficient_statistics(
    x: Any, axes: Any, shift: Any = None, keepdims: bool = False, name: str | None = None
) -> tuple[Any, Any, Any, Any]:
    """The count of elements over `axes`, their sum, their sum of squares (both less `shift`, where given), and the shift.

    >>> count, total, squares, shift = tf.nn.sufficient_statistics([1.0, 2.0, 3.0], [0])
    >>> count.numpy(), total.numpy(), squares.numpy()
    (np.float32(3.0), np.float32(6.0), np.float32(14.0))
    """
    with scope(name, "sufficient_statistics"):
        axes, x = list(set(axes)), convert.convert_to_tensor(x)
        count = _elements_over(x, axes)
        if shift is not None:
            shift = convert.convert_to_tensor(shift)
            away, squares = subtract(x, shift), squared_difference(x, shift)
        else:
            away, squares = x, square(x)
        total = reduce_sum(away, axes, keepdims=keepdims, name="mean_ss")
        return count, total, reduce_sum(squares, axes, keepdims=keepdims, name="var_ss"), shift


def _elements_over(x: Any, axes: list[int]) -> Any:
    known = static_shape(x)
    if known.rank is not None and all(known[a] is not None for a in axes):
        count = 1
        for a in axes:
            count *= known[a]
        return convert.convert_to_tensor(count, dtype=x.dtype.base_dtype)
    sizes = cast(REGISTRY["Shape"](x), x.dtype)
    rank = REGISTRY["Rank"](x)
    places = REGISTRY["Pack"](*[add_v2(rank, a) if a < 0 else convert.convert_to_tensor(a) for a in axes])
    return reduce_prod(REGISTRY["GatherV2"](sizes, places, 0), name="count")


def normalize_moments(counts: Any, mean_ss: Any, variance_ss: Any, shift: Any, name: str | None = None) -> tuple[Any, Any]:
    """Mean and variance from what `sufficient_statistics` gives.

    >>> mean, variance = tf.nn.normalize_moments(3.0, 6.0, 14.0, None)
    >>> mean.numpy()
    np.float32(2.0)
    """
    with scope(name, "normalize"):
        share = reciprocal(counts, name="divisor")
        shifted = multiply(mean_ss, share, name="mean" if shift is None else "shifted_mean")
        mean = shifted if shift is None else add_v2(shifted, shift, name="mean")
        return mean, subtract(multiply(variance_ss, share), square(shifted), name="variance")


# -- normalisation -----------------------------------------------------------------------------------------


def batch_normalization(
    x: Any, mean: Any, variance: Any, offset: Any, scale: Any, variance_epsilon: Any, name: str | None = None
) -> Any:
    """`(x - mean) / sqrt(variance + variance_epsilon) * scale + offset`; `scale` and `offset` may be None. All broadcast.

    >>> tf.nn.batch_normalization(tf.constant([1.0, 3.0]), 2.0, 1.0, None, None, 0.0).numpy()
    array([-1.,  1.], dtype=float32)
    """
    with scope(name, "batchnorm"):
        factor = rsqrt(add_v2(variance, variance_epsilon))
        if scale is not None:
            factor = multiply(factor, scale)
        term = multiply(negative(mean), factor) if offset is None else subtract(offset, multiply(mean, factor))
        x = convert.convert_to_tensor(x)
        return add_v2(multiply(x, cast(factor, x.dtype)), cast(term, x.dtype))


def batch_norm_with_global_normalization(
    input: Any, mean: Any, variance: Any, beta: Any, gamma: Any, variance_epsilon: Any, scale_after_normalization: bool,
    name: str | None = None,
) -> Any:  # fmt: skip
    """`batch_normalization` in an older order; `gamma` is used only if `scale_after_normalization`."""
    return batch_normalization(input, mean, variance, beta, gamma if scale_after_normalization else None, variance_epsilon, name)


# -- averages over a batch ---------------------------------------------------------------------------------


def compute_average_loss(per_example_loss: Any, sample_weight: Any = None, global_batch_size: Any = None) -> Any:
    """The sum of the examples' losses, weighted if asked, divided by the batch's size. Raises ValueError for a scalar loss.

    >>> tf.nn.compute_average_loss([1.0, 3.0], global_batch_size=4).numpy()
    np.float32(1.0)
    """
    losses = convert.convert_to_tensor(per_example_loss)
    if static_shape(losses).rank == 0:
        raise ValueError("Argument `per_example_loss` has shape (). It must have a dimension for the examples of the batch.")
    if sample_weight is not None:
        losses = multiply(losses, cast(convert.convert_to_tensor(sample_weight), losses.dtype))
    size = REGISTRY["Shape"](losses)[0] if global_batch_size is None else convert.convert_to_tensor(global_batch_size)
    if static_shape(size).rank not in (None, 0):
        raise ValueError("global_batch_size must be scalar.")
    if not size.dtype.is_integer:
        raise TypeError("global_batch_size must be an integer.")
    return div_no_nan(reduce_sum(losses), cast(size, losses.dtype))


def scale_regularization_loss(regularization_loss: Any) -> Any:
    """The sum of the regularization loss: divided among replicas, of which there is one."""
    return reduce_sum(regularization_loss)
