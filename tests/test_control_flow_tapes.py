"""Tapes around loops and branches in functions: variables read inside, gradients of gradients, weights summed over steps."""

import numpy as np
import pytest

import thalweg as tf

X = np.random.RandomState(0).randn(4, 3).astype("float32")


def loop(x, w):
    return tf.while_loop(lambda i, a: i < 3, lambda i, a: (i + 1, tf.tanh(tf.matmul(a, w))), [0, x])[1]


def scan(x, w):
    return tf.scan(lambda a, row: tf.tanh(tf.matmul(a, w) + row), tf.stack([x, 2 * x]), tf.zeros_like(x))


def branch(x, w):
    return tf.cond(tf.reduce_sum(x) > -100.0, lambda: tf.tanh(tf.matmul(x, w)), lambda: x)


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("flow", [loop, scan, branch])
def test_gradients_of_first_and_second_order_are_those_of_eager_code(flow, compiled):
    w = tf.Variable(np.random.RandomState(1).randn(3, 3).astype("float32"))

    def both(x):
        with tf.GradientTape() as outer:
            outer.watch(x)
            with tf.GradientTape() as inner:
                inner.watch(x)
                y = tf.reduce_sum(flow(x, w) ** 2)
            first = inner.gradient(y, [x, w])
            penalty = tf.reduce_sum(first[0] ** 2) + tf.reduce_sum(first[1] ** 2)
        return [*first, *outer.gradient(penalty, [x, w])]

    eager = both(tf.constant(X))
    traced = tf.function(both, jit_compile=compiled)(tf.constant(X))
    for a, b in zip(eager, traced):
        np.testing.assert_allclose(b, a, rtol=1e-4, atol=1e-4)


def test_the_gradient_of_weights_is_one_product_after_the_loop():
    @tf.function
    def gradient(x, w):
        with tf.GradientTape() as tape:
            tape.watch(w)
            y = tf.reduce_sum(scan(x, w))
        return tape.gradient(y, w)

    graph = gradient.get_concrete_function(tf.constant(X), tf.ones([3, 3])).graph
    assert [op.type for op in graph.get_operations()].count("MatMul") == 1
