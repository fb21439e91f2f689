"""How steps are run: as Python, as a traced function batch by batch, or many in one XLA program.

A step (`train_step`, `test_step`, `predict_step`) is traced once, for batches of any size. All state is in variables:
so one trace serves every way, and the ways differ in speed only.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import thalweg as tf
from thalweg.engine.core.errors import NeedsHost
from thalweg.engine.execution.program import StepProgram


class Steps:
    """Runs one kind of step of a model.

    eagerly: run the Python code for each batch, as `compile(run_eagerly=True)` asks for.
    """

    def __init__(self, step: Callable[[Any], Any], eagerly: bool = False):
        self._step, self._eagerly = step, eagerly
        self._traced: dict[Any, _Traced] = {}

    def run(self, batch: Any) -> Any:
        """One step on a batch, a nest of arrays and tensors. Gives what the step returns, in tensors."""
        if self._eagerly:
            return self._step(tf.nest.map_structure(lambda x: None if x is None else tf.convert_to_tensor(x), batch))
        return self._find(batch).run(batch)

    def program(self, batch: Any) -> StepProgram | None:
        """The program that runs many steps at once on batches like this one; None when steps cannot be compiled."""
        return None if self._eagerly else self._find(batch).program()

    def outputs(self, batch: Any) -> Any:
        """What a step on such a batch returns, in symbolic tensors."""
        return self._find(batch).concrete.structured_outputs

    def _find(self, batch: Any) -> _Traced:
        leaves = tf.nest.flatten(batch)
        key = tuple(None if x is None else (x.dtype, *x.shape[1:]) for x in leaves)
        traced = self._traced.get(key)
        if traced is None or not traced.fits(batch):
            traced = self._traced[key] = _Traced(self._step, batch)
        return traced


class _Traced:
    """A step traced for one kind of batch."""

    def __init__(self, step: Callable[[Any], Any], batch: Any):
        self._nest = batch
        specs = tf.nest.map_structure(_any_batch_size, batch)
        self.concrete = tf.function(step, autograph=False).get_concrete_function(specs)
        self._program: StepProgram | None = None
        self._needs_host = False

    def fits(self, batch: Any) -> bool:
        try:
            tf.nest.assert_same_structure(self._nest, batch)
        except (ValueError, TypeError):
            return False
        return True

    def run(self, batch: Any) -> Any:
        return self.concrete.call_leaves([x for x in tf.nest.flatten(batch) if x is not None])

    def program(self) -> StepProgram | None:
        if self._program is None and not self._needs_host:
            try:
                self._program = StepProgram(self.concrete)
            except NeedsHost:
                self._needs_host = True
        return self._program


def _any_batch_size(x: Any) -> Any:
    if x is None:
        return None
    return tf.TensorSpec((None, *x.shape[1:]), x.dtype)
