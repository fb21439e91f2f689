"""What the tables of goldens and ops do not show of arithmetic, reductions, activations, losses and assertions."""

import inspect

import numpy as np
import pytest

import thalweg as tf
from thalweg.engine.core.registry import REGISTRY
from thalweg.engine.xp import jnp

v1 = tf.compat.v1


# -- names and arguments -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("function", "name"),
    [(tf.nn.relu, "relu"), (tf.negative, "negative"), (tf.multiply, "multiply"), (tf.math.floormod, "floormod"),
     (tf.math.bessel_i0e, "bessel_i0e"), (tf.math.is_nan, "is_nan"), (tf.realdiv, "realdiv"), (tf.math.nextafter, "nextafter")],
)  # fmt: skip
def test_records_carry_the_public_name(function, name):
    assert function.__name__ == name
    assert function.__doc__


def test_a_record_takes_arguments_by_position_keyword_and_name():
    a, b = tf.constant([1.0, 2.0]), tf.constant([3.0, 4.0])
    expected = [-2.0, -2.0]
    assert tf.subtract(a, b).numpy().tolist() == expected
    assert tf.subtract(x=a, y=b).numpy().tolist() == expected
    assert tf.subtract(a, y=b, name="n").numpy().tolist() == expected
    assert tf.subtract(a, b, "n").numpy().tolist() == expected
    assert str(inspect.signature(tf.subtract)) == "(x, y, name=None)"
    for call in (lambda: tf.subtract(a), lambda: tf.subtract(), lambda: tf.subtract(a, b, z=1), lambda: tf.negative(a, x=b)):
        with pytest.raises(TypeError):
            call()


def test_operators_name_their_nodes_as_tensorflow_does():
    with tf.Graph().as_default():
        x = v1.placeholder(tf.float32, [2], name="x")
        names = [t.op.name for t in (x + 1.0, 1.0 - x, x / 2.0, -x, abs(x), x**2.0, x % 2.0, x // 2.0, x < 1.0)]
        assert names == ["add", "sub", "truediv", "Neg", "Abs", "pow", "mod", "floordiv", "Less"]
        assert (x + 1.0).op.name == "add_1"
        assert (x / 2.0).op.type == "RealDiv"


# -- operators ---------------------------------------------------------------------------------------------


class Meters:
    """An operand that knows what to do with a tensor, which a tensor does not know of it."""

    def __radd__(self, other):
        return "radd"

    def __gt__(self, other):
        return "gt"


def test_an_operand_that_cannot_be_converted_is_asked_itself():
    x = tf.constant([1.0])
    assert x + Meters() == "radd"
    assert (x < Meters()) == "gt"
    with pytest.raises((TypeError, ValueError)):
        x * Meters()
    with pytest.raises((TypeError, ValueError)):
        x + object()


def test_equality_is_of_values_and_of_objects_in_graphs_of_tensorflow_1():
    a, b = tf.constant([1, 2]), tf.constant([1, 3])
    assert (a == b).numpy().tolist() == [True, False]
    assert (a != b).numpy().tolist() == [False, True]
    assert (a == None) is False  # noqa: E711
    assert (a != None) is True  # noqa: E711
    assert (a == tf.constant([1, 2, 3])).numpy() == np.False_
    with tf.Graph().as_default():
        x, y = v1.placeholder(tf.int32), v1.placeholder(tf.int32)
        assert (x == x) is True
        assert (x == y) is False
        assert (x != y) is True


def test_a_function_compares_values():
    @tf.function
    def same(x, y):
        return x == y

    assert same(tf.constant([1, 2]), tf.constant([1, 3])).numpy().tolist() == [True, False]


# -- both engines ------------------------------------------------------------------------------------------


def test_division_by_zero_raises_on_numpy_and_gives_a_number_under_xla():
    with pytest.raises(tf.errors.InvalidArgumentError, match="Integer division by zero"):
        tf.constant([1, 2]) // tf.constant([1, 0])
    y = REGISTRY["FloorDiv"].kernel(jnp(), jnp().array([1, 4]), jnp().array([0, 2]))
    assert int(y[1]) == 2


def test_a_label_that_is_no_class_raises_on_numpy_and_is_nan_under_xla():
    logits, labels = np.zeros((2, 3), np.float32), np.array([1, 3])
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"label value of 3 .* \[0, 3\)"):
        tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)
    loss, gradient = REGISTRY["SparseSoftmaxCrossEntropyWithLogits"].kernel(jnp(), jnp().array(logits), jnp().array(labels))
    assert np.isnan(np.asarray(loss)).tolist() == [False, True]
    assert np.isnan(np.asarray(gradient)).all(axis=1).tolist() == [False, True]


@pytest.mark.parametrize("dtype", [tf.float16, tf.bfloat16])
def test_sums_of_many_short_floats_keep_counting(dtype):
    assert tf.reduce_sum(tf.ones([4096], dtype)).numpy() == 4096
    assert tf.reduce_mean(tf.ones([4096], dtype)).numpy() == 1


# -- gradients ---------------------------------------------------------------------------------------------


def test_cross_entropy_has_a_second_derivative():
    logits = tf.constant([[0.5, -1.0, 2.0]])
    labels = tf.constant([[0.2, 0.3, 0.5]])
    with tf.GradientTape() as outer:
        outer.watch(logits)
        with tf.GradientTape() as inner:
            inner.watch(logits)
            loss = tf.nn.softmax_cross_entropy_with_logits(labels, logits)
        first = inner.gradient(loss, logits)
    second = outer.jacobian(first, logits)[0, :, 0]
    p = tf.nn.softmax(logits).numpy()[0]
    np.testing.assert_allclose(first.numpy()[0], p - labels.numpy()[0], rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(second.numpy(), np.diag(p) - np.outer(p, p), rtol=1e-5, atol=1e-7)


def test_tensorflow_1s_softmax_cross_entropy_leaves_labels_alone():
    with tf.Graph().as_default():
        labels, logits = tf.constant([[0.5, 0.5]]), tf.constant([[1.0, 2.0]])
        old = v1.nn.softmax_cross_entropy_with_logits(labels=labels, logits=logits)
        new = v1.nn.softmax_cross_entropy_with_logits_v2(labels=labels, logits=logits)
        assert tf.gradients(old, labels) == [None]
        assert tf.gradients(new, labels)[0] is not None


@pytest.mark.parametrize("axis", [None, 1, [0, -1]])
def test_products_of_unknown_rank_have_gradients_where_there_are_zeros(axis):
    value = np.array([[[2.0, 0.0], [3.0, 4.0]], [[0.0, 0.0], [1.0, 5.0]]], np.float32)
    x = tf.constant(value)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.reduce_prod(x, axis)
    expected = tape.gradient(y, x).numpy()
    with tf.Graph().as_default(), v1.Session() as session:
        x = v1.placeholder(tf.float32, None)
        gradient = tf.gradients(tf.reduce_prod(x, axis), x)[0]
        np.testing.assert_allclose(session.run(gradient, {x: value}), expected, rtol=1e-6)


# -- clipping ----------------------------------------------------------------------------------------------


def test_slices_are_clipped_by_their_values():
    slices = tf.IndexedSlices(tf.constant([[3.0, 4.0]]), tf.constant([2]), tf.constant([5, 2]))
    for clipped in (tf.clip_by_norm(slices, 1.0), tf.clip_by_global_norm([slices], 1.0)[0][0]):
        np.testing.assert_allclose(clipped.values.numpy(), [[0.6, 0.8]], rtol=1e-6)
        assert clipped.indices is slices.indices
    assert tf.clip_by_value(slices, 0.0, 3.5).values.numpy().tolist() == [[3.0, 3.5]]


def test_a_global_norm_that_is_not_finite_spoils_the_gradients_visibly():
    clipped, norm = tf.clip_by_global_norm([tf.constant([np.inf]), tf.constant([1.0])], 1.0)
    assert np.isinf(norm.numpy())
    assert all(np.isnan(c.numpy()).all() for c in clipped)


@pytest.mark.parametrize(
    ("source", "target"), [(tf.float32, tf.int32), (tf.float64, tf.int64), (tf.float32, tf.uint64), (tf.int64, tf.int8)]
)
def test_saturated_casts_stay_within_what_the_dtype_holds(source, target):
    low, high = tf.saturate_cast(tf.cast([source.min, source.max], source), target).numpy().tolist()
    assert low == target.min
    assert target.max * 0.999 <= high <= target.max


# -- assertions --------------------------------------------------------------------------------------------


def test_an_assertion_says_what_differs_and_where():
    with pytest.raises(tf.errors.InvalidArgumentError) as caught:
        tf.debugging.assert_equal([1, 2, 3], [1, 5, 3], message="counts")
    text = str(caught.value)
    for part in ("counts", "x == y", "[[1]]", "[2]", "[5]"):
        assert part in text


def test_an_assertion_in_a_graph_runs_as_a_control_dependency():
    with tf.Graph().as_default(), v1.Session() as session:
        x = v1.placeholder(tf.int32, [2])
        with tf.control_dependencies([v1.assert_positive(x, data=["not positive:", x])]):
            y = tf.identity(x)
        assert session.run(y, {x: [1, 2]}).tolist() == [1, 2]
        with pytest.raises(tf.errors.InvalidArgumentError, match="not positive"):
            session.run(y, {x: [1, 0]})


def test_an_assertion_in_a_function_runs_though_nothing_needs_it():
    @tf.function
    def double(x):
        tf.debugging.assert_non_negative(x)
        return 2 * x

    assert double(tf.constant([1])).numpy().tolist() == [2]
    with pytest.raises(tf.errors.InvalidArgumentError):
        double(tf.constant([-1]))


def test_shapes_are_asserted_by_name():
    x, y = tf.ones([2, 3]), tf.ones([3, 4])
    tf.debugging.assert_shapes([(x, ("N", "Q")), (y, ("Q", "D"))])
    tf.debugging.assert_shapes([(x, (..., 3)), (y, None)])
    with pytest.raises(ValueError, match="'N'"):
        tf.debugging.assert_shapes([(x, ("N", "Q")), (y, ("N", "D"))])
    with pytest.raises(ValueError, match="rank"):
        tf.debugging.assert_shapes([(x, ("N",))])
