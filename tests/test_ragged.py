"""Ragged tensors beyond what prints: gradients, graphs whose sizes are unknown, signatures, feeding and fetching."""

import numpy as np
import pytest

import thalweg as tf

RT = tf.ragged.constant([[1.0, 2.0], [], [3.0, 4.0, 5.0]])


def test_gradients_flow_through_rows():
    x = tf.Variable(tf.range(5.0))
    with tf.GradientTape() as tape:
        rt = tf.RaggedTensor.from_row_splits(x, [0, 2, 2, 5])
        loss = tf.reduce_sum(rt.to_tensor() ** 2) + tf.reduce_sum(tf.reduce_mean(rt[:, 1:], axis=1)[2:])
    found = tf.convert_to_tensor(tape.gradient(loss, x)).numpy()
    np.testing.assert_allclose(found, 2 * np.arange(5) + [0, 0, 0, 0.5, 0.5])


@pytest.mark.parametrize(
    "function",
    [
        lambda r: r.to_tensor(), lambda r: (r * 2.0 + 1.0).to_tensor(), lambda r: tf.reduce_sum(r, axis=1),
        lambda r: tf.reduce_max(r, axis=0), lambda r: r[:, :1].to_tensor(), lambda r: tf.concat([r, r], axis=1).to_tensor(),
        lambda r: r[::2].to_tensor(), lambda r: tf.gather(r, [2, 0]).to_tensor(), lambda r: r.row_lengths(),
        lambda r: (r + tf.constant([[1.0], [2.0], [3.0]])).to_tensor(),
    ],
)  # fmt: skip
def test_a_function_gives_the_eager_result(function):
    traced = tf.function(function, input_signature=[tf.RaggedTensorSpec([None, None], tf.float32)])
    np.testing.assert_array_equal(traced(RT), function(RT))


def test_functions_take_and_give_ragged_tensors_without_retracing():
    @tf.function
    def double(r):
        return {"twice": r * 2.0}

    assert double(RT)["twice"].to_list() == [[2, 4], [], [6, 8, 10]]
    assert double(tf.ragged.constant([[1.0]]))["twice"].to_list() == [[2]]
    assert double(tf.ragged.constant([[7.0, 8.0], [], [9.0, 0.0, 1.0]]))["twice"].to_list() == [[14, 16], [], [18, 0, 2]]
    assert double.experimental_get_tracing_count() == 2


def test_sessions_fetch_ragged_values():
    with tf.Graph().as_default():
        rt = tf.RaggedTensor.from_row_splits(tf.constant([1, 2, 3]), tf.constant([0, 2, 3], tf.int64))
        with tf.compat.v1.Session() as session:
            value = session.run(rt + 1)
    assert value.to_list() == [[2, 3], [4]]


def test_keras_learns_from_rows():
    ids = tf.ragged.constant([[1, 2], [3], [1, 3, 2, 2]])
    table = tf.Variable(tf.reshape(tf.range(8.0), [4, 2]))
    with tf.GradientTape() as tape:
        means = tf.reduce_mean(tf.nn.embedding_lookup(table, ids), axis=1)
    np.testing.assert_allclose(means, [[3, 4], [6, 7], [4, 5]])
    gradient = tf.convert_to_tensor(tape.gradient(means, table)).numpy()
    np.testing.assert_allclose(gradient[:, 0], [0, 0.75, 1.0, 1.25])


def test_rows_that_do_not_fit_are_refused():
    with pytest.raises(tf.errors.InvalidArgumentError, match="identical ragged splits"):
        _ = RT + tf.ragged.constant([[1.0], [2.0], [3.0]])
    with pytest.raises(tf.errors.InvalidArgumentError, match="from_row_lengths"):
        tf.RaggedTensor.from_row_lengths([1, 2], [5])
    with pytest.raises(ValueError, match=r"to_tensor\(\)"):
        tf.convert_to_tensor(RT)
    with pytest.raises(ValueError, match="does not take ragged tensors"):
        tf.linalg.inv(RT)
    with pytest.raises(ValueError, match="factory methods"):
        tf.RaggedTensor(tf.constant([1]), tf.constant([0, 1]))


def test_large_values_are_not_printed_to_fail():
    """What refuses a ragged tensor must not first make its text: that would take seconds."""
    big = tf.RaggedTensor.from_uniform_row_length(tf.zeros([200_000]), 2)
    assert (big + 1.0).shape.as_list() == [100_000, 2]


def test_sparse_elements_make_batches():
    rows = tf.data.Dataset.from_tensor_slices(tf.sparse.from_dense([[0, 1], [2, 0], [0, 0]]))
    (batch,) = rows.batch(3)
    np.testing.assert_array_equal(tf.sparse.to_dense(batch), [[0, 1], [2, 0], [0, 0]])
    made = tf.data.Dataset.range(1, 3).map(tf.range).apply(tf.data.experimental.dense_to_sparse_batch(2, [3]))
    np.testing.assert_array_equal(tf.sparse.to_dense(next(iter(made))), [[0, 0, 0], [0, 1, 0]])
