"""Whole models and weights in HDF5 as Keras 2 lays them out: a group for each layer of the model, weights by their names.

Both generations of Keras read and write it. Weights are matched by their order, or by the names of layers.
"""

from __future__ import annotations

import json
import warnings
from typing import Any

import numpy as np

from thalweg.keras.saving import hdf5, keras2, registration

# What is written: the last version of Keras whose files these are.
_VERSION = "2.21.0"
_TOP = "top_level_model_weights"


# -- writing -----------------------------------------------------------------------------------------------------


def write_model(model: Any, path: str, include_optimizer: bool = True) -> None:
    """Write a whole model. Raises NotImplementedError for one without a config."""
    with hdf5.writing(path) as h5:
        _write_versions(h5)
        h5.attrs["model_config"] = json.dumps(keras2.written(registration.serialize_keras_object(model)))
        write_weights(model, h5.create_group("model_weights"))
        if include_optimizer and model.compiled:
            h5.attrs["training_config"] = json.dumps(keras2.training_config(model))
            if model.optimizer.built:
                _write_named(h5.create_group("optimizer_weights"), model.optimizer._without_rate())


def write_weights(model: Any, group: Any) -> None:
    """Write the weights of a model into an open group of h5py."""
    _write_versions(group)
    hdf5.write_texts(group, "layer_names", [layer.name for layer in model.layers])
    for layer in sorted(model.layers, key=lambda layer: layer.name):
        _write_named(group.create_group(layer.name), _in_old_order(layer))
    _write_named(group.create_group(_TOP), _own(model))


def _write_versions(group: Any) -> None:
    group.attrs["backend"], group.attrs["keras_version"] = b"tensorflow", _VERSION.encode()


def _write_named(group: Any, variables: list[Any]) -> None:
    names: list[str] = []
    for variable in variables:
        base = name = variable.name.removesuffix(":0")
        i = 0
        while f"{name}:0" in names:
            i += 1
            name = f"{base}_{i}"
        names.append(f"{name}:0")
    hdf5.write_texts(group, "weight_names", names)
    for name, variable in zip(names, variables):
        hdf5.write_array(group, name, variable.numpy())


def _in_old_order(layer: Any) -> list[Any]:
    """The weights as Keras 2 orders them: first all that are trained."""
    return layer.trainable_weights + layer.non_trainable_weights


def _own(model: Any) -> list[Any]:
    trainable, rest = model._own_split()
    return trainable + rest


# -- reading -----------------------------------------------------------------------------------------------------


def read_model(root: hdf5.Group, path: str, compile: bool) -> Any:
    """The model in an open file; its classes are looked up in the open scopes."""
    text = root.text("model_config")
    if text is None:
        raise ValueError(f"No model config found in the file {path!r}: it may hold weights alone (load_weights).")
    model = registration.deserialize_keras_object(json.loads(text))
    weights = root.group("model_weights")
    if not hasattr(model, "load_weights") or weights is None:
        raise ValueError(f"The file {path!r} does not hold a model and its weights.")
    load_weights(model, weights)
    training = root.text("training_config")
    if compile and training is not None:
        model.compile(**keras2.compile_arguments(json.loads(training)))
        saved = root.group("optimizer_weights")
        if saved is not None:
            _load_optimizer(model, saved)
    return model


def _load_optimizer(model: Any, group: hdf5.Group) -> None:
    model.optimizer.build(model.trainable_variables)
    store = {str(i): value for i, value in enumerate(_arrays(group))}
    try:
        model.optimizer.load_own_variables(store)
    except ValueError as error:
        warnings.warn(f"The optimizer of {model.name!r} starts anew: {error}", stacklevel=4)


def is_weights(root: hdf5.Group) -> bool:
    """Whether an open file is of this layout."""
    return bool(root.texts("layer_names")) or root.group("model_weights") is not None


def load_weights(model: Any, group: hdf5.Group, skip_mismatch: bool = False, by_name: bool = False) -> None:
    """Give a model the weights of a group. Raises ValueError where they do not fit, unless `skip_mismatch`."""
    group = group.group("model_weights") or group
    names = group.texts("layer_names")
    saved = {name: _arrays(group.group(name)) for name in names}
    if by_name:
        pairs = [(layer, saved[layer.name]) for layer in model.layers if layer.name in saved]
    else:
        layers = [layer for layer in model.layers if layer.weights]
        filled = [arrays for arrays in saved.values() if arrays]
        if len(layers) != len(filled):
            raise ValueError(
                f"Layer count mismatch when loading weights from file. Model expected {len(layers)} layers, found "
                f"{len(filled)} saved layers."
            )
        pairs = list(zip(layers, filled))
    top = group.group(_TOP)
    checked = [(layer, _in_old_order(layer), arrays) for layer, arrays in pairs]
    if top is not None and (arrays := _arrays(top)):
        checked.append((model, _own(model), arrays))
    for layer, variables, arrays in checked:
        misfit = _misfit(layer, variables, arrays)
        if misfit and not skip_mismatch:
            raise ValueError(misfit)
        if misfit:
            warnings.warn(f"Skipping loading of weights for {layer.name!r}: {misfit}", stacklevel=4)
            continue
        for variable, value in zip(variables, arrays):
            variable.assign(np.asarray(value).astype(variable.dtype.as_numpy_dtype))
        for part in layer._flatten_layers():
            if hasattr(part, "finalize_state") and part.built:
                part.finalize_state()


def _misfit(layer: Any, variables: list[Any], arrays: list[Any]) -> str | None:
    if len(variables) != len(arrays):
        return f"Layer {layer.name!r} expects {len(variables)} weight(s), but the file holds {len(arrays)} for it."
    for variable, array in zip(variables, arrays):
        if tuple(variable.shape) != array.shape:
            return (
                f"Weight {variable.name!r} of layer {layer.name!r} has shape {tuple(variable.shape)}, but the file holds an "
                f"array of shape {array.shape}."
            )
    return None


def _arrays(group: hdf5.Group | None) -> list[hdf5.Array]:
    """The arrays of a group in the order of its `weight_names`; they are read when they are used."""
    if group is None:
        raise ValueError("The file names a layer for which it has no group: it is damaged.")
    arrays = []
    for name in group.texts("weight_names"):
        array = group.array(name)
        if array is None:
            raise ValueError(f"The file names a weight {name!r} which it does not hold: it is damaged.")
        arrays.append(array)
    return arrays
