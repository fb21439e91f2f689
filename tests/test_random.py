"""Random numbers are TensorFlow's: the same programs, the same seeds, the same bits."""

import numpy as np
import pytest

import thalweg as tf
from goldens.record_random import CASES, CLOSE, PATH, arrays

GOLDENS = np.load(PATH)


@pytest.mark.parametrize("name", CASES)
def test_numbers_are_those_of_tensorflow(name):
    drawn = list(arrays(CASES[name](tf)))
    recorded = [GOLDENS[f"{name}/{i}"] for i in range(sum(k.startswith(name + "/") for k in GOLDENS.files))]
    assert len(drawn) == len(recorded)
    for i, (a, b) in enumerate(zip(drawn, recorded)):
        assert (a.dtype, a.shape) == (b.dtype, b.shape), f"result {i}"
        if name in CLOSE:
            # float64 log, sin, cos and pow of the two libraries: a few units in the last place.
            np.testing.assert_allclose(a, b, rtol=8 * np.finfo(b.dtype).eps, err_msg=f"result {i}")
        else:
            np.testing.assert_array_equal(a, b, err_msg=f"result {i}")
