"""Write TensorFlow's GraphDefs, TensorProtos and message fields, for ours to be compared with.

    PYTHONPATH=src python -m tests.goldens.record_board_graphs        # where TensorFlow is installed
"""

import importlib
import json
from pathlib import Path

from tests.goldens.board_graphs import GRAPHS, TENSORS

PLACE = Path(__file__).parent / "board"
# Where TensorFlow and TensorBoard keep the messages of each of our schema files.
MODULES = {
    "graph": ["tensorflow.core.framework." + m + "_pb2" for m in (
        "types", "tensor_shape", "resource_handle", "tensor", "attr_value", "node_def", "versions", "op_def", "function", "graph")],
    "variable": ["tensorflow.core.framework.variable_pb2"],
    "meta_graph": ["tensorflow.core.protobuf." + m + "_pb2" for m in ("meta_graph", "saver", "queue_runner", "control_flow")],
    "saved_model": ["tensorflow.core.protobuf.saved_model_pb2"],
    "saved_object_graph": ["tensorflow.core.protobuf." + m + "_pb2" for m in (
        "struct", "trackable_object_graph", "saved_object_graph")],
    "event": ["tensorflow.core.framework.summary_pb2", "tensorflow.core.util.event_pb2",
              "tensorboard.compat.proto.histogram_pb2"],
    "run_metadata": ["tensorflow.core.framework." + m + "_pb2" for m in (
        "step_stats", "allocation_description", "tensor_description", "cost_graph")] + ["tensorflow.core.protobuf.config_pb2"],
    "hparams": ["tensorboard.plugins.hparams.api_pb2", "tensorboard.plugins.hparams.plugin_data_pb2"],
    "plugins": [f"tensorboard.plugins.{p}.plugin_data_pb2" for p in ("scalar", "histogram", "image", "audio", "text", "pr_curve")]
    + ["tensorboard.plugins.custom_scalar.layout_pb2"],
    "mesh": ["tensorboard.plugins.mesh.plugin_data_pb2"],
    "projector": ["tensorboard.plugins.projector.projector_config_pb2"],
    "saved_tensor_slice": ["tensorflow.core.framework.tensor_slice_pb2", "tensorflow.core.util.saved_tensor_slice_pb2"],
    "example": ["tensorflow.core.example.feature_pb2", "tensorflow.core.example.example_pb2"],
}  # fmt: skip


def fields(message):
    """`{field: [number, type, repeated, oneof]}` of a message, and of those inside it."""
    yield message.full_name.replace("tensorboard.HistogramProto", "tensorflow.HistogramProto"), {
        f.name: [f.number, f.type, f.is_repeated, f.containing_oneof.name if f.containing_oneof else ""] for f in message.fields
    }
    for nested in message.nested_types:
        yield from fields(nested)


def main():
    import tensorflow as tf

    PLACE.mkdir(exist_ok=True)
    for name, build in GRAPHS.items():
        with tf.Graph().as_default() as graph:
            build(tf.compat.v1)
        (PLACE / f"{name}.pb").write_bytes(graph.as_graph_def(add_shapes=True).SerializeToString(deterministic=True))
    protos = {k: tf.make_tensor_proto(v, d).SerializeToString().hex() for k, (v, d) in TENSORS.items()}
    (PLACE / "tensors.json").write_text(json.dumps(protos, indent=1))
    tables = {}
    for file, modules in MODULES.items():
        for module in modules:
            for message in importlib.import_module(module).DESCRIPTOR.message_types_by_name.values():
                tables.setdefault(file, {}).update(fields(message))
    (PLACE / "fields.json").write_text(json.dumps(tables, separators=(",", ":")))


if __name__ == "__main__":
    main()
