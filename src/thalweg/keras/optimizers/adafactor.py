"""Adam's memory at the price of a row and a column."""

from __future__ import annotations

from typing import Any, Unpack

import thalweg as tf
from thalweg.keras.optimizers.arguments import CommonArguments
from thalweg.keras.optimizers.base import Optimizer, at_least_float32


class Adafactor(Optimizer):
    """The mean square of a matrix' gradient from its row and column means, and steps relative to the weights' size.

    The rate is at most `1 / sqrt(t)`, in Keras whatever `relative_step` says; it is kept for files and programs.
    clip_threshold bounds the root mean square of a step.
    Source: keras.optimizers.Adafactor; Shazeer and Stern 2018.
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_2_decay: float = -0.8,
        epsilon_1: float = 1e-30,
        epsilon_2: float = 1e-3,
        clip_threshold: float = 1.0,
        relative_step: bool = True,
        **common: Unpack[CommonArguments],
    ) -> None:
        super().__init__(learning_rate, **common)
        self.beta_2_decay = beta_2_decay
        self.epsilon_1 = epsilon_1
        self.epsilon_2 = epsilon_2
        self.clip_threshold = clip_threshold
        self.relative_step = relative_step

    def build(self, variables: Any) -> None:
        if self.built:
            return
        super().build(variables)
        self._rows: list[Any] = []
        self._columns: list[Any] = []
        self._velocities: list[Any] = []
        for variable in variables:
            shape: list[int] = list(variable.shape)
            row, column, dtype = shape[:-1], shape[:-2] + shape[-1:], variable.dtype
            if len(shape) < 2:
                # A vector has no rows. Keras keeps two integers in their place, which saved states count.
                row, column, dtype = [], [], tf.int32
            self._rows.append(self.add_variable(row, dtype=dtype, name="row"))
            self._columns.append(self.add_variable(column, dtype=dtype, name="column"))
            self._velocities.append(self.add_variable_from_reference(variable, "velocity"))

    def _rate_and_beta(self, learning_rate: Any, dtype: Any) -> tuple[Any, Any]:
        exact = at_least_float32(dtype)
        step = self._step_count(exact)
        rate = tf.minimum(tf.cast(learning_rate, exact), 1 / tf.sqrt(step))
        beta_2 = 1 - tf.pow(step, tf.cast(self.beta_2_decay, exact))
        return tf.cast(rate, dtype), tf.cast(beta_2, dtype)

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        rate, beta_2 = self.once(self._rate_and_beta, learning_rate, variable.dtype)
        v = self._mean_square(tf.square(gradient) + self.epsilon_1, beta_2, self._get_variable_index(variable))
        step = gradient / tf.sqrt(v)
        step = step / tf.maximum(tf.ones_like(rate), _root_mean_square(step) / self.clip_threshold)
        size = tf.maximum(tf.cast(self.epsilon_2, variable.dtype), _root_mean_square(variable))
        variable.assign_sub(size * rate * step)

    def _mean_square(self, square: Any, beta_2: Any, index: int) -> Any:
        slot, rows, columns = self._velocities[index], self._rows[index], self._columns[index]
        if len(slot.shape) < 2:
            v = beta_2 * slot + (1 - beta_2) * square
        else:
            r = beta_2 * rows + (1 - beta_2) * tf.reduce_mean(square, axis=-1)
            c = beta_2 * columns + (1 - beta_2) * tf.reduce_mean(square, axis=-2)
            rows.assign(r)
            columns.assign(c)
            share = r / tf.reduce_mean(r, axis=-1, keepdims=True)
            v = tf.expand_dims(share, -1) * tf.expand_dims(c, -2)
        slot.assign(v)
        return v

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {
            "beta_2_decay": self.beta_2_decay,
            "epsilon_1": self.epsilon_1,
            "epsilon_2": self.epsilon_2,
            "clip_threshold": self.clip_threshold,
            "relative_step": self.relative_step,
        }


def _root_mean_square(x: Any) -> Any:
    return tf.sqrt(tf.reduce_mean(tf.square(x)))
