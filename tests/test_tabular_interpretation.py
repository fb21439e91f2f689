"""What a fitted model rests on: importance, dependence, curves and the explanations of single rows are what they say."""

from dataclasses import dataclass, replace

import numpy as np
import pytest

import thalweg as tf
import thalweg.tabular as tabular
from thalweg.tabular.interpretation import (
    Study,
    calibration,
    explain,
    explain_rows,
    partial_dependence,
    permutation_importance,
    precision_recall,
    roc,
)
from thalweg.tabular.interpretation.answering import encode_cells
from thalweg.tabular.interpretation.explanations import background_of
from thalweg.tabular.interpretation.study import find_map_columns

pd = pytest.importorskip("pandas")


def make_table(rows=400, seed=0):
    """A price of size and town, a kind of size alone; a column of noise; places on a map."""
    random = np.random.RandomState(seed)
    size, noise, town = random.normal(5, 2, rows), random.normal(size=rows), random.choice(["east", "west"], rows)
    price = 3 * size + 5 * (town == "west")
    table = pd.DataFrame({"size": size, "noise": noise, "town": town, "lon": random.uniform(-120, -119, rows),
                          "lat": random.uniform(35, 36, rows), "price": price, "kind": np.where(size > 5, "big", "small")})
    table.loc[::40, "size"] = np.nan
    return table


@pytest.fixture(scope="module")
def regressor():
    return tabular.fit(make_table().drop(columns="kind"), "price", hidden=[16], epochs=40, learning_rate=0.02)


@pytest.fixture(scope="module")
def classifier():
    return tabular.fit(make_table().drop(columns="price"), "kind", hidden=[16], epochs=15, learning_rate=0.02)


class Linear:
    """A model whose answer is a weighted sum of its columns: what every method must say of it is known."""

    task = "regression"

    def __init__(self, fitted, weights):
        self.preprocessor, self.settings, self.weights = fitted.preprocessor, fitted.settings, np.asarray(weights, float)
        self.model = tf.keras.Sequential([tf.keras.layers.Dense(1)])
        self.model.build((None, len(weights)))
        self.model.set_weights([self.weights[:, None], np.zeros(1)])

    def meaning(self, outputs):
        return outputs[:, 0]


# -- importance ----------------------------------------------------------------------------------------------


def test_importance_finds_what_matters(regressor, classifier):
    assert [one.column for one in permutation_importance(regressor)][:2] == ["size", "town"]
    of_class = {one.column: one for one in permutation_importance(classifier)}
    assert max(of_class, key=lambda name: of_class[name].drop) == "size"
    assert of_class["size"].drop > 0.25 and abs(of_class["town"].drop) < 0.1
    assert set(of_class) == {"size", "noise", "town", "lon", "lat"}


def test_importance_is_the_fall_in_accuracy(classifier):
    """By hand, with the table's own cells shuffled and encoded again."""
    one = next(one for one in permutation_importance(classifier, repeats=200) if one.column == "size")
    frame, test = classifier.prepared.frame.iloc[classifier.test.rows].reset_index(drop=True), classifier.test
    random, falls = np.random.RandomState(5), []
    for _ in range(200):
        shuffled = frame.assign(size=frame["size"].to_numpy()[random.permutation(len(frame))])
        right = classifier.predict(shuffled) == np.array(classifier.classes)[test.truth]
        falls.append(classifier.metrics["test"]["accuracy"] - right.mean())
    assert one.drop == pytest.approx(np.mean(falls), abs=4 * np.std(falls) / np.sqrt(200) * 2 ** 0.5)


def test_importance_repeats_itself_and_takes_few_rows_of_many(regressor):
    assert permutation_importance(regressor) == permutation_importance(regressor)
    few = permutation_importance(regressor, most_rows=10)
    assert {one.column for one in few} == {one.column for one in permutation_importance(regressor)}


# -- dependence ----------------------------------------------------------------------------------------------


def test_dependence_is_the_mean_over_rows_of_changed_tables(regressor):
    found = partial_dependence(regressor, "size", steps=5, most_rows=50)
    random = np.random.RandomState(regressor.settings.seed)
    rows = random.permutation(regressor.prepared.split.train)[:50]
    for cell, mean, low, high in zip(found.cells, found.mean[:, 0], found.low[:, 0], found.high[:, 0]):
        answers = regressor.predict(regressor.prepared.frame.iloc[rows].assign(size=cell))
        assert mean == pytest.approx(answers.mean(), rel=1e-5)
        assert (low, high) == pytest.approx(np.quantile(answers, (0.1, 0.9)), rel=1e-5)
    assert found.ordered and len(found.deciles) == 9
    assert np.all(np.diff(found.mean[:, 0]) > 0)


def test_dependence_on_categories(regressor):
    found = partial_dependence(regressor, "town")
    assert not found.ordered and sorted(found.cells) == ["east", "west"]
    assert found.mean[found.cells.index("west"), 0] - found.mean[found.cells.index("east"), 0] == pytest.approx(5, abs=1)


def test_dependence_of_probabilities_sums_to_one(classifier):
    found = partial_dependence(classifier, "size")
    np.testing.assert_allclose(found.mean.sum(axis=1), 1, atol=1e-6)


def test_dependence_on_few_whole_numbers_and_truth_values():
    random = np.random.RandomState(0)
    rooms, new = random.randint(1, 6, 200), random.rand(200) > 0.5
    table = pd.DataFrame({"rooms": rooms, "new": new, "price": rooms * 2.0 + new + 0.01 * random.normal(size=200)})
    fitted = tabular.fit(table, "price", hidden=[8], epochs=2)
    assert partial_dependence(fitted, "rooms").cells == [1, 2, 3, 4, 5]
    assert len(partial_dependence(fitted, "new").cells) == 2


def test_dependence_on_dates():
    day = pd.Series(pd.date_range("2020-01-01", "2023-12-31", periods=200))
    hour = pd.Series(pd.date_range("2020-01-01", periods=200, freq="7min"))
    table = pd.DataFrame({"day": day, "written": day.dt.strftime("%d.%m.%Y"), "hour": hour.dt.strftime("%H:%M"),
                          "price": np.arange(200.0)})
    fitted = tabular.fit(table, "price", hidden=[8], epochs=2)
    for name, low, high in (("day", 2020, 2024), ("written", 2020, 2024), ("hour", 0, 24)):
        found = partial_dependence(fitted, name, steps=6)
        assert found.ordered and len(found.cells) == 6 and low <= found.cells[0] < found.cells[-1] <= high, name
        assert np.all(np.diff(found.cells) > 0) and low <= found.deciles[0]


def test_text_has_no_dependence():
    random = np.random.RandomState(0)
    words = [" ".join(random.choice(["red", "green", "old", "new", "fine", "big", "far"], 9)) for _ in range(100)]
    fitted = tabular.fit(pd.DataFrame({"note": words, "price": np.arange(100.0)}), "price", hidden=[8], epochs=1)
    assert partial_dependence(fitted, "note") is None
    assert Study(fitted).dependences == []


def test_cells_are_encoded_as_the_table_is(regressor):
    frame = regressor.prepared.frame
    for column, where in regressor.preprocessor.places().items():
        encoded = encode_cells(regressor.preprocessor, frame.iloc[:1], column, frame[column].tolist())
        np.testing.assert_array_equal(encoded, regressor.preprocessor.transform(frame)[:, where])


# -- explanations --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("which", ["regressor", "classifier"])
def test_contributions_add_up_to_the_answer(request, which):
    fitted = request.getfixturevalue(which)
    matrix = fitted.prepared.matrix[fitted.test.rows[:20]]
    found = explain(fitted, matrix, background_of(fitted))
    np.testing.assert_allclose(found.start + found.contributions.sum(axis=1), found.answer, rtol=1e-9, atol=1e-9)
    answers = fitted.answers(matrix)
    np.testing.assert_allclose(found.answer, answers.max(axis=1) if which == "classifier" else answers, rtol=1e-5)


def test_contributions_to_a_sum_are_its_terms(regressor):
    """Of a linear model a column's Shapley value is its weight times its distance from the background's mean."""
    random = np.random.RandomState(1)
    matrix, background = random.normal(size=(7, 6)), random.normal(size=(32, 6))
    model = Linear(regressor, [1.0, -2.0, 0.5, 3.0, 0.0, 4.0])
    found = explain(model, matrix, background)
    terms = (matrix - background.mean(axis=0)) * model.weights
    expected = np.stack([terms[:, where].sum(axis=1) for where in regressor.preprocessor.places().values()], axis=1)
    np.testing.assert_allclose(found.contributions, expected, atol=1e-5)      # a network counts in float32
    np.testing.assert_allclose(found.start, (background @ model.weights).mean(), atol=1e-5)


def test_contributions_meet_those_of_all_orders(regressor):
    """Against the definition: the mean over every order of the columns, of every background row."""
    import itertools

    fitted = regressor
    background = background_of(fitted)[:4]
    row = fitted.prepared.matrix[fitted.test.rows[:1]]
    where = list(fitted.preprocessor.places().values())
    orders = list(itertools.permutations(range(len(where))))
    exact = np.zeros(len(where))
    for start in background:
        mixed = {chosen: start.copy() for size in range(len(where) + 1)
                 for chosen in itertools.combinations(range(len(where)), size)}
        for chosen, line in mixed.items():
            for column in chosen:
                line[where[column]] = row[0, where[column]]
        values = dict(zip(mixed, fitted.answers(np.array(list(mixed.values())))))
        for order in orders:
            for step, column in enumerate(order):
                exact[column] += values[tuple(sorted(order[:step + 1]))] - values[tuple(sorted(order[:step]))]
    exact /= len(orders) * len(background)
    sampled = explain(fitted, row, np.tile(background, (100, 1))).contributions[0]
    np.testing.assert_allclose(sampled, exact, atol=0.05 * np.abs(exact).max())


def test_explained_rows_stand_beside_the_table(regressor, classifier):
    table = make_table(30, seed=9)
    table.index = range(100, 130)
    lines = explain_rows(regressor, table)
    assert list(lines.columns) == ["explained_from", "because"] and list(lines.index) == list(table.index)
    assert lines["because"].iloc[0].startswith("size (missing) ") or "size (missing)" in lines["because"].iloc[0]
    assert all("others" in line for line in lines["because"])
    strong = table["size"].sub(5).abs().idxmax()
    assert lines["because"][strong].startswith(f"size {table['size'][strong]:.6g} ")
    assert explain_rows(classifier, table)["explained_from"].between(0, 1).all()
    assert len(explain_rows(classifier, table.iloc[:0])) == 0


def test_a_model_saved_without_background_says_so(regressor):
    @dataclass
    class Bare:
        background = None

    with pytest.raises(tabular.TableError, match="saved without the rows that explanations start from"):
        background_of(Bare())


# -- curves --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("rows", "digits"), [(50, 1), (300, 2), (5000, 9)])
def test_curves_are_scikit_learns(rows, digits):
    metrics = pytest.importorskip("sklearn.metrics")
    random = np.random.RandomState(rows)
    truth = random.rand(rows) < 0.3
    score = (0.4 * truth + random.rand(rows)).round(digits)
    found = roc(truth, score)
    assert found.area == pytest.approx(metrics.roc_auc_score(truth, score))
    assert (found.x[0], found.y[0], found.x[-1], found.y[-1]) == (0, 0, 1, 1) and len(found.x) <= 401
    both = precision_recall(truth, score)
    assert both.area == pytest.approx(metrics.average_precision_score(truth, score))
    precision, recall, _ = metrics.precision_recall_curve(truth, score)
    across, up, _ = metrics.roc_curve(truth, score, drop_intermediate=False)
    for curve, x, y in ((found, across, up), (both, recall[::-1], precision[::-1])):
        if len(x) <= 400:
            np.testing.assert_allclose(np.stack([curve.x, curve.y]), np.stack([x, y]), atol=1e-12)
        else:       # thinned: every point is one of the curve's, and no stretch of it is left out
            apart = np.hypot(curve.x[:, None] - x, curve.y[:, None] - y)
            assert apart.min(axis=1).max() < 1e-12 and apart.min(axis=0).max() < 0.01


def test_curves_of_one_class_have_no_area():
    assert np.isnan(roc(np.zeros(5, bool), np.arange(5.0)).area)
    assert np.isnan(precision_recall(np.zeros(5, bool), np.arange(5.0)).area)


def test_calibration():
    random = np.random.RandomState(0)
    sure = random.uniform(0.5, 1, 40_000)
    right = random.rand(40_000) < sure
    honest = calibration(np.where(right, 0, 1), np.stack([sure, 1 - sure], axis=1))
    assert honest.error < 0.01 and len(honest.rows) == 10 and honest.rows.sum() == 40_000
    assert np.all((honest.low <= honest.accuracy) & (honest.accuracy <= honest.high))
    boastful = calibration(np.where(right, 0, 1), np.stack([0.5 + sure / 2, 0.5 - sure / 2], axis=1))
    assert boastful.error == pytest.approx(0.125, abs=0.01)


# -- the study -----------------------------------------------------------------------------------------------


def test_hardest_rows_are_the_farthest_off(regressor, classifier):
    found = Study(regressor).mistakes
    off = np.abs(regressor.test.values - regressor.test.truth)
    np.testing.assert_array_equal(np.sort(off[found.places])[::-1], np.sort(off)[::-1][:len(found.places)])
    np.testing.assert_array_equal(found.rows, regressor.test.rows[found.places])
    wrong = Study(classifier).mistakes.places
    assert np.all(classifier.test.values[wrong].argmax(axis=1) != classifier.test.truth[wrong])


def test_a_faultless_model_has_no_hardest_rows(classifier):
    truth = classifier.test.values.argmax(axis=1)
    assert not len(Study(replace(classifier, test=replace(classifier.test, truth=truth))).mistakes.rows)


def test_map_columns():
    degrees = pd.DataFrame({"Lon": [-122.0, 170.0], "latitude": [37.0, -80.0], "size": [1, 2]})
    assert find_map_columns(degrees) == ("Lon", "latitude")
    assert find_map_columns(degrees.drop(columns="Lon")) is None
    assert find_map_columns(degrees.assign(latitude=[37.0, 500.0])) is None
    assert find_map_columns(degrees.assign(latitude=["a", "b"])) is None
