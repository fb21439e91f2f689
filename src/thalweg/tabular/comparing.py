"""The network beside "traditional" models: scikit-learn's, on the same training rows and the same test rows."""

from __future__ import annotations

import pickle
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from . import metrics
from .columns import CLASSIFICATION
from .preparing import Prepared
from .preprocessing import STANDARD, Preprocessor
from .problems import TableError
from .result import Compared, Fitted

SVM_ROWS = 20_000           # a support vector machine's time grows with the square of the rows: more are drawn from by chance


def models(task: str, seed: int) -> dict[str, Any]:
    """scikit-learn's models by name, with their defaults, but for a seed and enough iterations."""
    from sklearn import dummy, ensemble, linear_model, neighbors, neural_network, svm

    if task == CLASSIFICATION:
        return {
            "always the commonest class": dummy.DummyClassifier(),
            "logistic regression": linear_model.LogisticRegression(max_iter=2000),
            "k nearest neighbours": neighbors.KNeighborsClassifier(),
            "support vector machine": svm.SVC(random_state=seed),
            "random forest": ensemble.RandomForestClassifier(random_state=seed),
            "gradient boosting": ensemble.HistGradientBoostingClassifier(random_state=seed),
            "plain network": neural_network.MLPClassifier((64, 64), early_stopping=True, random_state=seed),
        }
    return {
        "always the mean": dummy.DummyRegressor(),
        "linear regression": linear_model.Ridge(),
        "k nearest neighbours": neighbors.KNeighborsRegressor(),
        "support vector machine": svm.SVR(),
        "random forest": ensemble.RandomForestRegressor(random_state=seed),
        "gradient boosting": ensemble.HistGradientBoostingRegressor(random_state=seed),
        "plain network": neural_network.MLPRegressor((64, 64), early_stopping=True, random_state=seed),
    }


def compare(fitted: Fitted, on_model: Callable[[str], None] | None = None) -> list[Compared]:
    """Fit each model on the training rows and measure it on the test rows; the network itself stands first.

    They read the same columns on a standard scale, with medians for gaps and a column per category.
    Raises TableError where scikit-learn is not installed.
    """
    prepared = fitted.prepared
    try:
        found = models(prepared.task, prepared.settings.seed)
    except ImportError:
        raise TableError("the comparison needs scikit-learn; install it with: pip install 'thalweg[tabular]'.") from None
    parts = prepared.split
    plain = Preprocessor.fit(prepared.frame.iloc[parts.train], prepared.columns, STANDARD)
    x_train, x_test = (plain.transform(prepared.frame.iloc[rows]) for rows in (parts.train, parts.test))
    y = prepared.truth if prepared.task == CLASSIFICATION else (prepared.truth - fitted.center) / fitted.deviation
    compared = [_ourselves(fitted)]
    for name, model in found.items():
        if on_model is not None:
            on_model(name)
        compared.append(_measure(name, model, prepared, fitted, x_train, y[parts.train], x_test))
    return compared


def _ourselves(fitted: Fitted) -> Compared:
    start = time.perf_counter()
    test = fitted.prepared.matrix[fitted.prepared.split.test]
    fitted.answers(test)
    seconds = time.perf_counter() - start
    size = sum(weight.nbytes for weight in fitted.model.get_weights())
    return Compared("this network" if fitted.starts is None else f"these {fitted.starts.count} networks", _headlines(
        fitted.metrics["test"]), fitted.seconds, seconds, size)


def _measure(name: str, model: Any, prepared: Prepared, fitted: Fitted, x: np.ndarray, y: np.ndarray, x_test: np.ndarray
             ) -> Compared:
    try:
        few: Any = slice(None)
        if name.startswith("support") and len(x) > SVM_ROWS:
            few = np.random.RandomState(prepared.settings.seed).choice(len(x), SVM_ROWS, replace=False)
            name += f" ({SVM_ROWS:,} rows)"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            start = time.perf_counter()
            model.fit(x[few], y[few])
            fit_seconds = time.perf_counter() - start
            start = time.perf_counter()
            answers = model.predict(x_test)
            predict_seconds = time.perf_counter() - start
        size = len(pickle.dumps(model))
    except (ValueError, MemoryError) as error:
        return Compared(name, {}, 0.0, 0.0, 0, f"{name} could not be fitted: {str(error).splitlines()[0]}")
    truth = prepared.truth[prepared.split.test]
    if prepared.task == CLASSIFICATION:
        named = np.eye(len(prepared.classes))[answers.astype(int)]
        figures = metrics.classification(truth, named, [str(label) for label in prepared.classes])
        figures.pop("log_loss")     # of names alone it says nothing
    else:
        figures = metrics.regression(truth, answers * fitted.deviation + fitted.center)
    return Compared(name, _headlines(figures), fit_seconds, predict_seconds, size)


def _headlines(figures: dict[str, Any]) -> dict[str, Any]:
    return {name: figures[name] for name in ("accuracy", "macro_f1", "r2", "mae", "rmse") if name in figures}
