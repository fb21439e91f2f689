"""From Python, NumPy and anything registered to tensors, by TensorFlow's rules.

Python ints become int32 (int64 when they do not fit), floats float32, strings bytes; NumPy arrays keep their dtype;
a dtype asked for is applied to NumPy arrays as a cast and to Python values only where nothing is lost in kind.
Source: https://www.tensorflow.org/api_docs/python/tf/convert_to_tensor
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from thalweg.engine.core import dtypes
from thalweg.engine.core.composite import CompositeTensor
from thalweg.engine.core.context import local
from thalweg.engine.core.dtypes import DType
from thalweg.engine.core.tensor import EagerTensor, SymbolicTensor, Tensor

_INT32 = range(-(2**31), 2**31)
_KINDS = {bool: "bool", int: "int", float: "float", complex: "complex", str: "string", bytes: "string"}

# Conversions of other types (variables, IndexedSlices, ...): `function(value, dtype, name, as_ref) -> Tensor`.
_conversions: list[tuple[Any, Callable[..., Any], int]] = []
# Turns a list that holds tensors into one tensor; set by the page that has the packing op.
pack_sequence: Callable[..., Any] | None = None


def register_tensor_conversion_function(base_type: Any, conversion_func: Callable[..., Any], priority: int = 100) -> None:
    """Say how values of `base_type` become tensors: `conversion_func(value, dtype=None, name=None, as_ref=False)`."""
    _conversions.append((base_type, conversion_func, priority))
    _conversions.sort(key=lambda c: c[2])


def convert_to_tensor(value: Any, dtype: Any = None, dtype_hint: Any = None, name: str | None = None) -> Any:
    """A tensor of the value: eager when ops run at once, a constant of the graph being built otherwise.

    Raises TypeError when the value cannot have `dtype`, ValueError when it is no rectangular array.

    >>> tf.convert_to_tensor([[1, 2], [3, 4]], dtype=tf.float32).dtype
    tf.float32
    """
    if dtype is not None:
        dtype = dtypes.as_dtype(dtype).base_dtype
    if isinstance(value, Tensor):
        if dtype is not None and value.dtype.base_dtype is not dtype:
            raise ValueError(
                f"Tensor conversion requested dtype {dtype.name} for Tensor with dtype {value.dtype.name}: {value!r}"
            )
        if local.graph is not None and (type(value) is EagerTensor or value.graph is not local.graph):  # type: ignore[attr-defined]
            return local.graph.capture(value)
        return value
    if type(value) not in _KINDS and not isinstance(value, (np.ndarray, np.generic)):
        if hasattr(value, "__tf_tensor__"):
            return value.__tf_tensor__(dtype, name)
        for base_type, function, _ in _conversions:
            if isinstance(value, base_type):
                converted = function(value, dtype=dtype, name=name, as_ref=False)
                if converted is not NotImplemented:
                    return converted
        if isinstance(value, (list, tuple)) and pack_sequence is not None and _holds_tensor(value):
            return pack_sequence(value, dtype or _hinted(dtype_hint), name)
    array = to_array(value, dtype, dtype_hint)
    if local.graph is not None:
        return local.graph.constant(array, name)
    return EagerTensor(array)


def _hinted(dtype_hint: Any) -> DType | None:
    return None if dtype_hint is None else dtypes.as_dtype(dtype_hint).base_dtype


def _holds_tensor(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return any(_holds_tensor(v) for v in value)
    return isinstance(value, Tensor) or hasattr(value, "__tf_tensor__") or is_convertible_object(value)


def is_convertible_object(value: Any) -> bool:
    """Whether a registered conversion takes it (a variable, IndexedSlices)."""
    return any(isinstance(value, base_type) for base_type, _, _ in _conversions)


def is_tensor(x: Any) -> bool:
    """Whether `x` is a tensor, a variable, or another of TensorFlow's tensor-like types; NumPy arrays are not.

    >>> tf.is_tensor(tf.constant(1.0)), tf.is_tensor(1.0)
    (True, False)
    """
    return isinstance(x, (Tensor, CompositeTensor)) or is_convertible_object(x)


def is_symbolic_tensor(x: Any) -> bool:
    """Whether `x` is a tensor of a graph, without a value now."""
    return isinstance(x, SymbolicTensor)


# -- to arrays -----------------------------------------------------------------------------------------


def to_array(value: Any, dtype: DType | None = None, dtype_hint: Any = None) -> np.ndarray:
    """The NumPy array, one's own copy, that a tensor of `value` holds."""
    if dtype is None and dtype_hint is not None:
        try:
            return to_array(value, dtypes.as_dtype(dtype_hint).base_dtype)
        except (TypeError, ValueError):
            pass
    if isinstance(value, (np.ndarray, np.generic)):
        return _from_numpy(value, dtype)
    kind = type(value)
    if kind is float:
        if dtype is None or dtype._kind == "float":
            return np.array(value, np.float32 if dtype is None else dtype.np_dtype)
    elif kind is int and (dtype is None or dtype._kind in ("int", "float")):
        if dtype is None:
            return np.array(value, np.int32 if value in _INT32 else np.int64)
        if dtype._kind == "float":
            return np.array(value, dtype.np_dtype)
    return _from_python(value, dtype)


def _from_numpy(value: Any, dtype: DType | None) -> np.ndarray:
    if value.dtype.kind in "US":
        value = _encode(np.asarray(value))
    elif value.dtype.kind == "O":
        return _from_python(value.tolist(), dtype)
    if dtype is None:
        if value.dtype not in dtypes.FROM_NUMPY:
            raise ValueError(f"Failed to convert a NumPy array to a Tensor (Unsupported numpy type {value.dtype}).")
        return np.array(value)
    if (dtype is dtypes.string) != (value.dtype.kind == "O"):
        raise TypeError(f"Cannot convert {value!r} to EagerTensor of dtype {dtype.name}")
    with np.errstate(all="ignore"):
        return np.array(value).astype(dtype.np_dtype)


def _from_python(value: Any, dtype: DType | None) -> np.ndarray:
    found: set[str] = set()
    numpy_dtypes: list[np.dtype] = []
    first = _survey(value, found, numpy_dtypes)
    if "unknown" in found:
        return _through_array_interface(value, dtype, first)
    if len(numpy_dtypes) and not found:
        try:
            return _from_numpy(np.asarray(value), dtype)
        except ValueError:
            raise ValueError("Can't convert non-rectangular Python sequence to Tensor.") from None
    found |= {_kind_of(d) for d in numpy_dtypes}
    kind = _common_kind(found, first)
    if dtype is not None:
        _check_kind(kind, dtype, value)
        target = dtype.np_dtype
    else:
        target = {"bool": np.bool_, "float": np.float32, "complex": np.complex128, "string": object, "int": None}[kind]
    try:
        if kind == "string":
            return _encode(_strings(value))
        array = np.array(value, dtype=np.float64 if kind == "float" else (object if target is None else None))
    except (ValueError, OverflowError):
        raise ValueError("Can't convert non-rectangular Python sequence to Tensor.") from None
    if target is None:
        flat = array.ravel()
        if any(isinstance(v, (list, tuple)) for v in flat):
            raise ValueError("Can't convert non-rectangular Python sequence to Tensor.")
        if not all(-(2**31) <= v < 2**31 for v in flat):  # `in` a range walks it for NumPy's integers
            target = np.int64
            if any(not -(2**63) <= v < 2**63 for v in flat):
                raise ValueError(f"Can't convert Python sequence with out-of-range integer to Tensor: {value!r}")
        else:
            target = np.int32
    elif dtype is not None and dtype.is_integer and array.size:
        low, high = array.min(), array.max()
        if low < dtype.min or high > dtype.max:
            raise ValueError(f"Can't convert Python sequence with out-of-range integer to Tensor of {dtype.name}.")
    with np.errstate(all="ignore"):
        return array.astype(target)


def _survey(value: Any, found: set[str], numpy_dtypes: list[np.dtype]) -> Any:
    """Collect the kinds of scalars in a nest; gives the first scalar."""
    kind = _KINDS.get(type(value))
    if kind is not None:
        found.add(kind)
        return value
    if isinstance(value, (list, tuple, range)):
        first = None
        for i, v in enumerate(value):
            scalar = _survey(v, found, numpy_dtypes)
            first = scalar if i == 0 else first
        return first
    if isinstance(value, (np.ndarray, np.generic)):
        numpy_dtypes.append(value.dtype)
        return value
    for python_type, kind in _KINDS.items():  # subclasses: enums, np.str_
        if isinstance(value, python_type):
            found.add(kind)
            return value
    found.add("unknown")
    return value


def _kind_of(dtype: np.dtype) -> str:
    if dtype.kind in "USO":
        return "string"
    our = dtypes.FROM_NUMPY.get(dtype)
    return "unknown" if our is None else our._kind.replace("uint", "int")


def _common_kind(found: set[str], first: Any) -> str:
    if not found:
        return "float"  # an empty list
    if len(found) == 1:
        return next(iter(found))
    if found == {"int", "bool"} and not isinstance(first, bool):
        return "int"
    if "string" in found or "bool" in found:
        raise ValueError("Can't convert Python sequence with mixed types to Tensor.")
    return "complex" if "complex" in found else "float"


def _check_kind(kind: str, dtype: DType, value: Any) -> None:
    allowed = {
        "bool": ("bool", "int", "uint", "float"), "int": ("int", "uint", "float", "complex"), "float": ("float", "complex"),
        "complex": ("complex",), "string": ("string",),
    }[kind]  # fmt: skip
    if dtype._kind not in allowed and not (kind == "float" and np.size(value) == 0):
        raise TypeError(f"Cannot convert {value!r} to EagerTensor of dtype {dtype.name}")


def _through_array_interface(value: Any, dtype: DType | None, culprit: Any) -> np.ndarray:
    """Objects that know how to be arrays: pandas columns, JAX and torch arrays, lists of them."""
    if value is None or culprit is None:
        raise ValueError(f"Attempt to convert a value ({value!r}) with an unsupported type ({type(culprit)}) to a Tensor.")
    if hasattr(value, "__array__") or hasattr(value, "__array_interface__") or hasattr(value, "__dlpack__"):
        return _from_numpy(np.asarray(value), dtype)
    if isinstance(value, (list, tuple)) and hasattr(culprit, "__array__"):
        return _from_numpy(np.asarray(value), dtype)
    if isinstance(value, (list, tuple)) and hasattr(culprit, "__index__"):  # Dimension
        return _from_python([v if type(v) in _KINDS else v.__index__() for v in value], dtype)
    if hasattr(value, "as_list"):  # TensorShape
        return to_array(value.as_list(), dtype or dtypes.int32)
    if hasattr(value, "__index__"):
        return to_array(value.__index__(), dtype)
    if hasattr(value, "__float__"):
        return to_array(float(value), dtype)
    raise ValueError(f"Attempt to convert a value ({value!r}) with an unsupported type ({type(culprit)}) to a Tensor.")


def _strings(value: Any) -> np.ndarray:
    array = np.array(value, dtype=object)
    if any(isinstance(v, (list, tuple)) for v in array.ravel()):
        raise ValueError
    return array


def _encode(array: np.ndarray) -> np.ndarray:
    """An object array of bytes from an array of `str` or `bytes`."""
    out = np.empty(array.shape, object)
    for i, v in np.ndenumerate(array):
        out[i] = v.encode() if isinstance(v, str) else bytes(v)
    return out
