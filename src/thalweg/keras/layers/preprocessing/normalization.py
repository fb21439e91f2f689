"""`Normalization`: features to mean 0 and variance 1, by statistics of data seen before."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

import thalweg as tf
from thalweg.keras import config
from thalweg.keras.engine.layer import Layer
from thalweg.keras.engine.shapes import as_shape
from thalweg.keras.models.data import as_arrays, is_in_memory
from thalweg.keras.utils.batches import unpack_x_y_sample_weight


class Normalization(Layer):
    """`(inputs - mean) / sqrt(variance)`.

    axis: where each index has statistics of its own (the features by default); None for one mean of everything. The
    statistics are given as `mean` and `variance`, or found by `adapt(data)`. invert: undo the normalization.
    Raises ValueError when just one of them is given. Source: `tf.keras.layers.Normalization`.

    >>> layer = tf.keras.layers.Normalization()
    >>> layer.adapt(np.array([[0.0], [2.0]]))
    >>> layer(tf.constant([[3.0]])).numpy()
    array([[2.]], dtype=float32)
    """

    def __init__(self, axis: Any = -1, mean: Any = None, variance: Any = None, invert: bool = False, **kwargs: Any):
        super().__init__(**kwargs)
        self.axis = () if axis is None else (axis,) if isinstance(axis, int) else tuple(axis)
        if (mean is None) != (variance is None):
            raise ValueError(
                "When setting values directly, both `mean` and `variance` must be set. Received: "
                f"mean={mean} and variance={variance}"
            )
        if mean is not None and np.shape(mean) != np.shape(variance):
            raise ValueError(
                f"`mean` and `variance` must have the same shape, but they have {np.shape(mean)} and {np.shape(variance)}."
            )
        self.input_mean, self.input_variance, self.invert = mean, variance, invert
        self.supports_masking = True

    def build(self, input_shape: Any) -> None:
        shape = as_shape(input_shape)
        rank = len(shape)
        if any(not -rank <= axis < rank for axis in self.axis):
            raise ValueError(
                f"All `axis` values must be in the range [-ndim, ndim). Received inputs with ndim={rank}, while "
                f"axis={self.axis}"
            )
        kept = sorted(axis % rank for axis in self.axis)
        unknown = [axis for axis in kept if shape[axis] is None]
        if unknown:
            raise ValueError(
                f"All `axis` values to be kept must have a known shape. Received axis={self.axis}, inputs.shape="
                f"{tuple(shape)}, with unknown axis at index {unknown[0]}"
            )
        self._reduced = tuple(axis for axis in range(rank) if axis not in kept)
        self._place = [shape[axis] if axis in kept else 1 for axis in range(rank)]
        if self.input_mean is None:
            sizes = tuple(shape[axis] for axis in kept)
            self.mean = self.add_weight(name="mean", shape=sizes, initializer="zeros", trainable=False)
            self.variance = self.add_weight(name="variance", shape=sizes, initializer="ones", trainable=False)
            self.count = self.add_weight(name="count", shape=(), dtype="int64", initializer="zeros", trainable=False)
        else:
            self.mean, self.variance = self._given(self.input_mean, kept), self._given(self.input_variance, kept)
        self.built = True

    def _given(self, values: Any, kept: list[int]) -> Any:
        """Statistics that were passed, in the shape of the kept axes; fewer dimensions are the last ones."""
        values = np.asarray(values, config.floatx())
        if values.ndim > len(kept):
            raise ValueError(f"`mean` has shape {values.shape}, which is more than the {len(kept)} axes kept.")
        sizes = [self._place[axis] for axis in kept]
        return tf.constant(np.broadcast_to(values, sizes), dtype=self.dtype)

    def adapt(self, data: Any, batch_size: int | None = None, steps: int | None = None) -> None:
        """Find mean and variance of data: an array, or an iterable of batches."""
        if self.input_mean is not None:
            raise RuntimeError(f"Normalization {self.name!r} was given its mean and variance: there is nothing to adapt.")
        batches = [as_arrays(data)] if is_in_memory(data) and hasattr(data, "shape") else _inputs_of(data)
        count, mean, variance = 0.0, np.zeros(()), np.zeros(())
        for batch in batches:
            if isinstance(batch, list):
                batch = np.asarray(batch, config.floatx())
            if not self.built:
                self._build_shape = {"input_shape": as_shape(batch.shape)}
                with tf.init_scope():
                    self.build(as_shape(batch.shape))
            # In double precision, so that the result does not hang on the order of the rows.
            rows = batch.astype(np.float64)
            added = float(np.prod([rows.shape[axis] for axis in self._reduced]))
            total = count + added
            new_mean = (mean * count + rows.mean(self._reduced) * added) / total
            spread = variance * count + rows.var(self._reduced) * added
            spread = spread + (mean - new_mean) ** 2 * count + (rows.mean(self._reduced) - new_mean) ** 2 * added
            count, mean, variance = total, new_mean, spread / total
        if not count:
            raise ValueError("adapt() received no data.")
        self.mean.assign(mean.astype(self.dtype))
        self.variance.assign(variance.astype(self.dtype))

    def call(self, inputs: Any) -> Any:
        x = tf.cast(inputs, self.compute_dtype)
        mean = tf.reshape(tf.cast(self.mean, x.dtype), self._place)
        stddev = tf.maximum(tf.sqrt(tf.reshape(tf.cast(self.variance, x.dtype), self._place)), config.epsilon())
        return mean + x * stddev if self.invert else (x - mean) / stddev

    def compute_output_shape(self, input_shape: Any) -> Any:
        return as_shape(input_shape)

    def get_config(self) -> dict[str, Any]:
        def plain(values: Any) -> Any:
            return None if values is None else np.asarray(values).tolist()

        return {
            **super().get_config(),
            "axis": self.axis if len(self.axis) != 1 else self.axis[0],
            "invert": self.invert,
            "mean": plain(self.input_mean),
            "variance": plain(self.input_variance),
        }


def _inputs_of(data: Any) -> Iterable[Any]:
    for batch in data:
        x = unpack_x_y_sample_weight(batch)[0] if isinstance(batch, tuple) else batch
        yield as_arrays(x)
