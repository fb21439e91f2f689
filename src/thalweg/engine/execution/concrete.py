"""A traced function: its graph, its plan, and its gradient.

A call on a tape runs a plan that also gives the intermediate values which the backward pass wants; the backward pass is
another function over the same graph, so it can be differentiated again.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from thalweg.engine.autodiff.symbolic import gradients_of
from thalweg.engine.core import context, convert, dtypes, nest
from thalweg.engine.core.cell import Cell
from thalweg.engine.core.context import local
from thalweg.engine.core.graph import CELL, CONSTANT, Operation
from thalweg.engine.core.registry import Op, Sample
from thalweg.engine.core.shape import UNKNOWN, TensorShape
from thalweg.engine.core.tensor import EagerTensor, SymbolicTensor, Tensor
from thalweg.engine.core.tensor_spec import TensorSpec
from thalweg.engine.execution.func_graph import FuncGraph
from thalweg.engine.execution.plan import Plan
from thalweg.engine.execution.signatures import pretty
from thalweg.engine.execution.subgraph import needed_from_before
from thalweg.engine.ops.state import placeholder_record
from thalweg.engine.xp import to_numpy


def trace(python_function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], name: str = "f",
          input_signature: Any = None) -> ConcreteFunction:  # fmt: skip
    """Run a Python function on symbolic arguments and keep the graph it builds."""
    graph = FuncGraph(name, local.graph)
    with graph.as_default(), context.no_tapes():
        names = leaf_names(python_function, args, kwargs)
        placeholders, positions = _placeholders(graph, args, kwargs, names, input_signature)
        symbolic_args, symbolic_kwargs = placeholders
        result = python_function(*symbolic_args, **symbolic_kwargs)
        outputs = nest.map_structure(lambda y: _as_output(graph, y), result, expand_composites=True)
    graph.finished = True
    concrete = ConcreteFunction(graph, outputs, name, positions)
    concrete.python_function = python_function
    concrete.given = nest.map_structure(
        lambda x: TensorSpec(x.shape, x.dtype, x.op.name) if isinstance(x, SymbolicTensor) else x, placeholders
    )
    return concrete


def _placeholders(graph: FuncGraph, args: Any, kwargs: Any, names: list[str], signature: Any) -> tuple[Any, list[int]]:
    """Symbolic stand-ins for the tensors among the arguments, and which leaves they are."""
    leaves = nest.flatten((args, kwargs), expand_composites=True)
    specs = nest.flatten(signature, expand_composites=True) if signature is not None else []
    stand_ins, positions = [], []
    for i, x in enumerate(leaves):
        spec = specs[i] if i < len(specs) and isinstance(specs[i], TensorSpec) else x if isinstance(x, TensorSpec) else None
        if spec is not None:
            stand_ins.append(graph.argument(spec.dtype, spec.shape, spec.name or names[i]))
        elif isinstance(x, Tensor):
            stand_ins.append(graph.argument(x.dtype, x.shape, names[i]))
        elif isinstance(x, np.ndarray):
            stand_ins.append(graph.argument(dtypes.FROM_NUMPY[x.dtype], TensorShape(x.shape), names[i]))
        else:
            stand_ins.append(x)
            continue
        positions.append(i)
    return nest.pack_sequence_as((args, kwargs), stand_ins, expand_composites=True), positions


def leaf_names(python_function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> list[str]:
    """A name for each leaf: its parameter's, as TensorFlow names a function's placeholders."""
    names: list[str] = []
    for parameter, a in zip(_positional_names(python_function, len(args)), args):
        names += [parameter] * len(nest.flatten(a, expand_composites=True))
    for k in sorted(kwargs):
        names += [k] * len(nest.flatten(kwargs[k], expand_composites=True))
    return names


def _positional_names(python_function: Callable[..., Any], count: int) -> list[str]:
    try:
        parameters = inspect.signature(python_function).parameters.values()
    except (TypeError, ValueError):  # some built-ins have no signature
        return [f"args_{i}" for i in range(count)]
    names = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    rest = next((p.name for p in parameters if p.kind is p.VAR_POSITIONAL), "args")
    return names[:count] + [f"{rest}_{i}" for i in range(count - len(names))]


def _as_output(graph: FuncGraph, y: Any) -> Any:
    if y is None or isinstance(y, (Operation, str)):
        return None
    if isinstance(y, SymbolicTensor) and y.graph is graph:
        return y
    return convert.convert_to_tensor(y)


class ConcreteFunction:
    """One trace of a function: fixed kinds of arguments, a graph, a plan."""

    def __init__(self, graph: FuncGraph, structured_outputs: Any, name: str, positions: list[int]):
        self.graph, self.name, self.structured_outputs = graph, name, structured_outputs
        self._positions = positions
        #: What it was traced for: arguments, with specs in the place of tensors.
        self.given: Any = ((), {})
        self.python_function: Any = None
        self.outputs = _flat_tensors(structured_outputs)
        self._plain = not nest.is_nested(structured_outputs) and len(self.outputs) == 1
        self._single = isinstance(structured_outputs, SymbolicTensor)
        self.effects = [op for op in graph._ops if op.record.stateful and op.record not in (CONSTANT, CELL)]
        self.states: dict[int, Cell] = {}
        self._plan: Plan | None = None
        self._recorded: Recorded | None = None
        self._cells: list[Cell] | None = None

    # -- what it is -------------------------------------------------------------------------------------

    @property
    def inputs(self) -> list[SymbolicTensor]:
        return self.graph.inputs

    @property
    def plan(self) -> Plan:
        if self._plan is None:
            self._plan = Plan(self.graph, [*self.outputs, *self.effects], self.graph.inputs, self.cell_of)
        return self._plan

    def cell_of(self, op: Operation) -> Cell:
        """The state of a random op in this function: kept from call to call."""
        cell = self.states.get(id(op))
        if cell is None:
            cell = self.states[id(op)] = op.record.own_state(op._attrs)
        return cell

    @property
    def cells(self) -> list[Cell]:
        """The variables that the function uses."""
        if self._cells is None:
            self._cells = [op._attrs["cell"] for op in self.graph._ops if op.record is CELL]
        return self._cells

    @property
    def variables(self) -> tuple[Any, ...]:
        return tuple(c.owner() for c in self.cells if getattr(c, "owner", None) and c.owner() is not None)

    @property
    def trainable_variables(self) -> tuple[Any, ...]:
        return tuple(v for v in self.variables if v.trainable)

    @property
    def structured_input_signature(self) -> Any:
        return tuple(TensorSpec(t.shape, t.dtype, t.op.name) for t in self.graph.arguments), {}

    @property
    def captured_inputs(self) -> list[Any]:
        """What the function takes from outside, besides its arguments."""
        return list(self.graph.captured_values())

    @property
    def output_shapes(self) -> Any:
        return nest.map_structure(lambda y: getattr(y, "shape", None), self.structured_outputs)

    @property
    def output_dtypes(self) -> Any:
        return nest.map_structure(lambda y: getattr(y, "dtype", None), self.structured_outputs)

    def pretty_printed_signature(self, verbose: bool = True) -> str:
        """What it takes, gives and captures, in lines."""
        return pretty(self.python_function, self.given, self.structured_outputs, self.captured_inputs)

    # -- calling ----------------------------------------------------------------------------------------

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        leaves = nest.flatten((args, kwargs), expand_composites=True)
        tensors = [x for x in leaves if isinstance(x, (Tensor, np.ndarray)) or len(leaves) == len(self.graph.arguments)]
        if len(tensors) != len(self.graph.arguments):
            raise TypeError(f"{self.name}() takes {len(self.graph.arguments)} tensors, but {len(tensors)} were given.")
        return self._call([_as_argument(x, p) for x, p in zip(tensors, self.graph.arguments)])

    def call_leaves(self, leaves: list[Any]) -> Any:
        """Call with all leaves of the arguments' nest; those that are no tensors were baked in by the trace."""
        if len(leaves) == len(self._positions):
            chosen = leaves
        else:
            chosen = [leaves[i] for i in self._positions]
        return self._call([x if isinstance(x, Tensor) else convert.convert_to_tensor(x) for x in chosen])

    def _call(self, arguments: list[Any]) -> Any:
        captured = self.graph.captured_values()
        inputs = arguments + captured if captured else arguments
        if local.graph is not None or any(isinstance(x, SymbolicTensor) for x in inputs):
            return self._restructure(self._inline(inputs))
        if local.tapes and any(tape.wants(inputs, self.cells) for tape in local.tapes):
            if self._recorded is None:
                self._recorded = Recorded(self)
            flat = self._recorded.call(inputs)
        else:
            arrays = self.plan.run([x._array for x in inputs])
            flat = [EagerTensor(to_numpy(a)) for a in arrays[: len(self.outputs)]]
        return flat[0] if self._single else self._restructure(flat)

    def _restructure(self, flat: list[Any]) -> Any:
        values = iter(flat)

        return nest.map_structure(
            lambda y: None if y is None else next(values), self.structured_outputs, expand_composites=True
        )

    def _inline(self, inputs: list[Any]) -> list[Any]:
        """The function's ops again, in the graph being built around the call."""
        graph = local.graph if local.graph is not None else next(x.graph for x in inputs if isinstance(x, SymbolicTensor))
        for tape in local.tapes:
            for variable in self.trainable_variables:
                tape.note_variable(variable)
        with context.building(graph), graph.name_scope(self.name):
            mapping = {id(t): convert.convert_to_tensor(x) for t, x in zip(self.graph.inputs, inputs)}
            for op in self.graph._ops:
                self._replay(graph, op, mapping)
        return [mapping[id(t)] for t in self.outputs]

    def _replay(self, graph: Any, op: Operation, mapping: dict[int, Any]) -> None:
        if op.outputs and all(id(t) in mapping for t in op.outputs):
            return
        if op.record is CONSTANT:
            result: Any = graph.constant(op._attrs["value"], op.name)
        elif op.record is CELL:
            result = graph.capture_cell(op._attrs["cell"])
        elif op.record is placeholder_record:
            return
        else:
            controls = [mapping[id(c)] for c in op._control_inputs if id(c) in mapping]
            with graph.control_dependencies(controls):
                result = op.record(*[mapping[id(t)] for t in op._inputs], name=op.name, **op._attrs)
        made = result if isinstance(result, (tuple, list)) else (result,)
        for old, new in zip(op.outputs, made):
            mapping[id(old)] = new
        node = made[0].op if made and isinstance(made[0], SymbolicTensor) else result
        if isinstance(node, Operation):
            mapping[id(op)] = node

    def __repr__(self) -> str:
        return f"<ConcreteFunction {self.name}({', '.join(f'{t.op.name}: {t.dtype.name}{t.shape}' for t in self.graph.arguments)})>"


def _as_argument(x: Any, placeholder: SymbolicTensor) -> Any:
    tensor = x if isinstance(x, Tensor) else convert.convert_to_tensor(x, dtype=placeholder.dtype)
    if tensor.dtype.base_dtype is not placeholder.dtype:
        raise TypeError(f"The argument {placeholder.op.name!r} must be {placeholder.dtype.name}, not {tensor.dtype.name}.")
    return tensor


def _flat_tensors(structure: Any) -> list[SymbolicTensor]:
    return [y for y in nest.flatten(structure, expand_composites=True) if y is not None]


# -- gradients ---------------------------------------------------------------------------------------------


class Recorded:
    """A concrete function as a tape sees it: one op whose outputs include the intermediates of its backward pass."""

    def __init__(self, concrete: ConcreteFunction):
        self.concrete = concrete
        graph = concrete.graph
        self.inputs = list(graph.inputs)
        self._forward_ops = len(graph._ops)
        self._differentiable = tuple(i for i, y in enumerate(concrete.outputs) if y.dtype.is_floating or y.dtype.is_complex)
        self._backward: dict[Any, Backward] = {}
        self.outputs = list(concrete.outputs)
        first = self.backward(self._differentiable)
        seen = {id(t) for t in self.inputs} | {id(t) for t in self.outputs}
        wanted = list(first.needs) + [op.outputs[0] for op in graph._ops[: self._forward_ops] if op.record.stateful and op.outputs]
        for t in wanted:
            if id(t) not in seen and t.dtype.is_numpy_compatible:
                seen.add(id(t))
                self.outputs.append(t)
        self.plan = Plan(graph, [*self.outputs, *concrete.effects], self.inputs, concrete.cell_of)
        self.plan.force_compile = concrete.plan.force_compile
        self.record = Op(self._kernel, "StatefulPartitionedCall", types=("T*",), shape=lambda *_, **__: UNKNOWN,
                         vjp=self._vjp, samples=[Sample()], takes_missing_gradients=True)  # fmt: skip

    def _kernel(self, xp: Any, *args: Any) -> Any:
        raise AssertionError("called through `call`")

    def call(self, inputs: list[EagerTensor]) -> list[EagerTensor]:
        arrays = self.plan.run([x._array for x in inputs])
        outputs = tuple(EagerTensor(to_numpy(a)) for a in arrays[: len(self.outputs)])
        recorded = (*inputs, *self.concrete.cells)
        for tape in local.tapes:
            tape.record(self.record, recorded, {}, outputs)
        for accumulator in local.forward:
            accumulator.push(self.record, recorded, {}, outputs)
        return list(outputs[: len(self.concrete.outputs)])

    def backward(self, which: tuple[int, ...]) -> Backward:
        """The backward function for gradients arriving at these outputs."""
        if which not in self._backward:
            self._backward[which] = Backward(self, [self.outputs[i] for i in which])
        return self._backward[which]

    def _vjp(self, y: Any, g: Any, *inputs: Any) -> Any:
        which = tuple(i for i, d in enumerate(g) if d is not None)
        backward = self.backward(which)
        tensors = [convert.convert_to_tensor(g[i]) for i in which]
        return backward.call(tensors, inputs[: len(self.inputs)], y)


class Backward:
    """Gradients of a traced function, built into its own graph: seeds and intermediates in, gradients out."""

    def __init__(self, recorded: Recorded, targets: list[SymbolicTensor]):
        graph = recorded.concrete.graph
        self._recorded = recorded
        before, given = len(graph._ops), {id(t) for t in recorded.inputs}
        sources = [*recorded.inputs, *(graph.capture_cell(c) for c in recorded.concrete.cells)]
        with graph.as_default(), context.no_tapes(), graph.name_scope("gradients"):
            self.seeds = [placeholder_record(dtype=t.dtype, shape=t.shape, name="seed") for t in targets]
            self.gradients = gradients_of(graph, targets, sources, list(self.seeds), given)
        flat = [d for d in self.gradients if d is not None]
        self.structured = flat
        outputs = _flat_tensors(flat)
        self.needs = needed_from_before(graph, before, outputs, given)
        self._graph, self._outputs = graph, outputs
        self._function: ConcreteFunction | None = None
        self._feeds: list[SymbolicTensor] = []

    def call(self, seeds: list[Any], inputs: Any, outputs: Any) -> list[Any]:
        known = {id(t): x for t, x in zip(self._recorded.inputs, inputs)}
        known.update({id(t): x for t, x in zip(self._recorded.outputs, outputs)})
        if self._function is None:
            view = _GraphView(self._graph, self.seeds, list(self._recorded.inputs), self._recorded.outputs)
            self._function = ConcreteFunction(view, self.structured, "backward", [])  # type: ignore[arg-type]
            self._function.states = self._recorded.concrete.states
            self._function.effects = []  # the forward pass had them
            self._function._plan = Plan(self._graph, self._function.outputs, view.inputs, self._function.cell_of)
            self._function._plan.force_compile = self._recorded.plan.force_compile
            self._feeds = view.inputs
        given = dict(zip(map(id, self.seeds), seeds)) | known
        flat = self._function._call([given[id(t)] for t in self._feeds])
        values = iter(flat)
        return [None if d is None else next(values) for d in self.gradients]


class _GraphView:
    """A graph with another choice of inputs: what a backward function over the forward graph looks like."""

    def __init__(self, graph: FuncGraph, seeds: list[Any], inputs: list[Any], intermediates: list[Any]):
        self._graph = graph
        unique = {id(t): t for t in [*seeds, *inputs, *intermediates]}
        self.arguments = list(unique.values())
        self.name, self.outer = "backward", None
        self.variables_created: list[Any] = []

    @property
    def inputs(self) -> list[Any]:
        return self.arguments

    def captured_values(self) -> list[Any]:
        return []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._graph, name)


__all__ = ["ConcreteFunction", "dtypes", "trace"]
