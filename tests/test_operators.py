"""What tensors do as Python objects, besides the operators whose results `goldens/cases/operators.py` records."""

import copy
import operator
import pickle

import numpy as np
import pytest

import thalweg as tf

v1 = tf.compat.v1


def test_truth_of_one_element_only():
    assert tf.constant(1.5)
    assert not tf.constant(0)
    assert tf.constant([[True]])
    with pytest.raises(ValueError, match="ambiguous"):
        bool(tf.constant([1, 2]))


@pytest.mark.parametrize("use", [bool, list, len, iter, float, int, operator.index])
def test_a_symbolic_tensor_has_no_value_yet(use):
    with tf.Graph().as_default():
        x = v1.placeholder(tf.float32, [None])
        with pytest.raises(TypeError):
            use(x)


def test_numbers_from_scalars():
    assert float(tf.constant(2.5)) == 2.5
    assert int(tf.constant(7)) == 7
    assert complex(tf.constant(1 + 2j)) == 1 + 2j
    assert [10, 20, 30][tf.constant(1)] == 20
    assert list(range(3))[: tf.constant(2)] == [0, 1]
    assert round(tf.constant(2.567).numpy().item(), 2) == 2.57
    with pytest.raises(TypeError):
        float(tf.constant([1.0, 2.0]))
    with pytest.raises((TypeError, AttributeError)):
        operator.index(tf.constant(1.5))


def test_length_and_iteration():
    x = tf.constant([[1, 2], [3, 4], [5, 6]])
    assert len(x) == 3
    assert [row.numpy().tolist() for row in x] == [[1, 2], [3, 4], [5, 6]]
    *_, c = x
    assert c.numpy().tolist() == [5, 6]
    with pytest.raises(TypeError, match=r"[Ss]calar"):
        len(tf.constant(1))
    with pytest.raises(TypeError):
        iter(tf.constant(1))


def test_iteration_over_a_symbolic_tensor_in_a_function_body_names_the_problem():
    with tf.Graph().as_default(), pytest.raises(TypeError, match=r"[Ii]terating"):
        list(v1.placeholder(tf.float32, [None]))


def test_equality_is_elementwise_and_tensors_are_not_hashable():
    x, y = tf.constant([1, 2]), tf.constant([1, 3])
    assert (x == y).numpy().tolist() == [True, False]
    assert (x != y).numpy().tolist() == [False, True]
    assert (x == None) is False  # noqa: E711
    assert (x != None) is True  # noqa: E711
    with pytest.raises(TypeError, match="unhashable"):
        hash(x)
    assert len({x.ref(), x.ref(), y.ref()}) == 2
    assert x.ref().deref() is x


def test_comparing_shapes_that_do_not_fit_is_false():
    same = tf.constant([1.0, 2.0]) == tf.constant([1.0, 2.0, 3.0])
    assert not same
    assert tf.constant([1.0, 2.0]) != tf.constant([1.0, 2.0, 3.0])


def test_membership_uses_values():
    assert tf.constant(1) in tf.constant([2, 1])
    assert 3 not in tf.constant([2, 1])


def test_augmented_assignment_rebinds():
    x = tf.constant([1.0, 2.0])
    before = x
    x += 1
    x *= 2
    x -= 1
    x /= 3
    x **= 2
    assert x.numpy().tolist() == [1.0, pytest.approx(25 / 9)]
    assert before.numpy().tolist() == [1.0, 2.0]


def test_tensors_are_read_only():
    x = tf.constant([1, 2, 3])
    with pytest.raises(TypeError, match="does not support item assignment"):
        x[0] = 5
    x.numpy()[0] = 9
    assert x.numpy().tolist() == [1, 2, 3]


def test_a_tensor_does_not_share_the_array_it_came_from():
    array = np.array([1.0, 2.0], np.float32)
    x = tf.constant(array)
    array[0] = 100.0
    assert x.numpy().tolist() == [1.0, 2.0]
    y = tf.convert_to_tensor(array)
    array[1] = 200.0
    assert y.numpy().tolist() == [100.0, 2.0]


def test_numpy_functions_take_tensors():
    x = tf.constant([[1.0, 2.0], [3.0, 4.0]])
    assert np.asarray(x).dtype == np.float32
    assert np.asarray(x, np.float64).dtype == np.float64
    assert np.sum(x) == 10.0
    assert np.exp(x).shape == (2, 2)
    assert np.array([tf.constant(1), tf.constant(2)]).tolist() == [1, 2]
    np.testing.assert_allclose(x, [[1, 2], [3, 4]])
    assert x.__array_priority__ == 100


@pytest.mark.parametrize("op", [operator.add, operator.mul, operator.sub, operator.matmul])
def test_a_numpy_array_on_the_left_gives_a_tensor(op):
    left = np.array([[1.0, 2.0], [3.0, 4.0]], np.float32)
    right = tf.constant([[1.0, 2.0], [3.0, 4.0]])
    result = op(left, right)
    assert tf.is_tensor(result)
    np.testing.assert_array_equal(result.numpy(), op(left, right.numpy()))


def test_numpy_scalars_take_the_dtype_of_the_tensor():
    x = tf.constant([1.0, 2.0])
    assert (x * np.float64(2)).dtype == tf.float32
    assert (np.float64(2) * x).dtype == tf.float32
    assert (x + np.int64(1)).dtype == tf.float32


def test_a_symbolic_tensor_refuses_numpy():
    with tf.Graph().as_default():
        x = v1.placeholder(tf.float32, [2])
        with pytest.raises((NotImplementedError, TypeError)):
            np.asarray(x)


def test_copies_and_pickles_keep_values():
    x = tf.constant([1.0, 2.0])
    assert copy.copy(x).numpy().tolist() == [1.0, 2.0]
    assert copy.deepcopy(x).numpy().tolist() == [1.0, 2.0]
    assert pickle.loads(pickle.dumps(x)).numpy().tolist() == [1.0, 2.0]


def test_attributes_of_eager_tensors():
    x = tf.constant([[1.0, 2.0, 3.0]])
    assert x.shape == (1, 3)
    assert x.shape.as_list() == [1, 3]
    assert x.get_shape().rank == 2
    assert x.ndim == 2
    assert x.dtype == tf.float32
    assert x.dtype == "float32"
    assert x.dtype == np.float32
    assert x.numpy().tolist() == [[1.0, 2.0, 3.0]]
    assert "CPU:0" in x.device
    with pytest.raises(AttributeError, match="graph"):
        _ = x.graph
    with pytest.raises(AttributeError, match="name"):
        _ = x.name
    with pytest.raises(AttributeError, match="op"):
        _ = x.op
    with pytest.raises(AttributeError):
        _ = x.nonsense


def test_attributes_numpy_users_try_say_where_to_find_them():
    with pytest.raises(AttributeError, match="numpy"):
        _ = tf.constant([1]).astype


def test_attributes_of_symbolic_tensors():
    with tf.Graph().as_default() as graph:
        x = v1.placeholder(tf.float32, [None, 3], "x")
        y = x + 1.0
        assert x.name == "x:0"
        assert x.op.name == "x"
        assert x.op.type == "Placeholder"
        assert x.graph is graph
        assert y.op.inputs[0] is x
        assert x.consumers() == [y.op]
        assert y.value_index == 0
        x.set_shape([4, 3])
        assert x.shape.as_list() == [4, 3]
        with pytest.raises(ValueError):
            x.set_shape([5, 3])
        with pytest.raises(AttributeError):
            x.numpy()


def test_symbolic_tensors_are_compared_by_identity_in_a_graph():
    with tf.Graph().as_default():
        x = v1.placeholder(tf.float32)
        y = v1.placeholder(tf.float32)
        assert {x: 1, y: 2}[y] == 2
        assert x in [y, x]


def test_operands_of_two_graphs_are_refused():
    with tf.Graph().as_default():
        x = v1.placeholder(tf.float32, [2])
    with tf.Graph().as_default():
        y = v1.placeholder(tf.float32, [2])
        with pytest.raises(ValueError, match="graph"):
            _ = tf.add(x, y)


def test_variables_take_operators_and_assignments():
    v = tf.Variable([1.0, 2.0])
    assert (v + 1.0).numpy().tolist() == [2.0, 3.0]
    assert (2.0 * v).numpy().tolist() == [2.0, 4.0]
    assert (np.float32(1) - v).numpy().tolist() == [0.0, -1.0]
    assert v[1].numpy() == 2.0
    assert (-v).numpy().tolist() == [-1.0, -2.0]
    v.assign_add([1.0, 1.0])
    assert v.numpy().tolist() == [2.0, 3.0]
    v[0].assign(9.0)
    assert v.numpy().tolist() == [9.0, 3.0]
