"""Rates per weight from the history of squared gradients: Adagrad, Adadelta, RMSprop."""

from __future__ import annotations

from typing import Any, Unpack

import thalweg as tf
from thalweg.keras.optimizers.arguments import CommonArguments
from thalweg.keras.optimizers.base import Optimizer


class Adagrad(Optimizer):
    """Divide by the root of the sum of squared gradients: `a += g^2; w -= rate * g / sqrt(a + epsilon)`.

    Source: keras.optimizers.Adagrad; Duchi et al. 2011.
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        initial_accumulator_value: float = 0.1,
        epsilon: float = 1e-7,
        **common: Unpack[CommonArguments],
    ) -> None:
        super().__init__(learning_rate, **common)
        if initial_accumulator_value < 0:
            raise ValueError(f"`initial_accumulator_value` must be >= 0, got {initial_accumulator_value}.")
        self.initial_accumulator_value = initial_accumulator_value
        self.epsilon = epsilon

    def build(self, variables: Any) -> None:
        if self.built:
            return
        super().build(variables)
        self._accumulators = self.add_optimizer_variables(variables, "accumulator", self.initial_accumulator_value)

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        rate = self.once(tf.cast, learning_rate, variable.dtype)
        slot = self._accumulators[self._get_variable_index(variable)]
        a = slot + tf.square(gradient)
        slot.assign(a)
        variable.assign_sub(rate * gradient / tf.sqrt(a + self.epsilon))

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {
            "initial_accumulator_value": self.initial_accumulator_value,
            "epsilon": self.epsilon,
        }


class Adadelta(Optimizer):
    """Steps in the units of the weights: `rms(past steps) / rms(past gradients) * g`, both moving averages.

    Source: keras.optimizers.Adadelta; Zeiler 2012 (whose rate is 1.0).
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        rho: float = 0.95,
        epsilon: float = 1e-7,
        **common: Unpack[CommonArguments],
    ) -> None:
        super().__init__(learning_rate, **common)
        self.rho = rho
        self.epsilon = epsilon

    def build(self, variables: Any) -> None:
        if self.built:
            return
        super().build(variables)
        self._accumulated_grads, self._accumulated_delta_vars = self.add_optimizer_variables(
            variables, ["accumulated_grad", "accumulated_delta_var"]
        )

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        rate = self.once(tf.cast, learning_rate, variable.dtype)
        index = self._get_variable_index(variable)
        grads, deltas = self._accumulated_grads[index], self._accumulated_delta_vars[index]
        a = self.rho * grads + (1 - self.rho) * tf.square(gradient)
        grads.assign(a)
        step = tf.sqrt(deltas + self.epsilon) * gradient / tf.sqrt(a + self.epsilon)
        deltas.assign(self.rho * deltas + (1 - self.rho) * tf.square(step))
        variable.assign_sub(rate * step)

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {"rho": self.rho, "epsilon": self.epsilon}


class RMSprop(Optimizer):
    """Divide by the root of a moving average of squared gradients: `w -= rate * g / sqrt(v + epsilon)`.

    momentum: average the steps. centered: take the squared mean gradient away from `v`, which estimates its variance.
    Source: keras.optimizers.RMSprop; Hinton 2012.
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        rho: float = 0.9,
        momentum: float = 0.0,
        epsilon: float = 1e-7,
        centered: bool = False,
        **common: Unpack[CommonArguments],
    ) -> None:
        super().__init__(learning_rate, **common)
        self.rho = rho
        self.momentum = momentum
        self.epsilon = epsilon
        self.centered = centered

    def build(self, variables: Any) -> None:
        if self.built:
            return
        super().build(variables)
        self._velocities = self.add_optimizer_variables(variables, "velocity")
        self._momentums = self.add_optimizer_variables(variables, "momentum") if self.momentum > 0 else []
        self._average_gradients = self.add_optimizer_variables(variables, "average_gradient") if self.centered else []

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        rate = self.once(tf.cast, learning_rate, variable.dtype)
        index = self._get_variable_index(variable)
        step = self._scaled(gradient, rate, self._second_moment(gradient, index))
        if self.momentum > 0:
            slot = self._momentums[index]
            step = self.momentum * slot + step
            slot.assign(step)
        variable.assign_sub(step)

    def _second_moment(self, gradient: Any, index: int) -> Any:
        slot = self._velocities[index]
        v = self.rho * slot + (1 - self.rho) * tf.square(gradient)
        slot.assign(v)
        if not self.centered:
            return v
        slot = self._average_gradients[index]
        mean = self.rho * slot + (1 - self.rho) * gradient
        slot.assign(mean)
        return v - tf.square(mean)

    def _scaled(self, gradient: Any, rate: Any, v: Any) -> Any:
        return rate * gradient / tf.sqrt(v + self.epsilon)

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {
            "rho": self.rho,
            "momentum": self.momentum,
            "epsilon": self.epsilon,
            "centered": self.centered,
        }
