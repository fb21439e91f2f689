"""Datasets that are told how many elements they have."""

from __future__ import annotations

from typing import Any

from thalweg.data.cursors import Cursor, OneInput, Scope
from thalweg.data.dataset import INFINITE, UNKNOWN, Dataset, parameter, static
from thalweg.data.structure import Components
from thalweg.engine.core import errors


class CheckedCountCursor(OneInput):
    fields = ("done",)

    def __init__(self, input_cursor: Cursor, expected: int):
        super().__init__(input_cursor)
        self.expected, self.done = expected, 0

    def __next__(self) -> Components:
        for components in self.input:
            self.done += 1
            if self.done > self.expected >= 0:
                raise self._wrong("more than")
            return components
        if self.done < self.expected or self.expected == INFINITE:
            raise self._wrong("contained only")
        raise StopIteration

    def _wrong(self, what: str) -> Exception:
        wanted = "an infinite number of" if self.expected == INFINITE else self.expected
        found = f"contained at least {self.done}" if what == "more than" else f"contained only {self.done}"
        return errors.FailedPreconditionError(
            None, None, f"Input dataset was expected to contain {wanted} elements but {found} elements."
        )


class AssertCardinalityDataset(Dataset):
    """The same elements, counted."""

    def __init__(self, dataset: Dataset, expected: Any):
        self._inputs, self._parameters = (dataset,), (parameter(expected, "expected_cardinality"),)
        self._element_spec = dataset.element_spec

    def _cursor(self, scope: Scope) -> Cursor:
        return CheckedCountCursor(self._inputs[0]._cursor(scope), scope.number(self._parameters[0]))

    def _count(self) -> int:
        known = static(self._parameters[0])
        return UNKNOWN if known is None else known
