import numpy as np
import tensorflow as tf
from tensorflow.contrib import legacy_seq2seq, rnn

tf.set_random_seed(4)
text = "the quick brown fox jumps over the lazy dog. " * 60
chars = sorted(set(text))
data = np.array([chars.index(c) for c in text])
B, T, H, V = 8, 12, 48, len(chars)
cell = rnn.MultiRNNCell([rnn.BasicLSTMCell(H), rnn.BasicLSTMCell(H)])
inputs, targets = tf.placeholder(tf.int32, [B, T]), tf.placeholder(tf.int32, [B, T])
initial = cell.zero_state(B, tf.float32)
with tf.variable_scope("rnnlm"):
    softmax_w, softmax_b = tf.get_variable("softmax_w", [H, V]), tf.get_variable("softmax_b", [V])
embedding = tf.get_variable("embedding", [V, H])
steps = [tf.squeeze(i, [1]) for i in tf.split(tf.nn.embedding_lookup(embedding, inputs), T, 1)]
outputs, last = legacy_seq2seq.rnn_decoder(steps, initial, cell, scope="rnnlm")
output = tf.reshape(tf.concat(outputs, 1), [-1, H])
logits = tf.matmul(output, softmax_w) + softmax_b
loss = legacy_seq2seq.sequence_loss_by_example([logits], [tf.reshape(targets, [-1])], [tf.ones([B * T])])
cost = tf.reduce_sum(loss) / B / T
lr = tf.Variable(0.0, trainable=False)
tvars = tf.trainable_variables()
grads, _ = tf.clip_by_global_norm(tf.gradients(cost, tvars), 5.0)
train_op = tf.train.AdamOptimizer(lr).apply_gradients(zip(grads, tvars))
per = len(data) // B
grid = data[: per * B].reshape(B, per)
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    first = None
    for epoch in range(4):
        sess.run(tf.assign(lr, 0.01 * 0.9**epoch))
        state = sess.run(initial)
        for i in range(0, per - T - 1, T):
            feed = {inputs: grid[:, i : i + T], targets: grid[:, i + 1 : i + T + 1]}
            for (c, h), value in zip(initial, state):
                feed[c], feed[h] = value.c, value.h
            value, state, _ = sess.run([cost, last, train_op], feed)
            first = value if first is None else first
print("first", first, "last", value)
