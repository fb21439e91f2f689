"""`tf.TypeSpec`: what all types of values have in common.

Source: https://www.tensorflow.org/api_docs/python/tf/TypeSpec
"""

from __future__ import annotations

import abc
from typing import Any

from thalweg.engine.core import convert
from thalweg.engine.core.composite import CompositeSpec, CompositeTensor
from thalweg.engine.core.tensor import Tensor
from thalweg.engine.core.tensor_spec import TensorSpec


class TypeSpec(abc.ABC):  # noqa: B024
    """The base of TensorSpec, RaggedTensorSpec, SparseTensorSpec and their kin, for `isinstance`."""


TypeSpec.register(TensorSpec)
TypeSpec.register(CompositeSpec)


def type_spec_from_value(value: Any) -> Any:
    """The type of a value. Raises TypeError for what can be no tensor.

    >>> tf.type_spec_from_value(tf.constant([1, 2]))
    TensorSpec(shape=(2,), dtype=tf.int32, name=None)
    """
    if isinstance(value, CompositeTensor):
        return value._type_spec
    if isinstance(value, Tensor):
        return TensorSpec(value.shape, value.dtype)
    if hasattr(value, "element_spec"):
        from thalweg.data.structure import DatasetSpec

        return DatasetSpec(value.element_spec)
    try:
        t = convert.convert_to_tensor(value)
    except (ValueError, TypeError):
        raise TypeError(f"Could not build a TypeSpec for {value!r} of type {type(value).__name__}") from None
    return TensorSpec(t.shape, t.dtype)
