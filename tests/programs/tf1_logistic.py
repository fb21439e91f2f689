import numpy as np
import tensorflow as tf

rng = np.random.RandomState(1)
X = rng.randn(200, 2)
Y = (X @ [1.5, -2.0] + 0.5 > 0).astype(np.float32)[:, None]
x = tf.placeholder("float", [None, 2])
y = tf.placeholder("float", [None, 1])
W = tf.Variable(tf.zeros([2, 1]), name="weight")
b = tf.Variable(tf.zeros([1]), name="bias")
pred = tf.nn.sigmoid(tf.matmul(x, W) + b)
cost = -tf.reduce_mean(y * tf.log(pred + 1e-9) + (1 - y) * tf.log(1 - pred + 1e-9))
optimizer = tf.train.GradientDescentOptimizer(1.0).minimize(cost)
correct = tf.equal(tf.round(pred), y)
accuracy = tf.reduce_mean(tf.cast(correct, "float"))
init = tf.initialize_all_variables()
sess = tf.Session()
sess.run(init)
for _ in range(100):
    sess.run(optimizer, feed_dict={x: X, y: Y})
print("accuracy", sess.run(accuracy, feed_dict={x: X, y: Y}), "cost", "%.4f" % sess.run(cost, {x: X, y: Y}))
sess.close()
