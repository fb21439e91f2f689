"""An LSTM written out, run over time by a loop in a graph, learning to remember the first symbol."""

import tensorflow as tf

UNITS, LENGTH = 8, 9
kernel = tf.Variable(tf.random.stateless_normal([3 + UNITS, 4 * UNITS], [1, 1], stddev=0.3))
bias = tf.Variable(tf.zeros([4 * UNITS]))
head = tf.Variable(tf.random.stateless_normal([UNITS, 3], [2, 1], stddev=0.3))


def cell(x, h, c):
    i, f, o, g = tf.split(tf.concat([x, h], 1) @ kernel + bias, 4, axis=1)
    c = tf.sigmoid(f + 1.0) * c + tf.sigmoid(i) * tf.tanh(g)
    return tf.sigmoid(o) * tf.tanh(c), c


@tf.function
def logits_of(sequences):
    h, c = tf.zeros([tf.shape(sequences)[0], UNITS]), tf.zeros([tf.shape(sequences)[0], UNITS])
    states = tf.TensorArray(tf.float32, size=LENGTH)
    for t in tf.range(LENGTH):
        h, c = cell(sequences[:, t], h, c)
        states = states.write(t, h)
    return tf.transpose(states.stack(), [1, 0, 2])[:, -1] @ head


variables = [kernel, bias, head]
for step in range(120):
    ids = tf.random.stateless_uniform([32, LENGTH], [step, 3], maxval=3, dtype=tf.int32)
    with tf.GradientTape() as tape:
        logits = logits_of(tf.one_hot(ids, 3))
        loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(ids[:, 0], logits))
    gradients, norm = tf.clip_by_global_norm(tape.gradient(loss, variables), 1.0)
    for v, g in zip(variables, gradients):
        v.assign_sub(0.8 * g)
    if step in (0, 5, 20):
        print("step", step, "loss", f"{float(loss):.4f}", "norm", f"{float(norm):.4f}")
print("traces", logits_of.experimental_get_tracing_count(), "finite", bool(tf.math.is_finite(loss)))
