"""What the engine says when it is given something wrong: the right class, in one or two sentences, with the name.

Calls with bad values, shapes and dtypes are in the golden tables; here stand sessions, graphs, variables and tapes.
"""

import numpy as np
import pytest

import thalweg as tf

v1 = tf.compat.v1


@pytest.fixture
def graph():
    with tf.Graph().as_default() as graph:
        yield graph


def said(caught):
    return str(caught.value)


# -- feeds and fetches -------------------------------------------------------------------------------------------------


def test_a_feed_of_the_wrong_shape_names_both_shapes(graph):
    x = v1.placeholder(tf.float32, [None, 3], "features")
    with v1.Session() as session, pytest.raises(ValueError) as caught:
        session.run(x + 1.0, {x: np.zeros((4, 2))})
    assert "features" in said(caught)
    assert "(4, 2)" in said(caught)
    assert "(?, 3)" in said(caught) or "(None, 3)" in said(caught)


def test_a_feed_of_the_wrong_rank(graph):
    x = v1.placeholder(tf.float32, [None, 1], "labels")
    with v1.Session() as session, pytest.raises(ValueError, match=r"labels.*|.*\(4,\).*"):
        session.run(x * 2.0, {x: np.zeros(4)})


@pytest.mark.parametrize(
    "value", ["three", ["a", "b"], [[1.0], [2.0, 3.0]], None, object()], ids=["str", "strs", "ragged", "None", "object"]
)
def test_a_feed_that_is_no_number(graph, value):
    x = v1.placeholder(tf.float32, name="x")
    with v1.Session() as session, pytest.raises((ValueError, TypeError)):
        session.run(x + 1.0, {x: value})


def test_a_feed_of_floats_for_integers(graph):
    x = v1.placeholder(tf.int32, [2], "ids")
    with v1.Session() as session:
        assert session.run(x + 1, {x: np.array([1.0, 2.0])}).tolist() == [2, 3]
        with pytest.raises((ValueError, TypeError)):
            session.run(x + 1, {x: 2**40})


def test_a_tensor_as_a_feed(graph):
    x, y = v1.placeholder(tf.float32, []), tf.constant(1.0)
    with v1.Session() as session, pytest.raises(TypeError, match="feed"):
        session.run(x + 1.0, {x: y})


def test_a_feed_that_is_no_tensor(graph):
    v1.placeholder(tf.float32, [])
    with v1.Session() as session:
        with pytest.raises(TypeError, match="feed_dict"):
            session.run(tf.constant(1.0), {3.5: 1.0})
        with pytest.raises((TypeError, ValueError), match="nothing"):
            session.run(tf.constant(1.0), {"nothing:0": 1.0})


def test_a_missing_feed_names_the_placeholder(graph):
    x = v1.placeholder(tf.float32, [2], "features")
    with v1.Session() as session, pytest.raises(tf.errors.InvalidArgumentError, match="features"):
        session.run(x + 1.0)


def test_a_fetch_from_another_graph(graph):
    with tf.Graph().as_default():
        stranger = tf.constant(1.0, name="stranger")
    tf.constant(2.0)
    with v1.Session() as session, pytest.raises(ValueError, match="stranger"):
        session.run(stranger)


@pytest.mark.parametrize("fetch", [None, 3.5, [None], {"a": 1}], ids=repr)
def test_a_fetch_that_is_nothing_to_fetch(graph, fetch):
    tf.constant(1.0)
    with v1.Session() as session, pytest.raises(TypeError):
        session.run(fetch)


def test_a_fetch_by_a_name_that_is_not_there(graph):
    tf.constant(1.0, name="there")
    with v1.Session() as session, pytest.raises(ValueError, match="not_there"):
        session.run("not_there:0")


def test_a_session_with_an_empty_graph(graph):
    with v1.Session() as session, pytest.raises(RuntimeError, match="empty"):
        session.run([])


def test_a_closed_session(graph):
    x = tf.constant(1.0)
    session = v1.Session()
    session.close()
    with pytest.raises(RuntimeError, match="closed"):
        session.run(x)


def test_eval_without_a_session(graph):
    with pytest.raises(ValueError, match="session"):
        tf.constant(1.0).eval()


# -- graphs ------------------------------------------------------------------------------------------------------------


def test_a_shape_error_is_found_while_building(graph):
    x, w = v1.placeholder(tf.float32, [None, 3]), tf.zeros([4, 5])
    with pytest.raises(ValueError) as caught:
        tf.matmul(x, w, name="layer")
    assert "layer" in said(caught) or "MatMul" in said(caught)
    assert "3" in said(caught)
    assert "4" in said(caught)


def test_a_shape_error_at_run_time_names_the_op(graph):
    x = v1.placeholder(tf.float32)
    y = tf.matmul(x, tf.zeros([4, 5]), name="deep_layer")
    with v1.Session() as session, pytest.raises(tf.errors.InvalidArgumentError, match="deep_layer"):
        session.run(y, {x: np.zeros((2, 3))})


def test_an_eager_shape_error_names_the_op_and_the_shapes():
    with pytest.raises(tf.errors.InvalidArgumentError) as caught:
        tf.matmul(tf.zeros([2, 3]), tf.zeros([4, 5]))
    assert "MatMul" in said(caught)
    assert "3" in said(caught)
    assert "4" in said(caught)


def test_a_finalized_graph_takes_no_more_ops(graph):
    tf.constant(1.0)
    graph.finalize()
    with pytest.raises(RuntimeError, match="finalized"):
        tf.constant(2.0)


def test_names_that_graphs_do_not_allow(graph):
    with pytest.raises(ValueError, match="not a valid"):
        tf.constant(1.0, name="a b")
    with pytest.raises(ValueError, match="not a valid"), tf.name_scope("a:b"):
        pass


def test_elements_that_a_graph_does_not_have(graph):
    tf.constant(1.0, name="x")
    with pytest.raises(KeyError, match="y"):
        graph.get_tensor_by_name("y:0")
    with pytest.raises(KeyError):
        graph.get_operation_by_name("y")
    with pytest.raises(ValueError):
        graph.get_tensor_by_name("x")


# -- variables ---------------------------------------------------------------------------------------------------------


def test_an_uninitialised_variable_is_named(graph):
    v = v1.get_variable("weights", [2])
    with v1.Session() as session, pytest.raises(tf.errors.FailedPreconditionError, match="weights"):
        session.run(v + 1.0)


def test_assigning_another_shape():
    v = tf.Variable([1.0, 2.0], name="w")
    with pytest.raises(ValueError, match=r"\(3,\)"):
        v.assign([1.0, 2.0, 3.0])
    assert v.numpy().tolist() == [1.0, 2.0]


def test_assigning_another_dtype():
    v = tf.Variable([1.0, 2.0])
    with pytest.raises((ValueError, TypeError)):
        v.assign(tf.constant([1, 2]))
    with pytest.raises((ValueError, TypeError)):
        v.assign(["a", "b"])


def test_a_variable_without_a_value():
    with pytest.raises((ValueError, TypeError)):
        tf.Variable()
    with pytest.raises((ValueError, TypeError)):
        tf.Variable(None)


def test_a_variable_made_twice_in_one_scope(graph):
    v1.get_variable("w", [2])
    with pytest.raises(ValueError, match="already exists"):
        v1.get_variable("w", [2])
    with v1.variable_scope("", reuse=True), pytest.raises(ValueError, match="does not exist"):
        v1.get_variable("other", [2])
    with v1.variable_scope("", reuse=True), pytest.raises(ValueError, match="shape"):
        v1.get_variable("w", [3])


def test_a_function_that_makes_a_variable_each_time():
    @tf.function
    def f(x):
        return x + tf.Variable(1.0)

    with pytest.raises(ValueError, match=r"tf\.Variable"):
        f(tf.constant(1.0))
        f(tf.constant([1.0]))


# -- tapes -------------------------------------------------------------------------------------------------------------


def test_a_tape_gives_one_set_of_gradients():
    x = tf.Variable(2.0)
    with tf.GradientTape() as tape:
        y = x * x
    tape.gradient(y, x)
    with pytest.raises(RuntimeError, match="non-persistent"):
        tape.gradient(y, x)


def test_sources_and_targets_of_a_tape():
    x = tf.Variable(2.0)
    with tf.GradientTape(persistent=True) as tape:
        y = x * x
    with pytest.raises(TypeError):
        tape.gradient(None, x)
    with pytest.raises((TypeError, ValueError, AttributeError)):
        tape.gradient(y, [1.0])
    with pytest.raises(ValueError, match="unconnected_gradients"):
        tape.gradient(y, x, unconnected_gradients="nonsense")


def test_watching_what_is_no_tensor():
    with tf.GradientTape() as tape, pytest.raises(ValueError, match=r"watch|Passed in"):
        tape.watch([1.0])


def test_gradients_are_built_in_graphs_only():
    x = tf.Variable(2.0)
    with pytest.raises(RuntimeError, match="GradientTape"):
        tf.gradients(x * x, x)


def test_a_path_without_a_gradient_gives_none(graph):
    x = v1.placeholder(tf.float32, [2])
    with pytest.warns(UserWarning, match="no gradient"):
        assert tf.gradients(tf.argmax(x), x) == [None]


# -- errors themselves -------------------------------------------------------------------------------------------------


def test_errors_carry_what_tensorflow_programs_read():
    with pytest.raises(tf.errors.OpError) as caught:
        tf.reshape([1, 2, 3], [2, 2])
    assert caught.value.error_code == 3
    assert isinstance(caught.value.message, str)
    assert caught.value.op is None
    with pytest.raises(tf.errors.InvalidArgumentError):
        raise tf.errors.InvalidArgumentError(None, None, "message")


@pytest.mark.parametrize(
    "name",
    [
        "AbortedError", "AlreadyExistsError", "CancelledError", "DataLossError", "DeadlineExceededError",
        "FailedPreconditionError", "InternalError", "InvalidArgumentError", "NotFoundError", "OutOfRangeError",
        "PermissionDeniedError", "ResourceExhaustedError", "UnauthenticatedError", "UnavailableError",
        "UnimplementedError", "UnknownError",
    ],
)  # fmt: skip
def test_every_error_class_is_there(name):
    error = getattr(tf.errors, name)(None, None, "what happened")
    assert isinstance(error, tf.errors.OpError)
    assert "what happened" in str(error)
    assert getattr(v1.errors, name) is getattr(tf.errors, name)


def test_a_message_that_asks_for_more_than_it_gives_is_refused_before_memory_is_taken():
    message = b"\x08\x01\x12\x08\x12\x06\x08\x80\x80\x80\x80\x04"  # float32, shape [2 ** 30], no elements
    with pytest.raises(tf.errors.InvalidArgumentError, match="too large"):
        tf.io.parse_tensor(message, tf.float32)
    with pytest.raises(tf.errors.InvalidArgumentError):
        tf.io.parse_tensor(message[:5], tf.float32)
