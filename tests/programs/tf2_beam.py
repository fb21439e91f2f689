"""Beam search over a table of probabilities, with `while`, `break` and TensorArrays that AutoGraph turns into a graph."""

import tensorflow as tf

WIDTH, VOCAB, END, MOST = 3, 5, 0, 8
table = tf.math.log_softmax(tf.random.stateless_normal([VOCAB, VOCAB], [1, 9], stddev=2.0))


@tf.function
def search(first):
    scores = tf.constant([0.0, -1e9, -1e9])
    last = tf.fill([WIDTH], first)
    ended = tf.zeros([WIDTH], tf.bool)
    tokens = tf.TensorArray(tf.int32, size=0, dynamic_size=True, element_shape=[WIDTH])
    parents = tf.TensorArray(tf.int32, size=0, dynamic_size=True, element_shape=[WIDTH])
    n = tf.constant(0)
    while n < MOST:
        if tf.reduce_all(ended):
            break
        step = tf.where(ended[:, None], tf.where(tf.range(VOCAB) == END, 0.0, -1e9), tf.gather(table, last))
        total = tf.reshape(scores[:, None] + step, [-1])
        scores, best = tf.math.top_k(total, WIDTH)
        parent, last = best // VOCAB, best % VOCAB
        ended = tf.gather(ended, parent) | (last == END)
        tokens, parents = tokens.write(n, last), parents.write(n, parent)
        n += 1
    return tokens.stack(), parents.stack(), scores, n


for first in (1, 3):
    tokens, parents, scores, n = search(tf.constant(first))
    beam, path = 0, []
    for t in reversed(range(int(n))):
        path.append(int(tokens[t, beam]))
        beam = int(parents[t, beam])
    print("from", first, "steps", int(n), "path", path[::-1], "scores", *[f"{s:.4f}" for s in scores.numpy()])
print("traces", search.experimental_get_tracing_count())
