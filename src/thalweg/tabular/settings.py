"""How a network is made and trained: the recipes, and what a user may set in them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from .columns import CLASSIFICATION
from .preprocessing import ADAPTIVE, STANDARD
from .problems import TableError, closest, listed

ACTIVATIONS = ("relu", "gelu", "selu", "elu", "silu", "swish", "tanh", "sigmoid", "softplus", "leaky_relu", "linear")
OPTIMIZERS = {name.lower(): name for name in ("AdamW", "Adam", "Nadam", "Adamax", "SGD", "RMSprop", "Adagrad", "Adadelta", "Ftrl")}


@dataclass(frozen=True)
class Settings:
    """Everything that decides a fit, but the table. The values here are the plain recipe: a network of one's own."""

    hidden: tuple[int, ...] = (64, 64)
    activation: str = "relu"
    embedding: tuple[float, float] | None = None    # the lowest and highest frequency of the periodic embedding
    waves: int = 16                                 # waves of it for each number
    place_waves: int = 0                            # waves across a map, where columns are longitude and latitude
    place_scale: float = 1.0                        # how many such waves fit into the map's breadth, about
    scaling: str = STANDARD
    optimizer: str = "adam"
    learning_rate: float = 1e-3
    weight_decay: float = 0.0
    dropout: float = 0.0
    balance: bool = False                           # whether every class weighs the same
    class_floor: float = 0.0                        # a class of a smaller share of the training rows weighs as much as one of it
    epochs: int = 60
    patience: int = 30
    batch_size: int = 32
    seed: int = 42
    split_seed: int = 42
    members: int = 1                                # networks whose mean the model is


# Measured on California housing over several seeds (docs/tabular.md). A class of two or three rows must stay findable: it keeps
# the true distances of its columns and weighs as much as one of two hundred.
CLASSIFIER = Settings(
    hidden=(128, 128), embedding=(0.1, 1.0), waves=8, place_waves=32, scaling=ADAPTIVE, optimizer="adamw", learning_rate=3e-3,
    weight_decay=0.1, class_floor=0.015, epochs=20, batch_size=256)
REGRESSOR = replace(CLASSIFIER, place_scale=3.0, weight_decay=0.5, dropout=0.1, class_floor=0.0)
SMALL_TABLE, SMALL_MEMBERS = 5_000, 5
MOST_LAYERS, MOST_UNITS = 64, 16_384


def choose_settings(task: str, rows: int, **wanted: Any) -> Settings:
    """The recipe for the task and the number of training rows, with what the user wants in place of it.

    Without `hidden` it is the strong recipe; `hidden` asks for that very network, on standardised numbers. A value of None is
    the recipe's. Raises TableError for a value that cannot be.
    """
    wanted = {name: value for name, value in wanted.items() if value is not None}
    if "hidden" in wanted:
        recipe = Settings()
    else:
        recipe = CLASSIFIER if task == CLASSIFICATION else REGRESSOR
        if rows < SMALL_TABLE:
            # A small table gives few steps an epoch and little to be fine about: smaller and slower steps, coarser waves. What
            # one network makes of so few rows depends on where it began: the mean of five does so less.
            recipe = replace(recipe, batch_size=32, epochs=100, learning_rate=5e-4, embedding=(0.05, 0.05), waves=16,
                             class_floor=0.0, members=SMALL_MEMBERS)
    for name in ("activation", "optimizer"):
        if name in wanted:
            wanted[name] = str(wanted[name]).lower()
    settings = replace(recipe, **wanted)
    check_settings(settings)
    return settings


def check_settings(settings: Settings) -> None:
    """Raise TableError for a value that no network or training can have."""
    for what, value, allowed in (("activation", settings.activation, ACTIVATIONS), ("optimizer", settings.optimizer, OPTIMIZERS)):
        if value not in allowed:
            raise TableError(f"there is no {what} {value!r}.{closest(value, allowed)} There are {listed(allowed)}.")
    for name in ("epochs", "batch_size"):
        if getattr(settings, name) < 1:
            raise TableError(f"{name} is {getattr(settings, name)}; it must be at least 1.")
    if len(settings.hidden) > MOST_LAYERS or any(not 1 <= width <= MOST_UNITS for width in settings.hidden):
        raise TableError(f"hidden is {settings.hidden}; it takes up to {MOST_LAYERS} layers of 1 to {MOST_UNITS:,} units each.")
    if not 0 <= settings.dropout < 1:
        raise TableError(f"dropout is {settings.dropout}; it is a share of the units, at least 0 and less than 1.")
    if not settings.learning_rate > 0:
        raise TableError(f"the learning rate is {settings.learning_rate}; it must be above 0.")
