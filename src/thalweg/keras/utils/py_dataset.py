"""Batches by index, made in Python: `PyDataset`, which Keras 2 calls `Sequence`."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any


class PyDataset:
    """Base class: a subclass defines `__getitem__(index)`, which returns a batch, and `__len__` (or `num_batches`).

    workers, use_multiprocessing, max_queue_size: how many threads or processes may make batches ahead, and how many
    ahead. A batch is `(inputs,)`, `(inputs, targets)` or `(inputs, targets, sample_weights)`.
    Source: keras.utils.PyDataset, keras.utils.Sequence.
    """

    # Class attributes, so that a subclass that does not call `super().__init__` works as in Keras 2.
    workers = 1
    use_multiprocessing = False
    max_queue_size = 10

    def __init__(self, workers: int = 1, use_multiprocessing: bool = False, max_queue_size: int = 10) -> None:
        self.workers = workers
        self.use_multiprocessing = use_multiprocessing
        self.max_queue_size = max_queue_size

    def __getitem__(self, index: int) -> Any:
        raise NotImplementedError(f"{type(self).__name__} must define `__getitem__(self, index)`, which returns a batch.")

    @property
    def num_batches(self) -> int | None:
        """Number of batches; None for no end."""
        if hasattr(self, "__len__"):
            return len(self)
        raise NotImplementedError(
            f"{type(self).__name__} must define `__len__(self)`, or a property `num_batches` that is None for no end."
        )

    def __iter__(self) -> Iterator[Any]:
        count = self.num_batches
        for index in itertools.count() if count is None else range(count):
            yield self[index]

    def on_epoch_begin(self) -> None:
        """Called before each epoch of `fit`."""

    def on_epoch_end(self) -> None:
        """Called after each epoch of `fit`."""


Sequence = PyDataset
