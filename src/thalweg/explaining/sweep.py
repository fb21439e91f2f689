"""Both sweeps over a plan, one step at a time, keeping everything that the engine computes on the way.

Forward the plan's own steps run on NumPy. Backward the engine's own walk (`autodiff/backprop.py`) is given one call at a time:
what it adds to the terms of a tensor is what flows back along that edge.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from thalweg.engine.autodiff.backprop import Call, backprop, seed
from thalweg.engine.autodiff.symbolic import calls_between
from thalweg.engine.core import context, convert
from thalweg.engine.core.cell import Cell
from thalweg.engine.core.context import run_quietly
from thalweg.engine.core.graph import CELL, CONSTANT, Operation
from thalweg.engine.core.tensor import EagerTensor, SymbolicTensor
from thalweg.engine.execution.plan import Plan, run_steps
from thalweg.engine.ops.gradients import add_gradients
from thalweg.engine.ops.state import placeholder_record
from thalweg.explaining.explanation import Explanation, Node, Part


class Computation(NamedTuple):
    """What is to be explained: a plan, the arrays it is fed, which tensors are the result, and what inputs are called."""

    plan: Plan
    feeds: list[np.ndarray]
    targets: list[SymbolicTensor]
    names: dict[int, str]  # by the id of a fed tensor


def sweep(computation: Computation) -> Explanation:
    """Run both sweeps. Raises what the computation raises; ValueError where the result has no derivative."""
    plan, feeds, targets, _ = computation
    for target in targets:
        if not (target.dtype.is_floating or target.dtype.is_complex):
            raise ValueError(f"The result is {target.dtype.name}, which has no derivative: explain one of floating-point numbers.")
    values = plan.template.copy()
    for slot, array in zip(plan.feed_slots, feeds):
        values[slot] = array
    run_quietly(run_steps, plan.steps, values)
    nodes = _Nodes(computation, values)
    with context.building(None), context.no_tapes():
        _walk_back(computation, nodes)
    _name_shortly(nodes.made)
    return Explanation(nodes.made, tuple(nodes.of[id(t)] for t in targets))


def _name_shortly(nodes: list[Node]) -> None:
    """Give each node a title: steps their last name, inputs and variables as many names as tell them apart."""
    sources = [n for n in nodes if n.kind in ("input", "variable")]
    for node in nodes:
        words = node.name.split("/")
        count = 1
        while node in sources and count < len(words) and any(
            other is not node and other.name.split("/")[-count:] == words[-count:] for other in sources
        ):
            count += 1
        node.title = "/".join(words[-count:])


def _array(value: Any) -> np.ndarray:
    """A value that can be shown: a variable's contents, a tensor as NumPy has it."""
    return np.asarray(value.read() if isinstance(value, Cell) else value)


class _Nodes:
    """The nodes of a computation, and for each tensor of the graph its node's number and what stands for it eagerly."""

    def __init__(self, computation: Computation, values: list[Any]):
        self.plan, self.values, self.names = computation.plan, values, computation.names
        self.made: list[Node] = []
        self.of: dict[int, int] = {}
        self._used: set[int] = set()  # the ids of the tensors that nodes take
        self._stand_ins: dict[tuple[int, bool], Any] = {}
        fed = {id(t): t for t in self.plan.feeds}
        shown = self._shown(computation.targets, set(fed))
        sources = [t for t in fed.values() if id(t) in shown]
        kept = [op for op in shown.values() if isinstance(op, Operation)]
        kept.sort(key=lambda op: op._id)
        variables = [op for op in kept if self._is_variable(op)]
        constants = [op for op in kept if op.record is CONSTANT]
        for t in sources:
            self._add([t], self.names.get(id(t), t.op.name), "input", t.op)
        for op in variables:
            self._add(op.outputs, op.name, "variable", op)
        for op in constants:
            self._add(op.outputs, op.name, "constant", op)
        for op in kept:
            if self._reads_a_variable(op):
                self.of[id(op.outputs[0])] = self.of[id(op._inputs[0])]
            elif not self._is_variable(op) and op.record is not CONSTANT:
                for i, t in enumerate(op.outputs):  # a node for each output that is used
                    if id(t) in self._used:
                        self._add([t], op.name if not i else f"{op.name}:{i}", "step", op)

    def _shown(self, targets: list[SymbolicTensor], fed: set[int]) -> dict[int, Any]:
        """What the targets are made of: fed tensors and ops by id. Settings that an op must know beforehand are not nodes."""
        found: dict[int, Any] = {}
        pending = list(targets)
        while pending:
            tensor = pending.pop()
            self._used.add(id(tensor))
            key, what = (id(tensor), tensor) if id(tensor) in fed else (id(tensor.op), tensor.op)
            if key in found:
                continue
            found[key] = what
            if isinstance(what, Operation):
                count = len(what._inputs)
                pending += [t for i, t in enumerate(what._inputs) if what.record.type_of_input(i, count) != "host"]
        return found

    @staticmethod
    def _is_variable(op: Operation) -> bool:
        return op.record is CELL or getattr(op.record, "is_variable", False)

    def _reads_a_variable(self, op: Operation) -> bool:
        """An op that only hands a variable's value on."""
        if len(op._inputs) != 1 or len(op.outputs) != 1 or not self._is_variable(op._inputs[0].op):
            return False
        return op.record.name in ("ReadVariableOp", "Identity")

    def _add(self, outputs: Any, name: str, kind: str, op: Operation) -> None:
        count = len(op._inputs)
        host = [op.record.type_of_input(i, count) == "host" for i in range(count)] if kind == "step" else []
        given = dict(op._attrs) if kind == "step" else {}
        if kind == "step":
            names = op.record.input_names
            for i, is_host in enumerate(host):
                if is_host:
                    given[names[i] if i < len(names) else f"input {i}"] = _array(self._value(op._inputs[i]))
        inputs = tuple(self.of[id(t)] for t, is_host in zip(op._inputs, host) if not is_host)
        value = _array(self._value(outputs[0])) if outputs else np.zeros((0,))
        place = f"{op._made_at[0]}:{op._made_at[1]}" if op._made_at else ""
        node = Node(len(self.made) + 1, name, kind, op.record.name, inputs, given, value, place)
        self.made.append(node)
        for t in outputs:
            self.of[id(t)] = node.number

    def _value(self, tensor: SymbolicTensor) -> Any:
        return self.values[self.plan._slots[id(tensor)]]

    def stand_in(self, tensor: SymbolicTensor, as_cell: bool = False) -> Any:
        """What the walk back is given for a tensor: always the same object, since gradients are kept by identity."""
        key = id(tensor), as_cell
        if key not in self._stand_ins:
            value = self._value(tensor)
            if isinstance(value, Cell):
                self._stand_ins[key] = value if as_cell or tensor.dtype._kind == "resource" else EagerTensor(_array(value))
            else:
                self._stand_ins[key] = EagerTensor(_array(value))
        return self._stand_ins[key]


def _walk_back(computation: Computation, nodes: _Nodes) -> None:
    plan, targets = computation.plan, computation.targets
    sources = [t for t in plan.feeds if t.dtype.is_floating or t.dtype.is_complex]
    sources += [op.outputs[0] for op in plan.graph._ops if nodes._is_variable(op) and id(op.outputs[0]) in nodes.of]
    calls, reached = calls_between(plan.graph, targets, {id(t) for t in sources}, set())
    everything = {id(nodes.stand_in(t)) for t in _tensors_of(calls, targets, nodes) if id(t) in reached}
    gradients: dict[int, list[Any]] = {}
    arrived: dict[int, list[Any]] = {}
    for target in targets:
        gradients.setdefault(id(nodes.stand_in(target)), []).append(seed(nodes.stand_in(target)))
    for op, inputs, attrs, outputs in calls:
        single = isinstance(outputs, SymbolicTensor)
        outs = [nodes.stand_in(t) for t in ([outputs] if single else outputs)]
        for y in outs:  # complete now: the walk below replaces the terms by their sum
            arrived.setdefault(id(y), list(gradients.get(id(y), [])))
        eager = tuple(nodes.stand_in(t) for t in inputs)
        before = {id(x): len(gradients.get(id(x), ())) for x in eager}
        call: Call = (op, eager, attrs, outs[0] if single else tuple(outs))
        if op.has_subgraphs:
            _backprop_by_graph(computation, nodes, (op, inputs, attrs, outputs), gradients)
        else:
            backprop([call], gradients, everything, everything)
        local = _local(call, everything) if single and not outs[0].shape.rank and not op.has_subgraphs else {}
        shown = next((t for t in ([outputs] if single else outputs) if id(t) in nodes.of), None)
        _note(nodes, inputs, eager, before, gradients, local, shown)
    for tensor_id, number in list(nodes.of.items()):
        _finish(nodes, tensor_id, number, gradients)
    for target in targets:
        node = nodes.made[nodes.of[id(target)] - 1]
        if node.derivative is None:
            node.derivative = np.ones_like(node.value)


def _tensors_of(calls: list[Call], targets: list[SymbolicTensor], nodes: _Nodes) -> list[Any]:
    found = list(targets)
    for _, inputs, _, outputs in calls:
        found += inputs
        found += [outputs] if isinstance(outputs, SymbolicTensor) else list(outputs)
    return [t for t in found if id(t) in nodes.plan._slots]


def _backprop_by_graph(computation: Computation, nodes: _Nodes, call: Call, gradients: dict[int, list[Any]]) -> None:
    """The same for a branch or a loop, whose rule builds on the graph: its gradients as new tensors, computed from known values."""
    plan = computation.plan
    _, inputs, _, outputs = call
    outs = [outputs] if isinstance(outputs, SymbolicTensor) else list(outputs)
    arrived = {id(y): _dense(add_gradients(list(g))) for y in outs if (g := gradients.get(id(nodes.stand_in(y))))}
    terms: dict[int, list[Any]] = {}
    feeds: dict[int, tuple[SymbolicTensor, np.ndarray]] = {}
    graph, finished, final = plan.graph, plan.graph.finished, plan.graph.finalized
    graph.finished = False
    graph._unsafe_unfinalize()
    try:
        with context.building(graph):
            for y in outs:
                if id(y) in arrived:
                    g = placeholder_record(dtype=y.dtype, shape=y.shape, name="arriving")
                    feeds[id(g)] = g, arrived[id(y)]
                    terms[id(y)] = [g]
            backprop([call], terms, {id(t) for t in inputs}, {id(t) for t in [*inputs, *outs]})
    finally:
        graph.finished = finished
        if final:
            graph.finalize()
    for t in [*inputs, *outs]:
        if t.dtype._kind != "resource":
            feeds[id(t)] = t, _array(nodes._value(t))
    wanted = [(t, g) for t in dict.fromkeys(inputs) for g in terms.get(id(t), [])]
    known = list(feeds.values())
    gradient_plan = Plan(graph, [g for _, g in wanted], [t for t, _ in known], plan.cell_of)
    values = gradient_plan.interpret([a for _, a in known])
    for (t, _), value in zip(wanted, values):
        gradients.setdefault(id(nodes.stand_in(t)), []).append(EagerTensor(np.asarray(value)))


def _local(call: Call, everything: set[int]) -> dict[int, list[Any]]:
    """The derivatives of one scalar call by its inputs alone."""
    gradients: dict[int, list[Any]] = {id(call[3]): [seed(call[3])]}
    backprop([call], gradients, everything, everything)
    return {id(x): gradients.get(id(x), []) for x in call[1]}


def _note(nodes: _Nodes, inputs: Any, eager: Any, before: dict[int, int], gradients: Any, local: Any, output: Any) -> None:
    """Keep what one call added, as parts of the nodes that it flowed to."""
    if output is None or nodes.of[id(output)] == nodes.of.get(id(inputs[0]) if inputs else 0):
        return  # a read hands on what arrived
    consumer = nodes.of[id(output)]
    added: dict[int, list[Any]] = {}
    for x in {id(x): x for x in eager}.values():
        added[id(x)] = gradients.get(id(x), [])[before[id(x)] :]
    taken: dict[int, int] = {}
    for position, (tensor, x) in enumerate(zip(inputs, eager)):
        index = taken.get(id(x), 0)
        if id(tensor) not in nodes.of or index >= len(added[id(x)]):
            continue
        taken[id(x)] = index + 1
        node = nodes.made[nodes.of[id(tensor)] - 1]
        alone = local.get(id(x), [])
        derivative = _dense(alone[index]) if index < len(alone) and not node.value.ndim else None
        node.parts.append(Part(consumer, position, _dense(added[id(x)][index]), derivative))


def _finish(nodes: _Nodes, tensor_id: int, number: int, gradients: dict[int, list[Any]]) -> None:
    """A node's derivative: the sum of its terms, made as the tape makes it. A variable's arrives at its handle, the last."""
    for as_cell in (False, True):
        stand_in = nodes._stand_ins.get((tensor_id, as_cell))
        terms = gradients.get(id(stand_in)) if stand_in is not None else None
        if terms:
            nodes.made[number - 1].derivative = _dense(add_gradients(list(terms)))


def _dense(g: Any) -> np.ndarray:
    return np.asarray(convert.convert_to_tensor(g)._array)
