"""Steps by the sign of the averaged gradient."""

from __future__ import annotations

from typing import Any, Unpack

import thalweg as tf
from thalweg.keras.optimizers.arguments import CommonArguments
from thalweg.keras.optimizers.base import Optimizer


class Lion(Optimizer):
    """Step by a sign alone, so every weight moves by the rate: `w -= rate * sign(beta_1 * m + (1 - beta_1) * g)`.

    Use a rate some ten times below Adam's. Source: keras.optimizers.Lion; Chen et al. 2023.
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.99,
        **common: Unpack[CommonArguments],
    ) -> None:
        super().__init__(learning_rate, **common)
        if not 0 < beta_1 <= 1:
            raise ValueError(f"`beta_1` must be above 0 and at most 1, got {beta_1}: at 0 Lion is only signed SGD.")
        self.beta_1 = beta_1
        self.beta_2 = beta_2

    def build(self, variables: Any) -> None:
        if self.built:
            return
        super().build(variables)
        self._momentums = self.add_optimizer_variables(variables, "momentum")

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        rate = self.once(tf.cast, learning_rate, variable.dtype)
        m = self._momentums[self._get_variable_index(variable)]
        variable.assign_sub(rate * tf.sign(m * self.beta_1 + gradient * (1.0 - self.beta_1)))
        m.assign(m * self.beta_2 + gradient * (1.0 - self.beta_2))

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {"beta_1": self.beta_1, "beta_2": self.beta_2}
