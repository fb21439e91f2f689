"""`tf.distribute.coordinator`: sends steps to workers; they run here, at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class RemoteValue:
    """A result that is there already."""

    def __init__(self, value: Any):
        self._value = value

    def fetch(self) -> Any:
        from thalweg.engine.core import nest

        return nest.map_structure(lambda v: v.numpy() if hasattr(v, "numpy") else v, self._value)

    def get(self) -> Any:
        return self._value


class ClusterCoordinator:
    """Runs the functions it is given on this machine."""

    def __init__(self, strategy: Any):
        self.strategy = strategy

    def schedule(self, fn: Callable[..., Any], args: Any = (), kwargs: Any = None) -> RemoteValue:
        """Run a function. Its result waits in the RemoteValue."""
        return RemoteValue(self.strategy.run(fn, args, kwargs))

    def join(self) -> None:
        """All is done already."""

    def done(self) -> bool:
        return True

    def create_per_worker_dataset(self, dataset_fn: Any) -> Any:
        return dataset_fn() if callable(dataset_fn) else dataset_fn

    def fetch(self, val: Any) -> Any:
        from thalweg.engine.core import nest

        return nest.map_structure(lambda v: v.fetch() if isinstance(v, RemoteValue) else v, val)
