"""`tf.contrib.layers.optimize_loss`: a training operation from a loss and a few settings.

Source: https://www.tensorflow.org/versions/r1.15/api_docs/python/tf/contrib/layers/optimize_loss
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from thalweg.compat import v1 as tf

OPTIMIZER_CLS_NAMES: dict[str, Callable[..., Any]] = {
    "Adagrad": tf.train.AdagradOptimizer,
    "Adam": tf.train.AdamOptimizer,
    "Ftrl": tf.train.FtrlOptimizer,
    "Momentum": lambda learning_rate: tf.train.MomentumOptimizer(learning_rate, momentum=0.9),
    "RMSProp": tf.train.RMSPropOptimizer,
    "SGD": tf.train.GradientDescentOptimizer,
}
OPTIMIZER_SUMMARIES = ["learning_rate", "loss", "gradients", "gradient_norm", "global_gradient_norm"]


def optimize_loss(
    loss: Any, global_step: Any, learning_rate: Any, optimizer: Any, gradient_noise_scale: Any = None,
    gradient_multipliers: Any = None, clip_gradients: Any = None, learning_rate_decay_fn: Any = None, update_ops: Any = None,
    variables: Any = None, name: Any = None, summaries: Any = None, colocate_gradients_with_ops: bool = False,
    increment_global_step: bool = True,
) -> Any:  # fmt: skip
    """A tensor of the loss whose computing trains: runs the update operations, then a step of the optimizer.

    optimizer: a name ("SGD", "Adam" ...), a class, a function of the learning rate (and of the loss), or an Optimizer.
    clip_gradients: the largest global norm, or a function of (gradient, variable) pairs. Raises ValueError for what is neither.
    """
    loss = tf.convert_to_tensor(loss)
    with tf.variable_scope(name, "OptimizeLoss", [loss, global_step]):
        if global_step is None:
            global_step = tf.train.get_global_step()
        wanted = update_ops if update_ops is not None else tf.get_collection(tf.GraphKeys.UPDATE_OPS)
        if wanted:
            with tf.control_dependencies(list(wanted)):
                loss = tf.identity(loss)
        rate = _rate(learning_rate, global_step, learning_rate_decay_fn)
        opt = _optimizer(optimizer, rate)
        pairs = opt.compute_gradients(
            loss, variables if variables is not None else tf.trainable_variables(),
            colocate_gradients_with_ops=colocate_gradients_with_ops,
        )  # fmt: skip
        if gradient_noise_scale is not None:
            pairs = [(None if g is None else g + tf.truncated_normal(tf.shape(g)) * gradient_noise_scale, v) for g, v in pairs]
        if gradient_multipliers is not None:
            pairs = [(_multiplied(g, v, gradient_multipliers), v) for g, v in pairs]
        pairs = _clipped(pairs, clip_gradients)
        _summarize(loss, rate, pairs, summaries)
        step = opt.apply_gradients(pairs, global_step=global_step if increment_global_step else None, name="train")
        with tf.control_dependencies([step]):
            return tf.identity(loss)


def _rate(learning_rate: Any, global_step: Any, decay: Any) -> Any:
    if learning_rate is None:
        return None
    if isinstance(learning_rate, (int, float)):
        if learning_rate < 0.0:
            raise ValueError(f"Invalid learning_rate {learning_rate}.")
        learning_rate = tf.get_variable(
            "learning_rate", [], trainable=False, initializer=tf.constant_initializer(float(learning_rate))
        )
    if decay is not None:
        if global_step is None:
            raise ValueError("global_step is required for learning_rate_decay_fn.")
        learning_rate = decay(learning_rate, global_step)
    return learning_rate


def _optimizer(optimizer: Any, rate: Any) -> Any:
    if isinstance(optimizer, str):
        if rate is None:
            raise ValueError("Learning rate is None, but should be specified if optimizer is string.")
        if optimizer not in OPTIMIZER_CLS_NAMES:
            raise ValueError(f"Optimizer name should be one of [{', '.join(OPTIMIZER_CLS_NAMES)}], you provided {optimizer}.")
        return OPTIMIZER_CLS_NAMES[optimizer](rate)
    if isinstance(optimizer, tf.train.Optimizer):
        return optimizer
    if callable(optimizer):
        made = optimizer(rate) if inspect.isclass(optimizer) or rate is not None else optimizer()
        if isinstance(made, tf.train.Optimizer):
            return made
    raise ValueError(f"Unrecognized optimizer: should be string, subclass of Optimizer, instance of subclass of Optimizer or "
                     f"function with one argument. Got {optimizer}.")  # fmt: skip


def _multiplied(gradient: Any, variable: Any, multipliers: Any) -> Any:
    factor = multipliers.get(variable, multipliers.get(variable.name)) if gradient is not None else None
    return gradient if factor is None else tf.cast(factor, gradient.dtype) * gradient


def _clipped(pairs: list[Any], clip: Any) -> list[Any]:
    if clip is None:
        return pairs
    if isinstance(clip, (int, float)):
        gradients, variables = zip(*pairs)
        return list(zip(tf.clip_by_global_norm(gradients, clip)[0], variables))
    if callable(clip):
        return clip(pairs)
    raise ValueError(f"Unknown type {type(clip)} for clip_gradients")


def _summarize(loss: Any, rate: Any, pairs: list[Any], summaries: Any) -> None:
    wanted = ["loss", "learning_rate", "global_gradient_norm"] if summaries is None else list(summaries)
    for one in wanted:
        if one not in OPTIMIZER_SUMMARIES:
            raise ValueError(f"Summaries should be one of [{', '.join(OPTIMIZER_SUMMARIES)}], you provided {one}.")
    found = [(g.values if hasattr(g, "values") else g, v) for g, v in pairs if g is not None]
    if "learning_rate" in wanted and rate is not None:
        tf.summary.scalar("learning_rate", rate)
    if "loss" in wanted:
        tf.summary.scalar("loss", loss)
    if "global_gradient_norm" in wanted:
        tf.summary.scalar("global_norm/gradient_norm", tf.global_norm([g for g, _ in found]))
    for g, v in found:
        if "gradients" in wanted:
            tf.summary.histogram("gradients/" + v.op.name, g)
        if "gradient_norm" in wanted:
            tf.summary.scalar("gradient_norm/" + v.op.name, tf.global_norm([g]))


def adaptive_clipping_fn(
    std_factor: float = 2.0, decay: float = 0.95, static_max_norm: Any = None, global_step: Any = None,
    report_summary: bool = False, epsilon: float = 1e-8, name: Any = None,
) -> Callable[[Any], Any]:  # fmt: skip
    """A function that clips gradients by the mean and spread that their norm has had so far."""

    def clip(pairs: Any) -> Any:
        gradients, variables = zip(*pairs)
        norm = tf.global_norm(gradients)
        with tf.variable_scope(name, "AdaptiveMaxNorm"):
            mean = tf.get_variable("mean", [], initializer=tf.zeros_initializer(), trainable=False)
            square = tf.get_variable("sq_mean", [], initializer=tf.zeros_initializer(), trainable=False)
            log = tf.log(norm + epsilon)
            factor = decay if global_step is None else tf.minimum(decay, tf.to_float(global_step) / (tf.to_float(global_step) + 1))
            first = tf.assign(mean, mean * factor + log * (1 - factor))
            second = tf.assign(square, square * factor + log * log * (1 - factor))
            limit = tf.exp(first + std_factor * tf.sqrt(tf.maximum(epsilon, second - first * first)))
            if static_max_norm is not None:
                limit = tf.minimum(limit, static_max_norm)
        shrink = tf.where(norm < limit, tf.ones_like(norm), tf.exp(first) / norm)
        return [(None if g is None else g * shrink, v) for g, v in zip(gradients, variables)]

    return clip
