"""Indexing where no golden says it all: partial shapes, assignment, variables, the words of refusals.

Values, shapes and gradients of `x[...]` are in `goldens/cases/slicing.py`.
"""

import numpy as np
import pytest

import thalweg as tf

v1 = tf.compat.v1
CUBE = np.arange(60.0).reshape(3, 4, 5)

INDICES = [
    0, -1, slice(1, 3), slice(None, None, -1), slice(None, None, 2), (slice(None), 1), (..., 2), (1, ..., slice(0, 3)),
    None, (None, 0), (..., None), (slice(None), None, slice(3, 0, -2)), (0, 1, 2), (), ..., (slice(5, 9), 0),
    (slice(None), slice(-3, -1), slice(None, None, -3)),
]  # fmt: skip


@pytest.mark.parametrize("index", INDICES, ids=str)
def test_basic_indices_agree_with_numpy(index):
    np.testing.assert_array_equal(tf.constant(CUBE)[index].numpy(), CUBE[index])


@pytest.mark.parametrize("index", INDICES, ids=str)
@pytest.mark.parametrize("shape", [[3, 4, 5], [None, 4, 5], [None, None, None]], ids=str)
def test_static_shapes_fit_the_result(index, shape):
    with tf.Graph().as_default():
        y = v1.placeholder(tf.float64, shape)[index]
    actual = CUBE[index].shape
    assert y.shape.rank == len(actual)
    assert all(d is None or d == n for d, n in zip(y.shape.as_list(), actual))
    if None not in shape:
        assert y.shape.as_list() == list(actual)


@pytest.mark.parametrize(
    ("shape", "index", "known"),
    [
        ([None, 4], (slice(None), slice(1, 3)), [None, 2]),
        ([None, 4], slice(0, 1), [None, 4]),
        ([None, 4], 0, [4]),
        ([None, 4], (..., -1), [None]),
        ([2, None], (slice(None), None), [2, 1, None]),
        ([None, 6], (slice(None), slice(None, None, -2)), [None, 3]),
    ],
    ids=str,
)
def test_static_shapes_of_partial_inputs(shape, index, known):
    with tf.Graph().as_default():
        assert v1.placeholder(tf.float32, shape)[index].shape.as_list() == known


def test_unknown_rank_stays_unknown():
    with tf.Graph().as_default():
        assert v1.placeholder(tf.float32)[0].shape.rank is None


def test_a_dimension_taken_from_the_shape_keeps_its_value():
    with tf.Graph().as_default():
        x = v1.placeholder(tf.float32, [None, 4])
        assert tf.reshape(x, [tf.shape(x)[0], 2, 2]).shape.as_list() == [None, 2, 2]
        assert tf.zeros(tf.shape(x)[1:]).shape.as_list() == [4]


def test_tensors_as_bounds_run_in_a_session():
    with tf.Graph().as_default(), v1.Session() as session:
        x, i = v1.placeholder(tf.float64, [3, 4, 5]), v1.placeholder(tf.int32, [])
        feed = {x: CUBE, i: 1}
        np.testing.assert_array_equal(session.run(x[i], feed), CUBE[1])
        np.testing.assert_array_equal(session.run(x[:, i : i + 2], feed), CUBE[:, 1:3])
        np.testing.assert_array_equal(session.run(x[..., :i], feed), CUBE[..., :1])
        np.testing.assert_array_equal(session.run(x[-i], feed), CUBE[-1])


def test_gradient_of_a_slice_fills_the_rest_with_zeros():
    x = tf.constant(CUBE)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.reduce_sum(x[1, ::2, ::-1] * 3.0)
    expected = np.zeros_like(CUBE)
    expected[1, ::2] = 3.0
    np.testing.assert_array_equal(tape.gradient(y, x).numpy(), expected)


@pytest.mark.parametrize(
    ("index", "error", "words"),
    [
        (3, tf.errors.InvalidArgumentError, "out of bounds"),
        ((0, 0, 0, 0), tf.errors.InvalidArgumentError, "[Tt]oo many indices|dims|must"),
        (1.5, TypeError, "Only integers, slices"),
        ("a", TypeError, "Only integers, slices"),
        (([0, 1], 0), TypeError, "Only integers, slices"),
        (slice(None, None, 0), tf.errors.InvalidArgumentError, "must be non-zero"),
    ],
    ids=str,
)
def test_refused_indices_say_what_is_wrong(index, error, words):
    with pytest.raises(error, match=words):
        tf.constant(CUBE)[index]


def test_slices_of_variables_can_be_assigned():
    v = tf.Variable(np.zeros((3, 4)))
    v[1, 1:3].assign([1.0, 2.0])
    v[:, 0].assign(tf.constant([7.0, 8.0, 9.0], tf.float64))
    assert v.numpy().tolist() == [[7, 0, 0, 0], [8, 1, 2, 0], [9, 0, 0, 0]]


def test_results_do_not_alias_their_source():
    array = np.arange(4.0)
    x = tf.constant(array)
    part = x[1:3]
    array[1] = 100.0
    part.numpy()[0] = 200.0
    assert x.numpy().tolist() == [0.0, 1.0, 2.0, 3.0]
    assert part.numpy().tolist() == [1.0, 2.0]
