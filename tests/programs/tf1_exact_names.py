"""Names of nodes and variables, as TensorFlow gives them."""

import tensorflow as tf

with tf.name_scope("input"):
    x = tf.placeholder(tf.float32, [None, 8, 8, 1], name="x")
with tf.variable_scope("conv1"):
    w = tf.get_variable("w", [3, 3, 1, 4], initializer=tf.truncated_normal_initializer(stddev=0.1))
    b = tf.get_variable("b", [4], initializer=tf.constant_initializer(0.1))
    h = tf.nn.relu(tf.nn.bias_add(tf.nn.conv2d(x, w, [1, 1, 1, 1], "SAME"), b))
    h = tf.nn.max_pool(h, [1, 2, 2, 1], [1, 2, 2, 1], "SAME", name="pool")
flat = tf.reshape(h, [-1, 64])
with tf.variable_scope("fc") as scope:
    out = tf.matmul(flat, tf.get_variable("w", [64, 2])) + tf.Variable(tf.zeros([2]), name="b")
with tf.variable_scope(scope, reuse=True):
    again = tf.get_variable("w")
with tf.name_scope("loss"):
    y = tf.placeholder(tf.int64, [None], name="y")
    loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=out), name="mean")
train = tf.train.GradientDescentOptimizer(0.1).minimize(loss, name="train")
for op in tf.get_default_graph().get_operations():
    if not op.name.startswith("gradients"):
        print(op.name, op.type)
print([v.name for v in tf.global_variables()], train.name)
