"""Elements stacked and taken apart: batch, unbatch, rebatch."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np

from thalweg.data import composites, structure
from thalweg.data.cursors import Cursor, OneInput, Scope
from thalweg.data.dataset import INFINITE, UNKNOWN, Dataset, parameter, static
from thalweg.data.structure import Components, Form
from thalweg.engine.core import errors
from thalweg.engine.core.tensor import EagerTensor

Stack = Callable[[list[Components]], Components]


def stacked(rows: list[Components]) -> Components:
    """Elements on top of each other. Raises InvalidArgumentError when their shapes differ."""
    return tuple([_stack(column, i) for i, column in enumerate(zip(*rows))])


def _stack(arrays: tuple[np.ndarray, ...], component: int) -> np.ndarray:
    first = arrays[0]
    shape = first.shape
    for n, a in enumerate(arrays):
        if a.shape != shape:
            raise errors.invalid(
                f"Cannot batch tensors with different shapes in component {component}. First element had shape "
                f"{_listed(shape)} and "
                f"element {n} had shape {_listed(a.shape)}."
            )
    if shape and shape[0] and first.dtype != object:
        return np.concatenate(arrays).reshape(len(arrays), *shape)  # a copy of each; np.stack takes twice as long
    out = np.empty((len(arrays), *shape), first.dtype)
    for n, a in enumerate(arrays):
        out[n, ...] = a
    return out


def _listed(shape: tuple[int, ...]) -> str:
    return f"[{','.join(map(str, shape))}]"


def stacker(form: Form) -> Stack:
    """How elements of this form are stacked. Composite tensors say it themselves."""
    if form.is_plain or not composites.is_composite(form):
        return stacked
    parts = composites.spans(form)

    def stack(rows: list[Components]) -> Components:
        found: list[np.ndarray] = []
        for spec, where in parts:
            if hasattr(spec, "_stack_arrays"):
                found.extend(spec._stack_arrays([r[where] for r in rows]))
            else:
                found.extend(_stack(tuple([r[i] for r in rows]), i) for i in range(where.start, where.stop))
        return tuple(found)

    return stack


class BatchCursor(OneInput):
    def __init__(self, input_cursor: Cursor, size: int, drop_remainder: bool, stack: Stack):
        super().__init__(input_cursor)
        self.size, self.drop_remainder, self.stack = size, drop_remainder, stack

    def __next__(self) -> Components:
        rows = list(itertools.islice(self.input, self.size))
        if not rows or (self.drop_remainder and len(rows) < self.size):
            raise StopIteration
        return self.stack(rows)


def check_batch_size(size: Any) -> Any:
    size = parameter(size, "batch_size")
    if isinstance(size, int) and size < 1:
        raise errors.invalid("Batch size must be greater than zero.")
    return size


def batches_of(count: int, size: int | None, drop_remainder: bool) -> int:
    """How many batches `count` elements make."""
    if count < 0:
        return count
    if size is None:
        return UNKNOWN
    return count // size if drop_remainder else -(-count // size)


class BatchDataset(Dataset):
    """Elements stacked, so many at a time."""

    def __init__(self, dataset: Dataset, batch_size: Any, drop_remainder: Any):
        self._inputs, self._parameters = (dataset,), (check_batch_size(batch_size),)
        self._drop_remainder = bool(drop_remainder)
        self._element_spec = structure.map_structure(lambda s: structure.batched(s, self._static_size()), dataset.element_spec)

    def _static_size(self) -> int | None:
        """The size that every batch has: known where a smaller last one is dropped."""
        return static(self._parameters[0]) if self._drop_remainder else None

    def _cursor(self, scope: Scope) -> Cursor:
        from thalweg.data.rows import batch_cursor

        size = check_batch_size(scope.number(self._parameters[0]))
        by_rows = batch_cursor(self._inputs[0], scope, size, self._drop_remainder)
        if by_rows is not None:
            return by_rows
        return BatchCursor(self._inputs[0]._cursor(scope), size, self._drop_remainder, stacker(self._inputs[0]._form))

    def _count(self) -> int:
        return batches_of(self._inputs[0]._count(), static(self._parameters[0]), self._drop_remainder)


# -- apart -----------------------------------------------------------------------------------------------------


class UnbatchCursor(OneInput):
    fields = ("batch", "row")

    def __init__(self, input_cursor: Cursor):
        super().__init__(input_cursor)
        self.batch: Any = None
        self.row = 0

    def __next__(self) -> Components:
        while self.batch is None or self.row >= len(self.batch[0]):
            self.batch, self.row = next(self.input), 0
            sizes = {len(a) for a in self.batch}
            if len(sizes) > 1:
                raise errors.invalid(
                    "The parts of an element to be unbatched have different numbers of rows: "
                    f"{', '.join(str(len(a)) for a in self.batch)}."
                )
        row = self.row
        self.row = row + 1
        return tuple([a[row, ...] for a in self.batch])


class UnbatchDataset(Dataset):
    """The rows of each element."""

    def __init__(self, dataset: Dataset):
        self._inputs = (dataset,)
        known = None
        for spec in dataset._form.flat if not composites.is_composite(dataset._form) else dataset._form.specs:
            if spec.shape.rank == 0:
                raise ValueError("Cannot unbatch an input with scalar components.")
            rows = spec.shape[0] if spec.shape.rank else None
            if rows is not None and known is not None and rows != known:
                raise ValueError(f"Cannot unbatch an input whose components have different batch sizes: {known} and {rows}.")
            known = rows if known is None else known
        self._rows = known
        self._element_spec = structure.map_structure(structure.unbatched, dataset.element_spec)

    def _cursor(self, scope: Scope) -> Cursor:
        if composites.is_composite(self._inputs[0]._form):
            return composites.CompositeUnbatchCursor(self._inputs[0]._cursor(scope), self._inputs[0]._form)
        return UnbatchCursor(self._inputs[0]._cursor(scope))

    def _count(self) -> int:
        count = self._inputs[0]._count()
        if self._rows is None or count < 0:
            return UNKNOWN if count != INFINITE else INFINITE
        return count * self._rows


class RebatchCursor(OneInput):
    fields = ("turn",)

    def __init__(self, input_cursor: Cursor, sizes: list[int], drop_remainder: bool, stack: Stack):
        super().__init__(input_cursor)
        self.sizes, self.drop_remainder, self.turn, self.stack = sizes, drop_remainder, 0, stack

    def __next__(self) -> Components:
        size = self.sizes[self.turn % len(self.sizes)]
        rows = list(itertools.islice(self.input, size))
        if (not rows and size) or (self.drop_remainder and len(rows) < size):
            raise StopIteration
        self.turn += 1
        return self.stack(rows)


class RebatchDataset(Dataset):
    """Batches of other sizes."""

    def __init__(self, dataset: Dataset, batch_size: Any, drop_remainder: bool):
        if any(s.shape.rank == 0 for s in dataset._form.flat):
            raise ValueError(
                "Invalid `batch_sizes`. Expected dataset with rank of >= 1 but found a dataset with scalar elements. "
                "Fix the issue by "
                "adding the `batch` transformation to the dataset."
            )
        self._apart = UnbatchDataset(dataset)
        self._inputs = (self._apart,)
        listed = np.asarray(batch_size._array if isinstance(batch_size, EagerTensor) else batch_size).tolist()
        self._sizes = [int(check_batch_size(s)) for s in (listed if isinstance(listed, list) else [listed])]
        self._drop_remainder = bool(drop_remainder)
        rows = self._apart._rows
        even = len(set(self._sizes)) == 1 and (drop_remainder or (rows is not None and rows % self._sizes[0] == 0))
        size = self._sizes[0] if even else None
        self._element_spec = structure.map_structure(lambda s: structure.batched(s, size), self._apart.element_spec)

    def _cursor(self, scope: Scope) -> Cursor:
        stack = stacker(self._apart._form)
        return RebatchCursor(self._apart._cursor(scope), self._sizes, self._drop_remainder, stack)

    def _count(self) -> int:
        count = self._apart._count()
        return count if count < 0 else batches_of(count, self._sizes[0], self._drop_remainder) if len(self._sizes) == 1 else UNKNOWN
