"""Attention over a bidirectional encoder for classifying texts, with embeddings that are fed and dropout by keep_prob."""

import numpy as np
import tensorflow as tf

tf.set_random_seed(0)
rng = np.random.RandomState(0)
V, T = 20, 10
X = rng.randint(1, V, (400, T))
Y = (X == 7).any(1).astype(np.int32)
ids, labels = tf.placeholder(tf.int32, [None, T]), tf.placeholder(tf.int32, [None])
keep_prob = tf.placeholder(tf.float32, shape=[])
table = tf.get_variable("table", [V, 12], initializer=tf.random_uniform_initializer(-1, 1))
embedded = tf.nn.dropout(tf.nn.embedding_lookup(table, ids), keep_prob)
outputs, _ = tf.nn.bidirectional_dynamic_rnn(tf.nn.rnn_cell.GRUCell(8), tf.nn.rnn_cell.GRUCell(8), embedded, dtype=tf.float32)
h = tf.concat(outputs, 2)
v = tf.tanh(tf.layers.dense(h, 8))
alphas = tf.nn.softmax(tf.tensordot(v, tf.get_variable("u", [8]), axes=1))
pooled = tf.reduce_sum(h * tf.expand_dims(alphas, -1), 1)
logits = tf.layers.dense(pooled, 2)
loss = tf.losses.sparse_softmax_cross_entropy(labels, logits)
train = tf.train.AdamOptimizer(0.02).minimize(loss)
accuracy = tf.reduce_mean(tf.to_float(tf.equal(tf.argmax(logits, 1, output_type=tf.int32), labels)))
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for _ in range(120):
        rows = rng.randint(0, 400, 64)
        sess.run(train, {ids: X[rows], labels: Y[rows], keep_prob: 0.9})
    print("accuracy", sess.run(accuracy, {ids: X, labels: Y, keep_prob: 1.0}))
