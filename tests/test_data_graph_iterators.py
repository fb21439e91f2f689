"""TensorFlow 1's iterators: programs as written for it, with values recorded from TensorFlow."""

import numpy as np
import pytest

import thalweg as tf

tf1 = tf.compat.v1


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default():
        yield


def run_out(session, tensors):
    found = []
    while True:
        try:
            found.append(session.run(tensors))
        except tf.errors.OutOfRangeError:
            return found


def test_initializable_iterator_over_a_placeholder():
    x = tf1.placeholder(tf.float32, [None])
    dataset = tf1.data.Dataset.from_tensor_slices(x).map(lambda v: v * 2).shuffle(10, seed=3).batch(2)
    iterator = dataset.make_initializable_iterator()
    batch = iterator.get_next()
    assert batch.shape.as_list() == [None]
    with tf1.Session() as session:
        with pytest.raises(tf.errors.FailedPreconditionError, match="has not been initialized"):
            session.run(batch)
        for _ in range(2):  # each time from the same seeds: TensorFlow's [10, 8], [6, 4], [2]
            session.run(iterator.initializer, {x: [1, 2, 3, 4, 5]})
            assert [b.tolist() for b in run_out(session, batch)] == [[10.0, 8.0], [6.0, 4.0], [2.0]]
    with pytest.raises(ValueError, match="placeholder"):
        tf1.data.make_one_shot_iterator(dataset)


def test_one_shot_iterators_are_each_sessions_own():
    features, labels = tf1.data.make_one_shot_iterator(
        tf.data.Dataset.from_tensor_slices((np.eye(3), [0, 1, 2])).repeat(2).batch(4)
    ).get_next()
    loss = tf.reduce_sum(features) + tf.cast(tf.reduce_sum(labels), tf.float64)
    for _ in range(2):
        with tf1.Session() as session:
            assert run_out(session, loss) == [7.0, 5.0]


def test_reinitializable_and_feedable_iterators():
    either = tf1.data.Iterator.from_structure(tf.int64, tf.TensorShape([]))
    train = either.make_initializer(tf.data.Dataset.range(3))
    test = either.make_initializer(tf.data.Dataset.range(10, 12))
    element = either.get_next()
    with pytest.raises(TypeError, match="Expected output types"):
        either.make_initializer(tf.data.Dataset.from_tensors(1.0))
    name = tf1.placeholder(tf.string, [])
    fed = tf1.data.Iterator.from_string_handle(name, either.output_types, either.output_shapes).get_next()
    one, other = (tf1.data.make_one_shot_iterator(tf.data.Dataset.range(a, a + 2)) for a in (0, 100))
    with tf1.Session() as session:
        session.run(train)
        assert session.run(element) == 0
        session.run(test)
        assert run_out(session, element) == [10, 11]
        first, second = session.run([one.string_handle(), other.string_handle()])
        assert [session.run(fed, {name: n}) for n in (first, second, first)] == [0, 100, 1]
        with pytest.raises(tf.errors.InvalidArgumentError, match="no iterator"):
            session.run(fed, {name: b"none"})


def test_training_loop():
    x = np.linspace(-1, 1, 32).astype(np.float32)
    data = tf.data.Dataset.from_tensor_slices((x, 3 * x + 1)).repeat(60).batch(8)
    a, b = tf1.data.make_one_shot_iterator(data).get_next()
    w, c = (tf1.get_variable(name, [], initializer=tf1.zeros_initializer()) for name in "wc")
    loss = tf.reduce_mean(tf.square(w * a + c - b))
    step = [v.assign_sub(0.2 * g) for v, g in zip((w, c), tf.gradients(loss, [w, c]))]
    with tf1.Session() as session:
        session.run(tf1.global_variables_initializer())
        assert len(run_out(session, step)) == 240
        np.testing.assert_allclose(session.run([w, c]), [3.0, 1.0], atol=1e-3)  # what gradient descent has reached


def test_one_shot_iterators_over_a_graphs_constants():
    rows = tf.reshape(tf.range(6), [3, 2])
    element = tf1.data.make_one_shot_iterator(tf.data.Dataset.from_tensor_slices(rows).map(lambda r: r + tf.size(rows))).get_next()
    with tf1.Session() as session:
        assert [e.tolist() for e in run_out(session, element)] == [[6, 7], [8, 9], [10, 11]]


def test_reductions_and_counts_are_ops():
    dataset = tf.data.Dataset.range(4)
    total = dataset.reduce(tf.constant(0, tf.int64), lambda s, x: s + x)
    optional = tf1.data.make_one_shot_iterator(dataset.skip(3)).get_next_as_optional()
    with tf1.Session() as session:
        assert session.run([total, dataset.cardinality()]) == [6, 4]
        assert session.run([optional.has_value(), optional.get_value()]) == [True, 3]
        assert not session.run(optional.has_value())
    with pytest.raises(RuntimeError, match="eager mode or within"):
        iter(dataset)
