"""Graphs, tensors and messages, beside those that TensorFlow wrote (tests/goldens/record_board_graphs.py)."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from tests.goldens.board_graphs import GRAPHS, TENSORS

import thalweg as tf
from thalweg.engine.formats import messages, schema
from thalweg.engine.formats.tensor_proto import make_ndarray, make_tensor_proto

PLACE = Path(__file__).parent / "goldens/board"


# -- messages -----------------------------------------------------------------------------------------------

# Fields whose messages say nothing here: types of functions, debugging, other machines.
LEFT_OUT = {
    "experimental_type", "experimental_full_type", "debug_info", "session_metadata", "debug_options",
    "queue_closed_exception_types",
}  # fmt: skip


def described(message):
    yield message.full_name, {
        f.name: [f.number, f.type, f.is_repeated, f.containing_oneof.name if f.containing_oneof else ""] for f in message.fields
    }
    for nested in message.nested_types:
        yield from described(nested)


@pytest.mark.parametrize("file", sorted(p.stem for p in schema._FOLDER.glob("*.proto")))
def test_messages_have_tensorflows_fields(file):
    theirs = json.loads((PLACE / "fields.json").read_text())[file]
    ours = dict(pair for m in schema.load(f"{file}.proto").message_types_by_name.values() for pair in described(m))
    for name, fields in ours.items():
        wanted = {k: v for k, v in theirs[name].items() if k not in LEFT_OUT}
        assert {k: v for k, v in fields.items() if k not in LEFT_OUT} == wanted, name


def test_messages_live_beside_tensorboards():
    code = (
        "from thalweg.engine.formats import messages; from tensorboard.compat.proto import graph_pb2, event_pb2; "
        "g = messages.GraphDef(); g.node.add(name='a'); "
        "assert graph_pb2.GraphDef.FromString(g.SerializeToString()).node[0].name == 'a'; "
        "from thalweg.engine.formats import schema; schema.load('hparams.proto'); from tensorboard.plugins.hparams import api_pb2"
    )
    subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=True, timeout=60)


# -- tensors ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", TENSORS)
def test_tensor_protos_are_tensorflows(name):
    value, dtype = TENSORS[name]
    golden = bytes.fromhex(json.loads((PLACE / "tensors.json").read_text())[name])
    proto = make_tensor_proto(value, dtype)
    assert proto.SerializeToString() == golden
    wanted = tf.constant(value, dtype).numpy()
    np.testing.assert_array_equal(make_ndarray(messages.TensorProto.FromString(golden)), wanted)


def test_tensor_proto_repeats_the_last_value():
    proto = messages.TensorProto(dtype=1, tensor_shape={"dim": [{"size": 2}, {"size": 2}]}, float_val=[1.0, 2.0])
    assert make_ndarray(proto).tolist() == [[1.0, 2.0], [2.0, 2.0]]


@pytest.mark.parametrize(
    ("proto", "message"),
    [
        ({"dtype": 1, "tensor_shape": {"dim": [{"size": 1 << 50}]}, "float_val": [0.0]}, "2GB"),
        ({"dtype": 1, "tensor_shape": {"dim": [{"size": 3}]}, "tensor_content": b"1234"}, "4 bytes"),
        ({"dtype": 1, "tensor_shape": {"dim": [{"size": -1}]}, "float_val": [0.0]}, "whole shape"),
        ({"dtype": 1, "tensor_shape": {"dim": [{"size": -7}]}}, "negative"),
        ({"dtype": 1, "tensor_shape": {"unknown_rank": True}}, "whole shape"),
        ({"dtype": 3, "tensor_shape": {}, "int_val": [1, 2]}, "2 values"),
    ],
)
def test_malformed_tensor_protos_are_refused(proto, message):
    with pytest.raises(ValueError, match=message):
        make_ndarray(messages.TensorProto(**proto))


def test_make_tensor_proto_refuses_what_does_not_fit():
    with pytest.raises(ValueError, match="do not make up"):
        make_tensor_proto([1.0, 2.0], shape=[3])
    with pytest.raises(TypeError, match="Expected Tensor's shape"):
        make_tensor_proto([1.0, 2.0], shape=[2, 1], verify_shape=True)
    assert make_ndarray(make_tensor_proto(1.0, shape=[2], allow_broadcast=True)).tolist() == [1.0, 1.0]


# -- graphs -------------------------------------------------------------------------------------------------


def plain(node, known):
    """A node as a dict; attributes that TensorFlow alone writes, and which variable an op stands beside, left out."""
    attrs = {k: v for k, v in node.attr.items() if k in known and (k == "_output_shapes" or k[0] != "_")}
    return {"name": node.name, "op": node.op, "input": list(node.input), "device": node.device, "attr": attrs}


@pytest.mark.parametrize("name", GRAPHS)
def test_graph_defs_are_tensorflows(name):
    golden = messages.GraphDef.FromString((PLACE / f"{name}.pb").read_bytes())
    with tf.Graph().as_default() as graph:
        GRAPHS[name](tf.compat.v1)
    ours = graph.as_graph_def(add_shapes=True)
    assert [n.name for n in ours.node] == [n.name for n in golden.node]
    for a, b in zip(ours.node, golden.node):
        assert plain(a, b.attr) == plain(b, b.attr), a.name


def test_subgraphs_become_functions():
    with tf.Graph().as_default() as graph:
        x = tf.compat.v1.placeholder(tf.float32, [])
        tf.cond(x > 0.0, lambda: x * 2.0, lambda: -x)
        tf.while_loop(lambda i: i < x, lambda i: i + 1.0, [0.0])
    proto = graph.as_graph_def()
    functions = {f.signature.name: f for f in proto.library.function}
    (case,) = [n for n in proto.node if n.op == "Case"]
    (loop,) = [n for n in proto.node if n.op == "While"]
    assert [f.name for f in case.attr["branches"].list.func] == [n for n in functions if "branch" in n]
    body = functions[loop.attr["body"].func.name]
    assert len(body.signature.input_arg) == len(body.signature.output_arg) == len(loop.input)
    assert set(body.ret.values()) <= {"arg0", "arg1"} | {f"{n.name}:z:0" for n in body.node_def}


def test_a_function_has_a_graph_def():
    @tf.function
    def f(x):
        return tf.reduce_sum(x * x)

    nodes = f.get_concrete_function(tf.TensorSpec([None])).graph.as_graph_def().node
    assert [n.op for n in nodes] == ["Placeholder", "Mul", "Const", "Sum"]


def test_from_version_gives_what_is_new():
    with tf.Graph().as_default() as graph:
        tf.constant(1.0, name="a")
        before = graph.version
        tf.constant(2.0, name="b")
    assert [n.name for n in graph.as_graph_def(before).node] == ["b"]


def test_node_def_and_versions():
    with tf.Graph().as_default() as graph:
        x = tf.constant(1.0, name="a")
    assert x.op.node_def.attr["dtype"].type == 1
    assert graph.graph_def_versions.producer > 0
