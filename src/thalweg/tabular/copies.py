"""Several copies of a network trained side by side: one XLA program an epoch, or interpreted where that is sooner done.

The copies differ in what they start from, in the order of their rows, and in what can be a number in the program: learning rate,
dropout, weight decay. So ten starts, or the settings of a search whose networks have one shape, are trained at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

import thalweg as tf
from thalweg.engine.core.errors import NeedsHost
from thalweg.engine.execution.program import StepProgram, flat_arrays
from thalweg.engine.xp import jax

from .columns import CLASSIFICATION
from .model import Shape, build_network, make_optimizer
from .settings import Settings

MEASURES = ("loss", "accuracy")


@dataclass(frozen=True)
class Rows:
    """Rows to train or to measure on: the matrix, class numbers or standardised numbers, and what each row counts for."""

    x: np.ndarray
    y: np.ndarray
    weight: np.ndarray

    def __len__(self) -> int:
        return len(self.x)


class GivenDropout(tf.keras.layers.Layer):
    """Dropout whose rate is an input of the training step, so that it may differ between copies."""

    rate: Any = 0.0

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.seed_generator = tf.keras.random.SeedGenerator()

    def call(self, inputs: Any, training: Any = False) -> Any:
        if not training:
            return inputs
        drawn = tf.random.stateless_uniform(tf.shape(inputs), self.seed_generator.next())
        return tf.where(drawn >= self.rate, inputs / (1 - self.rate), tf.zeros_like(inputs))

    def compute_output_shape(self, input_shape: Any) -> Any:
        return tuple(input_shape)


class Copies:
    """The state of as many networks as there are `settings`, each begun with its own `settings[k].seed`.

    The settings must agree in all that shapes the program: layers, embedding, activation, optimizer, batch.
    """

    def __init__(self, settings: Sequence[Settings], shape: Shape, task: str) -> None:
        self.settings, self.shape, self.count = list(settings), shape, len(settings)
        self.classifies = task == CLASSIFICATION
        drops = any(one.dropout for one in settings)
        networks = []
        for one in settings:
            tf.keras.utils.set_random_seed(one.seed)
            networks.append(build_network(one, shape, GivenDropout if drops else None))
        self.network = networks[0]
        self.optimizer = make_optimizer(settings[0])
        self.optimizer.build(self.network.trainable_weights)
        self._train, self._measure = self._trace()
        self._programs = self._find_programs()
        begun = {id(alike[0].handle): [variable.numpy() for variable in alike]
                 for alike in zip(*(network.variables for network in networks))}
        self.state = [np.stack(begun.get(id(cell), [cell.array()] * self.count)) for cell in self.cells]
        # The weights that are kept, those of the epoch that was best on dev.
        own = {id(cell): place for place, cell in enumerate(self.cells)}
        self._kept_places = [own[id(weight.handle)] for weight in self.network.trainable_weights]
        self.best = [np.array(self.state[place]) for place in self._kept_places]
        self.best_loss = np.full(self.count, np.inf, np.float32)
        self._compiled: Any = None

    # -- the two steps ----------------------------------------------------------------------------------

    def _losses(self, y: Any, outputs: Any) -> tuple[Any, Any]:
        """Loss of each row, and whether it is classified rightly."""
        if self.classifies:
            right = tf.equal(tf.argmax(outputs, axis=-1, output_type=tf.int32), y)
            return tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=outputs), tf.cast(right, tf.float32)
        error = tf.square(outputs[:, 0] - y)
        return error, error

    def _trace(self) -> tuple[Any, Any]:
        network, optimizer = self.network, self.optimizer
        decays = any(one.weight_decay for one in self.settings)

        def train(x: Any, y: Any, weight: Any, rate: Any, dropout: Any, decay: Any) -> Any:
            for layer in network.layers:
                if isinstance(layer, GivenDropout):
                    layer.rate = dropout
            optimizer.learning_rate.assign(rate)
            if decays:
                optimizer.weight_decay = decay
            with tf.GradientTape() as tape:
                losses, right = self._losses(y, network(x, training=True))
                loss = tf.reduce_mean(losses * weight)
            variables = network.trainable_weights
            optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables))
            return loss, tf.reduce_mean(right)

        def measure(x: Any, y: Any, weight: Any) -> Any:
            losses, right = self._losses(y, network(x, training=False))
            return tf.reduce_sum(losses * weight) / tf.reduce_sum(weight), tf.reduce_mean(right)

        rows = [tf.TensorSpec((None, self.shape.width), tf.float32),
                tf.TensorSpec((None,), tf.int32 if self.classifies else tf.float32), tf.TensorSpec((None,), tf.float32)]
        number = tf.TensorSpec((), tf.float32)
        return (tf.function(train, autograph=False).get_concrete_function(*rows, number, number, number),
                tf.function(measure, autograph=False).get_concrete_function(*rows))

    def _find_programs(self) -> tuple[StepProgram, StepProgram] | None:
        try:
            return StepProgram(self._train), StepProgram(self._measure)
        except NeedsHost:
            return None

    @property
    def cells(self) -> list[Any]:
        """Where the state of the traced network lives: what a step changes."""
        if self._programs:
            return self._programs[0].cells
        return [variable.handle for variable in (*self.network.variables, *self.optimizer.variables)]

    # -- running ----------------------------------------------------------------------------------------

    def pays(self, rows: Rows, batch: int, steps: int) -> bool:
        """Whether compiling is worth it for so many steps of every copy."""
        if self._programs is None:
            return False
        few = flat_arrays([tf.constant(rows.x[:batch]), tf.constant(rows.y[:batch]), tf.constant(rows.weight[:batch])])
        zero = np.float32(0)
        return self._programs[0].pays([*few, *map(np.asarray, (zero, zero, zero))], steps * self.count)

    def run_epoch(self, train: Rows, orders: np.ndarray, rates: np.ndarray, dev: Rows, compiled: bool) -> dict[str, np.ndarray]:
        """A step for each batch of every copy, then its loss on dev; where that is lower than before the weights are kept.

        orders: row numbers `[copies, steps, batch]`; rates: `[copies, steps]`. Gives each measure, `[copies]`.
        """
        run = self._run_compiled if compiled else self._run_interpreted
        return dict(zip(("loss", "accuracy", "val_loss", "val_accuracy"), run(train, orders, rates.astype(np.float32), dev)))

    def _numbers(self) -> tuple[np.ndarray, np.ndarray]:
        return (np.array([one.dropout for one in self.settings], np.float32),
                np.array([one.weight_decay for one in self.settings], np.float32))

    def _run_compiled(self, train: Rows, orders: np.ndarray, rates: np.ndarray, dev: Rows) -> list[np.ndarray]:
        if self._compiled is None:
            self._compiled = self._make_program()
        state, kept, found = self._compiled(
            self.state, (self.best, self.best_loss), orders, rates, *self._numbers(), (train.x, train.y, train.weight),
            (dev.x, dev.y, dev.weight))
        self.state, (self.best, self.best_loss) = state, kept
        return [np.asarray(measure) for measure in found]

    def _make_program(self) -> Any:
        assert self._programs is not None
        step, measure = (program.step_function() for program in self._programs)
        reads = [cell.read() for cell in self._programs[0].stage.read]
        own = {id(cell): place for place, cell in enumerate(self.cells)}
        measured = [own.get(id(cell)) for cell in self._programs[1].stage.read]
        constants = [cell.read() for cell in self._programs[1].stage.read]
        places, xla = self._kept_places, jax()
        where = xla.numpy.where

        def epoch(state: Any, kept: Any, orders: Any, rates: Any, dropout: Any, decay: Any, train: Any, dev: Any) -> Any:
            def body(state: Any, now: Any) -> Any:
                rows, rate = now
                return step(state, reads, [*(a[rows] for a in train), rate, dropout, decay])

            state, (losses, right) = xla.lax.scan(body, state, (orders, rates))
            values = [constant if place is None else state[place] for place, constant in zip(measured, constants)]
            dev_loss, dev_right = measure([], values, list(dev))[1]
            best, best_loss = kept
            better = dev_loss < best_loss
            best = [where(better, state[place], old) for place, old in zip(places, best)]
            return state, (best, where(better, dev_loss, best_loss)), (losses.mean(), right.mean(), dev_loss, dev_right)

        return xla.jit(xla.vmap(epoch, in_axes=(0, 0, 0, 0, 0, 0, None, None)), donate_argnums=(0, 1))

    def _run_interpreted(self, train: Rows, orders: np.ndarray, rates: np.ndarray, dev: Rows) -> list[np.ndarray]:
        found = np.zeros((4, self.count))
        numbers = list(zip(*self._numbers()))
        for copy in range(self.count):
            for cell, values in zip(self.cells, self.state):
                cell.value = np.array(values[copy])
            measures = np.array([
                [float(value) for value in self._train.call_leaves(
                    [train.x[rows], train.y[rows], train.weight[rows], rate, *numbers[copy]])]
                for rows, rate in zip(orders[copy], rates[copy])])
            for cell, values in zip(self.cells, self.state):
                values[copy] = cell.array()
            found[:2, copy] = measures.mean(axis=0)
            found[2:, copy] = [float(value) for value in self._measure.call_leaves([dev.x, dev.y, dev.weight])]
            if found[2, copy] < self.best_loss[copy]:
                self.best_loss[copy] = found[2, copy]
                for place, best in zip(self._kept_places, self.best):
                    best[copy] = self.state[place][copy]
        return list(found)

    # -- in and out -------------------------------------------------------------------------------------

    def best_weights(self, copy: int) -> list[np.ndarray]:
        """The trainable weights of the best epoch of a copy, as `set_weights` of a network without dropout takes them."""
        return [np.array(values[copy]) for values in self.best]

    def keep(self, copies: Sequence[int]) -> None:
        """Go on with some of the copies only."""
        chosen = list(copies)
        self.settings, self.count = [self.settings[copy] for copy in chosen], len(chosen)
        self.state = [np.asarray(values)[chosen] for values in self.state]
        self.best, self.best_loss = [np.asarray(values)[chosen] for values in self.best], np.asarray(self.best_loss)[chosen]

    def get_state(self) -> list[np.ndarray]:
        """All arrays that say how far training has come, for `set_state`."""
        return [np.asarray(values) for values in (*self.state, *self.best, self.best_loss)]

    def set_state(self, arrays: Sequence[np.ndarray]) -> None:
        expected = self.get_state()
        if [a.shape for a in arrays] != [a.shape for a in expected]:
            raise ValueError("the arrays are those of other networks")
        values = [np.array(a, like.dtype) for a, like in zip(arrays, expected)]
        cut = len(self.state)
        self.state, self.best, self.best_loss = values[:cut], values[cut:-1], values[-1]
