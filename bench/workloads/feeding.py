"""TensorFlow 1's feeding loops: a training step of a graph, fed with NumPy batches of 100 digits' size.

The same program under both. The losses of the first steps, from explicit seeds, must agree.
"""

from importlib import import_module

import numpy as np

from bench.workload import Calls, at_most, faster

BATCH = 100
feed_mlp = Calls("feed-mlp", "Session.run of a 784-256-10 step, batches of 100 fed", targets=[faster("tensorflow", 4)], rtol=1e-3)
feed_cnn = Calls("feed-cnn", "Session.run of a small CNN's step, batches of 100 fed", targets=[at_most("tensorflow", 1)], rtol=1e-3)
feed_lstm = Calls(
    "feed-lstm", "Session.run of a 28-step LSTM's step, batches of 100 fed", targets=[at_most("tensorflow", 1)], rtol=1e-3
)


def _weights(tf, name, shape, seed):
    return tf.get_variable(name, shape, initializer=tf.truncated_normal_initializer(stddev=0.1, seed=seed))


def _mlp(tf, x):
    hidden = tf.nn.relu(tf.matmul(x, _weights(tf, "w1", [784, 256], 1)) + _weights(tf, "b1", [256], 2))
    return tf.matmul(hidden, _weights(tf, "w2", [256, 10], 3)) + _weights(tf, "b2", [10], 4)


def _cnn(tf, x):
    y = tf.reshape(x, [-1, 28, 28, 1])
    for i, (before, after) in enumerate([(1, 8), (8, 16)]):
        y = tf.nn.relu(tf.nn.conv2d(y, _weights(tf, f"c{i}", [5, 5, before, after], i), [1, 1, 1, 1], "SAME"))
        y = tf.nn.max_pool(y, [1, 2, 2, 1], [1, 2, 2, 1], "SAME")
    return tf.matmul(tf.reshape(y, [-1, 7 * 7 * 16]), _weights(tf, "out", [7 * 7 * 16, 10], 9))


def _lstm(tf, x):
    """One by tf.scan, since TensorFlow's own cells need another package today."""
    kernel, bias = _weights(tf, "kernel", [28 + 64, 256], 1), tf.get_variable("bias", [256], initializer=tf.zeros_initializer())

    def step(state, row):
        c, h = state
        i, j, f, o = tf.split(tf.matmul(tf.concat([row, h], 1), kernel) + bias, 4, axis=1)
        c = c * tf.sigmoid(f + 1.0) + tf.sigmoid(i) * tf.tanh(j)
        return c, tf.tanh(c) * tf.sigmoid(o)

    start = tf.zeros([BATCH, 64]), tf.zeros([BATCH, 64])
    _, hs = tf.scan(step, tf.transpose(tf.reshape(x, [-1, 28, 28]), [1, 0, 2]), start)
    return tf.matmul(hs[-1], _weights(tf, "out", [64, 10], 2))


def _loop(peer, network):
    tf = import_module(f"{peer}.compat.v1")
    tf.disable_v2_behavior()
    random = np.random.RandomState(0)
    images, labels = random.rand(20, BATCH, 784).astype(np.float32), random.randint(0, 10, (20, BATCH))
    with tf.Graph().as_default():
        x, y = tf.placeholder(tf.float32, [None, 784]), tf.placeholder(tf.int64, [None])
        loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=network(tf, x)))
        step = tf.train.GradientDescentOptimizer(0.05).minimize(loss)
        session = tf.Session()
        session.run(tf.global_variables_initializer())
    run = lambda i: session.run([step, loss], {x: images[i % 20], y: labels[i % 20]})[1]
    first = [run(i) for i in range(3)]
    for i in range(60):  # until the engine has decided how to run it
        run(i)
    count = iter(range(10**9))
    return lambda: run(next(count)), lambda: np.array(first)


@feed_mlp.on("thalweg", "tensorflow")
def _(peer):
    return _loop(peer, _mlp)


@feed_cnn.on("thalweg", "tensorflow")
def _(peer):
    return _loop(peer, _cnn)


@feed_lstm.on("thalweg", "tensorflow")
def _(peer):
    return _loop(peer, _lstm)
