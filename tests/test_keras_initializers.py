"""What initializers do besides their numbers (`test_keras_leaves.py`): seeds, calling styles, errors."""

import random

import numpy as np
import pytest

import thalweg as tf
from thalweg.keras import config, initializers
from thalweg.keras.initializers import seeds
from thalweg.keras.utils.seeds import set_random_seed


@pytest.fixture(autouse=True)
def keep_streams():
    state = random.getstate()
    yield
    random.setstate(state)
    tf.random.set_seed(0)


def draw():
    return initializers.get("glorot_uniform")((3,)).numpy()


@pytest.mark.parametrize(("set_seed", "seed"), [(set_random_seed, 5), (tf.random.set_seed, 7)])
def test_one_seed_makes_it_repeatable(set_seed, seed):
    set_seed(seed)
    first = [draw(), draw()]
    set_seed(seed + 1)
    other = draw()
    random.random()
    set_seed(seed)
    again = [draw(), draw()]
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first[0], first[1])
    assert not np.array_equal(first[0], other)


def test_pythons_stream_alone_makes_it_repeatable_while_tensorflow_is_unseeded(monkeypatch):
    monkeypatch.setattr(seeds, "_NOT_SET", tf.compat.v1.get_seed(1)[0])
    random.seed(3)
    first = draw()
    random.seed(3)
    np.testing.assert_array_equal(draw(), first)


def test_an_instance_repeats_its_numbers_and_has_its_own_seed():
    initializer = initializers.RandomNormal()
    np.testing.assert_array_equal(initializer((4,)), initializer((4,)))
    assert not np.array_equal(initializer((4,)), initializers.RandomNormal()((4,)))
    assert initializer.get_config()["seed"] is None


def test_seeds_of_other_kinds():
    np.testing.assert_array_equal(
        initializers.HeNormal(seed=np.int64(3))((4, 2)), initializers.HeNormal(seed=3)((4, 2))
    )
    with pytest.raises(ValueError, match="seed"):
        initializers.HeNormal(seed="3")

    class Generator:
        def __init__(self):
            self.count = -1

        def next(self):
            self.count += 1
            return tf.constant([3, self.count], tf.int64)

    initializer = initializers.HeNormal(seed=Generator())
    first, second = initializer((4, 2)), initializer((4, 2))
    np.testing.assert_array_equal(first, initializers.HeNormal(seed=3)((4, 2)))
    assert not np.array_equal(first, second)


def test_calling_styles():
    for call in (
        lambda init: init((2, 3)), lambda init: init(shape=[2, 3], dtype=tf.float64),
        lambda init: init(tf.TensorShape([2, 3])), lambda init: init((2, 3), dtype=tf.float32, partition_info=None),
    ):  # fmt: skip
        for init in (initializers.Zeros(), initializers.GlorotNormal(seed=1), initializers.Constant(2.0)):
            assert call(init).shape == (2, 3)
    assert initializers.Ones()((2,), "float16").dtype == tf.float16


def test_floatx_is_the_default_dtype():
    config.set_floatx("float64")
    try:
        assert initializers.GlorotUniform(seed=1)((2, 2)).dtype == tf.float64
    finally:
        config.set_floatx("float32")
    with pytest.raises(ValueError, match="float33"):
        config.set_floatx("float33")


def test_constant_takes_the_values_of_tensorflow_1():
    np.testing.assert_array_equal(initializers.Constant([1.0, 2.0, 3.0, 4.0])((2, 2)), [[1.0, 2.0], [3.0, 4.0]])
    np.testing.assert_array_equal(initializers.Constant(np.eye(2))((2, 2)), np.eye(2))


def test_arrays_are_initializers():
    initializer = initializers.get(np.arange(4.0))
    np.testing.assert_array_equal(initializer((4,)), [0, 1, 2, 3])
    with pytest.raises(ValueError, match="shape"):
        initializer((5,))


def test_orthogonal_is():
    q = initializers.Orthogonal(seed=1)((6, 4)).numpy()
    np.testing.assert_allclose(q.T @ q, np.eye(4), atol=1e-6)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: initializers.VarianceScaling(scale=0.0), "scale"),
        (lambda: initializers.VarianceScaling(mode="fan"), "mode"),
        (lambda: initializers.VarianceScaling(distribution="beta"), "distribution"),
        (lambda: initializers.Orthogonal()((3,)), "two axes"),
        (lambda: initializers.Identity()((3, 3, 3)), "matrices"),
        (lambda: initializers.STFT(side="left"), "side"),
        (lambda: initializers.STFT(scaling="some"), "scaling"),
    ],
)
def test_wrong_settings_are_told(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_clone():
    initializer = initializers.VarianceScaling(2.0, "fan_out", "uniform", seed=4)
    np.testing.assert_array_equal(initializer.clone()((3, 3)), initializer((3, 3)))
