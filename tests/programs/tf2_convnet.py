"""A convolutional network from scratch: convolution, pooling, batch statistics, momentum; shapes drawn with noise."""

import numpy as np
import tensorflow as tf

rng = np.random.default_rng(4)
pictures, labels = rng.normal(0, 0.3, (150, 10, 10, 1)).astype(np.float32), np.arange(150) % 3
for i, kind in enumerate(labels):
    at = rng.integers(2, 7)
    if kind == 0:
        pictures[i, at, 1:9, 0] += 1
    elif kind == 1:
        pictures[i, 1:9, at, 0] += 1
    else:
        pictures[i, at : at + 2, at : at + 2, 0] += 2

init = tf.random.stateless_normal
weights = {
    "conv1": tf.Variable(init([3, 3, 1, 6], [1, 0], stddev=0.3)), "conv2": tf.Variable(init([3, 3, 6, 8], [2, 0], stddev=0.15)),
    "dense": tf.Variable(init([32, 3], [3, 0], stddev=0.2)), "bias": tf.Variable(tf.zeros([3])),
}  # fmt: skip
velocity = {k: tf.Variable(tf.zeros_like(v)) for k, v in weights.items()}


def network(x):
    x = tf.nn.relu(tf.nn.conv2d(x, weights["conv1"], 1, "VALID"))
    mean, variance = tf.nn.moments(x, [0, 1, 2])
    x = tf.nn.batch_normalization(x, mean, variance, None, None, 1e-3)
    x = tf.nn.max_pool2d(x, 2, 2, "VALID")
    x = tf.nn.relu(tf.nn.conv2d(x, weights["conv2"], 1, "VALID"))
    return tf.reshape(x, [-1, 32]) @ weights["dense"] + weights["bias"]


@tf.function
def step(x, y):
    with tf.GradientTape() as tape:
        logits = network(x)
        loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(y, logits))
    gradients = tape.gradient(loss, weights)
    for k in weights:
        velocity[k].assign(0.9 * velocity[k] + gradients[k])
        weights[k].assign_sub(0.05 * velocity[k])
    return loss, tf.reduce_mean(tf.cast(tf.argmax(logits, 1) == tf.cast(y, tf.int64), tf.float32))


data = tf.data.Dataset.from_tensor_slices((pictures, labels.astype(np.int32))).batch(50).repeat(15)
for i, (x, y) in enumerate(data):
    loss, accuracy = step(x, y)
    if i in (0, 1, 3, 8):
        print("step", i, "loss", f"{float(loss):.4f}")
print("learned", bool(accuracy > 0.9))
