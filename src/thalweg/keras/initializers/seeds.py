"""Where the seeds of Keras' initializers come from."""

from __future__ import annotations

import random
from typing import Any

import thalweg as tf

# What TensorFlow's get_seed answers for the global seed when none was set.
_NOT_SET = 87654321


def make_default_seed() -> int:
    """A seed for an initializer that was given none, from 1 to 10**9.

    Python's own stream gives it, as in Keras 3: `keras.utils.set_random_seed(7)`, or seeding `random` and `tf.random`
    with one number, makes the same weights as there. When `tf.random.set_seed` alone was called, TensorFlow's stream
    gives it instead, so that this one call is enough to make a run repeatable.
    """
    global_seed = tf.compat.v1.get_seed(1)[0]
    if global_seed == _NOT_SET or _python_is_seeded_with(global_seed):
        return random.randint(1, 10**9)
    return 1 + tf.compat.v1.get_seed(None)[1] % 10**9


def _python_is_seeded_with(seed: int) -> bool:
    """Whether Python's generator is where seeding it with `seed` left it, or a little (below 624 words) on."""
    return random.getstate()[1][:-1] == random.Random(seed).getstate()[1][:-1]


def draw_seed(seed: Any) -> Any:
    """The pair that a stateless random op takes, for an int, a `SeedGenerator` (it moves on), or None.

    An int gives the same pair, so the same numbers, each time.
    """
    if hasattr(seed, "next"):
        return seed.next()
    if seed is None:
        seed = make_default_seed()
    return [((seed & 0xFFFFFFFF) ^ 0x80000000) - 0x80000000, 0]
