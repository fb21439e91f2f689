"""A `tf` function applied between layers, as a layer: `x + 1`, `tf.reduce_mean(x)`, `x[:, 0]` on symbolic tensors."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import thalweg as tf
from thalweg.keras import naming
from thalweg.keras.engine.layer import Layer
from thalweg.keras.engine.node import Node
from thalweg.keras.engine.symbolic import KerasTensor


class OpLayer(Layer):
    """One operation of the functional graph, done again on values. Constants and variables are part of it."""

    def __init__(self, op: Any, inputs: list[Any], **kwargs: Any):
        super().__init__(autocast=False, **kwargs)
        self.built = True
        self.type = op.type
        # A constant or a variable's cell, or None where a tensor comes in.
        self.__dict__["_template"] = inputs
        self.__dict__["_record"] = op.record
        self.__dict__["_attributes"] = dict(op._attrs)

    def call(self, *tensors: Any) -> Any:
        arriving = iter(tensors)
        inputs = [next(arriving) if fixed is None else fixed for fixed in self._template]
        return self._record(*inputs, **self._attributes)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        return None


def add_op_layers(tensors: Iterable[KerasTensor]) -> None:
    """Make the operations that lead to these tensors, and that no layer made, into layers."""
    waiting: list[Any] = [x for x in tensors if not hasattr(x, "_keras_history")]
    while waiting:
        x = waiting[-1]
        if hasattr(x, "_keras_history"):
            waiting.pop()
            continue
        arriving = [t for t in x.op.inputs if _fixed(t) is None]
        before = [t for t in arriving if not hasattr(t, "_keras_history")]
        if before:
            waiting.extend(before)
            continue
        waiting.pop()
        layer = OpLayer(x.op, [_fixed(t) for t in x.op.inputs], name=naming.auto_name(_short_name(x.op)))
        Node(layer, tuple(arriving), {}, list(x.op.outputs) if len(x.op.outputs) > 1 else x.op.outputs[0])


def _fixed(tensor: Any) -> Any:
    """The value of a constant, or the cell of a variable; None for a tensor that comes from inputs."""
    if hasattr(tensor, "_keras_history"):
        return None
    if tensor.op.type == "Const":
        return tf.constant(tensor.op.get_attr("value"))
    return tensor.op._attrs.get("cell")


def _short_name(op: Any) -> str:
    return getattr(op.record, "__name__", op.type)
