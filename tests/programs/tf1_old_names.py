"""As programs were written before TensorFlow 1.0."""

import tempfile

import numpy as np
import tensorflow as tf

x = tf.placeholder("float", [None, 4], name="x")
parts = tf.split(1, 2, x)
joined = tf.concat(1, [parts[1], parts[0]])
packed = tf.pack([tf.constant([1, 2]), tf.constant([3, 4])])
y = tf.mul(tf.sub(joined, 1.0), tf.neg(tf.constant(2.0)))
s = tf.reduce_sum(y, reduction_indices=[1])
tf.scalar_summary("total", tf.reduce_sum(s))
tf.histogram_summary("y", y)
merged = tf.merge_all_summaries()
product = tf.batch_matmul(tf.ones([2, 2, 3]), tf.ones([2, 3, 1]))
writer = tf.train.SummaryWriter(tempfile.mkdtemp(), tf.Session().graph)
with tf.Session() as sess:
    sess.run(tf.initialize_all_variables())
    feed = {x: np.arange(4.0)[None]}
    print(
        sess.run(y, feed).tolist(), sess.run(packed).tolist(), sess.run(tf.unpack(packed))[1].tolist(), sess.run(s, feed).tolist()
    )
    writer.add_summary(sess.run(merged, feed), 0)
    print(sess.run(product).ravel().tolist(), sess.run(tf.select([True, False], [1, 2], [3, 4])).tolist())
