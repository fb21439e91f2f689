"""Running cells over sequences, layer upon layer, from both ends: `tf.contrib.rnn.stack_bidirectional_dynamic_rnn` and its kin."""

from __future__ import annotations

from typing import Any

from thalweg.compat import v1 as tf


def transpose_batch_time(x: Any) -> Any:
    """Batch and time exchanged; a tensor of fewer than two axes as it is."""
    x = tf.convert_to_tensor(x)
    if x.shape.ndims is not None and x.shape.ndims < 2:
        raise ValueError(f"Expected input tensor {x} to have rank at least 2, but saw shape: {x.shape}")
    return tf.transpose(x, [1, 0, *range(2, x.shape.ndims)])


def _check(cells_fw: Any, cells_bw: Any) -> None:
    for name, cells in (("cells_fw", cells_fw), ("cells_bw", cells_bw)):
        if not isinstance(cells, list) or not cells:
            raise ValueError(f"{name} must be a list of RNNCells (one per layer).")
    if len(cells_fw) != len(cells_bw):
        raise ValueError("Forward and Backward cells must have the same depth.")


def stack_bidirectional_rnn(
    cells_fw: Any, cells_bw: Any, inputs: Any, initial_states_fw: Any = None, initial_states_bw: Any = None, dtype: Any = None,
    sequence_length: Any = None, scope: Any = None,
) -> Any:  # fmt: skip
    """Bidirectional layers over a list of inputs, each over the joined outputs of the one below."""
    _check(cells_fw, cells_bw)
    states_fw, states_bw = [], []
    with tf.variable_scope(scope or "stack_bidirectional_rnn"):
        for i, (fw, bw) in enumerate(zip(cells_fw, cells_bw)):
            with tf.variable_scope(f"cell_{i}") as here:
                inputs, state_fw, state_bw = tf.nn.static_bidirectional_rnn(
                    fw, bw, inputs, initial_states_fw[i] if initial_states_fw else None,
                    initial_states_bw[i] if initial_states_bw else None, dtype, sequence_length, here,
                )  # fmt: skip
                states_fw.append(state_fw)
                states_bw.append(state_bw)
    return inputs, tuple(states_fw), tuple(states_bw)


def stack_bidirectional_dynamic_rnn(
    cells_fw: Any, cells_bw: Any, inputs: Any, initial_states_fw: Any = None, initial_states_bw: Any = None, dtype: Any = None,
    sequence_length: Any = None, parallel_iterations: Any = None, time_major: bool = False, scope: Any = None,
    swap_memory: bool = False,
) -> Any:  # fmt: skip
    """Bidirectional layers over `[batch, time, n]`, each over the joined outputs of the one below."""
    _check(cells_fw, cells_bw)
    states_fw, states_bw = [], []
    with tf.variable_scope(scope or "stack_bidirectional_rnn"):
        for i, (fw, bw) in enumerate(zip(cells_fw, cells_bw)):
            with tf.variable_scope(f"cell_{i}"):
                outputs, (state_fw, state_bw) = tf.nn.bidirectional_dynamic_rnn(
                    fw, bw, inputs, sequence_length, initial_states_fw[i] if initial_states_fw else None,
                    initial_states_bw[i] if initial_states_bw else None, dtype, time_major=time_major,
                )  # fmt: skip
                inputs = tf.concat(outputs, 2)
                states_fw.append(state_fw)
                states_bw.append(state_bw)
    return inputs, tuple(states_fw), tuple(states_bw)


class FusedRNNCell:
    """Base of cells over whole sequences: called with inputs `[time, batch, n]`, give outputs and the last state."""

    def __call__(
        self, inputs: Any, initial_state: Any = None, dtype: Any = None, sequence_length: Any = None, scope: Any = None
    ) -> Any:
        raise NotImplementedError("A fused cell defines __call__.")


class FusedRNNCellAdaptor(FusedRNNCell):
    """A cell over whole sequences."""

    def __init__(self, cell: Any, use_dynamic_rnn: bool = False):
        self._cell, self._dynamic = cell, use_dynamic_rnn

    def __call__(
        self, inputs: Any, initial_state: Any = None, dtype: Any = None, sequence_length: Any = None, scope: Any = None
    ) -> Any:
        listed = isinstance(inputs, list)
        if self._dynamic:
            outputs, state = tf.nn.dynamic_rnn(
                self._cell,
                tf.stack(inputs) if listed else inputs,
                sequence_length,
                initial_state,
                dtype,
                time_major=True,
                scope=scope,
            )
            return (tf.unstack(outputs) if listed else outputs), state
        outputs, state = tf.nn.static_rnn(
            self._cell, inputs if listed else tf.unstack(inputs), initial_state, dtype, sequence_length, scope
        )
        return (outputs if listed else tf.stack(outputs)), state


class TimeReversedFusedRNN(FusedRNNCell):
    """A fused cell that goes from the last step to the first."""

    def __init__(self, cell: Any):
        self._cell = cell

    def _turned(self, x: Any, lengths: Any) -> Any:
        if isinstance(x, list):
            return list(reversed(x))
        return tf.reverse(x, [0]) if lengths is None else tf.reverse_sequence(x, lengths, 0, 1)

    def __call__(
        self, inputs: Any, initial_state: Any = None, dtype: Any = None, sequence_length: Any = None, scope: Any = None
    ) -> Any:
        outputs, state = self._cell(self._turned(inputs, sequence_length), initial_state, dtype, sequence_length, scope)
        return self._turned(outputs, sequence_length), state
