"""A SavedModel for serving: written by the builder, loaded in another graph."""

import os
import tempfile

import numpy as np
import tensorflow as tf

path = os.path.join(tempfile.mkdtemp(), "1")
with tf.Graph().as_default(), tf.Session() as sess:
    x = tf.placeholder(tf.float32, [None, 3], name="images")
    y = tf.nn.softmax(tf.layers.dense(x, 2, name="out"), name="scores")
    sess.run(tf.global_variables_initializer())
    signature = tf.saved_model.signature_def_utils.build_signature_def(
        inputs={"images": tf.saved_model.utils.build_tensor_info(x)}, outputs={"scores": tf.saved_model.utils.build_tensor_info(y)},
        method_name=tf.saved_model.signature_constants.PREDICT_METHOD_NAME,
    )  # fmt: skip
    builder = tf.saved_model.builder.SavedModelBuilder(path)
    builder.add_meta_graph_and_variables(
        sess, [tf.saved_model.tag_constants.SERVING], signature_def_map={"predict_images": signature}
    )
    builder.save()
    before = sess.run(y, {x: np.eye(3)})
with tf.Graph().as_default(), tf.Session() as sess:
    meta = tf.saved_model.loader.load(sess, ["serve"], path)
    signature = meta.signature_def["predict_images"]
    after = sess.run(signature.outputs["scores"].name, {signature.inputs["images"].name: np.eye(3)})
print("apart", np.abs(before - after).max(), sorted(os.listdir(path)), signature.method_name)
