"""Meta graphs: a graph with its collections and its saver, in one file beside a checkpoint.

Source: https://www.tensorflow.org/api_docs/python/tf/compat/v1/train/import_meta_graph
"""

from __future__ import annotations

import os
from typing import Any

from thalweg.compat import v1 as tf
from thalweg.engine.core import context
from thalweg.engine.core.graph import Operation
from thalweg.engine.core.tensor import SymbolicTensor
from thalweg.engine.execution.variables import Variable

_LARGEST = 2**31


def write_graph(graph_or_graph_def: Any, logdir: Any, name: str, as_text: bool = True) -> str:
    """Write a graph as a GraphDef. Returns the path."""
    graph_def = graph_or_graph_def.as_graph_def() if hasattr(graph_or_graph_def, "as_graph_def") else graph_or_graph_def
    os.makedirs(os.fspath(logdir), exist_ok=True)
    path = os.path.join(os.fspath(logdir), name)
    _write(graph_def, path, as_text)
    return path


def _write(message: Any, path: str, as_text: bool) -> None:
    data = message.SerializeToString()
    if as_text:
        from google.protobuf import text_format

        data = text_format.MessageToString(message).encode()
    temporary = f"{path}.tmp{os.getpid()}"
    with open(temporary, "wb") as f:
        f.write(data)
    os.replace(temporary, path)


# -- writing --------------------------------------------------------------------------------------------------


def _variable_def(v: Any, inside: Any) -> bytes:
    from thalweg.engine.formats.messages import VariableDef

    proto = VariableDef(variable_name=inside(v.name), trainable=v.trainable)
    if v.initializer is not None:
        proto.initializer_name = inside(v.initializer.name)
        proto.initial_value_name = inside(v.initial_value.name)
    proto.snapshot_name = inside(v._snapshot.name)
    return proto.SerializeToString()


def _collection(proto: Any, items: list[Any], inside: Any) -> bool:
    """Write a collection if its things can be written."""
    if all(isinstance(v, Variable) and v._graph is not None for v in items):
        proto.bytes_list.value.extend(_variable_def(v, inside) for v in items)
    elif all(isinstance(v, (SymbolicTensor, Operation)) for v in items):
        proto.node_list.value.extend(inside(v.name) for v in items)
    elif all(isinstance(v, bool) or not isinstance(v, int) for v in items) and all(isinstance(v, (str, bytes)) for v in items):
        proto.bytes_list.value.extend(v.encode() if isinstance(v, str) else v for v in items)
    elif all(isinstance(v, int) for v in items):
        proto.int64_list.value.extend(items)
    elif all(isinstance(v, float) for v in items):
        proto.float_list.value.extend(items)
    else:
        return False
    return True


def export_meta_graph(
    filename: Any = None, meta_info_def: Any = None, graph_def: Any = None, saver_def: Any = None, collection_list: Any = None,
    as_text: bool = False, graph: Any = None, export_scope: str | None = None, clear_devices: bool = False,
    clear_extraneous_savers: bool = False, strip_default_attrs: bool = False, save_debug_info: bool = False, **_: Any,
) -> Any:  # fmt: skip
    """The graph with its collections as a MetaGraphDef, written to a file if one is named."""
    from thalweg.engine.formats.messages import MetaGraphDef

    graph = graph or tf.get_default_graph()
    proto = MetaGraphDef()
    if meta_info_def is not None:
        proto.meta_info_def.CopyFrom(meta_info_def)
    proto.graph_def.CopyFrom(graph_def if graph_def is not None else graph.as_graph_def(add_shapes=True))
    if clear_devices:
        for node in proto.graph_def.node:
            node.device = ""
    prefix = f"{export_scope}/" if export_scope else ""
    for key in collection_list if collection_list is not None else graph.get_all_collection_keys():
        items = [i for i in graph.get_collection(key) if not prefix or getattr(i, "name", "").startswith(prefix)]
        scratch = type(proto.collection_def[key])()
        if items and _collection(scratch, items, lambda n: n):
            proto.collection_def[key].CopyFrom(scratch)
        else:
            del proto.collection_def[key]
    if saver_def is not None and hasattr(saver_def, "SerializeToString"):
        proto.saver_def.CopyFrom(saver_def)
    else:
        with_saver(proto, [v for v in graph.get_collection("variables") if isinstance(v, Variable) and v._graph is graph])
    if filename:
        os.makedirs(os.path.dirname(os.path.abspath(os.fspath(filename))), exist_ok=True)
        _write(proto, os.fspath(filename), as_text)
    return proto


def with_saver(proto: Any, variables: list[Any]) -> None:
    """Add the nodes that save and restore the variables, as TensorFlow's own Saver has them, and say what they are called."""
    from thalweg.engine.formats.tensor_proto import make_tensor_proto

    graph_def = proto.graph_def
    taken = {n.name for n in graph_def.node}
    scope = next(s for s in ["save", *(f"save_{i}" for i in range(1, len(taken) + 2))] if f"{s}/Const" not in taken)
    text, count = 7, len(variables)

    def node(name: str, op: str, *inputs: str, **types: int) -> Any:
        made = graph_def.node.add(name=f"{scope}/{name}", op=op, input=inputs)
        for key, value in types.items():
            made.attr[key].type = value
        return made

    def constant(name: str, value: Any) -> str:
        made = node(name, "Const", dtype=text)
        made.attr["value"].tensor.CopyFrom(make_tensor_proto(value, dtype=tf.string))
        return made.name

    file = constant("filename/input", "model")
    for name in ("filename", "Const"):
        made = node(name, "PlaceholderWithDefault", file, dtype=text)
        made.attr["shape"].shape.SetInParent()
        file = made.name
    names, kinds = [v.op.name for v in variables], [v.dtype.base_dtype.as_datatype_enum for v in variables]
    reads = [v._snapshot.name.removesuffix(":0") for v in variables]
    listed = [
        (constant(f"{op}/tensor_names", names), constant(f"{op}/shape_and_slices", [""] * count)) for op in ("SaveV2", "RestoreV2")
    ]
    if count:
        node("SaveV2", "SaveV2", file, *listed[0], *reads).attr["dtypes"].list.type.extend(kinds)
        node("RestoreV2", "RestoreV2", file, *listed[1]).attr["dtypes"].list.type.extend(kinds)
    node("control_dependency", "Identity", file, *[f"^{scope}/SaveV2"] * bool(count), T=text)
    restored = []
    for i, (name, kind) in enumerate(zip(names, kinds)):
        made = node(f"Assign_{i}", "Assign", name, f"{scope}/RestoreV2:{i}" if i else f"{scope}/RestoreV2", T=kind)
        made.attr["validate_shape"].b = made.attr["use_locking"].b = True
        restored.append(f"^{made.name}")
    node("restore_all", "NoOp", *restored)
    d = proto.saver_def
    d.filename_tensor_name, d.save_tensor_name = f"{scope}/Const:0", f"{scope}/control_dependency:0"
    d.restore_op_name, d.max_to_keep, d.version, d.keep_checkpoint_every_n_hours = f"{scope}/restore_all", 5, 2, 10000.0


# -- reading --------------------------------------------------------------------------------------------------


def read_meta_graph(filename: Any) -> Any:
    """A MetaGraphDef from a file, binary or text. Raises OSError where there is none, or what is none."""
    from google.protobuf import text_format
    from google.protobuf.message import DecodeError

    from thalweg.engine.formats.messages import MetaGraphDef

    path = os.fspath(filename)
    if not os.path.isfile(path):
        raise OSError(f"File {path} does not exist.")
    if os.path.getsize(path) >= _LARGEST:
        raise OSError(f"{path} is larger than a message may be.")
    with open(path, "rb") as f:
        data = f.read()
    proto = MetaGraphDef()
    try:
        proto.ParseFromString(data)
        return proto
    except DecodeError:
        pass
    try:
        return text_format.Parse(data.decode(), MetaGraphDef())
    except (UnicodeDecodeError, text_format.ParseError):
        raise OSError(f"Cannot parse file {path}: it is no meta graph.") from None


def _variable(proto: Any, graph: Any, scope: str) -> Any:
    """A variable of a graph from the names of its nodes."""

    def element(name: str) -> Any:
        return graph.as_graph_element(f"{scope}/{name}" if scope else name)

    handle = element(proto.variable_name)
    v = Variable.__new__(Variable)
    v._trainable = bool(proto.trainable)
    v._constraint = v._save_slice_info = v._cell = None
    v._synchronization, v._aggregation = tf.VariableSynchronization.AUTO, tf.VariableAggregation.NONE
    v._update_uid = 0
    v._dtype, v.handle, v._graph, v._name = handle.dtype.base_dtype, handle, graph, handle.name
    v._initializer_op = element(proto.initializer_name) if proto.initializer_name else None
    v._initial_value = element(proto.initial_value_name) if proto.initial_value_name else None
    v._snapshot = element(proto.snapshot_name) if proto.snapshot_name else handle
    return v


def import_meta_graph(
    meta_graph_or_file: Any, clear_devices: bool = False, import_scope: str | None = None, input_map: Any = None,
    return_elements: Any = None, **kwargs: Any,
) -> Any:  # fmt: skip
    """Build a meta graph into the current graph. Returns a Saver for its variables; None if it has none."""
    from thalweg.engine.formats.messages import MetaGraphDef, VariableDef

    proto = meta_graph_or_file if isinstance(meta_graph_or_file, MetaGraphDef) else read_meta_graph(meta_graph_or_file)
    graph = tf.get_default_graph()
    if clear_devices:
        for node in proto.graph_def.node:
            node.device = ""
    scope = graph.unique_name(import_scope, mark_as_used=False) if import_scope else ""
    with context.building(graph):
        tf.import_graph_def(proto.graph_def, input_map=input_map, name=scope)
    known: dict[str, Any] = {}
    for key, collection in proto.collection_def.items():
        kind = collection.WhichOneof("kind")
        if kind == "node_list":
            for name in collection.node_list.value:
                try:
                    graph.add_to_collection(key, graph.as_graph_element(f"{scope}/{name}" if scope else name))
                except (KeyError, ValueError):
                    continue
        elif kind == "bytes_list" and key in _VARIABLE_KEYS:
            for data in collection.bytes_list.value:
                one = VariableDef.FromString(data)
                if one.variable_name not in known:
                    known[one.variable_name] = _variable(one, graph, scope)
                graph.add_to_collection(key, known[one.variable_name])
        elif kind is not None and kind != "any_list":
            for value in getattr(collection, kind).value:
                graph.add_to_collection(key, value.decode("utf-8", "replace") if isinstance(value, bytes) else value)
    return tf.train.Saver(list(known.values()), **kwargs) if known else None


_VARIABLE_KEYS = {
    "variables", "trainable_variables", "local_variables", "model_variables", "moving_average_variables", "metric_variables",
    "global_step", "concatenated_variables",
}  # fmt: skip
