"""`Embedding`: a row of numbers for each index."""

from __future__ import annotations

from typing import Any

import thalweg as tf
from thalweg.keras.engine.layer import Layer
from thalweg.keras.engine.shapes import as_shape


class Embedding(Layer):
    """Turns integers `0 <= i < input_dim` into vectors of `output_dim` numbers, which are learned.

    inputs: `[batch, ...]` of integers. Returns `[batch, ..., output_dim]`. mask_zero: 0 is padding, and masked.
    weights: the initial vectors, `[input_dim, output_dim]`. Source: `tf.keras.layers.Embedding`.

    >>> layer = tf.keras.layers.Embedding(3, 2, embeddings_initializer="ones")
    >>> layer(tf.constant([[0, 2]])).shape
    TensorShape([1, 2, 2])
    """

    _config_names = (
        "input_dim", "output_dim", "embeddings_initializer", "embeddings_regularizer", "embeddings_constraint", "mask_zero",
    )  # fmt: skip

    def __init__(
        self,
        input_dim: int,
        output_dim: int,
        embeddings_initializer: Any = "uniform",
        embeddings_regularizer: Any = None,
        embeddings_constraint: Any = None,
        mask_zero: bool = False,
        weights: Any = None,
        input_length: Any = None,
        **kwargs: Any,
    ):
        for name, value in (("input_dim", input_dim), ("output_dim", output_dim)):
            if isinstance(value, bool) or not hasattr(value, "__index__") or int(value) <= 0:
                raise ValueError(f"`{name}` of Embedding must be a positive integer, but it is {value!r}.")
        if input_length is not None and "input_shape" not in kwargs and "batch_input_shape" not in kwargs:
            kwargs["input_shape"] = input_length if isinstance(input_length, (tuple, list)) else (input_length,)
        if weights is not None and not (isinstance(weights, (list, tuple)) and len(weights) == 1):
            weights = [weights]
        super().__init__(weights=weights, **kwargs)
        self.input_dim, self.output_dim, self.mask_zero = int(input_dim), int(output_dim), mask_zero
        self._set(
            embeddings_initializer=embeddings_initializer,
            embeddings_regularizer=embeddings_regularizer,
            embeddings_constraint=embeddings_constraint,
            activity_regularizer=kwargs.get("activity_regularizer"),
        )
        self.supports_masking = mask_zero
        self.autocast = False
        self.__dict__["_expected_input_dtype"] = "int32"
        if weights is not None:
            self.build()
            self._set_initial_weights()

    def build(self, input_shape: Any = None) -> None:
        if not self.built:
            self.embeddings = self._add("embeddings", (self.input_dim, self.output_dim))
            self.built = True

    def call(self, inputs: Any) -> Any:
        if inputs.dtype not in (tf.int32, tf.int64):
            inputs = tf.cast(inputs, tf.int32)
        rows = tf.gather(self.embeddings, inputs)
        return rows if rows.dtype == self.compute_dtype else tf.cast(rows, self.compute_dtype)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        return tf.not_equal(inputs, tf.cast(0, inputs.dtype)) if self.mask_zero else None

    def compute_output_shape(self, input_shape: Any) -> Any:
        return as_shape(input_shape) + (self.output_dim,)
