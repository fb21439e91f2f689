"""`tf.contrib.learn`'s estimators, on `tf.estimator`."""

from __future__ import annotations

from collections import namedtuple
from types import SimpleNamespace
from typing import Any

import numpy as np

from thalweg.compat import v1 as tf
from thalweg.estimator import RunConfig as RunConfig
from thalweg.estimator.estimator import Estimator as _Estimator
from thalweg.estimator.types import EstimatorSpec
from thalweg.feature_column import numeric_column

ModelFnOps = namedtuple(
    "ModelFnOps", ("mode", "predictions", "loss", "train_op", "eval_metric_ops"), defaults=(None, None, None, None)
)
_KEY = "x"


def infer_real_valued_columns_from_input(x: Any) -> list[Any]:
    """A column for a matrix of numbers."""
    return [numeric_column(_KEY, shape=np.shape(x)[1:])]


def _input_fn(x: Any, y: Any, batch_size: int, epochs: int | None, shuffle: bool) -> Any:
    return tf.estimator.inputs.numpy_input_fn({_KEY: np.asarray(x)}, y, batch_size, epochs, shuffle)


class _ArrayMethods:
    """`fit(x, y)`, `evaluate(x, y)`, `predict(x)` beside the forms with input functions."""

    def fit(self, x: Any = None, y: Any = None, input_fn: Any = None, steps: int | None = None, batch_size: int = 128,
            monitors: Any = None, max_steps: int | None = None) -> Any:  # fmt: skip
        """Train on arrays, for `steps` batches."""
        given = input_fn or _input_fn(x, y, batch_size, None, True)
        return self.train(given, steps=steps, max_steps=max_steps)  # type: ignore[attr-defined]

    partial_fit = fit

    def evaluate(self, x: Any = None, y: Any = None, input_fn: Any = None, steps: int | None = None, batch_size: int = 128,
                 **kwargs: Any) -> Any:  # fmt: skip
        if callable(x):
            x, input_fn = None, x
        return super().evaluate(input_fn or _input_fn(x, y, batch_size, 1, False), steps=steps, **kwargs)  # type: ignore[misc]

    def predict(self, x: Any = None, input_fn: Any = None, batch_size: int = 128, **kwargs: Any) -> Any:
        if callable(x):
            x, input_fn = None, x
        found = super().predict(input_fn or _input_fn(x, None, batch_size, 1, False), **kwargs)  # type: ignore[misc]
        return (self._plain(p) for p in found)

    def predict_classes(self, x: Any = None, input_fn: Any = None, batch_size: int = 128, as_iterable: bool = True) -> Any:
        return self.predict(x, input_fn, batch_size)

    @staticmethod
    def _plain(p: Any) -> Any:
        """A class or a number, where there is one."""
        if isinstance(p, dict) and "class_ids" in p:
            return int(p["class_ids"][0])
        return float(p["predictions"][0]) if isinstance(p, dict) and "predictions" in p and np.size(p["predictions"]) == 1 else p


class Estimator(_ArrayMethods, _Estimator):  # type: ignore[misc]
    """An estimator whose model function may give `(predictions, loss, train_op)` or `ModelFnOps`."""

    def _call_model_fn(self, features: Any, labels: Any, mode: str) -> Any:
        import inspect

        names = inspect.signature(self._model_fn_given).parameters
        given = {k: v for k, v in {"mode": mode, "params": self.params, "config": self.config}.items() if k in names}
        first = features[_KEY] if isinstance(features, dict) and set(features) == {_KEY} else features
        made = self._model_fn_given(first, labels, **given)
        if isinstance(made, EstimatorSpec):
            return made
        if isinstance(made, ModelFnOps):
            return EstimatorSpec(mode, made.predictions, made.loss, made.train_op, made.eval_metric_ops)
        predictions, loss, train_op = made
        return EstimatorSpec(mode, predictions, loss, train_op)

    def __init__(self, model_fn: Any = None, model_dir: Any = None, config: Any = None, params: Any = None, **_: Any):
        self._given = model_fn

        def takes(features: Any, labels: Any, mode: Any, params: Any) -> Any:
            return model_fn(features, labels, mode, params)

        super().__init__(takes, model_dir, config, params)
        self._model_fn_given = model_fn


BaseEstimator = Estimator


def _with_arrays(name: str) -> Any:
    return type(name, (_ArrayMethods, getattr(tf.estimator, name)), {"__doc__": f"`tf.estimator.{name}`, which takes arrays too."})


DNNClassifier, DNNRegressor = _with_arrays("DNNClassifier"), _with_arrays("DNNRegressor")
LinearClassifier, LinearRegressor = _with_arrays("LinearClassifier"), _with_arrays("LinearRegressor")
DNNLinearCombinedClassifier = _with_arrays("DNNLinearCombinedClassifier")
DNNLinearCombinedRegressor = _with_arrays("DNNLinearCombinedRegressor")


def SKCompat(estimator: Any) -> Any:
    """The estimator: its `fit`, `predict` and `score` take arrays."""
    return estimator


class Experiment:
    """An estimator with what it is trained and evaluated on."""

    def __init__(self, estimator: Any, train_input_fn: Any, eval_input_fn: Any, eval_metrics: Any = None,
        train_steps: int | None = None,
                 eval_steps: int | None = 100, **_: Any):  # fmt: skip
        self.estimator, self._inputs, self._steps = estimator, (train_input_fn, eval_input_fn), (train_steps, eval_steps)

    def train(self) -> Any:
        return self.estimator.train(self._inputs[0], max_steps=self._steps[0])

    def evaluate(self) -> Any:
        return self.estimator.evaluate(input_fn=self._inputs[1], steps=self._steps[1])

    def train_and_evaluate(self) -> Any:
        self.train()
        return self.evaluate()

    continuous_train_and_eval = train_and_evaluate


def _run(
    experiment_fn: Any, output_dir: Any = None, schedule: str | None = None, run_config: Any = None, hparams: Any = None
) -> Any:
    experiment = experiment_fn(output_dir) if run_config is None else experiment_fn(run_config, hparams)
    return getattr(experiment, schedule or "train_and_evaluate")()


learn_runner = SimpleNamespace(run=_run)
monitors = SimpleNamespace(replace_monitors_with_hooks=lambda monitors, estimator: list(monitors or []))


def _mnist(*args: Any, **kwargs: Any) -> Any:
    from thalweg.compat.v1.examples.tutorials.mnist import input_data

    return input_data.read_data_sets(*args, **kwargs)


def _iris(*args: Any, **kwargs: Any) -> Any:
    from sklearn.datasets import load_iris

    found = load_iris()
    return SimpleNamespace(data=found.data, target=found.target)


datasets = SimpleNamespace(mnist=SimpleNamespace(read_data_sets=_mnist, load_mnist=_mnist), load_iris=_iris)
