"""`tf.function`: what a call costs, a loop of many small steps, a recurrent cell and its gradient."""

from importlib import import_module

import numpy as np

from bench.workload import Calls, at_most, faster

function_call = Calls("function-call", "tf.function call: x + 1 of a scalar", targets=[faster("tensorflow", 8)], rtol=1e-6)


@function_call.on("thalweg", "tensorflow")
def _(peer):
    tf = import_module(peer)
    step = tf.function(lambda x: x + 1.0)
    x = tf.constant(1.5)
    return lambda: step(x)


while_loop = Calls("while-loop", "while_loop of 10,000 scalar steps", targets=[at_most("tensorflow", 1)], rtol=1e-4)


@while_loop.on("thalweg", "tensorflow")
def _(peer):
    tf = import_module(peer)

    @tf.function
    def loop(n):
        return tf.while_loop(lambda i, x: i < n, lambda i, x: (i + 1, x * 0.999 + 0.5), (0, tf.constant(1.0)))[1]

    n = tf.constant(10_000)
    return lambda: loop(n)


lstm = Calls("lstm-loop", "LSTM cell over 50 steps and its gradient", targets=[at_most("tensorflow", 1)], rtol=2e-3, atol=1e-4)

KERNEL = np.random.default_rng(1).standard_normal((64, 128)).astype(np.float32) / 8
SEQUENCES = np.random.default_rng(2).standard_normal((50, 32, 32)).astype(np.float32)


@lstm.on("thalweg", "tensorflow")
def _(peer):
    tf = import_module(peer)
    kernel, sequences = tf.Variable(KERNEL), tf.constant(SEQUENCES)

    @tf.function
    def step(sequences):
        with tf.GradientTape() as tape:
            h, c = tf.zeros([32, 32]), tf.zeros([32, 32])
            for x in sequences:
                i, f, o, g = tf.split(tf.concat([x, h], 1) @ kernel, 4, axis=1)
                c = tf.sigmoid(f) * c + tf.sigmoid(i) * tf.tanh(g)
                h = tf.sigmoid(o) * tf.tanh(c)
            loss = tf.reduce_sum(h * h)
        return tape.gradient(loss, kernel)

    return lambda: step(sequences)
