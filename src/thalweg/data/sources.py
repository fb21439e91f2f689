"""Datasets of what is in memory: tensors, their rows, ranges of numbers."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from thalweg.data import structure
from thalweg.data.composites import CompositeRowsCursor, is_composite
from thalweg.data.cursors import Cursor, Scope
from thalweg.data.dataset import INFINITE, UNKNOWN, Dataset, parameter, static
from thalweg.data.structure import Components, Form
from thalweg.data.variants import bound_of
from thalweg.engine.core import dtypes, errors
from thalweg.engine.core.tensor import EagerTensor
from thalweg.engine.execution.tensor_spec import TensorSpec


class RowsCursor(Cursor):
    """Goes through the rows of arrays of one length."""

    fields = ("row",)

    def __init__(self, arrays: list[np.ndarray]):
        self.arrays, self.row, self.count = arrays, 0, len(arrays[0])

    def __next__(self) -> Components:
        row = self.row
        if row >= self.count:
            raise StopIteration
        self.row = row + 1
        return tuple([a[row, ...] for a in self.arrays])


class ListCursor(Cursor):
    """Goes through a list of components."""

    fields = ("row",)

    def __init__(self, elements: list[Components]):
        self.elements, self.row = elements, 0

    def __next__(self) -> Components:
        row = self.row
        if row >= len(self.elements):
            raise StopIteration
        self.row = row + 1
        return self.elements[row]


class TensorDataset(Dataset):
    """One element."""

    def __init__(self, tensors: Any):
        element = structure.as_element(tensors)
        self._element_spec = structure.spec_of(element)
        self._parameters = tuple(self._form.tensors(element))

    def _cursor(self, scope: Scope) -> Cursor:
        return ListCursor([tuple([scope.array(t) for t in self._parameters])])

    def _count(self) -> int:
        return 1


class TensorSliceDataset(Dataset):
    """The rows of tensors."""

    def __init__(self, tensors: Any):
        element = structure.as_element(tensors)
        if not structure.flatten(element):
            raise ValueError("Invalid `element`. `element` should not be empty.")
        batched = structure.spec_of(element)
        self._element_spec = structure.map_structure(structure.unbatched, batched)
        self._batched = Form(batched)
        self._parameters = tuple(self._batched.tensors(element))
        leaves = [v for v in structure.flatten(element) if v is not None]
        first = leaves[0].shape[0] if leaves[0].shape.rank else None
        for t in leaves[1:]:
            rows = t.shape[0] if t.shape.rank else None
            if rows is not None and first is not None and rows != first:
                raise ValueError(f"Dimensions {first} and {rows} are not compatible")
            first = rows if first is None else first
        self._rows = first

    def _arrays(self, scope: Scope) -> list[np.ndarray]:
        arrays = [scope.array(t) for t in self._parameters]
        sizes = {len(a) for a in arrays}
        if len(sizes) > 1:
            raise errors.invalid(
                f"The tensors to be taken apart have different numbers of rows: {', '.join(str(len(a)) for a in arrays)}."
            )
        return arrays

    def _cursor(self, scope: Scope) -> Cursor:
        if is_composite(self._batched):
            return CompositeRowsCursor(tuple([scope.array(t) for t in self._parameters]), self._batched)
        return RowsCursor(self._arrays(scope))

    def _count(self) -> int:
        return UNKNOWN if self._rows is None else self._rows


class ListDataset(Dataset):
    """Elements that are in memory one by one, as components: a window, a group."""

    def __init__(self, elements: list[Components], element_spec: Any):
        self._elements, self._element_spec = elements, element_spec

    def _cursor(self, scope: Scope) -> Cursor:
        return ListCursor(self._elements)

    def _count(self) -> int:
        return len(self._elements)


def from_list(elements: Any, name: str | None = None) -> Dataset:
    """A dataset of the elements of a Python list, each a nest of arrays and tensors of one form.

    >>> list(tf.data.experimental.from_list([(1, "a"), (2, "b")]).as_numpy_iterator())
    [(np.int32(1), b'a'), (np.int32(2), b'b')]
    """
    if not isinstance(elements, list):
        raise ValueError("`elements` must be a list.")
    if not elements:
        raise ValueError("Input list must not be empty.")
    found = [structure.as_element(e) for e in elements]
    spec = structure.spec_of(found[0])
    for e in found[1:]:
        spec = structure.widest(spec, structure.spec_of(e))
    form = Form(spec)
    return ListDataset([tuple([np.asarray(t._array) for t in form.tensors(e)]) for e in found], spec)


class VariantDataset(Dataset):
    """The dataset that a scalar tensor holds."""

    def __init__(self, variant: Any, element_spec: Any):
        self._parameters = (variant,)
        self._element_spec = element_spec

    def _cursor(self, scope: Scope) -> Cursor:
        return bound_of(scope.array(self._parameters[0])).cursor(scope)

    def _count(self) -> int:
        variant = self._parameters[0]
        return bound_of(variant._array).dataset._count() if isinstance(variant, EagerTensor) else UNKNOWN


# -- ranges ----------------------------------------------------------------------------------------------------


class RangeCursor(Cursor):
    fields = ("next",)

    def __init__(self, numbers: range, dtype: np.dtype):
        self.numbers, self.dtype, self.next = numbers, dtype, 0

    def __next__(self) -> Components:
        i = self.next
        if i >= len(self.numbers):
            raise StopIteration
        self.next = i + 1
        return (np.array(self.numbers[i], self.dtype),)


class RangeDataset(Dataset):
    """The numbers of a Python range."""

    def __init__(self, start: Any, stop: Any, step: Any, dtype: dtypes.DType):
        self._parameters = tuple(parameter(v, "range") for v in (start, stop, step))
        self._element_spec = TensorSpec([], dtype)
        if self._parameters[2] == 0:
            raise errors.invalid("step must be a non-zero integer.")

    def _cursor(self, scope: Scope) -> Cursor:
        return RangeCursor(range(*[scope.number(v) for v in self._parameters]), self._form.flat[0].dtype.np_dtype)

    def _count(self) -> int:
        known = [static(v) for v in self._parameters]
        return UNKNOWN if None in known else len(range(*known))  # type: ignore[arg-type]


def make_range(*args: Any, output_type: Any = dtypes.int64, name: str | None = None) -> Dataset:
    """`Dataset.range`."""
    if not 1 <= len(args) <= 3:
        raise ValueError(f"Invalid `args`. The length of `args` should be between 1 and 3 but was {len(args)}.")
    start, stop, step = (0, args[0], 1) if len(args) == 1 else (*args, 1)[:3]
    return RangeDataset(start, stop, step, dtypes.as_dtype(output_type))


class CounterCursor(Cursor):
    fields = ("number",)

    def __init__(self, start: Any, step: Any, dtype: np.dtype):
        self.number, self.step, self.dtype = start, step, dtype

    def __next__(self) -> Components:
        number = self.number
        self.number = operator.add(number, self.step)
        return (np.array(number, self.dtype),)


class CounterDataset(Dataset):
    """Numbers at one distance, without end."""

    def __init__(self, start: Any, step: Any, dtype: dtypes.DType):
        self._element_spec = TensorSpec([], dtype)
        self._parameters = (structure.as_leaf(start, dtype), structure.as_leaf(step, dtype))

    def _cursor(self, scope: Scope) -> Cursor:
        start, step = (scope.array(v).item() for v in self._parameters)
        return CounterCursor(start, step, self._form.flat[0].dtype.np_dtype)

    def _count(self) -> int:
        return INFINITE


def counter(start: Any = 0, step: Any = 1, dtype: Any = dtypes.int64) -> Dataset:
    """`Dataset.counter`."""
    return CounterDataset(start, step, dtypes.as_dtype(dtype))
