"""Functions that give datasets, and the elements of those: flat_map, interleave."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from thalweg.data.cursors import Cursor, OneInput, Renewing, Scope
from thalweg.data.dataset import UNKNOWN, Dataset, parameter
from thalweg.data.functions import ElementFunction
from thalweg.data.structure import Components, DatasetSpec
from thalweg.data.variants import bound_of
from thalweg.engine.core import errors


def dataset_function(function: Callable[..., Any], spec: Any, what: str) -> ElementFunction:
    """A function that gives a dataset. Raises TypeError if it gives something else."""
    traced = ElementFunction(function, spec, what)
    if not isinstance(traced.spec, DatasetSpec):
        raise TypeError(
            f"The `map_func` argument must return a `Dataset` object. Got {traced.spec!r} from the function passed to {what}."
        )
    return traced


class FlatMapCursor(Renewing):
    fields = ("element",)
    inputs = ("input",)

    def __init__(self, input_cursor: Cursor, function: Callable[[Components], Components], scope: Scope):
        self.input, self.function, self.scope = input_cursor, function, scope
        self.element: Any = None

    def make(self) -> Cursor:
        return bound_of(self.function(tuple(self.element))[0]).cursor(self.scope)

    def __next__(self) -> Components:
        while True:
            if self.current is None:
                self.element = next(self.input)
                self.current = self.make()
            for components in self.current:
                return components
            self.current.close()
            self.current = None


class FlatMapDataset(Dataset):
    """The elements of the datasets that a function gives, one dataset after the other."""

    def __init__(self, dataset: Dataset, map_func: Callable[..., Any]):
        self._inputs = (dataset,)
        self._function = dataset_function(map_func, dataset.element_spec, "Dataset.flat_map()")
        self._functions = (self._function,)
        self._element_spec = self._function.spec.element_spec

    def _cursor(self, scope: Scope) -> Cursor:
        return FlatMapCursor(self._inputs[0]._cursor(scope), self._function.bind(scope), scope)

    def _count(self) -> int:
        return 0 if self._inputs[0]._count() == 0 else UNKNOWN


class InterleaveCursor(OneInput):
    """Goes through `cycle` datasets in turn, a block of elements from each."""

    fields = ("elements", "turn", "given", "ended")

    def __init__(self, input_cursor: Cursor, function: Callable[[Components], Components], scope: Scope, cycle: int, block: int):
        super().__init__(input_cursor)
        self.function, self.scope, self.cycle, self.block = function, scope, cycle, block
        self.elements: list[Any] = [None] * cycle
        self.open: list[Cursor | None] = [None] * cycle
        self.turn, self.given, self.ended = 0, 0, False

    def _make(self, element: Any) -> Cursor:
        return bound_of(self.function(tuple(element))[0]).cursor(self.scope)

    def __next__(self) -> Components:
        while not self.ended or any(c is not None for c in self.open):
            cursor = self.open[self.turn]
            if cursor is not None:
                for components in cursor:
                    self.given += 1
                    if self.given == self.block:
                        self._advance()
                    return components
                cursor.close()
                self.open[self.turn] = self.elements[self.turn] = None
                self._advance()
            elif not self.ended:
                for element in self.input:
                    self.elements[self.turn], self.open[self.turn] = element, self._make(element)
                    break
                else:
                    self.ended = True
                    self._advance()
            else:
                self._advance()
        raise StopIteration

    def _advance(self) -> None:
        self.given = 0
        self.turn = (self.turn + 1) % self.cycle

    def save(self) -> dict[str, Any]:
        return super().save() | {"open": [None if c is None else c.save() for c in self.open]}

    def restore(self, state: dict[str, Any]) -> None:
        super().restore(state)
        self.open = [None] * self.cycle
        for i, (element, inner) in enumerate(zip(self.elements, state["open"])):
            if inner is not None:
                cursor = self.open[i] = self._make(element)
                cursor.restore(inner)

    def place(self) -> str:
        cursor = self.open[self.turn]
        return cursor.place() if cursor is not None else ""

    def close(self) -> None:
        super().close()
        for c in self.open:
            if c is not None:
                c.close()


class InterleaveDataset(Dataset):
    """The elements of the datasets that a function gives, in turn."""

    def __init__(self, dataset: Dataset, map_func: Callable[..., Any], cycle_length: Any, block_length: Any):
        self._inputs = (dataset,)
        self._function = dataset_function(map_func, dataset.element_spec, "Dataset.interleave()")
        self._functions = (self._function,)
        self._element_spec = self._function.spec.element_spec
        cycle = -1 if cycle_length is None else parameter(cycle_length, "cycle_length")
        block = 1 if block_length is None else parameter(block_length, "block_length")
        if isinstance(cycle, int) and cycle < 1 and cycle != -1:
            raise errors.invalid(f"`cycle_length` must be > 0 but is {cycle}")
        if isinstance(block, int) and block < 1:
            raise errors.invalid(f"`block_length` must be > 0 but is {block}")
        self._parameters = (cycle, block)

    def _cursor(self, scope: Scope) -> Cursor:
        cycle, block = (scope.number(p) for p in self._parameters)
        cycle = (os.cpu_count() or 1) if cycle == -1 else cycle  # TensorFlow's choice, too, is by the processor
        return InterleaveCursor(self._inputs[0]._cursor(scope), self._function.bind(scope), scope, cycle, block)

    def _count(self) -> int:
        return 0 if self._inputs[0]._count() == 0 else UNKNOWN
