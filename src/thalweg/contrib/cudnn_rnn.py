"""`tf.contrib.cudnn_rnn`: recurrent layers over `[time, batch, n]`, in the forms that cuDNN's had.

The parameters are those of the cells (`CudnnCompatibleLSTMCell`), one set a layer and direction, on any device.
Source: https://www.tensorflow.org/versions/r1.15/api_docs/python/tf/contrib/cudnn_rnn
"""

from __future__ import annotations

from typing import Any

from thalweg.compat import v1 as tf
from thalweg.compat.v1.rnn_cell import BasicRNNCell, LSTMCell, LSTMStateTuple, RNNCell

CUDNN_RNN_UNIDIRECTION, CUDNN_RNN_BIDIRECTION = "unidirectional", "bidirectional"
CUDNN_INPUT_LINEAR_MODE, CUDNN_INPUT_SKIP_MODE, CUDNN_INPUT_AUTO_MODE = "linear_input", "skip_input", "auto_select"


class CudnnCompatibleLSTMCell(LSTMCell):
    """An LSTM cell without a forget bias, as cuDNN's."""

    def __init__(self, num_units: int, reuse: Any = None):
        super().__init__(num_units, forget_bias=0.0, reuse=reuse, name="cudnn_compatible_lstm_cell")


class CudnnCompatibleGRUCell(RNNCell):
    """A GRU cell as cuDNN has it: the reset gate acts on the product, and the product has a bias of its own."""

    def __init__(self, num_units: int, reuse: Any = None, kernel_initializer: Any = None):
        super().__init__(_reuse=reuse, name="cudnn_compatible_gru_cell")
        self._num_units, self._initializer = num_units, kernel_initializer

    state_size = property(lambda self: self._num_units)  # type: ignore[assignment]
    output_size = property(lambda self: self._num_units)  # type: ignore[assignment]

    def build(self, input_shape: Any) -> None:
        n, size = self._num_units, input_shape.as_list()[-1]
        zeros = tf.zeros_initializer()
        self._gates = self.add_weight("gates/kernel", [size + n, 2 * n], initializer=self._initializer)
        self._gates_bias = self.add_weight("gates/bias", [2 * n], initializer=tf.constant_initializer(1.0))
        self._input = self.add_weight("candidate/input_projection/kernel", [size, n], initializer=self._initializer)
        self._input_bias = self.add_weight("candidate/input_projection/bias", [n], initializer=zeros)
        self._hidden = self.add_weight("candidate/hidden_projection/kernel", [n, n], initializer=self._initializer)
        self._hidden_bias = self.add_weight("candidate/hidden_projection/bias", [n], initializer=zeros)

    def call(self, inputs: Any, state: Any) -> Any:
        gates = tf.sigmoid(tf.nn.bias_add(tf.matmul(tf.concat([inputs, state], 1), self._gates), self._gates_bias))
        reset, update = tf.split(gates, 2, axis=1)
        hidden = tf.nn.bias_add(tf.matmul(state, self._hidden), self._hidden_bias)
        candidate = tf.tanh(tf.nn.bias_add(tf.matmul(inputs, self._input), self._input_bias) + reset * hidden)
        new = (1 - update) * candidate + update * state
        return new, new


class _Layers:
    """Layers of one kind of cell. Called with inputs `[time, batch, n]`, give outputs and the last states `[layers, batch, n]`."""

    cell: Any = None
    has_c = False

    def __init__(
        self, num_layers: int, num_units: int, input_mode: str = CUDNN_INPUT_LINEAR_MODE, direction: str = CUDNN_RNN_UNIDIRECTION,
        dropout: float = 0.0, seed: Any = None, dtype: Any = tf.float32, kernel_initializer: Any = None,
        bias_initializer: Any = None, name: Any = None,
    ):  # fmt: skip
        if direction not in (CUDNN_RNN_UNIDIRECTION, CUDNN_RNN_BIDIRECTION):
            raise ValueError(f"Invalid direction: {direction}")
        self.num_layers, self.num_units, self.direction, self.dropout = num_layers, num_units, direction, dropout
        self._seed, self.dtype, self._initializer = seed, dtype, kernel_initializer
        self.name = name or f"cudnn_{type(self).__name__[5:].lower()}"
        self.num_dirs = 2 if direction == CUDNN_RNN_BIDIRECTION else 1
        self._cells: list[list[Any]] = []
        self._scope: Any = None
        self.trainable_variables: list[Any] = []

    @property
    def variables(self) -> list[Any]:
        return self.trainable_variables

    trainable_weights = variables

    def state_shape(self, batch_size: int) -> Any:
        """The shapes of the last states."""
        one = [self.num_layers * self.num_dirs, batch_size, self.num_units]
        return (one, one) if self.has_c else (one,)

    def _start(self, states: Any, index: int) -> Any:
        if states is None:
            return None
        picked = [s[index] for s in states]
        return LSTMStateTuple(c=picked[1], h=picked[0]) if self.has_c else picked[0]

    def __call__(self, inputs: Any, initial_state: Any = None, training: Any = True, **kwargs: Any) -> Any:
        first = self._scope is None
        with tf.variable_scope(self._scope if self._scope is not None else self.name, reuse=None if first else True,
                               initializer=self._initializer) as self._scope:  # fmt: skip
            states = None if initial_state is None else list(initial_state)
            last = []
            for i in range(self.num_layers):
                if i and self.dropout:
                    inputs = tf.layers.dropout(inputs, self.dropout, seed=self._seed, training=training)
                outputs = []
                for d in range(self.num_dirs):
                    if first:
                        self._cells.append([])
                    y, state = self._direction(inputs, i, d, self._start(states, i * self.num_dirs + d), first)
                    outputs.append(y)
                    last.append(state)
                inputs = outputs[0] if len(outputs) == 1 else tf.concat(outputs, 2)
            if first:
                self.trainable_variables = [v for cells in self._cells for c in cells for v in c.trainable_variables]
        if self.has_c:
            return inputs, (tf.stack([s.h for s in last]), tf.stack([s.c for s in last]))
        return inputs, (tf.stack(last),)

    call = __call__

    def _direction(self, inputs: Any, layer: int, d: int, start: Any, first: bool) -> Any:
        if first:
            self._cells[-1].append(self.cell(self.num_units))
        cell = self._cells[layer * self.num_dirs + d][0]
        x = tf.reverse(inputs, [0]) if d else inputs
        scope = (
            f"stack_bidirectional_rnn/cell_{layer}/bidirectional_rnn/{'bw' if d else 'fw'}"
            if self.num_dirs == 2
            else f"rnn/cell_{layer}"
        )
        y, state = tf.nn.dynamic_rnn(cell, x, initial_state=start, dtype=self.dtype, time_major=True, scope=scope)
        return (tf.reverse(y, [0]) if d else y), state


class CudnnLSTM(_Layers):
    """LSTM layers."""

    cell, has_c = CudnnCompatibleLSTMCell, True


class CudnnGRU(_Layers):
    """GRU layers."""

    cell = CudnnCompatibleGRUCell


class CudnnRNNTanh(_Layers):
    """Plain recurrent layers with tanh."""

    cell = BasicRNNCell


class CudnnRNNRelu(_Layers):
    """Plain recurrent layers with ReLU."""

    cell = staticmethod(lambda n: BasicRNNCell(n, activation=tf.nn.relu))
