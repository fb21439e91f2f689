"""map_fn, vectorized_map, scan, foldl and foldr: eagerly, in functions, compiled, differentiated twice."""

import numpy as np
import pytest

import thalweg as tf


@pytest.fixture(params=["eager", "never", "always"])
def run(request, monkeypatch):
    """How a function is run: as it stands, traced and interpreted, traced and compiled."""
    if request.param == "eager":
        return lambda f: f
    monkeypatch.setenv("THALWEG_JIT", request.param)
    return tf.function


def test_map_fn_over_nests(run):
    a, b = tf.constant([1, 2, 3]), tf.constant([-1.0, 1.0, -1.0])
    assert run(lambda x: tf.map_fn(lambda r: r * r, x))(a).numpy().tolist() == [1, 4, 9]
    product = run(lambda x, y: tf.map_fn(lambda r: tf.cast(r[0], tf.float32) * r[1], (x, y), fn_output_signature=tf.float32))
    assert product(a, b).numpy().tolist() == [-1, 2, -3]
    pair = run(lambda x: tf.map_fn(lambda r: {"same": r, "half": r / 2}, x, dtype={"same": tf.int32, "half": tf.float64}))(a)
    assert pair["half"].numpy().tolist() == [0.5, 1, 1.5]


def test_map_fn_wants_the_dtype_of_its_signature():
    with pytest.raises(tf.errors.InvalidArgumentError, match="TensorArray dtype is int32 but Op is trying to write dtype float64"):
        tf.map_fn(lambda x: x / 2, tf.constant([1, 2]))
    with pytest.raises(ValueError, match=r"1\+ dimensional Tensors, not scalars"):
        tf.map_fn(lambda x: x, tf.constant(1))
    with pytest.raises(TypeError, match="callable"):
        tf.map_fn(3, tf.constant([1]))


def test_scan_forward_reverse_and_from_an_initializer(run):
    x = tf.constant([1.0, 2.0, 3.0, 4.0])
    assert run(lambda x: tf.scan(lambda a, r: a + r, x))(x).numpy().tolist() == [1, 3, 6, 10]
    assert run(lambda x: tf.scan(lambda a, r: a + r, x, reverse=True))(x).numpy().tolist() == [10, 9, 7, 4]
    assert run(lambda x: tf.scan(lambda a, r: a * r, x, initializer=10.0))(x).numpy().tolist() == [10, 20, 60, 240]
    fibonacci = run(lambda x: tf.scan(lambda a, _: (a[1], a[0] + a[1]), x, initializer=(0, 1)))(tf.zeros(5))
    assert fibonacci[0].numpy().tolist() == [1, 1, 2, 3, 5]


def test_folds(run):
    x = tf.constant([1, 2, 3, 4, 5, 6])
    assert run(lambda x: tf.foldl(lambda a, r: a * 2 - r, x))(x).numpy() == -56
    assert run(lambda x: tf.foldr(lambda a, r: a * 2 - r, x))(x).numpy() == 63
    assert run(lambda x: tf.foldl(lambda a, r: a + r, x, initializer=10))(x).numpy() == 31


def test_vectorized_map(run):
    x, y = tf.reshape(tf.range(6.0), [3, 2]), tf.ones([1, 2])
    outer = run(lambda x, y: tf.vectorized_map(lambda r: tf.tensordot(r[0], r[1], 0), (x, y)))(x, y)
    np.testing.assert_array_equal(outer, x.numpy()[:, :, None] * np.ones((1, 1, 2)))


def test_gradients_to_second_order(run):
    x, w = tf.constant([0.5, -1.0, 2.0]), tf.constant(0.3)

    def loss(x, w):
        states = tf.scan(lambda a, r: tf.tanh(w * a + r), x, initializer=tf.constant(0.1))
        return tf.reduce_sum(tf.map_fn(lambda s: s * s * w, states)) + tf.foldl(lambda a, s: a * s, states)

    f = run(loss)

    def derivative(value):
        value = tf.constant(value, tf.float32)
        with tf.GradientTape() as tape:
            tape.watch(value)
            y = f(x, value)
        return tape.gradient(y, value)

    with tf.GradientTape() as outer:
        outer.watch(w)
        with tf.GradientTape() as inner:
            inner.watch(w)
            y = f(x, w)
        g = inner.gradient(y, w)
    h = outer.gradient(g, w)
    step = 1e-2
    np.testing.assert_allclose(g, (loss(x, w + step) - loss(x, w - step)) / (2 * step), rtol=2e-3)  # float32 differences
    np.testing.assert_allclose(h, (derivative(0.3 + step) - derivative(0.3 - step)) / (2 * step), rtol=2e-3)


def test_autograph_inside_map_fn():
    def positive(x):
        if x > 0:
            return x
        return -x

    assert tf.function(lambda x: tf.map_fn(positive, x))(tf.constant([-1, 2])).numpy().tolist() == [1, 2]


def test_rows_unknown_in_number():
    @tf.function(input_signature=[tf.TensorSpec([None, 2])])
    def f(x):
        return tf.map_fn(tf.reduce_sum, x), tf.scan(lambda a, r: a + r, x)

    for n in (1, 3):
        sums, running = f(tf.ones([n, 2]))
        assert sums.shape == (n,)
        assert running.numpy()[-1].tolist() == [n, n]


def test_what_a_branch_not_taken_uses_has_a_gradient_of_zeros(run):
    """As large as itself, not a scalar."""
    x, z = tf.constant([1.0, 2.0, 3.0]), tf.constant([1.0, 2.0])
    f = run(lambda x, z: tf.cond(tf.reduce_sum(z) > 0, lambda: tf.reduce_sum(z * z), lambda: tf.reduce_sum(-x)))
    with tf.GradientTape() as tape:
        tape.watch([x, z])
        y = f(x, z)
    dx, dz = tape.gradient(y, [x, z], unconnected_gradients="zero")
    assert dx.numpy().tolist() == [0, 0, 0] and dz.numpy().tolist() == [2, 4]


def _by_row(x, negative=False):
    total = tf.zeros([2])
    for t in tf.range(4):
        total = total * 0.5 + x[t - 4 if negative else t]
    return total


def _by_column(x):
    total = tf.zeros([4])
    for t in tf.range(2):
        total += x[:, t] * tf.cast(t + 1, tf.float32)
    return total


def _by_both(x):
    total = tf.constant(0.0)
    for t in tf.range(2):
        total += x[t, t] * x[tf.newaxis, t][0, 1]
    return total


@pytest.mark.parametrize("function", [_by_row, lambda x: _by_row(x, True), _by_column, _by_both])
def test_rows_picked_by_a_loops_count_compile(function):
    x = tf.constant([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0], [7.0, 8.0]])

    def gradient(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = function(x)
        return y, tape.gradient(y, x)

    eager = gradient(x)
    compiled = tf.function(gradient, jit_compile=True)(x)
    for a, b in zip(eager, compiled):
        np.testing.assert_allclose(tf.convert_to_tensor(a), b, rtol=1e-6)


def test_a_loop_is_compiled_by_what_it_did():
    """A plan of few ops may be a long loop: what its trips cost decides, not the number of its own ops."""
    from thalweg.engine.execution import plan

    @tf.function
    def long_loop(n):
        return tf.while_loop(lambda i, x: i < n, lambda i, x: (i + 1, x + 1.0), (0, tf.constant(0.0)))[1]

    before = plan._inside[0]
    assert long_loop(tf.constant(10_000)) == 10_000
    assert plan._inside[0] - before > 10_000
    assert long_loop(tf.constant(10_000)) == 10_000
