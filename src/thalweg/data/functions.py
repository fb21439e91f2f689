"""Users' functions over elements: traced once into a graph, run on NumPy for each element.

A function may return datasets, which become values of its graph; it may use tensors from outside, of any enclosing
function. Its random ops keep their states in the run's `Scope`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from thalweg.data import structure
from thalweg.data.cursors import Scope
from thalweg.data.structure import Components, Form
from thalweg.data.variants import symbolic_among
from thalweg.engine.core import context, convert, errors
from thalweg.engine.core.context import local, run_quietly
from thalweg.engine.core.graph import CELL, CONSTANT
from thalweg.engine.core.tensor import EagerTensor, SymbolicTensor
from thalweg.engine.execution.func_graph import FuncGraph
from thalweg.engine.execution.function import Function
from thalweg.engine.execution.plan import Plan, run_steps

_debug_mode = False


def enable_debug_mode() -> None:
    """Run functions given to datasets as Python for each element from now on, so that they can be stepped through."""
    global _debug_mode
    if local.graph is not None:
        raise ValueError("`enable_debug_mode() must be called while executing eagerly, outside of tf.function.")
    _debug_mode = True


class ElementFunction:
    """A Python function of an element's parts, traced for elements of `spec`.

    A tuple's parts are passed one by one, anything else as one argument. `form` is the form of what it returns. `what`
    names it in errors.
    """

    def __init__(self, function: Callable[..., Any], spec: Any, what: str, unpack: bool = True):
        if not callable(function):
            raise ValueError(f"Argument `func` must be a callable. Received func={function!r} (of type {type(function)})")
        self._function, self._what = function, what
        self._unpack = unpack and type(spec) is tuple
        self.input_form = Form(spec)
        self._debug = _debug_mode and self.input_form.is_plain
        graph = FuncGraph(what.replace("Dataset.", "").replace("()", ""), local.graph)
        with graph.as_default(), context.no_tapes():
            self.arguments = [graph.argument(s.dtype, s.shape, f"args_{i}") for i, s in enumerate(self.input_form.flat)]
            element = self._call(_autographed(function), self.input_form.element(self.arguments))
            self.form = Form(structure.spec_of(element))
            self.outputs = [_in(graph, t) for t in self.form.tensors(element)]
        self.graph = graph
        self._effects = [op for op in graph._ops if op.record.stateful and op.record not in (CONSTANT, CELL)]
        own = [op for op in graph._ops if op.record.own_state is not None or op.record.has_subgraphs]
        self._plan = None if own else self._new_plan(None)
        self.symbolic = symbolic_among(graph.captured_values())

    def _call(self, function: Callable[..., Any], element: Any) -> Any:
        result = function(*element) if self._unpack else function(element)
        if isinstance(result, list):  # several values: one tensor is made by tf.stack only
            result = tuple(result)
        try:
            return structure.as_element(result)
        except (ValueError, TypeError) as error:
            raise TypeError(f"Unsupported return value from function passed to {self._what}: {result!r} ({error})") from error

    def _new_plan(self, scope: Scope | None) -> Plan:
        cell_of: Any = None if scope is None else scope.cell_of
        return Plan(self.graph, [*self.outputs, *self._effects], self.graph.inputs, cell_of)

    @property
    def spec(self) -> Any:
        return self.form.spec

    @property
    def ops(self) -> list[Any]:
        return self.graph._ops

    def is_stateful(self) -> bool:
        """Whether it has effects, reads variables, or gives other values for the same element."""
        return bool(self._effects) or any(op.record is CELL for op in self.ops)

    def bind(self, scope: Scope) -> Callable[[Components], Components]:
        """The function on components, for one run through the dataset."""
        if self._debug:
            return self._in_python
        plan = self._plan if self._plan is not None else self._new_plan(scope)
        template = plan.template.copy()
        count = len(self.arguments)
        for slot, outside in zip(plan.feed_slots[count:], self.graph.captured_values()):
            template[slot] = scope.array(outside)
        arguments = plan.feed_slots[:count]
        fetches = plan.fetch_slots[: len(self.outputs)]
        steps = plan.steps

        def run(components: Components) -> Components:
            values = template.copy()
            for slot, a in zip(arguments, components):
                values[slot] = a
            run_quietly(run_steps, steps, values)
            return tuple([values[s] for s in fetches])  # type: ignore[index]

        return run

    def _in_python(self, components: Components) -> Components:
        result = self._call(self._function, self.input_form.eager(components))
        return tuple([np.asarray(t._array) for t in self.form.tensors(result)])


def _autographed(function: Callable[..., Any]) -> Callable[..., Any]:
    if isinstance(function, Function) or (getattr(function, "__module__", None) or "").startswith("thalweg."):
        return function
    from thalweg.engine.execution.autograph import transform

    return transform(function)


def _in(graph: FuncGraph, tensor: Any) -> SymbolicTensor:
    if isinstance(tensor, EagerTensor):
        return graph.constant(np.asarray(tensor._array))
    return convert.convert_to_tensor(tensor)


def scalar_bool(function: Callable[..., Any], spec: Any, what: str) -> ElementFunction:
    """A predicate. Raises ValueError when it returns something else than one truth value."""
    predicate = ElementFunction(function, spec, what)
    flat = predicate.form.flat
    if structure.is_nested(predicate.spec) or len(flat) != 1 or flat[0].dtype.name != "bool" or flat[0].shape.rank not in (0, None):
        raise ValueError(
            f"Invalid `predicate`. `predicate` must return a `tf.bool` scalar tensor, but its return type is {predicate.spec!r}."
        )
    return predicate


def in_user_function(error: Exception, what: str, number: int, place: str) -> Exception:
    """An error of a user's function, saying at which element."""
    where = f"in element {number} (counted from 0) of {what}" + (f", from {place}" if place else "")
    if isinstance(error, errors.OpError):
        new = type(error)(error.node_def, error.op, f"{error.message}\n\t {where}")
        new._located = True  # type: ignore[attr-defined]
        return new
    error.add_note(where)
    return error
