"""Optimizers: how gradients become changes of variables. Source: `tf.keras.optimizers`.

>>> opt = tf.keras.optimizers.get("adam")
>>> opt.get_config()["beta_2"]
0.999
"""

from __future__ import annotations

import inspect
from typing import Any

from thalweg.keras.optimizers import legacy, schedules
from thalweg.keras.optimizers.adafactor import Adafactor
from thalweg.keras.optimizers.adagrad import Adadelta, Adagrad, RMSprop
from thalweg.keras.optimizers.adam import Adam, Adamax, AdamW, Lamb, Nadam
from thalweg.keras.optimizers.base import Optimizer
from thalweg.keras.optimizers.ftrl import Ftrl
from thalweg.keras.optimizers.lion import Lion
from thalweg.keras.optimizers.loss_scale import LossScaleOptimizer
from thalweg.keras.optimizers.muon import Muon
from thalweg.keras.optimizers.sgd import SGD
from thalweg.keras.saving.registration import Catalogue

__all__ = [
    "SGD",
    "Adadelta",
    "Adafactor",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "Ftrl",
    "Lamb",
    "Lion",
    "LossScaleOptimizer",
    "Muon",
    "Nadam",
    "Optimizer",
    "RMSprop",
    "deserialize",
    "get",
    "legacy",
    "schedules",
    "serialize",
]

_CLASSES = [Adadelta, Adafactor, Adagrad, Adam, AdamW, Adamax, Ftrl, Lamb, Lion, LossScaleOptimizer, Muon, Nadam, RMSprop, SGD]
_CATALOGUE = Catalogue(
    "keras.optimizers", "optimizer", _CLASSES, aliases={cls.__name__.lower(): cls for cls in _CLASSES}
)


def serialize(optimizer: Optimizer) -> dict[str, Any]:
    """The optimizer's arguments as a plain dict, as Keras 3 writes it."""
    return _CATALOGUE.serialize(optimizer)


def deserialize(config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Optimizer:
    """The optimizer that `serialize` described, written by either generation of Keras."""
    is_legacy = "legacy" in (config.get("module") or "").split(".")
    return (legacy.CATALOGUE if is_legacy else _CATALOGUE).deserialize(config, custom_objects)


def get(identifier: Any) -> Any:
    """An optimizer from a name in any case (`"adam"`), a config, a class, or itself; None stays None.

    Raises ValueError for anything else, naming the closest optimizer.
    """
    if isinstance(identifier, str):
        name = identifier if identifier.lower() not in _CATALOGUE.names else identifier.lower()
        identifier = _CATALOGUE.deserialize(name)
    elif isinstance(identifier, dict):
        identifier = deserialize(identifier)
    elif inspect.isclass(identifier):
        identifier = identifier()
    if identifier is None or isinstance(identifier, Optimizer):
        return identifier
    raise ValueError(
        f"Could not interpret optimizer identifier: {identifier!r}. Write a name such as 'adam', or an optimizer."
    )
