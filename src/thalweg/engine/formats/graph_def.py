"""`Graph.as_graph_def`: a graph as TensorFlow's `GraphDef`, its subgraphs as functions of the library.

Attributes get TensorFlow's names and kinds from the table of its ops, so that TensorFlow reads what is written here; an op that
TensorFlow does not have is written with what can be written of it.
Source: https://www.tensorflow.org/api_docs/python/tf/Graph#as_graph_def
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from thalweg.engine.core import dtypes
from thalweg.engine.core.dtypes import DType
from thalweg.engine.core.graph import Graph, Operation
from thalweg.engine.core.shape import TensorShape, as_shape
from thalweg.engine.formats.messages import AttrValue, GraphDef
from thalweg.engine.formats.op_defs import NO_DEFAULT, Attr, OpSignature, op_signature, spans
from thalweg.engine.formats.tensor_proto import array_proto, shape_proto

PRODUCER = 2428  # the version of GraphDefs that TensorFlow 2.21 writes
_LISTED = {"int": "i", "float": "f", "bool": "b", "string": "s"} | {k: k for k in ("type", "shape", "tensor", "func")}


def graph_def(graph: Graph, from_version: int | None = None, add_shapes: bool = False) -> Any:
    """The `GraphDef` of a graph: only operations made since `from_version`, if given; with the outputs' shapes, if wanted."""
    proto = GraphDef()
    proto.versions.producer = PRODUCER
    library = _Library(proto.library)
    for op in graph.get_operations():
        if op._id > (from_version or 0):
            write_node(proto.node.add(), op, [input_name(t) for t in op._inputs], library, add_shapes)
    return proto


def input_name(t: Any) -> str:
    """A tensor as an input of a node says it: the index only where it is not 0."""
    return t.op.name if not t.value_index else f"{t.op.name}:{t.value_index}"


def write_node(node: Any, op: Operation, inputs: list[str], library: Any = None, add_shapes: bool = False) -> None:
    """Fill a NodeDef with an operation."""
    node.name, node.op, node.device = op.name, op.type, op.device
    node.input.extend(inputs)
    node.input.extend(f"^{c.name}" for c in op.control_inputs)
    signature = op_signature(op.type)
    for name, value in (_own_attrs(op) if signature is None else _attrs(op, signature)).items():
        attr = None if signature is None else signature.attrs.get(name)
        made = _attr_value(value, attr, library)
        if made is not None:
            node.attr[name].CopyFrom(made)
    if op.colocation:
        node.attr["_class"].list.s.extend(op.colocation)
    if add_shapes and op.outputs:
        node.attr["_output_shapes"].list.shape.extend(shape_proto(shape) for shape in _output_shapes(op))


def _output_shapes(op: Operation) -> list[TensorShape]:
    """The shapes of what an op gives; TensorFlow's loops give what they were given as well."""
    passed_on = op._inputs[op._attrs["carry"] :] if op.type == "While" else []
    return [t.shape for t in [*op.outputs, *passed_on]]


# -- which attributes ---------------------------------------------------------------------------------------


def _own_attrs(op: Operation) -> dict[str, Any]:
    """Those of an op that TensorFlow does not have: its own, and the dtype it works in."""
    first = next(iter([*op._inputs, *op.outputs]), None)
    return ({} if first is None else {"T": first.dtype.base_dtype}) | op._attrs


def _attrs(op: Operation, signature: OpSignature) -> dict[str, Any]:
    """Every attribute that TensorFlow's op has: from the dtypes of inputs and outputs, else the op's own, else the default."""
    found = _dtypes_and_counts(signature.outputs, op.outputs) | _dtypes_and_counts(signature.inputs, op._inputs)
    subgraphs = _subgraph_attrs(op)
    values = {}
    for name, attr in signature.attrs.items():
        value = next((d[name] for d in (subgraphs, found, op._attrs) if name in d), attr.default)
        if value is NO_DEFAULT:
            value = _stand_in(op, name)
        if value is not None or attr.kind == "shape":
            values[name] = value
    return values


def _dtypes_and_counts(args: Any, tensors: Any) -> dict[str, Any]:
    """The attributes that follow from the tensors of some arguments."""
    found: dict[str, Any] = {}
    at = 0
    for arg, span in zip(args, spans(args, len(tensors))):
        part = tensors[at : at + span]
        at += span
        if arg.count:
            found[arg.count] = span
        if arg.listed:
            found[arg.kind] = [t.dtype.base_dtype for t in part]
        elif part and not hasattr(dtypes, arg.kind):
            found[arg.kind] = part[0].dtype.base_dtype
    return found


def _stand_in(op: Operation, name: str) -> Any:
    """A required attribute that the op here does without."""
    if name == "shape" and op.outputs:
        cell = op._attrs.get("cell")
        return op.outputs[0].shape if cell is None else cell.shape
    if name == "dtype" and op.outputs:
        cell = op._attrs.get("cell")
        return op.outputs[0].dtype.base_dtype if cell is None else cell.dtype
    if name == "token":
        return f"pyfunc_{op.name}"
    return None


# -- values ------------------------------------------------------------------------------------------------


def _attr_value(value: Any, attr: Attr | None, library: Any) -> Any:
    """An AttrValue, of the kind TensorFlow gives it if that is known; None for what no message can hold."""
    proto = AttrValue()
    kind = _kind_of(value) if attr is None else attr.kind
    if kind is None:
        return None
    if kind.startswith("list("):
        _extend(proto.list, kind[5:-1], list(value), library)
        return proto
    made = _single(kind, value, library)
    if made is None:
        return None
    field = _LISTED[kind]
    if field in ("shape", "tensor", "func"):
        getattr(proto, field).CopyFrom(made)
    else:
        setattr(proto, field, made)
    return proto


def _kind_of(value: Any) -> str | None:
    """The kind of an attribute that TensorFlow does not know, from what its value is."""
    if isinstance(value, (list, tuple)):
        kinds = {_kind_of(v) for v in value}
        return f"list({kinds.pop()})" if len(kinds) == 1 and None not in kinds else None
    for types, kind in (
        (bool, "bool"), ((int, np.integer), "int"), ((float, np.floating), "float"), ((str, bytes), "string"),
        (DType, "type"), (TensorShape, "shape"), (np.ndarray, "tensor"),
    ):  # fmt: skip
        if isinstance(value, types):  # type: ignore[arg-type]
            return kind
    return "func" if _is_subgraph(value) else None


def _single(kind: str, value: Any, library: Any) -> Any:
    if kind == "func":
        return None if library is None else library.reference(value)
    if kind == "type":
        return dtypes.as_dtype(value).as_datatype_enum
    if kind == "shape":
        return shape_proto(as_shape(value))
    if kind == "tensor":
        return array_proto(np.asarray(value), compress=True)
    if kind == "string":
        return value if isinstance(value, bytes) else str(value).encode()
    return {"int": int, "float": float, "bool": bool}[kind](value)


def _extend(listed: Any, kind: str, values: list[Any], library: Any) -> None:
    made = [_single(kind, v, library) for v in values]
    getattr(listed, _LISTED[kind]).extend(m for m in made if m is not None)


# -- functions -----------------------------------------------------------------------------------------------


def _is_subgraph(value: Any) -> bool:
    return all(hasattr(value, name) for name in ("graph", "inputs", "outputs", "effects"))


class _Function:
    """A subgraph as a function of all inputs of its op; those the subgraph does not use pass by it."""

    def __init__(self, subgraph: Any, name: str, inputs: list[Any], positions: list[int], passed_on: list[int] | None = None,
                 dtypes: list[DType] | None = None):  # fmt: skip
        self.subgraph, self.name, self.inputs, self.dtypes = subgraph, name, inputs, dtypes or []
        self.positions, self.passed_on = positions, passed_on or []


def _subgraph_attrs(op: Operation) -> dict[str, Any]:
    """The branches of a Case, the condition and body of a While, as TensorFlow's ops have them."""
    if not any(_is_subgraph(v) for v in op._attrs.values()):
        return {}
    positions = op._attrs["positions"]
    if op.type == "Case":
        after_index = op._inputs[1:]
        names = [f"branch_{i}" for i in range(op._attrs["count"])]
        return {
            "branches": [
                _Function(op._attrs[n], f"{op.name}_{n}", after_index, [p - 1 for p in positions[n]],
                          dtypes=[t.dtype.base_dtype for t in op.outputs]) for n in names
            ],
            "output_shapes": [t.shape for t in op.outputs],
        }  # fmt: skip
    rest = list(range(op._attrs["carry"], len(op._inputs)))
    return {
        key: _Function(op._attrs[key], f"{op.name}_{key}", op._inputs, positions[key], rest if key == "body" else None)
        for key in ("cond", "body") if key in op._attrs
    } | {"output_shapes": _output_shapes(op)}  # fmt: skip


class _Library:
    """Adds functions to a FunctionDefLibrary, each once."""

    def __init__(self, proto: Any):
        self.proto = proto
        self.names: dict[str, int] = {}

    def reference(self, function: Any) -> Any:
        """A NameAttrList naming a function that the library then holds."""
        if not isinstance(function, _Function):
            function = _Function(function, function.graph.name, function.inputs, list(range(len(function.inputs))))
        name = re.sub(r"\W", "_", function.name)
        count = self.names[name] = self.names.get(name, 0) + 1
        name = name if count == 1 else f"{name}_{count - 1}"
        self._write(self.proto.function.add(), name, function)
        value = AttrValue()
        value.func.name = name
        return value.func

    def _write(self, proto: Any, name: str, function: _Function) -> None:
        signature, subgraph = proto.signature, function.subgraph
        signature.name = name
        names: dict[int, str] = {}  # what a tensor is called inside the function
        for i, t in enumerate(function.inputs):
            signature.input_arg.add(name=f"arg{i}", type=t.dtype.base_dtype.as_datatype_enum)
        for stand_in, position in zip(subgraph.inputs, function.positions):
            names[id(stand_in)] = f"arg{position}"
        inside = _between(subgraph, set(names))
        for op in inside:
            write_node(proto.node_def.add(), op, [names[id(t)] for t in op._inputs], self)
            names.update(zip(map(id, op.outputs), _inside_names(op)))
        results = []
        for i, t in enumerate(subgraph.outputs):
            if t is None:  # another branch has something here: a zero, which nobody reads
                results.append((_nothing(proto, i, function.dtypes[i]), function.dtypes[i]))
            else:
                results.append((names[id(t)], t.dtype))
        if function.passed_on:
            results = results[: function.passed_on[0]] + [(f"arg{i}", function.inputs[i].dtype) for i in function.passed_on]
        for i, (source, dtype) in enumerate(results):
            signature.output_arg.add(name=f"out{i}", type=dtype.base_dtype.as_datatype_enum)
            proto.ret[f"out{i}"] = source
        for op in subgraph.effects:
            signature.control_output.append(op.name)
            proto.control_ret[op.name] = op.name


def _nothing(proto: Any, i: int, dtype: DType) -> str:
    """A constant node for an output that a branch does not have. Gives what it is called."""
    node = proto.node_def.add(name=f"nothing_{i}", op="Const")
    node.attr["dtype"].type = dtype.as_datatype_enum
    node.attr["value"].tensor.CopyFrom(array_proto(np.zeros((), dtype.np_dtype)))
    return f"nothing_{i}:output:0"


def _between(subgraph: Any, given: set[int]) -> list[Operation]:
    """The operations that a subgraph's outputs and effects need, from its inputs on, in order."""
    pending = [t.op for t in subgraph.outputs if t is not None and id(t) not in given] + list(subgraph.effects)
    found: dict[int, Operation] = {}
    while pending:
        op = pending.pop()
        if id(op) not in found and not (op.outputs and all(id(t) in given for t in op.outputs)):
            found[id(op)] = op
            pending += [t.op for t in op._inputs if id(t) not in given] + op.control_inputs
    return sorted(found.values(), key=lambda op: op._id)


def _inside_names(op: Operation) -> list[str]:
    """Outputs as a function's nodes name them: node, argument, index within it."""
    signature = op_signature(op.type)
    if signature is None or not signature.outputs:
        return [f"{op.name}:output:{i}" for i in range(len(op.outputs))]
    sizes = spans(signature.outputs, len(op.outputs))
    return [f"{op.name}:{arg.name}:{i}" for arg, size in zip(signature.outputs, sizes) for i in range(size)]
