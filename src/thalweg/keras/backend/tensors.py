"""`tf.keras.backend`, Keras 2's functions of tensors: `K.mean`, `K.dot`, `K.switch`, ... All are `tf` functions in other words."""

from __future__ import annotations

from typing import Any

import numpy as np

import thalweg as tf
from thalweg.keras.backend.state import variable
from thalweg.keras.config import floatx, standardize_data_format
from thalweg.keras.layers.resizing import UpSampling2D, UpSampling3D


def _dtype(dtype: Any) -> Any:
    return dtype or floatx()


def _axes(axis: Any) -> Any:
    return list(axis) if isinstance(axis, tuple) else axis


# -- making ----------------------------------------------------------------------------------------------------


def constant(value: Any, dtype: Any = None, shape: Any = None, name: str = "Const") -> Any:
    """A constant tensor, of `floatx` unless said."""
    return tf.constant(value, dtype=_dtype(dtype), shape=shape, name=name)


def placeholder(shape: Any = None, ndim: int | None = None, dtype: Any = None, sparse: bool = False, name: str | None = None,
                ragged: bool = False) -> Any:  # fmt: skip
    """A symbolic tensor that values are given to later: to `K.function`, or to a model."""
    from thalweg.keras.engine.input_layer import Input

    sizes = tuple(shape) if shape is not None else (None,) * (ndim or 0)
    return Input(batch_shape=sizes, dtype=_dtype(dtype), name=name)


def zeros(shape: Any, dtype: Any = None, name: str | None = None) -> Any:
    """A variable of zeros."""
    return variable(tf.zeros(shape, _dtype(dtype)), dtype, name)


def ones(shape: Any, dtype: Any = None, name: str | None = None) -> Any:
    """A variable of ones."""
    return variable(tf.ones(shape, _dtype(dtype)), dtype, name)


def eye(size: int, dtype: Any = None, name: str | None = None) -> Any:
    """A variable with the identity matrix."""
    return variable(tf.eye(size, dtype=_dtype(dtype)), dtype, name)


def zeros_like(x: Any, dtype: Any = None, name: str | None = None) -> Any:
    """Zeros in the shape of `x`."""
    return tf.zeros_like(x, dtype=dtype, name=name)


def ones_like(x: Any, dtype: Any = None, name: str | None = None) -> Any:
    """Ones in the shape of `x`."""
    return tf.ones_like(x, dtype=dtype, name=name)


def arange(start: Any, stop: Any = None, step: int = 1, dtype: Any = "int32") -> Any:
    """Numbers at equal steps."""
    start, stop = (0, start) if stop is None else (start, stop)
    return tf.cast(tf.range(start, tf.maximum(stop, start), step), dtype)


def random_normal(shape: Any, mean: float = 0.0, stddev: float = 1.0, dtype: Any = None, seed: Any = None) -> Any:
    """Normally distributed numbers."""
    return tf.random.normal(shape, mean, stddev, _dtype(dtype), seed)


def random_uniform(shape: Any, minval: Any = 0.0, maxval: Any = 1.0, dtype: Any = None, seed: Any = None) -> Any:
    """Evenly spread numbers."""
    return tf.random.uniform(shape, minval, maxval, _dtype(dtype), seed)


def truncated_normal(shape: Any, mean: float = 0.0, stddev: float = 1.0, dtype: Any = None, seed: Any = None) -> Any:
    """Normally distributed numbers within two standard deviations."""
    return tf.random.truncated_normal(shape, mean, stddev, _dtype(dtype), seed)


def random_bernoulli(shape: Any, p: float = 0.0, dtype: Any = None, seed: Any = None) -> Any:
    """Ones with probability `p`, else zeros."""
    return tf.cast(tf.random.uniform(shape, seed=seed) <= p, _dtype(dtype))


random_binomial = random_bernoulli


def random_normal_variable(shape: Any, mean: float, scale: float, dtype: Any = None, name: Any = None, seed: Any = None) -> Any:
    """A variable of normally distributed numbers."""
    return variable(random_normal(shape, mean, scale, dtype, seed), dtype, name)


def random_uniform_variable(shape: Any, low: float, high: float, dtype: Any = None, name: Any = None, seed: Any = None) -> Any:
    """A variable of evenly spread numbers."""
    return variable(random_uniform(shape, low, high, dtype, seed), dtype, name)


# -- elementwise -----------------------------------------------------------------------------------------------


def abs(x: Any) -> Any:
    """The size without the sign."""
    return tf.abs(x)


def square(x: Any) -> Any:
    """`x * x`."""
    return tf.square(x)


def sqrt(x: Any) -> Any:
    """Square root; 0 for negative numbers."""
    x = tf.convert_to_tensor(x)
    return tf.sqrt(tf.maximum(x, tf.zeros_like(x)))


def exp(x: Any) -> Any:
    """e to the power."""
    return tf.exp(x)


def log(x: Any) -> Any:
    """Natural logarithm."""
    return tf.math.log(x)


def round(x: Any) -> Any:
    """To whole numbers, halves to the even one."""
    return tf.round(x)


def sign(x: Any) -> Any:
    """-1, 0 or 1."""
    return tf.sign(x)


def pow(x: Any, a: Any) -> Any:
    """`x ** a`."""
    return tf.pow(x, a)


def sin(x: Any) -> Any:
    """Sine."""
    return tf.sin(x)


def cos(x: Any) -> Any:
    """Cosine."""
    return tf.cos(x)


def clip(x: Any, min_value: Any, max_value: Any) -> Any:
    """Between two bounds."""
    low = float("-inf") if min_value is None else min_value
    high = float("inf") if max_value is None else max_value
    if isinstance(low, (int, float)) and isinstance(high, (int, float)) and high < low:
        high = low
    return tf.clip_by_value(x, low, high)


def equal(x: Any, y: Any) -> Any:
    """`x == y`."""
    return tf.equal(x, y)


def not_equal(x: Any, y: Any) -> Any:
    """`x != y`."""
    return tf.not_equal(x, y)


def greater(x: Any, y: Any) -> Any:
    """`x > y`."""
    return tf.greater(x, y)


def greater_equal(x: Any, y: Any) -> Any:
    """`x >= y`."""
    return tf.greater_equal(x, y)


def less(x: Any, y: Any) -> Any:
    """`x < y`."""
    return tf.less(x, y)


def less_equal(x: Any, y: Any) -> Any:
    """`x <= y`."""
    return tf.less_equal(x, y)


def maximum(x: Any, y: Any) -> Any:
    """The greater of two."""
    return tf.maximum(x, y)


def minimum(x: Any, y: Any) -> Any:
    """The smaller of two."""
    return tf.minimum(x, y)


def relu(x: Any, alpha: float = 0.0, max_value: Any = None, threshold: float = 0.0) -> Any:
    """`max(x, 0)`, with a slope below, a bound above."""
    from thalweg.keras import activations

    return activations.relu(x, negative_slope=alpha, max_value=max_value, threshold=threshold)


def elu(x: Any, alpha: float = 1.0) -> Any:
    """`x` where positive, else `alpha * (exp(x) - 1)`."""
    from thalweg.keras import activations

    return activations.elu(x, alpha)


def softmax(x: Any, axis: int = -1) -> Any:
    """Probabilities along an axis."""
    return tf.nn.softmax(x, axis)


def softplus(x: Any) -> Any:
    """`log(exp(x) + 1)`."""
    return tf.math.softplus(x)


def softsign(x: Any) -> Any:
    """`x / (abs(x) + 1)`."""
    return tf.nn.softsign(x)


def sigmoid(x: Any) -> Any:
    """`1 / (1 + exp(-x))`."""
    return tf.sigmoid(x)


def hard_sigmoid(x: Any) -> Any:
    """Keras 2's line in place of the sigmoid: `0.2 x + 0.5` between 0 and 1."""
    return tf.clip_by_value(tf.convert_to_tensor(x) * 0.2 + 0.5, 0.0, 1.0)


def tanh(x: Any) -> Any:
    """Hyperbolic tangent."""
    return tf.tanh(x)


def dropout(x: Any, level: float, noise_shape: Any = None, seed: Any = None) -> Any:
    """A share of zeros, the rest scaled up."""
    return tf.nn.dropout(x, rate=level, noise_shape=noise_shape, seed=seed)


def cast(x: Any, dtype: Any) -> Any:
    """The values in another dtype."""
    return tf.cast(x, dtype)


def cast_to_floatx(x: Any) -> Any:
    """The values in `floatx`; an array stays one."""
    return tf.cast(x, floatx()) if isinstance(x, (tf.Tensor, tf.Variable)) else np.asarray(x, dtype=floatx())


def stop_gradient(variables: Any) -> Any:
    """The values, without what led to them."""
    return tf.nest.map_structure(tf.stop_gradient, variables)


# -- along axes ------------------------------------------------------------------------------------------------


def sum(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The sum."""
    return tf.reduce_sum(x, _axes(axis), keepdims)


def prod(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The product."""
    return tf.reduce_prod(x, _axes(axis), keepdims)


def mean(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The mean."""
    x = tf.convert_to_tensor(x)
    return tf.reduce_mean(tf.cast(x, floatx()) if x.dtype == tf.bool else x, _axes(axis), keepdims)


def var(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The variance, of n."""
    return tf.math.reduce_variance(tf.convert_to_tensor(x), _axes(axis), keepdims)


def std(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The standard deviation, of n."""
    return tf.math.reduce_std(tf.convert_to_tensor(x), _axes(axis), keepdims)


def max(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The greatest."""
    return tf.reduce_max(x, _axes(axis), keepdims)


def min(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The smallest."""
    return tf.reduce_min(x, _axes(axis), keepdims)


def any(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Whether one is True."""
    return tf.reduce_any(tf.cast(x, tf.bool), _axes(axis), keepdims)


def all(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Whether all are True."""
    return tf.reduce_all(tf.cast(x, tf.bool), _axes(axis), keepdims)


def argmax(x: Any, axis: int = -1) -> Any:
    """The place of the greatest."""
    return tf.argmax(x, axis)


def argmin(x: Any, axis: int = -1) -> Any:
    """The place of the smallest."""
    return tf.argmin(x, axis)


def cumsum(x: Any, axis: int = 0) -> Any:
    """Sums so far."""
    return tf.cumsum(x, axis)


def cumprod(x: Any, axis: int = 0) -> Any:
    """Products so far."""
    return tf.math.cumprod(x, axis)


def l2_normalize(x: Any, axis: Any = None) -> Any:
    """Brought to length 1."""
    return tf.math.l2_normalize(x, axis)


def in_top_k(predictions: Any, targets: Any, k: int) -> Any:
    """Whether each target is among the `k` greatest predictions."""
    return tf.math.in_top_k(targets, predictions, k)


# -- shapes ----------------------------------------------------------------------------------------------------


def shape(x: Any) -> Any:
    """The shape as a tensor."""
    return tf.shape(x)


def count_params(x: Any) -> int:
    """The number of entries."""
    return int(np.prod(x.shape.as_list()))


def reshape(x: Any, shape: Any) -> Any:
    """Another shape."""
    return tf.reshape(x, shape)


def flatten(x: Any) -> Any:
    """One dimension."""
    return tf.reshape(x, [-1])


def batch_flatten(x: Any) -> Any:
    """Rows of one dimension."""
    x = tf.convert_to_tensor(x)
    return tf.reshape(x, tf.stack([-1, tf.reduce_prod(tf.shape(x)[1:])]))


def expand_dims(x: Any, axis: int = -1) -> Any:
    """A new axis of size 1."""
    return tf.expand_dims(x, axis)


def squeeze(x: Any, axis: int) -> Any:
    """Without an axis of size 1."""
    return tf.squeeze(x, [axis])


def transpose(x: Any) -> Any:
    """Axes reversed."""
    return tf.transpose(x)


def permute_dimensions(x: Any, pattern: Any) -> Any:
    """Axes in another order."""
    return tf.transpose(x, pattern)


def repeat(x: Any, n: int) -> Any:
    """Rows `[batch, n]` repeated along a new axis."""
    return tf.tile(tf.expand_dims(x, 1), [1, n, 1])


def repeat_elements(x: Any, rep: int, axis: int) -> Any:
    """Each entry repeated along an axis."""
    return tf.repeat(x, rep, axis=axis)


def tile(x: Any, n: Any) -> Any:
    """The whole repeated along axes."""
    return tf.tile(x, [n] if isinstance(n, int) else n)


def concatenate(tensors: Any, axis: int = -1) -> Any:
    """One after the other along an axis."""
    return tf.concat(list(tensors), axis)


def stack(x: Any, axis: int = 0) -> Any:
    """Along a new axis."""
    return tf.stack(x, axis)


def reverse(x: Any, axes: Any) -> Any:
    """In reverse order along axes."""
    return tf.reverse(x, [axes] if isinstance(axes, int) else axes)


def gather(reference: Any, indices: Any) -> Any:
    """Rows by number."""
    return tf.gather(reference, indices)


def one_hot(indices: Any, num_classes: int) -> Any:
    """Class numbers as vectors with a 1."""
    return tf.one_hot(indices, num_classes)


def temporal_padding(x: Any, padding: Any = (1, 1)) -> Any:
    """More steps before and after."""
    return tf.pad(x, [[0, 0], list(padding), [0, 0]])


def spatial_2d_padding(x: Any, padding: Any = ((1, 1), (1, 1)), data_format: Any = None) -> Any:
    """More rows and columns."""
    return _space_padding(x, padding, data_format)


def spatial_3d_padding(x: Any, padding: Any = ((1, 1), (1, 1), (1, 1)), data_format: Any = None) -> Any:
    """More planes, rows and columns."""
    return _space_padding(x, padding, data_format)


def _space_padding(x: Any, padding: Any, data_format: Any) -> Any:
    edges = [list(pair) for pair in padding]
    last = standardize_data_format(data_format) == "channels_last"
    return tf.pad(x, [[0, 0], *edges, [0, 0]] if last else [[0, 0], [0, 0], *edges])


def resize_images(x: Any, height_factor: int, width_factor: int, data_format: Any, interpolation: str = "nearest") -> Any:
    """Pictures made larger."""
    return UpSampling2D((height_factor, width_factor), data_format=data_format, interpolation=interpolation)(x)


def resize_volumes(x: Any, depth_factor: int, height_factor: int, width_factor: int, data_format: Any) -> Any:
    """Volumes made larger."""
    return UpSampling3D((depth_factor, height_factor, width_factor), data_format=data_format)(x)
