"""Elements kept as they came the first time, in memory or in a file."""

from __future__ import annotations

import os
from typing import Any

from thalweg.data.cursors import Cursor, OneInput, Scope
from thalweg.data.dataset import Dataset
from thalweg.data.sources import ListCursor
from thalweg.data.structure import Components
from thalweg.engine.core import errors
from thalweg.engine.core.tensor import EagerTensor, SymbolicTensor


class CachingCursor(OneInput):
    """Gives its input's elements and keeps them; `keep(elements)` is called when the last one has been given."""

    fields = ("elements",)

    def __init__(self, input_cursor: Cursor, keep: Any):
        super().__init__(input_cursor)
        self.elements: list[Components] = []
        self.keep = keep

    def __next__(self) -> Components:
        for components in self.input:
            self.elements.append(components)
            return components
        if self.keep is not None:
            self.keep(self.elements)
            self.keep = None
        raise StopIteration


class CachedCursor(ListCursor):
    """Goes through a full cache. A state saved while the cache was being filled fits, too, and the other way about."""

    def restore(self, state: dict[str, Any]) -> None:
        super().restore(state if "row" in state else {"row": len(state["elements"])})


class MemoryCacheDataset(Dataset):
    """The elements, kept in memory when they have been gone through once."""

    def __init__(self, dataset: Dataset):
        self._inputs = (dataset,)
        self._element_spec = dataset.element_spec
        self._kept: list[Components] | None = None

    def _cursor(self, scope: Scope) -> Cursor:
        if not self._symbolic():
            if self._kept is not None:
                return CachedCursor(self._kept)
            return CachingCursor(self._inputs[0]._cursor(scope), self._keep)
        kept = scope.state_of(self, list)  # the elements depend on tensors of a graph: they are this run's own
        if kept:
            return CachedCursor(kept[0])
        return CachingCursor(self._inputs[0]._cursor(scope), kept.append)

    def _keep(self, elements: list[Components]) -> None:
        self._kept = elements

    def _count(self) -> int:
        return self._inputs[0]._count()


class FileCacheDataset(Dataset):
    """The elements, kept in a file when they have been gone through once."""

    def __init__(self, dataset: Dataset, filename: Any):
        self._inputs, self._parameters = (dataset,), (filename,)
        self._element_spec = dataset.element_spec

    def _cursor(self, scope: Scope) -> Cursor:
        from thalweg.data.storing import StoredCursor, Writer

        name = scope.array(self._parameters[0]).item()
        path = (name.decode() if isinstance(name, bytes) else name) + ".data"
        if os.path.exists(path):
            return StoredCursor([path], self._form.flat)
        lock = path + ".lockfile"
        if os.path.exists(lock):
            raise errors.AlreadyExistsError(
                None, None,
                f"There appears to be a concurrent caching iterator running - cache lockfile already exists ('{lock}'). "
                "If you are sure "
                "no other running TF computations are using this cache prefix, delete the lockfile and re-initialize the iterator.",
            )  # fmt: skip
        return FillingCursor(self._inputs[0]._cursor(scope), Writer(path, lock))

    def _count(self) -> int:
        return self._inputs[0]._count()


class FillingCursor(OneInput):
    """Writes what it gives; the file gets its name when the last element has been given."""

    fields = ("done",)

    def __init__(self, input_cursor: Cursor, writer: Any):
        super().__init__(input_cursor)
        self.writer, self.done = writer, 0

    def __next__(self) -> Components:
        for components in self.input:
            self.writer.write(components)
            self.done += 1
            return components
        self.writer.finish()
        raise StopIteration

    def restore(self, state: dict[str, Any]) -> None:
        """Go on by making the elements given so far again: they must be in the file."""
        for _ in range(int(state["done"])):
            next(self)

    def close(self) -> None:
        self.writer.abandon()
        super().close()


def make_cache(dataset: Dataset, filename: Any) -> Dataset:
    """`Dataset.cache`."""
    if isinstance(filename, SymbolicTensor):
        return FileCacheDataset(dataset, filename)
    if isinstance(filename, EagerTensor):
        filename = filename.numpy()
    name = filename.decode() if isinstance(filename, bytes) else os.fspath(filename)
    return FileCacheDataset(dataset, name) if name else MemoryCacheDataset(dataset)
