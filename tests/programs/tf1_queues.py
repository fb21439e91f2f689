"""TFRecords through queues: written, read back, shuffled and trained on."""

import os
import tempfile

import numpy as np
import tensorflow as tf

folder = tempfile.mkdtemp()
path = os.path.join(folder, "train.tfrecords")
rng = np.random.RandomState(0)
with tf.python_io.TFRecordWriter(path) as writer:
    for _ in range(200):
        values = rng.rand(4).astype(np.float32)
        label = int(values.sum() > 2)
        feature = {
            "x": tf.train.Feature(bytes_list=tf.train.BytesList(value=[values.tobytes()])),
            "label": tf.train.Feature(int64_list=tf.train.Int64List(value=[label])),
        }
        writer.write(tf.train.Example(features=tf.train.Features(feature=feature)).SerializeToString())


def inputs(batch_size, num_epochs):
    queue = tf.train.string_input_producer([path], num_epochs=num_epochs)
    _, serialized = tf.TFRecordReader().read(queue)
    features = tf.parse_single_example(
        serialized, features={"x": tf.FixedLenFeature([], tf.string), "label": tf.FixedLenFeature([], tf.int64)}
    )
    x = tf.decode_raw(features["x"], tf.float32)
    x.set_shape([4])
    return tf.train.shuffle_batch([x, features["label"]], batch_size, capacity=100, min_after_dequeue=50, num_threads=2)


tf.set_random_seed(0)
x, label = inputs(20, 30)
logits = tf.layers.dense(x, 2)
loss = tf.losses.sparse_softmax_cross_entropy(label, logits)
train_op = tf.train.AdamOptimizer(0.05).minimize(loss)
accuracy = tf.reduce_mean(tf.cast(tf.nn.in_top_k(logits, label, 1), tf.float32))
with tf.Session() as sess:
    sess.run(tf.group(tf.global_variables_initializer(), tf.local_variables_initializer()))
    coord = tf.train.Coordinator()
    threads = tf.train.start_queue_runners(sess=sess, coord=coord)
    step, found = 0, []
    try:
        while not coord.should_stop():
            _, a = sess.run([train_op, accuracy])
            found.append(a)
            step += 1
    except tf.errors.OutOfRangeError:
        print("Done training for %d steps." % step)
    finally:
        coord.request_stop()
    coord.join(threads)
print("steps", step, "accuracy", float(np.mean(found[-20:])))
