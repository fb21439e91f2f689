"""The base of initializers: called with a shape and a dtype, they give a tensor."""

from __future__ import annotations

from typing import Any

from thalweg.keras.initializers import seeds
from thalweg.keras.saving import registration


class Initializer:
    """Base class: subclass it and write `__call__(shape, dtype=None)`, and `get_config` if it has settings.

    TensorFlow 1 passes a third argument, `partition_info`; the initializers here accept and ignore it.
    """

    def __call__(self, shape: Any, dtype: Any = None, **kwargs: Any) -> Any:
        raise NotImplementedError(f"{type(self).__name__} needs a __call__(shape, dtype=None) method.")

    def get_config(self) -> dict[str, Any]:
        return {}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        # TensorFlow 1's configs also hold the dtype.
        return cls(**{key: value for key, value in config.items() if key != "dtype"})

    def clone(self) -> Initializer:
        return self.from_config(self.get_config())


class RandomInitializer(Initializer):
    """An initializer with a seed: an int or a `SeedGenerator`; None takes one at once, so calls repeat the values."""

    def __init__(self, seed: Any = None):
        self._init_seed = seed
        if isinstance(seed, dict):
            seed = registration.deserialize_keras_object(seed)
        elif seed is None:
            seed = seeds.make_default_seed()
        elif not isinstance(seed, int) and not hasattr(seed, "next"):
            try:
                seed = seed.__index__()  # a NumPy integer
            except AttributeError:
                raise ValueError(
                    f"`seed` of {type(self).__name__} must be an int or a SeedGenerator, but it is {seed!r}."
                ) from None
        self.seed = seed

    def get_config(self) -> dict[str, Any]:
        return {"seed": registration.serialize_keras_object(self._init_seed)}
