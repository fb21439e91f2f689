"""Random tensors from seeds: `tf.keras.random`. The same seeds give the numbers of Keras 3 on TensorFlow."""

from __future__ import annotations

from typing import Any

import thalweg as tf
from thalweg.keras import config
from thalweg.keras.random.seed_generator import SeedGenerator, draw_seed


def normal(shape: Any, mean: float = 0.0, stddev: float = 1.0, dtype: Any = None, seed: Any = None) -> Any:
    """Normally distributed numbers. seed: an int (the same numbers each time), a `SeedGenerator`, or None."""
    dtype = config.standardize_dtype(dtype)
    return tf.random.stateless_normal(shape, draw_seed(seed), mean, stddev, dtype)


def truncated_normal(shape: Any, mean: float = 0.0, stddev: float = 1.0, dtype: Any = None, seed: Any = None) -> Any:
    """Normally distributed numbers within two standard deviations."""
    dtype = config.standardize_dtype(dtype)
    return tf.random.stateless_truncated_normal(shape, draw_seed(seed), mean, stddev, dtype)


def uniform(shape: Any, minval: Any = 0.0, maxval: Any = 1.0, dtype: Any = None, seed: Any = None) -> Any:
    """Numbers spread evenly over `minval <= x < maxval`."""
    dtype = config.standardize_dtype(dtype)
    return tf.random.stateless_uniform(
        shape, draw_seed(seed), tf.cast(minval, dtype), tf.cast(maxval, dtype), dtype
    )


def randint(shape: Any, minval: int, maxval: int, dtype: Any = "int32", seed: Any = None) -> Any:
    """Integers spread evenly over `minval <= x < maxval`. Raises ValueError for a dtype that is not of integers."""
    dtype = config.standardize_dtype(dtype)
    if not tf.as_dtype(dtype).is_integer:
        raise ValueError(f"`randint` gives integers, but dtype={dtype!r} was asked for.")
    drawn = dtype if dtype in ("int32", "int64") else "int32"
    return tf.cast(tf.random.stateless_uniform(shape, draw_seed(seed), minval, maxval, drawn), dtype)


def categorical(logits: Any, num_samples: int, dtype: Any = "int32", seed: Any = None) -> Any:
    """Class numbers drawn for each row of `logits`, `[rows, num_samples]`."""
    return tf.cast(tf.random.stateless_categorical(logits, num_samples, draw_seed(seed)), dtype)


def dropout(inputs: Any, rate: float, noise_shape: Any = None, seed: Any = None) -> Any:
    """`inputs` with a share `rate` of zeros, the rest scaled up by `1 / (1 - rate)`.

    noise_shape: the shape in which zeros are drawn, broadcast to that of `inputs`; None for the size there.
    """
    if rate == 1:
        return tf.zeros_like(inputs)
    if rate == 0:
        return inputs
    shape = tf.shape(inputs)
    if noise_shape is not None:
        shape = [shape[i] if dim is None else dim for i, dim in enumerate(noise_shape)]
    drawn = tf.random.stateless_uniform(shape, draw_seed(seed), dtype=inputs.dtype)
    kept = inputs * (1.0 / (1.0 - rate))
    return tf.where(drawn >= rate, kept, tf.zeros_like(kept))


def shuffle(x: Any, axis: int = 0, seed: Any = None) -> Any:
    """`x` in another order along `axis`."""
    keys = tf.random.stateless_uniform([tf.shape(x)[axis]], draw_seed(seed))
    return tf.gather(x, tf.argsort(keys), axis=axis)


__all__ = [
    "SeedGenerator", "categorical", "dropout", "normal", "randint", "shuffle", "truncated_normal", "uniform",
]  # fmt: skip
