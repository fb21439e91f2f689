"""`tf.contrib.learn`: the basics of the first high-level interface, on `tf.estimator`.

Source: https://www.tensorflow.org/versions/r1.15/api_docs/python/tf/contrib/learn
"""

from __future__ import annotations

import importlib
from typing import Any

from thalweg.contrib.learn import preprocessing as preprocessing


class ModeKeys:
    """What a model function is called for."""

    TRAIN, EVAL, INFER = "train", "eval", "infer"

    @classmethod
    def validate(cls, key: str) -> None:
        if key not in (cls.TRAIN, cls.EVAL, cls.INFER):
            raise ValueError(f"Invalid mode {key}.")


class TaskType:
    MASTER, PS, WORKER = "master", "ps", "worker"


class ProblemType:
    UNSPECIFIED, CLASSIFICATION, LINEAR_REGRESSION, LOGISTIC_REGRESSION = range(4)


_ESTIMATOR_NAMES = {
    "RunConfig", "Estimator", "DNNClassifier", "DNNRegressor", "LinearClassifier", "LinearRegressor", "DNNLinearCombinedClassifier",
    "DNNLinearCombinedRegressor", "ModelFnOps", "infer_real_valued_columns_from_input", "Experiment", "datasets",
    "monitors", "learn_runner", "SKCompat", "BaseEstimator",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    if name in _ESTIMATOR_NAMES:
        return getattr(importlib.import_module("thalweg.contrib.learn.estimators"), name)
    if name == "python":
        return importlib.import_module("thalweg.contrib.learn")
    raise AttributeError(f"module 'thalweg.contrib.learn' has no attribute {name!r}. Use tf.estimator instead.")
