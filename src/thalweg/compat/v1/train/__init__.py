"""`tf.train` as TensorFlow 1 has it: optimizers, decays, the global step, moving averages; the rest from `thalweg.train`."""

from __future__ import annotations

import importlib
from typing import Any

from thalweg.compat.v1.train.decays import (
    cosine_decay as cosine_decay,
    cosine_decay_restarts as cosine_decay_restarts,
    exponential_decay as exponential_decay,
    inverse_time_decay as inverse_time_decay,
    linear_cosine_decay as linear_cosine_decay,
    natural_exp_decay as natural_exp_decay,
    noisy_linear_cosine_decay as noisy_linear_cosine_decay,
    piecewise_constant as piecewise_constant,
    polynomial_decay as polynomial_decay,
)
from thalweg.compat.v1.train.global_step import (
    assert_global_step as assert_global_step,
    create_global_step as create_global_step,
    get_global_step as get_global_step,
    get_or_create_global_step as get_or_create_global_step,
    global_step as global_step,
)
from thalweg.compat.v1.train.moving_averages import ExponentialMovingAverage as ExponentialMovingAverage
from thalweg.compat.v1.train.optimizer import Optimizer as Optimizer
from thalweg.compat.v1.train.optimizers import (
    AdadeltaOptimizer as AdadeltaOptimizer,
    AdagradDAOptimizer as AdagradDAOptimizer,
    AdagradOptimizer as AdagradOptimizer,
    AdamOptimizer as AdamOptimizer,
    FtrlOptimizer as FtrlOptimizer,
    GradientDescentOptimizer as GradientDescentOptimizer,
    MomentumOptimizer as MomentumOptimizer,
    ProximalAdagradOptimizer as ProximalAdagradOptimizer,
    ProximalGradientDescentOptimizer as ProximalGradientDescentOptimizer,
    RMSPropOptimizer as RMSPropOptimizer,
)

piecewise_constant_decay = piecewise_constant


def __getattr__(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    if name == "summary_iterator":  # takes protobuf
        return importlib.import_module("thalweg.summary.reading").summary_iterator
    return getattr(importlib.import_module("thalweg.train"), name)
