"""Plans: a graph pruned to what is fetched, put in order, ready to run again and again.

A plan is interpreted on NumPy while it is cold and compiled by XLA once it is worth it: decided by counts and sizes,
never by clocks, so that a seeded run repeats to the bit. `THALWEG_JIT=auto|always|never` overrides.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from thalweg.engine.core import errors
from thalweg.engine.core.cell import Cell
from thalweg.engine.core.context import run_quietly
from thalweg.engine.core.graph import CELL, CONSTANT, Graph, Operation
from thalweg.engine.core.tensor import SymbolicTensor

_ndarray = np.ndarray

# What an interpreted op costs (microseconds, and elements a microsecond), and what compiling one costs: rounded medians
# on a small CPU. They only place the point where compiling begins to pay.
OP_COST, ELEMENTS_PER_US = 2.0, 500.0
COMPILE_BASE, COMPILE_PER_OP = 150_000.0, 4_000.0
DISPATCH_COST = 25.0  # a compiled call: below this, interpreting is faster for ever


# Microseconds that subgraphs are reckoned to have taken so far: what a loop costs is known when it has run.
_inside = [0.0]


def jit_mode() -> str:
    mode = os.environ.get("THALWEG_JIT", "auto").lower()
    if mode not in ("auto", "always", "never"):
        raise ValueError(f"THALWEG_JIT must be auto, always or never, not {mode!r}.")
    return mode


class Step:
    """One op of a plan: where its inputs and outputs stand in the list of values."""

    __slots__ = ("ins", "kernel", "kwargs", "op", "outs", "record")

    def __init__(self, op: Operation, ins: tuple[int, ...], outs: int | tuple[int, ...] | None, kwargs: dict[str, Any]):
        self.op, self.record, self.kernel = op, op.record, op.record.kernel
        self.ins, self.outs, self.kwargs = ins, outs, kwargs

    def out_slots(self) -> tuple[int, ...]:
        return () if self.outs is None else (self.outs,) if isinstance(self.outs, int) else self.outs


def _read_cell(xp: Any, cell: Cell) -> Any:
    value = cell.read()
    return value if xp is not np or type(value) is _ndarray else np.asarray(value)


class _ReadRecord:
    """Reads a ref variable where an op wants its value."""

    name, kernel, kernel_xla, kernel_moving = "Read", staticmethod(_read_cell), None, None
    host = writes = stateful = has_subgraphs = False
    host_positions, resource_positions = frozenset[int](), frozenset({0})
    own_state = None
    cpu_options: dict[str, str] = {}


class Plan:
    """How to compute `fetches` of a graph from `feeds`.

    `cell_of(operation)` gives the cell of a variable or of a random op's state. Operations among the fetches run for their
    side effects. `THALWEG_JIT` is read as the plan is made: looking it up takes a tenth of the time of a small run.
    """

    def __init__(
        self,
        graph: Graph,
        fetches: Iterable[Any],
        feeds: Iterable[SymbolicTensor],
        cell_of: Callable[[Operation], Cell],
    ):
        self.graph, self.fetches, self.feeds, self.cell_of = graph, list(fetches), list(feeds), cell_of
        self.template: list[Any] = []
        self.steps: list[Step] = []
        self._slots: dict[int, int] = {}
        self.feed_slots = [self._new_slot(t) for t in self.feeds]
        for op in self._ordered(self._needed()):
            self._add(op)
        self.fetch_slots = [None if isinstance(f, Operation) else self._fetch_slot(f) for f in self.fetches]
        self.cells = self._all_cells()
        self._counts: dict[Any, int] = {}
        self._costs: dict[Any, float] = {}
        self._loops: dict[Any, float] = {}
        self._has_subgraphs = any(s.record.has_subgraphs for s in self.steps)
        self._programs: dict[Any, Any] = {}  # by the feeds' shapes and dtypes; False: never worth compiling
        self.force_compile = False
        self._mode = jit_mode()

    # -- building ---------------------------------------------------------------------------------------

    def _new_slot(self, tensor: SymbolicTensor | None, value: Any = None) -> int:
        slot = len(self.template)
        self.template.append(value)
        if tensor is not None:
            self._slots[id(tensor)] = slot
        return slot

    def _needed(self) -> list[Operation]:
        fed = {id(t) for t in self.feeds}
        pending = [f if isinstance(f, Operation) else f.op for f in self.fetches if isinstance(f, Operation) or id(f) not in fed]
        seen: dict[int, Operation] = {}
        while pending:
            op = pending.pop()
            if id(op) in seen:
                continue
            seen[id(op)] = op
            pending.extend(t.op for t in op._inputs if id(t) not in fed)
            pending.extend(op._control_inputs)
        return list(seen.values())

    @staticmethod
    def _ordered(ops: list[Operation]) -> list[Operation]:
        """By data and control edges, then by creation."""
        ops = sorted(ops, key=lambda op: op._id)
        present = {id(op) for op in ops}
        backward = any(
            o._id > op._id and id(o) in present for op in ops for o in [*(t.op for t in op._inputs), *op._control_inputs]
        )
        if not backward:
            return ops
        return _topological(ops, present)

    def _add(self, op: Operation) -> None:
        record = op.record
        if all(id(t) in self._slots for t in op.outputs) and op.outputs:
            return  # every output is fed
        if record is CONSTANT:
            self._new_slot(op.outputs[0], op._attrs["value"])
            return
        if record is CELL:
            self._new_slot(op.outputs[0], op._attrs["cell"])
            return
        if getattr(record, "is_variable", False):
            self._new_slot(op.outputs[0], self.cell_of(op))
            return
        if record.name == "NoOp":
            return
        if getattr(record, "is_placeholder", False):
            self._add_unfed(op)
            return
        count = len(op._inputs)
        ins = tuple(self._input_slot(t, self._takes_cell(record, i, count, t)) for i, t in enumerate(op._inputs))
        kwargs = op._attrs
        if record.own_state is not None:
            kwargs = {**op._attrs, "state": self.cell_of(op)}
        elif record.has_subgraphs:
            kwargs = record.bind(op, self.cell_of)
        outs: Any = tuple(self._slots[id(t)] if id(t) in self._slots else self._new_slot(t) for t in op.outputs)
        if record._result_is_single(op):
            outs = outs[0]
        self.steps.append(Step(op, ins, outs if op.outputs else None, kwargs))

    def _add_unfed(self, op: Operation) -> None:
        """A placeholder that nothing feeds: running it is the error."""
        step = Step(op, (), self._new_slot(op.outputs[0]), {})
        shape, dtype = op._attrs["shape"], op._attrs["dtype"]

        def kernel(xp: Any) -> Any:
            of_shape = f" and shape {shape.as_list()}" if shape.rank is not None else ""
            raise errors.InvalidArgumentError(
                None, op,
                f"You must feed a value for placeholder tensor '{op.name}' with dtype {dtype.name}{of_shape}: add it to feed_dict.",
            )  # fmt: skip

        step.kernel = kernel
        self.steps.append(step)

    @staticmethod
    def _takes_cell(record: Any, i: int, count: int, tensor: SymbolicTensor) -> bool:
        if record.has_subgraphs:
            return tensor.dtype._is_ref_dtype or tensor.dtype._kind == "resource"
        return record.type_of_input(i, count) == "resource"

    def _input_slot(self, tensor: SymbolicTensor, as_cell: bool) -> int:
        slot = self._slots[id(tensor)]
        if not as_cell and isinstance(self.template[slot], Cell):
            return self._read(tensor.op, slot)
        return slot

    def _read(self, op: Operation, slot: int) -> int:
        read = self._new_slot(None)
        step = Step.__new__(Step)
        step.op, step.record, step.kernel = op, _ReadRecord, _read_cell
        step.ins, step.outs, step.kwargs = (slot,), read, {}
        self.steps.append(step)
        return read

    def _fetch_slot(self, tensor: SymbolicTensor) -> int:
        slot = self._slots[id(tensor)]
        return self._read(tensor.op, slot) if isinstance(self.template[slot], Cell) else slot

    def _all_cells(self) -> list[Cell]:
        cells = {id(v): v for v in self.template if isinstance(v, Cell)}
        for step in self.steps:
            state = step.kwargs.get("state")
            if isinstance(state, Cell):
                cells[id(state)] = state
        return list(cells.values())

    # -- running ----------------------------------------------------------------------------------------

    def run(self, feeds: list[Any]) -> list[Any]:
        """The fetches' values (None for operations), given the feeds' arrays."""
        if self.steps and (self._mode != "never" or self.force_compile):
            key = tuple([(a.shape, a.dtype.num) for a in feeds])
            program = self._programs.get(key)
            if program is None and self._worth_compiling(key):
                program = self.compile(key)
            if program:
                return program.run(feeds)
            if self._has_subgraphs:
                before = _inside[0]
                results = self.interpret(feeds)
                self._loops[key] = self._loops.get(key, 0.0) + _inside[0] - before
                return results
        return self.interpret(feeds)

    def interpret(self, feeds: list[Any]) -> list[Any]:
        values = self.template.copy()
        for slot, a in zip(self.feed_slots, feeds):
            values[slot] = a
        run_quietly(run_steps, self.steps, values)
        return [None if s is None else values[s] for s in self.fetch_slots]

    def _worth_compiling(self, key: Any) -> bool:
        if self._mode == "always" or self.force_compile:
            return True
        count = self._counts[key] = self._counts.get(key, 0) + 1
        cost = self._costs.get(key)
        if cost is None:
            cost = self._costs[key] = self._estimate(key)
        if cost < DISPATCH_COST and not self._has_subgraphs:
            self._programs[key] = False
            return False
        return count * cost + self._loops.get(key, 0.0) > 0.5 * (COMPILE_BASE + COMPILE_PER_OP * len(self.steps))

    def _estimate(self, key: Any) -> float:
        """Microseconds that interpreting takes, from the number of ops and the sizes that go in."""
        largest = max([1, *(math.prod(shape) for shape, _ in key), *(c.shape.num_elements() or 1 for c in self.cells)])
        return len(self.steps) * (OP_COST + largest / ELEMENTS_PER_US)

    def compile(self, key: Any) -> Any:
        from thalweg.engine.execution.compiler import Program

        program = self._programs.get("program")
        if program is None:
            program = self._programs["program"] = Program(self)
        self._programs[key] = program
        return program


def reckon_inside(steps: list[Step], inputs: Any) -> None:
    """A subgraph runs once on these inputs: its cost counts for the plan around it."""
    largest = 1
    for a in inputs:
        if type(a) is _ndarray and a.size > largest:
            largest = a.size
    _inside[0] += len(steps) * (OP_COST + largest / ELEMENTS_PER_US)


def run_steps(steps: list[Step], values: list[Any]) -> None:
    """The interpreter: every step on NumPy, in order."""
    step = None
    try:
        for step in steps:
            out = step.kernel(np, *[values[i] for i in step.ins], **step.kwargs)
            outs: Any = step.outs
            if type(outs) is int:
                values[outs] = out if type(out) is _ndarray else np.asarray(out)
            elif outs is not None:
                for slot, a in zip(outs, out):
                    values[slot] = a if type(a) is _ndarray else np.asarray(a)
    except Exception as error:
        raise located(error, step, values) from error


def located(error: Exception, step: Step | None, values: list[Any] | None = None) -> Exception:
    """The error, with the op's name and where it was made."""
    if step is None or getattr(error, "_located", False):
        return error
    place = f"\n\t [[node {step.op.name} ({step.record.name}), made at {step.op._made_at[0]}:{step.op._made_at[1]}]]"
    if isinstance(error, errors.OpError):
        new: Exception = type(error)(error.node_def, step.op, error.message + place)
    elif isinstance(error, (ValueError, IndexError)) and not getattr(step.record, "runs_user_code", False):
        new = errors.InvalidArgumentError(None, step.op, _by_shapes(step, values, error) + place)
    else:
        return error
    new._located = True  # type: ignore[attr-defined]
    return new


def _by_shapes(step: Step, values: list[Any] | None, error: Exception) -> str:
    """Say a kernel's failure in terms of shapes where the shape rule can."""
    from thalweg.engine.core.shape import TensorShape

    try:
        statics = []
        for i, slot in enumerate(step.ins):
            value = (values or [])[slot]
            host = step.record.type_of_input(i, len(step.ins)) == "host"
            statics.append(value.tolist() if host else TensorShape(np.shape(value)))
        step.record.infer_shapes(statics, {k: v for k, v in step.kwargs.items() if k != "state"})
    except ValueError as rule:
        return str(rule)
    except Exception:
        pass
    return str(error)


def _topological(ops: list[Operation], present: set[int]) -> list[Operation]:
    import heapq

    waiting: dict[int, int] = {}
    followers: dict[int, list[Operation]] = {}
    for op in ops:
        before = {id(o): o for o in [*(t.op for t in op._inputs), *op._control_inputs] if id(o) in present}
        waiting[id(op)] = len(before)
        for o in before.values():
            followers.setdefault(id(o), []).append(op)
    ready = [(op._id, i, op) for i, op in enumerate(ops) if not waiting[id(op)]]
    heapq.heapify(ready)
    order: list[Operation] = []
    while ready:
        _, _, op = heapq.heappop(ready)
        order.append(op)
        for f in followers.get(id(op), []):
            waiting[id(f)] -= 1
            if not waiting[id(f)]:
                heapq.heappush(ready, (f._id, -len(order), f))
    if len(order) != len(ops):
        stuck = [op.name for op in ops if waiting[id(op)] > 0]
        raise errors.InvalidArgumentError(None, None, f"The graph has a cycle through {', '.join(stuck[:5])}.")
    return order
