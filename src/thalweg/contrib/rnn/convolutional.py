"""Convolutional LSTMs of `tf.contrib.rnn` (Shi et al., 2015)."""

from __future__ import annotations

from typing import Any

from thalweg.compat import v1 as tf
from thalweg.compat.v1.rnn_cell import LSTMStateTuple, RNNCell


class ConvLSTMCell(RNNCell):
    """An LSTM whose products are convolutions. `input_shape` is that of an input without its batch: `[..., channels]`."""

    def __init__(
        self, conv_ndims: int, input_shape: Any, output_channels: int, kernel_shape: Any, use_bias: bool = True,
        skip_connection: bool = False, forget_bias: float = 1.0, initializers: Any = None, name: str = "conv_lstm_cell",
    ):  # fmt: skip
        super().__init__(name=name)
        if conv_ndims != len(input_shape) - 1:
            raise ValueError(f"Invalid input_shape {input_shape} for conv_ndims={conv_ndims}.")
        self._space, self._channels, self._kernel = list(input_shape[:-1]), output_channels, list(kernel_shape)
        self._skip, self._in_channels, self._use_bias = skip_connection, input_shape[-1], use_bias
        self._forget_bias, self._initializer = forget_bias, initializers

    @property
    def state_size(self) -> Any:
        size = tf.TensorShape([*self._space, self._channels])
        return LSTMStateTuple(size, size)

    @property
    def output_size(self) -> Any:
        return tf.TensorShape([*self._space, self._channels + self._in_channels * self._skip])

    def call(self, inputs: Any, state: Any) -> Any:
        c, h = state
        joined = tf.concat([inputs, h], -1)
        kernel = tf.get_variable("kernel", [*self._kernel, self._in_channels + self._channels, 4 * self._channels],
                                 initializer=self._initializer)  # fmt: skip
        y = tf.nn.convolution(joined, kernel, "SAME")
        if self._use_bias:
            y += tf.get_variable("biases", [4 * self._channels], initializer=tf.zeros_initializer())
        i, j, f, o = tf.split(y, 4, axis=-1)
        c = tf.sigmoid(f + self._forget_bias) * c + tf.sigmoid(i) * tf.tanh(j)
        h = tf.tanh(c) * tf.sigmoid(o)
        return tf.concat([h, inputs], -1) if self._skip else h, LSTMStateTuple(c, h)


def _of_rank(rank: int) -> type[ConvLSTMCell]:
    def init(self: Any, name: str = f"conv_{rank}d_lstm_cell", **kwargs: Any) -> None:
        ConvLSTMCell.__init__(self, conv_ndims=rank, name=name, **kwargs)

    return type(f"Conv{rank}DLSTMCell", (ConvLSTMCell,), {"__init__": init, "__doc__": f"A convolutional LSTM over {rank} axes."})


Conv1DLSTMCell, Conv2DLSTMCell, Conv3DLSTMCell = _of_rank(1), _of_rank(2), _of_rank(3)
