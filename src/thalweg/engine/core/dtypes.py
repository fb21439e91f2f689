"""Data types: one `DType` object for each of TensorFlow's, tied to its NumPy dtype.

Numbers are those of TensorFlow's `types.proto`, so that files agree.
Source: https://www.tensorflow.org/api_docs/python/tf/dtypes/DType
"""

from __future__ import annotations

import builtins
from typing import Any

import ml_dtypes
import numpy as np


class DType:
    """The type of a tensor's elements, as `tf.float32`.

    >>> tf.float32.as_numpy_dtype, tf.int8.max, tf.complex64.real_dtype
    (<class 'numpy.float32'>, 127, tf.float32)
    """

    __slots__ = ("_kind", "_ref_of", "as_datatype_enum", "as_numpy_dtype", "name", "np_dtype")

    def __init__(self, name: str, number: int, numpy_type: Any, kind: str, ref_of: DType | None = None):
        self.name = name
        self.as_datatype_enum = number
        self.as_numpy_dtype = numpy_type
        self.np_dtype = np.dtype(numpy_type)
        self._kind = kind
        self._ref_of = ref_of

    # -- what kind of type ------------------------------------------------------------------------------

    @property
    def is_floating(self) -> builtins.bool:
        return self._kind == "float"

    @property
    def is_complex(self) -> builtins.bool:
        return self._kind == "complex"

    @property
    def is_integer(self) -> builtins.bool:
        return self._kind in ("int", "uint")

    @property
    def is_unsigned(self) -> builtins.bool:
        return self._kind == "uint"

    @property
    def is_bool(self) -> builtins.bool:
        return self._kind == "bool"

    @property
    def is_quantized(self) -> builtins.bool:
        return False

    @property
    def is_numpy_compatible(self) -> builtins.bool:
        return self._kind not in ("resource", "variant")

    @property
    def is_differentiable(self) -> builtins.bool:
        return self._kind in ("float", "complex", "resource", "variant")

    # -- related types and numbers ----------------------------------------------------------------------

    @property
    def base_dtype(self) -> DType:
        return self._ref_of or self

    @property
    def real_dtype(self) -> DType:
        return {"complex64": float32, "complex128": float64}.get(self.name, self.base_dtype)

    @property
    def _is_ref_dtype(self) -> builtins.bool:
        return self._ref_of is not None

    @property
    def _as_ref(self) -> DType:
        return _REFS[self.base_dtype.name]

    @property
    def size(self) -> int:
        """Bytes an element takes; 1 for strings and handles, as in TensorFlow."""
        return self.np_dtype.itemsize if self._kind in ("float", "complex", "int", "uint", "bool") else 1

    @property
    def min(self) -> Any:
        return self._limit("min")

    @property
    def max(self) -> Any:
        return self._limit("max")

    def _limit(self, which: str) -> Any:
        if self.is_integer:
            return int(getattr(np.iinfo(self.np_dtype), which))
        if self.is_floating:
            return self.np_dtype.type(getattr(ml_dtypes.finfo(self.np_dtype), which))
        if self.is_bool:
            return which == "max"
        raise TypeError(f"Cannot find {which}imum value of {self}.")

    @property
    def limits(self) -> tuple[Any, Any]:
        return self.min, self.max

    def is_compatible_with(self, other: Any) -> builtins.bool:
        other = as_dtype(other)
        return self.base_dtype is other.base_dtype

    # -- identity ---------------------------------------------------------------------------------------

    def __eq__(self, other: object) -> builtins.bool:
        if other is self:
            return True
        if other is None:
            return False
        try:
            return as_dtype(other) is self
        except TypeError:
            return False

    def __ne__(self, other: object) -> builtins.bool:
        return not self == other

    def __hash__(self) -> int:
        return self.as_datatype_enum

    def __int__(self) -> int:
        return self.as_datatype_enum

    def __reduce__(self) -> Any:
        return as_dtype, (self.name,)

    def __str__(self) -> str:
        return f"<dtype: {self.name!r}>"

    def __repr__(self) -> str:
        return "tf." + self.name


float32 = DType("float32", 1, np.float32, "float")
float64 = DType("float64", 2, np.float64, "float")
int32 = DType("int32", 3, np.int32, "int")
uint8 = DType("uint8", 4, np.uint8, "uint")
int16 = DType("int16", 5, np.int16, "int")
int8 = DType("int8", 6, np.int8, "int")
string = DType("string", 7, np.object_, "string")
complex64 = DType("complex64", 8, np.complex64, "complex")
int64 = DType("int64", 9, np.int64, "int")
bool = DType("bool", 10, np.bool_, "bool")
bfloat16 = DType("bfloat16", 14, ml_dtypes.bfloat16, "float")
uint16 = DType("uint16", 17, np.uint16, "uint")
complex128 = DType("complex128", 18, np.complex128, "complex")
float16 = DType("float16", 19, np.float16, "float")
resource = DType("resource", 20, np.object_, "resource")
variant = DType("variant", 21, np.object_, "variant")
uint32 = DType("uint32", 22, np.uint32, "uint")
uint64 = DType("uint64", 23, np.uint64, "uint")
double, half = float64, float16

ALL = (
    float16, bfloat16, float32, float64, int8, int16, int32, int64, uint8, uint16, uint32, uint64,
    bool, complex64, complex128, string, resource, variant,
)  # fmt: skip
_REFS = {t.name: DType(t.name + "_ref", 100 + t.as_datatype_enum, t.as_numpy_dtype, t._kind, t) for t in ALL}

# From a NumPy dtype to ours; looked up once per tensor property, so a plain dict.
FROM_NUMPY: dict[np.dtype, DType] = {t.np_dtype: t for t in ALL if t.np_dtype != np.dtype(object)}
FROM_NUMPY[np.dtype(object)] = string

_BY_NAME = {t.name: t for t in ALL} | {r.name: r for r in _REFS.values()} | {"double": float64, "float": float32, "half": float16}
_BY_NUMBER = {t.as_datatype_enum: t for t in ALL} | {r.as_datatype_enum: r for r in _REFS.values()}
_BY_PYTHON: dict[Any, DType] = {builtins.bool: bool, int: int32, float: float32, complex: complex128, str: string, bytes: string}


def as_dtype(type_value: Any) -> DType:
    """The `DType` for a name, number, Python, NumPy or JAX type. Raises TypeError for anything else.

    >>> tf.as_dtype("float32"), tf.as_dtype(np.int64), tf.as_dtype(float)
    (tf.float32, tf.int64, tf.float32)
    """
    value = type_value
    if type(value) is DType:
        return value
    try:
        if value in _BY_PYTHON:
            return _BY_PYTHON[value]
        if isinstance(value, str) and value in _BY_NAME:
            return _BY_NAME[value]
        if isinstance(value, int) and value in _BY_NUMBER:
            return _BY_NUMBER[value]
    except TypeError:  # unhashable
        pass
    if (value is not None and not isinstance(value, (int, str))) or isinstance(value, str):
        try:
            np_dtype = np.dtype(getattr(value, "as_numpy_dtype", value))
            if np_dtype.kind in "SU":
                return string
            return FROM_NUMPY[np_dtype]
        except (TypeError, KeyError):
            pass
    raise TypeError(f"Cannot convert the argument `type_value`: {value!r} to a TensorFlow DType.")
