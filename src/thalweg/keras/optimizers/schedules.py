"""Learning rates that depend on the step: `rate = schedule(step)`."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import thalweg as tf
from thalweg.keras.saving.registration import Catalogue


class LearningRateSchedule:
    """Base class: a subclass defines `__call__(step)`, and `get_config()` to be saved.

    Source: keras.optimizers.schedules.LearningRateSchedule.
    """

    def __call__(self, step: Any) -> Any:
        raise NotImplementedError(f"Learning rate schedule {type(self).__name__!r} must define `__call__(self, step)`.")

    def get_config(self) -> dict[str, Any]:
        raise NotImplementedError(
            f"Learning rate schedule {type(self).__name__!r} must define `get_config()` to be saved."
        )

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> LearningRateSchedule:
        return cls(**config)


class ExponentialDecay(LearningRateSchedule):
    """`initial_learning_rate * decay_rate ** (step / decay_steps)`; staircase: with whole exponents only.

    >>> float(tf.keras.optimizers.schedules.ExponentialDecay(1.0, decay_steps=10, decay_rate=0.5)(20))
    0.25

    Source: keras.optimizers.schedules.ExponentialDecay.
    """

    def __init__(
        self,
        initial_learning_rate: Any,
        decay_steps: Any,
        decay_rate: Any,
        staircase: bool = False,
        name: str = "ExponentialDecay",
    ) -> None:
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = _positive("decay_steps", decay_steps)
        self.decay_rate = decay_rate
        self.staircase = staircase
        self.name = name

    def __call__(self, step: Any) -> Any:
        with tf.name_scope(self.name or "ExponentialDecay"):
            initial = tf.convert_to_tensor(self.initial_learning_rate)
            rate = tf.cast(self.decay_rate, initial.dtype)
            return initial * tf.pow(rate, _periods(step, self.decay_steps, initial.dtype, self.staircase))

    def get_config(self) -> dict[str, Any]:
        return {
            "initial_learning_rate": self.initial_learning_rate,
            "decay_steps": self.decay_steps,
            "decay_rate": self.decay_rate,
            "staircase": self.staircase,
            "name": self.name,
        }


class InverseTimeDecay(LearningRateSchedule):
    """`initial_learning_rate / (1 + decay_rate * step / decay_steps)`; staircase: with whole quotients only.

    Source: keras.optimizers.schedules.InverseTimeDecay.
    """

    def __init__(
        self,
        initial_learning_rate: Any,
        decay_steps: Any,
        decay_rate: Any,
        staircase: bool = False,
        name: str = "InverseTimeDecay",
    ) -> None:
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = _positive("decay_steps", decay_steps)
        self.decay_rate = decay_rate
        self.staircase = staircase
        self.name = name

    def __call__(self, step: Any) -> Any:
        with tf.name_scope(self.name or "InverseTimeDecay"):
            initial = tf.convert_to_tensor(self.initial_learning_rate)
            rate = tf.cast(self.decay_rate, initial.dtype)
            return initial / (1 + rate * _periods(step, self.decay_steps, initial.dtype, self.staircase))

    def get_config(self) -> dict[str, Any]:
        return {
            "initial_learning_rate": self.initial_learning_rate,
            "decay_steps": self.decay_steps,
            "decay_rate": self.decay_rate,
            "staircase": self.staircase,
            "name": self.name,
        }


class PiecewiseConstantDecay(LearningRateSchedule):
    """`values[0]` up to and including step `boundaries[0]`, then `values[1]` up to `boundaries[1]`, and so on.

    Raises ValueError unless there is one value more than boundaries.
    Source: keras.optimizers.schedules.PiecewiseConstantDecay.
    """

    def __init__(self, boundaries: Sequence[Any], values: Sequence[Any], name: str = "PiecewiseConstant") -> None:
        if len(boundaries) != len(values) - 1:
            raise ValueError(
                f"PiecewiseConstantDecay takes one value more than boundaries: got {len(boundaries)} boundaries and "
                f"{len(values)} values."
            )
        self.boundaries = boundaries
        self.values = values
        self.name = name

    def __call__(self, step: Any) -> Any:
        with tf.name_scope(self.name or "PiecewiseConstant"):
            step = tf.convert_to_tensor(step)
            values = tf.convert_to_tensor(list(self.values))
            if not len(self.boundaries):
                return values[0]
            passed = step > tf.cast(tf.convert_to_tensor(list(self.boundaries)), step.dtype)
            return tf.gather(values, tf.reduce_sum(tf.cast(passed, tf.int32)))

    def get_config(self) -> dict[str, Any]:
        return {"boundaries": self.boundaries, "values": self.values, "name": self.name}


class PolynomialDecay(LearningRateSchedule):
    """From `initial_learning_rate` to `end_learning_rate` in `decay_steps`, along `(1 - step / decay_steps) ** power`.

    cycle: instead of staying at the end, stretch the decay to the next multiple of `decay_steps`.
    Source: keras.optimizers.schedules.PolynomialDecay.
    """

    def __init__(
        self,
        initial_learning_rate: Any,
        decay_steps: Any,
        end_learning_rate: Any = 0.0001,
        power: Any = 1.0,
        cycle: bool = False,
        name: str = "PolynomialDecay",
    ) -> None:
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = _positive("decay_steps", decay_steps)
        self.end_learning_rate = end_learning_rate
        self.power = power
        self.cycle = cycle
        self.name = name

    def __call__(self, step: Any) -> Any:
        with tf.name_scope(self.name or "PolynomialDecay"):
            initial = tf.convert_to_tensor(self.initial_learning_rate)
            dtype = initial.dtype
            length = tf.cast(self.decay_steps, dtype)
            if self.cycle:
                periods = -_whole_periods(-tf.convert_to_tensor(step), self.decay_steps, dtype)  # rounded up
                length = length * tf.maximum(periods, tf.ones_like(length))
            step, end = tf.minimum(tf.cast(step, dtype), length), tf.cast(self.end_learning_rate, dtype)
            # Not 1 - step / length, which compiled code does not bring to zero at the end.
            return (initial - end) * tf.pow((length - step) / length, tf.cast(self.power, dtype)) + end

    def get_config(self) -> dict[str, Any]:
        return {
            "initial_learning_rate": self.initial_learning_rate,
            "decay_steps": self.decay_steps,
            "end_learning_rate": self.end_learning_rate,
            "power": self.power,
            "cycle": self.cycle,
            "name": self.name,
        }


class CosineDecay(LearningRateSchedule):
    """Half a cosine from the initial rate to `alpha` times it, in `decay_steps`.

    warmup_target: first rise from `initial_learning_rate` to it in `warmup_steps` along a line, then decay from it.
    Source: keras.optimizers.schedules.CosineDecay; Loshchilov and Hutter 2017.
    """

    def __init__(
        self,
        initial_learning_rate: Any,
        decay_steps: Any,
        alpha: Any = 0.0,
        name: str = "CosineDecay",
        warmup_target: Any = None,
        warmup_steps: Any = 0,
    ) -> None:
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = _positive("decay_steps", decay_steps)
        self.alpha = alpha
        self.name = name
        self.warmup_target = warmup_target
        self.warmup_steps = warmup_steps

    def __call__(self, step: Any) -> Any:
        with tf.name_scope(self.name or "CosineDecay"):
            initial = tf.convert_to_tensor(self.initial_learning_rate)
            dtype = initial.dtype
            step, length = tf.cast(step, dtype), tf.cast(self.decay_steps, dtype)
            if self.warmup_target is None:
                return initial * self._factor(tf.minimum(step, length) / length)
            top, warmup = tf.cast(self.warmup_target, dtype), tf.cast(self.warmup_steps, dtype)
            if not self.warmup_steps:
                return top * self._factor(tf.minimum(step, length) / length)
            rising = (top - initial) * (step / warmup) + initial
            falling = top * self._factor(tf.minimum(step - warmup, length) / length)
            return tf.where(step < warmup, rising, falling)

    def _factor(self, fraction: Any) -> Any:
        cosine = 0.5 * (1.0 + tf.cos(math.pi * fraction))
        return (1 - self.alpha) * cosine + self.alpha

    def get_config(self) -> dict[str, Any]:
        return {
            "initial_learning_rate": self.initial_learning_rate,
            "decay_steps": self.decay_steps,
            "alpha": self.alpha,
            "name": self.name,
            "warmup_target": self.warmup_target,
            "warmup_steps": self.warmup_steps,
        }


class CosineDecayRestarts(LearningRateSchedule):
    """Cosine decay that begins again: after `first_decay_steps`, then after `t_mul` times as many, and so on.

    m_mul: each restart begins at this multiple of the one before. alpha: the least rate, as a part of the initial one.
    Source: keras.optimizers.schedules.CosineDecayRestarts; Loshchilov and Hutter 2017.
    """

    def __init__(
        self,
        initial_learning_rate: Any,
        first_decay_steps: Any,
        t_mul: Any = 2.0,
        m_mul: Any = 1.0,
        alpha: Any = 0.0,
        name: str = "SGDRDecay",
    ) -> None:
        self.initial_learning_rate = initial_learning_rate
        self.first_decay_steps = _positive("first_decay_steps", first_decay_steps)
        self._t_mul = t_mul
        self._m_mul = m_mul
        self.alpha = alpha
        self.name = name

    def __call__(self, step: Any) -> Any:
        with tf.name_scope(self.name or "SGDRDecay"):
            initial = tf.convert_to_tensor(self.initial_learning_rate)
            dtype = initial.dtype
            restarts, fraction = self._place(step, dtype)
            height = tf.pow(tf.cast(self._m_mul, dtype), restarts)
            cosine = 0.5 * height * (1.0 + tf.cos(math.pi * fraction))
            alpha = tf.cast(self.alpha, dtype)
            return initial * ((1 - alpha) * cosine + alpha)

    def _place(self, step: Any, dtype: Any) -> tuple[Any, Any]:
        """How many restarts lie behind, and how much of the present period is over."""
        fraction = tf.cast(step, dtype) / tf.cast(self.first_decay_steps, dtype)
        if float(self._t_mul) == 1.0:
            restarts = _whole_periods(step, self.first_decay_steps, dtype)
            return restarts, fraction - restarts
        t_mul = tf.cast(self._t_mul, dtype)
        # The step of a restart has a whole logarithm, which rounding must not leave just below.
        restarts = tf.floor(tf.math.log(1.0 - fraction * (1.0 - t_mul)) / tf.math.log(t_mul) + 1e-6)
        length = tf.pow(t_mul, restarts)
        return restarts, (fraction - (1.0 - length) / (1.0 - t_mul)) / length

    def get_config(self) -> dict[str, Any]:
        return {
            "initial_learning_rate": self.initial_learning_rate,
            "first_decay_steps": self.first_decay_steps,
            "t_mul": self._t_mul,
            "m_mul": self._m_mul,
            "alpha": self.alpha,
            "name": self.name,
        }


def _positive(name: str, value: Any) -> Any:
    if value <= 0:
        raise ValueError(f"`{name}` must be > 0, got {value}.")
    return value


def _periods(step: Any, length: Any, dtype: Any, staircase: bool) -> Any:
    return _whole_periods(step, length, dtype) if staircase else tf.cast(step, dtype) / tf.cast(length, dtype)


def _whole_periods(step: Any, length: Any, dtype: Any) -> Any:
    """`floor(step / length)`; in integers where both are, since compiled code may divide 21 by 7 and miss 3."""
    step = tf.convert_to_tensor(step)
    if step.dtype.is_integer and float(length).is_integer():
        return tf.cast(step // tf.cast(int(length), step.dtype), dtype)
    return tf.floor(tf.cast(step, dtype) / tf.cast(length, dtype))


_CATALOGUE = Catalogue(
    "keras.optimizers.schedules",
    "learning rate schedule",
    [
        CosineDecay,
        CosineDecayRestarts,
        ExponentialDecay,
        InverseTimeDecay,
        PiecewiseConstantDecay,
        PolynomialDecay,
    ],
)


def serialize(learning_rate_schedule: LearningRateSchedule) -> dict[str, Any]:
    """The schedule as a plain dict, as Keras 3 writes it."""
    return _CATALOGUE.serialize(learning_rate_schedule)


def deserialize(config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Any:
    """The schedule that `serialize` described; the older form without a module is read as well."""
    return _CATALOGUE.deserialize(config, custom_objects)
