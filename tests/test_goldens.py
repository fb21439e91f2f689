"""Public calls against TensorFlow 2.21: values, dtypes, shapes, gradients and errors, eagerly and in graphs.

The tables are `goldens/cases`, the recordings `goldens/data`; `goldens/status.py` counts by family while one works.
"""

import warnings

import pytest

import thalweg as tf
from goldens import cases, compare, runner, store

TABLES = cases.load()
GOLDENS = {family: store.Golden(family) for family in TABLES}
CASES = [
    pytest.param(family, case, id=f"{family}: {case.id}")
    for family, table in TABLES.items() for case in table if case.id in GOLDENS[family].lines
]  # fmt: skip


@pytest.mark.parametrize(("family", "case"), CASES)
def test_golden(family, case):
    golden = GOLDENS[family]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = compare.differences(tf, case, golden, golden.lines[case.id])
    assert not found, "\n".join(found)


def _compiled_cases():
    """One case per public function: the first in float32 that does not raise. TensorFlow 1's names lead to the same ops."""
    chosen = {}
    for family, table in TABLES.items():
        for case in table if family != "tf1" else ():
            line = GOLDENS[family].lines.get(case.id)
            if line and "known" in line and case.dtype == "f32" and not isinstance(line["eager"], dict):
                chosen.setdefault(case.fn, (family, case))
    return [pytest.param(family, case, id=case.id) for family, case in chosen.values()]


@pytest.mark.parametrize(("family", "case"), _compiled_cases())
def test_a_compiled_function_gives_the_eager_result(family, case):
    golden = GOLDENS[family]
    expected = [leaf for leaf in golden.unpack(golden.lines[case.id]["eager"]) if not isinstance(leaf, runner.Text)]
    actual = runner.through_function(tf, case, jit=True)
    assert len(actual) == len(expected)
    for a, e in zip(actual, expected):
        assert compare.different_leaf(a, e, case.post, case.within) is None


@pytest.mark.parametrize("family", TABLES)
def test_every_case_is_recorded(family):
    """A case is recorded or listed as beyond TensorFlow's own kernels: run `goldens/record.py` after adding one."""
    golden = GOLDENS[family]
    ids = {case.id for case in TABLES[family]}
    assert ids == set(golden.lines) | set(golden.header["unsupported"])
