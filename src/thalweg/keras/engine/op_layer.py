"""A `tf` function applied between layers, as a layer: `x + 1`, `tf.reduce_mean(x)`, `x[:, 0]` on symbolic tensors."""

from __future__ import annotations

from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any

import thalweg as tf
from thalweg.engine.core.registry import REGISTRY, RESOURCE
from thalweg.keras import naming
from thalweg.keras.engine.layer import Layer
from thalweg.keras.engine.node import Node
from thalweg.keras.engine.symbolic import KerasTensor
from thalweg.keras.saving import registration


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

    def get_config(self) -> dict[str, Any]:
        """The operation's type, its attributes, and what is fixed of its inputs (None where a tensor comes in)."""
        fixed = [x if x is None else registration.serialize_keras_object(x) for x in self._template]
        attributes = {name: _written(value) for name, value in self._attributes.items()}
        return {"name": self.name, "type": self.type, "attributes": attributes, "inputs": fixed}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> OpLayer:
        attributes = {name: _read(value) for name, value in config["attributes"].items()}
        op = SimpleNamespace(type=config["type"], record=pure_op(config["type"]), _attrs=attributes)
        inputs = [x if x is None else registration.deserialize_keras_object(x) for x in config["inputs"]]
        return OpLayer(op, inputs, name=config["name"])

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        return None


class NamedOp(OpLayer):
    """An operation of Keras 3's functional graph, read from a config: its constants come as arguments of each call."""

    def __init__(self, type: str, **kwargs: Any):
        op = SimpleNamespace(type=type, record=pure_op(type), _attrs={})
        super().__init__(op, [], **kwargs)

    def call(self, *args: Any) -> Any:
        return self._record(*args)


def pure_op(type: str) -> Any:
    """The record of an operation that only computes. Raises TypeError for any other name, such as a file may hold."""
    record = REGISTRY.get(type)
    if record is None or record.stateful or record.host or RESOURCE in record.types:
        raise TypeError(f"The config names an operation {type!r}, which is none that only computes numbers from numbers.")
    return record


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


# -- attributes in configs ---------------------------------------------------------------------------------------


def _written(value: Any) -> Any:
    if isinstance(value, tf.DType):
        return {"dtype": value.name}
    if isinstance(value, tf.TensorShape):
        return {"shape": None if value.rank is None else value.as_list()}
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (list, tuple)):
        return [_written(item) for item in value]
    raise NotImplementedError(f"An operation's attribute {value!r} cannot be written down: put the operation into a layer.")


def _read(value: Any) -> Any:
    if isinstance(value, dict):
        return tf.as_dtype(value["dtype"]) if "dtype" in value else tf.TensorShape(value["shape"])
    return [_read(item) for item in value] if isinstance(value, list) else value
