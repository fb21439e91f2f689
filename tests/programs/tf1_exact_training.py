"""A small network from explicit seeds, trained by several optimizers: the losses equal TensorFlow's."""

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(0)
X, Y = rng.randn(32, 5).astype(np.float32), rng.randint(0, 3, 32)
for optimizer in (
    tf.train.GradientDescentOptimizer(0.5),
    tf.train.AdamOptimizer(0.05),
    tf.train.RMSPropOptimizer(0.01),
    tf.train.AdagradOptimizer(0.3),
):
    with tf.Graph().as_default(), tf.Session() as sess:
        tf.set_random_seed(42)
        x, y = tf.placeholder(tf.float32, [None, 5]), tf.placeholder(tf.int64, [None])
        W1 = tf.Variable(tf.truncated_normal([5, 8], stddev=0.3, seed=1))
        W2 = tf.get_variable("W2", [8, 3], initializer=tf.variance_scaling_initializer(seed=2))
        logits = tf.matmul(tf.nn.elu(tf.matmul(x, W1)), W2)
        loss = tf.losses.sparse_softmax_cross_entropy(y, logits) + 0.01 * tf.nn.l2_loss(W1)
        train = optimizer.minimize(loss)
        sess.run(tf.global_variables_initializer())
        values = [sess.run([loss, train], {x: X, y: Y})[0] for _ in range(6)]
        print(" ".join("%.5f" % v for v in values))
