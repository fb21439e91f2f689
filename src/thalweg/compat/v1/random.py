"""TensorFlow 1's `tf.random`, and its names at the top level: `tf.random_normal`, `tf.set_random_seed` ...

Source: https://www.tensorflow.org/api_docs/python/tf/compat/v1/random
"""

from __future__ import annotations

from typing import Any

from thalweg.engine.core import convert, dtypes, errors
from thalweg.engine.core.registry import REGISTRY, static_value
from thalweg.engine.core.tensor import static_shape
from thalweg.engine.ops import random as _numbers
from thalweg.engine.ops.elementwise import add_v2, subtract
from thalweg.engine.ops.random import (
    categorical as categorical,
    gamma as gamma,
    normal as normal,
    shuffle as shuffle,
    truncated_normal as truncated_normal,
    uniform as uniform,
)
from thalweg.engine.ops.random_seed import get_seed as get_seed, set_seed
from thalweg.engine.ops.scopes import scope as naming
from thalweg.random import (
    Algorithm as Algorithm,
    Generator as Generator,
    create_rng_state as create_rng_state,
    experimental as experimental,
    fold_in as fold_in,
    get_global_generator as get_global_generator,
    set_global_generator as set_global_generator,
    split as split,
    stateless_binomial as stateless_binomial,
    stateless_categorical as stateless_categorical,
    stateless_gamma as stateless_gamma,
    stateless_normal as stateless_normal,
    stateless_poisson as stateless_poisson,
    stateless_truncated_normal as stateless_truncated_normal,
    stateless_uniform as stateless_uniform,
)

random_gamma, random_normal, random_shuffle, random_uniform, set_random_seed = gamma, normal, shuffle, uniform, set_seed


def poisson(lam: Any, shape: Any, dtype: Any = dtypes.float32, seed: Any = None, name: str | None = None) -> Any:
    """Numbers from Poisson distributions: `tf.random.poisson` with the rate first.

    >>> tf.compat.v1.random_poisson([0.5, 1.5], [5]).shape
    TensorShape([5, 2])
    """
    return _numbers.poisson(shape, lam, dtype, seed, name)


random_poisson = poisson


def multinomial(
    logits: Any, num_samples: Any, seed: Any = None, name: str | None = None, output_dtype: Any = None
) -> Any:
    """Classes drawn with unnormalised log-probabilities: `tf.random.categorical` with other names."""
    return _numbers.draw_classes(logits, num_samples, output_dtype, seed, name, "multinomial")


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
        known, wanted = static_shape(value)._dims or (), static_value(size)
        if wanted is not None and any(None not in (a, b) and a < b for a, b in zip(known, wanted)):
            raise errors.invalid(f"Need value.shape >= size, got {list(known)} {wanted}")
        shape = REGISTRY["Shape"](value)
        limit = add_v2(subtract(shape, size), 1)
        offset = uniform(REGISTRY["Shape"](shape), maxval=dtypes.int32.max, dtype=dtypes.int32, seed=seed)
        offset = REGISTRY["FloorMod"](offset, limit)
        return REGISTRY["Slice"](value, offset, size, name=scope or None)
