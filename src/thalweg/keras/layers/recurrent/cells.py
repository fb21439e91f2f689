"""Recurrent cells: what happens in one step.

A step is split in two: the products with the inputs, which can be done for all times at once (`project`), and what needs
the state of the step before (`step`).
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import thalweg as tf
from thalweg.keras import initializers, random
from thalweg.keras.engine.layer import Layer
from thalweg.keras.engine.shapes import as_shape
from thalweg.keras.random import SeedGenerator

_WEIGHTS = (
    "kernel_initializer", "recurrent_initializer", "bias_initializer", "kernel_regularizer", "recurrent_regularizer",
    "bias_regularizer", "kernel_constraint", "recurrent_constraint", "bias_constraint",
)  # fmt: skip


class Cell(Layer):
    """What the cells share: the weights of their gates side by side, dropout that is the same in every step."""

    #: How many products a step makes of its inputs, side by side in the kernel.
    gates = 1
    _always_per_gate = False

    def __init__(
        self, units: int, use_bias: bool, dropout: float, recurrent_dropout: float, seed: Any, settings: dict[str, Any],
        **kwargs: Any,
    ):  # fmt: skip
        if isinstance(units, bool) or not hasattr(units, "__index__") or int(units) <= 0:
            raise ValueError(
                f"Received an invalid value for argument `units`, expected a positive integer, got {units!r}."
            )
        implementation = kwargs.pop("implementation", 2)
        kwargs.pop("use_cudnn", None)
        super().__init__(**kwargs)
        self.units, self.use_bias, self.seed = int(units), use_bias, seed
        self.dropout, self.recurrent_dropout = min(1.0, max(0.0, dropout)), min(1.0, max(0.0, recurrent_dropout))
        self._set(**settings)
        # As in Keras, each gate has dropout of its own where the state has dropout.
        self.implementation = 1 if self.recurrent_dropout and self.gates > 1 else implementation
        self.seed_generator = SeedGenerator(seed)
        self.__dict__["_masks"] = None
        self.state_size: Any = self.units
        self.output_size: Any = self.units

    def build(self, input_shape: Any) -> None:
        size = as_shape(input_shape)[-1]
        self.kernel = self._add("kernel", (size, self.gates * self.units))
        self.recurrent_kernel = self.add_weight(
            name="recurrent_kernel", shape=(self.units, self.gates * self.units), initializer=self.recurrent_initializer,
            regularizer=self.recurrent_regularizer, constraint=self.recurrent_constraint,
        )  # fmt: skip
        self.bias: Any = self._add_bias() if self.use_bias else None
        self.built = True

    def _add_bias(self) -> Any:
        return self._add("bias", (self.gates * self.units,))

    # -- dropout --------------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def fixed_masks(self, inputs: Any, states: Any, training: Any) -> Iterator[None]:
        """Steps made inside drop the same inputs and states each time."""
        if not training or self._masks is not None or not (self.dropout or self.recurrent_dropout):
            yield
            return
        state = tf.nest.flatten(states)[0]
        self.__dict__["_masks"] = self._draw(inputs, self.dropout), self._draw(state, self.recurrent_dropout)
        try:
            yield
        finally:
            self.__dict__["_masks"] = None

    def _draw(self, like: Any, rate: float) -> list[Any] | None:
        """A mask, or one for each gate."""
        if not 0 < rate < 1:
            return None
        count = self.gates if self._always_per_gate or (self.implementation == 1 and self.gates > 1) else 1
        return [random.dropout(tf.ones_like(like), rate, seed=self.seed_generator) for _ in range(count)]

    def _product(self, x: Any, kernel: Any, masks: list[Any] | None) -> Any:
        """`x @ kernel`, with what is dropped left out, for each gate if it has a mask of its own."""
        if masks is None:
            return _dot(x, kernel)
        if len(masks) == 1:
            return _dot(x * masks[0], kernel)
        parts = tf.split(kernel, len(masks), axis=-1)
        return tf.concat([_dot(x * mask, part) for mask, part in zip(masks, parts)], -1)

    # -- a step ---------------------------------------------------------------------------------------------

    def project(self, inputs: Any) -> Any:
        """The part of a step that needs the inputs alone: `[..., features]`, of one time or all."""
        y = self._product(inputs, self.kernel.value(), self._masks[0] if self._masks else None)
        return y + self._input_bias() if self.bias is not None else y

    def _input_bias(self) -> Any:
        return self.bias.value()

    def _recur(self, state: Any) -> Any:
        return self._product(state, self.recurrent_kernel.value(), self._masks[1] if self._masks else None)

    def step(self, projected: Any, states: list[Any]) -> tuple[Any, list[Any]]:
        """The rest of a step: output and new states."""
        raise NotImplementedError

    def call(self, inputs: Any, states: Any, training: Any = False) -> tuple[Any, Any]:
        nested = tf.nest.is_nested(states)
        with self.fixed_masks(inputs, states, training):
            output, after = self.step(self.project(inputs), list(states) if nested else [states])
        return output, after if nested else after[0]

    def compute_output_shape(self, input_shape: Any, states_shape: Any = None) -> Any:
        shape = as_shape(input_shape)[:1] + (self.units,)
        return shape, [shape] * len(tf.nest.flatten(self.state_size))

    def get_initial_state(self, inputs: Any = None, batch_size: Any = None, dtype: Any = None) -> Any:
        """Zeros for each state."""
        return zero_states(self.state_size, inputs, batch_size, dtype or self.compute_dtype)


def _dot(x: Any, kernel: Any) -> Any:
    return tf.matmul(x, kernel) if x.shape.rank == 2 else tf.tensordot(x, kernel, [[-1], [0]])


def zero_states(state_size: Any, inputs: Any, batch_size: Any, dtype: Any) -> Any:
    """Zeros in the nest of `state_size`. The batch is given by number, or by inputs; Keras 2 gives inputs first."""
    if inputs is not None and not hasattr(inputs, "shape"):
        inputs, batch_size = None, inputs
    rows = tf.shape(inputs)[0] if batch_size is None else batch_size

    def zeros(size: Any) -> Any:
        sizes = [size] if hasattr(size, "__index__") else list(size)
        return tf.zeros([rows, *sizes], dtype)

    if isinstance(state_size, tf.TensorShape) or hasattr(state_size, "__index__"):
        return zeros(state_size)
    return [zero_states(size, inputs, batch_size, dtype) for size in state_size]


class SimpleRNNCell(Cell):
    """`activation(inputs @ kernel + bias + state @ recurrent_kernel)`. Source: `tf.keras.layers.SimpleRNNCell`."""

    _config_names = ("units", "activation", "use_bias", *_WEIGHTS, "dropout", "recurrent_dropout", "seed")

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        recurrent_regularizer: Any = None,
        bias_regularizer: Any = None,
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed: Any = None,
        **kwargs: Any,
    ):
        given = locals()
        settings = {name: given[name] for name in ("activation", *_WEIGHTS)}
        super().__init__(units, use_bias, dropout, recurrent_dropout, seed, settings, **kwargs)

    def step(self, projected: Any, states: list[Any]) -> tuple[Any, list[Any]]:
        y = self.activation(projected + self._recur(states[0]))
        return y, [y]


class LSTMCell(Cell):
    """Long short-term memory. States: `[h, c]`, both `[batch, units]`; gates side by side: input, forget, cell, output.

    Source: Hochreiter and Schmidhuber, "Long short-term memory" (1997); `tf.keras.layers.LSTMCell`.
    """

    gates = 4
    _config_names = (
        "units", "activation", "recurrent_activation", "use_bias", "unit_forget_bias", *_WEIGHTS, "dropout",
        "recurrent_dropout", "seed",
    )  # fmt: skip

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        recurrent_activation: Any = "sigmoid",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        unit_forget_bias: bool = True,
        kernel_regularizer: Any = None,
        recurrent_regularizer: Any = None,
        bias_regularizer: Any = None,
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed: Any = None,
        **kwargs: Any,
    ):
        given = locals()
        settings = {name: given[name] for name in ("activation", "recurrent_activation", *_WEIGHTS)}
        super().__init__(units, use_bias, dropout, recurrent_dropout, seed, settings, **kwargs)
        self.unit_forget_bias = unit_forget_bias
        self.state_size = [self.units, self.units]

    def _add_bias(self) -> Any:
        return add_gate_bias(self, self.units)

    def step(self, projected: Any, states: list[Any]) -> tuple[Any, list[Any]]:
        h, c = states
        return lstm_step(self, projected + self._recur(h), c)


def add_gate_bias(cell: Any, size: int) -> Any:
    """The bias of the four gates of `size` units; that of the forget gate starts at 1, so that nothing is forgotten at first."""
    if not cell.unit_forget_bias:
        return cell._add("bias", (4 * size,))

    def initial(shape: Any, dtype: Any = None, **kwargs: Any) -> Any:
        first, last = (cell.bias_initializer((n,), dtype=dtype) for n in (size, 2 * size))
        return tf.concat([first, initializers.get("ones")((size,), dtype=dtype), last], 0)

    return cell.add_weight(
        name="bias", shape=(4 * size,), initializer=initial, regularizer=cell.bias_regularizer,
        constraint=cell.bias_constraint,
    )  # fmt: skip


def lstm_step(cell: Any, gates: Any, c: Any) -> tuple[Any, list[Any]]:
    """Output and states from the sums that arrive at the gates, `[batch, ..., 4 * units]`."""
    i, f, g, o = tf.split(gates, 4, axis=-1)
    c = cell.recurrent_activation(f) * c + cell.recurrent_activation(i) * cell.activation(g)
    h = cell.recurrent_activation(o) * cell.activation(c)
    return h, [h, c]


class GRUCell(Cell):
    """Gated recurrent unit; gates side by side: update, reset, new.

    reset_after: the reset gate acts on the product with the state (cuDNN's form, with two biases), not on the state.
    Source: Cho et al., "Learning phrase representations using RNN encoder-decoder" (2014); `tf.keras.layers.GRUCell`.
    """

    gates = 3
    _config_names = (
        "units", "activation", "recurrent_activation", "use_bias", *_WEIGHTS, "dropout", "recurrent_dropout", "reset_after",
        "seed",
    )  # fmt: skip

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        recurrent_activation: Any = "sigmoid",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        recurrent_regularizer: Any = None,
        bias_regularizer: Any = None,
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        reset_after: bool = True,
        seed: Any = None,
        **kwargs: Any,
    ):
        given = locals()
        settings = {name: given[name] for name in ("activation", "recurrent_activation", *_WEIGHTS)}
        super().__init__(units, use_bias, dropout, recurrent_dropout, seed, settings, **kwargs)
        self.reset_after = reset_after

    def _add_bias(self) -> Any:
        return self._add("bias", (2, 3 * self.units) if self.reset_after else (3 * self.units,))

    def _input_bias(self) -> Any:
        bias = self.bias.value()
        return bias[0] if self.reset_after else bias

    def step(self, projected: Any, states: list[Any]) -> tuple[Any, list[Any]]:
        h = states[0]
        x_zr, x_new = tf.split(projected, [2 * self.units, self.units], axis=-1)
        if self.reset_after:
            recurrent = self._recur(h)
            if self.bias is not None:
                recurrent = recurrent + self.bias.value()[1]
            r_zr, r_new = tf.split(recurrent, [2 * self.units, self.units], axis=-1)
            z, r = tf.split(self.recurrent_activation(x_zr + r_zr), 2, axis=-1)
            r_new = r * r_new
        else:
            masks = self._masks[1] if self._masks else None
            of_zr, of_new = tf.split(self.recurrent_kernel.value(), [2 * self.units, self.units], axis=-1)
            zr = self._product(h, of_zr, masks and masks[:2])
            z, r = tf.split(self.recurrent_activation(x_zr + zr), 2, axis=-1)
            r_new = self._product(r * h, of_new, masks and masks[2:])
        new = self.activation(x_new + r_new)
        h = z * h + (1 - z) * new
        return h, [h]
