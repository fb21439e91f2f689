"""Graphs and tensors that TensorFlow and Thalweg both write as messages; `tf` is either."""

import numpy as np


def network(tf):
    """A layer with its loss and gradient-free training ops, under name scopes."""
    x = tf.placeholder(tf.float32, [None, 4], name="x")
    with tf.name_scope("dense"):
        w = tf.constant(np.arange(12, dtype=np.float32).reshape(4, 3), name="w")
        y = tf.nn.relu(tf.add(tf.matmul(x, w, name="product"), tf.constant(1.0, name="one"), name="shifted"), name="y")
    with tf.name_scope("loss"):
        loss = tf.reduce_mean(tf.square(y, name="square"), axis=tf.constant([0, 1], name="axes"), name="mean")
    with tf.control_dependencies([loss]):
        tf.identity(y, name="after")
    with tf.device("/cpu:0"):
        tf.cast(loss, tf.int32, name="whole")


def pieces(tf):
    """Ops with counts of inputs, several outputs, lists of numbers."""
    x = tf.constant([[1.0, 2.0], [3.0, 4.0]], name="x")
    parts = tf.split(x, 2, axis=tf.constant(1, name="axis"), name="parts")
    tf.concat(parts, tf.constant(0, name="rows_axis"), name="joined")
    tf.stack([x, x], name="stacked")
    tf.add_n([x, x], name="sum")
    tf.nn.top_k(x, tf.constant(1, name="k"), name="best")
    tf.gather(x, tf.constant([0], name="rows"), axis=tf.constant(1, name="columns"), name="taken")
    tf.nn.conv2d(tf.zeros([1, 4, 4, 1], name="image"), tf.zeros([2, 2, 1, 1], name="filter"), [1, 1, 1, 1], "SAME", name="conv")


def variables(tf):
    """TensorFlow 1's variables, without chance in them."""
    v = tf.Variable([1.0, 2.0], name="v", use_resource=False)
    tf.assign_add(v, [1.0, 3.0], name="more")


GRAPHS = {"network": network, "pieces": pieces, "variables": variables}

# The values of tensors, and the dtype asked for.
TENSORS = {
    "float": (1.5, None), "int": (7, None), "list": ([1, 2, 3], None), "text": ("Ä", None),
    "texts": ([["a", "b"], ["c", ""]], None),
    "bool": ([True, False], None), "double": ([1.0, 2.0], "float64"), "half": (0.5, "float16"), "halves": ([0.5, 1.5], "float16"),
    "bfloat": (1.5, "bfloat16"), "complex": (1 + 2j, "complex64"), "complexes": ([1 + 2j, 3j], "complex128"),
    "small": ([1, -1], "int8"), "byte": (255, "uint8"), "long": (2**40, "int64"), "unsigned": (2**31, "uint32"),
    "ulong": (2**63, "uint64"), "none": ([], "float32"), "square": ([[1.0, 2.0], [3.0, 4.0]], "float32"),
}  # fmt: skip
