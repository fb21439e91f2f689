"""Several datasets as one: zip, concatenate, one chosen at a time."""

from __future__ import annotations

from typing import Any

from thalweg.data import structure
from thalweg.data.cursors import Cursor, OneInput, Scope
from thalweg.data.dataset import INFINITE, UNKNOWN, Dataset
from thalweg.data.structure import Components
from thalweg.engine.core import errors


class ZipCursor(Cursor):
    inputs = ("parts",)

    def __init__(self, parts: list[Cursor]):
        self.parts = parts

    def __next__(self) -> Components:
        found: list[Any] = []
        for part in self.parts:
            found += next(part)
        return tuple(found)

    def place(self) -> str:
        return next((p for p in (part.place() for part in self.parts) if p), "")


class ZipDataset(Dataset):
    """The elements of a nest of datasets, side by side."""

    def __init__(self, datasets: Any):
        self._inputs = tuple(structure.flatten(datasets))
        for d in self._inputs:
            if not isinstance(d, Dataset):
                hint = " Nested structures of lists are not supported: use tuples." if isinstance(d, list) else ""
                raise TypeError(
                    "Invalid input to `zip`. Inputs are expected to be (nested) structures of `tf.data.Dataset` "
                    "objects but encountered "
                    f"object of type {type(d)}.{hint}"
                )
        self._element_spec = structure.map_structure(lambda d: d.element_spec, datasets)

    def _cursor(self, scope: Scope) -> Cursor:
        return ZipCursor([d._cursor(scope) for d in self._inputs])

    def _count(self) -> int:
        counts = [d._count() for d in self._inputs]
        if UNKNOWN in counts:
            return UNKNOWN
        return min([c for c in counts if c != INFINITE], default=INFINITE)


def zip_datasets(args: tuple[Any, ...], datasets: Any) -> Dataset:
    """`Dataset.zip`."""
    if not args and datasets is None:
        raise TypeError("Must pass at least one dataset to `zip`.")
    if args and datasets is not None:
        raise TypeError("Both `*args` and `datasets` cannot be set.")
    return ZipDataset(datasets if datasets is not None else args[0] if len(args) == 1 else args)


class ConcatenateCursor(Cursor):
    fields = ("first_ended",)
    inputs = ("first", "second")

    def __init__(self, first: Cursor, second: Cursor):
        self.first, self.second, self.first_ended = first, second, False

    def __next__(self) -> Components:
        if not self.first_ended:
            for components in self.first:
                return components
            self.first_ended = True
        return next(self.second)

    def place(self) -> str:
        return (self.second if self.first_ended else self.first).place()


class ConcatenateDataset(Dataset):
    """One dataset after the other."""

    def __init__(self, first: Dataset, second: Dataset):
        self._inputs = (first, second)
        self._element_spec = structure.widest(first.element_spec, second.element_spec)

    def _cursor(self, scope: Scope) -> Cursor:
        return ConcatenateCursor(self._inputs[0]._cursor(scope), Later(self._inputs[1], scope))

    def _count(self) -> int:
        counts = [d._count() for d in self._inputs]
        return INFINITE if INFINITE in counts else UNKNOWN if UNKNOWN in counts else sum(counts)


class Later(Cursor):
    """A cursor that is made when it is first asked: what is random in it draws its seeds then."""

    def __init__(self, dataset: Dataset, scope: Scope):
        self.dataset, self.scope = dataset, scope
        self.cursor: Cursor | None = None

    def __next__(self) -> Components:
        if self.cursor is None:
            self.cursor = self.dataset._cursor(self.scope)
        return next(self.cursor)

    def save(self) -> dict[str, Any]:
        return {"cursor": None if self.cursor is None else self.cursor.save()}

    def restore(self, state: dict[str, Any]) -> None:
        self.cursor = None
        if state["cursor"] is not None:
            self.cursor = self.dataset._cursor(self.scope)
            self.cursor.restore(state["cursor"])

    def place(self) -> str:
        return "" if self.cursor is None else self.cursor.place()

    def close(self) -> None:
        if self.cursor is not None:
            self.cursor.close()


class ChoosingCursor(OneInput):
    """Takes from the dataset whose number its input gives."""

    fields = ("ended",)
    inputs = ("input", "parts")

    def __init__(self, choices: Cursor, parts: list[Cursor], stop_on_empty: bool):
        super().__init__(choices)
        self.parts, self.stop_on_empty = parts, stop_on_empty
        self.ended = [False] * len(parts)

    def __next__(self) -> Components:
        while not all(self.ended):
            choice = int(next(self.input)[0])
            if not 0 <= choice < len(self.parts):
                raise errors.invalid(f"Selector index out of range: {choice} >= {len(self.parts)}")
            if self.ended[choice]:
                continue
            for components in self.parts[choice]:
                return components
            self.ended[choice] = True
            if self.stop_on_empty:
                self.ended = [True] * len(self.parts)
        raise StopIteration


class ChoosingDataset(Dataset):
    """Elements of several datasets, in an order that another one gives."""

    def __init__(self, choices: Dataset, datasets: Any, stop_on_empty: bool):
        datasets = list(datasets)
        self._inputs, self._stop_on_empty = (choices, *datasets), stop_on_empty
        spec = datasets[0].element_spec
        for i, d in enumerate(datasets[1:], 1):
            try:
                spec = structure.widest(spec, d.element_spec)
            except TypeError:
                raise TypeError(
                    "Invalid `datasets`. `datasets` must have compatible element specs.\n Dataset 0 element_spec="
                    f"{datasets[0].element_spec}.\nDataset {i} element_spec={d.element_spec}."
                ) from None
        self._element_spec = spec

    def _cursor(self, scope: Scope) -> Cursor:
        choices, *parts = [d._cursor(scope) for d in self._inputs]
        return ChoosingCursor(choices, parts, self._stop_on_empty)

    def _count(self) -> int:
        counts = [d._count() for d in self._inputs[1:]]
        if self._stop_on_empty or self._inputs[0]._count() != INFINITE:
            return INFINITE if all(c == INFINITE for c in counts) and self._inputs[0]._count() == INFINITE else UNKNOWN
        return INFINITE if INFINITE in counts else UNKNOWN if UNKNOWN in counts else sum(counts)
