"""`tf.contrib.distributions`: `tf.distributions`, and normal distributions over vectors."""

from __future__ import annotations

from typing import Any

from thalweg.compat import v1 as tf
from thalweg.compat.v1.distributions import (
    Bernoulli as Bernoulli,
    Beta as Beta,
    Categorical as Categorical,
    Dirichlet as Dirichlet,
    Distribution as Distribution,
    Exponential as Exponential,
    Gamma as Gamma,
    Laplace as Laplace,
    Multinomial as Multinomial,
    Normal as Normal,
    RegisterKL as RegisterKL,
    StudentT as StudentT,
    Uniform as Uniform,
    kl_divergence as kl_divergence,
)


class MultivariateNormalDiag(Normal):
    """Normal distributions of independent coordinates, over the last axis."""

    def __init__(self, loc: Any = None, scale_diag: Any = None, scale_identity_multiplier: Any = None, validate_args: bool = False,
                 allow_nan_stats: bool = True, name: str = "MultivariateNormalDiag"):  # fmt: skip
        if scale_diag is None:
            scale_diag = tf.ones_like(loc) * (1.0 if scale_identity_multiplier is None else scale_identity_multiplier)
        super().__init__(tf.zeros_like(scale_diag) if loc is None else loc, scale_diag, name=name)

    _event_ndims = 1

    def log_prob(self, value: Any, name: str = "log_prob") -> Any:
        return tf.reduce_sum(super().log_prob(value), -1)

    def entropy(self, name: str = "entropy") -> Any:
        return tf.reduce_sum(super().entropy(), -1)


@RegisterKL(MultivariateNormalDiag, MultivariateNormalDiag)
def _diagonals(a: Any, b: Any) -> Any:
    return tf.reduce_sum(kl_divergence(Normal(a.loc, a.scale), Normal(b.loc, b.scale)), -1)


class OneHotCategorical(Categorical):
    """One of several classes, as rows with a one."""

    _event_ndims = 1

    def sample(self, sample_shape: Any = (), seed: Any = None, name: str = "sample") -> Any:
        return tf.one_hot(super().sample(sample_shape, seed), self.event_size, dtype=self._dtype)

    def log_prob(self, value: Any, name: str = "log_prob") -> Any:
        return super().log_prob(tf.argmax(value, -1))
