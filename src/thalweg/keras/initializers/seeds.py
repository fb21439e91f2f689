"""Where the seeds of Keras' initializers come from."""

from __future__ import annotations

import random
from typing import Any

import thalweg as tf

# What TensorFlow's get_seed answers for the global seed when none was set.
_NOT_SET = 87654321
# Keras takes seeds modulo this.
_MODULUS = 2**31 - 2

# The global seed that Python's generator was once found seeded with too.
_common_seed: int | None = None


def make_default_seed() -> int:
    """A seed for an initializer that was given none, from 1 to 10**9.

    Python's own stream gives it, as in Keras 3: `keras.utils.set_random_seed(7)`, or seeding `random` and `tf.random`
    with one number, makes the same weights as there. When `tf.random.set_seed` alone was called, TensorFlow's stream
    gives it instead, so that this one call is enough to make a run repeatable.
    """
    global _common_seed
    global_seed = tf.compat.v1.get_seed(1)[0]
    if global_seed != _common_seed and _python_is_seeded_with(global_seed):
        _common_seed = global_seed
    if global_seed in (_NOT_SET, _common_seed):
        return random.randint(1, 10**9)
    return 1 + tf.compat.v1.get_seed(None)[1] % 10**9


def _python_is_seeded_with(seed: int) -> bool:
    """Whether Python's generator is where seeding it with `seed` left it, or a little (below 624 words) on."""
    words = random.getstate()[1][:-1]
    seeded = random.Random(seed)
    if words == seeded.getstate()[1][:-1]:
        return True
    seeded.random()  # the first draw makes the next 624 words
    return words == seeded.getstate()[1][:-1]


def draw_seed(seed: Any) -> Any:
    """The pair that a stateless random op takes, for an int, a `SeedGenerator` (it moves on), or None.

    An int gives the same pair, so the same numbers, each time.
    """
    if hasattr(seed, "next"):
        state = tf.convert_to_tensor(seed.next())
        return state if state.dtype == tf.int32 else tf.cast(state % _MODULUS, tf.int32)
    return [(make_default_seed() if seed is None else seed) % _MODULUS, 0]
