"""Elements kept as they came the first time, in memory or in a file."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from thalweg.data.cursors import Cursor, OneInput, Scope
from thalweg.data.dataset import Dataset
from thalweg.data.structure import Components
from thalweg.engine.core import errors
from thalweg.engine.core.tensor import EagerTensor, SymbolicTensor


class MemoryCacheCursor(Cursor):
    """Gives its input's elements and keeps them, or gives those that are kept.

    `keep(elements)` is called when the input's last one has been given. A state holds the elements, so that another process
    goes on with the same ones.
    """

    fields = ("elements", "full", "row")

    def __init__(self, make_input: Callable[[], Cursor], kept: list[Components] | None, keep: Callable[[list[Components]], None]):
        self._make_input, self._keep = make_input, keep
        self.input: Cursor | None = None
        self.elements: list[Components] = [] if kept is None else kept
        self.full, self.row = kept is not None, 0

    def __next__(self) -> Components:
        if not self.full:
            if self.input is None:
                self.input = self._make_input()
            for components in self.input:
                self.elements.append(components)
                self.row += 1
                return components
            self.full = True
            self._keep(self.elements)
        if self.row >= len(self.elements):
            raise StopIteration
        self.row += 1
        return self.elements[self.row - 1]

    def save(self) -> dict[str, Any]:
        return super().save() | {"input": None if self.full or self.input is None else self.input.save()}

    def restore(self, state: dict[str, Any]) -> None:
        super().restore(state)
        if self.full:
            self._keep(self.elements)
        self.input = None
        if state["input"] is not None:
            self.input = self._make_input()
            self.input.restore(state["input"])

    def place(self) -> str:
        return "" if self.input is None else self.input.place()

    def close(self) -> None:
        if self.input is not None:
            self.input.close()


class MemoryCacheDataset(Dataset):
    """The elements, kept in memory when they have been gone through once."""

    def __init__(self, dataset: Dataset):
        self._inputs = (dataset,)
        self._element_spec = dataset.element_spec
        self._kept: list[Components] | None = None

    def _cursor(self, scope: Scope) -> Cursor:
        def make_input() -> Cursor:
            return self._inputs[0]._cursor(scope)

        if not self._symbolic():
            return MemoryCacheCursor(make_input, self._kept, self._keep)
        own = scope.state_of(self, list)  # the elements depend on tensors of a graph: they are this run's own
        return MemoryCacheCursor(make_input, own[0] if own else None, own.append)

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
