"""Keras models as scikit-learn's estimators: in pipelines, grid searches and cross validation."""

from thalweg.keras.wrappers.estimators import SKLearnClassifier, SKLearnRegressor, SKLearnTransformer

__all__ = ["SKLearnClassifier", "SKLearnRegressor", "SKLearnTransformer"]
