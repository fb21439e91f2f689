import numpy as np
import tensorflow as tf

X = np.linspace(-1, 1, 100).astype(np.float32)
Y = 3 * X + 2
x, y = tf.placeholder("float"), tf.placeholder("float")
w, b = tf.Variable(0.0, name="weight"), tf.Variable(0.0, name="bias")
cost = tf.reduce_sum(tf.pow(x * w + b - y, 2)) / 200
optimizer = tf.train.MomentumOptimizer(0.1, 0.9).minimize(cost)
init = tf.initialize_all_variables()
with tf.Session() as sess:
    sess.run(init)
    for _ in range(200):
        sess.run(optimizer, feed_dict={x: X, y: Y})
    print("cost", sess.run(cost, {x: X, y: Y}), "w", w.eval(), "b", b.eval())
