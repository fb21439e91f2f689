import tensorflow as tf
import tf1_digits
from tensorflow.python.ops import rnn_cell  # where old programs found it

assert rnn_cell.BasicLSTMCell is tf.nn.rnn_cell.BasicLSTMCell
tf.set_random_seed(5)
train_x, train_y, test_x, test_y = tf1_digits.load(n_test=500)
x = tf.placeholder("float", [None, 28, 28])
y = tf.placeholder("float", [None, 10])
lstm = tf.nn.rnn_cell.MultiRNNCell([tf.nn.rnn_cell.BasicLSTMCell(32), tf.nn.rnn_cell.LSTMCell(32)])
outputs, states = tf.nn.dynamic_rnn(lstm, x, dtype=tf.float32)
prediction = tf.layers.dense(outputs[:, -1], 10)
cost = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits_v2(logits=prediction, labels=y))
train_op = tf.train.AdamOptimizer(learning_rate=0.01).minimize(cost)
accuracy = tf.reduce_mean(tf.cast(tf.equal(tf.argmax(prediction, 1), tf.argmax(y, 1)), tf.float32))
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for xs, ys in tf1_digits.batches(train_x, train_y, 100, 200):
        sess.run(train_op, {x: xs.reshape(-1, 28, 28), y: ys})
    print("accuracy", sess.run(accuracy, {x: test_x.reshape(-1, 28, 28), y: test_y}))
