"""Datasets that work on one element after the other: map, filter, scan, take_while, unique, ignore_errors."""

from __future__ import annotations

import os
import warnings
from collections import deque
from collections.abc import Callable
from typing import Any

import numpy as np

from thalweg.data import structure
from thalweg.data.cursors import Cursor, OneInput, Scope
from thalweg.data.dataset import Dataset, parameter
from thalweg.data.functions import ElementFunction, in_user_function, scalar_bool
from thalweg.data.structure import Components
from thalweg.engine.core import dtypes, errors
from thalweg.engine.execution.tensor_spec import TensorSpec


class MapCursor(OneInput):
    fields = ("done",)

    def __init__(self, input_cursor: Cursor, function: Callable[[Components], Components]):
        super().__init__(input_cursor)
        self.function, self.done = function, 0

    def __next__(self) -> Components:
        components = next(self.input)
        try:
            y = self.function(components)
        except Exception as error:
            number, self.done = self.done, self.done + 1
            raise in_user_function(error, "Dataset.map", number, self.input.place()) from error
        self.done += 1
        return y


class ParallelMapCursor(OneInput):
    """Runs the function in threads, some elements ahead; gives the results in order.

    What is saved are the elements that have been asked for and not been given.
    """

    fields = ("done",)

    def __init__(self, input_cursor: Cursor, function: Callable[[Components], Components], workers: int):
        super().__init__(input_cursor)
        self.function, self.done, self.workers = function, 0, workers
        self.waiting: deque[tuple[Components, Any]] = deque()
        self.pool: Any = None
        self.ended = False

    def __next__(self) -> Components:
        self._fill()
        if not self.waiting:
            self.close()
            raise StopIteration
        _, future = self.waiting.popleft()
        try:
            y = future.result()
        except Exception as error:
            number, self.done = self.done, self.done + 1
            raise in_user_function(error, "Dataset.map", number, "") from error
        self.done += 1
        return y

    def _fill(self) -> None:
        while not self.ended and len(self.waiting) < 2 * self.workers:
            try:
                components = next(self.input)
            except StopIteration:
                self.ended = True
                return
            self._submit(components)

    def _submit(self, components: Components) -> None:
        if self.pool is None:
            from concurrent.futures import ThreadPoolExecutor

            self.pool = ThreadPoolExecutor(self.workers, "dataset-map")
        self.waiting.append((components, self.pool.submit(self.function, components)))

    def save(self) -> dict[str, Any]:
        return super().save() | {"waiting": [components for components, _ in self.waiting]}

    def restore(self, state: dict[str, Any]) -> None:
        super().restore(state)
        self.waiting.clear()
        self.ended = False
        for components in state["waiting"]:
            self._submit(tuple(components))

    def place(self) -> str:
        return ""

    def close(self) -> None:
        if self.pool is not None:
            self.pool.shutdown(wait=False, cancel_futures=True)
            self.pool = None
        super().close()

    def __del__(self) -> None:
        if self.pool is not None:
            self.pool.shutdown(wait=False, cancel_futures=True)


class MapDataset(Dataset):
    """A function of each element."""

    def __init__(self, dataset: Dataset, map_func: Callable[..., Any], workers: int = 1):
        self._inputs = (dataset,)
        self._function = ElementFunction(map_func, dataset.element_spec, "Dataset.map()")
        if not self._function.form.flat:
            raise errors.invalid(
                "The function passed to Dataset.map() returns nothing. Return the parts of an element, at least one tensor."
            )
        self._functions = (self._function,)
        self._element_spec = self._function.spec
        self._workers = workers

    def _cursor(self, scope: Scope) -> Cursor:
        above = self._inputs[0]._cursor(scope)
        function = self._function.bind(scope)
        if self._workers > 1 and self._waits():
            return ParallelMapCursor(above, function, self._workers)
        return MapCursor(above, function)

    def _waits(self) -> bool:
        """Whether threads help: the function reads files or calls Python, and keeps no state of its own."""
        ops = self._function.ops
        return any(op.record.host for op in ops) and not any(
            op.record.own_state is not None or op.record.has_subgraphs for op in ops
        )

    def _count(self) -> int:
        return self._inputs[0]._count()


def make_map(dataset: Dataset, map_func: Callable[..., Any], num_parallel_calls: Any) -> Dataset:
    """`Dataset.map`."""
    workers = 1
    if num_parallel_calls is not None:
        asked = parameter(num_parallel_calls, "num_parallel_calls")
        cores = os.cpu_count() or 1
        workers = cores if not isinstance(asked, int) or asked == -1 else max(1, min(asked, 64))
    return MapDataset(dataset, map_func, workers)


def enumerated(dataset: Dataset, start: Any) -> Dataset:
    """`Dataset.enumerate`."""
    from thalweg.data.combining import ZipDataset
    from thalweg.data.sources import RangeDataset

    highest = np.iinfo(np.int64).max
    return ZipDataset((RangeDataset(start, highest, 1, dtypes.int64), dataset))


# -- filters ---------------------------------------------------------------------------------------------------


class FilterCursor(OneInput):
    fields = ("done",)

    def __init__(self, input_cursor: Cursor, predicate: Callable[[Components], Components]):
        super().__init__(input_cursor)
        self.predicate, self.done = predicate, 0

    def __next__(self) -> Components:
        for components in self.input:
            self.done += 1
            try:
                keep = self.predicate(components)[0]
            except Exception as error:
                raise in_user_function(error, "Dataset.filter", self.done - 1, self.input.place()) from error
            if keep:
                return components
        raise StopIteration


class FilterDataset(Dataset):
    """The elements of which a predicate is true."""

    def __init__(self, dataset: Dataset, predicate: Callable[..., Any]):
        self._inputs = (dataset,)
        self._predicate = scalar_bool(predicate, dataset.element_spec, "Dataset.filter()")
        self._functions = (self._predicate,)
        self._element_spec = dataset.element_spec

    def _cursor(self, scope: Scope) -> Cursor:
        return FilterCursor(self._inputs[0]._cursor(scope), self._predicate.bind(scope))


class TakeWhileCursor(OneInput):
    fields = ("ended",)

    def __init__(self, input_cursor: Cursor, predicate: Callable[[Components], Components]):
        super().__init__(input_cursor)
        self.predicate, self.ended = predicate, False

    def __next__(self) -> Components:
        if self.ended:
            raise StopIteration
        components = next(self.input)
        if self.predicate(components)[0]:
            return components
        self.ended = True
        raise StopIteration


class TakeWhileDataset(Dataset):
    """The elements before the first of which a predicate is false."""

    def __init__(self, dataset: Dataset, predicate: Callable[..., Any]):
        self._inputs = (dataset,)
        self._predicate = scalar_bool(predicate, dataset.element_spec, "Dataset.take_while()")
        self._functions = (self._predicate,)
        self._element_spec = dataset.element_spec

    def _cursor(self, scope: Scope) -> Cursor:
        return TakeWhileCursor(self._inputs[0]._cursor(scope), self._predicate.bind(scope))


class UniqueCursor(OneInput):
    fields = ("seen",)

    def __init__(self, input_cursor: Cursor):
        super().__init__(input_cursor)
        self.seen: dict[Any, None] = {}

    def __next__(self) -> Components:
        for components in self.input:
            a = components[0]
            key = (a.shape, tuple(a.ravel().tolist()) if a.dtype == object else a.tobytes())
            if key not in self.seen:
                self.seen[key] = None
                return components
        raise StopIteration

    def save(self) -> dict[str, Any]:
        return super().save() | {"seen": list(self.seen)}

    def restore(self, state: dict[str, Any]) -> None:
        super().restore(state)
        self.seen = {(tuple(shape), tuple(key) if isinstance(key, (list, tuple)) else key): None for shape, key in state["seen"]}


class UniqueDataset(Dataset):
    """Each element once."""

    def __init__(self, dataset: Dataset):
        self._inputs = (dataset,)
        self._element_spec = dataset.element_spec
        flat = dataset._form.flat
        if len(flat) != 1 or flat[0].dtype not in (dtypes.int32, dtypes.int64, dtypes.string):
            raise TypeError(
                f"{dtypes.as_dtype(flat[0].dtype).name if len(flat) == 1 else dataset.element_spec} is not supported by "
                "`unique`: elements "
                "must be single tensors of tf.int32, tf.int64 or tf.string."
            )

    def _cursor(self, scope: Scope) -> Cursor:
        return UniqueCursor(self._inputs[0]._cursor(scope))


class IgnoreErrorsCursor(OneInput):
    def __init__(self, input_cursor: Cursor, warn: bool):
        super().__init__(input_cursor)
        self.warn = warn

    def __next__(self) -> Components:
        while True:
            try:
                return next(self.input)
            except (errors.OpError, ArithmeticError, ValueError) as error:
                if self.warn:
                    warnings.warn(f"An element was left out: {error}", stacklevel=2)


class IgnoreErrorsDataset(Dataset):
    """The elements that can be made."""

    def __init__(self, dataset: Dataset, log_warning: bool):
        self._inputs, self._warn = (dataset,), log_warning
        self._element_spec = dataset.element_spec

    def _cursor(self, scope: Scope) -> Cursor:
        return IgnoreErrorsCursor(self._inputs[0]._cursor(scope), self._warn)


# -- carrying a state ------------------------------------------------------------------------------------------


class CarryFunction:
    """A function `(state, element) -> ...` whose state keeps its types: traced again, wider, where shapes change.

    state_spec: the type of the first state. split: takes what the function returned apart into the state and the rest (None where
    there is no rest).
    """

    def __init__(
        self,
        state_spec: Any,
        function: Callable[..., Any],
        element_spec: Any,
        what: str,
        split: Callable[[Any], tuple[Any, Any]],
    ):
        for _ in range(8):
            self.function = ElementFunction(_with_tensors(function, split), (state_spec, element_spec), what)
            found, self.rest_spec = self.function.spec
            wider = self._widened(state_spec, found, what)
            if wider == state_spec:
                break
            state_spec = wider
        self.form = structure.Form(state_spec)
        self.count = len(self.form.flat)

    @staticmethod
    def _widened(state_spec: Any, found: Any, what: str) -> Any:
        try:
            pairs = list(zip(structure.flatten(state_spec), structure.flatten_up_to(state_spec, found)))
        except (TypeError, ValueError) as error:
            raise TypeError(
                f"The function of {what} must give a new state of the form of the old one, {state_spec!r}, not {found!r}."
            ) from error
        for old, new in pairs:
            if isinstance(old, TensorSpec) and (not isinstance(new, TensorSpec) or new.dtype is not old.dtype):
                raise TypeError(
                    f"The element types for the new state must match the initial state. Expected {old!r}; got {new!r}: "
                    "the function of "
                    f"{what} must keep the state's dtype."
                )
        return structure.widest(state_spec, found)


def _with_tensors(function: Callable[..., Any], split: Callable[[Any], tuple[Any, Any]]) -> Callable[..., Any]:
    def carried(state: Any, element: Any) -> Any:
        state, rest = split(function(state, element))
        return structure.as_element(state), structure.as_element(rest)

    return carried


def first_state(value: Any) -> tuple[Any, list[Any]]:
    """A user's first state as its type and its tensors."""
    element = structure.as_element(value)
    spec = structure.spec_of(element)
    return spec, structure.Form(spec).tensors(element)


class ScanCursor(OneInput):
    fields = ("state",)

    def __init__(self, input_cursor: Cursor, function: Callable[[Components], Components], state: Components):
        super().__init__(input_cursor)
        self.function, self.state = function, state

    def __next__(self) -> Components:
        outputs = self.function((*self.state, *next(self.input)))
        n = len(self.state)
        self.state = outputs[:n]
        return outputs[n:]


class ScanDataset(Dataset):
    """A map that hands a state from element to element."""

    def __init__(self, dataset: Dataset, initial_state: Any, scan_func: Callable[..., Any]):
        self._inputs = (dataset,)
        spec, parts = first_state(initial_state)
        self._carry = CarryFunction(spec, scan_func, dataset.element_spec, "Dataset.scan()", _pair)
        self._functions, self._parameters = (self._carry.function,), tuple(parts)
        self._element_spec = self._carry.rest_spec

    def _cursor(self, scope: Scope) -> Cursor:
        state = tuple([scope.array(t) for t in self._parameters])
        return ScanCursor(self._inputs[0]._cursor(scope), self._carry.function.bind(scope), state)

    def _count(self) -> int:
        return self._inputs[0]._count()


def _pair(result: Any) -> tuple[Any, Any]:
    if not isinstance(result, (tuple, list)) or len(result) != 2:
        raise TypeError(f"The function of Dataset.scan() must return a pair, the new state and an element, not {result!r}.")
    return result[0], result[1]
