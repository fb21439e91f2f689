"""Initializers of `tf.contrib.layers`: Xavier's and variance scaling.

Sources: Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks", 2010; He et al., 2015.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from thalweg.compat import v1 as tf


def xavier_initializer(uniform: bool = True, seed: Any = None, dtype: Any = tf.float32) -> Callable[..., Any]:
    """Weights of variance 2 / (fan in + fan out), uniform or normal."""
    return variance_scaling_initializer(factor=1.0, mode="FAN_AVG", uniform=uniform, seed=seed, dtype=dtype)


xavier_initializer_conv2d = xavier_initializer


def variance_scaling_initializer(
    factor: float = 2.0, mode: str = "FAN_IN", uniform: bool = False, seed: Any = None, dtype: Any = tf.float32
) -> Callable[..., Any]:
    """Weights of variance `factor / n`, where n is the fan in, the fan out or their mean. Raises TypeError for integers."""
    if not tf.as_dtype(dtype).is_floating:
        raise TypeError("Cannot create initializer for non-floating point type.")
    if mode not in ("FAN_IN", "FAN_OUT", "FAN_AVG"):
        raise TypeError(f"Unknown mode {mode} [FAN_IN, FAN_OUT, FAN_AVG]")

    def initializer(shape: Any, dtype: Any = dtype, partition_info: Any = None) -> Any:
        sizes = [int(n) for n in shape]
        window = math.prod(sizes[:-2]) if len(sizes) > 1 else 1
        fan_in = float(sizes[-2] if len(sizes) > 1 else sizes[-1] if sizes else 1) * window
        fan_out = float(sizes[-1] if sizes else 1) * window
        n = {"FAN_IN": fan_in, "FAN_OUT": fan_out, "FAN_AVG": (fan_in + fan_out) / 2.0}[mode]
        if uniform:
            limit = math.sqrt(3.0 * factor / n)
            return tf.random_uniform(sizes, -limit, limit, dtype, seed=seed)
        return tf.truncated_normal(sizes, 0.0, math.sqrt(1.3 * factor / n), dtype, seed=seed)

    return initializer
