"""Comforts around models: drawings, histories as frames and curves, dry runs, searches, scikit-learn."""

import pickle
import shutil
import warnings
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

import thalweg as tf
from thalweg.keras.tuning import Choice, Hyperband, Integer, RandomSearch, Real

keras, L = tf.keras, tf.keras.layers
X = np.random.RandomState(0).normal(size=(40, 3)).astype("float32")
Y = (X.sum(1, keepdims=True) > 0).astype("float32")


def branching():
    x = keras.Input((4,), name="x")
    inner = keras.Sequential([keras.Input((3,)), L.Dense(3, name="inside")], name="inner")
    a = L.Dense(3, activation="relu", name="a")(x)
    b = L.Dense(3, name="b")(x)
    return keras.Model(x, [L.Add(name="sum")([inner(a), b]), tf.nn.relu(b) * 2.0])


class TestDrawings:
    def test_svg_without_graphviz(self, tmp_path, monkeypatch):
        monkeypatch.setattr(shutil, "which", lambda *_: None)
        drawing = keras.utils.plot_model(branching(), tmp_path / "m.png", show_shapes=True, show_layer_names=True)
        root = ElementTree.fromstring((tmp_path / "m.svg").read_text())
        texts = [text.text for text in root.iter("{http://www.w3.org/2000/svg}text")]
        assert "sum" in texts and "(?, 4) → (?, 3)" in texts and "InputLayer" in texts and "Mul" in texts
        boxes = [(float(r.get("x")), float(r.get("y")), float(r.get("width")), float(r.get("height")))
                 for r in root.iter("{http://www.w3.org/2000/svg}rect")]  # fmt: skip
        assert len(boxes) == len(drawing.boxes) == 7
        for i, (x, y, w, h) in enumerate(boxes):
            assert x >= 0 and y >= 0 and x + w <= float(root.get("width")) and y + h <= float(root.get("height"))
            for x2, y2, w2, h2 in boxes[:i]:
                assert x + w <= x2 or x2 + w2 <= x or y + h <= y2 or y2 + h2 <= y
        assert drawing._repr_svg_() == drawing.svg()
        with pytest.raises(ImportError, match="needs Graphviz"):
            keras.utils.plot_model(branching(), tmp_path / "m.pdf")

    def test_nested_models_and_directions(self):
        names = [name for name, _ in keras.utils.model_to_dot(branching(), expand_nested=True).boxes]
        assert "inside" in names and "inner" not in names
        options = {"show_layer_activations": True, "show_dtype": True, "show_trainable": True}
        flat = keras.utils.model_to_dot(branching(), rankdir="LR", **options)
        assert "rankdir=LR" in flat.dot() and "Dense · relu" in flat.dot() and "0 -> 1;" in flat.dot()
        ElementTree.fromstring(flat.svg())

    def test_a_model_that_is_not_built(self):
        with pytest.raises(ValueError, match="has not yet been built"):
            keras.utils.plot_model(keras.Sequential([L.Dense(1)]), None)


def compiled():
    keras.utils.set_random_seed(3)
    hidden = [L.Dense(4, activation="relu"), L.BatchNormalization()]
    model = keras.Sequential([keras.Input((3,)), *hidden, L.Dense(1, activation="sigmoid")])
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    return model


class TestHistories:
    def test_frame_and_curves(self, tmp_path):
        history = compiled().fit(X, Y, epochs=3, validation_split=0.25, verbose=0)
        frame = history.to_frame()
        assert list(frame.index) == [0, 1, 2] and set(frame) == {"loss", "accuracy", "val_loss", "val_accuracy"}
        figure = history.plot(path=tmp_path / "curves.png")
        assert [panel.get_title(loc="left") for panel in figure.axes] == ["accuracy", "loss"] or len(figure.axes) == 2
        assert (tmp_path / "curves.png").stat().st_size > 5000
        with pytest.raises(ValueError, match="has no speed"):
            history.plot(["speed"])


class TestDryRuns:
    def test_nothing_is_changed(self):
        model, other = compiled(), compiled()
        history = model.fit(X, Y, batch_size=8, epochs=5, validation_data=(X, Y), dev_run=True, verbose=0)
        assert len(history.history["loss"]) == 1 and "val_loss" in history.history
        for a, b in zip(model.get_weights(), other.get_weights()):
            np.testing.assert_array_equal(a, b)
        assert int(model.optimizer.iterations) == 0
        first, second = (m.fit(X, Y, epochs=2, verbose=0, shuffle=False).history["loss"] for m in (model, other))
        assert first == second

    def test_what_does_not_fit_is_found(self):
        with pytest.raises(ValueError, match=r"[Ii]nput"):
            compiled().fit(X[:, :2], Y, dev_run=True)

    def test_datasets_and_models_not_built_yet(self):
        model = keras.Sequential([L.Dense(1)])
        model.compile("sgd", "mse")
        data = tf.data.Dataset.from_tensor_slices((X, Y)).batch(10)
        assert len(model.fit(data, validation_data=data, dev_run=True, verbose=0).history["loss"]) == 1


def build(units, rate):
    model = keras.Sequential([keras.Input((3,)), L.Dense(units, activation="relu"), L.Dense(1, activation="sigmoid")])
    model.compile(keras.optimizers.SGD(rate), "binary_crossentropy", metrics=["accuracy"])
    return model


SPACE = {"units": Choice(2, 8), "rate": Real(1e-3, 1.0, log=True)}


class TestSearches:
    def test_random(self, capsys):
        search = RandomSearch(build, SPACE, "val_accuracy", seed=1)
        trials = search.run(X, Y, trials=4, epochs=3, validation_split=0.25)
        assert len(trials) == 4 and search.best.score == max(trial.score for trial in trials)
        assert all(1e-3 <= t.settings["rate"] <= 1 and t.settings["units"] in (2, 8) for t in trials)
        assert search.best_model.layers[0].units == search.best.settings["units"]
        assert capsys.readouterr().out.count("Trial") == 4 and len(search.to_frame()) == 4
        again = RandomSearch(build, SPACE, "val_accuracy", seed=1, verbose=0).run(X, Y, trials=2, epochs=1, validation_split=0.25)
        assert [t.settings for t in again] == [t.settings for t in trials[:2]]

    def test_hyperband_goes_on_with_the_best(self):
        found = Hyperband(build, SPACE, factor=2, seed=2, verbose=0).run(X, Y, epochs=4, validation_split=0.25)
        assert [t.epochs for t in found] == [1] * 4 + [2] * 2 + [4] + [2] * 3 + [4] + [4] * 3
        first, second = found[:4], found[4:6]
        assert {id(t.settings) for t in second} <= {id(t.settings) for t in first}
        assert {t.settings["rate"] for t in second} == {t.settings["rate"] for t in sorted(first, key=lambda t: t.score)[:2]}
        assert len(second[0].history["loss"]) == 1  # it went on, and did not begin anew

    def test_failures_are_kept(self):
        def fails(units):
            if units > 1:
                raise ValueError("too many")
            return build(units, 0.1)

        search = RandomSearch(fails, {"units": Integer(1, 2)}, seed=0, verbose=0)
        trials = search.run(X, Y, trials=6, epochs=1, validation_split=0.25)
        assert {t.error for t in trials} == {None, "ValueError: too many"} and search.best.settings == {"units": 1}
        with pytest.raises(ValueError, match="No trial succeeded"):
            RandomSearch(fails, {"units": Choice(2)}, verbose=0).best  # noqa: B018
        with pytest.raises(ValueError, match="must be a Choice"):
            RandomSearch(fails, {"units": [1, 2]})


# -- scikit-learn --------------------------------------------------------------------------------------------------

sklearn = pytest.importorskip("sklearn")
from sklearn.model_selection import GridSearchCV, cross_val_score  # noqa: E402
from sklearn.pipeline import make_pipeline  # noqa: E402
from sklearn.preprocessing import StandardScaler  # noqa: E402
from sklearn.utils.estimator_checks import parametrize_with_checks  # noqa: E402

from thalweg.keras.wrappers import SKLearnClassifier, SKLearnRegressor, SKLearnTransformer  # noqa: E402

# Batches are drawn from the rows there are: a row that counts twice is not two rows, nor is one that counts nothing absent.
EXPECTED = {"check_sample_weight_equivalence_on_dense_data": "mini-batches: a weight of 2 is not two rows"}
ESTIMATORS = [cls(random_state=0) for cls in (SKLearnClassifier, SKLearnRegressor, SKLearnTransformer)]


@parametrize_with_checks(ESTIMATORS, expected_failed_checks=lambda _: EXPECTED)
@pytest.mark.filterwarnings("ignore")
def test_estimator_checks(estimator, check):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        check(estimator)


def softmax(X, y, units=4):
    hidden, last = L.Dense(units, activation="tanh"), L.Dense(y.shape[1], activation="softmax")
    model = keras.Sequential([keras.Input((X.shape[1],)), hidden, last])
    model.compile(keras.optimizers.Adam(0.05), "categorical_crossentropy")
    return model


def test_pipelines_and_searches():
    labels = np.where(Y[:, 0] > 0, "yes", "no")
    classifier = SKLearnClassifier(softmax, fit_kwargs={"epochs": 20}, random_state=1)
    pipeline = make_pipeline(StandardScaler(), classifier)
    assert pipeline.fit(X, labels).score(X, labels) > 0.9
    assert set(pipeline.predict(X[:5])) <= {"yes", "no"} and pipeline.predict_proba(X).shape == (40, 2)
    assert len(cross_val_score(pipeline, X, labels, cv=2)) == 2
    search = GridSearchCV(classifier, {"model_kwargs": [{"units": 2}, {"units": 6}]}, cv=2).fit(X, labels)
    assert search.best_params_["model_kwargs"]["units"] in (2, 6)


def test_models_are_copied_kept_and_gone_on_with():
    model = keras.Sequential([keras.Input((3,)), L.Dense(1)])
    model.compile("sgd", "mse")
    before = model.get_weights()
    regressor = SKLearnRegressor(model, warm_start=True, fit_kwargs={"epochs": 2}).fit(X, X[:, 0])
    for a, b in zip(before, model.get_weights()):
        np.testing.assert_array_equal(a, b)
    weights = regressor.model_.get_weights()[0].copy()
    regressor.fit(X, X[:, 0])
    assert not np.array_equal(weights, regressor.model_.get_weights()[0])
    again = pickle.loads(pickle.dumps(regressor))
    np.testing.assert_allclose(again.predict(X), regressor.predict(X), rtol=1e-6)
    with pytest.raises(RuntimeError, match="must be compiled"):
        SKLearnRegressor(keras.Sequential([keras.Input((3,)), L.Dense(1)])).fit(X, X[:, 0])
