"""Loops, conditions, TensorArrays, scans and gradients through them."""

import numpy as np
import tensorflow as tf

x = tf.placeholder(tf.float32, [None])
n = tf.placeholder(tf.int32, [])
i, total = tf.while_loop(lambda i, t: i < n, lambda i, t: (i + 1, t + tf.reduce_sum(x) * tf.to_float(i)), [0, 0.0])
array = tf.TensorArray(tf.float32, size=n)
_, array = tf.while_loop(lambda i, a: i < n, lambda i, a: (i + 1, a.write(i, tf.to_float(i) ** 2)), [0, array])
squares = array.stack()
running = tf.scan(lambda a, v: a * 0.5 + v, x)
mapped = tf.map_fn(lambda v: v * v + 1, x)
folded = tf.foldl(lambda a, v: a * v, x)
chosen = tf.cond(tf.reduce_sum(x) > 3, lambda: x * 2, lambda: x / 2)
case = tf.case([(n < 2, lambda: tf.constant("few")), (n < 5, lambda: tf.constant("some"))], default=lambda: tf.constant("many"))
gradient = tf.gradients(tf.reduce_sum(running) + folded + tf.reduce_sum(chosen) + total, x)[0]
with tf.Session() as sess:
    feed = {x: [1.0, 2.0, 3.0], n: 4}
    for value in sess.run([total, squares, running, mapped, folded, chosen, gradient], feed):
        print(np.ravel(value).tolist())
    print(sess.run(case, feed).decode(), sess.run(case, {x: [1.0], n: 1}).decode())
