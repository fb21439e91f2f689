"""The table network as scikit-learn's estimators: for its pipelines, searches and cross-validations.

>>> from sklearn.datasets import load_wine
>>> from sklearn.model_selection import cross_val_score
>>> cross_val_score(tf.tabular.TabularClassifier(random_state=0), *load_wine(return_X_y=True)).mean() > 0.95  # doctest: +SKIP
True
"""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, column_or_1d, validate_data

from .columns import CLASSIFICATION, LEFT_OUT, NUMBER, REGRESSION
from .preparing import prepare
from .reading import as_frame
from .splitting import Split, hold_out
from .training import train

TARGET = "(target)"
FEWEST_TO_DIVIDE = 20       # of fewer rows all are trained on, and watched too


class _TableEstimator(BaseEstimator):
    """What both share: a network on numbers, categories, dates and text, which stops by rows it holds out itself."""

    _task: str

    def __init__(self, hidden: Any = None, activation: str | None = None, optimizer: str | None = None,
                 learning_rate: float | None = None, epochs: int | None = None, batch_size: int | None = None,
                 dropout: float | None = None, starts: int | None = None, random_state: Any = None) -> None:
        self.hidden = hidden
        self.activation = activation
        self.optimizer = optimizer
        self.learning_rate = learning_rate
        self.epochs = epochs
        self.batch_size = batch_size
        self.dropout = dropout
        self.starts = starts
        self.random_state = random_state

    def _settings(self) -> dict[str, Any]:
        names = ("hidden", "activation", "optimizer", "learning_rate", "epochs", "batch_size", "dropout")
        found = {name: getattr(self, name) for name in names}
        return {**found, "hidden": None if self.hidden is None else tuple(np.atleast_1d(self.hidden).tolist())}

    def _fit_frame(self, frame: Any, truth: np.ndarray, types: dict[str, str], **more: Any) -> None:
        """Train on a frame and class numbers or numbers."""
        seed = int(check_random_state(self.random_state).randint(2**31 - 1))
        rows = np.arange(len(frame))
        rest = dev = rows
        if len(rows) >= FEWEST_TO_DIVIDE:
            rest, dev = hold_out(rows, seed % 2**32, classes=truth if self._task == CLASSIFICATION else None)
        prepared = prepare(frame.assign(**{TARGET: truth}), TARGET, task=self._task, types=types, parts=Split(rest, dev, dev),
                           seed=seed, **self._settings(), **more)
        self.fitted_ = train(prepared, seeds=self.starts)
        self.n_iter_ = len(self.fitted_.history["loss"])

    def _frame(self, X: Any, fitting: bool) -> tuple[Any, dict[str, str]]:
        """X as a frame, and what its columns are: those of an array are all numbers."""
        if hasattr(X, "columns") or hasattr(X, "iter_columns"):
            validate_data(self, X, reset=fitting, skip_check_array=True)
            frame = as_frame(X)
            if fitting and len(frame) < 2:
                raise ValueError(f"Found array with n_samples={len(frame)}; at least 2 rows are needed to fit.")
            return frame, {}
        import pandas as pd

        values = validate_data(self, X, reset=fitting, dtype=np.float64, ensure_all_finite="allow-nan",
                               ensure_min_samples=2 if fitting else 1)
        names = [f"x{place}" for place in range(values.shape[1])]
        empty = np.isnan(values).all(axis=0) if fitting else np.zeros(len(names), bool)
        return pd.DataFrame(values, columns=names), {n: LEFT_OUT if e else NUMBER for n, e in zip(names, empty)}

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.non_deterministic = False
        return tags

    @property
    def model_(self) -> Any:
        """The Keras model."""
        check_is_fitted(self, "fitted_")
        return self.fitted_.model


class TabularClassifier(ClassifierMixin, _TableEstimator):
    """A classifier of table rows.

    hidden: units of the hidden layers (None for the strong recipe); starts: networks trained at once, whose mean answers
    (None for the recipe's number);
    balance: let every class weigh the same; the rest as in `thalweg.tabular.fit`. X is an array of numbers, or a frame with
    columns of any kind. A fifth of the rows is held out to stop by.
    """

    _task = CLASSIFICATION

    def __init__(self, hidden: Any = None, activation: str | None = None, optimizer: str | None = None,
                 learning_rate: float | None = None, epochs: int | None = None, batch_size: int | None = None,
                 dropout: float | None = None, starts: int | None = None, balance: bool = False, random_state: Any = None) -> None:
        super().__init__(hidden, activation, optimizer, learning_rate, epochs, batch_size, dropout, starts, random_state)
        self.balance = balance

    def fit(self, X: Any, y: Any) -> TabularClassifier:
        """Train on rows `X` and their classes `y`."""
        frame, types = self._frame(X, fitting=True)
        y = _one_column(y, len(frame))
        check_classification_targets(y)
        self.classes_, truth = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError("Classifier can't train when only one class is present.")
        self._fit_frame(frame, truth, types, balance=self.balance or None)
        return self

    def predict_proba(self, X: Any) -> np.ndarray:
        """The probability of each of `classes_`, `[rows, classes]`."""
        check_is_fitted(self)
        return self.fitted_.predict_proba(self._frame(X, fitting=False)[0])

    def predict(self, X: Any) -> np.ndarray:
        """The class of each row."""
        check_is_fitted(self)
        return self.classes_[self.predict_proba(X).argmax(axis=1)]


class TabularRegressor(RegressorMixin, _TableEstimator):
    """A regressor of table rows; see `TabularClassifier`."""

    _task = REGRESSION

    def fit(self, X: Any, y: Any) -> TabularRegressor:
        """Train on rows `X` and their numbers `y`."""
        frame, types = self._frame(X, fitting=True)
        self._fit_frame(frame, _one_column(y, len(frame)).astype(np.float64), types)
        return self

    def predict(self, X: Any) -> np.ndarray:
        """The number predicted for each row."""
        check_is_fitted(self)
        return self.fitted_.predict(self._frame(X, fitting=False)[0])


def _one_column(y: Any, rows: int) -> np.ndarray:
    """The target as a vector without gaps, as long as the table."""
    from sklearn.utils import assert_all_finite, check_consistent_length

    if y is None:
        raise ValueError("This estimator requires y to be passed, but the target y is None.")
    y = column_or_1d(y, warn=True)
    check_consistent_length(y, np.empty(rows))
    assert_all_finite(y, input_name="y")
    return y
