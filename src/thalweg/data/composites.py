"""Elements made of several tensors, ragged and sparse ones: stacked into batches and taken apart again.

A type says it itself, over the arrays of its components: `_stack_arrays`, `_row_arrays`, `_row_count`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from thalweg.data import structure
from thalweg.data.cursors import Cursor, OneInput, Scope
from thalweg.data.dataset import Dataset
from thalweg.data.structure import Components, Form
from thalweg.engine.core import errors
from thalweg.engine.core.tensor_spec import TensorSpec


def spans(form: Form) -> list[tuple[Any, slice]]:
    """Each leaf's type, and where its components stand."""
    found, at = [], 0
    for spec in form.specs:
        n = len(structure.component_specs(spec))
        found.append((spec, slice(at, at + n)))
        at += n
    return found


def is_composite(form: Form) -> bool:
    return any(hasattr(s, "_stack_arrays") for s in form.specs)


class Apart:
    """Takes elements of a form apart into their rows."""

    def __init__(self, form: Form):
        self.spans = spans(form)

    def count(self, components: Components) -> int:
        """How many rows there are. Raises InvalidArgumentError where the parts differ."""
        counts = {
            spec._row_count(components[where]) if hasattr(spec, "_row_count") else len(components[where.start])
            for spec, where in self.spans if where.stop > where.start
        }  # fmt: skip
        if len(counts) > 1:
            raise errors.invalid(f"The parts of an element to be taken apart have different numbers of rows: {sorted(counts)}.")
        return counts.pop()

    def row(self, components: Components, i: int) -> Components:
        found: list[np.ndarray] = []
        for spec, where in self.spans:
            if hasattr(spec, "_row_arrays"):
                found.extend(spec._row_arrays(components[where], i))
            else:
                found.extend(a[i, ...] for a in components[where])
        return tuple(found)


class CompositeRowsCursor(Cursor):
    """Goes through the rows of one element."""

    fields = ("at",)

    def __init__(self, components: Components, form: Form):
        self.components, self.apart, self.at = components, Apart(form), 0
        self.rows = self.apart.count(components)

    def __next__(self) -> Components:
        at = self.at
        if at >= self.rows:
            raise StopIteration
        self.at = at + 1
        return self.apart.row(self.components, at)


class CompositeUnbatchCursor(OneInput):
    """Goes through the rows of each element."""

    fields = ("batch", "at")

    def __init__(self, input_cursor: Cursor, form: Form):
        super().__init__(input_cursor)
        self.apart, self.batch, self.at = Apart(form), None, 0

    def __next__(self) -> Components:
        while self.batch is None or self.at >= self.apart.count(self.batch):
            self.batch, self.at = next(self.input), 0
        self.at += 1
        return self.apart.row(self.batch, self.at - 1)


class RaggedDataset(Dataset):
    """The same elements, those whose size is not known made ragged: what `ragged_batch` stacks."""

    def __init__(self, dataset: Dataset, row_splits_dtype: Any):
        self._inputs = (dataset,)
        self._kind = row_splits_dtype
        self._element_spec = structure.map_structure(self._ragged, dataset.element_spec)

    def _ragged(self, spec: Any) -> Any:
        from thalweg.engine.ops.ragged.spec import RaggedTensorSpec

        if not isinstance(spec, TensorSpec) or spec.shape.rank is None or spec.shape.is_fully_defined():
            return spec
        last = max(i for i, n in enumerate(spec.shape.as_list()) if n is None)
        return RaggedTensorSpec(spec.shape, spec.dtype, last, self._kind)

    def _cursor(self, scope: Scope) -> Cursor:
        ranks = [getattr(s, "ragged_rank", None) for s in self._form.specs]
        changed = [
            None if r is None or not isinstance(s, TensorSpec) else r for r, s in zip(ranks, self._inputs[0]._form.specs)
        ]  # fmt: skip
        return _RaggedCursor(self._inputs[0]._cursor(scope), changed, self._kind.np_dtype, spans(self._inputs[0]._form))

    def _count(self) -> int:
        return self._inputs[0]._count()


class _RaggedCursor(OneInput):
    def __init__(self, input_cursor: Cursor, ranks: list[int | None], kind: Any, where: Any):
        super().__init__(input_cursor)
        self.ranks, self.kind, self.where = ranks, kind, where

    def __next__(self) -> Components:
        components = next(self.input)
        found: list[np.ndarray] = []
        for rank, (_, where) in zip(self.ranks, self.where):
            if rank is None:
                found.extend(components[where])
                continue
            array = components[where.start]
            sizes = array.shape
            found.append(array.reshape((int(np.prod(sizes[: rank + 1])), *sizes[rank + 1 :])))
            for i in range(rank):
                rows = int(np.prod(sizes[: i + 1]))
                found.append(np.arange(rows + 1, dtype=self.kind) * sizes[i + 1])
        return tuple(found)


def ragged_batch(dataset: Dataset, batch_size: Any, drop_remainder: bool, row_splits_dtype: Any) -> Dataset:
    from thalweg.data.batching import BatchDataset

    return BatchDataset(RaggedDataset(dataset, row_splits_dtype), batch_size, drop_remainder)

