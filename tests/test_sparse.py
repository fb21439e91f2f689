"""Sparse tensors: against NumPy on the dense form, against TensorFlow's documented answers, in graphs, functions and sessions."""

import numpy as np
import pytest

import thalweg as tf
from thalweg.compat import v1

A = ([[0, 1], [1, 0], [1, 3]], [1.0, 2.0, 3.0], [3, 4])
B = ([[0, 1], [2, 2]], [-1.0, 5.0], [3, 4])


def dense(x):
    return tf.sparse.to_dense(x).numpy()


@pytest.fixture
def a():
    return tf.SparseTensor(*A)


@pytest.fixture
def b():
    return tf.SparseTensor(*B)


def parts(x):
    return x.indices.numpy().tolist(), x.values.numpy().tolist(), x.dense_shape.numpy().tolist()


# -- values ------------------------------------------------------------------------------------------------------------


def test_sums_and_extremes_of_two_stand_where_either_has_an_element(a, b):
    places = [[0, 1], [1, 0], [1, 3], [2, 2]]
    assert parts(tf.sparse.add(a, b)) == (places, [0.0, 2.0, 3.0, 5.0], [3, 4])
    assert parts(tf.sparse.add(a, b, threshold=2.5)) == (places[1:], [2.0, 3.0, 5.0], [3, 4])  # sums alone are measured
    assert parts(tf.sparse.maximum(a, b)) == (places, [1.0, 2.0, 3.0, 5.0], [3, 4])
    assert parts(tf.sparse.minimum(a, b)) == (places, [-1.0, 0.0, 0.0, 0.0], [3, 4])
    np.testing.assert_array_equal(tf.sparse.add(tf.ones([3, 4]), a), dense(a) + 1)


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("axis", [None, 0, 1, -1, [0, 1], [-2]])
def test_reductions_agree_with_those_of_the_dense_form(a, axis, keepdims):
    axes = tuple(axis) if isinstance(axis, list) else axis
    total = dense(a).sum(axis=axes, keepdims=keepdims)
    largest = dense(a).max(axis=axes, keepdims=keepdims)  # every element is positive
    np.testing.assert_array_equal(tf.sparse.reduce_sum(a, axis, keepdims), total)
    np.testing.assert_array_equal(tf.sparse.reduce_max(a, axis, keepdims), largest)
    if np.ndim(total):
        np.testing.assert_array_equal(dense(tf.sparse.reduce_sum(a, axis, keepdims, output_is_sparse=True)), total)
        np.testing.assert_array_equal(dense(tf.sparse.reduce_max(a, axis, keepdims, output_is_sparse=True)), largest)
    else:
        assert parts(tf.sparse.reduce_sum(a, axis, output_is_sparse=True)) == ([[]], [6.0], [])


def test_the_largest_of_negative_elements_is_negative():
    x = tf.SparseTensor([[0, 1], [1, 0], [1, 1]], [-1.0, -5.0, -2.0], [3, 2])
    assert tf.sparse.reduce_max(x, 1).numpy().tolist() == [-1.0, -2.0, 0.0]


def test_parts_put_together_and_taken_apart(a, b):
    np.testing.assert_array_equal(dense(tf.sparse.concat(0, [a, b])), np.concatenate([dense(a), dense(b)]))
    np.testing.assert_array_equal(dense(tf.sparse.concat(-1, [a, b])), np.concatenate([dense(a), dense(b)], 1))
    low = tf.SparseTensor([[0, 1]], [1.0], [2, 5])
    assert tf.sparse.concat(1, [a, low], expand_nonconcat_dims=True).shape == [3, 9]
    np.testing.assert_array_equal(dense(tf.sparse.slice(a, [0, 1], [2, 5])), dense(a)[0:2, 1:])
    assert tf.sparse.slice(a, [5, 0], [5, 1]).shape == [0, 1]
    for axis, cuts in ((0, [2]), (1, [2])):
        for part, wanted in zip(tf.sparse.split(a, 2, axis), np.split(dense(a), cuts, axis)):
            np.testing.assert_array_equal(dense(part), wanted)
    for axis in (None, 0, 1, -2):
        np.testing.assert_array_equal(dense(tf.sparse.expand_dims(a, axis)), np.expand_dims(dense(a), -1 if axis is None else axis))
    assert parts(tf.sparse.retain(a, [True, False, True])) == ([[0, 1], [1, 3]], [1.0, 3.0], [3, 4])


def test_rows_filled_and_frames_reset():
    x = tf.SparseTensor([[2, 3], [0, 1], [2, 0]], [1.0, 2.0, 3.0], [5, 4])
    filled, empty = tf.sparse.fill_empty_rows(x, 9.0)
    assert parts(filled) == ([[0, 1], [1, 0], [2, 3], [2, 0], [3, 0], [4, 0]], [2.0, 9.0, 1.0, 3.0, 9.0, 9.0], [5, 4])
    assert empty.numpy().tolist() == [False, True, False, True, True]
    assert tf.sparse.reset_shape(x).shape == [3, 4]
    assert tf.sparse.reset_shape(x, [6, 7]).shape == [6, 7]
    nothing = tf.SparseTensor(np.zeros((0, 2), np.int64), np.zeros(0, np.float32), [2, 4])
    assert parts(tf.sparse.reset_shape(nothing))[2] == [0, 0]
    assert parts(tf.sparse.fill_empty_rows(nothing, 1.0)[0]) == ([[0, 0], [1, 0]], [1.0, 1.0], [2, 4])


def test_counts_are_those_of_each_row():
    rows = [[1, 1, 3], [0, 0, 2]]
    assert parts(tf.sparse.bincount([1, 1, 3, 0])) == ([[0], [1], [3]], [1, 2, 1], [4])
    assert parts(tf.sparse.bincount(rows, axis=-1)) == ([[0, 1], [0, 3], [1, 0], [1, 2]], [2, 1, 2, 1], [2, 4])
    assert parts(tf.sparse.bincount(rows, axis=-1, minlength=6, maxlength=3)) == ([[0, 1], [1, 0], [1, 2]], [2, 2, 1], [2, 3])
    weighted = tf.sparse.bincount(rows, axis=-1, weights=[[1.0, 2, 3], [4, 5, 6]])
    assert weighted.values.numpy().tolist() == [3.0, 3.0, 9.0, 6.0]
    ids = tf.SparseTensor([[0, 0], [0, 1], [2, 0]], [1, 1, 2], [3, 2])
    assert parts(tf.sparse.bincount(ids, axis=-1)) == ([[0, 1], [2, 2]], [2, 1], [3, 3])
    assert parts(tf.sparse.bincount(ids, axis=-1, binary_output=True))[1] == [1, 1]


def test_products_with_dense_tensors(a):
    np.testing.assert_allclose((a * tf.constant([1.0, 2, 3, 4])).values, [2.0, 2.0, 12.0])
    np.testing.assert_allclose((tf.constant([[1.0], [2], [3]]) * a).values, [1.0, 4.0, 6.0])
    np.testing.assert_allclose((a / 2.0).values, [0.5, 1.0, 1.5])
    x = np.arange(6, dtype=np.float32).reshape(2, 3)
    np.testing.assert_allclose(tf.sparse.sparse_dense_matmul(tf.constant(x), a), x @ dense(a))
    _, sampled, _ = tf.sparse.sampled_addmm([[0, 0], [1, 1]], [1.0, 2.0], [2, 2], tf.ones([2, 3]), tf.ones([3, 2]))
    assert sampled.numpy().tolist() == [4.0, 5.0]


def test_a_cast_keeps_the_places_and_a_shape_is_the_dense_one(a):
    assert parts(tf.cast(a, tf.int32)) == (A[0], [1, 2, 3], [3, 4])
    assert tf.cast(a, tf.int32).dtype is tf.int32
    assert tf.shape(a).numpy().tolist() == [3, 4]
    assert tf.shape(a).dtype is tf.int32


def test_lookups_that_leave_out_what_does_not_count():
    ids = tf.SparseTensor([[0, 0], [0, 1], [2, 0], [3, 0]], [1, -1, 2, 0], [5, 2])
    weights = tf.SparseTensor(ids.indices, [1.0, -1, 2, 0], [5, 2])
    table = np.arange(12, dtype=np.float32).reshape(4, 3)
    zero = np.zeros(3)
    np.testing.assert_allclose(tf.nn.safe_embedding_lookup_sparse(table, ids), [table[1], zero, table[2], table[0], zero])
    y = tf.nn.safe_embedding_lookup_sparse(table, ids, weights, default_id=3)
    np.testing.assert_allclose(y, [table[1], table[3], table[2], table[3], table[3]])


@pytest.mark.parametrize(("error", "call"), [
    (tf.errors.InvalidArgumentError, lambda a: tf.sparse.add(a, tf.SparseTensor([[0, 1]], [1.0], [3, 5]))),
    (tf.errors.InvalidArgumentError, lambda a: tf.sparse.add(a, tf.ones([4]))),
    (TypeError, lambda a: tf.sparse.add(tf.ones([4]), tf.ones([4]))),
    (tf.errors.InvalidArgumentError, lambda a: tf.sparse.concat(1, [a, tf.SparseTensor([[0, 1]], [1.0], [2, 5])])),
    (tf.errors.InvalidArgumentError, lambda a: tf.sparse.slice(a, [1], [5])),
    (tf.errors.InvalidArgumentError, lambda a: tf.sparse.split(a, 5, 0)),
    (tf.errors.InvalidArgumentError, lambda a: tf.sparse.softmax(tf.SparseTensor([[0]], [1.0], [2]))),
    (tf.errors.InvalidArgumentError, lambda a: tf.sparse.fill_empty_rows(tf.SparseTensor([[5, 0]], [1.0], [4, 4]), 9.0)),
    (ValueError, lambda a: tf.sparse.reset_shape(a, [2, 5])),
    (ValueError, lambda a: tf.sparse.reset_shape(a, [2, 5, 7])),
    (ValueError, lambda a: tf.sparse.retain(a, [True, False])),
    (tf.errors.InvalidArgumentError, lambda a: tf.sparse.reshape(a, [5, 2])),
    (tf.errors.InvalidArgumentError, lambda a: tf.sparse.reshape(a, [-1, -1])),
    (tf.errors.InvalidArgumentError, lambda a: a * tf.ones([5])),
    (tf.errors.InvalidArgumentError, lambda a: tf.sparse.sparse_dense_matmul(a, tf.ones([3, 2]))),
    (ValueError, lambda a: tf.SparseTensor(tf.constant([[0]]), [1.0], [3])),
])  # fmt: skip
def test_errors_are_of_tensorflows_classes(a, error, call):
    with pytest.raises(error):
        call(a)


# -- gradients ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("f", [
    lambda x: tf.sparse.reduce_sum(x, 1),
    lambda x: tf.sparse.softmax(x).values * tf.constant([1.0, 2.0, 4.0]),
    lambda x: tf.sparse.add(x, tf.SparseTensor(*B)).values,
    lambda x: tf.sparse.slice(x, [0, 1], [2, 5]).values,
    lambda x: tf.sparse.fill_empty_rows(x, 9.0)[0].values,
    lambda x: tf.sparse.reorder(x).values,
    lambda x: tf.sparse.to_dense(x),
    lambda x: tf.sparse.sparse_dense_matmul(x, tf.reshape(tf.range(8.0), [4, 2])),
], ids=["reduce_sum", "softmax", "add", "slice", "fill_empty_rows", "reorder", "to_dense", "matmul"])  # fmt: skip
def test_gradients_reach_the_values(f):
    indices, values, dense_shape = A

    def loss(v):
        return tf.reduce_sum(f(tf.SparseTensor(indices, v, dense_shape)) ** 2)

    v = tf.constant(values)
    with tf.GradientTape() as tape:
        tape.watch(v)
        y = loss(v)
    g = tape.gradient(y, v).numpy()
    e = 1e-2  # of a quadratic or smooth function in float32
    for i in range(3):
        step = np.eye(3, dtype=np.float32)[i] * e
        np.testing.assert_allclose(g[i], (loss(v + step) - loss(v - step)) / (2 * e), rtol=1e-2, atol=2e-3)


# -- later -------------------------------------------------------------------------------------------------------------


def test_functions_take_and_return_sparse_tensors(a):
    traces = []

    @tf.function
    def f(x):
        traces.append(x.shape)
        return {"half": x / 2.0, "sum": tf.sparse.reduce_sum(x, 1)}

    y = f(a)
    assert isinstance(y["half"], tf.SparseTensor)
    assert parts(y["half"]) == (A[0], [0.5, 1.0, 1.5], [3, 4])
    assert y["sum"].numpy().tolist() == [1.0, 5.0, 0.0]
    f(tf.SparseTensor([[2, 2]], [1.0], [3, 4]))  # another number of elements: the same trace
    assert len(traces) == 1
    f(tf.SparseTensor([[2, 2]], [1.0], [3, 5]))
    assert len(traces) == 2


def test_a_signature_says_the_type_of_a_sparse_tensor(a):
    @tf.function(input_signature=[tf.SparseTensorSpec([None, 4], tf.float32)])
    def f(x):
        assert x.shape.as_list() == [None, 4]
        return tf.sparse.reduce_sum(x, 0)

    assert f(a).numpy().tolist() == [2.0, 1.0, 0.0, 3.0]
    assert f(tf.SparseTensor([[7, 1]], [2.0], [9, 4])).numpy().tolist() == [0.0, 2.0, 0.0, 0.0]
    assert f.experimental_get_tracing_count() == 1


def test_a_product_compiles(a):
    w = tf.reshape(tf.range(8.0), [4, 2])
    product = tf.function(lambda v, w: tf.sparse.sparse_dense_matmul(tf.SparseTensor(A[0], v, A[2]), w), jit_compile=True)
    np.testing.assert_allclose(product(a.values, w), dense(a) @ w.numpy())


def test_sessions_feed_and_fetch_sparse_tensors():
    with tf.Graph().as_default(), v1.Session() as session:
        x = v1.sparse_placeholder(tf.float32, shape=[None, 4])
        both = v1.sparse_concat(0, [x, x])
        results = [v1.sparse_reduce_sum(x, reduction_axes=1), v1.sparse_reshape(x, [-1, 2]), both, v1.sparse_add(x, x)]
        total, reshaped, twice, doubled = session.run(results, {x: v1.SparseTensorValue(*A)})
    assert total.tolist() == [1.0, 5.0, 0.0]
    assert isinstance(reshaped, v1.SparseTensorValue)
    assert reshaped.indices.tolist() == [[0, 1], [2, 0], [3, 1]]
    assert reshaped.dense_shape.tolist() == [6, 2]
    assert twice.dense_shape.tolist() == [6, 4]
    assert doubled.values.tolist() == [2.0, 4.0, 6.0]


def test_nests_expand_composites_when_asked(a):
    assert tf.nest.flatten([a]) == [a]
    assert len(tf.nest.flatten([a, 1], expand_composites=True)) == 4
    y = tf.nest.map_structure(tf.identity, {"x": a}, expand_composites=True)["x"]
    assert parts(y) == parts(a)
    assert tf.is_tensor(a)


@pytest.mark.parametrize("dimensions", [False, True])
def test_a_placeholder_of_unknown_rank_takes_any_shape(dimensions):
    (v1.disable_v2_tensorshape if dimensions else v1.enable_v2_tensorshape)()  # TensorFlow 1's shapes give Dimension objects
    try:
        with tf.Graph().as_default(), v1.Session() as session:
            x = v1.sparse_placeholder(tf.float32)
            w = v1.placeholder(tf.float32, [None, 2])
            y = v1.sparse_tensor_dense_matmul(x, w)
            dw, dv = v1.gradients(y, [w, x.values])
            assert x.shape.rank is None
            y, dw, dv = session.run([y, dw, dv], {x: A, w: np.ones([4, 2])})
    finally:
        v1.enable_v2_tensorshape()
    assert y.tolist() == [[1.0, 1.0], [5.0, 5.0], [0.0, 0.0]]
    assert dw.tolist() == [[2.0, 2.0], [1.0, 1.0], [0.0, 0.0], [3.0, 3.0]]
    assert dv.tolist() == [2.0, 2.0, 2.0]
