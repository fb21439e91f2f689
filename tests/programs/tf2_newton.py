"""Logistic regression by Newton's steps: Hessians by nested tapes and by forward over reverse, a gradient of its own."""

import numpy as np
import tensorflow as tf

rng = np.random.default_rng(2)
x = tf.constant(np.concatenate([rng.normal(size=(100, 2)), np.ones((100, 1))], 1))
y = tf.constant((rng.random(100) < 1 / (1 + np.exp(-(x.numpy() @ [1.5, -1.0, 0.3])))).astype(np.float64))


@tf.custom_gradient
def stable_log1pexp(z):
    e = tf.exp(-tf.abs(z))
    return tf.maximum(z, 0) + tf.math.log1p(e), lambda g: g * tf.sigmoid(z)


def loss(w):
    z = tf.linalg.matvec(x, w)
    return tf.reduce_sum(stable_log1pexp(z) - y * z) + 0.1 * tf.reduce_sum(w**2)


@tf.function
def gradient_and_hessian(w):
    with tf.GradientTape() as outer:
        outer.watch(w)
        with tf.GradientTape() as inner:
            inner.watch(w)
            value = loss(w)
        g = inner.gradient(value, w)
    return value, g, outer.jacobian(g, w)


w = tf.zeros([3], tf.float64)
for i in range(6):
    value, g, h = gradient_and_hessian(w)
    print("step", i, "loss", f"{float(value):.8f}", "gradient", f"{float(tf.norm(g)):.2e}" if i < 4 else "small")
    w = w - tf.linalg.solve(h, g[:, None])[:, 0]
print("w", *[f"{v:.8f}" for v in w.numpy()])


def times_hessian(v):
    with tf.autodiff.ForwardAccumulator(w, v) as forward:
        with tf.GradientTape() as tape:
            tape.watch(w)
            value = loss(w)
        g = tape.gradient(value, w)
    return forward.jvp(g)


v = tf.constant([1.0, 0.0, -1.0], tf.float64)
print("product", *[f"{p:.6f}" for p in times_hessian(v).numpy()], *[f"{p:.6f}" for p in tf.linalg.matvec(h, v).numpy()])
each = tf.vectorized_map(lambda row: tf.reduce_sum(row[:2] ** 2) / (1 + tf.abs(row[2])), x)
print("rows", tuple(each.shape), f"{float(tf.reduce_mean(each)):.6f}")
