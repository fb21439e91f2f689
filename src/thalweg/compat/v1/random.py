"""TensorFlow 1's random functions: its names, and its order of arguments where that differs.

Source: https://www.tensorflow.org/api_docs/python/tf/compat/v1/random
"""

from __future__ import annotations

from typing import Any

from thalweg.engine.core import convert, dtypes
from thalweg.engine.core.registry import REGISTRY
from thalweg.engine.ops.random import draw_classes, poisson, uniform
from thalweg.engine.ops.random import gamma as random_gamma
from thalweg.engine.ops.random import normal as random_normal
from thalweg.engine.ops.random import shuffle as random_shuffle
from thalweg.engine.ops.random import truncated_normal as truncated_normal
from thalweg.engine.ops.random import uniform as random_uniform
from thalweg.engine.ops.random_seed import get_seed as get_seed
from thalweg.engine.ops.random_seed import set_seed as set_random_seed
from thalweg.engine.ops.random_stateless import stateless_categorical
from thalweg.engine.ops.scopes import scope as naming


def random_poisson(lam: Any, shape: Any, dtype: Any = dtypes.float32, seed: Any = None, name: str | None = None) -> Any:
    """Numbers from Poisson distributions: `tf.random.poisson` with the rate first.

    >>> tf.compat.v1.random_poisson([0.5, 1.5], [5]).shape
    TensorShape([5, 2])
    """
    return poisson(shape, lam, dtype, seed, name)


def multinomial(
    logits: Any, num_samples: Any, seed: Any = None, name: str | None = None, output_dtype: Any = None
) -> Any:
    """Classes drawn with unnormalised log-probabilities: `tf.random.categorical` with other names."""
    return draw_classes(logits, num_samples, output_dtype, seed, name, "multinomial")


def stateless_multinomial(
    logits: Any, num_samples: Any, seed: Any, output_dtype: Any = dtypes.int64, name: str | None = None
) -> Any:
    """`tf.random.stateless_categorical` with other names."""
    return stateless_categorical(logits, num_samples, seed, output_dtype, name or "stateless_multinomial")


def random_crop(value: Any, size: Any, seed: Any = None, name: str | None = None) -> Any:
    """A part of `value` of `size`, from a random place.

    size: one number for each dimension of `value`. Raises InvalidArgumentError where it is larger than `value`.

    >>> tf.compat.v1.random_crop(tf.zeros([8, 8, 3]), [4, 4, 3]).shape
    TensorShape([4, 4, 3])
    """
    with naming(name, "random_crop") as scope:
        value = convert.convert_to_tensor(value, name="value")
        size = convert.convert_to_tensor(size, dtype=dtypes.int32, name="size")
        shape = REGISTRY["Shape"](value)
        limit = shape - size + 1
        offset = uniform(REGISTRY["Shape"](shape), maxval=dtypes.int32.max, dtype=dtypes.int32, seed=seed) % limit
        return REGISTRY["Slice"](value, offset, size, name=scope or None)


__all__ = [
    "get_seed", "multinomial", "random_crop", "random_gamma", "random_normal", "random_poisson", "random_shuffle",
    "random_uniform", "set_random_seed", "stateless_multinomial", "truncated_normal",
]  # fmt: skip
