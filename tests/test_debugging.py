"""Finding the op that gave NaN; test cases and gradients by differences; AutoGraph's own functions; sounds."""

import numpy as np
import pytest

import thalweg as tf


@pytest.fixture
def checked():
    tf.debugging.enable_check_numerics()
    yield
    tf.debugging.disable_check_numerics()


def test_the_op_that_gave_nan_is_named_with_the_users_line(checked):
    x = tf.constant([1.0, 0.0])
    with pytest.raises(tf.errors.InvalidArgumentError, match=r'Infinity in output 0 of eagerly-executing op "Log"') as caught:
        tf.math.log(x)
    assert "test_debugging.py" in caught.value.message and "tf.math.log(x)" in caught.value.message
    with pytest.raises(tf.errors.InvalidArgumentError, match="NaN"):
        _ = x / x
    np.testing.assert_array_equal(x + 1.0, [2, 1])


def test_functions_say_it_too(checked):
    @tf.function
    def root(x):
        y = x + 1.0
        return tf.sqrt(y)

    np.testing.assert_array_equal(root(tf.constant(3.0)), 2)
    with pytest.raises(tf.errors.InvalidArgumentError, match='graph op "Sqrt"') as caught:
        root(tf.constant(-3.0))
    assert "return tf.sqrt(y)" in caught.value.message


def test_it_can_be_turned_off():
    tf.debugging.enable_check_numerics()
    tf.debugging.disable_check_numerics()
    assert np.isinf(tf.math.log(0.0).numpy())


def test_gradients_agree_with_differences():
    theoretical, numerical = tf.test.compute_gradient(lambda x, y: tf.matmul(x, y), [np.ones((2, 3)), np.ones((3, 2)) * 2])
    for a, b in zip(theoretical, numerical):
        assert a.shape == (4, 6)
        np.testing.assert_allclose(a, b, atol=1e-6)
    with pytest.raises(ValueError, match="list or tuple"):
        tf.test.compute_gradient(tf.square, tf.constant(1.0))


class Case(tf.test.TestCase):
    def test_comparisons(self):
        self.assertAllEqual(tf.constant(["a"]), ["a"])
        self.assertAllClose({"x": [1.0, tf.constant(2.0)]}, {"x": [1.0, 2.0]})
        self.assertAllCloseAccordingToType(tf.constant(1.0, tf.float16), 1.0005)
        self.assertAllInRange(tf.range(3), 0, 2)
        self.assertAllEqual(tf.ragged.constant([[1, 2], [3]]), [[1, 2], [3, 0]])
        self.assertNotAllClose([1.0], [2.0])
        self.assertShapeEqual(np.zeros((2, 3)), tf.zeros([2, 3]))
        self.assertDTypeEqual(tf.constant(1), np.int32)
        self.assertLen([1], 1)
        self.assertEqual(self.evaluate({"x": tf.constant(3)}), {"x": 3})
        with self.assertRaisesOpError("not in"):
            tf.gather([1, 2], 5)
        with self.assertRaisesRegex(AssertionError, "less than 1"):
            self.assertAllLess([0, 2], 1)


def test_a_test_case_runs():
    result = Case("test_comparisons").run()
    assert result.wasSuccessful(), result.errors + result.failures


def absolute(x):
    if x > 0:
        return x
    return -x


def test_autograph_shows_its_code_and_leaves_alone():
    assert "if_stmt" in tf.autograph.to_code(absolute)
    assert tf.function(tf.autograph.to_graph(absolute))(tf.constant(-3)) == 3

    @tf.autograph.experimental.do_not_convert
    def plain(x):
        return absolute(x)

    with pytest.raises(tf.errors.OperatorNotAllowedInGraphError):
        tf.function(plain)(tf.constant(1))

    @tf.function
    def counted(n):
        i = tf.constant(0)
        while i < n:
            tf.autograph.experimental.set_loop_options(maximum_iterations=3)
            i += 1
        return i

    assert counted(tf.constant(10)) == 3


def test_sounds():
    wave = np.sin(np.linspace(0, 20, 400)).astype(np.float32).reshape(200, 2)
    data = tf.audio.encode_wav(wave, 8000)
    audio, rate = tf.audio.decode_wav(data)
    assert int(rate) == 8000
    np.testing.assert_allclose(audio, wave, atol=1e-4)
    assert tf.audio.decode_wav(data, desired_channels=1, desired_samples=300).audio.shape == (300, 1)
    with pytest.raises(tf.errors.InvalidArgumentError):
        tf.audio.decode_wav(b"RIFF....")
    with pytest.raises(tf.errors.InvalidArgumentError):
        tf.audio.decode_wav(data.numpy()[:100])


def test_version_and_build():
    assert tf.version.VERSION.startswith("2.") and not tf.sysconfig.get_build_info()["is_cuda_build"]
    assert isinstance(tf.function(lambda: 1), tf.types.experimental.GenericFunction)


def test_small_names():
    assert isinstance(tf.TensorSpec([]), tf.TypeSpec) and isinstance(tf.RaggedTensorSpec([None, None]), tf.TypeSpec)
    assert tf.type_spec_from_value(tf.ragged.constant([[1]])).ragged_rank == 1
    spec = tf.DeviceSpec.from_string("/job:worker/task:1/GPU:0")
    assert (spec.job, spec.task, spec.device_type, spec.device_index) == ("worker", 1, "GPU", 0)
    assert spec.to_string() == "/job:worker/task:1/device:GPU:0" and spec.replace(task=2).task == 2
    with pytest.raises(ValueError, match="Unknown attribute"):
        tf.DeviceSpec.from_string("/nothing")
    guess, truth = tf.sparse.from_dense([[1, 2, 3]]), tf.sparse.from_dense([[1, 3]])
    np.testing.assert_array_equal(tf.edit_distance(guess, truth, normalize=False), [1])
    np.testing.assert_array_equal(tf.edit_distance(guess, truth), [0.5])
    assert tf.function(lambda: tf.inside_function())() and not tf.inside_function()
    assert float(tf.timestamp()) > 1e9
    assert tf.config.experimental.list_logical_devices("CPU")[0].device_type == "CPU"
    parts = tf.compat.v1.string_split(["a b  c", "d"])
    assert parts.values.numpy().tolist() == [b"a", b"b", b"c", b"d"] and parts.dense_shape.numpy().tolist() == [2, 3]
    assert tf.compat.v1.string_split(["a-b+c"], "-+").values.numpy().tolist() == [b"a", b"b", b"c"]
