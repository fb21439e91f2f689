"""TensorFlow 1's initializers: called with a shape, they give the value.

Source: https://www.tensorflow.org/api_docs/python/tf/compat/v1/initializers
"""

from __future__ import annotations

import math
from typing import Any

from thalweg.engine.core import convert, dtypes
from thalweg.engine.core.registry import REGISTRY
from thalweg.engine.core.shape import as_shape


def _sizes(shape: Any) -> list[int]:
    return as_shape(shape).as_list()  # type: ignore[return-value]


class Initializer:
    """Base of the initializers; `get_config` and `from_config` make a copy."""

    dtype: Any = dtypes.float32

    def __call__(self, shape: Any, dtype: Any = None, partition_info: Any = None) -> Any:
        raise NotImplementedError(f"{type(self).__name__} must define __call__(shape, dtype, partition_info).")

    def get_config(self) -> dict[str, Any]:
        return {k: (v.name if isinstance(v, dtypes.DType) else v) for k, v in vars(self).items()}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Initializer:
        return cls(**config)


class zeros_initializer(Initializer):
    """All zeros."""

    def __init__(self, dtype: Any = dtypes.float32):
        self.dtype = dtypes.as_dtype(dtype)

    def __call__(self, shape: Any, dtype: Any = None, partition_info: Any = None) -> Any:
        from thalweg.engine.ops.creation import zeros

        return zeros(_sizes(shape), dtype or self.dtype)


class ones_initializer(Initializer):
    """All ones."""

    def __init__(self, dtype: Any = dtypes.float32):
        self.dtype = dtypes.as_dtype(dtype)

    def __call__(self, shape: Any, dtype: Any = None, partition_info: Any = None) -> Any:
        from thalweg.engine.ops.creation import ones

        return ones(_sizes(shape), dtype or self.dtype)


class constant_initializer(Initializer):
    """One value everywhere, or the values of a list or array in order (the last one repeats)."""

    def __init__(self, value: Any = 0, dtype: Any = dtypes.float32, verify_shape: bool = False):
        self.value, self.dtype, self._verify_shape = value, dtypes.as_dtype(dtype), verify_shape

    def get_config(self) -> dict[str, Any]:
        return {"value": self.value, "dtype": self.dtype.name}

    def __call__(self, shape: Any, dtype: Any = None, partition_info: Any = None, verify_shape: Any = None) -> Any:
        from thalweg.compat.v1.arrays import constant

        return constant(self.value, dtype=dtype or self.dtype, shape=shape, verify_shape=bool(verify_shape or self._verify_shape))


class random_uniform_initializer(Initializer):
    """Uniform in `[minval, maxval)`."""

    def __init__(self, minval: Any = 0.0, maxval: Any = None, seed: Any = None, dtype: Any = dtypes.float32):
        self.minval, self.maxval, self.seed, self.dtype = minval, maxval, seed, dtypes.as_dtype(dtype)

    def __call__(self, shape: Any, dtype: Any = None, partition_info: Any = None) -> Any:
        from thalweg.compat.v1.random import random_uniform

        return random_uniform(shape, self.minval, self.maxval, dtype or self.dtype, seed=self.seed)


class random_normal_initializer(Initializer):
    """Normal with `mean` and `stddev`."""

    def __init__(self, mean: Any = 0.0, stddev: Any = 1.0, seed: Any = None, dtype: Any = dtypes.float32):
        self.mean, self.stddev, self.seed, self.dtype = mean, stddev, seed, dtypes.as_dtype(dtype)

    def __call__(self, shape: Any, dtype: Any = None, partition_info: Any = None) -> Any:
        from thalweg.compat.v1.random import random_normal

        return random_normal(shape, self.mean, self.stddev, dtype or self.dtype, seed=self.seed)


class truncated_normal_initializer(random_normal_initializer):
    """Normal, drawn again beyond two standard deviations."""

    def __call__(self, shape: Any, dtype: Any = None, partition_info: Any = None) -> Any:
        from thalweg.compat.v1.random import truncated_normal

        return truncated_normal(shape, self.mean, self.stddev, dtype or self.dtype, seed=self.seed)


class uniform_unit_scaling_initializer(Initializer):
    """Uniform with the scale that keeps a product's variance: `factor * sqrt(3 / inputs)`."""

    def __init__(self, factor: float = 1.0, seed: Any = None, dtype: Any = dtypes.float32):
        self.factor, self.seed, self.dtype = factor, seed, dtypes.as_dtype(dtype)

    def __call__(self, shape: Any, dtype: Any = None, partition_info: Any = None) -> Any:
        from thalweg.compat.v1.random import random_uniform

        sizes = _sizes(shape)
        limit = math.sqrt(3 / max(1.0, math.prod(sizes[:-1]))) * self.factor
        return random_uniform(shape, -limit, limit, dtype or self.dtype, seed=self.seed)


class variance_scaling_initializer(Initializer):
    """Scale by the number of inputs, outputs or their mean (`mode`: fan_in, fan_out, fan_avg)."""

    def __init__(
        self, scale: float = 1.0, mode: str = "fan_in", distribution: str = "truncated_normal", seed: Any = None,
        dtype: Any = dtypes.float32,
    ):  # fmt: skip
        if scale <= 0.0:
            raise ValueError(f"Argument `scale` must be a positive float. Received: {scale}")
        if mode not in ("fan_in", "fan_out", "fan_avg"):
            raise ValueError(f"Argument `mode` should be one of ('fan_in', 'fan_out', 'fan_avg'). Received: {mode}")
        distribution = distribution.lower()
        if distribution not in ("normal", "uniform", "truncated_normal", "untruncated_normal"):
            raise ValueError(
                "Argument `distribution` should be one of ('normal', 'uniform', 'truncated_normal', 'untruncated_normal'). "
                f"Received: {distribution}"
            )
        self.scale, self.mode, self.distribution, self.seed, self.dtype = scale, mode, distribution, seed, dtypes.as_dtype(dtype)

    def get_config(self) -> dict[str, Any]:
        return {
            "scale": self.scale,
            "mode": self.mode,
            "distribution": self.distribution,
            "seed": self.seed,
            "dtype": self.dtype.name,
        }

    def __call__(self, shape: Any, dtype: Any = None, partition_info: Any = None) -> Any:
        from thalweg.compat.v1.random import random_normal, random_uniform, truncated_normal

        dtype = dtype or self.dtype
        full = shape if partition_info is None else partition_info.full_shape
        fan_in, fan_out = fans(_sizes(full))
        scale = self.scale / max(1.0, {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2.0}[self.mode])
        if self.distribution in ("normal", "truncated_normal"):
            # 0.8796... is the standard deviation of a normal cut at two of its own.
            return truncated_normal(shape, 0.0, math.sqrt(scale) / 0.87962566103423978, dtype, seed=self.seed)
        if self.distribution == "untruncated_normal":
            return random_normal(shape, 0.0, math.sqrt(scale), dtype, seed=self.seed)
        limit = math.sqrt(3.0 * scale)
        return random_uniform(shape, -limit, limit, dtype, seed=self.seed)


def fans(sizes: list[int]) -> tuple[int, int]:
    """Inputs and outputs of a weight of this shape; a kernel's window multiplies both."""
    if not sizes:
        return 1, 1
    if len(sizes) == 1:
        return sizes[0], sizes[0]
    window = math.prod(sizes[:-2])
    return sizes[-2] * window, sizes[-1] * window


def _scaling(name: str, scale: float, mode: str, distribution: str, doc: str) -> type[variance_scaling_initializer]:
    def init(self: Any, seed: Any = None, dtype: Any = dtypes.float32) -> None:
        variance_scaling_initializer.__init__(self, scale, mode, distribution, seed, dtype)

    def get_config(self: Any) -> dict[str, Any]:
        return {"seed": self.seed, "dtype": self.dtype.name}

    namespace = {"__init__": init, "get_config": get_config, "__doc__": doc, "__module__": __name__}
    return type(name, (variance_scaling_initializer,), namespace)


glorot_uniform_initializer = _scaling("glorot_uniform_initializer", 1.0, "fan_avg", "uniform", "Glorot and Bengio 2010, uniform.")
glorot_normal_initializer = _scaling(
    "glorot_normal_initializer", 1.0, "fan_avg", "truncated_normal", "Glorot and Bengio 2010, normal."
)
he_normal = _scaling("he_normal", 2.0, "fan_in", "truncated_normal", "He et al. 2015, normal.")
he_uniform = _scaling("he_uniform", 2.0, "fan_in", "uniform", "He et al. 2015, uniform.")
lecun_normal = _scaling("lecun_normal", 1.0, "fan_in", "truncated_normal", "LeCun et al. 1998, normal.")
lecun_uniform = _scaling("lecun_uniform", 1.0, "fan_in", "uniform", "LeCun et al. 1998, uniform.")


class orthogonal_initializer(Initializer):
    """Orthogonal rows or columns, from the QR decomposition of a normal matrix (Saxe et al. 2014)."""

    def __init__(self, gain: float = 1.0, seed: Any = None, dtype: Any = dtypes.float32):
        self.gain, self.seed, self.dtype = gain, seed, dtypes.as_dtype(dtype)

    def __call__(self, shape: Any, dtype: Any = None, partition_info: Any = None) -> Any:
        from thalweg.compat.v1.random import random_normal
        from thalweg.engine.ops.diagonals import matrix_diag_part

        sizes = _sizes(shape)
        if len(sizes) < 2:
            raise ValueError(f"The tensor to initialize must be at least two-dimensional. Received: shape={shape}")
        rows, columns = math.prod(sizes[:-1]), sizes[-1]
        a = random_normal([max(columns, rows), min(columns, rows)], dtype=dtype or self.dtype, seed=self.seed)
        q, r = REGISTRY["Qr"](a, full_matrices=False)
        q = q * REGISTRY["Sign"](matrix_diag_part(r))
        if rows < columns:
            q = REGISTRY["Transpose"](q, [1, 0])
        return convert.convert_to_tensor(self.gain, dtype=q.dtype) * REGISTRY["Reshape"](q, sizes)


class identity_initializer(Initializer):
    """The identity matrix times `gain`; for 2-D shapes."""

    def __init__(self, gain: float = 1.0, dtype: Any = dtypes.float32):
        self.gain, self.dtype = gain, dtypes.as_dtype(dtype)

    def __call__(self, shape: Any, dtype: Any = None, partition_info: Any = None) -> Any:
        import numpy as np

        sizes = _sizes(shape)
        if len(sizes) != 2:
            raise ValueError(f"Identity matrix initializer can only be used for 2D matrices. Received: shape={shape}")
        return convert.convert_to_tensor(self.gain * np.eye(sizes[0], sizes[1]), dtype=dtype or self.dtype)


# -- `tf.initializers`: the same without the ending --------------------------------------------------------------

constant, ones, zeros, identity, orthogonal = (
    constant_initializer, ones_initializer, zeros_initializer, identity_initializer, orthogonal_initializer,
)  # fmt: skip
random_normal, random_uniform, truncated_normal = (
    random_normal_initializer, random_uniform_initializer, truncated_normal_initializer,
)  # fmt: skip
uniform_unit_scaling, variance_scaling = uniform_unit_scaling_initializer, variance_scaling_initializer
glorot_normal, glorot_uniform = glorot_normal_initializer, glorot_uniform_initializer


def __getattr__(name: str) -> Any:
    import importlib

    now = {"global_variables": "global_variables_initializer", "local_variables": "local_variables_initializer",
           "variables": "variables_initializer", "tables_initializer": "tables_initializer"}  # fmt: skip
    if name in now:
        return getattr(importlib.import_module("thalweg.compat.v1"), now[name])
    raise AttributeError(f"module 'thalweg.compat.v1.initializers' has no attribute {name!r}")
