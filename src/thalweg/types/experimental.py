"""`tf.types.experimental`: what functions and tensors are, for annotations and `isinstance`.

Source: https://www.tensorflow.org/api_docs/python/tf/types/experimental
"""

from __future__ import annotations

from typing import Any

import numpy as np

from thalweg.engine.core.tensor import Tensor
from thalweg.engine.execution.concrete import ConcreteFunction as ConcreteFunction
from thalweg.engine.execution.function import Function as GenericFunction
from thalweg.engine.execution.variables import Variable

PolymorphicFunction = GenericFunction
Callable = GenericFunction
TensorLike = Tensor | Variable | np.ndarray | np.generic | bool | int | float | complex | str | bytes | list | tuple


class TraceType:
    """What kind of argument a trace of a function is for. Derive from it for arguments of classes of one's own."""

    def is_subtype_of(self, other: Any) -> bool:
        raise NotImplementedError

    def most_specific_common_supertype(self, others: Any) -> Any:
        raise NotImplementedError


class SupportsTracingProtocol:
    """An object that says, by `__tf_tracing_type__(context)`, what kind of argument it is."""

    def __tf_tracing_type__(self, context: Any) -> TraceType:
        raise NotImplementedError
