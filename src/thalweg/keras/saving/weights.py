"""Weights in files, laid out as Keras 3 does: a group for each layer, named by the way to it through attributes.

Every value is checked against the variable it is for before it is read, and a file can only hold plain arrays: no
links, no external or virtual data, no pickles.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from thalweg.keras import naming
from thalweg.keras.engine.layer import Layer
from thalweg.keras.metrics.base import Metric
from thalweg.keras.optimizers.base import Optimizer

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
    """Write all weights into an open HDF5 file, or a file-like object."""
    import h5py

    with h5py.File(file, "w") as h5:
        for path, item in walk(model):
            store: dict[str, Any] = {}
            item.save_own_variables(store)
            group = h5.require_group(f"{path}/vars" if path else "vars")
            group.attrs["name"] = item.name
            for key, value in store.items():
                _write_array(group, key, np.asarray(value))


def _write_array(group: Any, key: str, value: np.ndarray) -> None:
    if value.dtype.kind == "V":  # bfloat16, which HDF5 does not know: its bits, and a note, as Keras writes it
        dataset = group.create_dataset(key, data=value.view(np.uint16))
        dataset.attrs["dtype"] = value.dtype.name
    else:
        group.create_dataset(key, data=value)


def flat_arrays(model: Any) -> dict[str, np.ndarray]:
    """All weights by path, for an `.npz` file."""
    arrays: dict[str, np.ndarray] = {}
    for path, item in walk(model):
        store: dict[str, Any] = {}
        item.save_own_variables(store)
        arrays.update({"/".join(filter(None, (path, "vars", key))): np.asarray(v) for key, v in store.items()})
    return arrays


# -- reading ---------------------------------------------------------------------------------------------------


class Stored(Mapping):
    """The arrays of one layer in a file. An entry is an array, or an HDF5 dataset that is read when it is asked for."""

    def __init__(self, entries: Mapping[str, Any]):
        self._entries = entries

    def __getitem__(self, key: str) -> Any:
        return self._entries[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)


class _Dataset:
    """An HDF5 dataset: its shape is known before it is read."""

    def __init__(self, dataset: Any):
        self._dataset = dataset
        self.shape = tuple(dataset.shape)

    @property
    def dtype(self) -> np.dtype:
        return self._dataset.dtype

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        value = self._dataset[()]
        name = self._dataset.attrs.get("dtype")
        if name == "bfloat16":
            import ml_dtypes

            value = np.asarray(value).view(ml_dtypes.bfloat16)
        return np.asarray(value, dtype)


def h5_entries(h5: Any, path: str) -> Stored:
    """The arrays under `path` of an open HDF5 file; none if there is no such group."""
    import h5py

    group = h5
    for part in [*filter(None, path.split("/")), "vars"]:
        group = _plain_member(group, part, h5py.Group)
        if group is None:
            return Stored({})
    return Stored({key: _Dataset(_plain_member(group, key, h5py.Dataset)) for key in group})


def _plain_member(group: Any, name: str, kind: type) -> Any:
    """A member of an HDF5 group that lies in this file. Raises ValueError for links and for data kept elsewhere."""
    import h5py

    link = group.get(name, getlink=True)
    if link is None:
        return None
    if not isinstance(link, h5py.HardLink):
        raise ValueError(f"The file holds a link at {group.name}/{name}: weights must lie in the file itself.")
    member = group[name]
    if not isinstance(member, kind):
        raise ValueError(f"The file holds a {type(member).__name__} at {member.name}, where a {kind.__name__} belongs.")
    if isinstance(member, h5py.Dataset) and (member.external or member.is_virtual or member.dtype.kind not in "biufc"):
        raise ValueError(f"The file holds data at {member.name} that is not a plain array of numbers.")
    return member


def load_entries(model: Any, entries: Any, skip_mismatch: bool = False) -> None:
    """Give every layer its arrays: `entries(path)` are those of the file. Raises ValueError where one does not fit."""
    import warnings

    stores = [(item, entries(path)) for path, item in walk(model)]
    if model.weights and not any(store for _, store in stores):
        raise ValueError(
            f"The file holds no weights for model {model.name!r}: it was written for another kind of model, or in another "
            "format."
        )
    for item, store in stores:
        if not store and (isinstance(item, Optimizer) or not getattr(item, "built", True)):
            continue
        if isinstance(item, Optimizer) and not item.built and len(store) > len(item.variables):
            item.build(model.trainable_variables)
        try:
            item.load_own_variables(store)
        except ValueError as error:
            if not skip_mismatch:
                raise
            warnings.warn(f"Skipping layer {item.name!r}: {error}", stacklevel=4)
