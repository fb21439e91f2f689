"""Learning rates that fall as `global_step` grows, as tensors.

Source: https://www.tensorflow.org/api_docs/python/tf/compat/v1/train (exponential_decay and its kin)
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

from thalweg.engine.core import convert, dtypes
from thalweg.engine.core.context import local
from thalweg.engine.core.registry import REGISTRY
from thalweg.engine.ops.comparison import equal, greater, where
from thalweg.engine.ops.elementwise import minimum
from thalweg.engine.ops.exponential import exp, pow
from thalweg.engine.ops.rounding import floor
from thalweg.engine.ops.scopes import scope
from thalweg.engine.ops.shaping import cast
from thalweg.engine.ops.trigonometry import cos


def _decay(rule: Callable[..., Any]) -> Callable[..., Any]:
    """A rule as a public function: a tensor in graphs; where ops run at once a function that gives the rate of now."""

    @functools.wraps(rule)
    def decayed(*args: Any, **kwargs: Any) -> Any:
        if local.graph is None:
            return functools.partial(rule, *args, **kwargs)
        return rule(*args, **kwargs)

    return decayed


def _numbers(learning_rate: Any, global_step: Any, *more: Any) -> list[Any]:
    """The rate as a tensor, and the step and the other numbers in its dtype. Raises ValueError without a step."""
    if global_step is None:
        raise ValueError("global_step is required for this decay: pass tf.train.get_or_create_global_step() or a variable.")
    rate = convert.convert_to_tensor(learning_rate, name="initial_learning_rate")
    return [rate, *(cast(n, rate.dtype.base_dtype) for n in (global_step, *more))]


@_decay
def exponential_decay(
    learning_rate: Any, global_step: Any, decay_steps: Any, decay_rate: Any, staircase: bool = False, name: str | None = None
) -> Any:
    """`learning_rate * decay_rate ** (global_step / decay_steps)`; `staircase` floors the exponent."""
    with scope(name, "ExponentialDecay") as here:
        rate, step, steps, factor = _numbers(learning_rate, global_step, decay_steps, decay_rate)
        p = step / steps
        return REGISTRY["Mul"](rate, pow(factor, floor(p) if staircase else p), name=here)


@_decay
def natural_exp_decay(
    learning_rate: Any, global_step: Any, decay_steps: Any, decay_rate: Any, staircase: bool = False, name: str | None = None
) -> Any:
    """`learning_rate * exp(-decay_rate * global_step / decay_steps)`; `staircase` floors the quotient."""
    with scope(name, "NaturalExpDecay") as here:
        rate, step, steps, factor = _numbers(learning_rate, global_step, decay_steps, decay_rate)
        p = step / steps
        return REGISTRY["Mul"](rate, exp(-factor * (floor(p) if staircase else p)), name=here)


@_decay
def inverse_time_decay(
    learning_rate: Any, global_step: Any, decay_steps: Any, decay_rate: Any, staircase: bool = False, name: str | None = None
) -> Any:
    """`learning_rate / (1 + decay_rate * global_step / decay_steps)`; `staircase` floors the quotient."""
    with scope(name, "InverseTimeDecay") as here:
        rate, step, steps, factor = _numbers(learning_rate, global_step, decay_steps, decay_rate)
        p = step / steps
        return REGISTRY["RealDiv"](rate, factor * (floor(p) if staircase else p) + 1.0, name=here)


@_decay
def polynomial_decay(
    learning_rate: Any, global_step: Any, decay_steps: Any, end_learning_rate: Any = 0.0001, power: Any = 1.0, cycle: bool = False,
    name: str | None = None,
) -> Any:  # fmt: skip
    """From `learning_rate` to `end_learning_rate` in `decay_steps`; with `cycle` again and again, each time over a longer way."""
    with scope(name, "PolynomialDecay") as here:
        rate, step, steps, end, power = _numbers(learning_rate, global_step, decay_steps, end_learning_rate, power)
        if cycle:
            steps = steps * where(equal(step, 0.0), 1.0, REGISTRY["Ceil"](step / steps))
        else:
            step = minimum(step, steps)
        return REGISTRY["AddV2"]((rate - end) * pow(1.0 - step / steps, power), end, name=here)


@_decay
def piecewise_constant(x: Any, boundaries: Any, values: Any, name: str | None = None) -> Any:
    """`values[i]`, where `i` is the number of `boundaries` below `x`. Raises ValueError unless values are one more."""
    if len(boundaries) != len(values) - 1:
        raise ValueError("The length of boundaries should be 1 less than the length of values")
    with scope(name, "PiecewiseConstant"):
        x = convert.convert_to_tensor(x)
        limits = [cast(b, x.dtype.base_dtype) for b in boundaries]
        passed = REGISTRY["AddN"](*[cast(greater(x, b), dtypes.int32) for b in limits]) if limits else 0
        return REGISTRY["GatherV2"](convert.convert_to_tensor(values), passed, 0)


@_decay
def cosine_decay(learning_rate: Any, global_step: Any, decay_steps: Any, alpha: float = 0.0, name: str | None = None) -> Any:
    """Half a cosine wave from `learning_rate` to `alpha` of it, in `decay_steps` (Loshchilov and Hutter, 2016)."""
    with scope(name, "CosineDecay"):
        rate, step, steps = _numbers(learning_rate, global_step, decay_steps)
        wave = 0.5 * (1.0 + cos(math.pi * (minimum(step, steps) / steps)))
        return rate * ((1 - alpha) * wave + alpha)


@_decay
def cosine_decay_restarts(
    learning_rate: Any, global_step: Any, first_decay_steps: Any, t_mul: float = 2.0, m_mul: float = 1.0, alpha: float = 0.0,
    name: str | None = None,
) -> Any:  # fmt: skip
    """Cosine waves one after another, each `t_mul` times as long and starting at `m_mul` times the rate."""
    with scope(name, "SGDRDecay"):
        rate, step, first = _numbers(learning_rate, global_step, first_decay_steps)
        done = step / first
        if t_mul == 1.0:
            restart = floor(done)
            fraction = done - restart
        else:
            restart = floor(REGISTRY["Log"](1.0 - done * (1.0 - t_mul)) / math.log(t_mul))
            grown = pow(convert.convert_to_tensor(t_mul, dtype=rate.dtype), restart)
            fraction = (done - (1.0 - grown) / (1.0 - t_mul)) / grown
        height = pow(convert.convert_to_tensor(m_mul, dtype=rate.dtype), restart)
        wave = 0.5 * height * (1.0 + cos(math.pi * fraction))
        return rate * ((1 - alpha) * wave + alpha)


@_decay
def linear_cosine_decay(
    learning_rate: Any, global_step: Any, decay_steps: Any, num_periods: float = 0.5, alpha: float = 0.0, beta: float = 0.001,
    name: str | None = None,
) -> Any:  # fmt: skip
    """`(alpha + linear) * cosine + beta` of the rate (Bello et al., 2017)."""
    with scope(name, "LinearCosineDecay"):
        return _linear_cosine(learning_rate, global_step, decay_steps, num_periods, alpha, beta, lambda linear, step: linear)


@_decay
def noisy_linear_cosine_decay(
    learning_rate: Any, global_step: Any, decay_steps: Any, initial_variance: float = 1.0, variance_decay: float = 0.55,
    num_periods: float = 0.5, alpha: float = 0.0, beta: float = 0.001, name: str | None = None,
) -> Any:  # fmt: skip
    """`linear_cosine_decay` with noise on the linear part, whose variance falls as `(1 + step) ** -variance_decay`."""
    from thalweg.compat.v1.random import random_normal

    def with_noise(linear: Any, step: Any) -> Any:
        variance = initial_variance / pow(1.0 + step, variance_decay)
        return linear + random_normal(linear.shape, stddev=REGISTRY["Sqrt"](variance))

    with scope(name, "NoisyLinearCosineDecay"):
        return _linear_cosine(learning_rate, global_step, decay_steps, num_periods, alpha, beta, with_noise)


def _linear_cosine(
    learning_rate: Any, global_step: Any, decay_steps: Any, num_periods: float, alpha: float, beta: float,
    change: Callable[..., Any],
) -> Any:  # fmt: skip
    rate, step, steps = _numbers(learning_rate, global_step, decay_steps)
    step = minimum(step, steps)
    linear = change((steps - step) / steps, step)
    wave = 0.5 * (1.0 + cos(math.pi * (2.0 * num_periods) * (step / steps)))
    return rate * ((alpha + linear) * wave + beta)


__all__ = [
    "cosine_decay",
    "cosine_decay_restarts",
    "exponential_decay",
    "inverse_time_decay",
    "linear_cosine_decay",
    "natural_exp_decay",
    "noisy_linear_cosine_decay",
    "piecewise_constant",
    "polynomial_decay",
]
