# ruff: noqa: E402
"""The estimators under scikit-learn's own checks, and in its tools."""

import pickle

import numpy as np
import pytest

pd = pytest.importorskip("pandas")
pytest.importorskip("sklearn")

from sklearn.datasets import load_diabetes, load_iris
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from thalweg.tabular import TabularClassifier, TabularRegressor

QUICK = {"hidden": (16,), "epochs": 30, "batch_size": 16, "learning_rate": 0.02, "random_state": 0}


@parametrize_with_checks([TabularClassifier(**QUICK), TabularRegressor(**QUICK)])
def test_scikit_learns_checks(estimator, check):
    check(estimator)


def test_in_scikit_learns_tools():
    X, y = load_iris(return_X_y=True)
    assert cross_val_score(TabularClassifier(**QUICK), X, y, cv=3).mean() > 0.9
    chain = make_pipeline(StandardScaler(), TabularClassifier(**QUICK))
    search = GridSearchCV(chain, {"tabularclassifier__hidden": [(4,), (16,)]}, cv=2)
    assert search.fit(X, y).best_score_ > 0.85
    assert cross_val_score(TabularRegressor(**QUICK), *load_diabetes(return_X_y=True), cv=3).mean() > 0.3


def test_frames_of_all_kinds_and_pickles():
    random = np.random.RandomState(0)
    frame = pd.DataFrame({"size": random.normal(size=200), "town": random.choice(["e", "w", None], 200),
                          "when": pd.date_range("2024-01-01", periods=200).astype(str)})
    y = np.where((frame["size"] > 0) ^ (frame["town"] == "e"), "yes", "no")
    model = TabularClassifier(**QUICK, starts=2).fit(frame, y)
    assert model.feature_names_in_.tolist() == ["size", "town", "when"] and model.classes_.tolist() == ["no", "yes"]
    assert model.score(frame, y) > 0.8
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(again.predict_proba(frame), model.predict_proba(frame))
    assert len(model.model_.layers) == 4
