"""Layers that put rows and columns at the edges, cut them off, or repeat them."""

from __future__ import annotations

from typing import Any

import thalweg as tf
from thalweg.keras.config import standardize_data_format
from thalweg.keras.engine.input_spec import InputSpec
from thalweg.keras.engine.layer import Layer
from thalweg.keras.engine.shapes import as_shape
from thalweg.keras.layers import windows


def _pairs(value: Any, rank: int, name: str, layer: str) -> tuple[tuple[int, int], ...]:
    """`2`, `(1, 2)` or `((0, 1), (2, 3))` as what is at the start and the end of each dimension."""
    if hasattr(value, "__index__"):
        value = (value,) * rank if rank > 1 else (value, value)
    if rank == 1 and isinstance(value, (list, tuple)) and len(value) == 2:
        value = (value,)
    try:
        pairs = tuple(
            (int(side), int(side)) if hasattr(side, "__index__") else (int(side[0]), int(side[1])) for side in value
        )
    except (TypeError, IndexError):
        pairs = ()
    if len(pairs) != rank or any(n < 0 for pair in pairs for n in pair):
        raise ValueError(
            f"`{name}` of {layer} must be a number, or one (or a pair: before and after) for each of {rank} dimensions, "
            f"but it is {value!r}."
        )
    return pairs


class _Edges(Layer):
    """What padding and cropping share."""

    _rank = 2

    def __init__(self, data_format: str | None, **kwargs: Any):
        super().__init__(**kwargs)
        self.data_format = standardize_data_format(data_format)
        self.input_spec = InputSpec(ndim=self._rank + 2)

    def _in_layout(self, space: list[Any], around: Any) -> list[Any]:
        """Values for the dimensions of space, with `around` for the batch and the channels."""
        first = self.data_format == "channels_first"
        return [around, around, *space] if first else [around, *space, around]


class _ZeroPadding(_Edges):
    """Zeros at the edges."""

    _config_names = ("padding", "data_format")

    def __init__(self, padding: Any = 1, data_format: str | None = None, **kwargs: Any):
        super().__init__(data_format, **kwargs)
        self.padding = _pairs(padding, self._rank, "padding", type(self).__name__)

    def call(self, inputs: Any) -> Any:
        return tf.pad(inputs, self._in_layout([list(pair) for pair in self.padding], [0, 0]))

    def compute_output_shape(self, input_shape: Any) -> Any:
        shape = as_shape(input_shape)
        space, channels = windows.take_apart(shape, self.data_format)
        sizes = [None if n is None else n + sum(pair) for n, pair in zip(space, self.padding)]
        return windows.put_together(shape[0], sizes, channels, self.data_format)


class ZeroPadding1D(_ZeroPadding):
    """Zero steps before and after."""

    _rank = 1

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "padding": self.padding[0]}


class ZeroPadding2D(_ZeroPadding):
    """Zero rows and columns around images.

    >>> tf.keras.layers.ZeroPadding2D((1, 2))(tf.zeros([1, 4, 4, 3])).shape
    TensorShape([1, 6, 8, 3])
    """

    _rank = 2


class ZeroPadding3D(_ZeroPadding):
    """Zeros around volumes."""

    _rank = 3


class _Cropping(_Edges):
    """The edges cut off."""

    _config_names = ("cropping", "data_format")

    def __init__(self, cropping: Any = 1, data_format: str | None = None, **kwargs: Any):
        super().__init__(data_format, **kwargs)
        self.cropping = _pairs(cropping, self._rank, "cropping", type(self).__name__)

    def call(self, inputs: Any) -> Any:
        self.compute_output_shape(inputs.shape)
        slices = [slice(start, -end if end else None) for start, end in self.cropping]
        return inputs[tuple(self._in_layout(slices, slice(None)))]

    def compute_output_shape(self, input_shape: Any) -> Any:
        shape = as_shape(input_shape)
        space, channels = windows.take_apart(shape, self.data_format)
        sizes = [None if n is None else n - sum(pair) for n, pair in zip(space, self.cropping)]
        if any(n is not None and n <= 0 for n in sizes):
            raise ValueError(
                f"Layer {self.name!r} cuts off {self.cropping} of inputs of shape {tuple(shape)}, which leaves nothing."
            )
        return windows.put_together(shape[0], sizes, channels, self.data_format)


class Cropping1D(_Cropping):
    """Steps cut off at the start and the end."""

    _rank = 1

    def __init__(self, cropping: Any = (1, 1), data_format: str | None = None, **kwargs: Any):
        super().__init__(cropping, data_format, **kwargs)

    def get_config(self) -> dict[str, Any]:
        config = {**super().get_config(), "cropping": self.cropping[0]}
        del config["data_format"]  # Keras has the argument for images alone
        return config


class Cropping2D(_Cropping):
    """Rows and columns cut off at the edges of images."""

    _rank = 2

    def __init__(self, cropping: Any = ((0, 0), (0, 0)), data_format: str | None = None, **kwargs: Any):
        super().__init__(cropping, data_format, **kwargs)


class Cropping3D(_Cropping):
    """The edges of volumes cut off."""

    _rank = 3

    def __init__(self, cropping: Any = ((1, 1), (1, 1), (1, 1)), data_format: str | None = None, **kwargs: Any):
        super().__init__(cropping, data_format, **kwargs)


class _UpSampling(_Edges):
    """Each step, row or column `size` times."""

    _config_names: tuple[str, ...] = ("size", "data_format")

    def __init__(self, size: Any = 2, data_format: str | None = None, **kwargs: Any):
        super().__init__(data_format, **kwargs)
        self.size = windows.per_dimension(size, self._rank, "size", type(self).__name__)

    def call(self, inputs: Any) -> Any:
        for axis, times in enumerate(self._in_layout(list(self.size), 1)):
            if times > 1:
                inputs = tf.repeat(inputs, times, axis=axis)
        return inputs

    def compute_output_shape(self, input_shape: Any) -> Any:
        shape = as_shape(input_shape)
        space, channels = windows.take_apart(shape, self.data_format)
        sizes = [None if n is None else n * times for n, times in zip(space, self.size)]
        return windows.put_together(shape[0], sizes, channels, self.data_format)


class UpSampling1D(_UpSampling):
    """Each step `size` times."""

    _rank = 1

    def __init__(self, size: Any = 2, **kwargs: Any):
        super().__init__(size, "channels_last", **kwargs)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        del config["data_format"]
        return {**config, "size": self.size[0]}


class UpSampling2D(_UpSampling):
    """Each row and column `size` times.

    >>> tf.keras.layers.UpSampling2D()(tf.zeros([1, 2, 3, 1])).shape
    TensorShape([1, 4, 6, 1])
    """

    _rank = 2
    _config_names = ("size", "data_format", "interpolation")

    def __init__(self, size: Any = 2, data_format: str | None = None, interpolation: str = "nearest", **kwargs: Any):
        super().__init__(size, data_format, **kwargs)
        if interpolation != "nearest":
            raise NotImplementedError(
                f"UpSampling2D repeats rows and columns (interpolation='nearest'); {interpolation!r} is not supported."
            )
        self.interpolation = interpolation


class UpSampling3D(_UpSampling):
    """Everything `size` times along each dimension of volumes."""

    _rank = 3
