"""`tf.estimator`: models as functions, with training, evaluation, prediction and export around them.

Source: https://www.tensorflow.org/versions/r1.15/api_docs/python/tf/estimator
"""

from __future__ import annotations

import importlib
from typing import Any

from thalweg.estimator import export as export, inputs as inputs
from thalweg.estimator.canned import (
    BaselineClassifier as BaselineClassifier,
    BaselineRegressor as BaselineRegressor,
    DNNClassifier as DNNClassifier,
    DNNEstimator as DNNEstimator,
    DNNLinearCombinedClassifier as DNNLinearCombinedClassifier,
    DNNLinearCombinedEstimator as DNNLinearCombinedEstimator,
    DNNLinearCombinedRegressor as DNNLinearCombinedRegressor,
    DNNRegressor as DNNRegressor,
    LinearClassifier as LinearClassifier,
    LinearEstimator as LinearEstimator,
    LinearRegressor as LinearRegressor,
)
from thalweg.estimator.estimator import (
    Estimator as Estimator,
    WarmStartSettings as WarmStartSettings,
    add_metrics as add_metrics,
)
from thalweg.estimator.heads import (
    BinaryClassHead as BinaryClassHead,
    Head as Head,
    LogisticRegressionHead as LogisticRegressionHead,
    MultiClassHead as MultiClassHead,
    MultiLabelHead as MultiLabelHead,
    RegressionHead as RegressionHead,
)
from thalweg.estimator.training import (
    BestExporter as BestExporter,
    EvalSpec as EvalSpec,
    Exporter as Exporter,
    FinalExporter as FinalExporter,
    LatestExporter as LatestExporter,
    TrainSpec as TrainSpec,
    train_and_evaluate as train_and_evaluate,
)
from thalweg.estimator.types import (
    EstimatorSpec as EstimatorSpec,
    ModeKeys as ModeKeys,
    RunConfig as RunConfig,
    VocabInfo as VocabInfo,
)
from thalweg.train.hooks import (
    CheckpointSaverHook as CheckpointSaverHook,
    CheckpointSaverListener as CheckpointSaverListener,
    FeedFnHook as FeedFnHook,
    FinalOpsHook as FinalOpsHook,
    GlobalStepWaiterHook as GlobalStepWaiterHook,
    LoggingTensorHook as LoggingTensorHook,
    NanLossDuringTrainingError as NanLossDuringTrainingError,
    NanTensorHook as NanTensorHook,
    ProfilerHook as ProfilerHook,
    SecondOrStepTimer as SecondOrStepTimer,
    SessionRunArgs as SessionRunArgs,
    SessionRunContext as SessionRunContext,
    SessionRunHook as SessionRunHook,
    SessionRunValues as SessionRunValues,
    StepCounterHook as StepCounterHook,
    StopAtStepHook as StopAtStepHook,
    SummarySaverHook as SummarySaverHook,
)

_TREES = {"BoostedTreesClassifier", "BoostedTreesRegressor", "BoostedTreesEstimator"}


def __getattr__(name: str) -> Any:
    if name in _TREES:
        return getattr(importlib.import_module("thalweg.estimator.trees"), name)
    if name in ("tpu", "experimental"):
        return importlib.import_module(f"thalweg.estimator.{name}")
    raise AttributeError(f"module 'thalweg.estimator' has no attribute {name!r}")
