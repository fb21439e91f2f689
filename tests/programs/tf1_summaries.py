import os
import tempfile

import numpy as np
import tensorflow as tf

logdir = tempfile.mkdtemp()
sess = tf.InteractiveSession()


def variable_summaries(var):
    with tf.name_scope("summaries"):
        mean = tf.reduce_mean(var)
        tf.summary.scalar("mean", mean)
        with tf.name_scope("stddev"):
            stddev = tf.sqrt(tf.reduce_mean(tf.square(var - mean)))
        tf.summary.scalar("stddev", stddev)
        tf.summary.histogram("histogram", var)


with tf.name_scope("layer"):
    w = tf.Variable(tf.truncated_normal([4, 2], seed=1))
    variable_summaries(w)
x = tf.placeholder(tf.float32, [None, 4])
with tf.name_scope("loss"):
    loss = tf.reduce_mean(tf.square(tf.matmul(x, w)))
tf.summary.scalar("loss", loss)
tf.summary.image("picture", tf.reshape(x, [-1, 2, 2, 1]), 1)
merged = tf.summary.merge_all()
train = tf.train.GradientDescentOptimizer(0.1).minimize(loss)
writer = tf.summary.FileWriter(logdir + "/train", sess.graph)
tf.global_variables_initializer().run()
for i in range(5):
    summary, _ = sess.run([merged, train], {x: np.ones((3, 4))})
    writer.add_summary(summary, i)
value = tf.Summary(value=[tf.Summary.Value(tag="by_hand", simple_value=2.5)])
writer.add_summary(value, 5)
writer.close()
tags, graphs = {}, 0
for name in os.listdir(logdir + "/train"):
    for event in tf.train.summary_iterator(os.path.join(logdir, "train", name)):
        graphs += bool(event.graph_def)
        for v in event.summary.value:
            tags.setdefault(v.tag, []).append(event.step)
print(sorted(tags), "graphs", graphs, "steps", tags["loss_1"])
