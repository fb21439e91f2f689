"""Seeds that move on: the state behind dropout and other random layers."""

from __future__ import annotations

from typing import Any

import thalweg as tf
from thalweg.keras import naming
from thalweg.keras.initializers.seeds import make_default_seed

_INT32_MAX = 2**31 - 1


class SeedGenerator:
    """Gives another seed each time, from state in a variable; so a compiled step draws new numbers each time it runs.

    Source: `tf.keras.random.SeedGenerator`; the seeds are those of Keras 3. Raises ValueError for a seed that is no
    integer.

    >>> tf.keras.random.SeedGenerator(7).next().numpy()
    array([7, 0])
    """

    def __init__(self, seed: int | None = None, name: str | None = None):
        self.name = name or naming.auto_name("SeedGenerator")
        self._initial_seed = seed
        if seed is None:
            seed = make_default_seed()
        if not hasattr(seed, "__index__"):
            raise ValueError(f"`seed` must be an integer, but it is {seed!r}.")
        with tf.init_scope():
            self.state = tf.Variable(
                [int(seed), 0], dtype=tf.int64, trainable=False, name=f"{self.name}/seed_generator_state"
            )

    def next(self, ordered: bool = True) -> Any:
        """The seed now, a pair of int64; the state moves on."""
        seed = tf.identity(self.state)
        # Out of order, the numbers are spread over a million, as Keras does for its global generator.
        self.state.assign(seed + [0, 1] if ordered else (seed + 1) * 5387 % 933199)
        return seed

    def get_config(self) -> dict[str, Any]:
        return {"seed": self._initial_seed, "name": self.name}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> SeedGenerator:
        return cls(**config)


_global: list[SeedGenerator] = []


def global_generator() -> SeedGenerator:
    """The generator behind random functions that are called without a seed."""
    if not _global:
        _global.append(SeedGenerator(name="global_seed_generator"))
    return _global[0]


def reset() -> None:
    """Forget the global generator, as `clear_session` does."""
    _global.clear()


def draw_seed(seed: Any) -> Any:
    """The pair of int32 that a stateless random op takes: of a `SeedGenerator`, an int, or (None) the global one."""
    if isinstance(seed, SeedGenerator):
        return _as_int32(seed.next())
    if seed is None:
        return _as_int32(global_generator().next(ordered=False))
    if not hasattr(seed, "__index__"):
        raise ValueError(f"`seed` must be an integer or a `SeedGenerator`, but it is {seed!r}.")
    return _as_int32(tf.constant([int(seed), 0], tf.int64))


def _as_int32(seed: Any) -> Any:
    return tf.cast(tf.math.floormod(seed, _INT32_MAX - 1), tf.int32)
