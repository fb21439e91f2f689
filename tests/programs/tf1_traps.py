"""TensorFlow 1's traps: the errors they give."""

import tensorflow as tf


def tell(name, function):
    try:
        function()
        print(name, "no error")
    except Exception as error:
        print(name, type(error).__name__)


v = tf.get_variable("v", [2])
x = tf.placeholder(tf.float32, [None, 2], name="x")
y = x * v
sess = tf.Session()
tell("uninitialized", lambda: sess.run(y, {x: [[1, 2]]}))
sess.run(tf.global_variables_initializer())
tell("unfed", lambda: sess.run(y))
tell("shape", lambda: sess.run(y, {x: [1, 2, 3]}))
tell("tensor fed", lambda: sess.run(y, {x: tf.ones([1, 2])}))
tell("key", lambda: sess.run(y, {"nothing:0": 1}))
tell("none", lambda: sess.run(None))
tell("number", lambda: sess.run(3.0))
other = tf.Graph()
with other.as_default():
    z = tf.constant(1.0)
tell("other graph", lambda: sess.run(z))
tell("two graphs", lambda: tf.add(y, z))
tell("no session", lambda: y.eval())
tell("bool", lambda: 1 if y > 0 else 0)
tell("iterate", lambda: list(tf.placeholder(tf.float32)))
tell("twice", lambda: tf.get_variable("v", [2]))
tf.get_default_graph().finalize()
tell("finalized", lambda: tf.constant(1.0))
sess.close()
tell("closed", lambda: sess.run(y, {x: [[1, 2]]}))
