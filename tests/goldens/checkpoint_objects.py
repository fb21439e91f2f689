"""What the recorded checkpoint holds, made with either library: every argument `tf` is TensorFlow or Thalweg."""

import pathlib

import numpy as np

RECORDED = pathlib.Path(__file__).parent / "data" / "checkpoints"
DTYPES = [
    "bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16", "bfloat16", "float32", "float64",
    "complex64", "complex128",
]  # fmt: skip


def net(tf, scale):
    class Net(tf.Module):
        def __init__(self):
            super().__init__()
            self.w = tf.Variable(scale * np.arange(6, dtype=np.float32).reshape(2, 3), name="w")
            self.parts = [tf.Variable(scale * 2.0), {"deep": tf.Variable(scale * 3.0)}]
            self.words = tf.Variable(["a", "b\0c", ""] if scale else ["", "", ""])

    return Net()


def objects(tf, scale=1):
    """The objects with their values; with `scale` 0 the same objects with other values."""
    every = {name: tf.Variable(tf.cast(tf.constant([[0, scale], [scale, 0]]), name)) for name in DTYPES}
    step, empty = tf.Variable(7 * scale, dtype=tf.int64), tf.Variable(np.zeros((0, 3)))
    return {"net": net(tf, scale), "every": every, "step": step, "empty": empty}


def leaves(made):
    of_net = made["net"]
    return [of_net.w, of_net.parts[0], of_net.parts[1]["deep"], of_net.words, *made["every"].values(), made["step"], made["empty"]]


def assert_as_saved(tf, made):
    for found, wanted in zip(leaves(made), leaves(objects(tf)), strict=True):
        assert found.dtype == wanted.dtype
        np.testing.assert_array_equal(found.numpy(), wanted.numpy())
