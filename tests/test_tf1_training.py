"""TensorFlow 1's optimizers, decays and moving averages against numbers recorded from TensorFlow."""

import pathlib

import numpy as np
import pytest

import thalweg as tf2
from goldens import tf1_training

GOLDEN = dict(np.load(pathlib.Path(__file__).parent / "goldens" / "data" / "tf1_training.npz"))
v1 = tf2.compat.v1
OPTIMIZERS = sorted(tf1_training.optimizers(v1))


@pytest.fixture(autouse=True)
def _shapes_of_tensorflow_1():
    """Sizes are Dimension objects in TensorFlow 1's programs."""
    v1.disable_v2_tensorshape()
    yield
    v1.enable_v2_tensorshape()


def check(prefix, found):
    wanted = {k.partition("|")[2]: v for k, v in GOLDEN.items() if k.startswith(prefix + "|")}
    assert set(found) == set(wanted)
    for name, value in wanted.items():
        if value.dtype.kind == "U":
            assert list(found[name]) == list(value)
        else:
            np.testing.assert_allclose(found[name], value, rtol=2e-5, atol=2e-6, err_msg=f"{prefix} {name}")


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("jit", ["never", "always"])
def test_ten_steps(name, jit, monkeypatch):
    monkeypatch.setenv("THALWEG_JIT", jit)
    check(name, tf1_training.train(v1, tf1_training.optimizers(v1)[name]))


def test_decays():
    check("decay", tf1_training.decays(v1))


def test_moving_averages():
    check("average", tf1_training.moving_averages(v1))


@pytest.mark.parametrize("update", ["assign", "assign_add", "minimize"])
def test_what_waits_for_an_update_reads_what_it_wrote(update):
    with v1.Graph().as_default(), v1.Session() as session:
        v = v1.Variable([1.0, 1.0])
        if update == "minimize":
            done, wanted = v1.train.GradientDescentOptimizer(0.1).minimize(v1.reduce_sum(v * v)), 0.8
        else:
            done, wanted = getattr(v1, update)(v, [3.0, 3.0]), {"assign": 3.0, "assign_add": 4.0}[update]
        with v1.control_dependencies([done]):
            after = v * 10.0
        session.run(v1.global_variables_initializer())
        np.testing.assert_allclose(session.run(after), [wanted * 10] * 2, rtol=1e-6)
