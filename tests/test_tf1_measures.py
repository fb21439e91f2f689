"""`tf.losses` and `tf.metrics` against numbers recorded from TensorFlow."""

import functools
import pathlib

import numpy as np
import pytest

import thalweg as tf2
from goldens import tf1_measures

GOLDEN = dict(np.load(pathlib.Path(__file__).parent / "goldens" / "data" / "tf1_measures.npz"))
v1 = tf2.compat.v1


@pytest.fixture(autouse=True)
def _shapes_of_tensorflow_1():
    """Sizes are Dimension objects in TensorFlow 1's programs."""
    v1.disable_v2_tensorshape()
    yield
    v1.enable_v2_tensorshape()


@functools.cache
def found():
    return tf1_measures.numbers(v1)


@pytest.mark.parametrize("key", GOLDEN)
def test_measure(key):
    wanted = GOLDEN[key]
    if wanted.dtype.kind == "U":
        assert list(found()[key]) == list(wanted)
    else:
        assert found()[key].dtype == wanted.dtype
        np.testing.assert_allclose(found()[key], wanted, rtol=2e-5, atol=1e-6)


def test_metrics_need_a_graph():
    with pytest.raises(RuntimeError, match=r"tf\.metrics\.mean is not supported when eager"):
        v1.metrics.mean([1.0])


def test_weights_that_do_not_fit():
    with v1.Graph().as_default(), pytest.raises(ValueError, match="can not be broadcast to values"):
        v1.losses.mean_squared_error(np.zeros((2, 3), "f"), np.zeros((2, 3), "f"), np.zeros((2,), "f"))
