"""Between arrays and `TensorProto` messages: `tf.make_tensor_proto`, `tf.make_ndarray`; shapes and dtypes likewise.

Source: https://www.tensorflow.org/api_docs/python/tf/make_tensor_proto
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from thalweg.engine.core import convert, dtypes
from thalweg.engine.core.dtypes import DType
from thalweg.engine.core.shape import TensorShape, as_shape
from thalweg.engine.core.tensor import EagerTensor, Tensor
from thalweg.engine.formats.messages import TensorProto, TensorShapeProto

_MOST_BYTES = 1 << 31  # what a protocol buffer can hold
# The field that holds the values one by one, when they are few.
_FIELDS = {
    "float32": "float_val", "float64": "double_val", "int32": "int_val", "int16": "int_val", "int8": "int_val", "uint8": "int_val",
    "uint16": "int_val", "int64": "int64_val", "uint32": "uint32_val", "uint64": "uint64_val", "bool": "bool_val",
    "complex64": "scomplex_val", "complex128": "dcomplex_val", "float16": "half_val", "bfloat16": "half_val",
    "string": "string_val",
}  # fmt: skip


def shape_proto(shape: Any) -> Any:
    """A TensorShapeProto: -1 for sizes that are not known."""
    shape = as_shape(shape)
    if shape.rank is None:
        return TensorShapeProto(unknown_rank=True)
    return TensorShapeProto(dim=[{"size": -1 if d is None else int(d)} for d in shape.as_list()])


def shape_of_proto(proto: Any) -> TensorShape:
    """The TensorShape in a message. Raises ValueError for sizes below -1."""
    if proto.unknown_rank:
        return TensorShape(None)
    if any(d.size < -1 for d in proto.dim):
        raise ValueError(f"A shape has the negative size {min(d.size for d in proto.dim)}.")
    return TensorShape([None if d.size == -1 else d.size for d in proto.dim])


def make_tensor_proto(
    values: Any, dtype: Any = None, shape: Any = None, verify_shape: bool = False, allow_broadcast: bool = False
) -> Any:
    """A `TensorProto` of values: Python's, NumPy's, or an eager tensor's.

    Raises TypeError for values that are no numbers or strings, ValueError where `shape` has another number of elements.

    >>> tf.make_tensor_proto([1.0, 2.0]).tensor_shape.dim[0].size
    2
    """
    if isinstance(values, TensorProto):
        return values
    if isinstance(values, EagerTensor):
        values = values._array
    elif isinstance(values, Tensor):
        raise TypeError(f"{values!r} has no value yet: a TensorProto holds values. Run it in a session first.")
    wanted = None if dtype is None else dtypes.as_dtype(dtype).base_dtype
    array = np.asarray(convert.to_array(values, wanted))
    if shape is not None:
        dims = tuple(as_shape(shape).as_list())
        if verify_shape and array.shape != dims:
            raise TypeError(f"Expected Tensor's shape: {dims}, got {array.shape}.")
        if allow_broadcast and array.size == 1:
            array = np.full(dims, array.ravel()[0], array.dtype)
        elif math.prod(dims) != array.size:
            raise ValueError(f"{array.size} values do not make up the shape {dims}.")
        array = array.reshape(dims)
    return array_proto(array)


def array_proto(array: np.ndarray, compress: bool = False) -> Any:
    """The TensorProto of an array, one value standing for many equal ones with `compress`.

    Raises ValueError above 2 GB, which no message can hold.
    """
    dtype = dtypes.FROM_NUMPY[array.dtype]
    if array.nbytes >= _MOST_BYTES:
        raise ValueError("Cannot create a tensor proto whose content is larger than 2GB.")
    proto = TensorProto(dtype=dtype.as_datatype_enum, tensor_shape=shape_proto(array.shape))
    if compress and array.size > 1 and (array == array.flat[0]).all():
        array = array.ravel()[:1]
    if dtype is dtypes.string:
        proto.string_val.extend(v if isinstance(v, bytes) else str(v).encode() for v in array.ravel().tolist())
    elif array.size > 1 and not (dtype.is_bool or dtype.is_complex):
        proto.tensor_content = np.ascontiguousarray(array).tobytes()
    else:
        getattr(proto, _FIELDS[dtype.name]).extend(_plain(array.ravel(), dtype))
    return proto


def _plain(flat: np.ndarray, dtype: DType) -> list[Any]:
    """Values as the field for their dtype takes them."""
    if dtype.is_complex:
        return [part for v in flat.tolist() for part in (v.real, v.imag)]
    return flat.view(np.uint16).tolist() if dtype.name in ("float16", "bfloat16") else flat.tolist()


def make_ndarray(tensor: Any) -> np.ndarray:
    """The array in a `TensorProto`; strings come as `bytes` in an object array.

    Raises ValueError where content and shape do not fit, or the shape is not known; TypeError for a dtype without arrays.

    >>> tf.make_ndarray(tf.make_tensor_proto([[1, 2], [3, 4]]))
    array([[1, 2],
           [3, 4]], dtype=int32)
    """
    dtype = dtypes.as_dtype(tensor.dtype).base_dtype if tensor.dtype else None
    if dtype is None or dtype.name not in _FIELDS:
        raise TypeError(f"A tensor of dtype {dtype.name if dtype else 'invalid'} cannot be made an array.")
    dims = shape_of_proto(tensor.tensor_shape).as_list() if not tensor.tensor_shape.unknown_rank else [None]
    if any(d is None for d in dims):
        raise ValueError("A tensor's message must say its whole shape.")
    count = math.prod(dims)  # type: ignore[type-var]
    if count * (1 if dtype is dtypes.string else dtype.size) > _MOST_BYTES:
        raise ValueError(f"A tensor of shape {dims} is larger than 2GB, more than a message holds.")
    if tensor.tensor_content:
        if len(tensor.tensor_content) != count * dtype.size:
            raise ValueError(f"A tensor of shape {dims} and dtype {dtype.name} has {len(tensor.tensor_content)} bytes of content.")
        return np.frombuffer(tensor.tensor_content, dtype.np_dtype).copy().reshape(dims)  # type: ignore[arg-type]
    return _listed(tensor, dtype, count).reshape(dims)  # type: ignore[arg-type]


def _listed(tensor: Any, dtype: DType, count: int) -> np.ndarray:
    """The values of a field, the last one standing for all that are left out."""
    values = list(getattr(tensor, _FIELDS[dtype.name]))
    if dtype is dtypes.string:
        found = np.empty(len(values), object)
        found[:] = values
    elif dtype.is_complex:
        found = np.array(values, np.float64 if dtype.size == 16 else np.float32).view(dtype.np_dtype)
    elif dtype.name in ("float16", "bfloat16"):
        found = np.array(values, np.uint16).view(dtype.np_dtype)
    else:
        found = np.array(values, dtype.np_dtype)
    if len(found) > count:
        raise ValueError(f"A tensor with {count} elements has {len(found)} values.")
    if len(found) < count:
        last = found[-1:] if len(found) else np.array([b"" if dtype is dtypes.string else 0], dtype.np_dtype)
        found = np.concatenate([found, np.repeat(last, count - len(found))])
    return found
