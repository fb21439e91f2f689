"""`SKLearnClassifier`, `SKLearnRegressor`, `SKLearnTransformer`: Keras models with scikit-learn's `fit` and `predict`.

scikit-learn is loaded when this module is: it is needed by nothing else of Keras.
"""

from __future__ import annotations

import contextlib
import random
from collections.abc import Iterator
from typing import Any

import numpy as np

try:
    from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin, TransformerMixin
    from sklearn.preprocessing import LabelEncoder, StandardScaler
    from sklearn.utils.multiclass import check_classification_targets, type_of_target
    from sklearn.utils.validation import _check_sample_weight, check_is_fitted, check_random_state, validate_data
except ImportError:
    raise ImportError(
        "thalweg.keras.wrappers needs scikit-learn 1.6 or newer: install it (pip install scikit-learn)."
    ) from None

import thalweg as tf
from thalweg.keras import layers
from thalweg.keras.models import Model, Sequential, clone_model
from thalweg.keras.utils.seeds import set_random_seed


class _Base(BaseEstimator):
    """What the wrappers share.

    model: a compiled model, which is copied; or a function `model(X, y, **model_kwargs)` that gives one; or None for a small
    network of two hidden layers on standardised columns. warm_start: go on with the weights of the last `fit`. model_kwargs:
    arguments of the function. fit_kwargs: arguments of `Model.fit`. random_state: a seed, for the same results each time.
    """

    def __init__(
        self, model: Any = None, warm_start: bool = False, model_kwargs: dict[str, Any] | None = None,
        fit_kwargs: dict[str, Any] | None = None, random_state: Any = None,
    ):  # fmt: skip
        self.model = model
        self.warm_start = warm_start
        self.model_kwargs = model_kwargs
        self.fit_kwargs = fit_kwargs
        self.random_state = random_state

    # -- the model -------------------------------------------------------------------------------------------

    def _make(self, X: np.ndarray, y: np.ndarray) -> Any:
        if self.warm_start and hasattr(self, "model_"):
            return self.model_
        if self.model is None:
            return self._default(X, y, **(self.model_kwargs or {}))
        if isinstance(self.model, Model):
            return _copy(self.model)
        model = self.model(X, y, **(self.model_kwargs or {}))
        if not isinstance(model, Model) or not model.compiled:
            raise RuntimeError(
                f"`model` of {type(self).__name__} must give a compiled Keras model, but it gave {model!r}: call compile(...)."
            )
        return model

    def _default(self, X: np.ndarray, y: np.ndarray, hidden: Any = (32, 32), learning_rate: float = 0.01) -> Any:
        """A small network on standardised columns."""
        units, activation, loss = self._output(y)
        scaler = StandardScaler().fit(X)
        first = layers.Normalization(mean=scaler.mean_, variance=scaler.var_)
        hidden_layers = [layers.Dense(n, activation="relu") for n in hidden]
        model = Sequential([layers.Input((X.shape[1],)), first, *hidden_layers, layers.Dense(units, activation=activation)])
        model.compile(tf.keras.optimizers.Adam(learning_rate), loss)
        return model

    def _output(self, y: np.ndarray) -> tuple[int, Any, Any]:
        """Units, activation and loss of the default network."""
        raise NotImplementedError

    def _train(self, X: np.ndarray, y: np.ndarray, sample_weight: Any, **kwargs: Any) -> None:
        settings: dict[str, Any] = {"verbose": 0, **(self.fit_kwargs or {}), **kwargs}
        if self.model is None:
            settings = {"epochs": 50, "batch_size": min(32, len(X)), **settings}
        if sample_weight is not None:
            settings["sample_weight"] = sample_weight
        with _seeded(self.random_state):
            model = self._make(X, y)
            self.history_ = model.fit(X, y, **settings)
        self.model_ = model

    def _outputs(self, X: Any) -> np.ndarray:
        check_is_fitted(self)
        X = validate_data(self, X, reset=False)
        return np.asarray(self.model_.predict(np.asarray(X, "float32"), verbose=0))

    # -- scikit-learn ----------------------------------------------------------------------------------------

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.non_deterministic = self.random_state is None
        return tags

    def __getstate__(self) -> dict[str, Any]:
        """The model goes into a pickle as its config and weights: as a `.keras` file."""
        state = dict(super().__getstate__())
        state["model_"] = _Stored(state["model_"]) if state.get("model_") is not None else None
        if isinstance(state.get("model"), Model):
            state["model"] = _Stored(state["model"])
        state.pop("history_", None)
        return {name: value for name, value in state.items() if value is not None or name != "model_"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        restored = {name: value.model() if isinstance(value, _Stored) else value for name, value in state.items()}
        super().__setstate__(restored)


class _Stored:
    """A model as the bytes of its `.keras` file."""

    def __init__(self, model: Any):
        import os
        import tempfile

        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "m.keras")
            model.save(path)
            with open(path, "rb") as file:
                self.data = file.read()

    def model(self) -> Any:
        import os
        import tempfile

        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "m.keras")
            with open(path, "wb") as file:
                file.write(self.data)
            return tf.keras.models.load_model(path)


def _copy(model: Any) -> Any:
    """A model like this one, with its weights, compiled as it is."""
    if not model.compiled:
        raise RuntimeError("The model given to a wrapper must be compiled: call model.compile(...) first.")
    copy = clone_model(model)
    if model.built and not copy.built:
        copy.build(model.input_shape)
    copy.set_weights(model.get_weights())
    copy.compile_from_config(model.get_compile_config())
    return copy


@contextlib.contextmanager
def _seeded(random_state: Any) -> Iterator[None]:
    """Within: all random numbers follow from a seed. Python's and NumPy's go on afterwards where they were."""
    if random_state is None:
        yield
        return
    before = random.getstate(), np.random.get_state()
    set_random_seed(int(check_random_state(random_state).randint(2**31 - 1)))
    try:
        yield
    finally:
        random.setstate(before[0])
        np.random.set_state(before[1])


class SKLearnClassifier(ClassifierMixin, _Base):
    """A Keras model as a classifier of scikit-learn.

    The model gets classes as one-hot rows, as `softmax` with `categorical_crossentropy` takes them; `predict` gives them back as
    they were. Source: `keras.wrappers.SKLearnClassifier`.
    """

    def fit(self, X: Any, y: Any, sample_weight: Any = None, **kwargs: Any) -> SKLearnClassifier:
        X, y = validate_data(self, X, y, multi_output=True, y_numeric=False)
        if np.ndim(y) == 2 and y.shape[1] == 1:
            from sklearn.utils import column_or_1d

            y = column_or_1d(y, warn=True)
        check_classification_targets(y)
        if type_of_target(y) not in ("binary", "multiclass"):
            raise ValueError(f"Unknown label type: {type_of_target(y)}: SKLearnClassifier takes one class for each row.")
        if sample_weight is not None:
            sample_weight = _check_sample_weight(sample_weight, X)
        self._encoder = LabelEncoder().fit(y)
        self.classes_ = self._encoder.classes_
        if len(self.classes_) < 2 and self.model is None:
            raise ValueError(f"Classifier can't train when only one class is present: {self.classes_[0]!r}.")
        targets = np.eye(len(self.classes_), dtype="float32")[self._encoder.transform(y)]
        self._train(np.asarray(X, "float32"), targets, sample_weight, **kwargs)
        return self

    def _output(self, y: np.ndarray) -> tuple[int, Any, Any]:
        return y.shape[1], "softmax", "categorical_crossentropy"

    def predict_proba(self, X: Any) -> np.ndarray:
        """How likely each class is for each row, in the order of `classes_`."""
        scores = self._outputs(X).astype("float64")
        return scores / scores.sum(axis=1, keepdims=True)

    def predict(self, X: Any) -> np.ndarray:
        """The likeliest class of each row."""
        scores = self._outputs(X)
        return self.classes_[np.argmax(scores, axis=1)]


class SKLearnRegressor(RegressorMixin, _Base):
    """A Keras model as a regressor of scikit-learn. Source: `keras.wrappers.SKLearnRegressor`."""

    def fit(self, X: Any, y: Any, sample_weight: Any = None, **kwargs: Any) -> SKLearnRegressor:
        X, y = validate_data(self, X, y, multi_output=True, y_numeric=True)
        if sample_weight is not None:
            sample_weight = _check_sample_weight(sample_weight, X)
        if np.ndim(y) == 2 and y.shape[1] == 1:
            from sklearn.utils import column_or_1d

            y = column_or_1d(y, warn=True)
        self._is_vector = np.ndim(y) == 1
        targets = np.reshape(np.asarray(y, "float32"), (len(X), -1))
        # The default network learns standardised targets; a model of one's own gets them as they are.
        self._center = targets.mean(axis=0) if self.model is None else np.zeros(targets.shape[1], "float32")
        spread = targets.std(axis=0) if self.model is None else np.ones(targets.shape[1], "float32")
        self._spread = np.where(spread > 0, spread, 1.0).astype("float32")
        self._train(np.asarray(X, "float32"), (targets - self._center) / self._spread, sample_weight, **kwargs)
        return self

    def _output(self, y: np.ndarray) -> tuple[int, Any, Any]:
        return y.shape[1], None, "mse"

    def predict(self, X: Any) -> np.ndarray:
        """The answer for each row."""
        y = self._outputs(X).astype("float64")
        y = y.reshape(len(y), -1) * self._spread + self._center
        return y[:, 0] if self._is_vector else y

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags


class SKLearnTransformer(TransformerMixin, _Base):
    """A Keras model as a transformer of scikit-learn: `transform` gives what it makes of rows.

    Without targets it learns to give its inputs back; a default one is a small autoencoder that standardises columns.
    Source: `keras.wrappers.SKLearnTransformer`.
    """

    def fit(self, X: Any, y: Any = None, sample_weight: Any = None, **kwargs: Any) -> SKLearnTransformer:
        if y is None:
            X = validate_data(self, X)
            targets = X
        else:
            X, y = validate_data(self, X, y, multi_output=True)
            targets = X if self.model is None or not np.issubdtype(np.asarray(y).dtype, np.number) else np.reshape(y, (len(X), -1))
        if sample_weight is not None:
            sample_weight = _check_sample_weight(sample_weight, X)
        self._train(np.asarray(X, "float32"), np.asarray(targets, "float32"), sample_weight, **kwargs)
        return self

    def _output(self, y: np.ndarray) -> tuple[int, Any, Any]:
        return y.shape[1], None, "mse"

    def transform(self, X: Any) -> np.ndarray:
        """What the model gives for each row."""
        return self._outputs(X)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = []
        return tags
