"""`Input`: where a functional model begins."""

from __future__ import annotations

from typing import Any

import thalweg as tf
from thalweg.keras import config
from thalweg.keras.engine import symbolic
from thalweg.keras.engine.layer import Layer
from thalweg.keras.engine.node import Node
from thalweg.keras.engine.shapes import Shape, as_shape


class InputLayer(Layer):
    """The layer behind an `Input`: it passes on what the model is called with.

    shape: of one sample; batch_shape (or Keras 2's batch_input_shape): with the batch dimension.
    Source: `tf.keras.layers.InputLayer`.
    """

    begins_models = True

    def __init__(
        self,
        shape: Any = None,
        batch_size: int | None = None,
        dtype: Any = None,
        sparse: Any = None,
        batch_shape: Any = None,
        input_tensor: Any = None,
        optional: bool = False,
        name: str | None = None,
        ragged: Any = None,
        **kwargs: Any,
    ):
        batch_shape = batch_shape if batch_shape is not None else kwargs.pop("batch_input_shape", None)
        shape = shape if shape is not None else kwargs.pop("input_shape", None)
        super().__init__(name=name, dtype=None, **kwargs)
        if sparse or ragged:
            raise NotImplementedError("Sparse and ragged inputs are not supported: convert them to dense tensors.")
        if input_tensor is not None:
            batch_shape, dtype = input_tensor.shape, dtype or input_tensor.dtype
        self._input_dtype = config.standardize_dtype(dtype)
        self.batch_shape = as_shape(batch_shape) if batch_shape is not None else _with_batch(shape, batch_size)
        self.sparse, self.optional, self.autocast = False, optional, False
        self.built = True
        self._compute_dtype = tf.as_dtype(self._input_dtype)
        tensor = symbolic.make_tensor(self.batch_shape, self._input_dtype, self.name)
        Node(self, (), {}, input_tensor if symbolic.is_keras_tensor(input_tensor) else tensor)

    def call(self, inputs: Any) -> Any:
        return inputs

    @property
    def dtype(self) -> str:
        return self._input_dtype

    @property
    def input(self) -> Any:
        return self.output

    def get_config(self) -> dict[str, Any]:
        return {
            "batch_shape": None if self.batch_shape is None else tuple(self.batch_shape),
            "dtype": self._input_dtype,
            "sparse": False,
            "ragged": False,
            "name": self.name,
            **({"optional": True} if self.optional else {}),
        }


def _with_batch(shape: Any, batch_size: int | None) -> Shape | None:
    if shape is None:
        raise ValueError("You must pass a `shape` argument to `Input`: that of one sample, as in Input(shape=(28, 28)).")
    return Shape((batch_size,)) + as_shape(shape)


def Input(
    shape: Any = None,
    batch_size: int | None = None,
    name: str | None = None,
    dtype: Any = None,
    sparse: Any = None,
    tensor: Any = None,
    ragged: Any = None,
    type_spec: Any = None,
    batch_shape: Any = None,
    optional: bool = False,
    **kwargs: Any,
) -> symbolic.KerasTensor:
    """A symbolic tensor for data of a shape (that of one sample), to build a functional model from.

    Raises ValueError without a shape. Source: `tf.keras.Input`.

    >>> x = tf.keras.Input(shape=(3,))
    >>> model = tf.keras.Model(x, tf.keras.layers.Dense(2)(x))
    >>> model.output_shape
    (None, 2)
    """
    if type_spec is not None:
        batch_shape, dtype = type_spec.shape, type_spec.dtype
    layer = InputLayer(
        shape, batch_size, dtype, sparse, batch_shape, input_tensor=tensor, optional=optional, name=name, ragged=ragged,
        **kwargs,
    )  # fmt: skip
    return layer.output
