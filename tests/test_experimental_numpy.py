"""tf.experimental.numpy beyond what prints: gradients, graphs, draws, and tensors with NumPy's behaviour."""

import subprocess
import sys

import numpy as np
import pytest

import thalweg as tf

tnp = tf.experimental.numpy


def test_gradients_flow():
    x = tf.constant([1.0, 2.0])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tnp.sum(tnp.square(x) * tnp.sin(x))
    np.testing.assert_allclose(tape.gradient(y, x), 2 * x * np.sin(x) + x**2 * np.cos(x), rtol=1e-6)


def test_functions_run_in_graphs():
    @tf.function(jit_compile=True)
    def standardized(x):
        return (x - tnp.mean(x, axis=0)) / tnp.std(x, axis=0)

    x = np.random.default_rng(0).random((5, 3))
    np.testing.assert_allclose(standardized(tf.constant(x)), (x - x.mean(0)) / x.std(0), rtol=1e-12)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("std", (np.arange(6.0).reshape(2, 3), 1)), ("cumsum", (np.arange(6).reshape(2, 3), 1)),
        ("kron", (np.eye(2), [[1, 2], [3, 4]])),
        ("take_along_axis", (np.arange(6).reshape(2, 3), np.array([[2], [0]]), 1)), ("rot90", (np.arange(6).reshape(2, 3), 3)),
        ("moveaxis", (np.ones((2, 3, 4)), 0, -1)), ("diff", ([[1, 4, 9], [2, 3, 5]], 1, 0)), ("linspace", (0, 10, 5, False)),
        ("average", ([[1, 2], [3, 4]], 0, [1, 3])), ("select", ([[True, False], [True, True]], [[1, 2], [3, 4]], 0)),
        ("cross", ([[1, 2, 3]], [[4, 5, 6]])), ("tensordot", (np.ones((2, 3)), np.ones((3, 2)), 1)), ("nansum", ([1.0, np.nan],)),
        ("ptp", ([[1, 5], [2, 9]], 1)), ("pad", ([[1, 2]], ((0, 1), (1, 0)))), ("vander", ([1, 2, 3], 2)),
    ],
)  # fmt: skip
def test_results_are_numpys(name, arguments):
    np.testing.assert_allclose(np.asarray(getattr(tnp, name)(*arguments)), getattr(np, name)(*arguments))


def test_draws():
    tnp.random.seed(3)
    a = tnp.random.randn(2, 3)
    tnp.random.seed(3)
    np.testing.assert_array_equal(a, tnp.random.randn(2, 3))
    assert a.dtype is tf.float64 and tnp.random.randint(3, size=[4]).dtype is tf.int64
    assert tnp.random.uniform([0.0, 5.0], 6.0).shape == (2,)
    draws = tnp.random.rand(50).numpy()
    assert draws.min() >= 0 and draws.max() < 1


def test_tensors_with_numpys_behaviour():
    program = (
        "import thalweg as tf; tf.experimental.numpy.experimental_enable_numpy_behavior(); x = tf.constant([[1, 2], [3, 4]]);"
        "assert (x + 1.5).dtype is tf.float64 and x.T.numpy().tolist() == [[1, 3], [2, 4]]; assert float(x.mean()) == 2.5;"
        "assert x.reshape(4).shape == (4,) and x.astype('float32').dtype is tf.float32 and x.size == 4;"
        "assert (tf.constant(1) * tf.constant(2.0)).dtype is tf.float64 and (1 - x).numpy().tolist() == [[0, -1], [-2, -3]]"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
