"""The smallest TensorFlow 1 program; the module to use as `tf` is the argument."""

import importlib
import sys

tf = importlib.import_module(sys.argv[1])
tf.disable_v2_behavior()

hello = tf.constant("Hello, TensorFlow!")
a = tf.constant(10)
b = tf.constant(32)
sess = tf.Session()
print(sess.run(hello))
print(sess.run(a + b))
