"""Weights in files, laid out as Keras 3 does: a group for each layer, named by the way to it through attributes.

Every value is checked against the variable it is for before it is read, and a file can only hold plain arrays, see
`saving.hdf5`.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from thalweg.keras import naming
from thalweg.keras.engine.layer import Layer
from thalweg.keras.metrics.base import Metric
from thalweg.keras.optimizers.base import Optimizer
from thalweg.keras.saving import hdf5

# What layers are called in files of TensorFlow 2.13's Keras.
_OLD_NAME = "_layer_checkpoint_dependencies"
_OWN_BOOKKEEPING = frozenset({"_operations", "_stack", "_called_metrics"})


def walk(model: Any) -> Iterator[tuple[str, Any]]:
    """Every layer and optimizer in `model`, itself first, with its path in a file."""
    yield from _walk(model, "", set())


def _walk(item: Any, path: str, seen: set[int]) -> Iterator[tuple[str, Any]]:
    if id(item) in seen:
        return
    seen.add(id(item))
    if not isinstance(item, Metric):  # the state of metrics is not kept
        yield path, item
    for name, value in _children(item):
        yield from _walk_value(value, f"{path}/{name}" if path else name, seen)


def _walk_value(value: Any, path: str, seen: set[int]) -> Iterator[tuple[str, Any]]:
    if isinstance(value, (Layer, Optimizer, Metric)):
        yield from _walk(value, path, seen)
    elif isinstance(value, (list, tuple, dict)) and id(value) not in seen:
        # Items go by their class, not by their name, which differs between two models made alike.
        used: dict[str, int] = {}
        for item in value.values() if isinstance(value, dict) else value:
            if isinstance(item, (Layer, Optimizer, Metric)):
                yield from _walk(item, f"{path}/{_unique(naming.to_snake_case(type(item).__name__), used)}", seen)
            elif isinstance(item, (list, tuple, dict)):
                yield from _walk_value(item, f"{path}/{_unique('container', used)}", seen)


def _unique(name: str, used: dict[str, int]) -> str:
    count = used[name] = used.get(name, -1) + 1
    return f"{name}_{count}" if count else name


def _children(item: Any) -> Iterator[tuple[str, Any]]:
    """The attributes that may hold layers, private ones last."""
    if not isinstance(item, Layer):
        return
    names = set(item.__dict__.get("_tracked", ())) - _OWN_BOOKKEEPING
    if hasattr(type(item), "layers"):
        names.add("layers")
        if item._graph is not None or type(item).__name__ == "Sequential":
            yield "layers", item.layers
    if getattr(item, "optimizer", None) is not None:
        names.add("optimizer")
    for name in sorted(names, key=lambda n: f"~{n}" if n.startswith("_") else n):
        yield name, getattr(item, name, None)


# -- writing ---------------------------------------------------------------------------------------------------


def write_h5(model: Any, file: Any) -> None:
    """Write all weights into an HDF5 file, given by path or as a file object."""
    with hdf5.writing(file) as h5:
        for path, item in walk(model):
            store: dict[str, Any] = {}
            item.save_own_variables(store)
            group = h5.require_group(f"{path}/vars" if path else "vars")
            group.attrs["name"] = item.name
            for key, value in store.items():
                hdf5.write_array(group, key, value)


def flat_arrays(model: Any) -> dict[str, np.ndarray]:
    """All weights by path, for an `.npz` file."""
    arrays: dict[str, np.ndarray] = {}
    for path, item in walk(model):
        store: dict[str, Any] = {}
        item.save_own_variables(store)
        arrays.update({"/".join(filter(None, (path, "vars", key))): np.asarray(v) for key, v in store.items()})
    return arrays


# -- reading ---------------------------------------------------------------------------------------------------

#: From the path of a layer to its arrays, by name; none if the file has none for it.
Entries = Callable[[str], Mapping[str, Any]]


def h5_entries(root: hdf5.Group) -> Entries:
    """The arrays of each layer in an open HDF5 file. They are read when they are asked for."""
    has_old_names = root.group(_OLD_NAME) is not None

    def entries(path: str) -> Mapping[str, Any]:
        group = root.group(f"{path}/vars")
        if group is None and has_old_names:
            group = root.group(f"{path.replace('layers', _OLD_NAME)}/vars")
        if group is None and "/" in path:  # layers inside that Keras 2 keeps under a private name
            outer, _, last = path.rpartition("/")
            group = root.group(f"{outer}/_{last}/vars")
        return {} if group is None else {key: group.array(key) for key in group.names()}

    return entries


def npz_entries(arrays: Mapping[str, Any]) -> Entries:
    """The arrays of each layer in an open `.npz` file."""
    names = list(arrays)

    def entries(path: str) -> Mapping[str, Any]:
        prefix = f"{path}/vars/" if path else "vars/"
        return {name.removeprefix(prefix): arrays[name] for name in names if name.startswith(prefix)}

    return entries


def _has_slots(optimizer: Optimizer, store: Mapping[str, Any]) -> bool:
    """Whether a file holds more of an optimizer than the step count and the learning rate, which Keras 2 leaves out."""
    own = len(optimizer.variables)
    return len(store) > own or (len(store) == own > 1 and store["1"].shape != ())


def load_entries(model: Any, entries: Entries, skip_mismatch: bool = False) -> None:
    """Give every layer its arrays. Raises ValueError where one does not fit."""
    stores = [(item, entries(path)) for path, item in walk(model)]
    if model.weights and not any(store for _, store in stores):
        raise ValueError(
            f"The file holds no weights for model {model.name!r}: it was written for another kind of model, or in another "
            "format."
        )
    for item, store in stores:
        if not store and (isinstance(item, Optimizer) or not getattr(item, "built", True)):
            continue
        if isinstance(item, Optimizer) and not item.built and _has_slots(item, store):
            item.build(model.trainable_variables)
        try:
            item.load_own_variables(store)
        except ValueError as error:
            if not skip_mismatch:
                raise
            warnings.warn(f"Skipping layer {item.name!r}: {error}", stacklevel=4)
