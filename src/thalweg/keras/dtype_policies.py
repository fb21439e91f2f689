"""Dtype policies: in which dtype a layer computes, and in which it keeps its weights."""

from __future__ import annotations

from typing import Any

from thalweg.keras import config
from thalweg.keras.saving.registration import Catalogue

_MIXED = ("mixed_float16", "mixed_bfloat16")


class DTypePolicy:
    """The dtype to compute in and that of weights: a dtype for both, or 'mixed_float16', 'mixed_bfloat16'.

    Mixed policies compute in the short dtype and keep weights in float32.

    Source: `tf.keras.DTypePolicy`, `tf.keras.mixed_precision.Policy`.

    >>> tf.keras.DTypePolicy("float64").compute_dtype
    'float64'
    """

    def __init__(self, name: Any = None):
        if isinstance(name, str) and name in _MIXED:
            self._name, self._compute_dtype, self._variable_dtype = name, name.removeprefix("mixed_"), "float32"
        else:
            self._name = self._compute_dtype = self._variable_dtype = config.standardize_dtype(name)

    @property
    def name(self) -> str:
        return self._name

    @property
    def compute_dtype(self) -> str:
        return self._compute_dtype

    @property
    def variable_dtype(self) -> str:
        return self._variable_dtype

    @property
    def is_mixed(self) -> bool:
        return self._compute_dtype != self._variable_dtype

    def get_config(self) -> dict[str, Any]:
        return {"name": self.name}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> DTypePolicy:
        return cls(config["name"])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DTypePolicy) and other.name == self.name

    def __hash__(self) -> int:
        return hash(self.name)

    def __repr__(self) -> str:
        return f'<DTypePolicy "{self.name}">'


_chosen: list[DTypePolicy] = []
FloatDTypePolicy = DTypePolicy  # Keras 3's older name
_names = {"Policy": DTypePolicy, "FloatDTypePolicy": DTypePolicy}
_catalogue = Catalogue("keras.dtype_policies", "dtype policy", [DTypePolicy], _names)


def serialize(policy: DTypePolicy) -> Any:
    """A policy as a config."""
    return _catalogue.serialize(policy)


def deserialize(config: Any, custom_objects: Any = None) -> DTypePolicy:
    """The policy of a config."""
    return _catalogue.deserialize(config, custom_objects)


def dtype_policy() -> DTypePolicy:
    """The policy of layers that are given none: the one set, or that of `floatx`."""
    return _chosen[-1] if _chosen else DTypePolicy(config.floatx())


def set_dtype_policy(policy: Any) -> None:
    """Set the policy of layers that are given none: a name or a policy; None for that of `floatx`."""
    _chosen[:] = [] if policy is None else [get(policy)]


def get(identifier: Any) -> DTypePolicy:
    """A policy from a policy, a config, a dtype or its name; the default one for None."""
    if identifier is None:
        return dtype_policy()
    if isinstance(identifier, DTypePolicy):
        return identifier
    if isinstance(identifier, dict):
        return _catalogue.deserialize(identifier)
    return DTypePolicy(identifier)
