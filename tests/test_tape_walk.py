"""What the tape's short ways must not change: forms of sources, shared buffers, ops of a tensor and a host value."""

import numpy as np
import pytest

import thalweg as tf


def gradient_of_itself():
    x = tf.constant(3.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x * 1.0
    return tape.gradient(y, y)


def test_the_first_gradient_is_one_whatever_was_done_with_an_earlier_one():
    variable = tf.Variable(gradient_of_itself())
    variable.assign_add(4.0)
    assert variable.numpy() == 5.0
    assert gradient_of_itself().numpy() == 1.0
    assert gradient_of_itself() is not gradient_of_itself()


@pytest.mark.parametrize("form", [lambda x: x, lambda x: [x], lambda x: (x, [x]), lambda x: {"a": x}])
def test_gradients_come_in_the_form_of_the_sources(form):
    x = tf.constant([1.0, 2.0])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x * x
    result = tape.gradient(y, form(x))
    tf.nest.assert_same_structure(result, form(x))
    for g in tf.nest.flatten(result):
        np.testing.assert_array_equal(g, [2.0, 4.0])
    with pytest.raises(RuntimeError, match="can only be used to compute one set of gradients"):
        tape.gradient(y, x)


def test_defaults_of_attributes_reach_the_gradient():
    a, b = tf.random.normal([3, 4]), tf.random.normal([3, 5])
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(a)
        y = tf.reduce_sum(tf.matmul(a, b, transpose_a=True))
        z = tf.reduce_sum(tf.reduce_sum(a * a, 1, keepdims=True))
    np.testing.assert_allclose(tape.gradient(y, a), np.tile(np.sum(b, 1, keepdims=True), (1, 4)), rtol=1e-6)
    np.testing.assert_allclose(tape.gradient(z, a), 2 * a.numpy(), rtol=1e-6)


@pytest.mark.parametrize("dtype", [tf.float16, tf.bfloat16, tf.float32, tf.float64, tf.complex64, tf.complex128])
def test_every_inexact_dtype_carries_gradients(dtype):
    x = tf.constant([1, 2], dtype)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x + x
    np.testing.assert_array_equal(tf.cast(tape.gradient(y, x), tf.complex128), [2, 2])


def test_integers_carry_none():
    x = tf.Variable([1.0, 2.0])
    with tf.GradientTape() as tape:
        y = tf.cast(tf.cast(x, tf.int32), tf.float32)
    assert tape.gradient(y, x) is None


def test_tapes_may_end_in_any_order():
    x = tf.constant(2.0)
    first, second = tf.GradientTape(), tf.GradientTape()
    first.__enter__()
    second.__enter__()
    first.watch(x)
    second.watch(x)
    first.__exit__(None, None, None)
    y = x * x
    second.__exit__(None, None, None)
    assert first.gradient(y, x) is None
    assert second.gradient(y, x).numpy() == 4.0


def test_a_tensor_and_a_host_value_by_position_keyword_or_as_tensor():
    x = tf.constant([[1.0, 2.0]])
    for y in (tf.reshape(x, [2]), tf.reshape(tensor=x, shape=(2,)), tf.reshape(x, tf.constant([2])), tf.reshape(x, -1)):
        np.testing.assert_array_equal(y, [1.0, 2.0])
    assert tf.broadcast_to(input=x, shape=tf.constant([3, 2])).shape == (3, 2)
    with pytest.raises(tf.errors.InvalidArgumentError, match="requested shape has 3"):
        tf.reshape(x, tf.constant([3]))
    with pytest.raises(TypeError):
        tf.broadcast_to(x)


@pytest.mark.parametrize("dtype", [tf.int32, tf.bfloat16, tf.float32, tf.float64, tf.complex64])
@pytest.mark.parametrize("sizes", [(2, 3, 4), (0, 3, 2), (2, 0, 2), (33, 17, 9)])
def test_products_keep_their_dtype_and_value(dtype, sizes):
    m, k, n = sizes
    a, b = np.arange(m * k).reshape(m, k) % 7, np.arange(k * n).reshape(k, n) % 5
    for flag in (False, True):
        y = tf.matmul(tf.constant(a.T if flag else a, dtype), tf.constant(b, dtype), transpose_a=flag)
        assert y.dtype == dtype
        np.testing.assert_array_equal(tf.cast(y, tf.complex128), tf.cast(tf.constant(a @ b, dtype), tf.complex128))


def test_a_function_follows_a_tensor_from_outside_that_it_watches():
    import thalweg as tf

    x = tf.constant([1.0, 2.0])

    @tf.function
    def slope():
        with tf.GradientTape() as outer:
            outer.watch(x)
            with tf.GradientTape() as inner:
                inner.watch(x)
                y = x**3
            first = inner.gradient(y, x)
        return first, outer.gradient(first, x)

    first, second = slope()
    assert first.numpy().tolist() == [3, 12] and second.numpy().tolist() == [6, 12]
