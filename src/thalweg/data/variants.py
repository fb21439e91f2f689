"""Datasets as values inside graphs: a scalar tensor that holds a dataset and what it needs to be gone through.

A dataset may have symbolic tensors among its parameters: in a function given to `flat_map`, in a `tf.function`, in a graph
of TensorFlow 1. The op here takes those tensors, so that their values travel with the dataset.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from thalweg.data.cursors import Cursor, Scope
from thalweg.engine.core import convert, dtypes
from thalweg.engine.core.context import local
from thalweg.engine.core.registry import Op
from thalweg.engine.core.shape import SCALAR
from thalweg.engine.core.tensor import EagerTensor, SymbolicTensor
from thalweg.engine.execution.python_calls import boxed as boxed


class Bound:
    """A dataset with the values of its symbolic tensors."""

    __slots__ = ("dataset", "values")

    def __init__(self, dataset: Any, values: dict[int, np.ndarray]):
        self.dataset, self.values = dataset, values

    def cursor(self, scope: Scope) -> Cursor:
        return self.dataset._cursor(scope.within(self.values))


def _make_variant(xp: Any, *values: Any, dataset: Any, keys: tuple[int, ...]) -> np.ndarray:
    return boxed(Bound(dataset, dict(zip(keys, values))))


# Not in the op table: it has meaning only with a Python dataset in it.
variant_op = Op(_make_variant, "WrapDatasetVariant", types=("any*",), out=dtypes.variant, shape=lambda *_, **__: SCALAR, host=True)


def to_variant(dataset: Any) -> Any:
    """The dataset as a scalar tensor."""
    tensors = dataset._symbolic()
    if local.graph is None and not tensors:
        return EagerTensor(boxed(Bound(dataset, {})))
    graph = local.graph if local.graph is not None else tensors[0].graph
    inputs = [convert.convert_to_tensor(t) if t.graph is not graph else t for t in tensors]
    attrs = {"dataset": dataset, "keys": tuple(map(id, tensors))}
    return graph.create_op(variant_op, inputs, attrs, "dataset", [dtypes.variant], [SCALAR]).outputs[0]


def bound_of(value: Any) -> Bound:
    return np.asarray(value).item()


def symbolic_among(values: Any) -> list[SymbolicTensor]:
    """The symbolic tensors of a list, each once."""
    return list({id(v): v for v in values if isinstance(v, SymbolicTensor)}.values())
