"""Datasets inside graphs: going through one in a `tf.function`, reducing it, its only element.

The ops here run on the host: an iterator is a Python object in a scalar tensor. Source: dataset_autograph.py
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import thalweg as tf
from thalweg.data.cursors import Cursor, Scope
from thalweg.data.dataset import Dataset
from thalweg.data.mapping import CarryFunction, first_state
from thalweg.data.structure import Components, Form
from thalweg.data.variants import bound_of, boxed, symbolic_among, to_variant
from thalweg.engine.core import dtypes, errors
from thalweg.engine.core.cell import Cell
from thalweg.engine.core.context import local
from thalweg.engine.core.graph import CONSTANT
from thalweg.engine.core.shape import SCALAR
from thalweg.engine.core.tensor import SymbolicTensor
from thalweg.engine.execution.python_calls import HostOp
from thalweg.engine.execution.tensor_spec import TensorSpec


class IteratorState:
    """A dataset being gone through: its cursor, and an element looked at but not yet taken."""

    def __init__(self, dataset: Dataset, scope: Scope):
        self._dataset, self.scope = dataset, scope
        self._cursor: Cursor | None = None
        self._next: list[Components] = []

    @property
    def cursor(self) -> Cursor:
        if self._cursor is None:
            self._cursor = self._dataset._cursor(self.scope)
        return self._cursor

    def peek(self) -> Components | None:
        """The next element, which stays."""
        if not self._next:
            for components in self.cursor:
                self._next.append(components)
                break
        return self._next[0] if self._next else None

    def take(self) -> Components:
        """The next element. Raises OutOfRangeError."""
        components = self.peek()
        if components is None:
            raise errors.OutOfRangeError(None, None, "End of sequence")
        self._next.clear()
        return components

    def __next__(self) -> Components:
        return self._next.pop() if self._next else next(self.cursor)

    def save(self) -> dict[str, Any]:
        """Where it stands, with the states of random ops in the order in which they were first used."""
        return {"cursor": self.cursor.save(), "random": [c.value for c in self._random_cells()], "next": list(self._next)}

    def restore(self, state: dict[str, Any]) -> None:
        self.cursor.restore(state["cursor"])
        self._next = list(state["next"])
        for cell, value in zip(self._random_cells(), state["random"]):  # last: going on may have drawn numbers
            cell.value = value

    def _random_cells(self) -> list[Cell]:
        return [c for c in self.scope.states.values() if isinstance(c, Cell)]


# -- ops ---------------------------------------------------------------------------------------------------------


_HANDLE = TensorSpec([], dtypes.variant)


def _make(xp: Any, *values: Any, dataset: Dataset, keys: tuple[int, ...]) -> Any:
    return (boxed(IteratorState(dataset, Scope(dict(zip(keys, values))))),)


def _take(xp: Any, handle: Any, *, form: Form) -> Any:
    return handle.item().take()


def _has_next(xp: Any, handle: Any) -> Any:
    return (np.array(handle.item().peek() is not None),)


def _take_or_zeros(xp: Any, handle: Any, *, form: Form) -> Any:
    state = handle.item()
    return (np.array(True), *state.take()) if state.peek() is not None else (np.array(False), *zeros_of(form))


def zeros_of(form: Form) -> list[np.ndarray]:
    """What stands where there is no element: zeros of the form's dtypes, with nothing in dimensions that are not known."""
    return [np.zeros([d or 0 for d in s.shape.as_list()] if s.shape.rank else [], s.dtype.np_dtype) for s in form.flat]


make_op = HostOp(_make, "AnonymousIterator", lambda attrs: [_HANDLE])
take_op = HostOp(_take, "IteratorGetNext", lambda attrs: attrs["form"].flat)
has_next_op = HostOp(_has_next, "IteratorHasNext", lambda attrs: [TensorSpec([], dtypes.bool)])
optional_op = HostOp(
    _take_or_zeros, "IteratorGetNextAsOptional", lambda attrs: [TensorSpec([], dtypes.bool), *_loose(attrs["form"])]
)


def _loose(form: Form) -> list[TensorSpec]:
    return [
        TensorSpec(None if s.shape.rank is None else [None] * s.shape.rank if not s.shape.is_fully_defined() else s.shape, s.dtype)
        for s in form.flat
    ]


def start_in_graph(dataset: Dataset) -> SymbolicTensor:
    """An iterator that the graph makes when it runs."""
    tensors = dataset._symbolic()
    return make_op(*tensors, dataset=dataset, keys=tuple(map(id, tensors)), name="iterator")[0]


def _handle(state: Any) -> SymbolicTensor:
    """The handle of an iterator: a tensor of this graph already, or an iterator that lives outside."""
    if isinstance(state, SymbolicTensor):
        return state
    graph = local.graph
    return graph.create_op(
        CONSTANT, [], {"value": boxed(state), "dtype": dtypes.variant}, "iterator", [dtypes.variant], [SCALAR]
    ).outputs[0]


def next_in_graph(state: Any, form: Form) -> Any:
    """The next element of an iterator, as an op."""
    return form.element(take_op(_handle(state), form=form, name="IteratorGetNext"))


def next_as_optional_in_graph(state: Any, form: Form) -> Any:
    from thalweg.data.optional import SymbolicOptional

    has_value, *components = optional_op(_handle(state), form=form, name="IteratorGetNextAsOptional")
    return SymbolicOptional(has_value, components, form)


# -- for, in a function --------------------------------------------------------------------------------------------


def for_in_function(source: Any, extra_test: Any, body: Any, get_state: Any, set_state: Any, names: Any, opts: Any) -> None:
    """AutoGraph's `for` over a dataset or an iterator: a while loop in the graph."""
    from thalweg.engine.execution import autograph

    if local.graph is None:
        autograph.python_control_flow._py_for_stmt(source, extra_test, body, get_state, set_state, names, opts)
        return
    if isinstance(source, Dataset):
        handle, form = start_in_graph(source), source._form
    else:
        handle, form = _handle(source._state), source._dataset._form
    state = autograph._State(get_state, set_state, names, lambda: body(next_in_graph(handle, form)))

    def goes_on(*values: Any) -> Any:
        state.put(values)
        inside = has_next_op(handle, name="has_next")[0]
        if extra_test is None:
            return inside
        return tf.cond(
            autograph._scalar_bool(extra_test()), lambda: has_next_op(handle, name="has_next")[0], lambda: tf.constant(False)
        )

    def trip(*values: Any) -> Any:
        state.put(values)
        body(next_in_graph(handle, form))
        return state.take()

    autograph._run_loop(goes_on, trip, state, opts)


# -- one result ----------------------------------------------------------------------------------------------------


def _run_reduction(function: Callable[[Components], Components], cursor: Cursor, state: Components) -> Components:
    for components in cursor:
        state = function((*state, *components))
    return state


def _reduce(xp: Any, *values: Any, carry: CarryFunction, keys: tuple[int, ...]) -> Any:
    dataset, *rest = values
    state, known = rest[: carry.count], rest[carry.count :]
    scope = Scope(dict(zip(keys, known)))
    return _run_reduction(carry.function.bind(scope), bound_of(dataset).cursor(Scope()), tuple(state))


def _single(xp: Any, dataset: Any, *, form: Form) -> Any:
    bound = bound_of(dataset)
    return bound.dataset._only(bound.cursor(Scope()))


reduce_op = HostOp(_reduce, "ReduceDataset", lambda attrs: attrs["carry"].form.flat)
single_op = HostOp(_single, "DatasetToSingleElement", lambda attrs: attrs["form"].flat)


def reduce(dataset: Dataset, initial_state: Any, reduce_func: Callable[..., Any]) -> Any:
    """`Dataset.reduce`."""
    spec, parts = first_state(initial_state)
    carry = CarryFunction(spec, reduce_func, dataset.element_spec, "Dataset.reduce()", lambda result: (_untupled(result), None))
    outside = [*dataset._symbolic(), *symbolic_among(parts), *carry.function.symbolic]
    if local.graph is None and not outside:
        scope = Scope()
        state = tuple([scope.array(t) for t in parts])
        return carry.form.eager(_run_reduction(carry.function.bind(scope), dataset._cursor(scope), state))
    known = carry.function.symbolic
    outputs = reduce_op(to_variant(dataset), *parts, *known, carry=carry, keys=tuple(map(id, known)), name="ReduceDataset")
    return carry.form.element(outputs)


def _untupled(result: Any) -> Any:
    return tuple(result) if isinstance(result, list) else result


def single_element(dataset: Dataset) -> Any:
    """`Dataset.get_single_element` in a graph."""
    return dataset._form.element(single_op(to_variant(dataset), form=dataset._form, name="DatasetToSingleElement"))
