"""tf.py_function, tf.numpy_function and tf.print: values, gradients, errors, text."""

import io
import sys

import numpy as np
import pytest

import thalweg as tf


@tf.function
def cube_by_python(x, y):
    z = tf.py_function(lambda a, b: a * a * b, [x, y], tf.float32)
    z.set_shape(x.shape)
    return tf.reduce_sum(z * 2.0)


@pytest.mark.parametrize("run", [cube_by_python, cube_by_python.python_function], ids=["function", "eager"])
def test_py_function_is_differentiable(run):
    x, y = tf.constant([1.0, 2.0]), tf.constant([3.0, 4.0])
    with tf.GradientTape() as tape:
        tape.watch([x, y])
        z = run(x, y)
    assert float(z) == 38.0
    dx, dy = tape.gradient(z, [x, y])
    np.testing.assert_array_equal(dx, [12.0, 32.0])
    np.testing.assert_array_equal(dy, [2.0, 8.0])


def test_py_function_gradient_in_a_session():
    with tf.Graph().as_default():
        x = tf.compat.v1.placeholder(tf.float32, [2])
        y = tf.py_function(lambda a: [a * a, tf.constant(1)], [x], [tf.float32, tf.int32])
        (dx,) = tf.gradients(y[0], [x])
        with tf.compat.v1.Session() as session:
            values = session.run([*y, dx], {x: [1.0, 3.0]})
    np.testing.assert_array_equal(values[0], [1.0, 9.0])
    assert values[1] == 1
    np.testing.assert_array_equal(values[2], [2.0, 6.0])


def test_numpy_function_gets_arrays_and_must_keep_its_promise():
    seen = []

    def look(a, s):
        seen.append((type(a), type(s)))
        return a.astype(np.float64), s + b"!"

    f = tf.function(lambda a, s: tf.numpy_function(look, [a, s], [tf.float64, tf.string]))
    a, s = f(tf.constant([1, 2]), tf.constant("hi"))
    assert (a.dtype, s.numpy()) == (tf.float64, b"hi!")
    assert seen == [(np.ndarray, bytes)]
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"0-th value returned by .* is float64, but expects float32"):
        tf.function(lambda: tf.numpy_function(lambda: 1.0, [], tf.float32))()


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (ValueError, tf.errors.InvalidArgumentError),
        (TypeError, tf.errors.InvalidArgumentError),
        (KeyError, tf.errors.UnknownError),
        (NotImplementedError, tf.errors.UnimplementedError),
        (StopIteration, tf.errors.OutOfRangeError),
    ],
)
def test_errors_of_python_functions_name_the_line(error, kind):
    def fails(x):
        raise error("because")

    with pytest.raises(kind, match=r"because'?\n  File .*test_python_calls.py', line \d+, in fails"):
        tf.function(lambda: tf.py_function(fails, [1.0], tf.float32))()


def test_functions_run_each_time_also_in_datasets():
    calls = []

    def note(x):
        calls.append(int(x))
        return x + 1

    dataset = tf.data.Dataset.range(4).map(lambda x: tf.py_function(note, [x], tf.int64), num_parallel_calls=4).prefetch(2)
    for _ in range(2):
        assert [int(x) for x in dataset] == [1, 2, 3, 4]
    assert sorted(calls) == [0, 0, 1, 1, 2, 2, 3, 3]


def test_errors_in_datasets_name_the_element():
    dataset = tf.data.Dataset.range(5).map(lambda x: tf.py_function(lambda v: 10 // (v - 3), [x], tf.int64))
    iterator = iter(dataset)
    assert [int(next(iterator)) for _ in range(3)] == [-4, -5, -10]
    with pytest.raises(tf.errors.OpError, match=r"element 3 \(counted from 0\) of Dataset.map"):
        next(iterator)
    assert int(next(iterator)) == 10
    assert [int(x) for x in dataset.ignore_errors()] == [-4, -5, -10, 10]


PRINTED = [
    ((tf.constant([1.5, 2]),), "[1.5 2]"),
    (("a", 1, tf.constant("s"), b"x"), "a 1 \"s\" b'x'"),
    ((tf.range(10),), "[0 1 2 ... 7 8 9]"),
    ((tf.zeros([2, 2]),), "[[0 0]\n [0 0]]"),
    (({"a": tf.constant(1), "b": [tf.constant(2.0)]},), "{'a': 1, 'b': [2]}"),
    ((np.arange(3), [1, 2], (3,)), "array([0, 1, 2]) [1, 2] (3,)"),
    ((tf.constant(["a", "b"]), tf.constant(True)), '["a" "b"] 1'),
    (
        (tf.constant([[1e-7, 123456789.0]]), tf.constant(0.1), tf.constant(1 / 3, tf.float64)),
        "[[1e-07 123456792]] 0.1 0.33333333333333331",
    ),
]


@pytest.mark.parametrize(("values", "text"), PRINTED)
def test_print_writes_as_tensorflow_does(values, text, capsys):
    tf.print(*values, output_stream=sys.stdout)
    tf.function(lambda: tf.print(*values, output_stream=sys.stdout))()
    assert capsys.readouterr().out == f"{text}\n{text}\n"


def test_print_in_functions_runs_each_time(capsys, tmp_path):
    @tf.function
    def f(x):
        if x > 1:
            print("large", x)
        tf.print("x =", x, sep="", end=";", output_stream=sys.stdout)
        return x

    f(tf.constant(1))
    f(tf.constant(2))
    got = capsys.readouterr()
    assert (got.out, got.err) == ("x =1;x =2;", "large 2\n")
    tf.print(1, output_stream=f"file://{tmp_path / 'log'}")
    tf.print(tf.range(9), output_stream=f"file://{tmp_path / 'log'}", summarize=2)
    assert (tmp_path / "log").read_text() == "1\n[0 1 ... 7 8]\n"
    stream = io.StringIO()
    tf.print("there", output_stream=stream)
    assert stream.getvalue() == "there\n"
