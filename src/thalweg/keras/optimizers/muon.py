"""Orthogonal steps for matrices, Adam for the rest."""

from __future__ import annotations

import math
import re
from typing import Any, Unpack

import thalweg as tf
from thalweg.keras.optimizers.adam import Adam
from thalweg.keras.optimizers.arguments import ArgumentsButDecay


class Muon(Adam):
    """Steps of momentum made nearly orthogonal, for weights with two axes; the others, and embeddings, take Adam's.

    exclude_layers: patterns of names that also take Adam's steps, at `adam_lr_ratio` times the rate. muon_a, muon_b,
    muon_c, ns_steps: the polynomial that makes a matrix orthogonal, and how often it is applied. rms_rate: scale a step
    to that root mean square for any shape; None leaves it. Source: keras.optimizers.Muon; Jordan 2024, Liu et al. 2025.
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        adam_beta_1: float = 0.9,
        adam_beta_2: float = 0.999,
        adam_weight_decay: float | None = 0.004,
        epsilon: float = 1e-7,
        weight_decay: float | None = 0.004,
        exclude_layers: list[str] | None = None,
        exclude_embeddings: bool = True,
        muon_a: float = 3.4445,
        muon_b: float = -4.775,
        muon_c: float = 2.0315,
        adam_lr_ratio: float = 1,
        momentum: float = 0.95,
        ns_steps: int = 5,
        nesterov: bool = True,
        rms_rate: float | None = 0.2,
        **common: Unpack[ArgumentsButDecay],
    ) -> None:
        super().__init__(learning_rate, adam_beta_1, adam_beta_2, epsilon, weight_decay=weight_decay, **common)
        self.adam_weight_decay = adam_weight_decay
        self.exclude_layers = list(exclude_layers or [])
        self.exclude_embeddings = exclude_embeddings
        self.muon_a = muon_a
        self.muon_b = muon_b
        self.muon_c = muon_c
        self.adam_lr_ratio = adam_lr_ratio
        self.momentum = momentum
        self.ns_steps = ns_steps
        self.nesterov = nesterov
        self.rms_rate = rms_rate

    def _make_slots(self, variables: Any) -> None:
        self._momentums, self._velocities = [], []
        for variable in variables:
            self._momentums.append(self.add_variable_from_reference(variable, "momentum"))
            by_adam = self._should_use_adamw(variable)
            self._velocities.append(self.add_variable_from_reference(variable, "velocity") if by_adam else None)

    def _should_use_adamw(self, variable: Any) -> bool:
        if len(variable.shape) != 2:
            return True
        name = getattr(variable, "path", variable.name)
        if self.exclude_embeddings and "embedding" in name.lower():
            return True
        return any(re.search(pattern, name) for pattern in self.exclude_layers)

    def _weight_decay_of(self, variable: Any) -> float | None:
        return self.adam_weight_decay if self._should_use_adamw(variable) else self.weight_decay

    def _adam_rate(self, learning_rate: Any, dtype: Any) -> Any:
        return self._corrected_rate(learning_rate * self.adam_lr_ratio, dtype)

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        index = self._get_variable_index(variable)
        if self._velocities[index] is not None:
            rate = self.once(self._adam_rate, learning_rate, variable.dtype)
            m, v = self._next_moments(gradient, variable)
            variable.assign_sub(m * rate / (tf.sqrt(v) + self.epsilon))
            return
        rate = self.once(tf.cast, learning_rate, variable.dtype)
        slot = self._momentums[index]
        m = slot * self.momentum + gradient
        slot.assign(m)
        step = self._orthogonal(gradient + self.momentum * m if self.nesterov else m)
        if self.rms_rate is not None:
            step = step * (math.sqrt(max(variable.shape)) * self.rms_rate)
        variable.assign_sub(rate * step)

    def _orthogonal(self, x: Any) -> Any:
        """`x` with its singular values brought near one, by a few Newton-Schulz steps."""
        tall = x.shape[0] > x.shape[1]
        if tall:
            x = tf.transpose(x)
        x = x / (tf.norm(x) + 1e-7)
        for _ in range(self.ns_steps):
            a = tf.matmul(x, x, transpose_b=True)
            x = self.muon_a * x + tf.matmul(self.muon_b * a + tf.matmul(self.muon_c * a, a), x)
        return tf.transpose(x) if tall else x

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        for adams in ("beta_1", "beta_2", "amsgrad"):
            del config[adams]
        return config | {
            "adam_beta_1": self.beta_1,
            "adam_beta_2": self.beta_2,
            "adam_weight_decay": self.adam_weight_decay,
            "exclude_layers": self.exclude_layers,
            "exclude_embeddings": self.exclude_embeddings,
            "muon_a": self.muon_a,
            "muon_b": self.muon_b,
            "muon_c": self.muon_c,
            "adam_lr_ratio": self.adam_lr_ratio,
            "momentum": self.momentum,
            "ns_steps": self.ns_steps,
            "nesterov": self.nesterov,
            "rms_rate": self.rms_rate,
        }
