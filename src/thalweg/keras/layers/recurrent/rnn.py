"""`RNN`: a cell run over time, and cells on top of each other."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import thalweg as tf
from thalweg.keras.engine import calls
from thalweg.keras.engine.layer import Layer
from thalweg.keras.engine.shapes import Shape, as_shape, is_shape
from thalweg.keras.engine.symbolic import is_keras_tensor
from thalweg.keras.layers.recurrent.cells import Cell, zero_states
from thalweg.keras.layers.recurrent.loop import over_time
from thalweg.keras.saving import registration

#: Arguments of `RNN` itself, which the ready layers (`LSTM`, `GRU`, ...) take beside those of their cell.
LAYER_ARGUMENTS = (
    "return_sequences", "return_state", "go_backwards", "stateful", "unroll", "zero_output_for_mask", "time_major",
)  # fmt: skip


class RNN(Layer):
    """A cell over the steps of sequences, `[batch, time, ...]`.

    cell: an object with `call(inputs, states) -> output, new states` and `state_size`; a list of them is stacked.
    return_sequences: the outputs of all steps, `[batch, time, units]`, not only of the last one. return_state: the last
    states, too. go_backwards: from the last step to the first. stateful: a batch begins where the one before ended; the
    batch size must be known. unroll: each step by itself in the graph. zero_output_for_mask: zeros, not the output
    before, where a step is masked. time_major: sequences are `[time, batch, ...]`. Source: `tf.keras.layers.RNN`.

    >>> layer = tf.keras.layers.RNN(tf.keras.layers.LSTMCell(4), return_sequences=True)
    >>> layer(tf.zeros([2, 3, 5])).shape
    TensorShape([2, 3, 4])
    """

    def __init__(
        self,
        cell: Any,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        zero_output_for_mask: bool = False,
        time_major: bool = False,
        **kwargs: Any,
    ):
        if isinstance(cell, (list, tuple)):
            cell = StackedRNNCells(cell)
        for what in ("call", "state_size"):
            if what not in dir(cell):
                raise ValueError(
                    f"The RNN cell should have a `{'call` method' if what == 'call' else 'state_size` attribute'}. "
                    f"Received: cell={cell!r}"
                )
        super().__init__(**kwargs)
        self.cell = cell
        self.return_sequences, self.return_state, self.go_backwards = return_sequences, return_state, go_backwards
        self.stateful, self.unroll, self.time_major = stateful, unroll, time_major
        self.zero_output_for_mask = zero_output_for_mask
        self.supports_masking = True
        self.__dict__["_states"] = None

    @property
    def state_size(self) -> list[Any]:
        return as_list(self.cell.state_size)

    @property
    def states(self) -> list[Any]:
        """The variables that hold the states of a stateful layer; None for each state of another one."""
        return [None for _ in self.state_size] if self._states is None else self._states

    # -- building -------------------------------------------------------------------------------------------

    def build(self, sequences_shape: Any, initial_state_shape: Any = None) -> None:
        shape = sequences_shape if is_shape(sequences_shape) else tf.nest.flatten(sequences_shape)[0]
        shape = self._batch_major(as_shape(shape))
        build_inner(self.cell, shape[:1] + shape[2:])
        if self.stateful and self._states is None:
            if shape[0] is None:
                raise ValueError(
                    "When using `stateful=True` in a RNN, the batch size must be static. Found dynamic batch size: "
                    f"sequence.shape={tuple(shape)}. Give batch_size= or batch_shape= to the input."
                )
            with tf.init_scope():
                zeros = as_list(self.get_initial_state(batch_size=shape[0]))
                self.__dict__["_states"] = tf.nest.map_structure(
                    lambda x: self.add_weight(
                        name="rnn_state", shape=x.shape, dtype=x.dtype, initializer="zeros", trainable=False
                    ),
                    zeros,
                )
        self.built = True

    def _own_weights(self) -> list[Any]:
        """Without the states: files of Keras do not hold them."""
        held = {id(v) for v in tf.nest.flatten(self._states or [])}
        return [v for v in super()._own_weights() if id(v) not in held]

    def _batch_major(self, shape: Shape) -> Shape:
        return Shape((shape[1], shape[0])) + shape[2:] if self.time_major else shape

    def get_initial_state(self, inputs: Any = None, batch_size: Any = None) -> Any:
        """The states before the first step: the cell's, or zeros."""
        if inputs is not None and hasattr(inputs, "shape") and batch_size is None:
            batch_size = tf.shape(inputs)[1 if self.time_major else 0]
        elif inputs is not None:
            batch_size = inputs
        dtype = getattr(self.cell, "compute_dtype", self.compute_dtype)
        ask = getattr(self.cell, "get_initial_state", None)
        if ask is None:
            return as_list(zero_states(self.cell.state_size, None, batch_size, dtype))
        names = calls.signature_of(getattr(type(self.cell), "get_initial_state", ask)).names
        given = {"inputs": None, "batch_size": batch_size, "dtype": dtype}
        return as_list(ask(**{name: value for name, value in given.items() if name in names}))

    # -- calling --------------------------------------------------------------------------------------------

    def __call__(self, sequences: Any, initial_state: Any = None, mask: Any = None, **kwargs: Any) -> Any:
        """States may follow the sequences in a list, as in Keras 2: `layer([x, h, c])`."""
        if initial_state is None and isinstance(sequences, (list, tuple)) and len(sequences) > 1 and (
            all(isinstance(x, tf.Tensor) or is_keras_tensor(x) or hasattr(x, "shape") for x in sequences)
        ) and not isinstance(self.cell.state_size, dict):
            sequences, *rest = sequences
            count = len(tf.nest.flatten(self.cell.state_size))
            initial_state = tf.nest.pack_sequence_as(self.state_size, rest[:count])
            if rest[count:]:
                kwargs["constants"] = rest[count:]
        if initial_state is not None:
            kwargs["initial_state"] = initial_state
        if mask is not None:
            kwargs["mask"] = mask
        return super().__call__(sequences, **kwargs)

    def call(
        self, sequences: Any, initial_state: Any = None, mask: Any = None, training: Any = False, constants: Any = None
    ) -> Any:
        flat = tf.nest.flatten(sequences)
        if not self.time_major:
            flat = [swapped(x) for x in flat]
        mask = None if mask is None else tf.nest.flatten(mask)[0]
        if mask is not None and not self.time_major:
            mask = tf.transpose(mask, [1, 0])
        states = self._first_states(flat[0], initial_state)
        output, after = self._over_time(tf.nest.pack_sequence_as(sequences, flat), states, mask, training, constants)
        if self.return_sequences and not self.time_major:
            output = swapped(output)
        if self.stateful:
            for held, value in zip(tf.nest.flatten(self._states), tf.nest.flatten(after)):
                held.assign(tf.cast(value, held.dtype))
        return (output, *after) if self.return_state else output

    def _first_states(self, x: Any, initial_state: Any) -> list[Any]:
        if initial_state is not None:
            states = as_list(initial_state)
        elif self.stateful:
            size, given = tf.nest.flatten(self._states)[0].shape[0], x.shape[1]
            if given is not None and given != size:
                raise ValueError(
                    "If an RNN is stateful, the batch size of the input sequences must be the same as the batch size of the "
                    f"initial state. \n- Expected batch size: {size}\n- Received batch size: {given}"
                )
            states = self._states
        else:
            rows = x.shape[1] if x.shape[1] is not None else tf.shape(x)[1]
            states = self.get_initial_state(batch_size=rows)
        if len(states) != len(self.state_size):
            raise ValueError(
                f"Layer {self.name!r} has {len(self.state_size)} state(s), but initial_state holds {len(states)}."
            )
        dtype = getattr(self.cell, "compute_dtype", self.compute_dtype)
        return tf.nest.map_structure(lambda s: tf.cast(tf.convert_to_tensor(s), dtype), list(states))

    def _over_time(self, sequences: Any, states: list[Any], mask: Any, training: Any, constants: Any) -> tuple[Any, list[Any]]:
        cell, form = self.cell, states
        now = tf.nest.map_structure(lambda x: x[0], sequences)
        with _fixed_masks(cell, now, states, training):
            if isinstance(cell, Cell) and type(cell).call is Cell.call:  # nobody's own step: products with inputs at once
                step, sequences = cell.step, cell.project(sequences)
            else:
                step = _flat_step(cell, form, training, constants)

            first = None if mask is None else self._zero_output(states)
            output, after = over_time(
                step, sequences, tf.nest.flatten(states), mask, backwards=self.go_backwards, unroll=self.unroll,
                keep_all=self.return_sequences, zeros_where_masked=self.zero_output_for_mask, first_output=first,
            )  # fmt: skip
        return output, tf.nest.pack_sequence_as(form, after)

    def _zero_output(self, states: list[Any]) -> Any:
        size = getattr(self.cell, "output_size", None)
        state = tf.nest.flatten(states)[0]
        if size is None or not hasattr(size, "__index__") or size == state.shape[-1]:
            return tf.zeros_like(state)
        return tf.zeros([tf.shape(state)[0], size], state.dtype)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        mask = None if mask is None else tf.nest.flatten(mask)[0]
        found = mask if self.return_sequences else None
        return [found] + [None for _ in tf.nest.flatten(self.state_size)] if self.return_state else found

    def compute_output_shape(self, sequences_shape: Any, initial_state_shape: Any = None) -> Any:
        shape = as_shape(sequences_shape if is_shape(sequences_shape) else sequences_shape[0])
        batch = self._batch_major(shape)[0]
        size = getattr(self.cell, "output_size", None)
        size = tf.nest.flatten(self.state_size)[0] if size is None else size
        output = (shape[:2] if self.return_sequences else Shape((batch,))) + _sizes(size)
        if not self.return_state:
            return output
        return (output, *(tf.nest.map_structure(lambda n: Shape((batch,)) + _sizes(n), s) for s in self.state_size))

    def reset_state(self) -> None:
        """Forget the states of a stateful layer: the next batch begins with zeros."""
        self.reset_states()

    def reset_states(self, states: Any = None) -> None:
        """Set the states of a stateful layer: to zeros, or to given arrays."""
        if not self.stateful:
            raise AttributeError("Layer must be stateful.")
        if self._states is None:
            return
        held = tf.nest.flatten(self._states)
        values = [None] * len(held) if states is None else tf.nest.flatten(states)
        if len(values) != len(held):
            raise ValueError(f"Layer {self.name} expects {len(held)} states, but it received {len(values)} state values.")
        for variable, value in zip(held, values):
            variable.assign(tf.zeros_like(variable) if value is None else value)

    # -- config ---------------------------------------------------------------------------------------------

    def get_config(self) -> dict[str, Any]:
        config = {name: getattr(self, name) for name in LAYER_ARGUMENTS if name != "time_major" or self.time_major}
        return {**super().get_config(), **config, "cell": registration.serialize_keras_object(self.cell)}

    def _has_no_config(self) -> bool:
        return False

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        config = dict(config)
        cell = registration.deserialize_keras_object(config.pop("cell"), custom_objects)
        return cls(cell, **config)


def swapped(x: Any) -> Any:
    """Batch and time exchanged."""
    return tf.transpose(x, [1, 0, *range(2, x.shape.rank)])


def as_list(states: Any) -> list[Any]:
    return list(states) if isinstance(states, (list, tuple)) and not isinstance(states, tf.TensorShape) else [states]


def _sizes(size: Any) -> tuple[Any, ...]:
    return (size,) if hasattr(size, "__index__") else tuple(size)


def build_inner(layer: Any, input_shape: Any) -> None:
    """Build a layer that another one calls without its `__call__`. Objects that are no layers need none."""
    if isinstance(layer, Layer) and not layer.built:
        layer.__dict__["_build_shape"] = {"input_shape": input_shape}
        with tf.init_scope(), calls.scope(layer.name):
            layer.build(input_shape)
        layer.built = True


def _caller(cell: Any, training: Any, constants: Any = None) -> Any:
    """A call of a cell, whoever wrote it, with the arguments that it takes."""
    signature = calls.signature_of(type(cell).call) if hasattr(type(cell), "call") else None
    extra: dict[str, Any] = {}
    if signature is None or signature.takes_training:
        extra["training"] = training
    if constants is not None:
        extra["constants"] = constants
    ask = cell if callable(cell) else cell.call
    return lambda inputs, states: ask(inputs, states, **extra)


def _flat_step(cell: Any, form: list[Any], training: Any, constants: Any) -> Any:
    """A step of any cell, with its states in a flat list; `form` is their nest."""
    ask = _caller(cell, training, constants)

    def step(x: Any, flat: list[Any]) -> tuple[Any, list[Any]]:
        before = tf.nest.pack_sequence_as(form, flat)
        output, after = ask(x, before if tf.nest.is_nested(cell.state_size) else before[0])
        return output, tf.nest.flatten(after)

    return step


@contextlib.contextmanager
def _fixed_masks(cell: Any, inputs: Any, states: Any, training: Any) -> Iterator[None]:
    fix = getattr(cell, "fixed_masks", None)
    with contextlib.nullcontext() if fix is None else fix(inputs, states, training):
        yield


class StackedRNNCells(Layer):
    """Cells on top of each other, as one cell. Source: `tf.keras.layers.StackedRNNCells`."""

    def __init__(self, cells: Any, **kwargs: Any):
        super().__init__(**kwargs)
        for cell in cells:
            for what in ("call", "state_size"):
                if what not in dir(cell):
                    kind = "`call` method" if what == "call" else "`state_size` attribute"
                    raise ValueError(f"All cells must have a {kind}. Received cell without a {kind}: {cell}")
        self.cells = list(cells)

    @property
    def state_size(self) -> list[Any]:
        return [cell.state_size for cell in self.cells]

    @property
    def output_size(self) -> Any:
        last = self.cells[-1]
        size = getattr(last, "output_size", None)
        return as_list(last.state_size)[0] if size is None else size

    def get_initial_state(self, batch_size: Any = None) -> list[Any]:
        return [
            cell.get_initial_state(batch_size=batch_size) if hasattr(cell, "get_initial_state")
            else zero_states(cell.state_size, None, batch_size, self.compute_dtype)
            for cell in self.cells
        ]  # fmt: skip

    def build(self, input_shape: Any) -> None:
        shape = as_shape(input_shape)
        for cell in self.cells:
            build_inner(cell, shape)
            size = getattr(cell, "output_size", None)
            shape = shape[:1] + _sizes(as_list(cell.state_size)[0] if size is None else size)
        self.built = True

    @contextlib.contextmanager
    def fixed_masks(self, inputs: Any, states: Any, training: Any) -> Iterator[None]:
        """Steps made inside drop the same inputs and states each time, in every cell."""
        with contextlib.ExitStack() as stack:
            for cell, state in zip(self.cells, states):
                stack.enter_context(_fixed_masks(cell, inputs, state, training))
                inputs = as_list(state)[0]
            yield

    def call(self, inputs: Any, states: Any, training: Any = False, constants: Any = None) -> tuple[Any, list[Any]]:
        after = []
        for cell, state in zip(self.cells, states):
            wanted = constants if constants is not None and "constants" in calls.signature_of(type(cell).call).names else None
            inputs, new = _caller(cell, training, wanted)(inputs, state)
            after.append(new[0] if isinstance(new, (list, tuple)) and not tf.nest.is_nested(cell.state_size) else new)
        return inputs, after

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "cells": [registration.serialize_keras_object(cell) for cell in self.cells]}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        config = dict(config)
        cells = [registration.deserialize_keras_object(cell, custom_objects) for cell in config.pop("cells")]
        return cls(cells, **config)


class AbstractRNNCell(Layer):
    """The base of cells of one's own in Keras 2: give it `call(inputs, states)`, `state_size` and `output_size`."""

    @property
    def state_size(self) -> Any:
        raise NotImplementedError(f"Cell {type(self).__name__} has no `state_size`: give it that property.")

    @property
    def output_size(self) -> Any:
        raise NotImplementedError(f"Cell {type(self).__name__} has no `output_size`: give it that property.")

    def get_initial_state(self, inputs: Any = None, batch_size: Any = None, dtype: Any = None) -> Any:
        return zero_states(self.state_size, inputs, batch_size, dtype or self.compute_dtype)
