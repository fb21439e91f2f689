"""`tf.import_graph_def`: a serialized graph built into the current one, functions and their control flow included.

Source: https://www.tensorflow.org/api_docs/python/tf/graph_util/import_graph_def
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import numpy as np

from thalweg.engine.core import context, dtypes, errors
from thalweg.engine.core.context import local
from thalweg.engine.core.graph import Graph, Operation, get_default_graph
from thalweg.engine.core.registry import REGISTRY
from thalweg.engine.core.shape import UNKNOWN
from thalweg.engine.core.tensor import SymbolicTensor
from thalweg.engine.execution.conditional import cond, switch_case
from thalweg.engine.execution.loops import while_loop
from thalweg.engine.execution.python_calls import HostOp
from thalweg.engine.execution.tensor_spec import TensorSpec
from thalweg.engine.formats.op_defs import OpSignature, op_signature, spans
from thalweg.engine.formats.tensor_proto import make_ndarray, shape_of_proto
from thalweg.engine.ops import state

_LIMIT = 1_000_000  # nodes of one graph: a message is not trusted
_OLD_CONTROL_FLOW = {"Enter", "Exit", "LoopCond", "Merge", "NextIteration", "Switch", "RefEnter", "RefExit", "RefMerge",
                     "RefNextIteration", "RefSwitch"}  # fmt: skip
_DEPTH = 64  # of calls of functions in functions


# -- attributes ---------------------------------------------------------------------------------------------


def attr_value(value: Any) -> Any:
    """An AttrValue as the engine has it: DType, TensorShape, array, text, number, or a list of these."""
    kind = value.WhichOneof("value")
    if kind == "list":
        held = value.list
        for name, convert_one in _CONVERSIONS.items():
            items = getattr(held, name, ())
            if len(items):
                return [convert_one(v) for v in items]
        return []
    if kind is None or kind == "placeholder":
        return None
    return _CONVERSIONS[kind](getattr(value, kind)) if kind in _CONVERSIONS else getattr(value, kind)


def _text(value: bytes) -> Any:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value


_CONVERSIONS: dict[str, Callable[[Any], Any]] = {
    "s": _text, "i": int, "f": float, "b": bool, "type": lambda v: dtypes.as_dtype(int(v)), "shape": shape_of_proto,
    "tensor": make_ndarray, "func": lambda v: v,
}  # fmt: skip


def _attrs_for(record: Any, node: Any) -> dict[str, Any]:
    """Those of a node's attributes that its record takes; dtypes and counts follow from the inputs."""
    return {name: attr_value(value) for name, value in node.attr.items() if name in record.defaults}


# -- nodes --------------------------------------------------------------------------------------------------


class _Scope:
    """Tensors by the names that a graph's or a function's nodes call them."""

    def __init__(self, library: dict[str, Any], depth: int = 0):
        self.library, self.depth = library, depth
        self.ops: dict[str, Any] = {}  # the results of each node: an Operation or a list of tensors
        self.given: dict[str, Any] = {}  # tensors in the place of others

    def tensor(self, name: str) -> Any:
        """`node`, `node:2`, or `node:argument:2` inside a function. Raises ValueError for a name that is not there."""
        if name in self.given:
            return self.given[name]
        parts = name.split(":")
        if parts[0] not in self.ops:
            raise ValueError(f"The graph has no node {parts[0]!r}, which another one takes its input from.")
        outputs, starts = self.ops[parts[0]]
        if len(parts) == 3:
            index = starts.get(parts[1], 0) + int(parts[2])
        else:
            index = int(parts[1]) if len(parts) == 2 else 0
        if index >= len(outputs):
            raise ValueError(f"Node {parts[0]!r} has {len(outputs)} outputs, but output {index} is asked for.")
        return outputs[index]

    def control(self, name: str) -> Any:
        found = self.ops.get(name)
        return None if found is None else (found[0][0].op if found[0] else found[1].get("__op__"))


def _starts(signature: OpSignature | None, count: int) -> dict[str, Any]:
    """Where each argument's outputs begin."""
    if signature is None or not signature.outputs:
        return {}
    found, at = {}, 0
    for arg, span in zip(signature.outputs, spans(signature.outputs, count)):
        found[arg.name] = at
        at += span
    return found


def _ordered(nodes: Any) -> list[Any]:
    """Nodes after those they take from. Raises ValueError for a cycle or a name twice."""
    by_name = {}
    for n in nodes:
        if n.name in by_name:
            raise ValueError(f"Node name {n.name!r} already exists in the Graph.")
        by_name[n.name] = n
    order: list[Any] = []
    marks: dict[str, int] = {}
    for first in nodes:
        stack = [(first, iter(_sources(first)))]
        while stack:
            node, rest = stack[-1]
            if marks.get(node.name) == 2:
                stack.pop()
                continue
            marks[node.name] = 1
            for source in rest:
                if marks.get(source) == 1 and source in by_name:
                    raise ValueError(
                        f"The graph has a cycle through {source!r}: loops of TensorFlow 1's control flow are not read."
                    )
                if source in by_name and marks.get(source) != 2:
                    stack.append((by_name[source], iter(_sources(by_name[source]))))
                    break
            else:
                marks[node.name] = 2
                order.append(node)
                stack.pop()
    return order


def _sources(node: Any) -> list[str]:
    return [i.lstrip("^").split(":")[0] for i in node.input]


def _build(graph: Graph, node: Any, scope: _Scope) -> None:
    """One node, in the current graph and name scope."""
    inputs = [scope.tensor(i) for i in node.input if not i.startswith("^")]
    controls = [c for c in (scope.control(i[1:]) for i in node.input if i.startswith("^")) if c is not None]
    device = graph.device(node.device) if node.device else contextlib.nullcontext()
    with graph.control_dependencies(controls), device:
        result = _made(graph, node, inputs, scope)
    outputs = (
        [result] if isinstance(result, SymbolicTensor) else [] if isinstance(result, Operation) or result is None else list(result)
    )
    starts = _starts(op_signature(node.op), len(outputs))
    if isinstance(result, Operation):
        starts["__op__"] = result
    scope.ops[node.name] = (outputs, starts)


def _made(graph: Graph, node: Any, inputs: list[Any], scope: _Scope) -> Any:
    attrs = node.attr
    name = node.name.split("/")[-1] if scope.depth else node.name
    if node.op == "Const":
        return graph.constant(np.asarray(make_ndarray(attrs["value"].tensor)), name)
    if node.op in ("Placeholder", "PlaceholderV2"):
        shape = attr_value(attrs["shape"]) if "shape" in attrs else None
        return state.placeholder_record(dtype=attr_value(attrs["dtype"]), shape=UNKNOWN if shape is None else shape, name=name)
    if node.op in ("VariableV2", "Variable", "VarHandleOp"):
        return state.variable_v2(shape=attr_value(attrs["shape"]), dtype=attr_value(attrs["dtype"]), name=name)
    if node.op == "NoOp":
        return state.no_op_record(name=name)
    if node.op in _OLD_CONTROL_FLOW:
        raise NotImplementedError(
            f"Node {node.name!r} is {node.op}, of TensorFlow 1's control flow: export the graph with "
            "tf.enable_control_flow_v2(), whose If and While are read here."
        )
    if node.op in ("PartitionedCall", "StatefulPartitionedCall"):
        return _call(graph, attrs["f"].func.name, inputs, scope, name)
    if node.op in ("If", "StatelessIf"):
        yes, no = (_branch(graph, attrs[k].func.name, inputs[1:], scope) for k in ("then_branch", "else_branch"))
        return _flat(cond(_as_bool(inputs[0]), yes, no, name))
    if node.op in ("Case", "StatelessCase"):
        functions = [_branch(graph, f.name, inputs[1:], scope) for f in attrs["branches"].list.func]
        return _flat(switch_case(inputs[0], functions, name=name))
    if node.op in ("While", "StatelessWhile"):
        return _loop(graph, node, inputs, scope, name)
    if node.op in scope.library:
        return _call(graph, node.op, inputs, scope, name)
    return _by_record(node, inputs, name)


def _by_record(node: Any, inputs: list[Any], name: str) -> Any:
    record = REGISTRY.get(node.op)
    if record is None:
        _load_all()
        record = REGISTRY.get(node.op)
    if record is None:
        composed = _COMPOSED.get(node.op)
        return _stand_in(node)(*inputs, name=name) if composed is None else composed(node, inputs, name)
    attrs = _attrs_for(record, node)
    if "dtype" in attrs and node.op == "ReadVariableOp":
        cell = inputs[0].op._attrs.get("cell")  # an eager variable's handle, whose own shape is that of a handle
        attrs["shape"] = inputs[0].shape if cell is None else cell.shape
    return record(*inputs, name=name, **attrs)


def _batch_norm(node: Any, inputs: list[Any], name: str) -> list[Any]:
    """TensorFlow's fused normalisation; its reserved outputs are the mean and the variance again."""
    from thalweg.compat.v1.nn import fused_batch_norm

    attrs = {k: attr_value(v) for k, v in node.attr.items() if k in ("epsilon", "data_format", "is_training")}
    x, scale, offset, mean, variance = inputs
    given = (None, None) if attrs.get("is_training", True) else (mean, variance)
    y, mean, variance = fused_batch_norm(x, scale, offset, given[0], given[1], name=name, **attrs)
    return [y, mean, variance, mean, variance, variance][: 6 if node.op.endswith("V3") else 5]


def _resource_gather(node: Any, inputs: list[Any], name: str) -> Any:
    cell = inputs[0].op._attrs.get("cell")
    x = inputs[0] if cell is None else REGISTRY["ReadVariableOp"](inputs[0], dtype=cell.dtype, shape=cell.shape)
    return REGISTRY["GatherV2"](x, inputs[1], 0, name=name)


_COMPOSED: dict[str, Callable[[Any, list[Any], str], Any]] = {
    "FusedBatchNorm": _batch_norm, "FusedBatchNormV2": _batch_norm, "FusedBatchNormV3": _batch_norm,
    "ResourceGather": _resource_gather,
}  # fmt: skip


def _stand_in(node: Any) -> HostOp:
    """An op that TensorFlow has and that is not offered here: it says so when it is run. Raises ValueError for any other."""
    signature = op_signature(node.op)
    if signature is None:
        raise ValueError(f"Op type not registered {node.op!r} (node {node.name!r}): TensorFlow has no such op.")
    specs = []
    for arg in signature.outputs:
        if arg.listed:
            kinds = attr_value(node.attr[arg.kind])
        else:
            fixed = getattr(dtypes, arg.kind, None)
            count = int(node.attr[arg.count].i) if arg.count else 1
            kinds = [fixed if fixed is not None else attr_value(node.attr[arg.kind])] * min(count, _LIMIT)
        specs += [TensorSpec(None, kind) for kind in kinds]

    def run(xp: Any, *inputs: Any) -> Any:
        raise errors.UnimplementedError(None, None, f"The op {node.op} is not offered here.")

    return HostOp(run, node.op, lambda attrs: specs)


def _load_all() -> None:
    """Import the pages of ops that are loaded when first used."""
    import importlib
    import pkgutil

    import thalweg.engine.ops as pages

    for page in pkgutil.walk_packages(pages.__path__, "thalweg.engine.ops."):
        importlib.import_module(page.name)


def _flat(result: Any) -> Any:
    return (
        list(result) if isinstance(result, (list, tuple)) else [] if result is None or isinstance(result, Operation) else [result]
    )


def _as_bool(x: Any) -> Any:
    """A predicate as TensorFlow takes one: numbers that are not zero are true."""
    return x if x.dtype.base_dtype is dtypes.bool else REGISTRY["NotEqual"](x, REGISTRY["Cast"](0, DstT=x.dtype.base_dtype))


# -- functions ------------------------------------------------------------------------------------------------


def call_function(function: Any, inputs: list[Any], library: dict[str, Any], depth: int = 1) -> list[Any]:
    """A FunctionDef's body built into the current graph on `inputs`; its outputs.

    `library` maps names to FunctionDefs. Raises ValueError for a wrong number of inputs, and functions that call themselves.
    """
    if depth > _DEPTH:
        raise ValueError(f"Functions call each other more than {_DEPTH} deep, at {function.signature.name!r}.")
    arguments = function.signature.input_arg
    if len(arguments) != len(inputs):
        raise ValueError(f"Function {function.signature.name!r} takes {len(arguments)} inputs, but is given {len(inputs)}.")
    graph = local.graph if local.graph is not None else get_default_graph()
    scope = _Scope(library, depth)
    scope.given = {a.name: t for a, t in zip(arguments, inputs)}
    for node in _ordered(function.node_def):
        _build(graph, node, scope)
    return [scope.tensor(function.ret[a.name]) for a in function.signature.output_arg]


def _function(name: str, scope: _Scope) -> Any:
    if name not in scope.library:
        raise ValueError(f"Function {name!r} is not defined in the graph's library.")
    return scope.library[name]


def _call(graph: Graph, name: str, inputs: list[Any], scope: _Scope, node_name: str) -> list[Any]:
    with graph.name_scope(node_name):
        return call_function(_function(name, scope), inputs, scope.library, scope.depth + 1)


def _branch(graph: Graph, name: str, inputs: list[Any], scope: _Scope) -> Callable[[], Any]:
    return lambda: call_function(_function(name, scope), inputs, scope.library, scope.depth + 1)


def _loop(graph: Graph, node: Any, inputs: list[Any], scope: _Scope, name: str) -> list[Any]:
    """A While: variables among its inputs stay what they are."""
    cells = {i for i, t in enumerate(inputs) if t.dtype._is_ref_dtype or t.dtype._kind == "resource"}
    carried = [t for i, t in enumerate(inputs) if i not in cells]

    def whole(values: tuple[Any, ...]) -> list[Any]:
        rest = iter(values)
        return [inputs[i] if i in cells else next(rest) for i in range(len(inputs))]

    def goes_on(*values: Any) -> Any:
        return _as_bool(
            call_function(_function(node.attr["cond"].func.name, scope), whole(values), scope.library, scope.depth + 1)[0]
        )

    def body(*values: Any) -> Any:
        after = call_function(_function(node.attr["body"].func.name, scope), whole(values), scope.library, scope.depth + 1)
        return [t for i, t in enumerate(after) if i not in cells]

    shapes: list[Any] = []
    listed = node.attr["output_shapes"].list.shape if "output_shapes" in node.attr else []
    if len(listed) == len(inputs):
        shapes = [shape_of_proto(s) for i, s in enumerate(listed) if i not in cells]
    found = while_loop(goes_on, body, carried, shape_invariants=shapes or None, name=name)
    rest = iter(found if isinstance(found, (list, tuple)) else [found])
    return [inputs[i] if i in cells else next(rest) for i in range(len(inputs))]


# -- the whole ------------------------------------------------------------------------------------------------


def library_of(graph_def: Any) -> dict[str, Any]:
    """A graph's functions by name."""
    return {f.signature.name: f for f in graph_def.library.function}


def import_graph_def(
    graph_def: Any, input_map: Any = None, return_elements: Any = None, name: str | None = None, op_dict: Any = None,
    producer_op_list: Any = None,
) -> Any:  # fmt: skip
    """Build the nodes of a GraphDef into the current graph, under `name` ("import").

    input_map: the graph's tensors by name, each with a tensor to take its place. return_elements: names of operations and
    tensors to give back. Raises TypeError for what is no GraphDef, ValueError for a graph that does not hold together.
    """
    from thalweg.engine.formats.messages import GraphDef

    if not isinstance(graph_def, GraphDef):
        raise TypeError(f"Argument `graph_def` must be a GraphDef proto. Received: {graph_def!r:.100}")
    if len(graph_def.node) > _LIMIT:
        raise ValueError(f"The graph has {len(graph_def.node)} nodes, more than the {_LIMIT} that are read.")
    graph = local.graph if local.graph is not None else get_default_graph()
    scope = _Scope(library_of(graph_def))
    with context.building(graph):
        for key, value in (input_map or {}).items():
            scope.given[key] = scope.given[key.removesuffix(":0")] = value if isinstance(value, SymbolicTensor) else _tensor(value)
        with graph.name_scope("import" if name is None else name or None) if name != "" else contextlib.nullcontext():
            for node in _ordered(graph_def.node):
                _build(graph, node, scope)
    _check_used(input_map, graph_def)
    if return_elements is None:
        return None
    return [_element(scope, e) for e in return_elements]


def _tensor(value: Any) -> Any:
    from thalweg.engine.core import convert

    return convert.convert_to_tensor(value)


def _check_used(input_map: Any, graph_def: Any) -> None:
    used = {s for n in graph_def.node for s in _sources(n)} | {n.name for n in graph_def.node}
    missing = [k for k in input_map or {} if k.lstrip("^").split(":")[0] not in used]
    if missing:
        raise ValueError(f"Attempted to map inputs that were not found in graph_def: [{', '.join(missing)}]")


def _element(scope: _Scope, name: str) -> Any:
    if ":" in name:
        return scope.tensor(name)
    found = scope.ops.get(name)
    if found is None:
        raise ValueError(f"Requested return_element {name!r} not found in graph_def.")
    return found[0][0].op if found[0] else found[1]["__op__"]


__all__ = ["call_function", "import_graph_def", "library_of"]
