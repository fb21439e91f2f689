"""Operations between layers as Keras 3 writes them: a class of `keras.ops` for each kind, constants among the arguments.

What Keras has no class for is written in a form of our own.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from thalweg.keras.engine.op_layer import NamedOp, OpLayer

#: Keras 3's class of an operation, and our type of it.
TYPES = {
    "Absolute": "Abs", "Add": "AddV2", "Cos": "Cos", "Divide": "RealDiv", "Equal": "Equal", "Exp": "Exp",
    "FloorDivide": "FloorDiv", "Greater": "Greater", "GreaterEqual": "GreaterEqual", "Less": "Less", "LessEqual": "LessEqual",
    "Log": "Log", "LogicalAnd": "LogicalAnd", "LogicalNot": "LogicalNot", "LogicalOr": "LogicalOr", "Maximum": "Maximum",
    "Minimum": "Minimum", "Mod": "FloorMod", "Multiply": "Mul", "Negative": "Neg", "NotEqual": "NotEqual", "Power": "Pow",
    "Relu": "Relu", "Sigmoid": "Sigmoid", "Sin": "Sin", "Sqrt": "Sqrt", "Square": "Square", "Subtract": "Sub", "Tanh": "Tanh",
    "TrueDivide": "RealDiv",
}  # fmt: skip
_CLASSES = {kind: name for name, kind in TYPES.items() if name != "Divide"}
_IN_NN = {"Relu", "Sigmoid"}
#: Attributes that say nothing but what is always so.
_SETTLED = {"incompatible_shape_error"}
_OWN = "OpLayer"


def is_op_config(config: dict[str, Any], layers: dict[str, Any]) -> bool:
    """Whether a layer's config is that of an operation; `layers` are the classes of layers by name."""
    module, name = config.get("module"), config.get("class_name")
    if module is None:
        return name == _OWN or (name in TYPES and name not in layers)
    return (module == "thalweg" and name == _OWN) or (name in TYPES and "ops" in module.split("."))


def read(config: dict[str, Any]) -> OpLayer:
    """The operation that a config describes. Raises TypeError for what is more than a computation."""
    inner = config["config"]
    if config["class_name"] == _OWN:
        return OpLayer.from_config(inner)
    return NamedOp(TYPES[config["class_name"]], name=inner.get("name"))


def written(operation: OpLayer) -> dict[str, Any]:
    """The config of an operation, without its calls."""
    if not in_keras(operation):
        return {"module": "thalweg", "class_name": _OWN, "config": operation.get_config(), "registered_name": None}
    name = _CLASSES[operation.type]
    module = "keras.src.ops.nn" if name in _IN_NN else "keras.src.ops.numpy"
    return {"module": module, "class_name": name, "config": {"name": operation.name}, "registered_name": name}


def in_keras(operation: OpLayer) -> bool:
    """Whether Keras 3 has the operation."""
    return operation.type in _CLASSES and not set(operation._attributes) - _SETTLED


def arguments(operation: OpLayer, args: list[Any]) -> list[Any]:
    """The arguments of a call with the constants among them, as Keras 3 has it."""
    if isinstance(operation, NamedOp) or not in_keras(operation):
        return args
    arriving = iter(args)
    return [next(arriving) if fixed is None else _plain(fixed) for fixed in operation._template]


def _plain(constant: Any) -> Any:
    value = np.asarray(constant)
    return value.item() if value.ndim == 0 else value
