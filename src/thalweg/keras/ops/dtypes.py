"""Keras 3's rules of dtypes: which dtype comes out when several come in. Tensors of all `keras.ops` pass here."""

from __future__ import annotations

from typing import Any

import numpy as np

import thalweg as tf
from thalweg.keras import config

_FLOATS = ("float16", "bfloat16", "float32", "float64")


def result_type(*dtypes: Any) -> str:
    """The dtype of a result from these dtypes: floats win over integers; Python's `int` and `float` give way.

    Source: `tf.keras.backend.result_type`.

    >>> tf.keras.backend.result_type("int32", "float16", float)
    'float16'
    """
    weak = {d for d in dtypes if d is int or d is float}
    names = [_name(d) for d in dtypes if d is not int and d is not float]
    names = [name for name in names if name != "bool"] or names
    floats = [name for name in names if name in _FLOATS]
    if floats:
        return floats[0] if len(set(floats)) == 1 else _wider(floats)
    if float in weak:
        return config.floatx()
    if not names:
        return "int32"
    if int in weak and names == ["bool"]:
        return "int32"
    found = names[0]
    for name in names[1:]:
        found = "float32" if {found, name} & {"uint64"} and {found, name} & _SIGNED else str(np.promote_types(found, name))
    return config.floatx() if found.startswith("float") and found == "float64" else found


_SIGNED = {"int8", "int16", "int32", "int64"}


def _name(dtype: Any) -> str:
    return config.standardize_dtype(dtype)


def _wider(floats: list[str]) -> str:
    if "float64" in floats:
        return "float64"
    return "float32"  # float32 with a smaller one, or float16 with bfloat16


def tensor(x: Any, dtype: Any = None) -> Any:
    """A tensor of anything."""
    if isinstance(x, tf.Tensor) and (dtype is None or x.dtype == tf.as_dtype(dtype)):
        return x
    if isinstance(x, tf.Tensor):
        return tf.cast(x, dtype)
    if isinstance(x, tf.Variable):
        x = x.value()
        return x if dtype is None else tf.cast(x, dtype)
    if isinstance(x, (float, complex)) and dtype is None and isinstance(x, float):
        return tf.constant(x, config.floatx())
    if dtype is not None and hasattr(x, "dtype"):
        return tf.cast(tf.convert_to_tensor(x), dtype)
    return tf.convert_to_tensor(x, dtype)


def together(*xs: Any, dtype: Any = None) -> list[Any]:
    """Tensors of one dtype: that of `result_type`, or the one given. Python's numbers take that of the others."""
    if dtype is None:
        dtype = result_type(*[_kind(x) for x in xs])
    return [tensor(x, dtype) for x in xs]


def _kind(x: Any) -> Any:
    if isinstance(x, bool):
        return "bool"
    if isinstance(x, (int, float)):
        return type(x)
    return x.dtype if hasattr(x, "dtype") else tensor(x).dtype


def floating(x: Any) -> Any:
    """A tensor of floats: integers and booleans become `floatx`."""
    x = tensor(x)
    return x if x.dtype.is_floating or x.dtype.is_complex else tf.cast(x, config.floatx())
