"""`tf.data.Options`: settings that a program may make. Results never depend on them; those about speed are accepted.

Source: https://www.tensorflow.org/api_docs/python/tf/data/Options
"""

from __future__ import annotations

import enum
from typing import Any


class AutotuneAlgorithm(enum.Enum):
    """How TensorFlow would choose buffer sizes and numbers of threads."""

    DEFAULT, HILL_CLIMB, GRADIENT_DESCENT, MAX_PARALLELISM, STAGE_BASED = range(5)


class AutoShardPolicy(enum.IntEnum):
    """How a dataset is dealt out to several workers."""

    OFF, AUTO, FILE, DATA, HINT = -1, 0, 1, 2, 3


class ExternalStatePolicy(enum.Enum):
    """What to do about state outside the dataset when it is saved."""

    WARN, IGNORE, FAIL = 0, 1, 2


class _Settings:
    """Named settings, all with a default. A name that is none raises AttributeError."""

    _defaults: dict[str, Any] = {}

    def __init__(self) -> None:
        self.__dict__["_set"] = {}

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name not in self._defaults:
            raise AttributeError(f"{type(self).__name__} has no option {name!r}.")
        found = self._set.get(name)
        if found is None:
            found = self._defaults[name]
            if isinstance(found, type) and issubclass(found, _Settings):
                found = self._set[name] = found()
        return found

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in self._defaults:
            raise AttributeError(
                f"Cannot set the property {name} on {type(self).__name__}: it has {', '.join(sorted(self._defaults))}."
            )
        self._set[name] = value

    def merge(self, options: Any) -> Any:
        """These settings with those that `options` makes; others stay."""
        merged = type(self)()
        for source in (self, options):
            for name, value in source._set.items():
                before = merged._set.get(name)
                merged._set[name] = before.merge(value) if isinstance(value, _Settings) and isinstance(before, _Settings) else value
        return merged

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and all(getattr(self, n) == getattr(other, n) for n in self._defaults)

    __hash__ = None  # type: ignore[assignment]

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self._defaults})


class AutotuneOptions(_Settings):
    _defaults = {
        "enabled": None, "cpu_budget": None, "ram_budget": None, "autotune_algorithm": None,
        "initial_parallelism": None, "min_parallelism": None,
    }  # fmt: skip


class DistributeOptions(_Settings):
    _defaults = {"auto_shard_policy": AutoShardPolicy.AUTO, "num_devices": None}


class OptimizationOptions(_Settings):
    _defaults = dict.fromkeys((
        "apply_default_optimizations", "filter_fusion", "filter_parallelization", "inject_prefetch", "map_and_batch_fusion",
        "map_and_filter_fusion", "map_fusion", "map_parallelization", "noop_elimination", "parallel_batch",
        "seq_interleave_prefetch", "shuffle_and_repeat_fusion",
    ))  # fmt: skip


class ServiceOptions(_Settings):
    _defaults = {"pinned": None}


class ThreadingOptions(_Settings):
    """`tf.data.ThreadingOptions`."""

    _defaults = {"max_intra_op_parallelism": None, "private_threadpool_size": None}


class Options(_Settings):
    """What may be set with `Dataset.with_options`.

    >>> options = tf.data.Options()
    >>> options.deterministic = True
    >>> tf.data.Dataset.range(3).with_options(options).options().deterministic
    True
    """

    _defaults = {
        "autotune": AutotuneOptions, "dataset_name": None, "deterministic": None, "experimental_deterministic": None,
        "experimental_distribute": DistributeOptions, "experimental_external_state_policy": None,
        "experimental_optimization": OptimizationOptions, "experimental_service": ServiceOptions, "experimental_slack": None,
        "experimental_symbolic_checkpoint": None, "experimental_threading": ThreadingOptions, "experimental_warm_start": None,
        "framework_type": None, "threading": ThreadingOptions,
    }  # fmt: skip
