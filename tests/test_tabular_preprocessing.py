"""The matrix that a network reads: medians, scales, categories; fitted on the training rows, kept as plain data."""

import json

import numpy as np
import pytest

from thalweg.tabular.columns import CATEGORY, NUMBER, Column
from thalweg.tabular.preprocessing import ADAPTIVE, BOTH, STANDARD, Preprocessor
from thalweg.tabular.problems import TableError

pd = pytest.importorskip("pandas")

COLUMNS = [Column("size", NUMBER), Column("wealth", NUMBER), Column("town", CATEGORY)]


@pytest.fixture
def frame():
    random = np.random.RandomState(0)
    size = random.normal(5, 2, 400)
    size[::40] = np.nan
    return pd.DataFrame({"size": size, "wealth": np.exp(2 * random.normal(size=400)), "town": random.choice(list("xyz"), 400)})


def test_standard_scale_is_scikit_learns(frame):
    pytest.importorskip("sklearn")
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    fitted = Preprocessor.fit(frame[:300], COLUMNS, STANDARD)
    numbers = frame[["size", "wealth"]].clip(frame[:300].min(numeric_only=True), frame[:300].max(numeric_only=True), axis=1)
    theirs = make_pipeline(SimpleImputer(strategy="median"), StandardScaler()).fit(numbers[:300].to_numpy())
    np.testing.assert_allclose(fitted.transform(frame)[:, :2], theirs.transform(numbers.to_numpy()), rtol=1e-6, atol=1e-6)


def test_numbers_beyond_the_training_range_count_as_its_end(frame):
    fitted = Preprocessor.fit(frame, COLUMNS, BOTH)
    far, end = frame[:1].assign(size=1e9), frame[:1].assign(size=frame["size"].max())
    np.testing.assert_array_equal(fitted.transform(far), fitted.transform(end))


def test_long_tails_get_the_quantile_scale(frame):
    size, wealth = Preprocessor.fit(frame, COLUMNS, ADAPTIVE).numbers
    assert size.standard and not size.at
    assert wealth.at and not wealth.standard
    scaled, = wealth.scale(frame["wealth"].to_numpy())
    # A log-normal column becomes a normal one: straight against its logarithm, of mean 0 and deviation 1.
    assert np.corrcoef(scaled, np.log(frame["wealth"]))[0, 1] > 0.99
    assert abs(scaled.mean()) < 1e-9 and abs(scaled.std() - 1) < 1e-9


def test_both_scales_double_the_numbers(frame):
    fitted = Preprocessor.fit(frame, COLUMNS, BOTH)
    assert (fitted.scaled, fitted.width) == (4, 7)
    assert fitted.transform(frame).shape == (400, 7)


def test_categories_unknown_and_missing(frame):
    fitted = Preprocessor.fit(frame.assign(town=["x", "y", None, "x"] * 100), COLUMNS, STANDARD)
    assert list(fitted.categories[0].levels) == ["(missing)", "x", "y"]
    new = frame[:4].assign(town=["y", "", "never seen", np.nan])
    np.testing.assert_array_equal(fitted.transform(new)[:, 2:], [[0, 0, 1], [1, 0, 0], [0, 0, 0], [1, 0, 0]])


def test_truth_values_have_one_spelling(frame):
    fitted = Preprocessor.fit(frame.assign(town=[True, False] * 200), COLUMNS, STANDARD)
    new = frame[:4].assign(town=["TRUE", "true", "False", "false"])
    np.testing.assert_array_equal(fitted.transform(new)[:, 2:], [[0, 1], [0, 1], [1, 0], [1, 0]])


@pytest.mark.parametrize("scaling", [STANDARD, ADAPTIVE, BOTH])
def test_survives_json(frame, scaling):
    fitted = Preprocessor.fit(frame, COLUMNS, scaling)
    again = Preprocessor.from_config(json.loads(json.dumps(fitted.get_config())))
    np.testing.assert_array_equal(again.transform(frame), fitted.transform(frame))


def test_text_cells_give_the_same_matrix(frame):
    fitted = Preprocessor.fit(frame, COLUMNS, BOTH)
    text = frame.map(lambda cell: "" if cell != cell else repr(cell) if isinstance(cell, float) else cell)
    np.testing.assert_array_equal(fitted.transform(text), fitted.transform(frame))


def test_missing_columns_are_named(frame):
    fitted = Preprocessor.fit(frame, COLUMNS, STANDARD)
    with pytest.raises(TableError, match=r"lacks column 'wealth' that the model reads. Did you mean 'Wealth'\?"):
        fitted.transform(frame.rename(columns={"wealth": "Wealth"}))
    with pytest.raises(TableError, match="lacks columns 'size', 'town'"):
        fitted.transform(frame[["wealth"]])


def test_text_in_a_column_of_numbers(frame):
    fitted = Preprocessor.fit(frame, COLUMNS, STANDARD)
    with pytest.raises(TableError, match="column 'size' holds text where numbers belong in 400 rows"):
        fitted.transform(frame.assign(size="big"))


def test_constant_and_empty_training_columns():
    columns = [Column("a", NUMBER), Column("b", NUMBER)]
    fitted = Preprocessor.fit(pd.DataFrame({"a": [2.0] * 9, "b": [np.nan] * 9}), columns, BOTH)
    assert np.isfinite(fitted.transform(pd.DataFrame({"a": [1.0, 2.0], "b": [3.0, np.nan]}))).all()
