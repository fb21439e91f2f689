"""What a user may set, checked: a browser's word is not trusted."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field
from typing import Any

ACTIVATIONS = ("relu", "tanh", "sigmoid", "linear", "elu", "selu", "gelu", "silu", "softplus", "softsign", "leaky_relu")
OPTIMIZERS = (
    "SGD", "Momentum", "Adam", "AdamW", "RMSprop", "Adagrad", "Adadelta", "Adamax", "Nadam", "Ftrl", "Lion", "Adafactor", "Lamb",
    "Muon",
)  # fmt: skip
FEATURES = ("x1", "x2", "x1^2", "x2^2", "x1 x2", "sin x1", "sin x2")
MOST_LAYERS, MOST_UNITS = 12, 32


class SettingsError(ValueError):
    """A setting that cannot be, in a sentence."""


@dataclass
class Layer:
    units: int = 4
    activation: str = "tanh"


@dataclass
class Settings:
    """One network and its data. `own` names the columns of the user's table where that is the data."""

    data: str = "circle"
    noise: float = 0.0
    train_share: float = 0.5
    batch: int = 10
    features: list[str] = field(default_factory=lambda: ["x1", "x2"])
    layers: list[Layer] = field(default_factory=lambda: [Layer(4), Layer(2)])
    learning_rate: float = 0.03
    optimizer: str = "SGD"
    regularization: str = "none"
    regularization_rate: float = 0.0
    dropout: float = 0.0
    batch_norm: bool = False
    seed: int = 1
    own: dict[str, str] = field(default_factory=dict)

    def plain(self) -> dict[str, Any]:
        return asdict(self)


def settings(given: Any) -> Settings:
    """Settings from a browser's message. Raises SettingsError."""
    if not isinstance(given, dict):
        raise SettingsError("Settings must be an object.")
    unknown = set(given) - set(Settings.__dataclass_fields__)
    if unknown:
        raise SettingsError(f"There is no setting {sorted(unknown)[0]!r}.")
    made = Settings()
    if "layers" in given:
        made.layers = [_layer(one) for one in _list("layers", given["layers"], 0, MOST_LAYERS)]
    if "features" in given:
        made.features = [_one_of("feature", f, FEATURES) for f in _list("features", given["features"], 1, len(FEATURES))]
    for name, (low, high) in {
        "noise": (0, 0.5), "train_share": (0.1, 0.9), "learning_rate": (1e-6, 100), "regularization_rate": (0, 100),
        "dropout": (0, 0.9),
    }.items():  # fmt: skip
        if name in given:
            setattr(made, name, _number(name, given[name], low, high))
    for name, (low, high) in {"batch": (1, 256), "seed": (0, 2**31 - 1)}.items():
        if name in given:
            setattr(made, name, int(_number(name, given[name], low, high)))
    if "optimizer" in given:
        made.optimizer = _one_of("optimizer", given["optimizer"], OPTIMIZERS)
    if "regularization" in given:
        made.regularization = _one_of("regularization", given["regularization"], ("none", "L1", "L2"))
    if "batch_norm" in given:
        made.batch_norm = bool(given["batch_norm"])
    if "data" in given:
        from thalweg.playground.data import PATTERNS

        made.data = _one_of("data set", given["data"], (*PATTERNS, "own"))
    if made.data == "own" and isinstance(given.get("own"), dict):
        made.own = {k: str(given["own"].get(k, ""))[:200] for k in ("x", "y", "target")}
    return made


def _layer(given: Any) -> Layer:
    if not isinstance(given, dict):
        raise SettingsError("A layer must be an object with units and activation.")
    units = int(_number("units", given.get("units", 4), 1, MOST_UNITS))
    return Layer(units, _one_of("activation", given.get("activation", "tanh"), ACTIVATIONS))


def _list(name: str, value: Any, low: int, high: int) -> list[Any]:
    if not isinstance(value, list) or not low <= len(value) <= high:
        raise SettingsError(f"{name} must be a list of {low} to {high}.")
    return value


def _number(name: str, value: Any, low: float, high: float) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value) or not low <= value <= high:
        raise SettingsError(f"{name} must be a number from {low} to {high}, not {value!r}.")
    return float(value)


def _one_of(what: str, value: Any, allowed: Any) -> str:
    if value not in allowed:
        raise SettingsError(f"There is no {what} {value!r}; there are {', '.join(allowed)}.")
    return value
