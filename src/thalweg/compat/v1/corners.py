"""What programs took from TensorFlow's insides and that has no public name."""

from __future__ import annotations

import os
from types import ModuleType, SimpleNamespace
from typing import Any

from thalweg.compat.v1 import gfile as gfile, logging as tf_logging
from thalweg.compat.v1.rnn_cell import RNNCell as _RNNCell
from thalweg.engine.core.context import executing_eagerly as executing_eagerly


def _linear(args: Any, output_size: int, bias: bool, bias_initializer: Any = None, kernel_initializer: Any = None) -> Any:
    """`concat(args) @ kernel + bias`, of variables in the current scope."""
    from thalweg.contrib.rnn.cells import linear

    return linear(
        list(args) if isinstance(args, (list, tuple)) else [args], output_size, bias, bias_initializer, kernel_initializer
    )


_Linear = _linear
LayerRNNCell = _RNNCell


def deprecated(date: Any, instructions: str, warn_once: bool = True) -> Any:
    """Decorator: nothing here is deprecated."""
    return lambda function: function


def deprecated_args(date: Any, instructions: str, *names: Any, **values: Any) -> Any:
    return lambda function: function


def tf_export(*names: str, **kwargs: Any) -> Any:
    return lambda thing: thing


keras_export = estimator_export = tf_export


def assert_like_rnncell(cell_name: str, cell: Any) -> None:
    """Raises TypeError for what is no cell."""
    if not all(hasattr(cell, n) for n in ("output_size", "state_size", "zero_state")) or not callable(cell):
        raise TypeError(f"The argument {cell_name!r} ({cell}) is not an RNNCell")


def list_local_devices(session_config: Any = None) -> list[Any]:
    """The devices of this machine."""
    from thalweg import config

    return [
        SimpleNamespace(name=f"/device:{d.device_type}:{i}", device_type=d.device_type, memory_limit=0, physical_device_desc="")
        for i, d in enumerate(config.list_physical_devices())
    ]


def print_tensors_in_checkpoint_file(
    file_name: Any, tensor_name: Any, all_tensors: bool = False, all_tensor_names: bool = False, **_: Any
) -> None:
    """Print a checkpoint's tensors: one, all, or their names."""
    from thalweg.train.reading import CheckpointReader

    reader = CheckpointReader(os.fspath(file_name))
    for name in sorted(reader.get_variable_to_shape_map()):
        if all_tensors or name == tensor_name:
            print("tensor_name: ", name)
            print(reader.get_tensor(name))
        elif all_tensor_names or not tensor_name:
            print("tensor_name: ", name)


def _freeze_graph(
    input_graph: Any, input_saver: Any, input_binary: bool, input_checkpoint: Any, output_node_names: str,
    restore_op_name: Any = None,
    filename_tensor_name: Any = None, output_graph: Any = None, clear_devices: bool = True, initializer_nodes: str = "", **_: Any,
) -> Any:  # fmt: skip
    """A graph file and a checkpoint as one file with constants. Returns the GraphDef."""
    from google.protobuf import text_format

    from thalweg.compat import v1 as tf

    graph_def = tf.GraphDef()
    with open(input_graph, "rb") as f:
        data = f.read()
    if input_binary:
        graph_def.ParseFromString(data)
    else:
        text_format.Parse(data.decode(), graph_def)
    with tf.Graph().as_default() as graph, tf.Session() as session:
        tf.import_graph_def(graph_def, name="")
        reader = tf.train.NewCheckpointReader(input_checkpoint)
        for op in graph.get_operations():
            if getattr(op.record, "is_variable", False) and reader.has_tensor(op.name):
                session.cell_of(op).value = reader.get_tensor(op.name)
        frozen = tf.graph_util.convert_variables_to_constants(session, graph_def, output_node_names.replace(" ", "").split(","))
    if output_graph:
        with open(output_graph, "wb") as f:
            f.write(frozen.SerializeToString())
    return frozen


def _as_module(name: str, **things: Any) -> ModuleType:
    module = ModuleType(f"{__name__}.{name}")
    module.__dict__.update(things)
    return module


device_lib = _as_module("device_lib", list_local_devices=list_local_devices)
inspect_checkpoint = _as_module("inspect_checkpoint", print_tensors_in_checkpoint_file=print_tensors_in_checkpoint_file)
freeze_graph = _as_module("freeze_graph", freeze_graph=_freeze_graph)
