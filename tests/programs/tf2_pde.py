"""A network that solves u'' = -u, u(0) = 0, u'(0) = 1: derivatives to second order, and their gradients."""

import tensorflow as tf

w1 = tf.Variable(tf.random.stateless_normal([1, 12], [1, 1], dtype=tf.float64))
b1 = tf.Variable(tf.random.stateless_normal([12], [2, 1], dtype=tf.float64))
w2 = tf.Variable(tf.random.stateless_normal([12, 1], [3, 1], stddev=0.3, dtype=tf.float64))
variables = [w1, b1, w2]


def u(t):
    return t + t**2 * (tf.tanh(t @ w1 + b1) @ w2)  # the conditions at zero hold whatever the weights are


def residual(t):
    with tf.GradientTape() as outer:
        outer.watch(t)
        with tf.GradientTape() as inner:
            inner.watch(t)
            value = u(t)
        first = inner.gradient(value, t)
    return outer.gradient(first, t) + value


t = tf.reshape(tf.linspace(tf.constant(0.0, tf.float64), 2.0, 20), [-1, 1])
moments = [(tf.Variable(tf.zeros_like(v)), tf.Variable(tf.zeros_like(v))) for v in variables]


@tf.function
def step(n):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(residual(t) ** 2)
    for v, (m, s), g in zip(variables, moments, tape.gradient(loss, variables)):
        m.assign(0.9 * m + 0.1 * g)
        s.assign(0.99 * s + 0.01 * g * g)
        v.assign_sub(0.02 * (m / (1 - 0.9**n)) / (tf.sqrt(s / (1 - 0.99**n)) + 1e-8))
    return loss


for i in range(1, 201):
    loss = step(tf.constant(float(i), tf.float64))
    if i in (1, 10, 50):
        print("step", i, "residual", f"{float(loss):.6f}")
error = tf.reduce_max(tf.abs(u(t) - tf.sin(t)))
print("the sine is found", bool(error < 0.05), bool(loss < 0.01))
