"""Dtypes and arrays as NumPy has them: Python's numbers are 64-bit, operands are promoted.

Source: https://www.tensorflow.org/guide/tf_numpy#type_promotion
"""

from __future__ import annotations

from typing import Any

import ml_dtypes
import numpy as np

import thalweg as tf

ndarray = tf.Tensor
bool_, int8, int16, int32, int64 = np.bool_, np.int8, np.int16, np.int32, np.int64
uint8, uint16, uint32, uint64 = np.uint8, np.uint16, np.uint32, np.uint64
float16, float32, float64, complex64, complex128 = np.float16, np.float32, np.float64, np.complex64, np.complex128
int_, float_, complex_, inexact, object_ = np.int64, np.float64, np.complex128, np.inexact, np.object_
string_, unicode_ = np.bytes_, np.str_
newaxis, pi, e, inf = None, np.pi, np.e, np.inf
finfo, iinfo, issubdtype = np.finfo, np.iinfo, np.issubdtype

_settings = {"prefer_float32": False}


def default_float() -> Any:
    return np.float32 if _settings["prefer_float32"] else np.float64


def numpy_dtype(dtype: Any) -> np.dtype:
    """Any way to name a dtype, as NumPy's."""
    if dtype is float:
        return np.dtype(default_float())
    if isinstance(dtype, tf.DType):
        return np.dtype(dtype.as_numpy_dtype)
    return np.dtype(ml_dtypes.bfloat16 if dtype == "bfloat16" else dtype)


def dtype_of(x: Any) -> np.dtype:
    if isinstance(x, (tf.Tensor, tf.Variable)):
        return np.dtype(x.dtype.as_numpy_dtype)
    return asarray(x).dtype.as_numpy_dtype and np.dtype(asarray(x).dtype.as_numpy_dtype)


def asarray(a: Any, dtype: Any = None) -> Any:
    """A tensor of the value: 64-bit integers and floats of Python's numbers and lists.

    >>> tf.experimental.numpy.asarray([1, 2]).dtype
    tf.int64
    """
    wanted = None if dtype is None else tf.as_dtype(numpy_dtype(dtype))
    if isinstance(a, (tf.Tensor, tf.Variable)):
        a = tf.convert_to_tensor(a)
        return a if wanted is None or a.dtype is wanted else tf.cast(a, wanted)
    if isinstance(a, (list, tuple)) and _holds_tensor(a):
        parts = [asarray(x) for x in a]
        common = result_type(*parts)
        a = tf.stack([asarray(p, common) for p in parts])
        return a if wanted is None else tf.cast(a, wanted)
    if a is None:
        raise ValueError("None is no array.")
    found = np.asarray(a)
    if found.dtype == np.float64 and _settings["prefer_float32"] and not isinstance(a, np.ndarray):
        found = found.astype(np.float32)
    if found.dtype.kind in "US":
        return tf.constant(found)
    return tf.convert_to_tensor(found if wanted is None else found.astype(wanted.as_numpy_dtype))


def _holds_tensor(a: Any) -> bool:
    return any(_holds_tensor(x) if isinstance(x, (list, tuple)) else isinstance(x, (tf.Tensor, tf.Variable)) for x in a)


def array(val: Any, dtype: Any = None, copy: bool = True, ndmin: int = 0) -> Any:
    """A tensor of the value, with `ndmin` dimensions at least."""
    x = asarray(val, dtype)
    missing = ndmin - x.shape.rank
    return tf.reshape(x, tf.concat([[1] * missing, tf.shape(x)], 0)) if missing > 0 else x


asanyarray = ascontiguousarray = asarray


def copy(a: Any) -> Any:
    """The same values."""
    return tf.identity(asarray(a))


def result_type(*arrays_and_dtypes: Any) -> Any:
    """The dtype of a result of these arrays and dtypes, by NumPy's promotion."""
    found = []
    for x in arrays_and_dtypes:
        if isinstance(x, (type, np.dtype, tf.DType, str)):
            found.append(numpy_dtype(x))
        else:
            found.append(dtype_of(x))
    common = np.result_type(*found) if len(found) > 1 else found[0]
    if common == np.float64 and _settings["prefer_float32"]:
        common = np.dtype(np.float32)
    return tf.as_dtype(common)


def promote_types(type1: Any, type2: Any) -> Any:
    """The smallest dtype that both fit into."""
    return np.promote_types(numpy_dtype(type1), numpy_dtype(type2))


def promoted(*values: Any) -> list[Any]:
    """Tensors of one dtype."""
    arrays = [asarray(v) for v in values]
    common = result_type(*arrays)
    return [a if a.dtype is common else tf.cast(a, common) for a in arrays]


def inexact_of(x: Any) -> Any:
    """A tensor of floats or complex numbers: integers become floats."""
    x = asarray(x)
    return x if x.dtype.is_floating or x.dtype.is_complex else tf.cast(x, tf.as_dtype(default_float()))
