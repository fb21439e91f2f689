"""What columns are taken for, which task the target sets, and how rows are split."""

import numpy as np
import pytest

from thalweg.tabular.columns import (
    CATEGORY,
    CLASSIFICATION,
    LEFT_OUT,
    NUMBER,
    REGRESSION,
    check_target,
    class_numbers,
    find_classes,
    find_column,
    find_columns,
    find_task,
    to_numbers,
)
from thalweg.tabular.problems import TableError
from thalweg.tabular.splitting import split

pd = pytest.importorskip("pandas")


@pytest.mark.parametrize(("values", "kind", "remark"), [
    ([1.5, 2, 3, 2], NUMBER, "1.5 to 3"),
    ([1.5, None, 3, 2], NUMBER, "1.5 to 3, 1 missing"),
    (["1.5", "2", " 3", None], NUMBER, "1.5 to 3, 1 missing"),
    (["b", "a", "b", "b"], CATEGORY, "2 values: b, a"),
    ([True, False, True, True], CATEGORY, "2 values: True, False"),
    ([True, None, False, True], CATEGORY, "1 missing"),
    ([4, 4, 4, 4], LEFT_OUT, "every cell is 4"),
    ([None, None, None, None], LEFT_OUT, "every cell is empty"),
    ([1, 2, 3, 4], LEFT_OUT, "the numbers of the rows"),
    ([0, 1, 2, 3], LEFT_OUT, "the numbers of the rows"),
    ([f"name {i}" for i in range(40)], LEFT_OUT, "its own text"),
])
def test_kind_of_a_column(values, kind, remark):
    column = find_column(pd.Series(values, name="x"))
    assert column.kind == kind
    assert remark in column.remark


def test_text_where_numbers_belong_is_said_with_its_place():
    values = pd.Series(["1", "2", "three", "4", "oops"], name="size")
    sentence = r"column 'size' holds text where numbers belong in 2 rows of 5 \(first in row 3: 'three'\)"
    with pytest.raises(TableError, match=sentence):
        find_column(values)


def test_infinity_is_said_with_its_place():
    with pytest.raises(TableError, match=r"column 'size' holds an infinite value in 1 row of 3 \(first in row 2: 'inf'\)"):
        find_column(pd.Series([1.0, np.inf, 2.0], name="size"))


def test_nothing_left_to_learn_from():
    with pytest.raises(TableError, match="no column is left to predict 'y' from; 'a': every cell is 1"):
        find_columns(pd.DataFrame({"a": [1, 1], "y": [0, 1]}), "y")


def test_missing_text_counts_as_missing():
    assert np.isnan(to_numbers(pd.Series(["", "NA", "nan", "null"], name="x"))).all()


def test_missing_target_names_the_closest_and_all():
    with pytest.raises(TableError, match=r"no column 'Prise'. Did you mean 'price'\? Its columns are 'size', 'price'\."):
        check_target(pd.DataFrame({"size": [1], "price": [2]}), "Prise")


@pytest.mark.parametrize(("values", "task"), [
    (["a", "b"] * 10, CLASSIFICATION),
    ([True, False] * 10, CLASSIFICATION),
    ([0, 1, 2, 3] * 5, CLASSIFICATION),
    ([0.0, 1.0] * 10, CLASSIFICATION),
    ([0.5, 1.0] * 10, REGRESSION),
    (list(range(20)), REGRESSION),
    (list(range(30)) * 9, REGRESSION),
])
def test_task_from_the_target(values, task):
    assert find_task(pd.Series(values, name="y")) == task


@pytest.mark.parametrize(("values", "sentence"), [
    (["a"] * 9, "'y' is 'a' in all of its 9 rows"),
    ([f"n{i}" for i in range(9)], "9 different values in 9 rows"),
    (["1", "2", "3", "many"], "text where numbers belong in 1 row"),
    ([1.0, 2.0, np.inf], "infinite"),
])
def test_targets_that_cannot_be_learned(values, sentence):
    with pytest.raises(TableError, match=sentence):
        find_task(pd.Series(values, name="y"))


@pytest.mark.parametrize(("values", "classes"), [
    (["b", "a", "b"], ["a", "b"]),
    ([3, 1, 3], [1, 3]),
    ([3.0, 1.0, 3.0], [1, 3]),
    ([True, False, True], [False, True]),
])
def test_classes_and_their_numbers(values, classes):
    values = pd.Series(values, name="y")
    assert find_classes(values) == classes
    assert [type(label) for label in find_classes(values)] == [type(label) for label in classes]
    assert class_numbers(values, classes).tolist() == [1, 0, 1]


def test_a_class_that_the_model_does_not_know():
    sentence = r"a class that the model does not know in 1 row of 2 \(first in row 2: 'c'\); it knows 'a', 'b'"
    with pytest.raises(TableError, match=sentence):
        class_numbers(pd.Series(["a", "c"], name="y"), ["a", "b"])


@pytest.mark.parametrize("rows", [10, 11, 97, 1000, 20640])
def test_split_is_scikit_learns(rows):
    model_selection = pytest.importorskip("sklearn.model_selection")
    rest, test = model_selection.train_test_split(np.arange(rows), test_size=0.2, random_state=42)
    train, dev = model_selection.train_test_split(rest, test_size=0.2, random_state=42)
    found = split(rows)
    for ours, theirs in ((found.train, train), (found.dev, dev), (found.test, test)):
        np.testing.assert_array_equal(ours, theirs)


def test_too_few_rows_to_split():
    with pytest.raises(TableError, match="9 usable rows; at least 10"):
        split(9)
