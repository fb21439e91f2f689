"""Nests of tensor specs and Python values as TensorFlow's `StructuredValue` messages, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

import thalweg as tf


def written(value: Any) -> Any:
    """A nest as a message. Raises TypeError for what has no form there."""
    from thalweg.engine.formats.messages import StructuredValue
    from thalweg.engine.formats.tensor_proto import shape_proto

    proto = StructuredValue()
    if value is None:
        proto.none_value.SetInParent()
    elif isinstance(value, (bool, np.bool_)):
        proto.bool_value = bool(value)
    elif isinstance(value, (int, np.integer)):
        proto.int64_value = int(value)
    elif isinstance(value, (float, np.floating)):
        proto.float64_value = float(value)
    elif isinstance(value, str):
        proto.string_value = value
    elif isinstance(value, tf.TensorSpec):
        spec = proto.tensor_spec_value
        spec.name = value.name or ""
        spec.shape.CopyFrom(shape_proto(value.shape))
        spec.dtype = value.dtype.as_datatype_enum
    elif isinstance(value, tf.DType):
        proto.tensor_dtype_value = value.as_datatype_enum
    elif isinstance(value, Mapping):
        proto.dict_value.SetInParent()
        for key, item in value.items():
            proto.dict_value.fields[str(key)].CopyFrom(written(item))
    elif isinstance(value, (list, tuple)):
        listed = proto.list_value if isinstance(value, list) else proto.tuple_value
        listed.SetInParent()
        for item in value:
            listed.values.add().CopyFrom(written(item))
    else:
        raise TypeError(f"{value!r} cannot be kept in a SavedModel.")
    return proto


def read(proto: Any) -> Any:
    """The nest of a message. Raises ValueError for kinds of specs that are not known."""
    from thalweg.engine.formats.tensor_proto import shape_of_proto

    kind = proto.WhichOneof("kind")
    if kind in (None, "none_value"):
        return None
    if kind in ("float64_value", "int64_value", "string_value", "bool_value"):
        return getattr(proto, kind)
    if kind in ("tensor_spec_value", "bounded_tensor_spec_value"):
        spec = getattr(proto, kind)
        return tf.TensorSpec(shape_of_proto(spec.shape), tf.as_dtype(spec.dtype), name=spec.name or None)
    if kind == "list_value":
        return [read(item) for item in proto.list_value.values]
    if kind == "tuple_value":
        return tuple(read(item) for item in proto.tuple_value.values)
    if kind == "dict_value":
        return {key: read(item) for key, item in sorted(proto.dict_value.fields.items())}
    if kind == "named_tuple_value":
        return {pair.key: read(pair.value) for pair in proto.named_tuple_value.values}
    if kind == "tensor_dtype_value":
        return tf.as_dtype(proto.tensor_dtype_value)
    if kind == "tensor_shape_value":
        return shape_of_proto(proto.tensor_shape_value)
    raise ValueError(f"The SavedModel's functions take or give a {kind}, which is not read here.")


def specs_of(nest: Any) -> Any:
    """A nest with its tensors' specs in their place."""
    return tf.nest.map_structure(lambda x: tf.TensorSpec(x.shape, x.dtype) if isinstance(x, tf.Tensor) else x, nest)
