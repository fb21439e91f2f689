"""Record a checkpoint of TensorFlow's first format: `python tests/goldens/record_first_checkpoint.py` where TensorFlow is."""

import pathlib

import numpy as np
import tensorflow.compat.v1 as tf

HERE = pathlib.Path(__file__).parent
tf.disable_v2_behavior()
tf.get_variable("w", initializer=np.arange(6, dtype=np.float32).reshape(2, 3) / 4)
tf.get_variable("scope/n", initializer=np.array([3, -4], np.int64))
tf.get_variable("half", initializer=np.array([0.5, 1.5], np.float16))
with tf.Session() as session:
    session.run(tf.global_variables_initializer())
    tf.train.Saver(write_version=tf.train.SaverDef.V1).save(
        session, str(HERE / "data" / "first.ckpt"), write_meta_graph=False, write_state=False
    )
