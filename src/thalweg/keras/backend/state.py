"""What programs use of `tf.keras.backend`: settings, sessions of names, and values of variables."""

from __future__ import annotations

from typing import Any

import numpy as np

import thalweg as tf
from thalweg.keras import naming
from thalweg.keras.config import (
    epsilon,
    floatx,
    image_data_format,
    set_epsilon,
    set_floatx,
    set_image_data_format,
)
from thalweg.keras.engine.shapes import shape_of
from thalweg.keras.engine.symbolic import is_keras_tensor
from thalweg.keras.random import seed_generator


def clear_session(free_memory: bool = True) -> None:
    """Forget what Keras remembers across models: the numbers in automatic names, the global random seed."""
    naming.reset()
    seed_generator.reset()


def reset_uids() -> None:
    """Start the numbers in automatic names anew."""
    naming.reset()


def get_uid(prefix: str = "") -> int:
    """A number that no earlier call with this prefix gave, from 1."""
    return naming.next_uid(prefix)


def backend() -> str:
    """The name of Keras' engine: 'tensorflow', whose programming model this is."""
    return "tensorflow"


def get_value(x: Any) -> Any:
    """The value of a variable or tensor as a NumPy array."""
    return x.numpy() if hasattr(x, "numpy") else np.asarray(x)


def batch_get_value(tensors: Any) -> list[Any]:
    """The values of several variables or tensors."""
    return [get_value(x) for x in tensors]


def set_value(x: Any, value: Any) -> None:
    """Assign a value to a variable."""
    x.assign(np.asarray(value, dtype=x.dtype.as_numpy_dtype))


def batch_set_value(tuples: Any) -> None:
    """Assign values to several variables: pairs of variable and value."""
    for x, value in tuples:
        set_value(x, value)


def eval(x: Any) -> Any:
    """The value of a tensor or variable."""
    return get_value(tf.convert_to_tensor(x))


def variable(value: Any, dtype: Any = None, name: str | None = None, constraint: Any = None) -> Any:
    """A variable with this value, of `floatx` unless `dtype` says otherwise."""
    return tf.Variable(value, dtype=tf.as_dtype(dtype or floatx()), name=name, constraint=constraint)


def int_shape(x: Any) -> tuple[int | None, ...] | None:
    """The shape of a tensor as a tuple with None for what is not known."""
    shape = shape_of(x)
    return None if shape is None else tuple(shape)


def ndim(x: Any) -> int | None:
    """The number of dimensions."""
    return x.shape.rank if isinstance(x.shape, tf.TensorShape) else len(x.shape)


def dtype(x: Any) -> str:
    """The dtype of a tensor by name."""
    return tf.as_dtype(x.dtype).name


__all__ = [
    "backend", "batch_get_value", "batch_set_value", "clear_session", "dtype", "epsilon", "eval", "floatx", "get_uid",
    "get_value", "image_data_format", "int_shape", "is_keras_tensor", "ndim", "reset_uids", "set_epsilon", "set_floatx",
    "set_image_data_format", "set_value", "variable",
]  # fmt: skip
