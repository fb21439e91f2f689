"""Losses, metrics, activations, initializers and the rest give Keras' numbers: at once, in a function, compiled."""

import types

import numpy as np
import pytest

import thalweg as tf
from goldens import keras_leaves
from thalweg.keras import activations, constraints, initializers, losses, metrics, regularizers
from thalweg.keras.utils.seeds import set_random_seed

keras = types.SimpleNamespace(
    activations=activations,
    constraints=constraints,
    initializers=initializers,
    losses=losses,
    metrics=metrics,
    regularizers=regularizers,
    utils=types.SimpleNamespace(set_random_seed=set_random_seed),
)
GOLDENS = keras_leaves.load()
CASES = {case.id: case for case in keras_leaves.cases()}


def in_a_function(f, *args):
    return tf.function(f)(*(tf.convert_to_tensor(arg) for arg in args))


def check(case_id, call):
    found = CASES[case_id].run(tf, keras, call)
    expected = GOLDENS[case_id]
    assert len(found) == len(expected)
    for number, (ours, theirs) in enumerate(zip(found, expected)):
        ours = np.asarray(ours)
        assert ours.shape == theirs.shape, f"value {number}"
        assert ours.dtype == theirs.dtype, f"value {number}"
        # 1e-6 of the largest value of an array: its entries are sums whose order is the machine's choice.
        finite = np.abs(theirs[np.isfinite(theirs)]) if theirs.dtype.kind == "f" else np.zeros(0)
        tolerance = 1e-6 * max(1.0, finite.max(initial=0.0))
        if case_id.startswith("activation") and number == 1:
            tolerance *= 8  # x * (1 - tanh(x) ** 2) at x = 8: the last bit of tanh, times x
        np.testing.assert_allclose(ours, theirs, rtol=1e-6, atol=tolerance, err_msg=f"value {number}")


def test_the_goldens_are_of_these_cases():
    assert list(GOLDENS) == list(CASES)


@pytest.mark.filterwarnings("ignore:There are no more samples")
@pytest.mark.parametrize("case_id", CASES)
def test_eager(case_id):
    check(case_id, keras_leaves.eagerly)


@pytest.mark.filterwarnings("ignore:There are no more samples")
@pytest.mark.parametrize("case_id", CASES)
def test_in_a_function(case_id):
    check(case_id, in_a_function)


@pytest.mark.filterwarnings("ignore:There are no more samples")
@pytest.mark.parametrize("case_id", list(CASES)[::8])  # a compilation each: all of them take minutes
def test_compiled_by_xla(case_id, monkeypatch):
    monkeypatch.setenv("THALWEG_JIT", "always")
    check(case_id, in_a_function)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float64"])
def test_other_float_types(dtype):
    for name, settings, data in keras_leaves.LOSSES:
        assert getattr(losses, name)(dtype=dtype, **settings)(*keras_leaves.DATA[data]).dtype == dtype, name
    for name, settings, data in keras_leaves.METRICS:
        if "IoU" not in name:  # those give float32, whatever they count in
            metric = getattr(metrics, name)(**{**settings, "dtype": dtype})
            assert metric(*keras_leaves.DATA[data]).dtype == dtype, name
    for name, settings in keras_leaves.ACTIVATIONS:
        assert getattr(activations, name)(tf.cast(keras_leaves.GRID, dtype), **settings).dtype == dtype, name
    for name, settings, shape, _ in keras_leaves.INITIALIZERS:
        assert getattr(initializers, name)(**settings)(shape, dtype).dtype == dtype, name
    matrix = tf.cast(keras_leaves.DATA["numbers"][0], dtype)
    for name, settings in keras_leaves.REGULARIZERS:
        assert getattr(regularizers, name)(**settings)(matrix).dtype == dtype, name
    for name, settings in keras_leaves.CONSTRAINTS:
        assert getattr(constraints, name)(**settings)(matrix).dtype == dtype, name
