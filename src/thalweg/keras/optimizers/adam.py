"""Moving averages of the gradient and of its square: Adam and its relatives."""

from __future__ import annotations

from typing import Any, Unpack

import numpy as np

import thalweg as tf
from thalweg.keras.optimizers.arguments import ArgumentsButDecay, CommonArguments
from thalweg.keras.optimizers.base import Optimizer, at_least_float32


class _TwoMoments(Optimizer):
    """The slots and arguments that Adam's relatives share."""

    _slot_names = ["momentum", "velocity"]

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        **common: Unpack[CommonArguments],
    ) -> None:
        super().__init__(learning_rate, **common)
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon

    def build(self, variables: Any) -> None:
        if self.built:
            return
        super().build(variables)
        self._make_slots(variables)

    def _make_slots(self, variables: Any) -> None:
        self._momentums, self._velocities = self.add_optimizer_variables(variables, self._slot_names)

    def _next_moments(self, gradient: Any, variable: Any, shares: tuple[Any, Any] | None = None) -> tuple[Any, Any]:
        """Both averages moved towards this gradient and its square, by `1 - beta_1` and `1 - beta_2`."""
        index = self._get_variable_index(variable)
        first, second = shares or (1 - self.beta_1, 1 - self.beta_2)
        return (
            _move(self._momentums[index], gradient, first),
            _move(self._velocities[index], tf.square(gradient), second),
        )

    def _unbiased(self, beta: float, dtype: Any) -> Any:
        """`1 - beta^t`: what an average that began at zero holds of its true value at step t."""
        return 1 - tf.pow(tf.cast(beta, dtype), self._step_count(dtype))

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {"beta_1": self.beta_1, "beta_2": self.beta_2, "epsilon": self.epsilon}


def _move(slot: Any, towards: Any, share: Any) -> Any:
    value = slot + (towards - slot) * share
    slot.assign(value)
    return value


class Adam(_TwoMoments):
    """Step by the mean gradient over the root of the mean square, both corrected for their start at zero.

    `w -= rate * sqrt(1 - beta_2^t) / (1 - beta_1^t) * m / (sqrt(v) + epsilon)`; amsgrad: with the largest `v` so far.
    Source: keras.optimizers.Adam; Kingma and Ba 2014, Reddi et al. 2018.
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
        **common: Unpack[CommonArguments],
    ) -> None:
        super().__init__(learning_rate, beta_1, beta_2, epsilon, **common)
        self.amsgrad = amsgrad

    def _make_slots(self, variables: Any) -> None:
        super()._make_slots(variables)
        self._velocity_hats = self.add_optimizer_variables(variables, "velocity_hat") if self.amsgrad else []

    def _corrected_rate(self, learning_rate: Any, dtype: Any) -> Any:
        exact = at_least_float32(dtype)
        rate = tf.cast(learning_rate, exact) * tf.sqrt(self._unbiased(self.beta_2, exact))
        return tf.cast(rate / self._unbiased(self.beta_1, exact), dtype)

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        rate = self.once(self._corrected_rate, learning_rate, variable.dtype)
        m, v = self._next_moments(gradient, variable)
        if self.amsgrad:
            slot = self._velocity_hats[self._get_variable_index(variable)]
            v = tf.maximum(slot, v)
            slot.assign(v)
        variable.assign_sub(m * rate / (tf.sqrt(v) + self.epsilon))

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {"amsgrad": self.amsgrad}


class AdamW(Adam):
    """Adam with weight decay apart from the gradient, 0.004 unless told.

    Source: keras.optimizers.AdamW; Loshchilov and Hutter 2019.
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        weight_decay: float = 0.004,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
        **common: Unpack[ArgumentsButDecay],
    ) -> None:
        if weight_decay is None:
            raise ValueError("`weight_decay` of AdamW must be a number; Adam is AdamW without it.")
        super().__init__(learning_rate, beta_1, beta_2, epsilon, amsgrad, weight_decay=weight_decay, **common)


class Adamax(_TwoMoments):
    """Adam with the largest recent gradient in place of the root mean square: `u = max(beta_2 * u, |g|)`.

    Source: keras.optimizers.Adamax; Kingma and Ba 2014, section 7.1.
    """

    _slot_names = ["momentum", "norm"]

    def _corrected_rate(self, learning_rate: Any, dtype: Any) -> Any:
        exact = at_least_float32(dtype)
        return tf.cast(tf.cast(learning_rate, exact) / self._unbiased(self.beta_1, exact), dtype)

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        rate = self.once(self._corrected_rate, learning_rate, variable.dtype)
        index = self._get_variable_index(variable)
        m = _move(self._momentums[index], gradient, 1 - self.beta_1)
        slot = self._velocities[index]
        u = tf.maximum(self.beta_2 * slot, tf.abs(gradient))
        slot.assign(u)
        variable.assign_sub(rate * m / (u + self.epsilon))


class Nadam(_TwoMoments):
    """Adam with Nesterov's look ahead: the step mixes the mean gradient with the present one.

    The mix follows the warming momentum `u_t = beta_1 * (1 - 0.5 * 0.96^t)`.
    Source: keras.optimizers.Nadam; Dozat 2015.
    """

    #: The exponent of 0.96 grows by this much a step.
    _momentum_decay = 1.0

    def _make_slots(self, variables: Any) -> None:
        super()._make_slots(variables)
        dtype = variables[0].dtype if variables else tf.float32
        self._u_product = self.add_variable((), "ones", at_least_float32(dtype), "u_product")

    def _without_rate(self) -> list[Any]:
        """As Keras 2, which does not keep the product: it follows from the number of steps."""
        return [v for v in super()._without_rate() if v is not getattr(self, "_u_product", None)]

    def _trackable_children(self) -> dict[str, Any]:
        product = getattr(self, "_u_product", None)
        return super()._trackable_children() | ({} if product is None else {"_u_product": product})

    def load_own_variables(self, store: Any) -> None:
        super().load_own_variables(store)
        if len(store.keys()) == len(self._without_rate()) < len(self._variables):
            steps = np.arange(1, int(self._iterations.numpy()) + 1)
            self._u_product.assign(np.prod(self.beta_1 * (1.0 - 0.5 * 0.96 ** (self._momentum_decay * steps))))

    def _warming_momentum(self, step: Any) -> Any:
        base = tf.cast(0.96, step.dtype)
        return self.beta_1 * (1.0 - 0.5 * tf.pow(base, self._momentum_decay * step))

    def _step(self, grads: list[Any], variables: list[Any]) -> None:
        # The product of all u so far belongs to the step, not to a variable.
        dtype = self._u_product.dtype
        self._u_product.assign(self._u_product * self._warming_momentum(self._step_count(dtype)))
        super()._step(grads, variables)

    def _shares(self, learning_rate: Any, dtype: Any) -> tuple[Any, Any]:
        """What a gradient counts in the averages. In float32 0.999 is 0.99899995, which for Nadam Keras heeds."""
        exact = at_least_float32(dtype)
        first, second = (tf.cast(1 - tf.cast(beta, exact), dtype) for beta in (self.beta_1, self.beta_2))
        return first, second

    def _mix(self, learning_rate: Any, dtype: Any) -> tuple[Any, Any, Any]:
        """The weights of the mean gradient and of the present one, and the correction of the mean square."""
        exact = at_least_float32(dtype)
        rate, step = tf.cast(learning_rate, exact), self._step_count(exact)
        now, following = self._warming_momentum(step), self._warming_momentum(step + 1)
        product = tf.cast(self._u_product, exact)
        ahead = rate * following / (1 - product * following)
        present = rate * (1 - now) / (1 - product)
        correction = 1 / self._unbiased(self.beta_2, exact)
        return tf.cast(ahead, dtype), tf.cast(present, dtype), tf.cast(correction, dtype)

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        ahead, present, correction = self.once(self._mix, learning_rate, variable.dtype)
        shares = self.once(self._shares, learning_rate, variable.dtype)
        m, v = self._next_moments(gradient, variable, shares)
        variable.assign_sub((ahead * m + present * gradient) / (tf.sqrt(v * correction) + self.epsilon))


class Lamb(_TwoMoments):
    """Adam whose step for each variable has the length of the variable itself, for large batches.

    Source: keras.optimizers.Lamb; You et al. 2019.
    """

    def _corrections(self, learning_rate: Any, dtype: Any) -> tuple[Any, Any, Any]:
        exact = at_least_float32(dtype)
        first, second = (tf.cast(1 / self._unbiased(beta, exact), dtype) for beta in (self.beta_1, self.beta_2))
        return tf.cast(learning_rate, dtype), first, second

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        rate, first, second = self.once(self._corrections, learning_rate, variable.dtype)
        m, v = self._next_moments(gradient, variable)
        step = m * first / (tf.sqrt(v * second) + self.epsilon)
        weight_norm, step_norm = tf.norm(variable), tf.norm(step)
        both = tf.logical_and(weight_norm > 0, step_norm > 0)
        ratio = tf.where(both, weight_norm / tf.where(both, step_norm, tf.ones_like(step_norm)), tf.ones_like(rate))
        variable.assign_sub(ratio * rate * step)
