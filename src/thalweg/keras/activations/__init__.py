"""`tf.keras.activations`: the activation functions, and the way to them by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from thalweg.keras.activations.functions import (
    celu,
    elu,
    exponential,
    gelu,
    glu,
    hard_shrink,
    hard_sigmoid,
    hard_silu,
    hard_tanh,
    leaky_relu,
    linear,
    log_sigmoid,
    log_softmax,
    mish,
    relu,
    relu6,
    selu,
    sigmoid,
    silu,
    soft_shrink,
    softmax,
    softplus,
    softsign,
    sparse_plus,
    sparse_sigmoid,
    sparsemax,
    squareplus,
    tanh,
    tanh_shrink,
    threshold,
)
from thalweg.keras.saving.registration import Catalogue

swish = silu
hard_swish = hard_silu

FUNCTIONS = (
    celu, elu, exponential, gelu, glu, hard_shrink, hard_sigmoid, hard_silu, hard_tanh, leaky_relu, linear, log_sigmoid,
    log_softmax, mish, relu, relu6, selu, sigmoid, silu, soft_shrink, softmax, softplus, softsign, sparse_plus,
    sparse_sigmoid, sparsemax, squareplus, tanh, tanh_shrink, threshold,
)  # fmt: skip
_ALIASES = {"swish": silu, "hard_swish": hard_silu, "softmax_v2": softmax}
_catalogue = Catalogue("keras.activations", "activation", FUNCTIONS, _ALIASES)


def get(identifier: Any) -> Any:
    """The activation behind a name, a config or a function; `linear` for None. Raises ValueError for anything else.

    >>> tf.keras.activations.get("swish").__name__
    'silu'
    """
    return linear if identifier is None else _catalogue.get(identifier)


def serialize(activation: Any, use_legacy_format: bool = False) -> Any:
    """The name of an activation function of ours or of TensorFlow's (`tf.nn.relu`), else its config.

    >>> tf.keras.activations.serialize(tf.keras.activations.relu)
    'relu'
    """
    name = getattr(activation, "__name__", None)
    ours = (getattr(activation, "__module__", None) or "").startswith("thalweg.")
    if ours and name in _catalogue.names and not isinstance(activation, type):
        return _catalogue.names[name].__name__
    return _catalogue.serialize(activation, use_legacy_format)


def deserialize(
    config: Any, custom_objects: Mapping[str, Any] | None = None, use_legacy_format: bool = False
) -> Any:
    """The activation that a config or a name stands for."""
    return _catalogue.deserialize(config, custom_objects, use_legacy_format)


__all__ = [*sorted(fn.__name__ for fn in FUNCTIONS), "deserialize", "get", "hard_swish", "serialize", "swish"]
