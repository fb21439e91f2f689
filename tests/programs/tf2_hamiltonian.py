"""A double well's motion from its energy alone: forces by gradients, the integrator a loop in a graph."""

import tensorflow as tf


def energy(q, p):
    return tf.reduce_sum(p**2) / 2 + tf.reduce_sum((q**2 - 1) ** 2) / 4 + 0.1 * q[0] * q[1]


def derivatives(q, p):
    with tf.GradientTape() as tape:
        tape.watch([q, p])
        h = energy(q, p)
    dq, dp = tape.gradient(h, [q, p])
    return dp, -dq


@tf.function
def simulate(q, p, steps, dt):
    for _ in tf.range(steps):
        _, force = derivatives(q, p)
        p = p + dt / 2 * force
        velocity, _ = derivatives(q, p)
        q = q + dt * velocity
        _, force = derivatives(q, p)
        p = p + dt / 2 * force
    return q, p


q0, p0 = tf.constant([1.5, -0.5], tf.float64), tf.constant([0.0, 0.3], tf.float64)
q, p = simulate(q0, p0, tf.constant(200), tf.constant(0.02, tf.float64))
print("q", *[f"{v:.8f}" for v in q.numpy()], "p", *[f"{v:.8f}" for v in p.numpy()])
print("energy drift", f"{float(energy(q, p) - energy(q0, p0)):.3e}")

# The motion's sensitivity to where it began, through the whole loop.
with tf.GradientTape() as tape:
    tape.watch(q0)
    end, _ = simulate(q0, p0, tf.constant(50), tf.constant(0.02, tf.float64))
print("jacobian", *[f"{v:.6f}" for v in tape.jacobian(end, q0).numpy().ravel()])

# The frequency of small swings: the square root of the Hessian's eigenvalues.
rest = tf.constant([1.0, -1.0], tf.float64)
with tf.GradientTape() as outer:
    outer.watch(rest)
    with tf.GradientTape() as inner:
        inner.watch(rest)
        h = energy(rest, tf.zeros_like(rest))
    gradient = inner.gradient(h, rest)
hessian = outer.jacobian(gradient, rest)
print("frequencies", *[f"{v:.6f}" for v in tf.sqrt(tf.linalg.eigvalsh(hessian)).numpy()])
