"""k-means by segments, then a Gaussian mixture by expectation and maximisation."""

import numpy as np
import tensorflow as tf

rng = np.random.default_rng(3)
points = np.concatenate([rng.normal(m, 0.4, (40, 2)) for m in ([0, 0], [3, 0], [0, 3])]).astype(np.float64)
x = tf.constant(points)


@tf.function
def assign(centers):
    distances = tf.reduce_sum(tf.square(x[:, None] - centers), -1)
    return tf.argmin(distances, 1, output_type=tf.int32), tf.reduce_sum(tf.reduce_min(distances, 1))


centers = tf.gather(x, [0, 50, 100])
for i in range(6):
    labels, cost = assign(centers)
    centers = tf.math.unsorted_segment_mean(x, labels, 3)
    if i in (0, 1, 5):
        print("k-means", i, "cost", f"{float(cost):.5f}")
print("sizes", tf.math.bincount(labels).numpy().tolist())

means, variances, weights = centers, tf.ones([3, 2], tf.float64), tf.fill([3], tf.constant(1 / 3, tf.float64))


@tf.function
def expectation(means, variances, weights):
    quadratic = tf.square(x[:, None] - means) / variances + tf.math.log(2 * np.pi * variances)
    joint = tf.math.log(weights) - 0.5 * tf.reduce_sum(quadratic, -1)
    evidence = tf.reduce_logsumexp(joint, 1, keepdims=True)
    return tf.exp(joint - evidence), tf.reduce_mean(evidence)


for i in range(15):
    r, likelihood = expectation(means, variances, weights)
    mass = tf.reduce_sum(r, 0)
    means = tf.einsum("nk,nd->kd", r, x) / mass[:, None]
    variances = tf.einsum("nk,nkd->kd", r, tf.square(x[:, None] - means)) / mass[:, None]
    weights = mass / len(points)
    if i in (0, 5, 14):
        print("mixture", i, "likelihood", f"{float(likelihood):.6f}")
print("means", *[f"{v:.4f}" for v in tf.sort(tf.reshape(means, [-1])).numpy()])
