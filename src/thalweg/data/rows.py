"""Rows of arrays, many at a time: what makes pipelines over arrays quick, and lets `fit` have them as arrays.

A dataset that gives the rows of arrays in memory in some order, each changed by functions that work element by element, is a
pipeline over row *numbers*, followed by one indexing of the arrays for a whole batch. `batch` makes its batches that way
where it can, without making their elements. The numbers are those of the ordinary way.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np

from thalweg.data.caching import MemoryCacheDataset
from thalweg.data.cursors import Cursor, OneInput, Scope
from thalweg.data.dataset import INFINITE, Dataset, static
from thalweg.data.functions import ElementFunction
from thalweg.data.mapping import MapDataset
from thalweg.data.ordering import (
    OptionsDataset,
    RepeatCursor,
    RepeatDataset,
    ShardCursor,
    ShardDataset,
    SkipCursor,
    SkipDataset,
    TakeCursor,
    TakeDataset,
)
from thalweg.data.prefetching import PrefetchDataset
from thalweg.data.shuffling import ShuffleCursor, ShuffleDataset
from thalweg.data.sources import TensorSliceDataset
from thalweg.data.structure import Components
from thalweg.engine.core.context import run_quietly
from thalweg.engine.core.graph import CELL, CONSTANT
from thalweg.engine.core.tensor import SymbolicTensor
from thalweg.engine.execution.plan import Plan, run_steps

_SAME = (PrefetchDataset, OptionsDataset, MemoryCacheDataset)  # these change nothing about rows
_WHOLE_LIMIT = 1 << 30  # bytes that `fit` may be given as arrays where functions make new ones


class Table:
    """Arrays of one length and functions of stacked rows."""

    def __init__(self, arrays: list[np.ndarray], functions: tuple[Callable[[Components], Components], ...] = ()):
        self.arrays, self.functions = arrays, functions

    def then(self, function: Callable[[Components], Components]) -> Table:
        return Table(self.arrays, (*self.functions, function))

    def take(self, rows: list[int]) -> Components:
        """The rows with these numbers, stacked."""
        first, last = rows[0], rows[-1]
        if last - first == len(rows) - 1 and rows == list(range(first, last + 1)):
            found: Components = tuple([a[first : last + 1] for a in self.arrays])
        else:
            index = np.array(rows)
            found = tuple([a.take(index, axis=0) for a in self.arrays])
        return self.apply(found)

    def apply(self, components: Components) -> Components:
        for function in self.functions:
            components = function(components)
        return components


class NumbersCursor(Cursor):
    """Counts the rows."""

    fields = ("row",)

    def __init__(self, count: int):
        self.row, self.count = 0, count

    def __next__(self) -> int:
        row = self.row
        if row >= self.count:
            raise StopIteration
        self.row = row + 1
        return row


class _Numbers:
    """A dataset as one of row numbers, for a cursor that goes through it again and again."""

    def __init__(self, dataset: Dataset):
        self._dataset = dataset

    def _cursor(self, scope: Scope) -> Cursor:
        return numbers(self._dataset, scope)


# -- what a dataset is in terms of rows --------------------------------------------------------------------------


def source(dataset: Dataset) -> TensorSliceDataset | None:
    """The tensors whose rows the dataset gives, if that is all it does."""
    if isinstance(dataset, TensorSliceDataset):
        return dataset if dataset._form.is_plain else None
    passes = isinstance(dataset, (*_SAME, ShuffleDataset, RepeatDataset, TakeDataset, SkipDataset, ShardDataset)) or (
        isinstance(dataset, MapDataset) and stacked_function(dataset._function) is not None
    )
    return source(dataset._inputs[0]) if passes else None


def table(dataset: Dataset, scope: Scope) -> Table:
    """The rows of a dataset that has a `source`."""
    if isinstance(dataset, TensorSliceDataset):
        return Table(dataset._arrays(scope))
    below = table(dataset._inputs[0], scope)
    if isinstance(dataset, MapDataset):
        function = stacked_function(dataset._function)
        assert function is not None
        return below.then(function(scope))
    return below


def numbers(dataset: Dataset, scope: Scope) -> Cursor:
    """The order in which a dataset that has a `source` gives its rows."""
    if isinstance(dataset, TensorSliceDataset):
        return NumbersCursor(len(dataset._arrays(scope)[0]))
    if isinstance(dataset, RepeatDataset):
        times = max(-1, scope.number(dataset._parameters[0]))
        return RepeatCursor(_Numbers(dataset._inputs[0]), scope, times)
    below = numbers(dataset._inputs[0], scope)
    given = [scope.number(p) for p in dataset._parameters] if not isinstance(dataset, _SAME) else []
    if isinstance(dataset, ShuffleDataset):
        return ShuffleCursor(below, dataset._size(scope), dataset._seed_source(scope))
    if isinstance(dataset, TakeDataset):
        return TakeCursor(below, max(-1, given[0]))
    if isinstance(dataset, SkipDataset):
        return SkipCursor(below, given[0])
    if isinstance(dataset, ShardDataset):
        return ShardCursor(below, *given)
    return below


# -- batches -----------------------------------------------------------------------------------------------------


class RowBatchCursor(OneInput):
    """Batches of rows by their numbers."""

    def __init__(self, row_numbers: Cursor, rows: Table, size: int, drop_remainder: bool):
        super().__init__(row_numbers)
        self.rows, self.size, self.drop_remainder = rows, size, drop_remainder

    def __next__(self) -> Components:
        batch = list(itertools.islice(self.input, self.size))
        if not batch or (self.drop_remainder and len(batch) < self.size):
            raise StopIteration
        return self.rows.take(batch)


def batch_cursor(dataset: Dataset, scope: Scope, size: int, drop_remainder: bool) -> Cursor | None:
    """Batches of a dataset's elements, if it has a `source`."""
    if source(dataset) is None:
        return None
    return RowBatchCursor(numbers(dataset, scope), table(dataset, scope), size, drop_remainder)


# -- functions of stacked rows -----------------------------------------------------------------------------------


def stacked_function(function: ElementFunction) -> Callable[[Scope], Callable[[Components], Components]] | None:
    """The function on stacked elements, if every op of it works on each of them by itself.

    These do: elementwise ops whose inputs are elements of one rank and constants of no higher rank; Cast, Identity; OneHot
    with the classes last; ExpandDims and Reshape, whose constants are changed to leave the first axis alone.
    """
    if not hasattr(function, "_stacked"):
        function._stacked = _analysed(function)  # type: ignore[attr-defined]
    return function._stacked  # type: ignore[attr-defined]


def _analysed(function: ElementFunction) -> Any:
    if (
        function._debug
        or not function.input_form.is_plain
        or not function.form.is_plain
        or function.is_stateful()
        or function.symbolic
    ):
        return None
    ranks: dict[int, int] = {}  # of what varies from element to element
    for t in function.arguments:
        if t.shape.rank is None:
            return None
        ranks[id(t)] = t.shape.rank
    changed: dict[int, np.ndarray] = {}  # constants of shapes and axes that must count the first axis
    plan = Plan(function.graph, function.outputs, function.graph.inputs, None)  # type: ignore[arg-type]
    for step in plan.steps:
        if not _works_on_rows(step.op, ranks, changed):
            return None
        for t in step.op.outputs:
            if t.shape.rank is None:
                return None
            ranks[id(t)] = t.shape.rank
    if any(id(t) not in ranks for t in function.outputs):
        return None  # the same for all elements

    def bind(scope: Scope) -> Callable[[Components], Components]:
        template = plan.template.copy()
        count = len(function.arguments)
        for slot, outside in zip(plan.feed_slots[count:], function.graph.captured_values()):
            template[slot] = scope.array(outside)
        for tensor, value in changed.items():
            template[plan._slots[tensor]] = value
        arguments, fetches = plan.feed_slots[:count], plan.fetch_slots

        def run(components: Components) -> Components:
            values = template.copy()
            for slot, a in zip(arguments, components):
                values[slot] = a
            run_quietly(run_steps, plan.steps, values)
            return tuple([values[s] for s in fetches])  # type: ignore[index]

        return run

    return bind


def _works_on_rows(op: Any, ranks: dict[int, int], changed: dict[int, np.ndarray]) -> bool:
    name, inputs = op.record.name, op._inputs
    varying = [t for t in inputs if id(t) in ranks]
    if not varying or any(t.op.record is CELL for t in inputs):
        return False
    if op.record.elementwise or name in ("Cast", "Identity"):
        highest = {ranks[id(t)] for t in varying}
        fixed = [t.shape.rank for t in inputs if id(t) not in ranks]
        return len(highest) == 1 and all(r is not None and r <= max(highest) for r in fixed)
    if len(varying) != 1 or varying[0] is not inputs[0]:
        return False
    if name == "OneHot":
        return op._attrs["axis"] == -1
    if name not in ("ExpandDims", "Reshape"):
        return False
    constant = inputs[1]
    if constant.op.record is not CONSTANT or _uses(op.graph, constant) != 1:
        return False
    value = constant.op._attrs["value"]
    if name == "ExpandDims":
        changed[id(constant)] = np.where(value >= 0, value + 1, value).astype(value.dtype)
        return True
    if (value < 0).any() or 0 in value:
        return False
    changed[id(constant)] = np.concatenate([[-1], np.atleast_1d(value)]).astype(value.dtype)
    return True


def _uses(graph: Any, tensor: SymbolicTensor) -> int:
    return sum(t is tensor for op in graph._ops for t in op._inputs)


# -- whole -------------------------------------------------------------------------------------------------------


class RowBatches:
    """A dataset of batches of rows, for who takes the rows himself.

    `arrays` holds all rows in the form of the dataset's elements; `epoch()` gives the numbers of those that come next, in
    order: an epoch's, or of a dataset without end so many as `count` batches take.
    """

    def __init__(self, arrays: Any, batch_size: int, drop_remainder: bool, rows: Dataset, length: int):
        self.arrays, self.batch_size, self.drop_remainder, self.length = arrays, batch_size, drop_remainder, length
        self._rows = rows
        self._endless: Cursor | None = None

    def epoch(self, count: int | None = None) -> np.ndarray:
        if self.length == INFINITE:
            assert count is not None
            if self._endless is None:
                self._endless = numbers(self._rows, Scope())
            return np.array(list(itertools.islice(self._endless, count * self.batch_size)), np.int64)
        return np.array(list(numbers(self._rows, Scope())), np.int64)


def as_arrays(dataset: Dataset) -> RowBatches | None:
    """The dataset as arrays and an order of rows, if it is batches of rows of arrays."""
    from thalweg.data.batching import BatchDataset

    while isinstance(dataset, (PrefetchDataset, OptionsDataset)):
        dataset = dataset._inputs[0]
    if not isinstance(dataset, BatchDataset) or dataset._symbolic():
        return None
    rows = dataset._inputs[0]
    size, length = static(dataset._parameters[0]), rows._count()
    if size is None or (length < 1 and length != INFINITE) or source(rows) is None:
        return None
    found = table(rows, Scope())
    if not len(found.arrays[0]):
        return None
    if found.functions:
        probe = found.take([0])
        if sum(a.nbytes for a in probe) * len(found.arrays[0]) > _WHOLE_LIMIT:
            return None
    whole = found.apply(tuple(found.arrays))
    return RowBatches(rows._form.element(whole), size, dataset._drop_remainder, rows, length)
