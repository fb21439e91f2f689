import numpy as np
import tensorflow as tf


def my_func(x):
    return np.sinh(x).astype(np.float32)


@tf.custom_gradient
def clipped(x):
    return tf.identity(x), lambda dy: tf.clip_by_norm(dy, 0.5)


inp = tf.placeholder(tf.float32, [None])
y = tf.py_func(my_func, [inp], tf.float32)
several = tf.py_func(lambda a: (a + 1, np.int64(len(a))), [inp], [tf.float32, tf.int64])
shown = tf.Print(inp, [tf.shape(inp)], "shape: ", first_n=1)
gradient = tf.gradients(tf.reduce_sum(clipped(inp) * 10.0), inp)[0]
with tf.Session() as sess:
    print(np.allclose(sess.run(y, {inp: [0.5, 1.0]}), np.sinh([0.5, 1.0])), sess.run(several, {inp: [1.0, 2.0]})[1])
    print(round(float(np.linalg.norm(sess.run(gradient, {inp: [1.0, 2.0, 3.0]}))), 4), sess.run(shown, {inp: [4.0]}).tolist())
