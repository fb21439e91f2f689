"""A line found by gradient descent, step by step."""

import tensorflow as tf

tf.random.set_seed(1)
x = tf.random.normal([200, 3])
true_w = tf.constant([[2.0], [-1.0], [0.5]])
y = x @ true_w + 0.7 + tf.random.normal([200, 1], stddev=0.1)

w, b = tf.Variable(tf.zeros([3, 1])), tf.Variable(0.0)
for step in range(200):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(x @ w + b - y))
    dw, db = tape.gradient(loss, [w, b])
    w.assign_sub(0.1 * dw)
    b.assign_sub(0.1 * db)
    if step % 50 == 0:
        print("step", step, "loss", f"{loss.numpy():.5f}")
print("w", *[f"{v:.4f}" for v in w.numpy().ravel()], "b", f"{b.numpy():.4f}")
