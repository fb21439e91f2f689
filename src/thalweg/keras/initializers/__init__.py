"""`tf.keras.initializers`: what weights start as, and the way to it by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

import thalweg as tf
from thalweg.keras import config as settings
from thalweg.keras.initializers.base import Initializer, RandomInitializer
from thalweg.keras.initializers.chance import (
    GlorotNormal,
    GlorotUniform,
    HeNormal,
    HeUniform,
    LecunNormal,
    LecunUniform,
    Orthogonal,
    RandomNormal,
    RandomUniform,
    TruncatedNormal,
    VarianceScaling,
    compute_fans,
)
from thalweg.keras.initializers.constant import STFT, Constant, Identity, Ones, Zeros
from thalweg.keras.saving.registration import Catalogue

constant, identity, ones, zeros, stft = Constant, Identity, Ones, Zeros, STFT
glorot_normal, glorot_uniform = GlorotNormal, GlorotUniform
he_normal, he_uniform = HeNormal, HeUniform
lecun_normal, lecun_uniform = LecunNormal, LecunUniform
orthogonal, variance_scaling = Orthogonal, VarianceScaling
random_normal, random_uniform, truncated_normal = RandomNormal, RandomUniform, TruncatedNormal
IdentityInitializer, OrthogonalInitializer, STFTInitializer = Identity, Orthogonal, STFT

CLASSES = (
    Constant, GlorotNormal, GlorotUniform, HeNormal, HeUniform, Identity, Initializer, LecunNormal, LecunUniform, Ones,
    Orthogonal, RandomNormal, RandomUniform, STFT, TruncatedNormal, VarianceScaling, Zeros,
)  # fmt: skip
_ALIASES = {
    "normal": RandomNormal, "uniform": RandomUniform, "one": Ones, "zero": Zeros, "IdentityInitializer": Identity,
    "OrthogonalInitializer": Orthogonal, "STFTInitializer": STFT,
    **{f"{cls.__name__}V2": cls for cls in CLASSES},
}  # fmt: skip
_catalogue = Catalogue("keras.initializers", "initializer", CLASSES, _ALIASES, snake_case=True)


def get(identifier: Any) -> Any:
    """The initializer behind a name, a config, a class, a function or an array; None for None.

    Raises ValueError for anything else.

    >>> type(tf.keras.initializers.get("he_normal")).__name__
    'HeNormal'
    """
    if identifier is None:
        return None
    if tf.is_tensor(identifier) or isinstance(identifier, (np.ndarray, np.generic)):
        return _the_array(identifier)
    return _catalogue.get(identifier)


def _the_array(value: Any) -> Callable[..., Any]:
    """An initializer that gives `value` and nothing else."""

    def initialize(shape: Any, dtype: Any = None, **kwargs: Any) -> Any:
        if tuple(shape) != tuple(value.shape):
            raise ValueError(f"The initial value has shape {tuple(value.shape)}, but {tuple(shape)} is asked for.")
        return tf.cast(value, settings.standardize_dtype(dtype))

    return initialize


def serialize(initializer: Any, use_legacy_format: bool = False) -> Any:
    """The config of an initializer."""
    return _catalogue.serialize(initializer, use_legacy_format)


def deserialize(
    config: Any, custom_objects: Mapping[str, Any] | None = None, use_legacy_format: bool = False
) -> Any:
    """The initializer that a config or a name stands for."""
    return _catalogue.deserialize(config, custom_objects, use_legacy_format)


__all__ = [
    *sorted(cls.__name__ for cls in CLASSES), "IdentityInitializer", "OrthogonalInitializer", "RandomInitializer",
    "STFTInitializer", "compute_fans", "constant", "deserialize", "get", "glorot_normal", "glorot_uniform", "he_normal",
    "he_uniform", "identity", "lecun_normal", "lecun_uniform", "ones", "orthogonal", "random_normal", "random_uniform",
    "serialize", "stft", "truncated_normal", "variance_scaling", "zeros",
]  # fmt: skip
