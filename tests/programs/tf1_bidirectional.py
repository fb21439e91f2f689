import tensorflow as tf
import tf1_digits

tf.set_random_seed(1)
train_x, train_y, test_x, test_y = tf1_digits.load(1500, 300)
x, y = tf.placeholder("float", [None, 28, 28]), tf.placeholder("float", [None, 10])
small = x[:, ::4, :]
fw, bw = tf.contrib.rnn.BasicLSTMCell(24, forget_bias=1.0), tf.contrib.rnn.BasicLSTMCell(24, forget_bias=1.0)
outputs, _, _ = tf.contrib.rnn.static_bidirectional_rnn(fw, bw, tf.unstack(small, 7, 1), dtype=tf.float32)
logits = tf.layers.dense(outputs[-1], 10)
loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(logits=logits, labels=y))
train = tf.train.AdamOptimizer(0.01).minimize(loss)
accuracy = tf.reduce_mean(tf.cast(tf.equal(tf.argmax(logits, 1), tf.argmax(y, 1)), tf.float32))
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for xs, ys in tf1_digits.batches(train_x, train_y, 64, 100):
        sess.run(train, {x: xs.reshape(-1, 28, 28), y: ys})
    print("accuracy", sess.run(accuracy, {x: test_x.reshape(-1, 28, 28), y: test_y}))
