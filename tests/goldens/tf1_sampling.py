"""Sampled losses, queues in random order, CTC and TensorFlow 1's resizing: `numbers(tf)` computes them on a given `tf`.

Recorded from TensorFlow by `record_tf1_training.py`; compared by `tests/test_tf1_contrib.py`.
"""

import numpy as np


def sampled(tf):
    r = np.random.RandomState(0)
    with tf.Graph().as_default(), tf.Session() as session:
        tf.set_random_seed(5)
        weights, biases = tf.constant(r.randn(50, 4).astype("f")), tf.constant(r.randn(50).astype("f"))
        inputs, labels = tf.constant(r.randn(3, 4).astype("f")), np.array([[3], [7], [9]])
        n = tf.nn
        unique = n.log_uniform_candidate_sampler(labels, 1, 5, True, 100, seed=3)
        repeated = n.log_uniform_candidate_sampler(labels, 1, 5, False, 100, seed=3)
        even = n.uniform_candidate_sampler(labels, 1, 5, True, 100, seed=4)
        softmax = n.sampled_softmax_loss(weights, biases, labels, inputs, 6, 50, seed=2)
        nce = n.nce_loss(
            weights, biases, labels, inputs, 6, 50, sampled_values=n.uniform_candidate_sampler(labels, 1, 6, True, 50, 8)
        )
        gradient = tf.gradients(tf.reduce_sum(nce) + tf.reduce_sum(softmax), inputs)[0]
        names = ("candidates", "expected_true", "expected")
        found = {f"{k}_{n}": t for k, s in (("unique", unique), ("repeated", repeated), ("even", even)) for n, t in zip(names, s)}
        return session.run(found | {"softmax": softmax, "nce": nce, "gradient": gradient})


def queues(tf):
    with tf.Graph().as_default(), tf.Session() as session:
        queue = tf.RandomShuffleQueue(100, 0, tf.int32, [[]], seed=7)
        padded = tf.PaddingFIFOQueue(5, [tf.int32, tf.string], [[None], []])
        first = tf.PriorityQueue(5, [tf.string], [[]])
        add, take = queue.enqueue_many([np.arange(20)]), queue.dequeue_many(10)
        row = tf.placeholder(tf.int32, [None])
        pad, out = padded.enqueue([row, "x"]), padded.dequeue_many(2)
        by = first.enqueue_many([np.array([3, 1, 2], np.int64), ["c", "a", "b"]])
        session.run([add, by])
        for values in ([1, 2], [3]):
            session.run(pad, {row: values})
        return {"shuffled": session.run(take), "padded": session.run(out)[0], "least": session.run(first.dequeue_many(3))[0]}


def ctc(tf):
    r = np.random.RandomState(2)
    with tf.Graph().as_default(), tf.Session() as session:
        labels = tf.SparseTensor([[0, 0], [0, 1], [1, 0]], [1, 2, 0], [2, 2])
        logits = tf.constant(r.randn(6, 2, 4).astype("f"))
        loss = tf.nn.ctc_loss(labels, logits, [6, 4])
        greedy, score = tf.nn.ctc_greedy_decoder(logits, [6, 4])
        beams, scores = tf.nn.ctc_beam_search_decoder(logits, [6, 4], top_paths=2, merge_repeated=False)
        found = {"loss": loss, "gradient": tf.gradients(loss, logits)[0], "greedy": greedy[0].values, "score": score,
                 "beam": beams[0].values, "scores": scores}  # fmt: skip
        return session.run(found)


def resized(tf):
    x = np.random.RandomState(0).rand(1, 5, 7, 2).astype("f")
    with tf.Graph().as_default(), tf.Session() as session:
        return {
            f"{method}_{align}_{size[0]}": session.run(tf.image.resize_images(x, size, method, align_corners=align))
            for method in range(3) for align in (False, True) for size in ([3, 4], [9, 10])
        }  # fmt: skip


def numbers(tf):
    return {
        f"{name}|{k}": np.asarray(v) for name in ("sampled", "queues", "ctc", "resized") for k, v in globals()[name](tf).items()
    }
