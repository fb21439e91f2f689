import tensorflow as tf
import tf1_digits

tf.reset_default_graph()
tf.set_random_seed(3)
train_x, train_y, test_x, test_y = tf1_digits.load(n_test=500)
x = tf.placeholder(tf.float32, shape=[None, 784])
y_ = tf.placeholder(tf.float32, shape=[None, 10])
training = tf.placeholder(tf.bool)


def weight_variable(shape):
    return tf.Variable(tf.truncated_normal(shape, stddev=0.1))


image = tf.reshape(x, [-1, 28, 28, 1])
h = tf.nn.relu(tf.nn.conv2d(image, weight_variable([5, 5, 1, 8]), strides=[1, 2, 2, 1], padding="SAME"))
h = tf.nn.max_pool(h, ksize=[1, 2, 2, 1], strides=[1, 2, 2, 1], padding="SAME")
h = tf.layers.conv2d(h, 16, 3, padding="same", use_bias=False)
h = tf.nn.relu(tf.layers.batch_normalization(h, training=training, momentum=0.9))
h = tf.layers.max_pooling2d(h, 2, 2)
h = tf.layers.dropout(tf.layers.flatten(h), 0.2, training=training)
logits = tf.layers.dense(h, 10)
loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(labels=y_, logits=logits))
with tf.control_dependencies(tf.get_collection(tf.GraphKeys.UPDATE_OPS)):
    train_step = tf.train.AdamOptimizer(3e-3).minimize(loss)
accuracy = tf.reduce_mean(tf.cast(tf.equal(tf.argmax(logits, 1), tf.argmax(y_, 1)), tf.float32))

with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for xs, ys in tf1_digits.batches(train_x, train_y, 50, 150):
        sess.run(train_step, feed_dict={x: xs, y_: ys, training: True})
    print("accuracy %g" % accuracy.eval(feed_dict={x: test_x, y_: test_y, training: False}))
