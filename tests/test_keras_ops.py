"""`keras.ops` and `keras.backend`: the values, shapes and dtypes of Keras."""

import numpy as np
import pytest

import thalweg as tf
from goldens import keras_leaves, keras_ops

GOLDENS = keras_leaves.load(keras_ops.PATH)
CASES = {case.id: case for case in keras_ops.cases()}
ops, K = tf.keras.ops, tf.keras.backend
# Where TensorFlow's own kernels are less exact than ours, or iterate.
TOLERANCE = {"erfinv": 1e-5, "lstsq": 2e-5, "pinv": 1e-5, "i0": 1e-5, "logaddexp2": 1e-5}


def test_the_goldens_are_of_these_cases():
    assert list(GOLDENS) == list(CASES)


@pytest.mark.parametrize("case_id", [case_id for case_id in CASES if GOLDENS[case_id]])
def test_as_in_keras(case_id):
    found = [np.asarray(value) for value in CASES[case_id].run(tf, tf.keras)]
    assert [(x.shape, x.dtype) for x in found] == [(x.shape, x.dtype) for x in GOLDENS[case_id]]
    tolerance = TOLERANCE.get(case_id.split()[0], 3e-6)
    for ours, theirs in zip(found, GOLDENS[case_id]):
        finite = np.abs(theirs[np.isfinite(theirs)]) if theirs.dtype.kind in "fc" else np.abs(theirs.astype("float64"))
        np.testing.assert_allclose(ours, theirs, rtol=tolerance, atol=tolerance * max(1.0, finite.max(initial=0.0)))


def test_symbolic_tensors_go_through():
    x = tf.keras.Input((3,))
    y = ops.sum(ops.relu(ops.matmul(x, np.ones((3, 2), "float32"))), axis=1)
    model = tf.keras.Model(x, y)
    np.testing.assert_allclose(model(np.ones((2, 3), "float32")), [6.0, 6.0])


def test_what_keras_gets_wrong():
    x = keras_ops.X
    np.testing.assert_array_equal(ops.rot90(x, 2), np.rot90(x, 2))
    np.testing.assert_allclose(ops.sum(ops.sparsemax(x), axis=-1), [1.0, 1.0], rtol=1e-6)
    np.testing.assert_array_equal(ops.vstack([x[0], x[1]]), x)


def test_loops():
    carry, sums = ops.scan(lambda c, x: (c + x, c + x), np.float32(0.0), np.arange(4.0, dtype="float32"))
    assert float(carry) == 6 and sums.numpy().tolist() == [0, 1, 3, 6]
    assert ops.associative_scan(lambda a, b: a + b, np.arange(5)).numpy().tolist() == [0, 1, 3, 6, 10]
    assert int(ops.fori_loop(0, 5, lambda i, v: v + i, 0)) == 10
    assert int(ops.while_loop(lambda i: i < 7, lambda i: (i + 2,), (0,))[0]) == 8
    assert int(ops.switch(1, [lambda x: x, lambda x: x * 2], 4)) == 8
    assert ops.vectorize(lambda a, b: a * b)(np.arange(3), 2).numpy().tolist() == [0, 2, 4]


@pytest.mark.parametrize(
    "dtypes, expected",
    [(("int32", "float32"), "float32"), (("int8", "uint8"), "int16"), (("float16", "bfloat16"), "float32"), ((int, "int8"), "int8"),
     ((float, "int8"), "float32"), (("bool", "int8"), "int8"), (("int64", "float16"), "float16"), ((int, "bool"), "int32")],
)  # fmt: skip
def test_result_types(dtypes, expected):
    assert K.result_type(*dtypes) == expected


class TestBackend:
    def test_functions_of_models(self):
        x = tf.keras.Input((3,))
        y = tf.keras.layers.Dense(2, kernel_initializer="ones")(x)
        (found,) = K.function([x], [y])([np.ones((1, 3))])
        assert found.tolist() == [[3.0, 3.0]]

    def test_learning_phase(self):
        assert K.in_train_phase(1, 2) == 2 and K.in_train_phase(1, 2, training=True) == 1
        with K.learning_phase_scope(1):
            assert K.learning_phase() == 1 and K.in_test_phase(1, 2) == 2
        assert K.learning_phase() == 0

    def test_variables(self):
        v = K.variable([1.0, 2.0])
        K.update_add(v, [1.0, 1.0])
        K.moving_average_update(v, tf.constant([0.0, 0.0]), 0.5)
        assert K.get_value(v).tolist() == [1.0, 1.5]

    def test_rnn(self):
        x = np.ones((2, 3, 1), "float32")
        mask = tf.constant([[True, True, True], [True, False, False]])
        last, outputs, states = K.rnn(lambda x, s: (x + s[0], [x + s[0]]), x, [np.zeros((2, 1), "float32")], mask=mask)
        assert last.numpy().tolist() == [[3], [1]] and outputs.shape == (2, 3, 1) and states[0].numpy().tolist() == [[3], [1]]

    def test_gradients_name_the_tape(self):
        with pytest.raises(RuntimeError, match="GradientTape"):
            K.gradients(tf.constant(1.0), [])
