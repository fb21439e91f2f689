"""Batches by index, made in Python: `PyDataset`, which Keras 2 calls `Sequence`."""

from __future__ import annotations

import itertools
import multiprocessing
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent import futures
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


def in_order(dataset: PyDataset, indices: Iterable[int]) -> Iterator[Any]:
    """The batches at these places, in this order, made ahead by the workers that the dataset asks for."""
    if dataset.workers <= 1 and not dataset.use_multiprocessing:
        for index in indices:
            yield dataset[index]
        return
    with _workers(dataset) as pool:
        make = _make if dataset.use_multiprocessing else dataset.__getitem__
        pending: deque[Any] = deque()
        try:
            for index in indices:
                pending.append(pool.submit(make, index))
                if len(pending) >= max(dataset.max_queue_size, dataset.workers, 1):
                    yield pending.popleft().result()
            while pending:
                yield pending.popleft().result()
        finally:
            for future in pending:
                future.cancel()


def _workers(dataset: PyDataset) -> futures.Executor:
    count = max(dataset.workers, 1)
    if not dataset.use_multiprocessing:
        return futures.ThreadPoolExecutor(count)
    # Processes that begin anew: one that is split off would share locks of threads that it does not have.
    context = multiprocessing.get_context("spawn")
    return futures.ProcessPoolExecutor(count, mp_context=context, initializer=_begin, initargs=(dataset,))


_of_this_process: list[PyDataset] = []


def _begin(dataset: PyDataset) -> None:
    _of_this_process[:] = [dataset]


def _make(index: int) -> Any:
    return _of_this_process[0][index]
