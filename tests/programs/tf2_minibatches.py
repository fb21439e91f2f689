"""Logistic regression over shuffled batches, Adam written by hand, the step a tf.function."""

import numpy as np
import tensorflow as tf

rng = np.random.default_rng(0)
features = rng.normal(size=(512, 4)).astype(np.float32)
labels = (features @ [1.0, -2.0, 0.5, 0.0] + 0.3 > 0).astype(np.float32)
data = tf.data.Dataset.from_tensor_slices((features, labels)).shuffle(512, seed=7).batch(64).repeat(5)


class Adam(tf.Module):
    def __init__(self, variables, rate=0.05):
        self.variables_ = variables
        self.m = [tf.Variable(tf.zeros_like(v)) for v in variables]
        self.v = [tf.Variable(tf.zeros_like(v)) for v in variables]
        self.t, self.rate = tf.Variable(0.0), rate

    def apply(self, gradients):
        self.t.assign_add(1.0)
        for var, g, m, v in zip(self.variables_, gradients, self.m, self.v):
            m.assign(0.9 * m + 0.1 * g)
            v.assign(0.999 * v + 0.001 * g * g)
            mhat, vhat = m / (1 - 0.9**self.t), v / (1 - 0.999**self.t)
            var.assign_sub(self.rate * mhat / (tf.sqrt(vhat) + 1e-7))


w, b = tf.Variable(tf.zeros([4])), tf.Variable(0.0)
optimizer = Adam([w, b])


@tf.function
def train_step(x, y):
    with tf.GradientTape() as tape:
        logits = tf.linalg.matvec(x, w) + b
        loss = tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(labels=y, logits=logits))
    optimizer.apply(tape.gradient(loss, [w, b]))
    return loss


for i, (x, y) in enumerate(data):
    loss = train_step(x, y)
    if i % 10 == 0:
        print("batch", i, "loss", f"{float(loss):.4f}")
right = tf.equal(tf.linalg.matvec(features, w) + b > 0, labels > 0.5)
print("accuracy", f"{float(tf.reduce_mean(tf.cast(right, tf.float32))):.4f}", "traces", train_step.experimental_get_tracing_count())
