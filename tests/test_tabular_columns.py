"""What columns are taken for, which task the target sets, and how rows are split."""

import numpy as np
import pytest

from thalweg.tabular import dates
from thalweg.tabular.columns import (
    BOOLEAN,
    CATEGORY,
    CLASSIFICATION,
    DATE,
    LEFT_OUT,
    NUMBER,
    REGRESSION,
    TEXT,
    find_column,
    find_columns,
    to_numbers,
)
from thalweg.tabular.problems import TableError
from thalweg.tabular.splitting import folds, split
from thalweg.tabular.targets import check_target, class_numbers, find_classes, find_task

pd = pytest.importorskip("pandas")


@pytest.mark.parametrize(("values", "kind", "remark"), [
    ([1.5, 2, 3, 2], NUMBER, "1.5 to 3"),
    ([1.5, None, 3, 2], NUMBER, "1.5 to 3, 1 missing"),
    (["1.5", "2", " 3", None], NUMBER, "1.5 to 3, 1 missing"),
    (["b", "a", "b", "b"], CATEGORY, "2 values: b, a"),
    ([True, False, True, True], BOOLEAN, "2 values: True, False"),
    ([True, None, False, True], BOOLEAN, "1 missing"),
    (["yes", "no", "No", None], BOOLEAN, "1 missing"),
    (["$1,200", "$300.5", "$12", None], NUMBER, "12 to 1200, 1 missing"),
    (["12 %", "7 %", "30%", "1%"], NUMBER, "1 to 30"),
    (["?", "1", "-", "2"], NUMBER, "1 to 2, 2 missing"),
    (["2024-01-05", "2023-11-30", None, "2024-02-01"], DATE, "2023-11-30 to 2024-02-01, 1 missing"),
    (["05.01.2024", "30.11.2023", "01.02.2024", "01.02.2024"], DATE, "2023-11-30 to 2024-02-01"),
    (["1/30/2024 14:05", "2/1/2024 03:00", "12/31/2023 23:59", "1/1/2024 00:00"], DATE, "2023-12-31 23:59 to 2024-02-01 03:00"),
    (["14:05", "03:00", "23:59", "00:10"], DATE, "00:10 to 23:59"),
    ([f"it was word{i} and then some more" for i in range(40)], TEXT, "free text of about 7 words"),
    ([[1], [2], [1], [3]], LEFT_OUT, "its cells hold lists"),
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


def test_identifiers_are_left_out():
    shuffled = np.random.RandomState(0).permutation(50)
    for name, values, why in [("n", shuffled, "in another order"), ("order_id", 7 * shuffled + 3, "an identifier"),
                              ("customerId", 7 * shuffled + 3, "an identifier"),
                              ("code", [f"x{i:x}" for i in shuffled], "an identifier or a name")]:
        column = find_column(pd.Series(values, name=name))
        assert column.kind == LEFT_OUT and why in column.remark
    assert find_column(pd.Series(7 * shuffled + 3, name="size")).kind == NUMBER


def test_ten_thousand_categories_are_told_of():
    values = pd.Series([f"c{i % 10_000}" for i in range(30_000)], name="city")
    column = find_column(values)
    assert column.kind == CATEGORY and column.remark.startswith("10,000 values; the 128 most common are told apart")


def test_types_and_drop_are_heeded():
    frame = pd.DataFrame({"zip": [12345, 54321, 12345], "a": [1.0, 2, 4], "b": [1.0, 2, 4], "w": [1, 2, 3], "y": [0, 1, 0]})
    held = {"w": "what a row counts for"}
    found = {c.name: c for c in find_columns(frame, "y", types={"zip": "category"}, drop=["a"], held=held)}
    assert [found[name].kind for name in ["zip", "a", "b", "w"]] == [CATEGORY, LEFT_OUT, NUMBER, LEFT_OUT]
    assert found["w"].remark == "what a row counts for"
    for wrong, sentence in [({"types": {"zip": "categorie"}}, r"no kind of column 'categorie' \(asked for 'zip'\). Did you mean"),
                            ({"types": {"zap": "category"}}, r"no column 'zap'. Did you mean 'zip'"),
                            ({"drop": ["aa"]}, "no column 'aa'"),
                            ({"types": {"b": "date"}}, "'b' cannot be read as dates")]:
        with pytest.raises(TableError, match=sentence):
            find_columns(frame, "y", **wrong)


def test_a_slip_in_a_column_of_dates_is_said_with_its_place():
    values = pd.Series(["2024-01-05"] * 3 + ["2024-02-05"] * 40 + ["soon"], name="when")
    with pytest.raises(TableError, match=r"column 'when' holds text where dates belong in 1 row of 44 \(first in row 44: 'soon'\)"):
        find_column(values)


def test_dates_expand_into_time_and_cycles():
    days = pd.Series(pd.date_range("2023-01-01", periods=400, freq="D"))
    seconds = dates.to_seconds(days, dates.ISO)
    assert dates.cycles_of(seconds) == ["month", "weekday"]
    parts = list(dates.expand(seconds, ["weekday"]))
    monday = (days.dt.weekday == 0).to_numpy()
    assert parts[0][monday] == pytest.approx(0, abs=1e-9) and parts[1][monday] == pytest.approx(1)
    assert np.isnan(dates.to_seconds(pd.Series(["2024-01-01", None]), dates.ISO)).tolist() == [False, True]


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


@pytest.mark.parametrize("shares", [(0.5, 0.5), (0.9, 0.08, 0.02), (0.3, 0.3, 0.2, 0.2)])
def test_stratified_split_is_scikit_learns(shares):
    model_selection = pytest.importorskip("sklearn.model_selection")
    classes = np.random.RandomState(1).choice(len(shares), 503, p=shares)
    rest, test = model_selection.train_test_split(np.arange(503), test_size=0.2, random_state=7, stratify=classes)
    train, dev = model_selection.train_test_split(rest, test_size=0.2, random_state=7, stratify=classes[rest])
    found = split(503, 7, classes=classes)
    for ours, theirs in ((found.train, train), (found.dev, dev), (found.test, test)):
        np.testing.assert_array_equal(ours, theirs)


def test_a_lone_row_of_a_class_is_trained_on():
    classes = np.array([0] * 60 + [1] * 60 + [2])
    found = split(121, classes=classes)
    assert 120 in found.train and sorted(np.concatenate(found)) == list(range(121))


def test_more_classes_than_held_out_rows():
    assert sorted(np.concatenate(split(20, classes=np.arange(20) // 2))) == list(range(20))


def test_groups_are_kept_together():
    groups = np.random.RandomState(2).randint(40, size=500)
    found = split(500, groups=groups)
    sets = [set(groups[part].tolist()) for part in found]
    assert not (sets[0] & sets[1] or sets[0] & sets[2] or sets[1] & sets[2])
    assert 0.15 < len(found.test) / 500 < 0.27
    with pytest.raises(TableError, match="the rows form 2 groups"):
        split(50, groups=np.arange(50) % 2)


def test_time_divides_early_from_late():
    times = np.random.RandomState(3).permutation(200)
    found = split(200, times=times)
    assert times[found.train].max() < times[found.dev].min() and times[found.dev].max() < times[found.test].min()


def test_folds_hold_every_row_once():
    rows, classes = np.arange(5, 205), np.arange(300) % 3
    parts = folds(rows, 5, 1, classes=classes)
    assert sorted(np.concatenate(parts)) == rows.tolist()
    assert all(abs(np.bincount(classes[part]) - 40 / 3).max() < 2 for part in parts)
    by_group = folds(rows, 5, 1, groups=np.arange(300) // 10)
    assert len({(number, group) for number, part in enumerate(by_group) for group in part // 10}) == 21
