"""Follow the regularized leader."""

from __future__ import annotations

from typing import Any, Unpack

import thalweg as tf
from thalweg.keras.optimizers.arguments import CommonArguments
from thalweg.keras.optimizers.base import Optimizer


class Ftrl(Optimizer):
    """Follow the regularized leader: weights in closed form from the sums of gradients, exactly zero under L1.

    learning_rate_power: how the rate falls with the sum of squares, -0.5 for its root, 0 for a fixed one.
    l2_shrinkage_regularization_strength: an L2 penalty on the weights; l2_regularization_strength stabilises instead.
    Source: keras.optimizers.Ftrl; McMahan et al. 2013.
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        learning_rate_power: float = -0.5,
        initial_accumulator_value: float = 0.1,
        l1_regularization_strength: float = 0.0,
        l2_regularization_strength: float = 0.0,
        l2_shrinkage_regularization_strength: float = 0.0,
        beta: float = 0.0,
        **common: Unpack[CommonArguments],
    ) -> None:
        super().__init__(learning_rate, **common)
        if learning_rate_power > 0:
            raise ValueError(f"`learning_rate_power` must be <= 0, got {learning_rate_power}.")
        self.learning_rate_power = learning_rate_power
        self.initial_accumulator_value = initial_accumulator_value
        self.l1_regularization_strength = l1_regularization_strength
        self.l2_regularization_strength = l2_regularization_strength
        self.l2_shrinkage_regularization_strength = l2_shrinkage_regularization_strength
        self.beta = beta
        for name, value in self._own_config().items():
            if name not in ("learning_rate_power", "beta") and value < 0:
                raise ValueError(f"`{name}` must be >= 0, got {value}.")

    def build(self, variables: Any) -> None:
        if self.built:
            return
        super().build(variables)
        self._accumulators, self._linears = self.add_optimizer_variables(
            variables, ["accumulator", "linear"], [self.initial_accumulator_value, "zeros"]
        )

    def _rate_and_l2(self, learning_rate: Any, dtype: Any) -> tuple[Any, Any]:
        rate = tf.cast(learning_rate, dtype)
        return rate, 2 * (self.l2_regularization_strength + self.beta / (2.0 * rate))

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        rate, twice_l2 = self.once(self._rate_and_l2, learning_rate, variable.dtype)
        index = self._get_variable_index(variable)
        accumulator, linear = self._accumulators[index], self._linears[index]
        total = accumulator + tf.square(gradient)
        power = tf.pow(total, -self.learning_rate_power)
        shrunk = gradient
        if self.l2_shrinkage_regularization_strength:
            shrunk = gradient + 2 * self.l2_shrinkage_regularization_strength * variable
        z = linear + shrunk - (power - tf.pow(accumulator, -self.learning_rate_power)) / rate * variable
        linear.assign(z)
        l1 = self.l1_regularization_strength
        variable.assign((tf.clip_by_value(z, -l1, l1) - z) / (power / rate + twice_l2))
        accumulator.assign(total)

    def _own_config(self) -> dict[str, Any]:
        return {
            "learning_rate_power": self.learning_rate_power,
            "initial_accumulator_value": self.initial_accumulator_value,
            "l1_regularization_strength": self.l1_regularization_strength,
            "l2_regularization_strength": self.l2_regularization_strength,
            "l2_shrinkage_regularization_strength": self.l2_shrinkage_regularization_strength,
            "beta": self.beta,
        }

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | self._own_config()
