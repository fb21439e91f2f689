"""A variational autoencoder of small patterns: reparametrised draws, KL divergence, everything by seeds."""

import numpy as np
import tensorflow as tf

bars = np.zeros((12, 6, 6), np.float32)
for i in range(6):
    bars[i, i], bars[6 + i, :, i] = 1, 1
x = tf.constant(bars.reshape(12, 36))


def dense(inputs, outputs, seed):
    return tf.Variable(tf.random.stateless_normal([inputs, outputs], [seed, 0], stddev=0.2)), tf.Variable(tf.zeros([outputs]))


(w1, b1), (wm, bm), (ws, bs), (w2, b2), (w3, b3) = (
    dense(36, 24, 1), dense(24, 3, 2), dense(24, 3, 3), dense(3, 24, 4), dense(24, 36, 5)
)  # fmt: skip
variables = [w1, b1, wm, bm, ws, bs, w2, b2, w3, b3]


def encode(x):
    hidden = tf.nn.tanh(x @ w1 + b1)
    return hidden @ wm + bm, hidden @ ws + bs


def decode(z):
    return tf.nn.tanh(z @ w2 + b2) @ w3 + b3


@tf.function
def step(seed):
    with tf.GradientTape() as tape:
        mean, log_variance = encode(x)
        z = mean + tf.exp(0.5 * log_variance) * tf.random.stateless_normal(tf.shape(mean), seed)
        reconstruction = tf.reduce_sum(tf.nn.sigmoid_cross_entropy_with_logits(x, decode(z)), 1)
        kl = 0.5 * tf.reduce_sum(tf.square(mean) + tf.exp(log_variance) - log_variance - 1, 1)
        loss = tf.reduce_mean(reconstruction + 0.1 * kl)
    for v, g in zip(variables, tape.gradient(loss, variables)):
        v.assign_sub(0.05 * g)
    return loss, tf.reduce_mean(kl)


for i in range(301):
    loss, kl = step(tf.constant([i, 9]))
    if i in (0, 50, 100):
        print("step", i, "loss", f"{float(loss):.3f}", "kl", f"{float(kl):.3f}")
right = tf.reduce_mean(tf.cast((decode(encode(x)[0]) > 0) == (x > 0.5), tf.float32))
print("pixels right", bool(right > 0.9))
