"""Whole training steps as XLA programs: one step, an epoch of steps, or many seeds at once.

A step is a Python function traced once. Its variables become explicit state that goes in and comes out, so that an epoch
is a `lax.scan` and ten initialisations are a `vmap` of the same step.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from thalweg.engine.core import errors, nest
from thalweg.engine.core.cell import Cell
from thalweg.engine.core.tensor import EagerTensor
from thalweg.engine.execution.compiler import Stage, single_stage
from thalweg.engine.execution.concrete import ConcreteFunction, trace
from thalweg.engine.execution.plan import COMPILE_BASE, COMPILE_PER_OP, jit_mode
from thalweg.engine.xp import compiled, jax, to_numpy


class StepProgram:
    """A traced step: `run` for one, `run_epoch` for many in one XLA program, `run_seeds` for many copies side by side.

    Raises errors.NeedsHost when the step holds an op that cannot be compiled.
    """

    def __init__(self, concrete: ConcreteFunction):
        self.concrete = concrete
        self.stage: Stage = single_stage(concrete.plan)
        # The function's inputs are its arguments, then what it captured from outside.
        self._argument_count = len(concrete.graph.arguments)
        self._compiled: dict[Any, Callable[..., Any]] = {}

    @property
    def cells(self) -> list[Cell]:
        """The state that a step changes, in the order of the pure function's state."""
        return self.stage.written

    # -- the pure function ------------------------------------------------------------------------------

    def step_function(self) -> Callable[..., Any]:
        """`(state, reads, arguments) -> (state, outputs)`, for JAX: flat lists of arrays."""
        stage, plan = self.stage, self.concrete.plan
        captured = [to_numpy(t._array) for t in self.concrete.graph.captured_values()]
        run = stage.pure({})
        position = {slot: i for i, slot in enumerate(plan.feed_slots)}
        out_position = {slot: i for i, slot in enumerate(stage.outs)}

        def step(state: list[Any], reads: list[Any], arguments: list[Any]) -> Any:
            feeds = [*arguments, *captured]
            by_slot = dict(zip(plan.feed_slots, feeds))
            outs, state = run([feeds[position[s]] for s in stage.ins], reads, state)
            results = [
                None if s is None else outs[out_position[s]] if s in out_position else by_slot.get(s, plan.template[s])
                for s in plan.fetch_slots
            ]
            return state, [r for r in results if r is not None]

        return step

    def _jit(self, function: Callable[..., Any]) -> Callable[..., Any]:
        return compiled(function, donate=0, cpu_options=self.stage.cpu_options())

    def _state(self) -> tuple[list[Any], list[Any]]:
        for cell in self.stage.written:
            cell.read()
        return [c.value for c in self.stage.written], [c.read() for c in self.stage.read]

    def _keep(self, state: list[Any]) -> None:
        for cell, value in zip(self.stage.written, state):
            cell.value = value

    def _get(self, key: Any, make: Callable[[], Callable[..., Any]]) -> Callable[..., Any]:
        function = self._compiled.get(key)
        if function is None:
            function = self._compiled[key] = make()
        return function

    # -- whether to -------------------------------------------------------------------------------------

    def cost(self, arguments: list[Any]) -> float:
        """Microseconds that interpreting a step on such arguments takes, estimated from counts and sizes."""
        captured = [t._array for t in self.concrete.graph.captured_values()]
        return self.concrete.plan._estimate(tuple((a.shape, a.dtype.num) for a in [*arguments, *captured]))

    def pays(self, arguments: list[Any], count: int) -> bool:
        """Whether compiling is worth it for so many steps on such arguments. `THALWEG_JIT` overrides."""
        mode = jit_mode()
        if mode != "auto":
            return mode == "always"
        return count * self.cost(arguments) > 0.5 * (COMPILE_BASE + COMPILE_PER_OP * len(self.concrete.plan.steps))

    # -- running ----------------------------------------------------------------------------------------

    def run(self, arguments: list[Any]) -> list[Any]:
        """One step on flat arrays; the variables are updated, the outputs come back as arrays."""
        function = self._get("one", lambda: self._jit(self.step_function()))
        state, reads = self._state()
        state, outputs = function(state, reads, arguments)
        self._keep(state)
        return outputs

    def run_epoch(self, data: list[Any], batches: np.ndarray, collect: bool = False) -> list[Any] | None:
        """A step for each row of `batches`, a matrix of row numbers into every array of `data`, in one XLA program.

        With `collect` the outputs of all steps come back, stacked.
        """
        function = self._get(("epoch", collect), lambda: self._make_epoch(collect))
        state, reads = self._state()
        state, outputs = function(state, reads, data, batches)
        self._keep(state)
        return outputs if collect else None

    def _make_epoch(self, collect: bool) -> Callable[..., Any]:
        step = self.step_function()

        def epoch(state: list[Any], reads: list[Any], data: list[Any], batches: Any) -> Any:
            def body(state: list[Any], rows: Any) -> Any:
                state, outputs = step(state, reads, [a[rows] for a in data])
                return state, outputs if collect else None

            return jax().lax.scan(body, state, batches)

        return self._jit(epoch)

    # -- many seeds -------------------------------------------------------------------------------------

    def run_seeds(self, copies: dict[int, Any], data: list[Any], batches: np.ndarray) -> list[Any]:
        """An epoch for many copies of the state side by side.

        `copies` holds, by the id of the cell, an array with one more leading dimension, the copies: for each of `cells`, and
        for cells that are only read where the copies differ. Those of `cells` are replaced by the new ones. `batches` is
        `[copies, steps, batch]`. Gives the outputs, stacked: `[copies, steps, ...]`.
        """
        read, written = self.stage.read, self.stage.written
        differing = tuple(id(c) in copies for c in read)

        def make() -> Callable[..., Any]:
            step = self.step_function()

            def epoch(state: list[Any], reads: list[Any], data: list[Any], batches: Any) -> Any:
                def body(state: list[Any], rows: Any) -> Any:
                    return step(state, reads, [a[rows] for a in data])

                return jax().lax.scan(body, state, batches)

            axes = (0, [0 if d else None for d in differing], None, 0)
            return self._jit(jax().vmap(epoch, in_axes=axes))

        function = self._get(("seeds", differing), make)
        reads = [copies[id(c)] if d else c.read() for c, d in zip(read, differing)]
        state, outputs = function([copies[id(c)] for c in written], reads, data, batches)
        copies.update(zip(map(id, written), state))
        return outputs


def trace_step(python_function: Callable[..., Any], example_args: Any) -> StepProgram:
    """Trace a function of tensors (a nest of them) once and make it a StepProgram.

    Shapes and dtypes come from `example_args`. Raises errors.NeedsHost if it cannot be one XLA program.
    """
    concrete = trace(python_function, tuple(example_args), {})
    return StepProgram(concrete)


def flat_arrays(args: Any) -> list[Any]:
    """The arrays of a nest of tensors and arrays, in the order a traced step takes them."""
    return [a._array if isinstance(a, EagerTensor) else a for a in nest.flatten(args) if a is not None]


__all__ = ["StepProgram", "errors", "flat_arrays", "trace_step"]
