"""The optimizers of Keras before 2.11 (`tf.keras.optimizers.legacy`): the same, but where their formulas differ."""

from __future__ import annotations

from typing import Any, Unpack

import thalweg as tf
from thalweg.keras.optimizers import adagrad, adam
from thalweg.keras.optimizers.adagrad import Adadelta
from thalweg.keras.optimizers.adam import Adam, Adamax
from thalweg.keras.optimizers.arguments import CommonArguments
from thalweg.keras.optimizers.base import Optimizer
from thalweg.keras.optimizers.ftrl import Ftrl
from thalweg.keras.optimizers.sgd import SGD
from thalweg.keras.saving.registration import Catalogue

__all__ = ["SGD", "Adadelta", "Adagrad", "Adam", "Adamax", "Ftrl", "Nadam", "Optimizer", "RMSprop"]


class Adagrad(adagrad.Adagrad):
    """Adagrad with epsilon outside the root. Source: tf_keras.optimizers.legacy.Adagrad."""

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        rate = self.once(tf.cast, learning_rate, variable.dtype)
        slot = self._accumulators[self._get_variable_index(variable)]
        a = slot + tf.square(gradient)
        slot.assign(a)
        variable.assign_sub(rate * gradient / (tf.sqrt(a) + self.epsilon))


class RMSprop(adagrad.RMSprop):
    """RMSprop with epsilon outside the root, unless it has momentum. Source: tf_keras.optimizers.legacy.RMSprop."""

    def _scaled(self, gradient: Any, rate: Any, v: Any) -> Any:
        if self.momentum > 0:
            return super()._scaled(gradient, rate, v)
        return rate * gradient / (tf.sqrt(v) + self.epsilon)


class Nadam(adam.Nadam):
    """Nadam whose momentum warms up 250 times slower, by `schedule_decay`.

    Source: tf_keras.optimizers.legacy.Nadam.
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        schedule_decay: float = 0.004,
        **common: Unpack[CommonArguments],
    ) -> None:
        super().__init__(learning_rate, beta_1, beta_2, epsilon, **common)
        self._momentum_decay = schedule_decay

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {"schedule_decay": self._momentum_decay}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Optimizer:
        # Keras 2 writes the warm-up under the name of the learning rate's decay.
        config = dict(config)
        if "decay" in config:
            config["schedule_decay"] = config.pop("decay")
        return super().from_config(config, custom_objects)


CATALOGUE = Catalogue(
    "keras.optimizers.legacy",
    "legacy optimizer",
    [Adagrad, Nadam, RMSprop],
    aliases={cls.__name__: cls for cls in (SGD, Adadelta, Adam, Adamax, Ftrl)},
)
