"""Linear regression on a table by feeding, as course notebooks do it."""

import csv
import gzip
import os

import numpy as np
import tensorflow as tf

folder = os.environ.get("THALWEG_DATA_DIR", "")
path = os.path.join(folder, "housing.csv.gz")
if os.path.exists(path):
    with gzip.open(path, "rt") as f:
        rows = [r for r in csv.DictReader(f) if all(r.values())][:3000]
    X = np.array(
        [[float(r[k]) for k in ("longitude", "latitude", "housing_median_age", "total_rooms", "median_income")] for r in rows]
    )
    y = np.array([[float(r["median_house_value"])] for r in rows]) / 1e5
else:
    random = np.random.RandomState(0)
    X = random.randn(3000, 5)
    y = X @ np.array([[0.5], [-1.0], [0.2], [0.0], [1.5]]) + 2.0 + 0.1 * random.randn(3000, 1)
X = (X - X.mean(0)) / X.std(0)
Xb = np.c_[np.ones((len(X), 1)), X].astype(np.float32)
exact = np.linalg.lstsq(Xb, y, rcond=None)[0]

tf.reset_default_graph()
A = tf.constant(Xb, name="X")
b = tf.constant(y.astype(np.float32), name="y")
XT = tf.transpose(A)
normal = tf.matmul(tf.matmul(tf.matrix_inverse(tf.matmul(XT, A)), XT), b)
x_ph = tf.placeholder(tf.float32, shape=(None, 6), name="x")
y_ph = tf.placeholder(tf.float32, shape=(None, 1), name="y_ph")
theta = tf.Variable(tf.random_uniform([6, 1], -1.0, 1.0, seed=42), name="theta")
error = tf.matmul(x_ph, theta, name="predictions") - y_ph
mse = tf.reduce_mean(tf.square(error), name="mse")
training_op = tf.train.MomentumOptimizer(learning_rate=0.01, momentum=0.9).minimize(mse)
with tf.Session() as sess:
    print("normal", float(np.abs(sess.run(normal) - exact).max()))
    sess.run(tf.global_variables_initializer())
    for _ in range(40):
        for i in range(0, len(Xb), 300):
            sess.run(training_op, feed_dict={x_ph: Xb[i : i + 300], y_ph: y[i : i + 300]})
    print("apart", float(np.abs(theta.eval() - exact).max()))
