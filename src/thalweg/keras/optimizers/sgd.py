"""Gradient descent, with momentum."""

from __future__ import annotations

from typing import Any, Unpack

import thalweg as tf
from thalweg.keras.optimizers.arguments import CommonArguments
from thalweg.keras.optimizers.base import Optimizer


class SGD(Optimizer):
    """Gradient descent: `w -= rate * g`; with momentum `m = momentum * m - rate * g`, then `w += m`.

    nesterov: look ahead, `w += momentum * m - rate * g`.
    Source: keras.optimizers.SGD; momentum as in Sutskever et al. 2013.
    """

    def __init__(
        self,
        learning_rate: Any = 0.01,
        momentum: float = 0.0,
        nesterov: bool = False,
        **common: Unpack[CommonArguments],
    ) -> None:
        super().__init__(learning_rate, **common)
        if not isinstance(momentum, (int, float)) or not 0 <= momentum <= 1:
            raise ValueError(f"`momentum` must be a number between 0 and 1, got {momentum!r}.")
        self.momentum = momentum
        self.nesterov = nesterov
        # Without momentum a step is linear in the gradient: rows can be scattered as they come, repeated ones too.
        self.takes_slices = momentum == 0

    def build(self, variables: Any) -> None:
        if self.built:
            return
        super().build(variables)
        self.momentums = self.add_optimizer_variables(variables, "momentum") if self.momentum else []

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        rate = self.once(tf.cast, learning_rate, variable.dtype)
        if isinstance(gradient, tf.IndexedSlices):
            variable.scatter_sub(tf.IndexedSlices(gradient.values * rate, gradient.indices))
        elif not self.momentum:
            variable.assign_sub(gradient * rate)
        else:
            slot = self.momentums[self._get_variable_index(variable)]
            step = gradient * rate
            m = slot * self.momentum - step
            slot.assign(m)
            variable.assign_add(m * self.momentum - step if self.nesterov else m)

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {"momentum": self.momentum, "nesterov": self.nesterov}
