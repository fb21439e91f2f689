import numpy as np
import tensorflow as tf

tf.set_random_seed(0)
rng = np.random.RandomState(0)
N, T, F, TAGS = 40, 12, 6, 3
x = rng.rand(N, T, F).astype(np.float32)
y = np.zeros((N, T), np.int32)
for n in range(N):
    for t in range(1, T):
        y[n, t] = (y[n, t - 1] + (x[n, t, 0] > 0.5) + (x[n, t, 1] > 0.7)) % TAGS
lengths = rng.randint(6, T + 1, N).astype(np.int32)
x_t, y_t, len_t = tf.constant(x), tf.constant(y), tf.constant(lengths)
h = tf.nn.bidirectional_dynamic_rnn(tf.nn.rnn_cell.LSTMCell(16), tf.nn.rnn_cell.LSTMCell(16), x_t, len_t, dtype=tf.float32)[0]
scores = tf.layers.dense(tf.concat(h, 2), TAGS)
log_likelihood, transitions = tf.contrib.crf.crf_log_likelihood(scores, y_t, len_t)
viterbi, viterbi_score = tf.contrib.crf.crf_decode(scores, transitions, len_t)
loss = tf.reduce_mean(-log_likelihood)
train_op = tf.train.AdamOptimizer(0.02).minimize(loss)
mask = np.arange(T)[None, :] < lengths[:, None]
with tf.Session() as session:
    session.run(tf.global_variables_initializer())
    for _ in range(120):
        tags, _, value = session.run([viterbi, train_op, loss])
    unary, trans = session.run([scores, transitions])
    path, score = tf.contrib.crf.viterbi_decode(unary[0][: lengths[0]], trans)
    same = list(session.run(viterbi)[0][: lengths[0]]) == list(path)
print("accuracy", (tags == y)[mask].mean(), "same", int(same), "loss", value)
