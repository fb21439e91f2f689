"""`tf.experimental.numpy.random`: draws in NumPy's signatures; the numbers are TensorFlow's for the same seed.

Source: https://www.tensorflow.org/api_docs/python/tf/experimental/numpy/random
"""

from __future__ import annotations

from typing import Any

import numpy as np

import thalweg as tf
from thalweg.experimental.numpy.dtypes import default_float, numpy_dtype


def seed(s: Any) -> None:
    """Start the draws over: `tf.random.set_seed`."""
    tf.random.set_seed(int(s) % 2**32)


def _float() -> Any:
    return tf.as_dtype(default_float())


def randn(*args: int) -> Any:
    """Standard normal numbers."""
    return standard_normal(args)


def standard_normal(size: Any = None) -> Any:
    """Standard normal numbers."""
    return tf.random.normal(_shape(size), dtype=_float())


def uniform(low: Any = 0.0, high: Any = 1.0, size: Any = None) -> Any:
    """Numbers from an interval."""
    low, high = (tf.cast(tf.experimental.numpy.asarray(v), _float()) for v in (low, high))
    shape = tf.broadcast_dynamic_shape(tf.shape(low), tf.shape(high)) if size is None else _shape(size)
    return tf.random.uniform(shape, 0, 1, _float()) * (high - low) + low


def rand(*size: int) -> Any:
    """Numbers from [0, 1)."""
    return uniform(0.0, 1.0, size)


def random(size: Any = None) -> Any:
    """Numbers from [0, 1)."""
    return uniform(0.0, 1.0, () if size is None else size)


def poisson(lam: Any = 1.0, size: Any = None) -> Any:
    """Counts of a Poisson distribution."""
    return tf.random.poisson(_shape(size), lam, dtype=tf.int64)


def randint(low: Any, high: Any = None, size: Any = None, dtype: Any = np.int64) -> Any:
    """Integers from `low` (0 if only one is given) up to `high`, which is left out."""
    low, high = (0, low) if high is None else (low, high)
    kind = tf.as_dtype(numpy_dtype(dtype))
    wide = kind if kind in (tf.int32, tf.int64) else tf.int64
    return tf.cast(tf.random.uniform(_shape(size), low, high, wide), kind)


def _shape(size: Any) -> Any:
    return [] if size is None else [size] if isinstance(size, (int, np.integer)) else list(size)
