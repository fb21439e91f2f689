"""`tf.layers` against numbers and names recorded from TensorFlow."""

import pathlib

import numpy as np
import pytest

import thalweg as tf2
from goldens import tf1_layers

GOLDEN = dict(np.load(pathlib.Path(__file__).parent / "goldens" / "data" / "tf1_layers.npz"))
v1 = tf2.compat.v1
RUNS = dict(tf1_layers.runs(v1))


@pytest.fixture(autouse=True)
def _shapes_of_tensorflow_1():
    """Sizes are Dimension objects in TensorFlow 1's programs."""
    v1.disable_v2_tensorshape()
    yield
    v1.enable_v2_tensorshape()


@pytest.mark.parametrize("name", RUNS)
def test_layer(name):
    found = RUNS[name]()
    wanted = {k.partition("|")[2]: v for k, v in GOLDEN.items() if k.startswith(name + "|")}
    assert set(found) == set(wanted)
    for key, value in wanted.items():
        if value.dtype.kind == "U":
            assert list(found[key]) == list(value)
        else:
            # Sums of up to a few hundred float32 products, in another order.
            np.testing.assert_allclose(found[key], value, rtol=2e-4, atol=1e-4 * max(1.0, np.abs(value).max()), err_msg=key)
