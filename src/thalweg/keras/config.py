"""Keras' settings: the float type, the fuzz factor, the image layout. Source: `tf.keras.config`, `tf.keras.backend`."""

from __future__ import annotations

from typing import Any

import thalweg as tf

_FLOATX = ("bfloat16", "float16", "float32", "float64")
_LAYOUTS = ("channels_last", "channels_first")
_settings: dict[str, Any] = {"floatx": "float32", "epsilon": 1e-7, "image_data_format": "channels_last"}


def floatx() -> str:
    """The dtype of weights and of converted inputs, as a string.

    >>> tf.keras.config.floatx()
    'float32'
    """
    return _settings["floatx"]


def set_floatx(value: str) -> None:
    """Set the default float type: 'bfloat16', 'float16', 'float32' or 'float64'."""
    if value not in _FLOATX:
        raise ValueError(f"Unknown floatx {value!r}: write one of {', '.join(_FLOATX)}.")
    _settings["floatx"] = str(value)


def epsilon() -> float:
    """The small number that keeps divisions and logarithms finite (1e-07)."""
    return _settings["epsilon"]


def set_epsilon(value: float) -> None:
    """Set the fuzz factor."""
    _settings["epsilon"] = value


def image_data_format() -> str:
    """'channels_last' or 'channels_first'."""
    return _settings["image_data_format"]


def set_image_data_format(data_format: str) -> None:
    """Set the default image layout: 'channels_last' or 'channels_first'."""
    _settings["image_data_format"] = standardize_data_format(data_format)


def standardize_data_format(data_format: str | None) -> str:
    """`data_format` in lower case, or the default for None."""
    if data_format is None:
        return image_data_format()
    lowered = str(data_format).lower()
    if lowered not in _LAYOUTS:
        raise ValueError(f"Unknown data_format {data_format!r}: write 'channels_last' or 'channels_first'.")
    return lowered


def standardize_dtype(dtype: Any) -> str:
    """The name of a dtype given as a name, a `tf.DType`, a NumPy or Python type, or a dtype policy; floatx for None.

    >>> tf.keras.config.standardize_dtype("int")
    'int32'
    """
    if dtype is None:
        return floatx()
    dtype = getattr(dtype, "compute_dtype", dtype)  # a dtype policy
    # By identity: a `tf.DType` compares equal to what NumPy makes of `int` and `float`.
    if dtype is int or (isinstance(dtype, str) and dtype == "int"):
        return "int32"
    if dtype is float or (isinstance(dtype, str) and dtype == "float"):
        return floatx()
    return tf.as_dtype(dtype).name
