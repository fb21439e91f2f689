"""`tf.layers.conv2d` and its kin.

Source: https://www.tensorflow.org/versions/r1.15/api_docs/python/tf/layers/conv2d
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from thalweg.compat.v1.initializers import zeros_initializer
from thalweg.compat.v1.layers.base import Layer, activation_of, as_tuple, channels_axis, known_size
from thalweg.engine.core.registry import REGISTRY
from thalweg.engine.ops import convolution as convolutions
from thalweg.engine.ops.arrays import stack
from thalweg.engine.ops.shaping import expand_dims, shape as shape_of, squeeze

_FORMATS = {
    "channels_last": {1: "NWC", 2: "NHWC", 3: "NDHWC"},
    "channels_first": {1: "NCW", 2: "NCHW", 3: "NCDHW"},
}


class _Conv(Layer):
    """What all convolutions share: window, strides, a bias, an activation."""

    rank = 2

    def __init__(
        self, filters: int, kernel_size: Any, strides: Any = 1, padding: str = "valid", data_format: str = "channels_last",
        dilation_rate: Any = 1, activation: Any = None, use_bias: bool = True, kernel_initializer: Any = None,
        bias_initializer: Any = None, kernel_regularizer: Any = None, bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None, bias_constraint: Any = None, trainable: bool = True, name: Any = None, **kwargs: Any,
    ):  # fmt: skip
        super().__init__(trainable, name, activity_regularizer=activity_regularizer, **kwargs)
        self.axis = channels_axis(data_format)
        if padding.lower() not in ("valid", "same", "causal"):
            raise ValueError(f"The `padding` argument must be 'valid', 'same' (or 'causal', only for 1D). Received: {padding}")
        self.filters, self.data_format, self.padding = filters, data_format, padding.lower()
        self.kernel_size = as_tuple(kernel_size, self.rank, "kernel_size")
        self.strides = as_tuple(strides, self.rank, "strides")
        self.dilation_rate = as_tuple(dilation_rate, self.rank, "dilation_rate")
        self.activation, self.use_bias = activation_of(activation), use_bias
        self.kernel_initializer, self.bias_initializer = kernel_initializer, bias_initializer or zeros_initializer()
        self.kernel_regularizer, self.bias_regularizer = kernel_regularizer, bias_regularizer
        self.kernel_constraint, self.bias_constraint = kernel_constraint, bias_constraint
        self.kernel = self.bias = None

    def build(self, input_shape: Any) -> None:
        channels = known_size(input_shape, self.axis, "channel dimension")
        self.kernel = self.add_weight(
            "kernel", self._kernel_shape(channels), initializer=self.kernel_initializer, regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
        )  # fmt: skip
        self._build_bias()

    def _build_bias(self) -> None:
        if self.use_bias:
            self.bias = self.add_weight(
                "bias", [self.filters], initializer=self.bias_initializer, regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
            )  # fmt: skip

    def _kernel_shape(self, channels: int) -> list[int]:
        return [*self.kernel_size, channels, self.filters]

    @property
    def _format(self) -> str:
        return _FORMATS[self.data_format][self.rank]

    def call(self, inputs: Any) -> Any:
        padding = self.padding.upper()
        if padding == "CAUSAL":
            from thalweg.engine.ops.padding import pad

            left = self.dilation_rate[0] * (self.kernel_size[0] - 1)
            time = [left, 0]
            inputs = pad(inputs, [[0, 0], time, [0, 0]] if self.axis == -1 else [[0, 0], [0, 0], time])
            padding = "VALID"
        convolve: Callable[..., Any] = getattr(convolutions, f"conv{self.rank}d")
        strides, rate = self._with_channels(self.strides), self._with_channels(self.dilation_rate)
        if self.rank == 1:
            strides, rate = self.strides[0], self.dilation_rate[0]
        return self._finish(convolve(inputs, self.kernel, strides, padding, self._format, rate))

    def _with_channels(self, sizes: tuple[int, ...]) -> Any:
        return [1, *sizes, 1] if self.axis == -1 else [1, 1, *sizes]

    def _finish(self, y: Any) -> Any:
        if self.use_bias:
            y = REGISTRY["BiasAdd"](y, self.bias, data_format="NHWC" if self.axis == -1 else "NCHW")
        return y if self.activation is None else self.activation(y)


class Conv1D(_Conv):
    """Convolution along one axis."""

    rank = 1


class Conv2D(_Conv):
    """Convolution over images."""


class Conv3D(_Conv):
    """Convolution over volumes."""

    rank = 3


class Conv2DTranspose(_Conv):
    """The transpose of a convolution over images: it makes them larger."""

    def __init__(
        self, filters: int, kernel_size: Any, strides: Any = 1, padding: str = "valid", data_format: str = "channels_last",
        *args: Any,
        **kwargs: Any,
    ):  # fmt: skip
        super().__init__(filters, kernel_size, strides, padding, data_format, 1, *args, **kwargs)

    def _kernel_shape(self, channels: int) -> list[int]:
        return [*self.kernel_size, self.filters, channels]

    def call(self, inputs: Any) -> Any:
        known, now = inputs.shape.as_list(), shape_of(inputs)
        first = 1 if self.axis == -1 else 2
        static, dynamic = [], []
        for i in range(self.rank):
            grow = max(self.kernel_size[i] - self.strides[i], 0) if self.padding == "valid" else 0
            size = known[first + i]
            static.append(None if size is None else size * self.strides[i] + grow)
            dynamic.append(static[-1] if size is not None else now[first + i] * self.strides[i] + grow)
        channels = [self.filters]
        order = (lambda sizes: [*sizes, *channels]) if self.axis == -1 else (lambda sizes: [*channels, *sizes])
        convolve: Callable[..., Any] = getattr(convolutions, f"conv{self.rank}d_transpose")
        y = convolve(
            inputs, self.kernel, stack([now[0], *order(dynamic)]), self._with_channels(self.strides), self.padding.upper(),
            self._format
        )
        y.set_shape([known[0], *order(static)])
        return self._finish(y)


class Conv3DTranspose(Conv2DTranspose):
    """The transpose of a convolution over volumes."""

    rank = 3


class SeparableConv2D(_Conv):
    """A convolution of each channel by itself, then one that mixes channels."""

    def __init__(
        self, filters: int, kernel_size: Any, strides: Any = 1, padding: str = "valid", data_format: str = "channels_last",
        dilation_rate: Any = 1, depth_multiplier: int = 1, activation: Any = None, use_bias: bool = True,
        depthwise_initializer: Any = None, pointwise_initializer: Any = None, bias_initializer: Any = None,
        depthwise_regularizer: Any = None, pointwise_regularizer: Any = None, bias_regularizer: Any = None,
        activity_regularizer: Any = None, depthwise_constraint: Any = None, pointwise_constraint: Any = None,
        bias_constraint: Any = None, trainable: bool = True, name: Any = None, **kwargs: Any,
    ):  # fmt: skip
        super().__init__(
            filters, kernel_size, strides, padding, data_format, dilation_rate, activation, use_bias, None, bias_initializer, None,
            bias_regularizer, activity_regularizer, None, bias_constraint, trainable, name, **kwargs,
        )  # fmt: skip
        self.depth_multiplier = depth_multiplier
        self._depthwise = depthwise_initializer, depthwise_regularizer, depthwise_constraint
        self._pointwise = pointwise_initializer, pointwise_regularizer, pointwise_constraint
        self.depthwise_kernel = self.pointwise_kernel = None

    def build(self, input_shape: Any) -> None:
        channels = known_size(input_shape, self.axis, "channel dimension")
        middle = channels * self.depth_multiplier
        self.depthwise_kernel = self._kernel("depthwise_kernel", [*self.kernel_size, channels, self.depth_multiplier],
        self._depthwise)
        self.pointwise_kernel = self._kernel("pointwise_kernel", [1] * self.rank + [middle, self.filters], self._pointwise)
        self._build_bias()

    def _kernel(self, name: str, shape: list[int], how: tuple[Any, Any, Any]) -> Any:
        initializer, regularizer, constraint = how
        return self.add_weight(name, shape, initializer=initializer, regularizer=regularizer, constraint=constraint)

    def call(self, inputs: Any) -> Any:
        strides, rate = self._with_channels(self.strides), list(self.dilation_rate)
        y = convolutions.separable_conv2d(
            inputs, self.depthwise_kernel, self.pointwise_kernel, strides, self.padding.upper(), self._format, rate
        )
        return self._finish(y)


class SeparableConv1D(SeparableConv2D):
    """A separable convolution along one axis."""

    rank = 1

    def call(self, inputs: Any) -> Any:
        height = 1 if self.axis == -1 else 2
        wide = expand_dims(inputs, height)
        strides = [1, *self.strides * 2, 1] if self.axis == -1 else [1, 1, *self.strides * 2]
        depthwise, pointwise = (expand_dims(k, 0) for k in (self.depthwise_kernel, self.pointwise_kernel))
        y = convolutions.separable_conv2d(
            wide, depthwise, pointwise, strides, self.padding.upper(), _FORMATS[self.data_format][2], [1, *self.dilation_rate]
        )
        return self._finish(squeeze(y, [height]))


def _function(layer: type[Layer]) -> Callable[..., Any]:
    """A layer class as a function: makes the layer, in the scope `name` if it is given, and calls it."""
    import inspect

    own = [p for p in inspect.signature(_longest(layer)).parameters.values() if p.kind is p.POSITIONAL_OR_KEYWORD][1:]
    if "dilation_rate" in [p.name for p in own] and issubclass(layer, Conv2DTranspose):
        own = [p for p in own if p.name != "dilation_rate"]
    names = [p.name for p in own]

    def function(inputs: Any, *args: Any, name: Any = None, reuse: Any = None, **kwargs: Any) -> Any:
        given = dict(zip([*names, "reuse"], args))
        name, reuse = given.pop("name", name), given.pop("reuse", reuse)
        return layer(**given, **kwargs, name=name, _scope=name, _reuse=reuse)(inputs)

    P = inspect.Parameter
    before = [P("inputs", P.POSITIONAL_OR_KEYWORD), *own, P("reuse", P.POSITIONAL_OR_KEYWORD, default=None)]
    function.__signature__ = inspect.Signature(before)  # type: ignore[attr-defined]
    function.__doc__ = f"{layer.__doc__} As a function: see `tf.layers.{layer.__name__}`. `reuse` takes variables made before."
    return function


def _longest(layer: type[Layer]) -> Any:
    inits: list[Any] = [vars(c).get("__init__") for c in layer.__mro__]
    return next(init for init in inits if "activation" in getattr(init, "__code__", _NONE).co_varnames)


_NONE = (lambda: None).__code__

conv1d, conv2d, conv3d = _function(Conv1D), _function(Conv2D), _function(Conv3D)
conv2d_transpose, conv3d_transpose = _function(Conv2DTranspose), _function(Conv3DTranspose)
separable_conv1d, separable_conv2d = _function(SeparableConv1D), _function(SeparableConv2D)

__all__ = [
    "Conv1D", "Conv2D", "Conv2DTranspose", "Conv3D", "Conv3DTranspose", "SeparableConv1D", "SeparableConv2D", "conv1d", "conv2d",
    "conv2d_transpose", "conv3d", "conv3d_transpose", "separable_conv1d", "separable_conv2d",
]  # fmt: skip
