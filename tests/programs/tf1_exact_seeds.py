"""Prints numbers from explicit seeds: they equal TensorFlow's."""

import numpy as np
import tensorflow as tf

tf.reset_default_graph()
tf.set_random_seed(1234)
a = tf.random_uniform([3], seed=1)
b = tf.random_normal([3])
c = tf.truncated_normal([3], stddev=0.1)
d = tf.get_variable("d", [2, 2], initializer=tf.contrib.layers.xavier_initializer(seed=3) if hasattr(tf, "contrib") else
                    tf.glorot_uniform_initializer(seed=3))  # fmt: skip
e = tf.random_shuffle(tf.range(8), seed=5)
f = tf.multinomial(tf.log([[0.2, 0.3, 0.5]]), 6, seed=7)
g = tf.nn.dropout(tf.ones([8]), keep_prob=0.5, seed=9)
h = tf.layers.dense(tf.ones([1, 3]), 2, kernel_initializer=tf.random_normal_initializer(seed=11))
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for value in sess.run([a, b, c, d, e, f, g, h]):
        print(" ".join("%.6g" % v for v in np.ravel(value)))
    print(" ".join("%.6g" % v for v in sess.run(a)))
