"""tf.function as people use it: traces, signatures, retraces, methods, closures, variables, tapes."""

import gc
import weakref

import numpy as np
import pytest

import thalweg as tf

# -- traces ------------------------------------------------------------------------------------------------------------


def test_traced_once_for_each_kind_of_argument():
    traced = []

    @tf.function
    def f(x, flag=True):
        traced.append((x.dtype, x.shape))
        return x + 1 if flag else x

    f(tf.constant([1.0]))
    f(tf.constant([2.0]))
    assert len(traced) == 1
    f(tf.constant([1, 2]))
    f(tf.constant([1.0]), False)
    f(x=tf.constant([5.0]), flag=True)
    assert len(traced) == 3
    assert f.experimental_get_tracing_count() == 3


def test_python_numbers_are_part_of_the_trace_and_arrays_are_not():
    traced = []

    @tf.function
    def f(x):
        traced.append(x)
        return tf.convert_to_tensor(x) * 2

    assert [f(1).numpy(), f(2).numpy(), f(1).numpy()] == [2, 4, 2]
    assert len(traced) == 2
    assert f(np.array([1.0, 2.0])).numpy().tolist() == [2, 4]
    assert f(np.array([3.0, 4.0])).numpy().tolist() == [6, 8]
    assert len(traced) == 3


def test_one_and_true_are_different_arguments():
    @tf.function
    def f(x):
        return tf.constant("bool") if isinstance(x, bool) else tf.constant("int")

    assert [f(1).numpy(), f(True).numpy(), f(1.0).numpy()] == [b"int", b"bool", b"int"]


def test_reduce_retracing_relaxes_shapes():
    traced = []

    @tf.function(reduce_retracing=True)
    def f(x):
        traced.append(x.shape.as_list())
        return tf.reduce_sum(x)

    for n in range(1, 6):
        assert f(tf.ones([n, 2])).numpy() == 2 * n
    assert traced == [[1, 2], [None, 2]]


def test_many_retraces_name_the_argument():
    @tf.function
    def f(x, rate):
        return x * rate

    with pytest.warns(UserWarning, match=r"f\(\).*rate.*0\.\d") as caught:
        for i in range(8):
            f(tf.constant(1.0), i / 10)
    assert "tf.constant" in str(caught[0].message) or "tensor" in str(caught[0].message)
    assert len(caught) == 1


def test_input_signature():
    traced = []

    @tf.function(input_signature=[tf.TensorSpec([None], tf.float32), tf.TensorSpec([], tf.int32)])
    def f(x, n):
        traced.append(1)
        return x * tf.cast(n, tf.float32)

    assert f([1.0, 2.0], 3).numpy().tolist() == [3, 6]
    assert f(tf.constant([1.0]), n=tf.constant(2)).numpy().tolist() == [2]
    assert len(traced) == 1
    with pytest.raises(TypeError):
        f(tf.constant([[1.0]]), 1)
    with pytest.raises(TypeError):
        f(tf.constant([1.0], tf.float64), 1)
    with pytest.raises(TypeError):
        f(tf.constant([1.0]))


def test_nested_signature():
    @tf.function(input_signature=[{"a": tf.TensorSpec([None]), "b": [tf.TensorSpec([], tf.int32)]}])
    def f(d):
        return d["a"] + tf.cast(d["b"][0], tf.float32)

    assert f({"a": tf.constant([1.0]), "b": [tf.constant(2)]}).numpy().tolist() == [3]


def test_concrete_functions():
    @tf.function
    def f(x, y=2):
        return x + tf.cast(y, x.dtype)

    concrete = f.get_concrete_function(tf.TensorSpec([None], tf.float32))
    assert concrete(tf.constant([1.0, 2.0])).numpy().tolist() == [3, 4]
    assert concrete(x=tf.constant([1.0])).numpy().tolist() == [3]
    assert concrete.inputs[0].shape.as_list() == [None]
    assert concrete.structured_outputs.dtype is tf.float32
    with pytest.raises(TypeError, match="must be float32"):
        concrete(tf.constant([1]))


# -- what goes in and out --------------------------------------------------------------------------------------------------


def test_structures():
    @tf.function
    def f(d, *rest, **named):
        return {"sum": d["x"] + rest[0][0], "pair": (rest[1], None), "named": named["k"], "text": [tf.constant("a")]}

    out = f({"x": tf.constant(1)}, [tf.constant(2)], tf.constant(3), k=tf.constant(4))
    assert (out["sum"].numpy(), out["pair"][0].numpy(), out["pair"][1], out["named"].numpy()) == (3, 3, None, 4)


def test_returns_none_and_python_values():
    @tf.function
    def nothing(x):
        x + 1

    @tf.function
    def number():
        return 3

    assert nothing(tf.constant(1)) is None
    assert number().numpy() == 3


def test_arguments_and_results_that_are_lists_of_variables():
    v = tf.Variable(1.0)

    @tf.function
    def f(variables, x):
        for v in variables:
            v.assign_add(x)
        return [v + 0.0 for v in variables]

    assert f([v], tf.constant(2.0))[0].numpy() == 3
    assert v.numpy() == 3


def test_errors_of_the_python_code_come_through():
    @tf.function
    def f(x):
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        f(tf.constant(1))
    assert tf.executing_eagerly()


def test_a_tensor_leaked_from_a_trace_is_refused():
    kept = []

    @tf.function
    def f(x):
        kept.append(x + 1)
        return x

    f(tf.constant(1))
    with pytest.raises(TypeError, match="out of scope"):
        tf.constant(1) + kept[0]

    @tf.function
    def g():
        return kept[0] + 1

    with pytest.raises(ValueError, match="out of scope"):
        g()


def test_recursion_is_pythons_own():
    @tf.function
    def factorial(n):
        return tf.constant(1) if n <= 1 else n * factorial(n - 1)

    assert factorial(5).numpy() == 120

    @tf.function
    def endless(x):
        return endless(x)

    with pytest.raises(RecursionError):
        endless(tf.constant(1))


# -- state -----------------------------------------------------------------------------------------------------------------


def test_variables_are_made_once():
    made = []

    @tf.function
    def f(x):
        if not made:
            made.append(tf.Variable(2.0))
        return made[0] * x

    assert [f(tf.constant(1.0)).numpy(), f(tf.constant(3.0)).numpy()] == [2, 6]

    @tf.function
    def g(x):
        return tf.Variable(1.0) * x

    with pytest.raises(ValueError, match=r"singleton tf\.Variables"):
        g(tf.constant(1.0))


def test_closures_see_what_is_assigned():
    v = tf.Variable(1.0)
    c = tf.constant(10.0)

    @tf.function
    def f(x):
        v.assign(v * 2)
        return v + c + x

    assert [f(tf.constant(1.0)).numpy(), f(tf.constant(1.0)).numpy()] == [13, 15]
    v.assign(100.0)
    assert f(tf.constant(0.0)).numpy() == 210


def test_python_side_effects_happen_while_tracing():
    log = []

    @tf.function
    def f(x):
        log.append("traced")
        return x

    for _ in range(3):
        f(tf.constant(1.0))
    assert log == ["traced"]


def test_methods_keep_traces_for_each_object():
    class Scale:
        def __init__(self, k):
            self.k = k

        @tf.function
        def __call__(self, x):
            return x * self.k

        @tf.function(input_signature=[tf.TensorSpec([], tf.float32)])
        def with_signature(self, x):
            return x + self.k

    a, b = Scale(2.0), Scale(3.0)
    assert [a(tf.constant(1.0)).numpy(), b(tf.constant(1.0)).numpy(), a.with_signature(1.0).numpy()] == [2, 3, 3]
    gone = weakref.ref(a)
    del a
    gc.collect()
    assert gone() is None


def test_static_and_class_methods_and_partials():
    import functools

    class C:
        @staticmethod
        @tf.function
        def s(x):
            return x + 1

        @classmethod
        def c(cls, x):
            return cls.s(x)

    assert C.c(tf.constant(1)).numpy() == 2
    assert tf.function(functools.partial(lambda a, b: a - b, b=1))(tf.constant(3)).numpy() == 2
    assert tf.function(C())(tf.constant(1)) if callable(C()) else True


def test_random_ops_go_on_from_call_to_call():
    @tf.function
    def f():
        return tf.random.uniform([])

    assert len({float(f()) for _ in range(5)}) == 5


def test_init_scope():
    v = []

    @tf.function
    def f(x):
        with tf.init_scope():
            assert tf.executing_eagerly()
            v.append(tf.constant(5).numpy())
        assert not tf.executing_eagerly()
        return x

    f(tf.constant(1))
    assert v == [5]


def test_run_functions_eagerly():
    seen = []

    @tf.function
    def f(x):
        seen.append(tf.executing_eagerly())
        return x

    tf.config.run_functions_eagerly(True)
    try:
        f(tf.constant(1))
        assert tf.config.functions_run_eagerly()
    finally:
        tf.config.run_functions_eagerly(False)
    f(tf.constant(1))
    assert seen == [True, False]


# -- gradients -------------------------------------------------------------------------------------------------------------


def test_a_tape_outside_and_a_tape_inside():
    v = tf.Variable(3.0)

    @tf.function
    def square(x):
        return v * x * x

    with tf.GradientTape() as tape:
        y = square(tf.constant(2.0))
    assert tape.gradient(y, v).numpy() == 4

    @tf.function
    def inside(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = square(x)
        return tape.gradient(y, [x, v])

    assert [g.numpy() for g in inside(tf.constant(2.0))] == [12, 4]


def test_gradient_of_a_gradient_through_nested_functions():
    @tf.function
    def f(x):
        return x**3

    @tf.function
    def derivative(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = f(x)
        return tape.gradient(y, x)

    x = tf.constant(2.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = derivative(x)
    assert tape.gradient(y, x).numpy() == 12
    assert tf.function(lambda x: derivative(x) + f(x))(x).numpy() == 20


def test_a_training_loop_inside_a_function():
    w = tf.Variable([0.0, 0.0])
    optimizer = tf.keras.optimizers.SGD(0.1)

    @tf.function
    def train(x, y, steps):
        loss = 0.0
        for _ in tf.range(steps):
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean((tf.linalg.matvec(x, w) - y) ** 2)
            optimizer.apply_gradients([(tape.gradient(loss, w), w)])
        return loss

    x = tf.constant([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    loss = train(x, tf.constant([1.0, 2.0, 3.0]), tf.constant(200))
    assert loss.numpy() < 1e-3
    np.testing.assert_allclose(w.numpy(), [1, 2], atol=0.05)


def test_jit_compile():
    f = tf.function(lambda x: tf.reduce_sum(tf.sin(x) ** 2), jit_compile=True)
    np.testing.assert_allclose(f(tf.constant([0.5, 1.0])), np.sum(np.sin([0.5, 1.0]) ** 2), rtol=1e-6)


def test_decorator_keeps_name_and_doc():
    @tf.function(jit_compile=False)
    def documented(x):
        """What it does."""
        return x

    assert documented.__name__ == "documented"
    assert documented.__doc__ == "What it does."
    assert documented.python_function(3) == 3


def test_a_trace_says_what_it_takes_and_gives():
    @tf.function
    def named(x, y=2, *, k=None):
        return {"a": x + y, "b": [x * 2]}

    concrete = named.get_concrete_function(tf.TensorSpec([None, 2], tf.float32))
    assert concrete.output_dtypes == {"a": tf.float32, "b": [tf.float32]}
    assert concrete.output_shapes["a"].as_list() == [None, 2] and concrete.captured_inputs == []
    spec = "TensorSpec(shape=(None, 2), dtype=tf.float32, name=None)"
    assert concrete.pretty_printed_signature() == (  # TensorFlow's text
        f"Input Parameters:\n  x (POSITIONAL_OR_KEYWORD): {spec}\n  y (POSITIONAL_OR_KEYWORD): Literal[2]\n"
        f"  k (KEYWORD_ONLY): Literal[None]\nOutput Type:\n  Dict[['a', {spec}], ['b', List[{spec}]]]\nCaptures:\n  None"
    )
    assert named.pretty_printed_concrete_signatures() == concrete.pretty_printed_signature()
