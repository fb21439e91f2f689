"""Recurrent networks whose numbers and names are compared: `numbers(tf)` runs them on a given `tf`.

Recorded from TensorFlow by `record_tf1_training.py`; compared by `tests/test_tf1_rnn.py`.
"""

import numpy as np

try:
    from goldens.tf1_layers import fill
except ImportError:  # the recording script stands in the folder itself
    from tf1_layers import fill


def cells(tf):
    c = tf.nn.rnn_cell
    return {
        "basic": lambda: c.BasicRNNCell(4),
        "gru": lambda: c.GRUCell(4),
        "lstm": lambda: c.BasicLSTMCell(4),
        "lstm_flat": lambda: c.BasicLSTMCell(4, state_is_tuple=False, forget_bias=0.5),
        "lstm_full": lambda: c.LSTMCell(4, use_peepholes=True, num_proj=3, cell_clip=0.8, proj_clip=0.7),
        "named": lambda: c.LSTMCell(4, name="mine", activation=tf.nn.relu),
        "multi": lambda: c.MultiRNNCell([c.BasicLSTMCell(4), c.GRUCell(3)]),
        "wrapped": lambda: c.ResidualWrapper(c.DropoutWrapper(c.GRUCell(3), output_keep_prob=1.0)),
    }


def ways(tf):
    n = tf.nn
    return {
        "dynamic": lambda make, x, k: n.dynamic_rnn(make(), x, dtype=tf.float32),
        "lengths": lambda make, x, k: n.dynamic_rnn(make(), x, sequence_length=k, dtype=tf.float32),
        "started": lambda make, x, k: _started(tf, make(), x),
        "static": lambda make, x, k: n.static_rnn(make(), tf.unstack(x, axis=1), dtype=tf.float32),
        "static_lengths": lambda make, x, k: n.static_rnn(make(), tf.unstack(x, axis=1), sequence_length=k, dtype=tf.float32),
        "both": lambda make, x, k: n.bidirectional_dynamic_rnn(make(), make(), x, sequence_length=k, dtype=tf.float32),
        "static_both": lambda make, x, k: n.static_bidirectional_rnn(make(), make(), tf.unstack(x, axis=1), dtype=tf.float32),
    }


def _started(tf, cell, x):
    with tf.variable_scope("decoder"):
        return tf.nn.dynamic_rnn(cell, tf.transpose(x, [1, 0, 2]), initial_state=cell.zero_state(3, tf.float32), time_major=True)


def run(tf, cell, way):
    r = np.random.RandomState(5)
    with tf.Graph().as_default(), tf.Session() as session:
        x, k = tf.placeholder(tf.float32, [None, 5, 3], name="x"), tf.placeholder(tf.int32, [None], name="k")
        flat = tf.nest.flatten(way(cell, x, k))
        variables = tf.trainable_variables()
        loss = tf.add_n([tf.reduce_sum(tf.square(y)) for y in flat])
        gradients = tf.gradients(loss, [x, *variables])
        fill(tf, session)
        found = session.run([flat, gradients], {x: r.randn(3, 5, 3).astype("f"), k: [2, 5, 0]})
        names = [*(v.name for v in variables), "|", *(str(y.shape.as_list()) for y in flat)]
    out = {"names": np.array(names)} | {f"y{i}": y for i, y in enumerate(found[0])}
    return out | {f"gradient{i}": g for i, g in enumerate(found[1])}


def runs(tf):
    for cell, make in cells(tf).items():
        yield f"{cell}-dynamic", lambda make=make: run(tf, make, ways(tf)["dynamic"])
    for way, go in ways(tf).items():
        yield f"lstm-way-{way}", lambda go=go: run(tf, cells(tf)["lstm"], go)
    yield "multi-lengths", lambda: run(tf, cells(tf)["multi"], ways(tf)["lengths"])


def numbers(tf):
    return {f"{name}|{k}": v for name, go in runs(tf) for k, v in go().items()}
