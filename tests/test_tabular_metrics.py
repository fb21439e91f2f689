"""Figures of merit against scikit-learn's."""

import numpy as np
import pytest

from thalweg.tabular import metrics

NAMES = ["a", "b", "c", "never"]


@pytest.fixture
def scored():
    random = np.random.RandomState(1)
    true = random.choice(3, 200, p=[0.7, 0.25, 0.05])
    odds = np.exp(random.normal(size=(200, 4)) + 2 * np.eye(4)[true])
    odds[:, 3] = 0
    return true, odds / odds.sum(axis=1, keepdims=True)


def test_classification_is_scikit_learns(scored):
    theirs = pytest.importorskip("sklearn.metrics")
    true, probability = scored
    ours, predicted = metrics.classification(true, probability, NAMES), probability.argmax(axis=1)
    assert ours["rows"] == 200
    assert ours["accuracy"] == pytest.approx(theirs.accuracy_score(true, predicted))
    assert ours["macro_f1"] == pytest.approx(theirs.f1_score(true, predicted, average="macro"))
    assert ours["log_loss"] == pytest.approx(theirs.log_loss(true, probability[:, :3]))
    precision, recall, f1, rows = theirs.precision_recall_fscore_support(true, predicted, labels=range(4), zero_division=0)
    for place, name in enumerate(NAMES):
        assert list(ours["classes"][name].values()) == pytest.approx([precision[place], recall[place], f1[place], rows[place]])
    assert ours["confusion_matrix"] == theirs.confusion_matrix(true, predicted, labels=range(4)).tolist()


def test_a_class_predicted_but_absent_counts_in_macro_f1():
    theirs = pytest.importorskip("sklearn.metrics")
    true, predicted = np.array([0, 0, 1]), np.array([0, 2, 1])
    ours = metrics.classification(true, np.eye(3)[predicted], ["a", "b", "c"])
    assert ours["macro_f1"] == pytest.approx(theirs.f1_score(true, predicted, average="macro"))


def test_regression_is_scikit_learns():
    theirs = pytest.importorskip("sklearn.metrics")
    random = np.random.RandomState(2)
    true, predicted = random.normal(100, 20, 50), random.normal(100, 20, 50)
    ours = metrics.regression(true, predicted)
    assert ours["r2"] == pytest.approx(theirs.r2_score(true, predicted))
    assert ours["mae"] == pytest.approx(theirs.mean_absolute_error(true, predicted))
    assert ours["rmse"] == pytest.approx(theirs.mean_squared_error(true, predicted) ** 0.5)


def test_a_certain_mistake_has_a_finite_loss():
    assert np.isfinite(metrics.classification(np.array([0]), np.array([[0.0, 1.0]]), ["a", "b"])["log_loss"])
