"""`tf.graph_util`: parts of serialized graphs, and variables frozen into them.

Source: https://www.tensorflow.org/api_docs/python/tf/compat/v1/graph_util
"""

from __future__ import annotations

from typing import Any

from thalweg.compat.v1.graph_import import import_graph_def as import_graph_def

_VARIABLES = {"Variable", "VariableV2", "AutoReloadVariable", "VarHandleOp"}


def _source(name: str) -> str:
    return name.lstrip("^").split(":")[0]


def extract_sub_graph(graph_def: Any, dest_nodes: Any) -> Any:
    """The nodes that some need. Raises AssertionError for a name that is not there, TypeError for a string in place of a list."""
    from thalweg.engine.formats.messages import GraphDef

    if isinstance(dest_nodes, str):
        raise TypeError("dest_nodes must be an iterable of strings.")
    by_name = {n.name: n for n in graph_def.node}
    for name in dest_nodes:
        if name not in by_name:
            raise AssertionError(f"{name} is not in graph")
    pending, wanted = [_source(n) for n in dest_nodes], set()
    while pending:
        name = pending.pop()
        if name not in wanted and name in by_name:
            wanted.add(name)
            pending += [_source(i) for i in by_name[name].input]
    made = GraphDef()
    made.node.extend(n for n in graph_def.node if n.name in wanted)
    made.library.CopyFrom(graph_def.library)
    made.versions.CopyFrom(graph_def.versions)
    return made


def convert_variables_to_constants(
    sess: Any,
    input_graph_def: Any,
    output_node_names: Any,
    variable_names_whitelist: Any = None,
    variable_names_blacklist: Any = None,
) -> Any:
    """The part of a graph that the outputs need, with constants in the place of its variables: a frozen model."""
    from thalweg.engine.formats.messages import GraphDef
    from thalweg.engine.formats.tensor_proto import make_tensor_proto

    part = extract_sub_graph(input_graph_def, list(output_node_names))
    names = [
        n.name for n in part.node
        if n.op in _VARIABLES and (variable_names_whitelist is None or n.name in variable_names_whitelist)
        and (variable_names_blacklist is None or n.name not in variable_names_blacklist)
    ]  # fmt: skip
    values = dict(zip(names, sess.run([f"{n}:0" for n in names]))) if names else {}
    made = GraphDef()
    made.library.CopyFrom(part.library)
    made.versions.CopyFrom(part.versions)
    for n in part.node:
        new = made.node.add()
        if n.name in values:
            value = values[n.name]
            new.name, new.op = n.name, "Const"
            new.attr["dtype"].CopyFrom(n.attr["dtype"])
            new.attr["value"].tensor.CopyFrom(make_tensor_proto(value, shape=value.shape))
        elif n.op == "ReadVariableOp" and _source(n.input[0]) in values:
            new.name, new.op = n.name, "Identity"
            new.attr["T"].CopyFrom(n.attr["dtype"])
            new.input.append(n.input[0])
        else:
            new.CopyFrom(n)
    return made


def remove_training_nodes(input_graph: Any, protected_nodes: Any = None) -> Any:
    """The graph without checks of numbers and nodes that only pass a tensor on."""
    from thalweg.engine.formats.messages import GraphDef

    protected = set(protected_nodes or [])
    dropped: dict[str, str] = {}
    held = {_source(i) for n in input_graph.node for i in n.input if i.startswith("^")}
    for n in input_graph.node:
        passes = n.op in ("Identity", "CheckNumerics") and n.name not in protected and n.name not in held
        if passes and len([i for i in n.input if not i.startswith("^")]) == 1 and not any(i.startswith("^") for i in n.input):
            dropped[n.name] = n.input[0]

    def behind(name: str) -> str:
        seen = set()
        while _source(name) in dropped and not name.startswith("^") and name not in seen:
            seen.add(name)
            name = dropped[_source(name)]
        return name

    used = {_source(i) for n in input_graph.node for i in n.input}
    made = GraphDef()
    made.library.CopyFrom(input_graph.library)
    made.versions.CopyFrom(input_graph.versions)
    for n in input_graph.node:
        if n.name in dropped and n.name in used:
            continue
        new = made.node.add()
        new.CopyFrom(n)
        new.input[:] = [behind(i) for i in n.input]
    return made


def must_run_on_cpu(node: Any, pin_variables_on_cpu: bool = False) -> bool:
    """Whether a node cannot be on an accelerator: strings, and variables if wanted."""
    definition = getattr(node, "node_def", node)
    if pin_variables_on_cpu and definition.op in _VARIABLES:
        return True
    return any(definition.attr[k].type == 7 for k in ("dtype", "T") if k in definition.attr)


def tensor_shape_from_node_def_name(graph: Any, input_name: str) -> Any:
    """The shape of a tensor, by its name in a NodeDef."""
    name = _source(input_name)
    index = input_name.split(":")[1] if ":" in input_name else "0"
    return graph.get_tensor_by_name(f"{name}:{index}").shape
