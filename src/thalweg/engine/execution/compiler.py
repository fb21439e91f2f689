"""Compiling a plan with XLA.

The plan's steps are replayed under `jax.jit`: an op whose inputs are all known runs on NumPy there and then, so constants
fold and shape arithmetic resolves by itself; the others run their kernels on `jax.numpy`. Ops that can only run on the
host (strings, data-dependent shapes) split the plan into stages; small integer feeds that decide shapes become part of the
compiled program's key.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from thalweg.engine.core import dtypes, errors
from thalweg.engine.core.cell import Cell
from thalweg.engine.core.context import run_quietly
from thalweg.engine.execution.plan import Plan, Step, located, run_steps
from thalweg.engine.xp import compiled, is_concrete, jnp

_STATIC_LIMIT = 64  # elements of a feed that may decide shapes


class Shadow(Cell):
    """Stands for a cell while tracing: its value is a tracer."""

    __slots__ = ()

    def __init__(self, cell: Cell, value: Any):
        super().__init__(cell.dtype, cell.shape, cell.name, value, cell.trainable)


class DynamicHostInput(errors.NeedsHost):
    """A HOST input turned out to be computed on the device."""

    def __init__(self, step: Step, slot: int):
        self.step, self.slot = step, slot


def trace_steps(steps: list[Step], values: list[Any], shadows: dict[int, Cell]) -> None:
    """Run steps on whatever `values` holds: arrays that are known on NumPy, tracers on jax.numpy."""
    step = None
    try:
        for step in steps:
            _trace_step(step, values, shadows)
    except errors.NeedsHost:
        raise
    except Exception as error:
        if type(error).__name__ in _NEEDS_A_VALUE:
            raise DynamicHostInput(step, -1) from error  # type: ignore[arg-type]
        raise located(error, step) from error


_NEEDS_A_VALUE = (
    "ConcretizationTypeError",
    "TracerArrayConversionError",
    "TracerIntegerConversionError",
    "TracerBoolConversionError",
    "NonConcreteBooleanIndexError",
)


def _trace_step(step: Step, values: list[Any], shadows: dict[int, Cell]) -> None:
    record, arrays = step.record, []
    known = not record.stateful
    moving = -1
    for i, slot in enumerate(step.ins):
        value = values[slot]
        if isinstance(value, Cell):
            value = shadows.get(id(value), value)  # a subgraph is handed stand-ins already
            known = False
        elif not is_concrete(value):
            if record.host_positions and record.type_of_input(i, len(step.ins)) == "host":
                if record.kernel_moving is None:
                    raise DynamicHostInput(step, slot)
                moving = slot
            known = False
        arrays.append(value)
    kwargs = step.kwargs
    if record.has_subgraphs:
        _store(step, values, _trace_subgraphs(step, arrays, shadows))
        return
    if "state" in kwargs:
        kwargs = {**kwargs, "state": shadows[id(kwargs["state"])]}
    if moving >= 0:
        out = record.kernel_moving(jnp(), *arrays, **kwargs)
        if out is NotImplemented:
            raise DynamicHostInput(step, moving)
    elif known:
        out = step.kernel(np, *arrays, **kwargs)
    else:
        if record.host:
            raise DynamicHostInput(step, -1)
        out = (record.kernel_xla or step.kernel)(jnp(), *arrays, **kwargs)
    _store(step, values, out)


def _trace_subgraphs(step: Step, arrays: list[Any], shadows: dict[int, Cell]) -> Any:
    try:
        return step.record.trace(arrays, step.kwargs, shadows)
    except errors.NeedsHost as need:  # something inside must run on the host, so the op as a whole does
        raise DynamicHostInput(step, -1) from need


def _store(step: Step, values: list[Any], out: Any) -> None:
    outs: Any = step.outs
    if type(outs) is int:
        values[outs] = np.asarray(out) if isinstance(out, np.generic) else out
    elif outs is not None:
        for slot, a in zip(outs, out):
            values[slot] = np.asarray(a) if isinstance(a, np.generic) else a


# -- stages ------------------------------------------------------------------------------------------------


class Stage:
    """Consecutive steps that run together: compiled (a device stage) or on NumPy (a host stage)."""

    def __init__(self, plan: Plan, steps: list[Step], on_host: bool):
        self.plan, self.steps, self.on_host = plan, steps, on_host
        self.ins: list[int] = []
        self.outs: list[int] = []
        self.read: list[Cell] = []
        self.written: list[Cell] = []
        self._jitted: dict[Any, Callable[..., Any]] = {}

    def wire(self, later_uses: set[int]) -> None:
        """Work out what comes in, what goes out, and which cells are read and written."""
        made = {s for step in self.steps for s in step.out_slots()}
        used: dict[int, None] = {}
        cells: dict[int, Cell] = {}
        written: set[int] = set()
        for step in self.steps:
            for i, slot in enumerate(step.ins):
                value = self.plan.template[slot]
                if isinstance(value, Cell):
                    cells[id(value)] = value
                    if step.record.writes if not step.record.has_subgraphs else step.record.writes_input(i, step.kwargs):
                        written.add(id(value))
                elif slot not in made and value is None:
                    used[slot] = None
            state = step.kwargs.get("state")
            if isinstance(state, Cell):
                cells[id(state)] = state
                written.add(id(state))
            for cell, writes in subgraph_cells(step):
                cells[id(cell)] = cell
                if writes:
                    written.add(id(cell))
        self.ins = list(used)
        self.outs = sorted(made & later_uses)
        self.read = [c for i, c in cells.items() if i not in written]
        self.written = [c for i, c in cells.items() if i in written]

    def run(self, values: list[Any], static: frozenset[int]) -> None:
        if self.on_host:
            for slot in self.ins:
                if values[slot] is not None:
                    values[slot] = np.asarray(values[slot])
            run_quietly(run_steps, self.steps, values)
            return
        fixed = tuple(s for s in self.ins if s in static)
        key = tuple((s, values[s].tobytes(), values[s].shape, values[s].dtype.num) for s in fixed)
        initialized = tuple(c.value is not None for c in self.written)
        function = self._jitted.get((key, initialized))
        if function is None:
            function = self._jitted[key, initialized] = self._compile({s: np.asarray(values[s]) for s in fixed}, initialized)
        arrays = [values[s] for s in self.ins if s not in static]
        reads = [c.read() for c in self.read]
        writes = [c.value for c, ready in zip(self.written, initialized) if ready]
        outs, states = function(arrays, reads, writes)
        for cell, value in zip(self.written, states):
            cell.value = value
        for slot, a in zip(self.outs, outs):
            values[slot] = a

    def _compile(self, fixed: dict[int, np.ndarray], initialized: tuple[bool, ...]) -> Callable[..., Any]:
        return compiled(self.pure(fixed, initialized), donate=2, cpu_options=self.cpu_options())

    def cpu_options(self) -> dict[str, str]:
        """What its ops want of the compiler."""
        return {k: v for step in self.steps for k, v in step.record.cpu_options.items()}

    def pure(self, fixed: dict[int, np.ndarray], initialized: tuple[bool, ...] | None = None) -> Callable[..., Any]:
        """This stage as a function for JAX: `(arrays, read, written) -> (outs, new values of written)`."""
        loose = [s for s in self.ins if s not in fixed]
        ready = initialized if initialized is not None else (True,) * len(self.written)

        def function(arrays: list[Any], reads: list[Any], writes: list[Any]) -> Any:
            values = self.plan.template.copy()
            for slot, a in fixed.items():
                values[slot] = a
            for slot, a in zip(loose, arrays):
                values[slot] = a
            present = iter(writes)
            shadows: dict[int, Cell] = {}
            for cell, value in zip(self.read, reads):
                shadows[id(cell)] = Shadow(cell, value)
            for cell, is_ready in zip(self.written, ready):
                shadows[id(cell)] = Shadow(cell, next(present) if is_ready else None)
            run_quietly(trace_steps, self.steps, values, shadows)
            return [values[s] for s in self.outs], [shadows[id(c)].value for c in self.written]

        return function


def subgraph_cells(step: Step) -> list[tuple[Cell, bool]]:
    """The cells that an op's subgraphs use: `(cell, whether it is written)`."""
    if not step.record.has_subgraphs:
        return []
    return step.record.cells_of(step.kwargs)


def _holds_strings(step: Step) -> bool:
    """Whether the op takes or gives strings, which XLA has not."""
    return any(t.dtype is dtypes.string for t in (*step.op._inputs, *step.op.outputs))


class Program:
    """A plan, compiled: device stages as XLA programs, host stages between them."""

    def __init__(self, plan: Plan):
        self.plan = plan
        self.on_host: set[int] = {id(s) for s in plan.steps if s.record.host or _holds_strings(s)}
        self.static: set[int] = set()
        self.stages: list[Stage] = []
        self._producers = {slot: step for step in plan.steps for slot in step.out_slots()}
        self._build()

    def run(self, feeds: list[Any]) -> list[Any]:
        while True:
            values = self.plan.template.copy()
            for slot, a in zip(self.plan.feed_slots, feeds):
                values[slot] = a
            try:
                static = frozenset(self.static)
                for stage in self.stages:
                    stage.run(values, static)
                break
            except DynamicHostInput as need:  # raised while tracing, before anything was changed by that stage
                if stage is not self.stages[0] and any(s.written for s in self.stages[: self.stages.index(stage)]):
                    self._relocate(need)
                    self._finish_interpreted(values, stage)
                    return self._fetch(values)
                self._relocate(need)
        return self._fetch(values)

    def _finish_interpreted(self, values: list[Any], stage: Stage) -> None:
        """Earlier stages already changed state: run the rest on NumPy this once, compile the new stages next time."""
        for rest in self._before_relocation[self._before_relocation.index(stage) :]:
            for slot in rest.ins:
                if values[slot] is not None:
                    values[slot] = np.asarray(values[slot])
            run_quietly(run_steps, rest.steps, values)

    def _fetch(self, values: list[Any]) -> list[Any]:
        return [None if s is None else values[s] for s in self.plan.fetch_slots]

    def _relocate(self, need: DynamicHostInput) -> None:
        """A value was needed while tracing: take it from the key if small feeds decide it, else run the op on the host."""
        leaves = self._leaf_feeds(need.slot) if need.slot >= 0 else None
        if leaves is not None and not leaves <= self.static:
            self.static |= leaves
        else:
            self.on_host.add(id(need.step))
        self._build()

    def _leaf_feeds(self, slot: int) -> set[int] | None:
        """The feeds that alone decide a value, if all are small integers; else None."""
        pending, leaves = [slot], set()
        by_slot = dict(zip(self.plan.feed_slots, self.plan.feeds))
        while pending:
            s = pending.pop()
            if s in by_slot:
                dtype, size = by_slot[s].dtype, by_slot[s].shape.num_elements()
                if not (dtype.is_integer or dtype.is_bool) or size is None or size > _STATIC_LIMIT:
                    return None
                leaves.add(s)
            elif s in self._producers:
                step = self._producers[s]
                if step.record.stateful or step.record.name == "Read":
                    return None
                pending.extend(step.ins)
        return leaves

    def _build(self) -> None:
        self._before_relocation = self.stages
        levels = self._levels()
        self.stages = []
        for level in sorted(set(levels)):
            steps = [s for s, n in zip(self.plan.steps, levels) if n == level]
            self.stages.append(Stage(self.plan, steps, on_host=bool(level % 2)))
        needed = {s for s in self.plan.fetch_slots if s is not None}
        for stage in reversed(self.stages):
            stage.wire(needed)
            needed |= {slot for step in stage.steps for slot in step.ins}

    def _levels(self) -> list[int]:
        """Even levels run compiled, odd ones on the host; state and side effects keep their order."""
        level_of_slot: dict[int, int] = {}
        level_of_cell: dict[int, int] = {}
        level_of_op: dict[int, int] = {}
        last_effect = 0
        levels = []
        for step in self.plan.steps:
            host = id(step) in self.on_host
            effect = host and step.record.stateful
            cells = [self.plan.template[s] for s in step.ins if isinstance(self.plan.template[s], Cell)]
            cells += [step.kwargs["state"]] if isinstance(step.kwargs.get("state"), Cell) else []
            cells += [c for c, _ in subgraph_cells(step)]
            floor = max(
                [level_of_slot.get(s, 0) for s in step.ins]
                + [level_of_cell.get(id(c), 0) for c in cells]
                + [level_of_op.get(id(o), 0) for o in step.op._control_inputs]
                + [last_effect if effect else 0]
            )
            level = floor if floor % 2 == host else floor + 1
            levels.append(level)
            for s in step.out_slots():
                level_of_slot[s] = level
            for c in cells:
                level_of_cell[id(c)] = level
            level_of_op[id(step.op)] = max(level, level_of_op.get(id(step.op), 0))
            if effect:
                last_effect = level
        return levels


def single_stage(plan: Plan) -> Stage:
    """The whole plan as one device stage. Raises NeedsHost (naming the op) where it cannot be."""
    program = Program(plan)
    if len(program.stages) != 1 or program.stages[0].on_host:
        culprit = next(s for s in plan.steps if s.record.host)
        raise errors.NeedsHost(culprit.op.where())
    return program.stages[0]
