"""LSTM over images: states and inputs are images, products are convolutions."""

from __future__ import annotations

from typing import Any

import thalweg as tf
from thalweg.keras.config import standardize_data_format
from thalweg.keras.engine.shapes import Shape, as_shape, is_shape
from thalweg.keras.layers import windows
from thalweg.keras.layers.recurrent.cells import _WEIGHTS, Cell, add_gate_bias, lstm_step
from thalweg.keras.layers.recurrent.ready import WithCell


class ConvLSTMCell(Cell):
    """One step of a convolutional LSTM, in one to three dimensions.

    Source: Shi et al., "Convolutional LSTM network" (2015); `tf.keras.layers.ConvLSTM2D`.
    """

    gates = 4
    _rank = 2
    _always_per_gate = True
    _config_names = (
        "filters", "kernel_size", "strides", "padding", "data_format", "dilation_rate", "activation", "recurrent_activation",
        "use_bias", "kernel_initializer", "recurrent_initializer", "bias_initializer", "unit_forget_bias",
        "kernel_regularizer", "recurrent_regularizer", "bias_regularizer", "kernel_constraint", "recurrent_constraint",
        "bias_constraint", "dropout", "recurrent_dropout", "seed",
    )  # fmt: skip

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Any = 1,
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
        super().__init__(filters, use_bias, dropout, recurrent_dropout, seed, settings, **kwargs)
        name = f"ConvLSTM{self._rank}D"
        self.filters, self.unit_forget_bias = self.units, unit_forget_bias
        self.kernel_size = windows.per_dimension(kernel_size, self._rank, "kernel_size", name)
        self.strides = windows.per_dimension(strides, self._rank, "strides", name)
        self.dilation_rate = windows.per_dimension(dilation_rate, self._rank, "dilation_rate", name)
        self.padding = windows.check_padding(padding, name)
        self.data_format = standardize_data_format(data_format)
        self.state_size = [-1, -1]  # known when the size of the images is
        self.output_size = None

    def build(self, input_shape: Any) -> None:
        shape = as_shape(input_shape)
        space, channels = windows.take_apart(shape, self.data_format)
        if None in space or channels is None:
            raise ValueError(
                f"ConvLSTM layers need images of a known size and number of channels, but the shape is {tuple(shape)}."
            )
        self.kernel = self._add("kernel", (*self.kernel_size, channels, 4 * self.filters))
        self.recurrent_kernel = self.add_weight(
            name="recurrent_kernel", shape=(*self.kernel_size, self.filters, 4 * self.filters),
            initializer=self.recurrent_initializer, regularizer=self.recurrent_regularizer,
            constraint=self.recurrent_constraint,
        )  # fmt: skip
        self.bias = add_gate_bias(self, self.filters) if self.use_bias else None
        image = self._image_shape(shape)[1:]
        self.state_size, self.output_size = [tf.TensorShape(image), tf.TensorShape(image)], tf.TensorShape(image)
        self.built = True

    def _image_shape(self, input_shape: Any) -> Shape:
        space, _ = windows.take_apart(as_shape(input_shape), self.data_format)
        sizes = [
            windows.window_output(size, window, stride, self.padding, dilation)
            for size, window, stride, dilation in zip(space, self.kernel_size, self.strides, self.dilation_rate)
        ]
        return windows.put_together(input_shape[0], sizes, self.filters, self.data_format)

    def _convolved(self, x: Any, kernel: Any, masks: Any, strides: Any, padding: str, dilations: Any) -> Any:
        """The gates' convolutions side by side, each with what its mask drops left out."""
        axis = -1 if self.data_format == "channels_last" else 1

        def convolve(x: Any, kernel: Any) -> Any:
            layout = windows.layout(self.data_format, self._rank)
            return tf.nn.convolution(x, kernel, strides, padding.upper(), layout, dilations)

        if not masks:
            return convolve(x, kernel)
        return tf.concat([convolve(x * mask, k) for mask, k in zip(masks, tf.split(kernel, 4, axis=-1))], axis)

    def project(self, inputs: Any) -> Any:
        times = inputs.shape.rank == self._rank + 3  # of all steps at once
        masks = self._masks[0] if self._masks else None
        x = inputs
        if times:
            count = tf.shape(inputs)[0]
            x = tf.reshape(inputs, tf.concat([[-1], tf.shape(inputs)[2:]], 0))
            x.set_shape([None, *inputs.shape[2:]])
            masks = masks and [tf.tile(mask, [count, *[1] * (self._rank + 1)]) for mask in masks]
        y = self._convolved(x, self.kernel.value(), masks, self.strides, self.padding, self.dilation_rate)
        if self.bias is not None:
            bias = self.bias.value()
            y = y + (bias if self.data_format == "channels_last" else tf.reshape(bias, [-1, *[1] * self._rank]))
        if times:
            shape = y.shape[1:]
            y = tf.reshape(y, [inputs.shape[0] or count, -1 if inputs.shape[1] is None else inputs.shape[1], *shape])
        return y

    def step(self, projected: Any, states: list[Any]) -> tuple[Any, list[Any]]:
        h, c = states
        masks = self._masks[1] if self._masks else None
        gates = projected + self._convolved(h, self.recurrent_kernel.value(), masks, 1, "same", 1)
        if self.data_format == "channels_last":
            return lstm_step(self, gates, c)
        last = [0, *range(2, self._rank + 2), 1]
        first = [0, self._rank + 1, *range(1, self._rank + 1)]
        _, (h, c) = lstm_step(self, tf.transpose(gates, last), tf.transpose(c, last))
        h = tf.transpose(h, first)
        return h, [h, tf.transpose(c, first)]

    def compute_output_shape(self, input_shape: Any, states_shape: Any = None) -> Any:
        shape = self._image_shape(input_shape)
        return shape, [shape, shape]


class _ConvLSTM(WithCell):
    def compute_output_shape(self, sequences_shape: Any, initial_state_shape: Any = None) -> Any:
        shape = as_shape(sequences_shape if is_shape(sequences_shape) else sequences_shape[0])
        image = self.cell._image_shape(shape[:1] + shape[2:])
        output = shape[:2] + image[1:] if self.return_sequences else image
        return (output, image, image) if self.return_state else output


def _cell_of_rank(rank: int) -> type[ConvLSTMCell]:
    return type(f"ConvLSTM{rank}DCell", (ConvLSTMCell,), {"_rank": rank, "__doc__": ConvLSTMCell.__doc__})


class ConvLSTM1D(_ConvLSTM):
    """Convolutional LSTM over sequences of rows, `[batch, time, steps, channels]`. Source: `tf.keras.layers.ConvLSTM1D`."""

    _cell_class, _cell_name, _dimensions = _cell_of_rank(1), "conv_lstm_cell", 4


class ConvLSTM2D(_ConvLSTM):
    """Convolutional LSTM over sequences of images. Source: `tf.keras.layers.ConvLSTM2D`.

    >>> tf.keras.layers.ConvLSTM2D(4, 3)(tf.zeros([2, 3, 8, 8, 1])).shape
    TensorShape([2, 6, 6, 4])
    """

    _cell_class, _cell_name, _dimensions = _cell_of_rank(2), "conv_lstm_cell", 5


class ConvLSTM3D(_ConvLSTM):
    """Convolutional LSTM over sequences of volumes. Source: `tf.keras.layers.ConvLSTM3D`."""

    _cell_class, _cell_name, _dimensions = _cell_of_rank(3), "conv_lstm_cell", 6
