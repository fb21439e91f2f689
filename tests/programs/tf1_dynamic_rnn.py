"""Classifies sequences of several lengths: linear ones or random ones."""

import numpy as np
import tensorflow as tf

tf.set_random_seed(2)
rng = np.random.RandomState(0)


def draw(n, longest=12):
    x, y, lengths = np.zeros((n, longest, 1), np.float32), np.zeros((n, 2)), rng.randint(5, longest + 1, n)
    for i, k in enumerate(lengths):
        linear = rng.rand() < 0.5
        x[i, :k, 0] = np.linspace(rng.rand(), rng.rand() + 1, k) if linear else rng.rand(k) * 2
        y[i, int(linear)] = 1
    return x, y, lengths


x, y = tf.placeholder("float", [None, 12, 1]), tf.placeholder("float", [None, 2])
seqlen = tf.placeholder(tf.int32, [None])
steps = tf.unstack(x, 12, 1)
cell = tf.contrib.rnn.BasicLSTMCell(24)
outputs, states = tf.contrib.rnn.static_rnn(cell, steps, dtype=tf.float32, sequence_length=seqlen)
outputs = tf.transpose(tf.stack(outputs), [1, 0, 2])
index = tf.range(0, tf.shape(outputs)[0]) * 12 + (seqlen - 1)
last = tf.gather(tf.reshape(outputs, [-1, 24]), index)
pred = tf.matmul(last, tf.Variable(tf.random_normal([24, 2]))) + tf.Variable(tf.random_normal([2]))
cost = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(logits=pred, labels=y))
train = tf.train.AdamOptimizer(0.02).minimize(cost)
accuracy = tf.reduce_mean(tf.cast(tf.equal(tf.argmax(pred, 1), tf.argmax(y, 1)), tf.float32))
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for _ in range(120):
        a, b, c = draw(64)
        sess.run(train, {x: a, y: b, seqlen: c})
    a, b, c = draw(300)
    print("accuracy", sess.run(accuracy, {x: a, y: b, seqlen: c}))
