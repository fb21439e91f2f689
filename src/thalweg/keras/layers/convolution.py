"""Convolutions in one, two and three dimensions: plain, transposed, depthwise, separable."""

from __future__ import annotations

from typing import Any

import thalweg as tf
from thalweg.keras import activations
from thalweg.keras.config import standardize_data_format
from thalweg.keras.engine.input_spec import InputSpec
from thalweg.keras.engine.layer import Layer
from thalweg.keras.engine.shapes import as_shape
from thalweg.keras.layers import windows

_COMMON = (
    "kernel_size", "strides", "padding", "data_format", "dilation_rate", "groups", "activation", "use_bias",
    "bias_initializer", "bias_regularizer", "bias_constraint",
)  # fmt: skip
_UNGROUPED = tuple(name for name in _COMMON if name != "groups")
_KERNEL = ("kernel_initializer", "kernel_regularizer", "kernel_constraint")


class _Convolution(Layer):
    """What all of them share: sizes, layout, bias, activation."""

    _rank = 2
    _causal = False

    def __init__(
        self,
        kernel_size: Any,
        strides: Any,
        padding: str,
        data_format: str | None,
        dilation_rate: Any,
        groups: int,
        activation: Any,
        use_bias: bool,
        bias_initializer: Any,
        bias_regularizer: Any,
        bias_constraint: Any,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        name = type(self).__name__
        self.kernel_size = windows.per_dimension(kernel_size, self._rank, "kernel_size", name)
        self.strides = windows.per_dimension(strides, self._rank, "strides", name)
        self.dilation_rate = windows.per_dimension(dilation_rate, self._rank, "dilation_rate", name)
        self.padding = windows.check_padding(padding, name, self._causal)
        self.data_format = standardize_data_format(data_format)
        self.groups, self.use_bias = groups, use_bias
        if max(self.strides) > 1 and max(self.dilation_rate) > 1:
            raise ValueError(
                "`strides > 1` not supported in conjunction with `dilation_rate > 1`. Received: "
                f"strides={self.strides} and dilation_rate={self.dilation_rate}"
            )
        self._set(
            activation=activation,
            bias_initializer=bias_initializer,
            bias_regularizer=bias_regularizer,
            bias_constraint=bias_constraint,
        )
        self.input_spec = InputSpec(min_ndim=self._rank + 2)
        self.bias = None

    @property
    def _channel_axis(self) -> int:
        return -1 if self.data_format == "channels_last" else 1

    def _channels(self, input_shape: Any) -> int:
        shape = as_shape(input_shape)
        size = shape[self._channel_axis]
        if size is None:
            raise ValueError(
                f"The channel dimension of the inputs to layer {self.name!r} should be defined. The input_shape received is "
                f"{tuple(shape)}, where axis {self._channel_axis} (0-based) is the channel dimension, which found to be `None`."
            )
        self.input_spec = InputSpec(min_ndim=self._rank + 2, axes={self._channel_axis: size})
        return size

    def _add_bias(self, size: int) -> None:
        self.bias = self._add("bias", (size,)) if self.use_bias else None

    def _finish(self, y: Any) -> Any:
        """The bias and the activation."""
        if self.bias is not None:
            bias = self.bias.value()
            if self.data_format == "channels_first":
                bias = tf.reshape(bias, [1, -1, *[1] * self._rank])
            y = y + bias
        return y if self.activation is activations.linear else self.activation(y)

    def _window_shape(self, input_shape: Any, channels: int) -> Any:
        shape = as_shape(input_shape)
        batch = shape[: len(shape) - self._rank - 1]  # more than one dimension of batches is allowed
        space, _ = windows.take_apart(shape[len(batch) - 1 :], self.data_format)
        sizes = [
            windows.window_output(size, window, stride, self.padding, dilation)
            for size, window, stride, dilation in zip(space, self.kernel_size, self.strides, self.dilation_rate)
        ]
        found = batch[:-1] + windows.put_together(batch[-1], sizes, channels, self.data_format)
        return windows.check_not_empty(found, shape, self.name)


class _Conv(_Convolution):
    """A plain convolution."""

    _config_names: tuple[str, ...] = ("filters", *_COMMON, *_KERNEL)

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Any = 1,
        groups: int = 1,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ):
        super().__init__(
            kernel_size, strides, padding, data_format, dilation_rate, groups, activation, use_bias, bias_initializer,
            bias_regularizer, bias_constraint, activity_regularizer=activity_regularizer, **kwargs,
        )  # fmt: skip
        (self.filters,) = windows.per_dimension(filters, 1, "filters", type(self).__name__)
        if not isinstance(groups, int) or groups < 1 or self.filters % groups:
            raise ValueError(
                f"The number of filters must be evenly divisible by the number of groups. Received: groups={groups}, "
                f"filters={filters}."
            )
        self._set(
            kernel_initializer=kernel_initializer, kernel_regularizer=kernel_regularizer, kernel_constraint=kernel_constraint
        )

    def build(self, input_shape: Any) -> None:
        channels = self._channels(input_shape)
        if channels % self.groups:
            raise ValueError(
                "The number of input channels must be evenly divisible by the number of groups. Received "
                f"groups={self.groups}, but the input has {channels} channels (full input shape is {tuple(input_shape)})."
            )
        self.compute_output_shape(input_shape)
        self.kernel = self._add("kernel", (*self.kernel_size, channels // self.groups, self.filters))
        self._add_bias(self.filters)
        self.built = True

    def call(self, inputs: Any) -> Any:
        padding = self.padding
        if padding == "causal":
            inputs, padding = self._pad_left(inputs), "valid"
        if self._rank == 2 and self._is_depthwise(inputs):
            return self._finish(self._depthwise(inputs, padding))
        y = tf.nn.convolution(
            inputs, self.kernel.value(), self.strides, padding.upper(), windows.layout(self.data_format, self._rank),
            self.dilation_rate,
        )  # fmt: skip
        return self._finish(y)

    def _is_depthwise(self, inputs: Any) -> bool:
        """Whether each channel is a group: then one product for all takes the place of one for each."""
        return 1 < self.groups == inputs.shape[self._channel_axis] and len(set(self.strides)) == 1

    def _depthwise(self, inputs: Any, padding: str) -> Any:
        kernel = tf.reshape(self.kernel.value(), (*self.kernel_size, self.groups, self.filters // self.groups))
        strides = _around(self.strides, self.data_format == "channels_first")
        layout = windows.layout(self.data_format, 2)
        return tf.nn.depthwise_conv2d(inputs, kernel, strides, padding.upper(), layout, self.dilation_rate)

    def _pad_left(self, inputs: Any) -> Any:
        """Room for the first steps to look back on."""
        before = [[self.dilation_rate[0] * (self.kernel_size[0] - 1), 0]]
        channels = [[0, 0]]
        space = [*before, *channels] if self.data_format == "channels_last" else [*channels, *before]
        return tf.pad(inputs, [[0, 0], *space])

    def compute_output_shape(self, input_shape: Any) -> Any:
        return self._window_shape(input_shape, self.filters)


class Conv1D(_Conv):
    """Convolution along steps, `[batch, steps, channels]`. padding may be 'causal': no step sees later ones.

    Source: `tf.keras.layers.Conv1D`.
    """

    _rank = 1
    _causal = True


class Conv2D(_Conv):
    """Convolution over images, `[batch, rows, columns, channels]`. Source: `tf.keras.layers.Conv2D`.

    >>> tf.keras.layers.Conv2D(8, 3)(tf.zeros([1, 28, 28, 1])).shape
    TensorShape([1, 26, 26, 8])
    """

    _rank = 2


class Conv3D(_Conv):
    """Convolution over volumes. Source: `tf.keras.layers.Conv3D`."""

    _rank = 3


class _ConvTranspose(_Conv):
    """A convolution run backwards: it makes its input larger."""

    _config_names = ("filters", "output_padding", *_UNGROUPED, *_KERNEL)

    def __init__(
        self, filters: int, kernel_size: Any, strides: Any = 1, padding: str = "valid", output_padding: Any = None,
        data_format: str | None = None, dilation_rate: Any = 1, activation: Any = None, **kwargs: Any,
    ):  # fmt: skip
        super().__init__(
            filters, kernel_size, strides, padding, data_format, dilation_rate, activation=activation, **kwargs
        )
        self.output_padding = None if output_padding is None else windows.per_dimension(
            output_padding, self._rank, "output_padding", type(self).__name__, low=0
        )  # fmt: skip
        if self.output_padding is not None and any(a >= b for a, b in zip(self.output_padding, self.strides)):
            raise ValueError(
                f"Strides must be greater than output padding. Received strides={self.strides}, "
                f"output_padding={self.output_padding}."
            )

    def build(self, input_shape: Any) -> None:
        channels = self._channels(input_shape)
        self.kernel = self._add("kernel", (*self.kernel_size, self.filters, channels))
        self._add_bias(self.filters)
        self.input_spec = InputSpec(ndim=self._rank + 2, axes={self._channel_axis: channels})
        self.built = True

    def _sizes(self, space: Any) -> list[Any]:
        extra = self.output_padding or [None] * self._rank
        return [
            windows.transposed_output(size, window, stride, self.padding, more, dilation)
            for size, window, stride, more, dilation in zip(
                space, self.kernel_size, self.strides, extra, self.dilation_rate
            )
        ]

    def call(self, inputs: Any) -> Any:
        shape = tf.shape(inputs)
        static = as_shape(inputs.shape)
        known = [shape[i] if size is None else size for i, size in enumerate(static)]
        first = self.data_format == "channels_first"
        sizes = self._sizes(known[2:] if first else known[1:-1])
        out = [known[0], self.filters, *sizes] if first else [known[0], *sizes, self.filters]
        y = tf.nn.conv_transpose(
            inputs, self.kernel.value(), out, self.strides, self.padding.upper(),
            windows.layout(self.data_format, self._rank), self.dilation_rate,
        )  # fmt: skip
        y.set_shape(self.compute_output_shape(static))
        return self._finish(y)

    def compute_output_shape(self, input_shape: Any) -> Any:
        shape = as_shape(input_shape)
        space, _ = windows.take_apart(shape, self.data_format)
        return windows.put_together(shape[0], self._sizes(space), self.filters, self.data_format)


class Conv1DTranspose(_ConvTranspose):
    """A convolution along steps run backwards. Source: `tf.keras.layers.Conv1DTranspose`."""

    _rank = 1


class Conv2DTranspose(_ConvTranspose):
    """A convolution over images run backwards. Source: `tf.keras.layers.Conv2DTranspose`.

    >>> tf.keras.layers.Conv2DTranspose(3, 3, strides=2, padding="same")(tf.zeros([1, 4, 4, 2])).shape
    TensorShape([1, 8, 8, 3])
    """

    _rank = 2


class Conv3DTranspose(_ConvTranspose):
    """A convolution over volumes run backwards. Source: `tf.keras.layers.Conv3DTranspose`."""

    _rank = 3


# -- depthwise and separable ---------------------------------------------------------------------------------------


def _depthwise(x: Any, kernel: Any, layer: _Convolution) -> Any:
    """Each channel convolved by itself, in one or two dimensions."""
    first = layer.data_format == "channels_first"
    strides, dilations = layer.strides, layer.dilation_rate
    padding = layer.padding
    if padding == "causal":
        x, padding = _Conv._pad_left(layer, x), "valid"  # type: ignore[arg-type]
    if layer._rank == 1:  # as images of one row
        axis = 2 if first else 1
        y = tf.nn.depthwise_conv2d(
            tf.expand_dims(x, axis), tf.expand_dims(kernel, 0), _around(strides * 2, first), padding.upper(),
            windows.layout(layer.data_format, 2), (1, *dilations),
        )  # fmt: skip
        return tf.squeeze(y, axis)
    return tf.nn.depthwise_conv2d(
        x, kernel, _around(strides, first), padding.upper(), windows.layout(layer.data_format, 2), dilations
    )


def _around(strides: tuple[int, ...], first: bool) -> list[int]:
    """Strides of space with those of the batch and the channels, which are 1."""
    return [1, 1, *strides] if first else [1, *strides, 1]


class _DepthwiseConv(_Convolution):
    """Each channel by itself, `depth_multiplier` times."""

    _config_names = (
        "depth_multiplier", *_UNGROUPED, "depthwise_initializer",
        "depthwise_regularizer", "depthwise_constraint",
    )  # fmt: skip
    _unused_in_configs = frozenset({"filters", *_KERNEL})

    def __init__(
        self,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        depth_multiplier: int = 1,
        data_format: str | None = None,
        dilation_rate: Any = 1,
        activation: Any = None,
        use_bias: bool = True,
        depthwise_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        depthwise_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        depthwise_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ):
        kwargs.pop("groups", None)
        super().__init__(
            kernel_size, strides, padding, data_format, dilation_rate, 1, activation, use_bias, bias_initializer,
            bias_regularizer, bias_constraint, activity_regularizer=activity_regularizer, **kwargs,
        )  # fmt: skip
        (self.depth_multiplier,) = windows.per_dimension(depth_multiplier, 1, "depth_multiplier", type(self).__name__)
        self._set(
            depthwise_initializer=depthwise_initializer,
            depthwise_regularizer=depthwise_regularizer,
            depthwise_constraint=depthwise_constraint,
        )

    def build(self, input_shape: Any) -> None:
        channels = self._channels(input_shape)
        self.depthwise_kernel = self.add_weight(  # in checkpoints it goes by this name, as in Keras 2
            name="kernel", shape=(*self.kernel_size, channels, self.depth_multiplier),
            initializer=self.depthwise_initializer, regularizer=self.depthwise_regularizer,
            constraint=self.depthwise_constraint,
        )  # fmt: skip
        self._add_bias(channels * self.depth_multiplier)
        self.input_spec = InputSpec(ndim=self._rank + 2, axes={self._channel_axis: channels})
        self.built = True

    @property
    def kernel(self) -> Any:
        return self.depthwise_kernel

    def call(self, inputs: Any) -> Any:
        return self._finish(_depthwise(inputs, self.kernel.value(), self))

    def compute_output_shape(self, input_shape: Any) -> Any:
        return self._window_shape(input_shape, as_shape(input_shape)[self._channel_axis] * self.depth_multiplier)


class DepthwiseConv1D(_DepthwiseConv):
    """Convolution of each channel by itself along steps. Source: `tf.keras.layers.DepthwiseConv1D`."""

    _rank = 1


class DepthwiseConv2D(_DepthwiseConv):
    """Convolution of each channel by itself over images. Source: `tf.keras.layers.DepthwiseConv2D`."""

    _rank = 2


class _SeparableConv(_Convolution):
    """Each channel by itself, then a mixture of channels at each place."""

    _config_names = (
        "filters", "depth_multiplier", *_UNGROUPED, "depthwise_initializer", "pointwise_initializer",
        "depthwise_regularizer", "pointwise_regularizer", "depthwise_constraint", "pointwise_constraint",
    )  # fmt: skip
    _unused_in_configs = frozenset({"groups", *_KERNEL})

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Any = 1,
        depth_multiplier: int = 1,
        activation: Any = None,
        use_bias: bool = True,
        depthwise_initializer: Any = "glorot_uniform",
        pointwise_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        depthwise_regularizer: Any = None,
        pointwise_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        depthwise_constraint: Any = None,
        pointwise_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ):
        kwargs.pop("groups", None)
        super().__init__(
            kernel_size, strides, padding, data_format, dilation_rate, 1, activation, use_bias, bias_initializer,
            bias_regularizer, bias_constraint, activity_regularizer=activity_regularizer, **kwargs,
        )  # fmt: skip
        (self.filters,) = windows.per_dimension(filters, 1, "filters", type(self).__name__)
        (self.depth_multiplier,) = windows.per_dimension(depth_multiplier, 1, "depth_multiplier", type(self).__name__)
        self._set(
            depthwise_initializer=depthwise_initializer, pointwise_initializer=pointwise_initializer,
            depthwise_regularizer=depthwise_regularizer, pointwise_regularizer=pointwise_regularizer,
            depthwise_constraint=depthwise_constraint, pointwise_constraint=pointwise_constraint,
        )  # fmt: skip

    def build(self, input_shape: Any) -> None:
        channels = self._channels(input_shape)
        self.depthwise_kernel = self.add_weight(
            name="depthwise_kernel", shape=(*self.kernel_size, channels, self.depth_multiplier),
            initializer=self.depthwise_initializer, regularizer=self.depthwise_regularizer,
            constraint=self.depthwise_constraint,
        )  # fmt: skip
        self.pointwise_kernel = self.add_weight(
            name="pointwise_kernel", shape=(*(1,) * self._rank, channels * self.depth_multiplier, self.filters),
            initializer=self.pointwise_initializer, regularizer=self.pointwise_regularizer,
            constraint=self.pointwise_constraint,
        )  # fmt: skip
        self._add_bias(self.filters)
        self.input_spec = InputSpec(ndim=self._rank + 2, axes={self._channel_axis: channels})
        self.built = True

    def call(self, inputs: Any) -> Any:
        y = _depthwise(inputs, self.depthwise_kernel.value(), self)
        y = tf.nn.convolution(
            y, self.pointwise_kernel.value(), 1, "VALID", windows.layout(self.data_format, self._rank)
        )
        return self._finish(y)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return self._window_shape(input_shape, self.filters)


class SeparableConv1D(_SeparableConv):
    """Depthwise convolution along steps, then a mixture of channels. Source: `tf.keras.layers.SeparableConv1D`."""

    _rank = 1
    _causal = True


class SeparableConv2D(_SeparableConv):
    """Depthwise convolution over images, then a mixture of channels. Source: `tf.keras.layers.SeparableConv2D`."""

    _rank = 2
