"""A graph convolution on two communities, with a sparse adjacency matrix that is fed."""

import numpy as np
import scipy.sparse as sp
import tensorflow as tf

tf.set_random_seed(123)
rng = np.random.RandomState(1)
n = 60
labels = np.repeat([0, 1], n // 2)
adj = (rng.rand(n, n) < np.where(labels[:, None] == labels[None], 0.25, 0.02)).astype(float)
adj = np.maximum(adj, adj.T) + np.eye(n)
d = adj.sum(1)
norm = sp.coo_matrix(adj / np.sqrt(d[:, None] * d[None]))
support = tf.sparse_placeholder(tf.float32)
features = tf.placeholder(tf.float32, [None, n])
y = tf.placeholder(tf.float32, [None, 2])
mask = tf.placeholder(tf.float32, [None])
dropout = tf.placeholder_with_default(0.0, shape=())


def layer(x, size_in, size_out, act, name):
    with tf.variable_scope(name):
        w = tf.get_variable("weights", [size_in, size_out], initializer=tf.contrib.layers.xavier_initializer())
        return act(tf.sparse_tensor_dense_matmul(support, tf.matmul(tf.nn.dropout(x, 1 - dropout), w)))


h = layer(features, n, 16, tf.nn.relu, "gc1")
out = layer(h, 16, 2, lambda v: v, "gc2")
loss = tf.nn.softmax_cross_entropy_with_logits(logits=out, labels=y)
masked = mask / tf.reduce_mean(mask)
loss = tf.reduce_mean(loss * masked) + 5e-4 * tf.nn.l2_loss(tf.trainable_variables()[0])
step = tf.train.AdamOptimizer(0.01).minimize(loss)
accuracy = tf.reduce_mean(tf.cast(tf.equal(tf.argmax(out, 1), tf.argmax(y, 1)), tf.float32))
known = np.zeros(n)
known[[0, 5, 10, 30, 35, 40]] = 1
feed = {
    support: (np.stack([norm.row, norm.col], 1), norm.data.astype(np.float32), norm.shape), features: np.eye(n),
    y: np.eye(2)[labels], mask: known,
}  # fmt: skip
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for _ in range(100):
        sess.run(step, {**feed, dropout: 0.3})
    print("accuracy", sess.run(accuracy, feed))
