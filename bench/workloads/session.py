"""`Session.run` of one op with both its inputs fed."""

from importlib import import_module

from bench.workload import Calls, faster

session_run = Calls("session-run", "Session.run(a + b), fed", targets=[faster("tensorflow", 15)], rtol=1e-6)


@session_run.on("thalweg", "tensorflow")
def _(peer):
    tf = import_module(f"{peer}.compat.v1")
    tf.disable_v2_behavior()
    a, b = tf.placeholder(tf.float32), tf.placeholder(tf.float32)
    c = a + b
    session = tf.Session()
    return lambda: session.run(c, feed_dict={a: 1.5, b: 2.5})
