"""TensorFlow 1's spellings of activations, losses and moments."""

from __future__ import annotations

from typing import Any

from thalweg.compat.v1.arrays import either
from thalweg.engine.core import convert
from thalweg.engine.core.context import local
from thalweg.engine.core.registry import REGISTRY
from thalweg.engine.ops import activations, losses, moments as moments_v2
from thalweg.engine.ops.scopes import scope

# -- activations -------------------------------------------------------------------------------------------


def softmax(logits: Any, axis: Any = None, name: str | None = None, dim: Any = None) -> Any:
    """As `tf.nn.softmax`, with `dim` as another name of `axis`."""
    return activations.softmax(logits, either("axis", axis, "dim", dim), name)


def log_softmax(logits: Any, axis: Any = None, name: str | None = None, dim: Any = None) -> Any:
    """As `tf.nn.log_softmax`, with `dim` as another name of `axis`."""
    return activations.log_softmax(logits, either("axis", axis, "dim", dim), name)


def crelu(features: Any, name: str | None = None, axis: Any = -1) -> Any:
    """As `tf.nn.crelu`, in an older order of arguments."""
    return activations.crelu(features, axis, name)


# -- losses ------------------------------------------------------------------------------------------------


def _require(name: str, labels: Any, logits: Any) -> None:
    if labels is None or logits is None:
        raise ValueError(f"Both `labels` and `logits` must be provided to `{name}`.")


def softmax_cross_entropy_with_logits(
    labels: Any = None, logits: Any = None, dim: Any = -1, name: str | None = None, axis: Any = None
) -> Any:
    """As `tf.nn.softmax_cross_entropy_with_logits`, but no gradient reaches the labels."""
    _require("softmax_cross_entropy_with_logits", labels, logits)
    with scope(name, "softmax_cross_entropy_with_logits_sg") as name:
        labels = REGISTRY["StopGradient"](labels)
        return losses.softmax_cross_entropy_with_logits(labels, logits, dim if axis is None else axis, name)


def softmax_cross_entropy_with_logits_v2(
    labels: Any, logits: Any, axis: Any = None, name: str | None = None, dim: Any = None
) -> Any:
    """As `tf.nn.softmax_cross_entropy_with_logits`, with `dim` as another name of `axis`."""
    axis = either("axis", axis, "dim", dim)
    return losses.softmax_cross_entropy_with_logits(labels, logits, -1 if axis is None else axis, name)


def sparse_softmax_cross_entropy_with_logits(labels: Any = None, logits: Any = None, name: str | None = None) -> Any:
    """As `tf.nn.sparse_softmax_cross_entropy_with_logits`."""
    _require("sparse_softmax_cross_entropy_with_logits", labels, logits)
    if local.graph is None:
        return losses.sparse_softmax_cross_entropy_with_logits(labels, logits, name)
    with scope(name, "SparseSoftmaxCrossEntropyWithLogits"):
        labels = convert.convert_to_tensor(labels)
        REGISTRY["Shape"](labels)  # TensorFlow's graph has it too
        return losses.sparse_softmax_cross_entropy_with_logits(labels, logits, name)


def weighted_cross_entropy_with_logits(
    labels: Any = None, logits: Any = None, pos_weight: Any = None, name: str | None = None, targets: Any = None
) -> Any:
    """As `tf.nn.weighted_cross_entropy_with_logits`, with `targets` as another name of `labels`."""
    return losses.weighted_cross_entropy_with_logits(either("labels", labels, "targets", targets), logits, pos_weight, name)


# -- moments -----------------------------------------------------------------------------------------------


def _keep(keepdims: Any, keep_dims: Any) -> bool:
    return bool(either("keepdims", keepdims, "keep_dims", keep_dims))


def moments(x: Any, axes: Any, shift: Any = None, name: str | None = None, keep_dims: Any = None, keepdims: Any = None) -> Any:
    """As `tf.nn.moments`, with `keep_dims` as another name of `keepdims`."""
    return moments_v2.moments(x, axes, shift, _keep(keepdims, keep_dims), name)


def weighted_moments(
    x: Any, axes: Any, frequency_weights: Any, name: str | None = None, keep_dims: Any = None, keepdims: Any = None
) -> Any:
    """As `tf.nn.weighted_moments`, with `keep_dims` as another name of `keepdims`."""
    return moments_v2.weighted_moments(x, axes, frequency_weights, _keep(keepdims, keep_dims), name)


def sufficient_statistics(
    x: Any, axes: Any, shift: Any = None, keep_dims: Any = None, name: str | None = None, keepdims: Any = None
) -> Any:
    """As `tf.nn.sufficient_statistics`, with `keep_dims` as another name of `keepdims`."""
    return moments_v2.sufficient_statistics(x, axes, shift, _keep(keepdims, keep_dims), name)


def batch_norm_with_global_normalization(
    t: Any = None, m: Any = None, v: Any = None, beta: Any = None, gamma: Any = None, variance_epsilon: Any = None,
    scale_after_normalization: Any = None, name: str | None = None, input: Any = None, mean: Any = None, variance: Any = None,
) -> Any:  # fmt: skip
    """As `tf.nn.batch_norm_with_global_normalization`, with `t`, `m` and `v` as other names of its first arguments."""
    x, mean, variance = either("input", input, "t", t), either("mean", mean, "m", m), either("variance", variance, "v", v)
    return moments_v2.batch_norm_with_global_normalization(
        x, mean, variance, beta, gamma, variance_epsilon, scale_after_normalization, name
    )


# -- dense layers ------------------------------------------------------------------------------------------


def xw_plus_b(x: Any, weights: Any, biases: Any, name: str | None = None) -> Any:
    """`matmul(x, weights) + biases`."""
    with scope(name, "xw_plus_b") as name:
        return losses.bias_add(REGISTRY["MatMul"](x, weights), biases, name=name)


def relu_layer(x: Any, weights: Any, biases: Any, name: str | None = None) -> Any:
    """`relu(matmul(x, weights) + biases)`."""
    with scope(name, "relu_layer") as name:
        return activations.relu(losses.bias_add(REGISTRY["MatMul"](x, weights), biases), name=name)


__all__ = [
    "batch_norm_with_global_normalization", "crelu", "log_softmax", "moments", "relu_layer", "softmax",
    "softmax_cross_entropy_with_logits", "softmax_cross_entropy_with_logits_v2", "sparse_softmax_cross_entropy_with_logits",
    "sufficient_statistics", "weighted_cross_entropy_with_logits", "weighted_moments", "xw_plus_b",
]  # fmt: skip
