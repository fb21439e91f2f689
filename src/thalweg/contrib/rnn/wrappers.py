"""Cells around cells in `tf.contrib.rnn`: embeddings, projections, highways, attention to the past."""

from __future__ import annotations

from typing import Any

from thalweg.compat import v1 as tf
from thalweg.compat.v1.rnn_cell import RNNCell
from thalweg.contrib.rnn.cells import linear


class _Around(RNNCell):
    def __init__(self, cell: Any, reuse: Any = None):
        super().__init__(_reuse=reuse)
        self._cell = cell

    @property
    def state_size(self) -> Any:
        return self._cell.state_size

    @property
    def output_size(self) -> Any:
        return self._cell.output_size

    def zero_state(self, batch_size: Any, dtype: Any) -> Any:
        return self._cell.zero_state(batch_size, dtype)


class EmbeddingWrapper(_Around):
    """Ids in, their vectors to the cell: the variable `embedding`."""

    def __init__(self, cell: Any, embedding_classes: int, embedding_size: int, initializer: Any = None, reuse: Any = None):
        super().__init__(cell, reuse)
        if embedding_classes <= 0 or embedding_size <= 0:
            raise ValueError(f"Both embedding_classes and embedding_size must be > 0: {embedding_classes}, {embedding_size}.")
        self._classes, self._size, self._initializer = embedding_classes, embedding_size, initializer

    def call(self, inputs: Any, state: Any) -> Any:
        bound = 3**0.5
        initializer = self._initializer or tf.get_variable_scope().initializer or tf.random_uniform_initializer(-bound, bound)
        table = tf.get_variable("embedding", [self._classes, self._size], initializer=initializer)
        return self._cell(tf.nn.embedding_lookup(table, tf.reshape(inputs, [-1])), state)


class InputProjectionWrapper(_Around):
    """A linear layer before the cell."""

    def __init__(self, cell: Any, num_proj: int, activation: Any = None, input_size: Any = None, reuse: Any = None):
        super().__init__(cell, reuse)
        self._projected, self._activation = num_proj, activation

    def call(self, inputs: Any, state: Any) -> Any:
        y = linear([inputs], self._projected, True)
        return self._cell(self._activation(y) if self._activation else y, state)


class OutputProjectionWrapper(_Around):
    """A linear layer after the cell."""

    def __init__(self, cell: Any, output_size: int, activation: Any = None, reuse: Any = None):
        super().__init__(cell, reuse)
        if output_size < 1:
            raise ValueError(f"Parameter output_size must be > 0: {output_size}.")
        self._size, self._activation = output_size, activation

    @property
    def output_size(self) -> Any:
        return self._size

    def call(self, inputs: Any, state: Any) -> Any:
        output, after = self._cell(inputs, state)
        y = linear([output], self._size, True)
        return (self._activation(y) if self._activation else y), after


class HighwayWrapper(_Around):
    """The cell's output and its inputs, mixed by a learnt gate (Srivastava et al., 2015)."""

    def __init__(self, cell: Any, couple_carry_transform_gates: bool = True, carry_bias_init: float = 1.0):
        super().__init__(cell)
        self._coupled, self._bias = couple_carry_transform_gates, carry_bias_init

    def call(self, inputs: Any, state: Any) -> Any:
        output, after = self._cell(inputs, state)
        size = inputs.shape.as_list()[-1]

        def gate(name: str, bias: float) -> Any:
            with tf.variable_scope(name):
                kernel = tf.get_variable("weight", [size, size])
                return tf.sigmoid(
                    tf.matmul(inputs, kernel) + tf.get_variable("bias", [size], initializer=tf.constant_initializer(bias))
                )

        carry = gate("carry", self._bias)
        transform = 1.0 - carry if self._coupled else gate("transform", -self._bias)
        return inputs * carry + output * transform, after


class AttentionCellWrapper(_Around):
    """Attention to the cell's own last `attn_length` states (Bahdanau et al., 2015). The state is a triple."""

    def __init__(
        self, cell: Any, attn_length: int, attn_size: int | None = None, attn_vec_size: int | None = None,
        input_size: int | None = None, state_is_tuple: bool = True, reuse: Any = None,
    ):  # fmt: skip
        super().__init__(cell, reuse)
        if attn_length <= 0:
            raise ValueError(f"attn_length should be greater than zero, got {attn_length}")
        if not state_is_tuple:
            raise ValueError("AttentionCellWrapper keeps its state as a tuple: leave state_is_tuple out.")
        self._length, self._size = attn_length, attn_size or cell.output_size
        self._vector, self._input_size = attn_vec_size or self._size, input_size

    @property
    def state_size(self) -> Any:
        return self._cell.state_size, self._size, self._size * self._length

    @property
    def output_size(self) -> Any:
        return self._size

    def zero_state(self, batch_size: Any, dtype: Any) -> Any:
        return RNNCell.zero_state(self, batch_size, dtype)

    def call(self, inputs: Any, state: Any) -> Any:
        state, attns, past = state
        past = tf.reshape(past, [-1, self._length, self._size])
        mixed = linear([inputs, attns], self._input_size or inputs.shape.as_list()[1], True)
        output, after = self._cell(mixed, state)
        flat = tf.concat(tf.nest.flatten(after), 1)
        new_attns, new_past = self._attend(flat, past)
        with tf.variable_scope("attn_output_projection"):
            output = linear([output, new_attns], self._size, True)
        new_past = tf.concat([new_past, tf.expand_dims(output, 1)], 1)
        return output, (after, new_attns, tf.reshape(new_past, [-1, self._length * self._size]))

    def _attend(self, query: Any, past: Any) -> tuple[Any, Any]:
        with tf.variable_scope("attention"):
            k = tf.get_variable("attn_w", [1, 1, self._size, self._vector])
            v = tf.get_variable("attn_v", [self._vector])
            hidden = tf.reshape(past, [-1, self._length, 1, self._size])
            features = tf.nn.conv2d(hidden, k, [1, 1, 1, 1], "SAME")
            y = tf.reshape(linear([query], self._vector, True), [-1, 1, 1, self._vector])
            weights = tf.nn.softmax(tf.reduce_sum(v * tf.tanh(features + y), [2, 3]))
            found = tf.reduce_sum(tf.reshape(weights, [-1, self._length, 1, 1]) * hidden, [1, 2])
            return tf.reshape(found, [-1, self._size]), past[:, 1:, :]
