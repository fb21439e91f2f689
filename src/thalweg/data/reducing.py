"""One result for each key of a dataset: `tf.data.experimental.Reducer` and `group_by_reducer`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from thalweg.data.cursors import Cursor, OneInput, Scope
from thalweg.data.dataset import Dataset
from thalweg.data.functions import ElementFunction
from thalweg.data.grouping import int64_scalar
from thalweg.data.mapping import CarryFunction
from thalweg.data.structure import Components
from thalweg.engine.core import dtypes
from thalweg.engine.execution.tensor_spec import TensorSpec


class Reducer:
    """How the elements of one key become one: `init_func(key)` is a state, `reduce_func(state, element)` the next one,
    `finalize_func(state)` the result."""

    def __init__(self, init_func: Callable[..., Any], reduce_func: Callable[..., Any], finalize_func: Callable[..., Any]):
        self._init_func, self._reduce_func, self._finalize_func = init_func, reduce_func, finalize_func

    @property
    def init_func(self) -> Callable[..., Any]:
        return self._init_func

    @property
    def reduce_func(self) -> Callable[..., Any]:
        return self._reduce_func

    @property
    def finalize_func(self) -> Callable[..., Any]:
        return self._finalize_func


class ReducingCursor(OneInput):
    """Reads all there is, then gives a result for each key, the smallest first."""

    fields = ("states", "read")

    def __init__(self, input_cursor: Cursor, key: Any, start: Any, reduce: Any, finish: Any):
        super().__init__(input_cursor)
        self.key, self.start, self.reduce, self.finish = key, start, reduce, finish
        self.states: dict[int, Components] = {}
        self.read = False

    def __next__(self) -> Components:
        if not self.read:
            self._read()
        if not self.states:
            raise StopIteration
        return self.finish(self.states.pop(min(self.states)))

    def _read(self) -> None:
        for components in self.input:
            key = int(self.key(components)[0])
            state = self.states.get(key)
            if state is None:
                state = self.start((np.array(key, np.int64),))
            self.states[key] = self.reduce((*state, *components))[: len(state)]
        self.read = True


class ReducedDataset(Dataset):
    """One element for each key."""

    def __init__(self, dataset: Dataset, key_func: Callable[..., Any], reducer: Reducer):
        what, spec = "tf.data.experimental.group_by_reducer()", dataset.element_spec
        self._inputs = (dataset,)
        key = int64_scalar(key_func, spec, what, "key_func")
        start = ElementFunction(reducer.init_func, TensorSpec([], dtypes.int64), what)
        carry = CarryFunction(start.spec, reducer.reduce_func, spec, what, lambda result: (result, None))
        finish = ElementFunction(reducer.finalize_func, carry.form.spec, what)
        self._functions = (key, start, carry.function, finish)
        self._element_spec = finish.spec

    def _cursor(self, scope: Scope) -> Cursor:
        return ReducingCursor(self._inputs[0]._cursor(scope), *[f.bind(scope) for f in self._functions])


def group_by_reducer(key_func: Callable[..., Any], reducer: Reducer) -> Callable[[Dataset], Dataset]:
    """For `Dataset.apply`: the result of `reducer` for the elements of each key, an int64 that `key_func` gives."""
    return lambda dataset: ReducedDataset(dataset, key_func, reducer)
