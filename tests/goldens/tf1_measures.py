"""`tf.losses` and `tf.metrics` whose numbers are compared: `numbers(tf)` runs them on a given `tf`.

Recorded from TensorFlow by `record_tf1_training.py`; compared by `tests/test_tf1_measures.py`.
"""

import numpy as np


def data(seed):
    r = np.random.RandomState(seed)
    return {
        "real": r.randn(6, 4).astype("f"),
        "predicted": r.randn(6, 4).astype("f"),
        "part": r.uniform(0.05, 0.95, (6, 4)).astype("f"),
        "binary": r.randint(0, 2, (6, 4)).astype("f"),
        "onehot": np.eye(4, dtype="f")[r.randint(0, 4, 6)],
        "classes": r.randint(0, 4, 6),
        "guesses": r.randint(0, 4, 6),
        "rows": np.array([[1], [0], [2], [0.5], [0], [1]], "f"),
    }


def losses(tf, d):
    l, R = tf.losses, tf.losses.Reduction
    found = {
        "absolute": l.absolute_difference(d["real"], d["predicted"]),
        "absolute_rows": l.absolute_difference(d["real"], d["predicted"], d["rows"]),
        "cosine": l.cosine_distance(d["real"], d["predicted"], axis=1),
        "hinge": l.hinge_loss(d["binary"], d["predicted"], 0.5),
        "huber": l.huber_loss(d["real"], d["predicted"], delta=0.7),
        "log": l.log_loss(d["binary"], d["part"], d["rows"]),
        "pairwise": l.mean_pairwise_squared_error(d["real"], d["predicted"], d["rows"]),
        "pairwise_plain": l.mean_pairwise_squared_error(d["real"], d["predicted"]),
        "squared": l.mean_squared_error(d["real"], d["predicted"]),
        "squared_none": l.mean_squared_error(d["real"], d["predicted"], d["rows"], reduction=R.NONE),
        "squared_sum": l.mean_squared_error(d["real"], d["predicted"], d["rows"], reduction=R.SUM),
        "squared_mean": l.mean_squared_error(d["real"], d["predicted"], d["rows"], reduction=R.MEAN),
        "squared_batch": l.mean_squared_error(d["real"], d["predicted"], d["rows"], reduction=R.SUM_OVER_BATCH_SIZE),
        "sigmoid": l.sigmoid_cross_entropy(d["binary"], d["predicted"], label_smoothing=0.1),
        "softmax": l.softmax_cross_entropy(d["onehot"], d["predicted"]),
        "softmax_smooth": l.softmax_cross_entropy(d["onehot"], d["predicted"], d["rows"][:, 0], label_smoothing=0.2),
        "sparse": l.sparse_softmax_cross_entropy(d["classes"], d["predicted"]),
        "sparse_rows": l.sparse_softmax_cross_entropy(d["classes"], d["predicted"], d["rows"]),
    }
    found["count"] = tf.constant(len(l.get_losses()))
    unreduced = l.get_losses()[9]
    found["total"] = tf.add_n([v for v in l.get_losses() if v is not unreduced])
    return found


def metrics(tf, d):
    m = tf.metrics
    labels, rows = d["binary"], d["rows"]
    return {
        "mean": m.mean(d["real"]),
        "mean_weighted": m.mean(d["real"], tf.ones([6, 4]) * rows),
        "mean_tensor": m.mean_tensor(d["real"]),
        "accuracy": m.accuracy(d["classes"], d["guesses"]),
        "accuracy_weighted": m.accuracy(d["classes"], d["guesses"], rows[:, 0], name="weighted"),
        "absolute": m.mean_absolute_error(d["real"], d["predicted"]),
        "squared": m.mean_squared_error(d["real"], d["predicted"]),
        "root": m.root_mean_squared_error(d["real"], d["predicted"]),
        "cosine": m.mean_cosine_distance(d["real"], d["predicted"], 1),
        "relative": m.mean_relative_error(d["real"], d["predicted"], d["binary"]),
        "below": m.percentage_below(d["real"], 0.3),
        "tp": m.true_positives(labels, d["part"] > 0.5),
        "fp": m.false_positives(labels, d["part"] > 0.5),
        "tn": m.true_negatives(labels, d["part"] > 0.5),
        "fn": m.false_negatives(labels, d["part"] > 0.5),
        "precision": m.precision(labels, d["part"] > 0.5),
        "recall": m.recall(labels, d["part"] > 0.5, name="caught"),
        "auc": m.auc(labels, d["part"]),
        "auc_pr": m.auc(labels, d["part"], curve="PR", summation_method="careful_interpolation"),
        "auc_minor": m.auc(labels, d["part"], num_thresholds=20, summation_method="minoring"),
        "precision_at": m.precision_at_thresholds(labels, d["part"], [0.3, 0.6]),
        "recall_at": m.recall_at_thresholds(labels, d["part"], [0.3, 0.6]),
        "per_class": m.mean_per_class_accuracy(d["classes"], d["guesses"], 4),
        "iou": m.mean_iou(d["classes"], d["guesses"], 4),
    }


def placeholders(tf):
    made = {}
    for name, value in data(0).items():
        made[name] = tf.placeholder(value.dtype, value.shape, name=name)
    return made


def numbers(tf):
    found = {}
    with tf.Graph().as_default(), tf.Session() as session:
        fed = placeholders(tf)
        feed = {fed[k]: v for k, v in data(0).items()}
        found |= {f"loss|{k}": v for k, v in session.run(losses(tf, fed), feed).items()}
    with tf.Graph().as_default(), tf.Session() as session:
        fed = placeholders(tf)
        made = metrics(tf, fed)
        session.run(tf.local_variables_initializer())
        for seed in range(3):
            feed = {fed[k]: v for k, v in data(seed).items()}
            updates = session.run({k: u for k, (_, u) in made.items()}, feed)
            found |= {f"metric update {seed}|{k}": v for k, v in updates.items()}
        found |= {f"metric|{k}": v for k, v in session.run({k: v for k, (v, _) in made.items()}).items()}
        found["metric names|local"] = np.array([v.name for v in tf.local_variables()])
    return {k: np.asarray(v) for k, v in found.items()}
