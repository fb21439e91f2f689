"""What belongs to a layer: the variables, layers and metrics in its attributes, also inside lists and dicts.

Nothing is wrapped: a list stays the list it was, and is looked through when someone asks. So `self.blocks.append(...)`
after the assignment works, and so does deleting an attribute.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

import thalweg as tf
from thalweg.engine.execution.late_restore import restore_late
from thalweg.keras.metrics.base import Metric
from thalweg.keras.random.seed_generator import SeedGenerator

_CONTAINERS = (list, tuple, dict)
_LEAVES = (tf.Variable, Metric, SeedGenerator)
# Attributes that hold layers without owning them.
_NOT_OWNED = frozenset({"_inbound_nodes", "_outbound_nodes", "_losses", "_tracked", "_auto_config", "_initialized", "input_spec"})

# How layers and models keep what they also have under other names.
_BOOKKEEPING = frozenset({"_operations", "_stack", "_called_metrics", "_made"})


def unique(items: Iterable[Any]) -> list[Any]:
    """The items in order, each object once. Variables compare by value, so sets would not do."""
    return list({id(item): item for item in items}.values())


def _leaves(value: Any, inside: tuple[int, ...] = ()) -> Iterator[Any]:
    """The layers, variables and metrics in a value."""
    if isinstance(value, (*_LEAVES, Tracker)):
        yield value
    elif isinstance(value, _CONTAINERS) and id(value) not in inside:
        inside = (*inside, id(value))
        for item in value.values() if isinstance(value, dict) else value:
            yield from _leaves(item, inside)


class Tracker:
    """The base of layers: finds what is in their attributes, and collects it over all layers inside."""

    _trainable: bool

    def __setattr__(self, name: str, value: Any) -> None:
        tracked = self.__dict__.setdefault("_tracked", {})
        if name not in _NOT_OWNED and isinstance(value, (*_LEAVES, *_CONTAINERS, Tracker)):
            tracked[name] = None
        else:
            tracked.pop(name, None)
        super().__setattr__(name, value)
        if name in tracked:
            restore_late(self)

    def __delattr__(self, name: str) -> None:
        self.__dict__.get("_tracked", {}).pop(name, None)
        super().__delattr__(name)

    def _owned(self) -> Iterator[Any]:
        attributes = self.__dict__
        for name in attributes.get("_tracked", ()):
            if name in attributes:
                yield from _leaves(attributes[name])

    def _trackable_children(self) -> dict[str, Any]:
        """What a `tf.train.Checkpoint` saves: the attributes that hold something, by name."""
        own = self.__dict__
        names = [name for name in own.get("_tracked", ()) if name in own and name not in _BOOKKEEPING]
        return {name: own[name] for name in names}

    # -- layers ---------------------------------------------------------------------------------------------

    @property
    def _layers(self) -> list[Any]:
        """The layers directly in this one."""
        return unique(item for item in self._owned() if isinstance(item, Tracker))

    def _flatten_layers(self, include_self: bool = True, recursive: bool = True) -> list[Any]:
        """This layer and all inside it, each once, outer before inner."""
        found: dict[int, Any] = {id(self): self}
        _collect_layers(self, found, recursive)
        layers = list(found.values())
        return layers if include_self else layers[1:]

    @property
    def submodules(self) -> tuple[Any, ...]:
        return tuple(self._flatten_layers(include_self=False))

    # -- variables ------------------------------------------------------------------------------------------

    def _own_weights(self) -> list[Any]:
        """The variables of this layer itself: those made by `add_weight`, then those set as attributes."""
        made = self.__dict__.get("_made", ())
        return unique([*made, *(item for item in self._owned() if isinstance(item, tf.Variable))])

    def _own_split(self) -> tuple[list[Any], list[Any]]:
        own = self._own_weights()
        return [v for v in own if v.trainable], [v for v in own if not v.trainable]

    @property
    def weights(self) -> list[Any]:
        """All variables, layer by layer; in each the trainable ones come first."""
        trainable, rest = self._own_split()
        return unique([*trainable, *rest, *(v for layer in self._layers for v in layer.weights)])

    @property
    def trainable_weights(self) -> list[Any]:
        """The variables that training changes."""
        if not self._trainable:
            return []
        return unique([*self._own_split()[0], *(v for layer in self._layers for v in layer.trainable_weights)])

    @property
    def non_trainable_weights(self) -> list[Any]:
        """The variables that training leaves alone, or changes without gradients."""
        kept = {id(v) for v in self.trainable_weights}
        return [v for v in self.weights if id(v) not in kept]

    @property
    def trainable_variables(self) -> list[Any]:
        return self.trainable_weights

    @property
    def non_trainable_variables(self) -> list[Any]:
        kept = {id(v) for v in self.trainable_weights}
        return [v for v in self.variables if id(v) not in kept]

    @property
    def variables(self) -> list[Any]:
        """All weights, then the state of random generators and of metrics."""
        state: list[Any] = []
        for layer in self._flatten_layers():
            for item in layer._owned():
                if isinstance(item, SeedGenerator):
                    state.append(item.state)
                elif isinstance(item, Metric):
                    state.extend(item.variables)
        return unique([*self.weights, *state])

    @property
    def metrics_variables(self) -> list[Any]:
        return unique(v for metric in self.metrics for v in metric.variables)

    @property
    def metrics(self) -> list[Any]:
        """The metrics in this layer and the layers inside it."""
        return unique(
            item for layer in self._flatten_layers() for item in layer._owned() if isinstance(item, Metric)
        )

    # -- trainable ------------------------------------------------------------------------------------------

    @property
    def trainable(self) -> bool:
        """Whether training changes this layer. Setting it sets it for all layers inside, too."""
        return self._trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        for layer in self._flatten_layers():
            layer.__dict__["_trainable"] = bool(value)

    # -- values ---------------------------------------------------------------------------------------------

    def get_weights(self) -> list[np.ndarray]:
        """The values of `weights`, as NumPy arrays."""
        return [v.numpy() for v in self.weights]

    def set_weights(self, weights: Any) -> None:
        """Write values as `get_weights` gives them. Raises ValueError if their number or a shape does not fit."""
        own, given = self.weights, list(weights)
        what = f"{type(self).__name__} {getattr(self, 'name', '')!r}"
        if len(own) != len(given):
            unbuilt = "" if getattr(self, "built", True) else (
                " It is not built yet: call it on data, or build(input_shape), first."
            )
            raise ValueError(
                f"set_weights() of {what} got {len(given)} arrays, but it has {len(own)} weights"
                f"{': ' + ', '.join(v.name for v in own) if own else ''}.{unbuilt}"
            )
        for i, (variable, value) in enumerate(zip(own, given)):
            if tuple(variable.shape) != np.shape(value):
                raise ValueError(
                    f"set_weights() of {what}: weight {i}, {variable.name!r}, has shape {tuple(variable.shape)}, but "
                    f"the given array has shape {np.shape(value)}."
                )
        for variable, value in zip(own, given):
            variable.assign(value)

    def count_params(self) -> int:
        """How many numbers the weights hold. Raises ValueError for a layer that has not made its weights yet."""
        if not getattr(self, "built", True):
            raise ValueError(
                f"You tried to call `count_params` on layer {self.name!r}, but it is not built: call it on data, or "
                "`layer.build(input_shape)`."
            )
        return sum(v.shape.num_elements() for v in self.weights)


def _collect_layers(layer: Tracker, found: dict[int, Any], recursive: bool) -> None:
    for inner in layer._layers:
        if id(inner) not in found:
            found[id(inner)] = inner
            if recursive:
                _collect_layers(inner, found, recursive)
