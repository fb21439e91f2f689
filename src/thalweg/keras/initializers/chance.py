"""Initializers with chance: the same numbers as `tf.keras` for the same integer seed. Source: Keras 3."""

from __future__ import annotations

import math
from typing import Any

import thalweg as tf
from thalweg.keras import config
from thalweg.keras.initializers.base import RandomInitializer
from thalweg.keras.initializers.seeds import draw_seed
from thalweg.keras.saving import registration

# Standard deviation of a standard normal cut off at two: dividing by it gives the truncated one the asked-for spread.
_TRUNCATED_STDDEV = 0.87962566103423978


def _normal(shape: Any, mean: float, stddev: float, dtype: Any, seed: Any) -> Any:
    return tf.random.stateless_normal(shape, draw_seed(seed), mean, stddev, config.standardize_dtype(dtype))


def _truncated_normal(shape: Any, mean: float, stddev: float, dtype: Any, seed: Any) -> Any:
    return tf.random.stateless_truncated_normal(shape, draw_seed(seed), mean, stddev, config.standardize_dtype(dtype))


def _uniform(shape: Any, minval: float, maxval: float, dtype: Any, seed: Any) -> Any:
    dtype = config.standardize_dtype(dtype)
    return tf.random.stateless_uniform(shape, draw_seed(seed), tf.cast(minval, dtype), tf.cast(maxval, dtype), dtype)


class RandomNormal(RandomInitializer):
    """Normal values.

    >>> tf.keras.initializers.RandomNormal(stddev=1.0, seed=7)((2, 3)).shape
    TensorShape([2, 3])
    """

    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: Any = None):
        super().__init__(seed)
        self.mean, self.stddev = mean, stddev

    def __call__(self, shape: Any, dtype: Any = None, **kwargs: Any) -> Any:
        return _normal(shape, self.mean, self.stddev, dtype, self.seed)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "mean": self.mean, "stddev": self.stddev}


class TruncatedNormal(RandomInitializer):
    """Normal values, those further than two `stddev` from `mean` drawn again."""

    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: Any = None):
        super().__init__(seed)
        self.mean, self.stddev = mean, stddev

    def __call__(self, shape: Any, dtype: Any = None, **kwargs: Any) -> Any:
        return _truncated_normal(shape, self.mean, self.stddev, dtype, self.seed)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "mean": self.mean, "stddev": self.stddev}


class RandomUniform(RandomInitializer):
    """Values from `minval` up to, not including, `maxval`."""

    def __init__(self, minval: float = -0.05, maxval: float = 0.05, seed: Any = None):
        super().__init__(seed)
        self.minval, self.maxval = minval, maxval

    def __call__(self, shape: Any, dtype: Any = None, **kwargs: Any) -> Any:
        return _uniform(shape, self.minval, self.maxval, dtype, self.seed)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "minval": self.minval, "maxval": self.maxval}


def compute_fans(shape: Any, input_axes: Any = None, output_axes: Any = None) -> tuple[int, int]:
    """How many inputs and outputs a weight of `shape` joins: `[.., in, out]`, the leading axes a receptive field.

    >>> compute_fans((3, 3, 16, 32))
    (144, 288)
    """
    shape = tuple(shape)
    if input_axes is not None and output_axes is not None:
        return math.prod(shape[axis] for axis in input_axes), math.prod(shape[axis] for axis in output_axes)
    if len(shape) < 2:
        size = int(shape[0]) if shape else 1
        return size, size
    field = math.prod(shape[:-2])
    return int(shape[-2] * field), int(shape[-1] * field)


class VarianceScaling(RandomInitializer):
    """Values of variance `scale / n`, `n` the inputs, the outputs or their mean (`mode` 'fan_in', 'fan_out', 'fan_avg').

    `distribution`: 'truncated_normal' (also 'normal'), 'untruncated_normal' or 'uniform'. `input_axes`, `output_axes`:
    which axes of the shape are those, where it is not `[.., in, out]`.
    """

    def __init__(
        self,
        scale: float = 1.0,
        mode: str = "fan_in",
        distribution: str = "truncated_normal",
        seed: Any = None,
        input_axes: Any = None,
        output_axes: Any = None,
    ):
        if scale <= 0.0:
            raise ValueError(f"`scale` must be positive, but it is {scale}.")
        if mode not in ("fan_in", "fan_out", "fan_avg"):
            raise ValueError(f"`mode` must be 'fan_in', 'fan_out' or 'fan_avg', but it is {mode!r}.")
        distribution = distribution.lower()
        if distribution == "normal":
            distribution = "truncated_normal"
        if distribution not in ("uniform", "truncated_normal", "untruncated_normal"):
            raise ValueError(
                "`distribution` must be 'truncated_normal', 'untruncated_normal' or 'uniform', "
                f"but it is {distribution!r}."
            )
        super().__init__(seed)
        self.scale, self.mode, self.distribution = scale, mode, distribution
        self.input_axes, self.output_axes = input_axes, output_axes

    def __call__(self, shape: Any, dtype: Any = None, **kwargs: Any) -> Any:
        fan_in, fan_out = compute_fans(shape, self.input_axes, self.output_axes)
        fan = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2.0}[self.mode]
        variance = self.scale / max(1.0, fan)
        if self.distribution == "truncated_normal":
            return _truncated_normal(shape, 0.0, math.sqrt(variance) / _TRUNCATED_STDDEV, dtype, self.seed)
        if self.distribution == "untruncated_normal":
            return _normal(shape, 0.0, math.sqrt(variance), dtype, self.seed)
        limit = math.sqrt(3.0 * variance)
        return _uniform(shape, -limit, limit, dtype, self.seed)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "scale": self.scale,
            "mode": self.mode,
            "distribution": self.distribution,
            **self._axes(),
        }

    def _axes(self) -> dict[str, Any]:
        """The axes where they are given: Keras before 3.15 does not know them."""
        axes = {"input_axes": self.input_axes, "output_axes": self.output_axes}
        return {name: value for name, value in axes.items() if value is not None}


class _NamedScaling(VarianceScaling):
    """A `VarianceScaling` with its settings in its name."""

    _settings: tuple[float, str, str]

    def __init__(self, seed: Any = None, input_axes: Any = None, output_axes: Any = None):
        super().__init__(*self._settings, seed=seed, input_axes=input_axes, output_axes=output_axes)

    def get_config(self) -> dict[str, Any]:
        seed = registration.serialize_keras_object(self._init_seed)
        return {"seed": seed, **self._axes()}


class GlorotUniform(_NamedScaling):
    """Uniform within `sqrt(6 / (fan_in + fan_out))`: the default of most layers (Glorot, Bengio 2010).

    >>> tf.keras.initializers.GlorotUniform(seed=1)((2, 2)).shape
    TensorShape([2, 2])
    """

    _settings = (1.0, "fan_avg", "uniform")


class GlorotNormal(_NamedScaling):
    """Truncated normal of variance `2 / (fan_in + fan_out)` (Glorot, Bengio 2010)."""

    _settings = (1.0, "fan_avg", "truncated_normal")


class LecunNormal(_NamedScaling):
    """Truncated normal of variance `1 / fan_in` (LeCun et al. 1998)."""

    _settings = (1.0, "fan_in", "truncated_normal")


class LecunUniform(_NamedScaling):
    """Uniform within `sqrt(3 / fan_in)` (LeCun et al. 1998)."""

    _settings = (1.0, "fan_in", "uniform")


class HeNormal(_NamedScaling):
    """Truncated normal of variance `2 / fan_in`, for relu (He et al. 2015)."""

    _settings = (2.0, "fan_in", "truncated_normal")


class HeUniform(_NamedScaling):
    """Uniform within `sqrt(6 / fan_in)`, for relu (He et al. 2015)."""

    _settings = (2.0, "fan_in", "uniform")


class Orthogonal(RandomInitializer):
    """Orthonormal rows or columns (of the matrix `[prod(leading axes), last axis]`) times `gain` (Saxe et al. 2014).

    Raises ValueError for a shape of fewer than two axes.
    """

    def __init__(self, gain: float = 1.0, seed: Any = None):
        super().__init__(seed)
        self.gain = gain

    def __call__(self, shape: Any, dtype: Any = None, **kwargs: Any) -> Any:
        shape = tuple(shape)
        if len(shape) < 2:
            raise ValueError(f"Orthogonal needs a shape of at least two axes, but it is {shape}.")
        rows, columns = math.prod(shape[:-1]), shape[-1]
        dtype = config.standardize_dtype(dtype)
        wide = "float64" if dtype == "float64" else "float32"  # there is no decomposition in half precision
        a = _normal((max(rows, columns), min(rows, columns)), 0.0, 1.0, wide, self.seed)
        q, r = tf.linalg.qr(a)
        q *= tf.sign(tf.linalg.diag_part(r))
        if rows < columns:
            q = tf.transpose(q)
        return self.gain * tf.cast(tf.reshape(q, shape), dtype)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "gain": self.gain}
