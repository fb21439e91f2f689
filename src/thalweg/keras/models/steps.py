"""How steps are run: as Python, as a traced function batch by batch, or many in one XLA program.

A step (`train_step`, `test_step`, `predict_step`) is traced once, for batches of any size. All state is in variables:
so one trace serves every way. Whether batches of a size are compiled is decided by how many are to come and how large
they are, not by who else wants to be asked between them: so callbacks do not change numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

import thalweg as tf
from thalweg.engine.core.errors import NeedsHost
from thalweg.engine.execution.program import StepProgram, flat_arrays
from thalweg.keras.models.data import ArrayData
from thalweg.keras.utils.batches import pack_x_y_sample_weight, unpack_x_y_sample_weight

# A program of many steps comes back so often that progress can be shown: after steps that would take so many
# microseconds interpreted, of which compiling leaves a small part.
_CHUNK_COST = 4_000_000


class Steps:
    """Runs one kind of step of a model.

    eagerly: run the Python code for each batch, as `compile(run_eagerly=True)` asks for. may_compile: what
    `compile(jit_compile=)` says; True compiles at once, False never.
    """

    def __init__(self, step: Callable[[Any], Any], eagerly: bool = False, may_compile: Any = "auto"):
        def on_parts(data: Any) -> Any:
            """The step sees what there is: `x`, `(x, y)` or `(x, y, sample_weight)`, so that `x, y = data` works."""
            return step(pack_x_y_sample_weight(*unpack_x_y_sample_weight(data)))

        self._step, self._eagerly, self._may_compile = on_parts, eagerly, may_compile
        self._traced: dict[Any, _Traced] = {}

    def run(self, batch: Any) -> Any:
        """One step on a batch, a nest of arrays and tensors. Gives what the step returns."""
        if self._eagerly:
            return self._step(tf.nest.map_structure(lambda x: None if x is None else tf.convert_to_tensor(x), batch))
        return self._find(batch).run(batch)

    def expect(self, data: Any, epochs: int) -> None:
        """Decide for data in memory, to be gone through so many times, which sizes of batches are worth compiling."""
        if self._eagerly or self._may_compile is False or not isinstance(data, ArrayData) or not data.is_numeric:
            return
        for rows, count in data.batch_sizes():
            batch = data.take(np.arange(rows))
            self._find(batch).expect(batch, rows, count * epochs, at_once=self._may_compile is True)

    def program(self, batch: Any) -> StepProgram | None:
        """The program behind steps on batches like this one; None where they cannot be compiled."""
        return None if self._eagerly else self._find(batch).find_program()

    def is_compiled(self, data: Any, rows: int) -> bool:
        """Whether batches of so many rows run as a program."""
        return not self._eagerly and rows in self._find(data.take(np.arange(1))).compiled

    def run_many(self, data: ArrayData, batches: np.ndarray, collect: bool = False) -> Iterator[tuple[int, Any]]:
        """A step for each row of `batches`, a matrix of row numbers, as few programs.

        Yields after each program how many steps it did, and with `collect` their outputs stacked.
        """
        traced = self._find(data.take(np.arange(1)))
        for chunk in traced.chunks(data, batches):
            yield len(chunk), traced.run_many(data.flat, chunk, collect)

    def outputs(self, data: ArrayData) -> Any:
        """What a step returns, in symbolic tensors."""
        return self._find(data.take(np.arange(1))).concrete.structured_outputs

    def _find(self, batch: Any) -> _Traced:
        leaves = tf.nest.flatten(batch)
        key = tuple([None if x is None else (x.dtype, *x.shape[1:]) for x in leaves])
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
        self.compiled: set[int] = set()
        self._counts: dict[int, int] = {}
        self._program: Any = None
        self._needs_host = False

    def fits(self, batch: Any) -> bool:
        if isinstance(batch, tuple) and isinstance(self._nest, tuple) and not any(map(tf.nest.is_nested, batch)):
            return not any(map(tf.nest.is_nested, self._nest))
        try:
            tf.nest.assert_same_structure(self._nest, batch)
        except (ValueError, TypeError):
            return False
        return True

    def expect(self, batch: Any, rows: int, count: int, at_once: bool) -> None:
        total = self._counts[rows] = self._counts.get(rows, 0) + count
        if rows in self.compiled:
            return
        program = self.find_program()
        if program is not None and (at_once or program.pays(flat_arrays(batch), total)):
            self.compiled.add(rows)

    def find_program(self) -> StepProgram | None:
        if self._program is None and not self._needs_host:
            try:
                self._program = StepProgram(self.concrete)
            except NeedsHost:
                self._needs_host = True
        return self._program

    def run(self, batch: Any) -> Any:
        leaves = [x for x in tf.nest.flatten(batch) if x is not None]
        if self.compiled and leaves[0].shape[0] in self.compiled:
            return self._packed([np.asarray(y) for y in self._program.run(flat_arrays(leaves))])
        return self.concrete.call_leaves(leaves)

    def run_many(self, flat: list[Any], batches: np.ndarray, collect: bool) -> Any:
        outputs = self._program.run_epoch(flat, batches, collect)
        return self._packed([np.asarray(y) for y in outputs]) if collect else None

    def _packed(self, outputs: list[Any]) -> Any:
        """Flat outputs in the nest that the step returns; None where it returns None."""
        structure = self.concrete.structured_outputs
        values = iter(outputs)
        return tf.nest.pack_sequence_as(structure, [None if y is None else next(values) for y in tf.nest.flatten(structure)])

    def chunks(self, data: ArrayData, batches: np.ndarray) -> list[np.ndarray]:
        """The batches in parts of equal length, where that is possible: each length is compiled anew."""
        cost = self._program.cost(flat_arrays(data.take(batches[0])))
        parts = max(1, int(np.ceil(len(batches) * cost / _CHUNK_COST)))
        parts = next((n for n in range(parts, 2 * parts) if len(batches) % n == 0), parts)
        length = -(-len(batches) // parts)
        return [batches[i : i + length] for i in range(0, len(batches), length)]


def _any_batch_size(x: Any) -> Any:
    if x is None:
        return None
    return tf.TensorSpec((None, *x.shape[1:]), x.dtype)
