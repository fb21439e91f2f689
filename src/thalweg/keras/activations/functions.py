"""The activation functions, in alphabetical order. Source: `tf.keras.activations` (Keras 3)."""

from __future__ import annotations

from typing import Any

import thalweg as tf
from thalweg.keras import notes


def celu(x: Any, alpha: float = 1.0) -> Any:
    """`max(x, 0) + min(alpha * (exp(x / alpha) - 1), 0)`."""
    x = tf.convert_to_tensor(x)
    return tf.maximum(x, 0.0) + alpha * tf.math.expm1(tf.minimum(x, 0.0) / alpha)


def elu(x: Any, alpha: float = 1.0) -> Any:
    """`x` where positive, else `alpha * (exp(x) - 1)`."""
    x = tf.convert_to_tensor(x)
    y = tf.nn.elu(x)
    return y if alpha == 1 else tf.where(x > 0.0, y, alpha * y)


def exponential(x: Any) -> Any:
    """`exp(x)`."""
    return tf.exp(x)


def gelu(x: Any, approximate: bool = False) -> Any:
    """`x * P(X <= x)` for a standard normal X; `approximate` takes the tanh formula."""
    return tf.nn.gelu(tf.convert_to_tensor(x), approximate=approximate)


def glu(x: Any, axis: int = -1) -> Any:
    """`a * sigmoid(b)` for the halves `a, b` of `x` along `axis`. Raises ValueError when it has no halves."""
    x = tf.convert_to_tensor(x)
    if x.shape[axis] is None or x.shape[axis] % 2:
        raise ValueError(f"glu halves axis {axis}, so its size must be known and even, but x is {tuple(x.shape)}.")
    a, b = tf.split(x, 2, axis=axis)
    return a * tf.sigmoid(b)


def hard_shrink(x: Any, threshold: float = 0.5) -> Any:
    """`x` where `|x| > threshold`, else 0."""
    x = tf.convert_to_tensor(x)
    return tf.where(tf.abs(x) > threshold, x, tf.zeros_like(x))


def hard_sigmoid(x: Any) -> Any:
    """`relu6(x + 3) / 6`: Keras 3's. Keras 2's was `clip(0.2 * x + 0.5, 0, 1)`.

    >>> tf.keras.activations.hard_sigmoid(tf.constant([-3.0, 0.0, 3.0])).numpy()
    array([0. , 0.5, 1. ], dtype=float32)
    """
    return tf.nn.relu6(tf.convert_to_tensor(x) + 3.0) / 6.0


def hard_silu(x: Any) -> Any:
    """`x * hard_sigmoid(x)`."""
    x = tf.convert_to_tensor(x)
    return x * hard_sigmoid(x)


def hard_tanh(x: Any) -> Any:
    """`x` clipped to -1 .. 1."""
    return tf.clip_by_value(tf.convert_to_tensor(x), -1.0, 1.0)


def leaky_relu(x: Any, negative_slope: float = 0.2, alpha: float | None = None) -> Any:
    """`x` where positive, else `negative_slope * x`. `alpha` is Keras 2's word for the slope."""
    return tf.nn.leaky_relu(x, alpha=negative_slope if alpha is None else alpha)


def linear(x: Any) -> Any:
    """`x` itself."""
    return x


def log_sigmoid(x: Any) -> Any:
    """`log(1 / (1 + exp(-x)))`."""
    return tf.math.log_sigmoid(x)


def log_softmax(x: Any, axis: int | None = -1) -> Any:
    """`x - log(sum(exp(x)))` along `axis` (over everything for None)."""
    if axis is None:
        return tf.reshape(tf.nn.log_softmax(tf.reshape(x, [-1])), tf.shape(x))
    return tf.nn.log_softmax(x, axis=axis)


def mish(x: Any) -> Any:
    """`x * tanh(softplus(x))`."""
    x = tf.convert_to_tensor(x)
    return x * tf.tanh(tf.math.softplus(x))


def relu(
    x: Any,
    negative_slope: float = 0.0,
    max_value: float | None = None,
    threshold: float = 0.0,
    alpha: float | None = None,
) -> Any:
    """`max(x, 0)`; or with a slope below `threshold`, and no higher than `max_value`.

    `alpha` is Keras 2's word for `negative_slope`.

    >>> tf.keras.activations.relu(tf.constant([-10.0, 5.0]), negative_slope=0.5, max_value=4.0).numpy()
    array([-5.,  4.], dtype=float32)
    """
    slope = negative_slope if alpha is None else alpha
    x = tf.convert_to_tensor(x)
    if threshold == 0 and max_value is None:
        return tf.nn.leaky_relu(x, alpha=slope) if slope else tf.nn.relu(x)
    y = tf.where(x > threshold, x, tf.zeros_like(x)) if threshold else tf.nn.relu(x)
    if max_value is not None:
        y = tf.clip_by_value(y, 0.0, max_value)
    return y - slope * tf.nn.relu(threshold - x) if slope else y


def relu6(x: Any) -> Any:
    """`min(max(x, 0), 6)`."""
    return tf.nn.relu6(x)


def selu(x: Any) -> Any:
    """`elu` with the scale and alpha that keep mean and variance (Klambauer et al. 2017)."""
    return tf.nn.selu(x)


def sigmoid(x: Any) -> Any:
    """`1 / (1 + exp(-x))`."""
    x = tf.convert_to_tensor(x)
    return notes.set_logits(tf.sigmoid(x), x)


def silu(x: Any) -> Any:
    """`x * sigmoid(x)`, also called swish."""
    return tf.nn.silu(x)


def soft_shrink(x: Any, threshold: float = 0.5) -> Any:
    """`x` moved towards 0 by `threshold`, at most to 0."""
    x = tf.convert_to_tensor(x)
    return tf.where(x > threshold, x - threshold, tf.where(x < -threshold, x + threshold, tf.zeros_like(x)))


def softmax(x: Any, axis: Any = -1) -> Any:
    """`exp(x) / sum(exp(x))` along `axis` (over everything for None).

    >>> tf.keras.activations.softmax(tf.constant([[0.0, 0.0]])).numpy()
    array([[0.5, 0.5]], dtype=float32)
    """
    x = tf.convert_to_tensor(x)
    if axis is None:
        return tf.reshape(tf.nn.softmax(tf.reshape(x, [-1])), tf.shape(x))
    if isinstance(axis, int):
        return notes.set_logits(tf.nn.softmax(x, axis=axis), x)
    powers = tf.exp(x - tf.reduce_max(x, axis=axis, keepdims=True))
    return powers / tf.reduce_sum(powers, axis=axis, keepdims=True)


def softplus(x: Any) -> Any:
    """`log(exp(x) + 1)`."""
    return tf.math.softplus(x)


def softsign(x: Any) -> Any:
    """`x / (|x| + 1)`."""
    return tf.math.softsign(x)


def sparse_plus(x: Any) -> Any:
    """0 up to -1, `x` from 1 on, `(x + 1) ** 2 / 4` between."""
    x = tf.convert_to_tensor(x)
    return tf.where(x <= -1.0, tf.zeros_like(x), tf.where(x < 1.0, 0.25 * tf.square(x + 1.0), x))


def sparse_sigmoid(x: Any) -> Any:
    """0 up to -1, 1 from 1 on, `(x + 1) / 2` between."""
    return tf.clip_by_value(0.5 * (tf.convert_to_tensor(x) + 1.0), 0.0, 1.0)


def sparsemax(x: Any, axis: int = -1) -> Any:
    """The nearest point to `x` among the distributions along `axis`, many of whose entries are 0 (Martins 2016)."""
    x = tf.convert_to_tensor(x)
    ordered = tf.sort(x, direction="DESCENDING", axis=axis)
    cumulated = tf.cumsum(ordered, axis=axis)
    along_axis = [1] * x.shape.rank
    along_axis[axis] = -1
    count = tf.reshape(tf.range(1, tf.shape(x)[axis] + 1), along_axis)
    support = ordered - (cumulated - 1.0) / tf.cast(count, x.dtype) > 0.0
    size = tf.reduce_sum(tf.cast(support, x.dtype), axis=axis, keepdims=True)
    inside = tf.reduce_sum(tf.where(support, ordered, tf.zeros_like(ordered)), axis=axis, keepdims=True)
    return tf.maximum(x - (inside - 1.0) / size, 0.0)


def squareplus(x: Any, b: float = 4) -> Any:
    """`(x + sqrt(x ** 2 + b)) / 2`."""
    x = tf.convert_to_tensor(x)
    return (x + tf.sqrt(tf.square(x) + b)) / 2.0


def tanh(x: Any) -> Any:
    """The hyperbolic tangent."""
    return tf.tanh(x)


def tanh_shrink(x: Any) -> Any:
    """`x - tanh(x)`."""
    x = tf.convert_to_tensor(x)
    return x - tf.tanh(x)


def threshold(x: Any, threshold: float, default_value: float) -> Any:
    """`x` where it is above `threshold`, else `default_value`."""
    x = tf.convert_to_tensor(x)
    return tf.where(x > threshold, x, tf.fill(tf.shape(x), tf.cast(default_value, x.dtype)))
