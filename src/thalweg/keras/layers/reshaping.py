"""Layers that move numbers without changing them: `Flatten`, `Reshape`, `Permute`, `RepeatVector`."""

from __future__ import annotations

import math
from typing import Any

import thalweg as tf
from thalweg.keras import config
from thalweg.keras.engine.input_spec import InputSpec
from thalweg.keras.engine.layer import Layer
from thalweg.keras.engine.shapes import Shape, as_shape


class Flatten(Layer):
    """Each sample as one row: `[batch, a, b]` to `[batch, a * b]`. With channels first, they are moved last before.

    >>> tf.keras.layers.Flatten()(tf.zeros([2, 3, 4])).shape
    TensorShape([2, 12])
    """

    _config_names = ("data_format",)

    def __init__(self, data_format: str | None = None, **kwargs: Any):
        super().__init__(**kwargs)
        self.data_format = config.standardize_data_format(data_format)
        self.input_spec = InputSpec(min_ndim=1)

    def call(self, inputs: Any) -> Any:
        rank = inputs.shape.rank
        if self.data_format == "channels_first" and rank is not None and rank > 2:
            inputs = tf.transpose(inputs, [0, *range(2, rank), 1])
        size = None if rank is None else Shape(inputs.shape[1:].as_list()).num_elements()
        if size is not None:
            return tf.reshape(inputs, [-1, size] if size else [tf.shape(inputs)[0], size])
        return tf.reshape(inputs, [tf.shape(inputs)[0], -1])

    def compute_output_shape(self, input_shape: Any) -> Any:
        shape = as_shape(input_shape)
        return Shape((shape[0], shape[1:].num_elements()))


class Reshape(Layer):
    """Each sample in another shape; one dimension may be -1, for what is left.

    Raises ValueError when the number of elements differs. Source: `tf.keras.layers.Reshape`.

    >>> tf.keras.layers.Reshape((2, -1))(tf.zeros([5, 6])).shape
    TensorShape([5, 2, 3])
    """

    _config_names = ("target_shape",)

    def __init__(self, target_shape: Any, **kwargs: Any):
        super().__init__(**kwargs)
        target_shape = as_shape(target_shape)
        if target_shape.count(-1) > 1:
            raise ValueError(f"`target_shape` of Reshape can have one -1 at most, but it is {tuple(target_shape)}.")
        self.target_shape = tuple(target_shape)

    def compute_output_shape(self, input_shape: Any) -> Any:
        shape = as_shape(input_shape)
        size = shape[1:].num_elements()
        target = self.target_shape
        known = math.prod(dim for dim in target if dim not in (-1, None))
        if size is not None and (size != known if -1 not in target else (not known or size % known)):
            raise ValueError(
                f"The total size of the tensor must be unchanged. Reshape {self.name!r} got samples of shape "
                f"{tuple(shape[1:])}, with {size} elements, for target_shape={target}."
            )
        rest = None if size is None else size // known if known else 0
        return Shape((shape[0], *(rest if dim == -1 else dim for dim in target)))

    def call(self, inputs: Any) -> Any:
        if inputs.shape.rank is not None:
            target = self.compute_output_shape(inputs.shape)[1:]
        else:
            target = self.target_shape
        return tf.reshape(inputs, [tf.shape(inputs)[0], *(-1 if dim is None else dim for dim in target)])


class Permute(Layer):
    """The dimensions of each sample in another order, counted from 1.

    >>> tf.keras.layers.Permute((2, 1))(tf.zeros([5, 6, 7])).shape
    TensorShape([5, 7, 6])
    """

    _config_names = ("dims",)

    def __init__(self, dims: Any, **kwargs: Any):
        super().__init__(**kwargs)
        self.dims = tuple(dims)
        if sorted(self.dims) != list(range(1, len(self.dims) + 1)):
            raise ValueError(
                f"Invalid permutation argument `dims` for Permute layer: it must hold 1 to {len(self.dims)} once each, but "
                f"it is {self.dims}."
            )
        self.input_spec = InputSpec(ndim=len(self.dims) + 1)

    def call(self, inputs: Any) -> Any:
        return tf.transpose(inputs, (0, *self.dims))

    def compute_output_shape(self, input_shape: Any) -> Any:
        shape = as_shape(input_shape)
        return Shape((shape[0], *(shape[dim] for dim in self.dims)))


class RepeatVector(Layer):
    """Each row `n` times: `[batch, features]` to `[batch, n, features]`."""

    _config_names = ("n",)

    def __init__(self, n: int, **kwargs: Any):
        super().__init__(**kwargs)
        if isinstance(n, bool) or not hasattr(n, "__index__"):
            raise TypeError(f"Expected an integer value for `n`, got {type(n)}.")
        self.n = int(n)
        self.input_spec = InputSpec(ndim=2)

    def call(self, inputs: Any) -> Any:
        return tf.tile(tf.expand_dims(inputs, 1), [1, self.n, 1])

    def compute_output_shape(self, input_shape: Any) -> Any:
        shape = as_shape(input_shape)
        return Shape((shape[0], self.n, shape[1]))
