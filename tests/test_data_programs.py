"""Programs over `tf.data` give what TensorFlow gives: values, dtypes, order, specs, classes of errors."""

import json

import pytest
from tests.goldens.data_programs import PROGRAMS
from tests.goldens.record_data import PATH, run

import thalweg as tf

GOLDENS = json.loads(PATH.read_text())


@pytest.mark.parametrize("name", PROGRAMS)
def test_program(name):
    found, wanted = run(tf, PROGRAMS[name]), GOLDENS[name]
    assert json.loads(json.dumps(found)) == wanted
