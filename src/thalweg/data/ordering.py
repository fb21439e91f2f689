"""Datasets of the same elements, more or fewer of them: repeat, take, skip, shard, options."""

from __future__ import annotations

from typing import Any

from thalweg.data.cursors import Cursor, OneInput, Renewing, Scope
from thalweg.data.dataset import INFINITE, UNKNOWN, Dataset, parameter, static
from thalweg.data.structure import Components
from thalweg.engine.core import errors


class RepeatCursor(Renewing):
    fields = ("done", "gave")

    def __init__(self, dataset: Any, scope: Scope, count: int):
        self.dataset, self.scope, self.count = dataset, scope, count
        self.done, self.gave = 0, False

    def make(self) -> Cursor:
        return self.dataset._cursor(self.scope)

    def __next__(self) -> Components:
        while self.done != self.count:
            if self.current is None:
                self.current, self.gave = self.make(), False
            for components in self.current:
                self.gave = True
                return components
            if self.count < 0 and not self.gave:
                break  # nothing without end is nothing
            self.current.close()
            self.current = None
            self.done += 1
        raise StopIteration


class RepeatDataset(Dataset):
    """The dataset several times."""

    def __init__(self, dataset: Dataset, count: Any):
        self._inputs = (dataset,)
        self._parameters = (parameter(-1 if count is None else count, "count"),)
        self._element_spec = dataset.element_spec

    def _cursor(self, scope: Scope) -> Cursor:
        return RepeatCursor(self._inputs[0], scope, max(-1, scope.number(self._parameters[0])))

    def _count(self) -> int:
        times, count = static(self._parameters[0]), self._inputs[0]._count()
        if times is None:
            return UNKNOWN
        if times < 0:
            return INFINITE if count != 0 else 0
        if times == 0:
            return 0
        return count * times if count > 0 else count


class TakeCursor(OneInput):
    fields = ("done",)

    def __init__(self, input_cursor: Cursor, count: int):
        super().__init__(input_cursor)
        self.done, self.count = 0, count

    def __next__(self) -> Components:
        if self.done == self.count:
            raise StopIteration
        components = next(self.input)
        self.done += 1
        return components


class TakeDataset(Dataset):
    """The first elements."""

    def __init__(self, dataset: Dataset, count: Any):
        self._inputs, self._parameters = (dataset,), (parameter(count, "count"),)
        self._element_spec = dataset.element_spec

    def _cursor(self, scope: Scope) -> Cursor:
        return TakeCursor(self._inputs[0]._cursor(scope), max(-1, scope.number(self._parameters[0])))

    def _count(self) -> int:
        wanted, count = static(self._parameters[0]), self._inputs[0]._count()
        if wanted is None or count == UNKNOWN:
            return UNKNOWN
        if wanted < 0:
            return count
        return wanted if count == INFINITE else min(wanted, count)


class SkipCursor(OneInput):
    fields = ("left",)

    def __init__(self, input_cursor: Cursor, count: int):
        super().__init__(input_cursor)
        self.left = count

    def __next__(self) -> Components:
        if self.left < 0:
            raise StopIteration
        while self.left:
            next(self.input)
            self.left -= 1
        return next(self.input)


class SkipDataset(Dataset):
    """The elements after the first."""

    def __init__(self, dataset: Dataset, count: Any):
        self._inputs, self._parameters = (dataset,), (parameter(count, "count"),)
        self._element_spec = dataset.element_spec

    def _cursor(self, scope: Scope) -> Cursor:
        return SkipCursor(self._inputs[0]._cursor(scope), scope.number(self._parameters[0]))

    def _count(self) -> int:
        left_out, count = static(self._parameters[0]), self._inputs[0]._count()
        if left_out is None or count == UNKNOWN:
            return UNKNOWN
        if left_out < 0:
            return 0
        return count if count == INFINITE else max(0, count - left_out)


class ShardCursor(OneInput):
    fields = ("number",)

    def __init__(self, input_cursor: Cursor, shards: int, index: int):
        super().__init__(input_cursor)
        self.number, self.shards, self.index = 0, shards, index

    def __next__(self) -> Components:
        while True:
            components = next(self.input)
            mine = self.number % self.shards == self.index
            self.number += 1
            if mine:
                return components


class ShardDataset(Dataset):
    """One of the parts into which elements are dealt out."""

    def __init__(self, dataset: Dataset, num_shards: Any, index: Any):
        self._inputs = (dataset,)
        self._parameters = (parameter(num_shards, "num_shards"), parameter(index, "index"))
        self._element_spec = dataset.element_spec
        shards, mine = map(static, self._parameters)
        if shards is not None and shards <= 0:
            raise errors.invalid(f"Number of shards must be greater than zero (currently num_shards = {shards}).")
        if mine is not None and (mine < 0 or (shards is not None and mine >= shards)):
            raise errors.invalid(f"Index must be between 0 and {(shards or 0) - 1} (currently index = {mine}).")

    def _cursor(self, scope: Scope) -> Cursor:
        return ShardCursor(self._inputs[0]._cursor(scope), *[scope.number(p) for p in self._parameters])

    def _count(self) -> int:
        shards, mine = map(static, self._parameters)
        count = self._inputs[0]._count()
        if count < 0 or shards is None or mine is None:
            return count if count == INFINITE else UNKNOWN
        return count // shards + (mine < count % shards)


class OptionsDataset(Dataset):
    """The same elements, with options."""

    def __init__(self, dataset: Dataset, options: Any):
        from thalweg.data.options import Options

        if not isinstance(options, Options):
            raise TypeError(f"`options` must be a tf.data.Options, not {options!r}.")
        self._inputs, self._options = (dataset,), options
        self._element_spec = dataset.element_spec

    def options(self) -> Any:
        return self._inputs[0].options().merge(self._options)

    def _cursor(self, scope: Scope) -> Cursor:
        return self._inputs[0]._cursor(scope)

    def _count(self) -> int:
        return self._inputs[0]._count()
