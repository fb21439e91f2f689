"""Graphs inside an op: the branches of `cond`, the body of a loop.

Everything a subgraph uses from outside is an input of its op: tensors as arrays, variables as cells.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from thalweg.engine.autodiff.symbolic import gradients_of
from thalweg.engine.core import context, convert, nest
from thalweg.engine.core.cell import Cell
from thalweg.engine.core.context import local
from thalweg.engine.core.graph import CELL, CONSTANT, Graph, Operation
from thalweg.engine.core.registry import Op
from thalweg.engine.core.shape import UNKNOWN
from thalweg.engine.core.tensor import SymbolicTensor
from thalweg.engine.execution.func_graph import FuncGraph
from thalweg.engine.execution.plan import Plan, reckon_inside, run_steps
from thalweg.engine.ops.state import placeholder_record


class SubgraphBuilder(FuncGraph):
    """A graph being built for an op of `outer`; variables, too, come in as inputs."""

    def capture_cell(self, cell: Cell) -> SymbolicTensor:
        return self.capture(self.outer.capture_cell(cell))  # type: ignore[union-attr]


class Subgraph:
    """Inputs and outputs chosen in a graph: what runs is the part between them, with the side effects listed.

    An output may be None: nothing there, as in a branch without a value that the other one has.
    """

    def __init__(self, graph: Graph, inputs: list[Any], outputs: list[Any], effects: list[Operation]):
        self.graph, self.inputs, self.outputs, self.effects = graph, inputs, outputs, effects

    def bind(self, cell_of: Callable[[Operation], Cell], op: Operation) -> Bound:
        return Bound(self, cell_of, op)


class _Read:
    """Stands where a tape stands: keeps the variables that are read while a subgraph is built, and records nothing."""

    def __init__(self) -> None:
        self.variables: dict[int, Any] = {}

    def note_variable(self, variable: Any) -> None:
        self.variables[id(variable)] = variable

    def record(self, op: Any, inputs: Any, attrs: dict[str, Any], outputs: Any) -> None:
        pass

    def widen(self, outputs: Any) -> None:
        pass

    def wants(self, inputs: Any, cells: Any) -> bool:
        return False


def build(outer: Graph, name: str, function: Callable[..., Any], arguments: list[SymbolicTensor]) -> tuple[Subgraph, Any]:
    """Trace `function` on stand-ins for `arguments`; gives the subgraph and what the function returned.

    The subgraph's inputs are the arguments, then the captures (`subgraph.graph.captured_values()`).
    """
    graph = SubgraphBuilder(name, outer)
    tapes, read = local.tapes, _Read()
    with graph.as_default(), context.no_tapes():
        local.tapes = [read]
        stand_ins = [graph.argument(t.dtype.base_dtype, t.shape, t.op.name.split("/")[-1]) for t in arguments]
        result = function(*stand_ins)
    for variable in read.variables.values():  # what is read inside is read by the op
        for tape in tapes:
            tape.note_variable(variable)
    effects = [op for op in graph._ops if op.record.stateful and op.record not in (CONSTANT, CELL)]
    return Subgraph(graph, graph.inputs, [], effects), result


class Bound:
    """A subgraph with a plan: ready to be interpreted, or traced for XLA."""

    def __init__(self, subgraph: Subgraph, cell_of: Callable[[Operation], Cell], op: Operation):
        self.outputs = list(subgraph.outputs)
        present = [t for t in self.outputs if t is not None]
        self.plan = Plan(subgraph.graph, [*present, *subgraph.effects], subgraph.inputs, cell_of)
        self.present = [t is not None for t in self.outputs]
        self._count = len(present)
        self._nothing = [np.zeros((), t.dtype.np_dtype) for t in op.outputs]
        self.written_inputs = self._written_inputs()

    def _written_inputs(self) -> set[int]:
        """Which inputs are cells that the subgraph writes."""
        position = {slot: i for i, slot in enumerate(self.plan.feed_slots)}
        written = set()
        for step in self.plan.steps:
            for i, slot in enumerate(step.ins):
                if slot in position and (
                    step.record.writes if not step.record.has_subgraphs else step.record.writes_input(i, step.kwargs)
                ):
                    written.add(position[slot])
        return written

    def state_cells(self) -> list[Cell]:
        """Cells of the subgraph's own: the states of random ops, at any depth."""
        cells = []
        for step in self.plan.steps:
            if isinstance(step.kwargs.get("state"), Cell):
                cells.append(step.kwargs["state"])
            if step.record.has_subgraphs:
                cells += [c for c, _ in step.record.cells_of(step.kwargs)]
        return cells

    def interpret(self, inputs: Any) -> list[Any]:
        """The outputs, on NumPy; a placeholder value where there is none."""
        plan = self.plan
        reckon_inside(plan.steps, inputs)
        slots = plan.template.copy()
        for slot, a in zip(plan.feed_slots, inputs):
            slots[slot] = a
        run_steps(plan.steps, slots)
        values = iter([slots[s] for s in plan.fetch_slots[: self._count]])  # type: ignore[index]
        return [next(values) if there else self._nothing[i] for i, there in enumerate(self.present)]

    def trace(self, inputs: Any, shadows: dict[int, Cell], fill: bool = True) -> list[Any]:
        """The outputs under XLA's trace; where there is none a placeholder value, or None without `fill`."""
        from thalweg.engine.execution.compiler import trace_steps

        values = self.plan.template.copy()
        for slot, a in zip(self.plan.feed_slots, inputs):
            values[slot] = a
        trace_steps(self.plan.steps, values, shadows)
        found = iter([values[s] for s in self.plan.fetch_slots[: self._count]])  # type: ignore[index]
        return [next(found) if there else self._nothing[i] if fill else None for i, there in enumerate(self.present)]


class SubgraphOp(Op):
    """An op with subgraphs among its attributes.

    `kernel` runs it on NumPy, `trace` under XLA's trace; both get the attributes with subgraphs bound.
    """

    def __init__(self, kernel: Callable[..., Any], name: str, trace: Callable[..., Any]):
        super().__init__(kernel, name, types=("any*",), shape=lambda *_, **__: UNKNOWN, out=lambda groups, attrs: ())
        self.many_outputs = True  # type: ignore[attr-defined]
        self.has_subgraphs = self.stateful = self.takes_missing_gradients = True
        self.trace = trace
        self.runs_user_code = True  # type: ignore[attr-defined]

    def bind(self, op: Operation, cell_of: Callable[[Operation], Cell]) -> dict[str, Any]:
        """The attributes for a plan: subgraphs bound to where state lives."""
        return {k: v.bind(cell_of, op) if isinstance(v, Subgraph) else v for k, v in op._attrs.items()}

    def inputs_of(self, key: str, attrs: dict[str, Any], inputs: Any) -> list[Any]:
        """Those of the op's inputs that a subgraph takes, in its order; `positions` says which."""
        return [inputs[i] for i in attrs["positions"][key]]

    def writes_input(self, i: int, attrs: dict[str, Any]) -> bool:
        return any(
            p in v.written_inputs
            for k, v in attrs.items() if isinstance(v, Bound)
            for p, j in enumerate(attrs["positions"][k]) if j == i
        )  # fmt: skip

    def cells_of(self, attrs: dict[str, Any]) -> list[tuple[Cell, bool]]:
        return [(c, True) for v in attrs.values() if isinstance(v, Bound) for c in v.state_cells()]


# -- differentiating a subgraph ------------------------------------------------------------------------------


class Differentiated:
    """The backward part of a subgraph, built into its own graph.

    `seeds` stand for the gradients arriving at the chosen outputs, `gradients` (None where there is none) go to the
    chosen inputs, `needs` are the forward tensors that the backward part uses and that are no inputs.
    """

    def __init__(self, subgraph: Subgraph, which: list[int], sources: list[int]):
        graph = subgraph.graph
        inputs = {id(t) for t in subgraph.inputs}
        before = len(graph._ops)
        forward = [subgraph.outputs[i] for i in which]
        with graph.as_default(), context.no_tapes(), graph.name_scope("gradients"):
            self.seeds = [placeholder_record(dtype=t.dtype, shape=t.shape, name="seed") for t in forward]
            found = gradients_of(graph, forward, [subgraph.inputs[i] for i in sources], list(self.seeds), inputs)
            self.gradients = [None if d is None else convert.convert_to_tensor(d) for d in found]
        self.before = before
        self.needs = needed_from_before(graph, before, self.gradients, inputs)


def needed_from_before(graph: Graph, before: int, results: list[Any], inputs: set[int]) -> list[SymbolicTensor]:
    """The tensors that ops made since there were `before` of them (and `results`) take from the ops before.

    Inputs and constants aside. An op with several outputs is needed with all of them, so that they can be told from what a
    later gradient must walk through.
    """
    made = {id(op) for op in graph._ops[before:]}
    needs: dict[int, SymbolicTensor] = {}
    for t in [t for op in graph._ops[before:] for t in op._inputs] + [d for d in results if d is not None]:
        if id(t.op) not in made and id(t) not in inputs and t.op.record not in (CONSTANT, CELL):
            needs.update((id(o), o) for o in t.op.outputs if id(o) not in inputs and o.dtype.is_numpy_compatible)
    return list(needs.values())


def float_like(t: SymbolicTensor) -> bool:
    return t.dtype.is_floating or t.dtype.is_complex


def differentiable_input(t: SymbolicTensor) -> bool:
    return float_like(t) or t.dtype._kind == "resource" or (t.dtype._is_ref_dtype and t.dtype.base_dtype.is_floating)


def _cell_behind(t: SymbolicTensor) -> Cell | None:
    """The cell that a captured handle stands for."""
    while t.dtype._kind == "resource" and "cell" not in t.op._attrs:
        t = next(outside for outside, inner in t.graph.captures if inner is t)  # type: ignore[attr-defined]
    return t.op._attrs.get("cell")


def value_dtype(t: SymbolicTensor) -> Any:
    """The dtype of a tensor, or of the variable that a handle stands for."""
    cell = _cell_behind(t) if t.dtype._kind == "resource" else None
    return t.dtype.base_dtype if cell is None else cell.dtype


def value_shape(t: SymbolicTensor) -> Any:
    cell = _cell_behind(t) if t.dtype._kind == "resource" else None
    return t.shape if cell is None else cell.shape


def add_outputs(node: Operation, tensors: list[SymbolicTensor], shapes: list[Any]) -> list[SymbolicTensor]:
    """More outputs for a node that exists: the intermediates that its gradient wants."""
    start = len(node.outputs)
    new = [SymbolicTensor(node, start + i, t.dtype, s) for i, (t, s) in enumerate(zip(tensors, shapes))]
    node.outputs.extend(new)
    node.graph.edges += 1
    for tape in local.tapes:
        tape.widen(tuple(node.outputs))
    return new


def record_on_tapes(node: Operation) -> None:
    """Tell the tapes of a node that was made directly."""
    for tape in local.tapes:
        tape.record(node.record, tuple(node._inputs), node._attrs, tuple(node.outputs))


def expand(structure: Any) -> tuple[list[Any], Callable[[list[Any]], Any]]:
    """The tensors in a nest (those inside TensorArrays too), and a function that puts others in their place."""
    leaves = nest.flatten(structure)
    parts = [x._loop_parts() if hasattr(x, "_loop_parts") else [x] for x in leaves]

    def rebuild(tensors: list[Any]) -> Any:
        rest, new = list(tensors), []
        for leaf, part in zip(leaves, parts):
            taken, rest = rest[: len(part)], rest[len(part) :]
            new.append(leaf._with_loop_parts(taken) if hasattr(leaf, "_loop_parts") else taken[0])
        return nest.pack_sequence_as(structure, new)

    return [t for part in parts for t in part], rebuild


def outer_inputs(outer: Graph, subgraph: Subgraph) -> list[SymbolicTensor]:
    """The outer graph's tensors for what a subgraph captured."""
    return [
        convert.convert_to_tensor(x) if not isinstance(x, SymbolicTensor) else outer.capture(x)
        for x in subgraph.graph.captured_values()  # type: ignore[attr-defined]
    ]


__all__ = ["Bound", "Differentiated", "Subgraph", "SubgraphOp", "build", "expand", "local"]
