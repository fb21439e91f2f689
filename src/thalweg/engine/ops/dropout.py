"""Dropout: some entries set to zero, the others scaled so that the expected sum stays.

Source: Srivastava et al. 2014, https://www.tensorflow.org/api_docs/python/tf/nn/dropout
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from thalweg.engine.core import convert
from thalweg.engine.core.dispatch import dispatchable
from thalweg.engine.core.graph import name_scope
from thalweg.engine.core.registry import REGISTRY, static_value
from thalweg.engine.core.tensor import static_shape
from thalweg.engine.ops.comparison import where
from thalweg.engine.ops.creation import zeros_like
from thalweg.engine.ops.random import uniform
from thalweg.engine.ops.random_seed import get_seed
from thalweg.engine.ops.random_stateless import stateless_uniform
from thalweg.engine.ops.shaping import cast, shape


@dispatchable
def dropout(x: Any, rate: Any, noise_shape: Any = None, seed: Any = None, name: str | None = None) -> Any:
    """Each entry becomes zero with probability `rate`, else `x / (1 - rate)`.

    Where `noise_shape` has a 1 the decision is shared along that axis. Raises ValueError for a rate outside [0, 1) and for
    integers.

    >>> tf.nn.dropout([1.0, 2.0], rate=0.0).numpy()
    array([1., 2.], dtype=float32)
    """
    if isinstance(rate, (int, float, np.number)) and rate == 0:
        get_seed(seed)  # nothing is drawn, but later ops get the seeds they would get at another rate
    return _dropped(x, rate, noise_shape, lambda sizes, dtype: uniform(sizes, dtype=dtype, seed=seed), name)


def stateless_dropout(
    x: Any, rate: Any, seed: Any, rng_alg: str | None = "auto_select", noise_shape: Any = None, name: str | None = None
) -> Any:
    """`dropout` decided by `seed` (two integers) alone."""
    return _dropped(x, rate, noise_shape, lambda sizes, dtype: stateless_uniform(sizes, seed, dtype=dtype, alg=rng_alg), name)


def general_dropout(
    x: Any, rate: Any, uniform_sampler: Callable[..., Any], noise_shape: Any = None, name: str | None = None
) -> Any:
    """`dropout` with uniform numbers from `uniform_sampler(shape, dtype)`."""
    return _dropped(x, rate, noise_shape, lambda sizes, dtype: uniform_sampler(sizes, dtype=dtype), name)


def _dropped(x: Any, rate: Any, noise_shape: Any, draw: Callable[[Any, Any], Any], name: str | None) -> Any:
    with name_scope(name or "dropout"):
        known = isinstance(rate, (int, float, np.number))
        if known and not 0 <= rate < 1:
            raise ValueError(f"`rate` must be a scalar tensor or a float in the range [0, 1). Received: rate={rate}")
        x = convert.convert_to_tensor(x, name="x")
        if not x.dtype.is_floating:
            raise ValueError(f"`x.dtype` must be a floating point tensor as `x` will be scaled. Received: x_dtype={x.dtype}")
        if known and rate == 0:
            return x
        if known:
            scaled = x * (1.0 / (1.0 - rate))
        else:
            rate = convert.convert_to_tensor(rate, dtype_hint=x.dtype)
            rate = cast(rate, x.dtype)
            scaled = x / (1.0 - rate)
        kept = REGISTRY["GreaterEqual"](draw(_noise_shape(x, noise_shape), x.dtype), rate)
        return where(kept, scaled, zeros_like(scaled))


def _noise_shape(x: Any, noise_shape: Any) -> Any:
    """The shape of the decisions; an unknown entry of `noise_shape` is the input's."""
    if noise_shape is None:
        return shape(x)
    if isinstance(noise_shape, (list, tuple)) and None in noise_shape and static_shape(x).rank == len(noise_shape):
        sizes = static_shape(x).as_list()
        filled = [n if n is not None else s for n, s in zip(noise_shape, sizes)]
        if None in filled:
            whole = shape(x)
            return REGISTRY["Pack"](*[convert.convert_to_tensor(n) if n is not None else whole[i] for i, n in enumerate(filled)])
        return filled
    return noise_shape if static_value(noise_shape) is not None else convert.convert_to_tensor(noise_shape)
