"""Saving, restoring by name, meta graphs, partial restores, frozen graphs."""

import os
import tempfile

import numpy as np
import tensorflow as tf

folder = tempfile.mkdtemp()
with tf.Graph().as_default():
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    with tf.variable_scope("body"):
        w = tf.get_variable("w", [2, 3], initializer=tf.random_normal_initializer(seed=1))
    b = tf.Variable(tf.zeros([3]), name="b")
    y = tf.add(tf.matmul(x, w), b, name="y")
    tf.add_to_collection("outputs", y)
    step = tf.train.get_or_create_global_step()
    train = tf.train.MomentumOptimizer(0.1, 0.9).minimize(tf.reduce_mean(tf.square(y - 1.0)), global_step=step)
    saver = tf.train.Saver(max_to_keep=2)
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        for _ in range(4):
            sess.run(train, {x: [[1.0, 2.0]]})
            path = saver.save(sess, os.path.join(folder, "model.ckpt"), global_step=step)
        before = sess.run(y, {x: [[3.0, 4.0]]})
        frozen = tf.graph_util.convert_variables_to_constants(sess, sess.graph.as_graph_def(), ["y"])
        with tf.gfile.GFile(os.path.join(folder, "frozen.pb"), "wb") as f:
            f.write(frozen.SerializeToString())
print("kept", sorted(n for n in os.listdir(folder) if n.endswith(".index")))
with tf.Graph().as_default(), tf.Session() as sess:
    saver = tf.train.import_meta_graph(path + ".meta")
    saver.restore(sess, tf.train.latest_checkpoint(folder))
    y = tf.get_collection("outputs")[0]
    print("meta", np.abs(sess.run(y, {"x:0": [[3.0, 4.0]]}) - before).max(), "step", sess.run("global_step:0"))
with tf.Graph().as_default(), tf.Session() as sess:
    graph_def = tf.GraphDef()
    with tf.gfile.GFile(os.path.join(folder, "frozen.pb"), "rb") as f:
        graph_def.ParseFromString(f.read())
    (out,) = tf.import_graph_def(graph_def, return_elements=["y:0"], name="frozen")
    print("frozen", np.abs(sess.run(out, {"frozen/x:0": [[3.0, 4.0]]}) - before).max())
with tf.Graph().as_default(), tf.Session() as sess:
    v = tf.get_variable("other", [2, 3])
    tf.train.init_from_checkpoint(path, {"body/w": v})
    sess.run(tf.global_variables_initializer())
    reader = tf.train.NewCheckpointReader(path)
    print("init", np.abs(sess.run(v) - reader.get_tensor("body/w")).max(), sorted(reader.get_variable_to_shape_map()))
