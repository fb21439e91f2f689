"""`repr` and `str` of tensors, operations, shapes, dtypes, specs, variables and slices, as TensorFlow writes them."""

import json

import numpy as np
import pytest

import thalweg as tf
from goldens import printing, store

GOLDEN = json.loads((store.FOLDER / "printing.json").read_text())


@pytest.mark.parametrize("name", GOLDEN)
def test_repr_and_str(name):
    assert printing.printed(tf, name) == GOLDEN[name]


def test_every_entry_is_recorded():
    assert set(GOLDEN) == set(printing.PRINTED)


def test_print_options_of_numpy_are_followed():
    with np.printoptions(precision=2):
        assert str(tf.constant([1.23456])) == "tf.Tensor([1.23], shape=(1,), dtype=float32)"


def test_printing_a_symbolic_tensor_inside_a_function():
    seen = []

    @tf.function
    def f(x):
        seen.append(repr(x))
        return x

    f(tf.constant([1.0, 2.0]))
    assert seen == ["<tf.Tensor 'x:0' shape=(2,) dtype=float32>"]
