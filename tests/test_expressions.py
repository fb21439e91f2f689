"""Ragged tensors, strings and what prints of them, against TensorFlow 2.21: `goldens/expressions.py`."""

import json
import warnings

import pytest

import thalweg as tf
from goldens import expressions
from goldens.store import FOLDER

RECORDED = json.loads((FOLDER / "expressions.json").read_text())
NAMES = expressions.namespace(tf)
# An error that is as good: what TensorFlow finds while its kernel runs may be found before.
AS_GOOD = {
    "InvalidArgumentError": {"ValueError"}, "ValueError": {"TypeError", "InvalidArgumentError"},
    "TypeError": {"ValueError", "InvalidArgumentError"},
}  # fmt: skip


@pytest.mark.parametrize(("family", "expression"), expressions.lines())
def test_expression(family, expression):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        shown = expressions.shown(tf, NAMES, family, expression)
    wanted = RECORDED[expression]
    assert shown == wanted or shown in AS_GOOD.get(wanted, ())
