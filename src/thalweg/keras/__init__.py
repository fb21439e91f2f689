"""Keras, of both generations: `tf.keras`. Loaded when it is first used."""

from thalweg.keras import (
    activations as activations,
    applications as applications,
    backend as backend,
    callbacks as callbacks,
    config as config,
    constraints as constraints,
    datasets as datasets,
    dtype_policies as dtype_policies,
    initializers as initializers,
    layers as layers,
    losses as losses,
    metrics as metrics,
    mixed_precision as mixed_precision,
    models as models,
    ops as ops,
    optimizers as optimizers,
    preprocessing as preprocessing,
    random as random,
    regularizers as regularizers,
    saving as saving,
    tuning as tuning,
    utils as utils,
)
from thalweg.keras.constraints import Constraint as Constraint
from thalweg.keras.dtype_policies import DTypePolicy as DTypePolicy
from thalweg.keras.engine.input_layer import Input as Input
from thalweg.keras.engine.input_spec import InputSpec as InputSpec
from thalweg.keras.engine.layer import Layer as Layer
from thalweg.keras.engine.symbolic import KerasTensor as KerasTensor
from thalweg.keras.initializers import Initializer as Initializer
from thalweg.keras.losses import Loss as Loss
from thalweg.keras.metrics import Metric as Metric
from thalweg.keras.models import Model as Model, Sequential as Sequential
from thalweg.keras.optimizers import Optimizer as Optimizer
from thalweg.keras.regularizers import Regularizer as Regularizer

__version__ = "3.15.0"


def version() -> str:
    """The version of Keras whose behaviour this is."""
    return __version__


def __getattr__(name: str) -> object:
    if name == "wrappers":  # it needs scikit-learn
        import importlib

        return importlib.import_module("thalweg.keras.wrappers")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
