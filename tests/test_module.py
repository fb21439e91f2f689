"""tf.Module: its names, variables and submodules, in TensorFlow's order."""

import pytest

import thalweg as tf


class Dense(tf.Module):
    def __init__(self, units, name=None):
        super().__init__(name)
        self.b = tf.Variable([0.0] * units, name="b")
        self.w = tf.Variable([[1.0] * units], name="w", trainable=False)

    @tf.Module.with_name_scope
    def __call__(self, x):
        if not hasattr(self, "late"):
            self.late = tf.Variable(1.0, name="late")
        return x


class MLPNet(tf.Module):
    def __init__(self):
        super().__init__()
        with self.name_scope:
            self.z = [Dense(1, "first"), Dense(2)]
            self.d = {"x": tf.Variable(2, name="dx"), "a": Dense(3)}
            self.t = tf.Variable(3.0, name="t")


def test_names_variables_and_submodules():
    m = MLPNet()
    m.z[0](1.0)
    assert m.name == "mlp_net"
    short = [v.name.removeprefix("mlp_net/") for v in m.variables]
    assert short == ["dx:0", "t:0", "b:0", "w:0", "b:0", "first/late:0", "w:0", "b:0", "w:0"]  # as TensorFlow 2.21 gives them
    assert [v.shape.rank for v in m.trainable_variables] == [0, 0, 1, 1, 0, 1]
    assert len(m.non_trainable_variables) == 3
    assert [s.name for s in m.submodules] == ["dense", "first", "dense"]


def test_shared_variables_count_once():
    m, v = tf.Module(), tf.Variable(1.0)
    m.a, m.b, m.c = v, [v], {"v": v}
    m.again = m
    assert len(m.variables) == 1


def test_a_name_must_be_an_identifier():
    with pytest.raises(ValueError, match="not a valid module name"):
        tf.Module(name="3x")


def test_methods_that_are_functions():
    class Counter(tf.Module):
        def __init__(self):
            self.n = None

        @tf.function
        def add(self, x):
            if self.n is None:
                self.n = tf.Variable(0)
            return self.n.assign_add(x)

    first, second = Counter(), Counter()
    assert [first.add(2).numpy(), first.add(3).numpy(), second.add(1).numpy()] == [2, 5, 1]
