"""`tf.layers` programs whose numbers and names are compared: `numbers(tf)` runs them on a given `tf`.

Recorded from TensorFlow by `record_tf1_training.py`; compared by `tests/test_tf1_layers.py`.
"""

import numpy as np


def fill(tf, session):
    """Give every variable numbers that follow from its name and shape alone."""
    for v in tf.global_variables():
        shape = v.shape.as_list()
        seed = sum(map(ord, v.name)) % 2**31
        value = np.random.RandomState(seed).uniform(-0.5, 0.5, shape).astype(v.dtype.base_dtype.as_numpy_dtype)
        v.load(np.abs(value) + 0.1 if "variance" in v.name else value, session)


def image(channels=3, seed=0, size=8):
    return np.random.RandomState(seed).randn(2, size, size, channels).astype("f")


def layer_cases(tf):
    """Input, and what to do with it."""
    l = tf.layers
    rows, series = np.random.RandomState(1).randn(4, 6).astype("f"), np.random.RandomState(2).randn(2, 9, 3).astype("f")
    volume = np.random.RandomState(3).randn(1, 4, 5, 6, 2).astype("f")
    return {
        "dense": (rows, lambda x, t: l.dense(x, 5, activation=tf.nn.relu)),
        "dense_named": (rows, lambda x, t: l.dense(x, 5, use_bias=False, name="fc")),
        "dense_stacked": (rows, lambda x, t: l.dense(l.dense(x, 5, tf.tanh), 3)),
        "dense_series": (series, lambda x, t: l.dense(x, 4)),
        "dense_reused": (rows, lambda x, t: l.dense(x, 5, name="fc") + l.dense(x * 2.0, 5, name="fc", reuse=True)),
        "dense_class": (rows, lambda x, t: _twice(l.Dense(5, name="shared"), x)),
        "flatten": (image(), lambda x, t: l.flatten(x)),
        "dropout_off": (rows, lambda x, t: l.dropout(x, 0.4)),
        "conv1d": (series, lambda x, t: l.conv1d(x, 4, 3, 2, "same", activation=tf.nn.relu)),
        "conv2d": (image(), lambda x, t: l.conv2d(x, 4, [3, 3], padding="same", activation=tf.nn.relu)),
        "conv2d_strided": (image(), lambda x, t: l.conv2d(x, 4, 5, strides=(2, 2))),
        "conv2d_dilated": (image(), lambda x, t: l.conv2d(x, 4, 3, dilation_rate=2, name="c")),
        "conv3d": (volume, lambda x, t: l.conv3d(x, 3, 2)),
        "conv2d_transpose": (image(), lambda x, t: l.conv2d_transpose(x, 4, 5, 2, padding="same")),
        "conv2d_transpose_valid": (image(), lambda x, t: l.conv2d_transpose(x, 4, 3, 2)),
        "conv3d_transpose": (volume, lambda x, t: l.conv3d_transpose(x, 3, 2, 2)),
        "separable_conv2d": (image(), lambda x, t: l.separable_conv2d(x, 5, 3, depth_multiplier=2, padding="same")),
        "separable_conv1d": (series, lambda x, t: l.separable_conv1d(x, 5, 3)),
        "max_pooling1d": (series, lambda x, t: l.max_pooling1d(x, 2, 2)),
        "max_pooling2d": (image(), lambda x, t: l.max_pooling2d(x, [2, 2], 2)),
        "max_pooling2d_same": (image(size=7), lambda x, t: l.max_pooling2d(x, 3, 2, "same")),
        "max_pooling3d": (volume, lambda x, t: l.max_pooling3d(x, 2, 2)),
        "average_pooling1d": (series, lambda x, t: l.average_pooling1d(x, 2, 2)),
        "average_pooling2d": (image(size=7), lambda x, t: l.average_pooling2d(x, 3, 2, "same")),
        "average_pooling3d": (volume, lambda x, t: l.average_pooling3d(x, 2, 2)),
        "batch_norm_off": (image(), lambda x, t: l.batch_normalization(x)),
        "batch_norm_on": (image(), lambda x, t: l.batch_normalization(x, training=True)),
        "batch_norm_rows": (rows, lambda x, t: l.batch_normalization(x, training=True, momentum=0.7, name="bn")),
        "batch_norm_fed": (image(), lambda x, t: l.batch_normalization(x, training=t, scale=False)),
        "batch_norm_first": (image(), lambda x, t: l.batch_normalization(x, axis=1, training=t)),
        "regularized": (rows, lambda x, t: _regularized(tf, x)),
    }


def _twice(layer, x):
    return layer(layer(x)[:, :5] * 0.5 + 1.0) if x.shape[1] == 5 else layer(x) + layer.apply(x * 0.5)


def _regularized(tf, x):
    half_square = lambda w: 0.5 * tf.reduce_sum(tf.square(w))
    with tf.variable_scope("net"):
        y = tf.layers.dense(x, 3, kernel_regularizer=half_square, activity_regularizer=half_square)
    return y + tf.losses.get_regularization_loss()


def run_layer(tf, x, make, training):
    with tf.Graph().as_default(), tf.Session() as session:
        inputs = tf.placeholder(tf.float32, [None, *x.shape[1:]], name="inputs")
        flag = tf.placeholder(tf.bool, [], name="training")
        y = make(inputs, flag)
        loss = tf.reduce_sum(tf.square(y))
        variables = tf.trainable_variables()
        gradients = [g for g in tf.gradients(loss, [inputs, *variables]) if g is not None]
        updates = tf.get_collection(tf.GraphKeys.UPDATE_OPS)
        fill(tf, session)
        feed = {inputs: x, flag: training}
        found = session.run([y, gradients], feed)
        session.run(updates, feed)
        averages = [session.run(v) for v in tf.global_variables() if "moving" in v.name]
        names = [*(v.name for v in tf.global_variables()), "|", *(v.name for v in variables), "|", str(y.shape.as_list())]
        counts = [len(updates), len(tf.get_collection(tf.GraphKeys.REGULARIZATION_LOSSES))]
    out = {"y": found[0], "names": np.array(names), "counts": np.array(counts)}
    out |= {f"gradient{i}": g for i, g in enumerate(found[1])}
    return out | {f"average{i}": a for i, a in enumerate(averages)}


def runs(tf):
    """Name of each run and a function that gives its numbers."""
    for name, (x, make) in layer_cases(tf).items():
        for training in (True, False) if name.endswith(("fed", "first")) else (True,):
            yield f"{name}-{training}", lambda x=x, make=make, training=training: run_layer(tf, x, make, training)


def numbers(tf):
    return {f"{name}|{k}": v for name, run in runs(tf) for k, v in run().items()}
