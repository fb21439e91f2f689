"""TensorFlow 1's fused batch normalisation."""

from __future__ import annotations

from typing import Any

from thalweg.engine.core import convert, dtypes
from thalweg.engine.core.tensor import SymbolicTensor
from thalweg.engine.ops.creation import ones, zeros
from thalweg.engine.ops.moments import batch_normalization, moments
from thalweg.engine.ops.scopes import scope
from thalweg.engine.ops.shaping import cast, identity, shape as shape_of, size, stop_gradient


def fused_batch_norm(
    x: Any, scale: Any, offset: Any, mean: Any = None, variance: Any = None, epsilon: float = 0.001, data_format: str = "NHWC",
    is_training: bool = True, name: str | None = None, exponential_avg_factor: Any = 1.0,
) -> Any:  # fmt: skip
    """Normalise `[batch, ..., channels]` by each channel's own mean and variance, or in inference by those given.

    Returns `(y, mean, variance)`; in training the batch's own (the variance with Bessel's correction), mixed into the given
    ones by `exponential_avg_factor`. Gradients flow through `y` alone. Raises ValueError in inference without statistics.
    """
    if not is_training and (mean is None or variance is None):
        raise ValueError("Both `mean` and `variance` must be a 1D tensor when `is_training` is False.")
    channels_last = data_format in ("NHWC", "NDHWC")
    with scope(name, "FusedBatchNorm"):
        x = convert.convert_to_tensor(x)
        rank = x.shape.rank or len(data_format)
        x = _known(x, [None] * rank)
        wide = cast(x, dtypes.float32) if x.dtype in (dtypes.float16, dtypes.bfloat16) else x
        scale, offset = (convert.convert_to_tensor(v, dtype=wide.dtype) for v in (scale, offset))
        axes = list(range(rank - 1)) if channels_last else [0, *range(2, rank)]
        used: Any = moments(wide, axes) if is_training else map(stop_gradient, (mean, variance))
        column = (lambda v: v) if channels_last else (lambda v: _as_columns(v, rank))
        channels = scale.shape.merge_with(offset.shape).merge_with([x.shape[-1 if channels_last else 1]])
        used = [_known(convert.convert_to_tensor(v), channels) for v in used]
        # As cuDNN, a very small epsilon is raised.
        mean_column, variance_column, offset_column, scale_column = map(column, (*used, offset, scale))
        y = batch_normalization(wide, mean_column, variance_column, offset_column, scale_column, max(epsilon, 1.001e-5))
        return _known(cast(y, x.dtype), x.shape), *_statistics(wide, used, (mean, variance), is_training, exponential_avg_factor)


def _known(x: Any, shape: Any) -> Any:
    """The same tensor; in a graph with what is known of its shape."""
    if isinstance(x, SymbolicTensor) and not x.shape.is_fully_defined():
        x = identity(x)
        x.set_shape(shape)
    return x


def _as_columns(v: Any, rank: int) -> Any:
    return convert.convert_to_tensor(v)[(slice(None), *[None] * (rank - 2))]


def _statistics(x: Any, used: Any, given: Any, is_training: bool, factor: Any) -> tuple[Any, Any]:
    mean, variance = (stop_gradient(convert.convert_to_tensor(v)) for v in used)
    if not is_training:
        return mean, variance
    count = cast(size(x) // size(mean), x.dtype)
    variance = variance * (count / (count - 1.0))
    if isinstance(factor, float) and factor == 1.0:
        return mean, variance
    old_mean = zeros(shape_of(mean), x.dtype) if given[0] is None else given[0]
    old_variance = ones(shape_of(mean), x.dtype) if given[1] is None else given[1]
    return mean * factor + old_mean * (1.0 - factor), variance * factor + old_variance * (1.0 - factor)


__all__ = ["fused_batch_norm"]
