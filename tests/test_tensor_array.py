"""TensorArrays: eagerly, in functions, as loop variables, in branches, differentiated, interpreted and compiled."""

import numpy as np
import pytest

import thalweg as tf


@pytest.fixture(params=["never", "always"])
def engine(request, monkeypatch):
    monkeypatch.setenv("THALWEG_JIT", request.param)
    return request.param


# -- eagerly -----------------------------------------------------------------------------------------------------------


def test_eager_writes_stack_and_read():
    ta = tf.TensorArray(tf.float32, size=0, dynamic_size=True, clear_after_read=False)
    ta = ta.write(0, 10).write(1, 20).write(2, 30)
    assert ta.read(0).numpy() == 10
    assert ta.stack().numpy().tolist() == [10, 20, 30]
    assert ta.size().numpy() == 3
    assert ta.gather([2, 0]).numpy().tolist() == [30, 10]


def test_eager_element_is_forgotten_after_reading():
    ta = tf.TensorArray(tf.float32, size=1).write(0, 1.0)
    ta.read(0)
    with pytest.raises(tf.errors.InvalidArgumentError, match="Could not read index 0 twice"):
        ta.read(0)


def test_eager_bounds_dtypes_and_shapes():
    ta = tf.TensorArray(tf.float32, size=2)
    with pytest.raises(tf.errors.OutOfRangeError, match="not resizeable and size is: 2"):
        ta.write(2, 1.0)
    with pytest.raises(tf.errors.OutOfRangeError, match="array size is: 2"):
        ta.read(5)
    with pytest.raises(tf.errors.OutOfRangeError, match="negative"):
        ta.read(-1)
    with pytest.raises(tf.errors.InvalidArgumentError, match="TensorArray dtype is float32 but Op is trying to write dtype int32"):
        ta.write(0, tf.constant(1))
    ta.write(0, [1.0, 2.0])
    with pytest.raises(ValueError, match="Incompatible shape"):
        ta.write(1, [1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match="size"):
        tf.TensorArray(tf.float32)


def test_eager_unstack_concat_split_scatter():
    ta = tf.TensorArray(tf.int32, size=3).unstack([[1, 2], [3, 4], [5, 6]])
    assert ta.concat().numpy().tolist() == [1, 2, 3, 4, 5, 6]
    ta = tf.TensorArray(tf.int32, size=2, infer_shape=False).split([1, 2, 3], [1, 2])
    assert [ta.read(i).numpy().tolist() for i in (0, 1)] == [[1], [2, 3]]
    ta = tf.TensorArray(tf.int32, size=3, element_shape=[]).scatter([2, 0], [7, 8])
    assert ta.stack().numpy().tolist() == [8, 0, 7]


def test_eager_gradient():
    x = tf.constant([1.0, 2.0])
    with tf.GradientTape() as tape:
        tape.watch(x)
        ta = tf.TensorArray(tf.float32, size=2)
        ta = ta.write(0, x[0] * 3.0).write(1, x[1] ** 2)
        y = tf.reduce_sum(ta.stack())
    assert tape.gradient(y, x).numpy().tolist() == [3, 4]


# -- in functions --------------------------------------------------------------------------------------------------------


def test_written_in_a_while_loop(engine):
    @tf.function
    def squares(n):
        ta = tf.TensorArray(tf.int32, size=n)
        _, ta = tf.while_loop(lambda i, ta: i < n, lambda i, ta: (i + 1, ta.write(i, i * i)), (0, ta))
        return ta.stack()

    assert squares(tf.constant(5)).numpy().tolist() == [0, 1, 4, 9, 16]


def test_grown_in_an_autograph_loop(engine):
    @tf.function
    def fibonacci(n):
        ta = tf.TensorArray(tf.float32, size=0, dynamic_size=True)
        ta = ta.unstack([0.0, 1.0])
        for i in tf.range(2, n):
            ta = ta.write(i, ta.read(i - 1) + ta.read(i - 2))
        return ta.stack(), ta.size()

    values, size = fibonacci(tf.constant(7))
    assert values.numpy().tolist() == [0, 1, 1, 2, 3, 5, 8]
    assert size.numpy() == 7


def test_element_shape_known_only_when_it_runs(engine):
    @tf.function(input_signature=[tf.TensorSpec([None, None, 2])])
    def totals(x):
        steps = tf.shape(x)[0]
        ta = tf.TensorArray(tf.float32, size=steps)
        total = tf.zeros_like(x[0])
        for i in tf.range(steps):
            total += x[i]
            ta = ta.write(i, total)
        return ta.stack()

    x = np.arange(24, dtype=np.float32).reshape(3, 4, 2)
    y = totals(x)
    np.testing.assert_array_equal(y, np.cumsum(x, 0))
    assert totals.get_concrete_function().outputs[0].shape.as_list() == [None, None, 2]


def cumulative_product(x, n=None):
    ta = tf.TensorArray(tf.float32, size=3).unstack(x)
    out = tf.TensorArray(tf.float32, size=3)
    state = tf.ones([])
    for i in tf.range(3):
        state = state * ta.read(i)
        out = out.write(i, state)
    return out.stack()


def test_gradients_through_a_loop_to_second_order(engine):
    x = tf.constant([1.5, 2.0, -3.0])
    function = tf.function(cumulative_product)
    weights = tf.constant([1.0, 10.0, 100.0])
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = tf.reduce_sum(function(x) * weights)
        g = inner.gradient(y, x)
        s = tf.reduce_sum(g * tf.constant([1.0, 2.0, 3.0]))
    h = outer.gradient(s, x)
    a, b, c = x.numpy()
    np.testing.assert_allclose(g, [1 + 10 * b + 100 * b * c, 10 * a + 100 * a * c, 100 * a * b], rtol=1e-6)
    rows = np.array([[0, 10 + 100 * c, 100 * b], [10 + 100 * c, 0, 100 * a], [100 * b, 100 * a, 0]])
    np.testing.assert_allclose(h, rows @ [1, 2, 3], rtol=1e-6)


def test_gradient_through_an_array_that_grows(engine):
    @tf.function
    def gradient(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            ta = tf.TensorArray(tf.float32, size=0, dynamic_size=True)
            for i in tf.range(3):
                ta = ta.write(i, x * tf.cast(i + 1, tf.float32))
            y = tf.reduce_sum(ta.stack() ** 2)
        return tape.gradient(y, x)

    np.testing.assert_allclose(gradient(tf.constant([1.0, 2.0])), [28.0, 56.0])


def test_written_in_a_branch(engine):
    @tf.function
    def f(x, wanted):
        ta = tf.TensorArray(tf.float32, size=2, element_shape=[])
        ta = ta.write(0, x)
        if wanted:
            ta = ta.write(1, x + 1.0)
        return ta.stack()

    assert f(tf.constant(1.0), tf.constant(True)).numpy().tolist() == [1, 2]
    assert f(tf.constant(1.0), tf.constant(False)).numpy().tolist() == [1, 0]


def test_scatter_gather_split_concat_in_a_function(engine):
    @tf.function
    def f(x):
        ta = tf.TensorArray(tf.float32, size=4).scatter([3, 1], x)
        parts = tf.TensorArray(tf.float32, size=2).split(tf.reshape(x, [-1]), [2, 2])
        return ta.stack(), ta.gather([1]), parts.concat(), parts.read(1), ta.size()

    stacked, gathered, joined, second, size = f(tf.constant([[1.0, 2.0], [3.0, 4.0]]))
    assert stacked.numpy().tolist() == [[0, 0], [3, 4], [0, 0], [1, 2]]
    assert gathered.numpy().tolist() == [[3, 4]]
    assert joined.numpy().tolist() == [1, 2, 3, 4]
    assert second.numpy().tolist() == [3, 4]
    assert size.numpy() == 4


def test_strings():
    @tf.function
    def f(words):
        ta = tf.TensorArray(tf.string, size=2)
        for i in tf.range(2):
            ta = ta.write(i, words[1 - i])
        return ta.stack()

    assert f(tf.constant(["a", "b"])).numpy().tolist() == [b"b", b"a"]


def test_graph_errors(monkeypatch):
    monkeypatch.setenv("THALWEG_JIT", "never")

    @tf.function
    def read(i):
        return tf.TensorArray(tf.float32, size=3).unstack([1.0, 2.0, 3.0]).read(i)

    with pytest.raises(tf.errors.InvalidArgumentError, match="Trying to access element 5 in a list with 3 elements"):
        read(tf.constant(5))

    @tf.function
    def write(i):
        return tf.TensorArray(tf.float32, size=3).write(i, 1.0).stack()

    with pytest.raises(tf.errors.InvalidArgumentError, match="Trying to modify element 4 in a list with 3 elements"):
        write(tf.constant(4))

    @tf.function
    def shapes():
        return tf.TensorArray(tf.float32, size=3).write(0, [1.0]).write(1, [1.0, 2.0]).stack()

    with pytest.raises(ValueError, match="Inconsistent shapes: saw"):
        shapes()

    @tf.function
    def nothing():
        return tf.TensorArray(tf.float32, size=3).stack()

    with pytest.raises(tf.errors.InvalidArgumentError, match="non-fully-defined element_shape"):
        nothing()


def test_graph_mode_session():
    v1 = tf.compat.v1
    with tf.Graph().as_default(), v1.Session() as session:
        x = v1.placeholder(tf.float32, [None])
        ta = tf.TensorArray(tf.float32, size=tf.shape(x)[0])
        _, ta = tf.while_loop(lambda i, ta: i < tf.shape(x)[0], lambda i, ta: [i + 1, ta.write(i, x[i] * 2.0)], [0, ta])
        y = ta.stack()
        (g,) = v1.gradients(y, [x])
        assert session.run([y, g], {x: [1.0, 2.0]})[0].tolist() == [2, 4]
        assert session.run(g, {x: [1.0, 2.0, 3.0]}).tolist() == [2, 2, 2]
