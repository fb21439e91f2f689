"""`tf.contrib`, queues, sampled losses, graphs in files: against TensorFlow's numbers where there are any, else against NumPy."""

import itertools
import pathlib

import numpy as np
import pytest

import thalweg as tf2
from goldens import tf1_sampling

tf = tf2.compat.v1
GOLDEN = dict(np.load(pathlib.Path(__file__).parent / "goldens" / "data" / "tf1_sampling.npz"))


@pytest.mark.parametrize("what", ["sampled", "queues", "ctc", "resized"])
def test_numbers_are_tensorflows(what):
    found = getattr(tf1_sampling, what)(tf)
    for key, wanted in ((k.partition("|")[2], v) for k, v in GOLDEN.items() if k.startswith(what + "|")):
        # Sums of a few float32 products, in another order.
        np.testing.assert_allclose(found[key], wanted, rtol=2e-5, atol=2e-6, err_msg=key)


@pytest.fixture
def session():
    with tf.Graph().as_default(), tf.Session() as session:
        yield session


def test_layers_of_contrib(session):
    layers, slim = tf.contrib.layers, tf.contrib.slim
    x = tf.constant(np.random.RandomState(0).randn(4, 6).astype("f"))
    y = layers.fully_connected(x, 3, scope="fc", weights_regularizer=layers.l2_regularizer(0.5))
    normal = layers.layer_norm(x)
    with slim.arg_scope([slim.fully_connected], activation_fn=None, normalizer_fn=slim.batch_norm):
        z = slim.fully_connected(x, 2, scope="normed")
    session.run(tf.global_variables_initializer())
    names = [v.name for v in tf.global_variables()]
    assert names[:2] == ["fc/weights:0", "fc/biases:0"]
    assert "normed/BatchNorm/beta:0" in names and "normed/biases:0" not in names
    w, xs, ys, rows, zs = session.run([tf.global_variables()[0], x, y, normal, z])
    np.testing.assert_allclose(ys, np.maximum(xs @ w, 0), rtol=1e-5)
    np.testing.assert_allclose(rows, (xs - xs.mean(1, keepdims=True)) / xs.std(1, keepdims=True), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(zs.mean(0), 0, atol=1e-5)
    np.testing.assert_allclose(session.run(tf.losses.get_regularization_losses()[0]), 0.25 * (w**2).sum(), rtol=1e-5)
    with pytest.raises(ValueError, match="scale cannot be an integer"):
        layers.l2_regularizer(1)


def test_crf_sums_over_all_taggings(session):
    r = np.random.RandomState(1)
    unary, trans = r.randn(1, 3, 2).astype("f"), r.randn(2, 2).astype("f")
    score = lambda tags: sum(unary[0, t, k] for t, k in enumerate(tags)) + sum(trans[a, b] for a, b in itertools.pairwise(tags))
    every = [(a, b, c) for a in range(2) for b in range(2) for c in range(2)]
    best = max(every, key=score)
    likelihood, _ = tf.contrib.crf.crf_log_likelihood(tf.constant(unary), tf.constant([best]), tf.constant([3]), tf.constant(trans))
    decoded, value = tf.contrib.crf.crf_decode(tf.constant(unary), tf.constant(trans), tf.constant([3]))
    found, tags, top = session.run([likelihood, decoded, value])
    np.testing.assert_allclose(
        found, score(best) - np.log(sum(np.exp(score(t)) for t in every)), rtol=1e-4
    )  # a difference of float32 sums
    assert tuple(tags[0]) == best
    np.testing.assert_allclose(top, score(best), rtol=1e-6)


def test_beams_are_followed_back(session):
    ids = np.array([[[1, 2]], [[3, 4]], [[5, 6]]], np.int32)
    parents = np.array([[[0, 0]], [[1, 0]], [[1, 0]]], np.int32)
    found = session.run(tf.contrib.seq2seq.gather_tree(ids, parents, [3], 9))
    assert found[:, 0, 0].tolist() == [1, 4, 5]
    assert found[:, 0, 1].tolist() == [2, 3, 6]


@pytest.mark.parametrize(
    "cell", ["NASCell", "UGRNNCell", "LayerNormBasicLSTMCell", "CoupledInputForgetGateLSTMCell", "SRUCell", "GRUBlockCell",
        "LSTMBlockCell"]
)  # fmt: skip
def test_cells_run_and_learn(session, cell):
    made = getattr(tf.contrib.rnn, cell)(5)
    x = tf.constant(np.random.RandomState(0).randn(2, 4, 3).astype("f"))
    outputs, _ = tf.nn.dynamic_rnn(made, x, dtype=tf.float32)
    gradients = tf.gradients(tf.reduce_sum(outputs**2), tf.trainable_variables())
    session.run(tf.global_variables_initializer())
    ys, found = session.run([outputs, gradients])
    assert ys.shape == (2, 4, 5)
    assert all(np.isfinite(g).all() and np.abs(g).max() > 0 for g in found)


def test_hyperparameters_keep_their_types():
    h = tf.contrib.training.HParams(rate=0.1, units=[2, 3], name="x", on=True)
    assert h.parse("rate=1,units=[4,5],name=y,on=false").values() == {"rate": 1.0, "units": [4, 5], "name": "y", "on": False}
    assert h.parse("units[0]=7").units == [7, 5]
    for wrong in ("rate=high", "other=1", "units=3"):
        with pytest.raises(ValueError):
            tf.contrib.training.HParams(rate=0.1, units=[2, 3]).parse(wrong) and h.set_hparam("units", 3)


def test_a_closed_queue_gives_what_is_left(session):
    queue = tf.FIFOQueue(5, tf.int32, [[]])
    session.run(queue.enqueue_many([[1, 2, 3]]))
    session.run(queue.close())
    assert session.run(queue.dequeue_up_to(2)).tolist() == [1, 2]
    with pytest.raises(tf.errors.OutOfRangeError, match="requested 2, current size 1"):
        session.run(queue.dequeue_many(2))
    assert session.run(queue.dequeue_up_to(2)).tolist() == [3]
    with pytest.raises(tf.errors.CancelledError):
        session.run(queue.enqueue(4))


def test_graphs_come_back_from_their_messages(session):
    x = tf.placeholder(tf.float32, [None, 3], name="x")
    w = tf.get_variable("w", [3, 2])
    y = tf.cond(tf.reduce_sum(x) > 0, lambda: tf.matmul(x, w), lambda: -tf.matmul(x, w))
    total = tf.while_loop(lambda i, t: i < 3, lambda i, t: (i + 1, t + tf.reduce_sum(y)), [0, 0.0])[1]
    out = tf.identity(total, name="out")
    session.run(tf.global_variables_initializer())
    feed = np.ones((2, 3), "f")
    wanted = session.run(out, {x: feed})
    frozen = tf.graph_util.convert_variables_to_constants(session, session.graph.as_graph_def(), ["out"])
    assert not [n for n in frozen.node if n.op.startswith("Variable")]
    with tf.Graph().as_default(), tf.Session() as other:
        (found,) = tf.import_graph_def(frozen, return_elements=["out:0"], name="")
        np.testing.assert_allclose(other.run(found, {"x:0": feed}), wanted, rtol=1e-6)
    with tf.Graph().as_default(), pytest.raises(ValueError, match="no node"):
        frozen.node[-1].input[:] = ["nowhere"]
        tf.import_graph_def(frozen)


def test_strategies_have_one_replica():
    d = tf2.distribute
    strategy = d.MirroredStrategy()
    with strategy.scope():
        assert d.get_strategy() is strategy and d.in_cross_replica_context()
    doubled = strategy.run(lambda v: v * 2 if d.get_replica_context() else None, args=(tf2.constant([1.0, 3.0]),))
    assert strategy.reduce(d.ReduceOp.MEAN, doubled, axis=0).numpy() == 4.0
    assert not d.has_strategy()
    with pytest.raises(NotImplementedError, match="one replica"):
        d.MirroredStrategy(["gpu:0", "gpu:1"])
    with pytest.raises(NotImplementedError, match="MirroredStrategy"):
        d.ParameterServerStrategy(None)


def test_distributions_agree_with_scipy(session):
    from scipy import stats

    d, x = tf.distributions, np.array([0.3, 0.7], "f")
    for ours, theirs in (
        (d.Normal(0.5, 2.0), stats.norm(0.5, 2.0)), (d.Gamma(2.0, 3.0), stats.gamma(2.0, scale=1 / 3)),
        (d.Beta(2.0, 3.0), stats.beta(2.0, 3.0)), (d.Laplace(0.1, 2.0), stats.laplace(0.1, 2.0)),
        (d.StudentT(4.0, 0.1, 2.0), stats.t(4.0, 0.1, 2.0)), (d.Exponential(2.0), stats.expon(scale=0.5)),
    ):  # fmt: skip
        np.testing.assert_allclose(session.run(ours.log_prob(x)), theirs.logpdf(x), rtol=1e-4, err_msg=ours.name)
        drawn = session.run(ours.sample(4000, seed=3))
        np.testing.assert_allclose(drawn.mean(), theirs.mean(), atol=5 * theirs.std() / 60)
    kl = d.kl_divergence(d.Normal(0.0, 1.0), d.Normal(1.0, 2.0))
    np.testing.assert_allclose(session.run(kl), np.log(2.0) + (1 + 1) / 8 - 0.5, rtol=1e-5)


def test_checkpoints_of_the_first_format_are_read(session, tmp_path):
    path = str(pathlib.Path(__file__).parent / "goldens" / "data" / "first.ckpt")
    reader = tf.train.NewCheckpointReader(path)
    assert reader.get_variable_to_shape_map() == {"w": [2, 3], "scope/n": [2], "half": [2]}
    assert reader.get_tensor("scope/n").tolist() == [3, -4] and reader.get_tensor("half").tolist() == [0.5, 1.5]
    w = tf.get_variable("w", [2, 3])
    tf.train.Saver([w]).restore(session, path)
    assert session.run(w).tolist() == [[0.0, 0.25, 0.5], [0.75, 1.0, 1.25]]
    damaged = tmp_path / "damaged.ckpt"
    data = bytearray(pathlib.Path(path).read_bytes())
    data[10] ^= 0xFF
    damaged.write_bytes(data)
    with pytest.raises(tf.errors.DataLossError, match="checksum"):
        tf.train.NewCheckpointReader(str(damaged))
