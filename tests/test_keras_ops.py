"""`keras.ops` and `keras.backend`: the values, shapes and dtypes of Keras."""

import numpy as np
import pytest

import thalweg as tf
from goldens import keras_leaves, keras_ops

GOLDENS = keras_leaves.load(keras_ops.PATH)
CASES = {case.id: case for case in keras_ops.cases()}
ops, K = tf.keras.ops, tf.keras.backend
# Where TensorFlow's own kernels are less exact than ours, or iterate.
TOLERANCE = {"erfinv": 1e-5, "lstsq": 2e-5, "pinv": 1e-5, "i0": 1e-5, "logaddexp2": 1e-5}


def test_the_goldens_are_of_these_cases():
    assert list(GOLDENS) == list(CASES)


@pytest.mark.parametrize("case_id", [case_id for case_id in CASES if GOLDENS[case_id]])
def test_as_in_keras(case_id):
    found = [np.asarray(value) for value in CASES[case_id].run(tf, tf.keras)]
    assert [(x.shape, x.dtype) for x in found] == [(x.shape, x.dtype) for x in GOLDENS[case_id]]
    tolerance = TOLERANCE.get(case_id.split()[0], 3e-6)
    for ours, theirs in zip(found, GOLDENS[case_id]):
        finite = np.abs(theirs[np.isfinite(theirs)]) if theirs.dtype.kind in "fc" else np.abs(theirs.astype("float64"))
        np.testing.assert_allclose(ours, theirs, rtol=tolerance, atol=tolerance * max(1.0, finite.max(initial=0.0)))
