"""Models in files: `.keras` (architecture, weights, optimizer, compile arguments), `.weights.h5` and `.npz` (weights).

What is written replaces the old file in one step. What is read can name only known and registered classes, see
`saving.registration`, and is bounded in size before it is read.
"""

from __future__ import annotations

import io
import json
import os
import time
import zipfile
from typing import Any

import numpy as np

from thalweg.keras.saving import registration, weights
from thalweg.keras.utils.files import written_whole

_VERSION = "3.15.0"
_CONFIG_LIMIT = 256 * 2**20
# A member of an archive that grows by more than this, and is larger than a megabyte, is not a model.
_EXPANSION_LIMIT = 100


# -- whole models ------------------------------------------------------------------------------------------------


def save_model(model: Any, filepath: Any, overwrite: bool = True, **kwargs: Any) -> None:
    """Write a model to a `.keras` file. Raises ValueError for another ending, FileExistsError unless `overwrite`."""
    path = os.fspath(filepath)
    if not path.endswith(".keras"):
        raise ValueError(
            f"Invalid filepath extension for saving: {path!r}. Write the whole model to a file ending in '.keras', or "
            "weights alone with save_weights('name.weights.h5')."
        )
    _check_free(path, overwrite)
    config = json.dumps(registration.serialize_keras_object(model))
    buffer = io.BytesIO()
    weights.write_h5(model, buffer)
    metadata = {"keras_version": _VERSION, "date_saved": time.strftime("%Y-%m-%d@%H:%M:%S")}
    with written_whole(path) as temporary, zipfile.ZipFile(temporary, "w") as archive:
        archive.writestr("metadata.json", json.dumps(metadata))
        archive.writestr("config.json", config)
        archive.writestr("model.weights.h5", buffer.getbuffer())


def load_model(filepath: Any, custom_objects: Any = None, compile: bool = True, safe_mode: bool = True) -> Any:
    """Read a model from a `.keras` file. Raises ValueError when it is not one, TypeError for unknown classes.

    custom_objects: your own classes and functions by name. compile: whether to compile it as it was.
    """
    path = _existing(filepath)
    if not zipfile.is_zipfile(path):
        raise ValueError(f"File {path!r} is not a `.keras` file (a zip archive with a config and weights).")
    with zipfile.ZipFile(path) as archive:
        config = json.loads(_member(archive, "config.json", _CONFIG_LIMIT))
        compile_config = config.pop("compile_config", None) if isinstance(config, dict) else None
        with registration.CustomObjectScope(custom_objects):
            model = registration.deserialize_keras_object(config)
            if compile and compile_config:
                model.compile_from_config(compile_config)
        _load_h5(model, io.BytesIO(_member(archive, "model.weights.h5", None)), False)
    return model


def _member(archive: zipfile.ZipFile, name: str, limit: int | None) -> bytes:
    """The bytes of a member of an archive. Raises ValueError if it is missing, or larger than it can rightly be."""
    try:
        info = archive.getinfo(name)
    except KeyError:
        raise ValueError(f"The file {archive.filename!r} has no member {name!r}: it is not a saved model.") from None
    too_large = limit is not None and info.file_size > limit
    if too_large or (info.file_size > 2**20 and info.file_size > _EXPANSION_LIMIT * max(info.compress_size, 1)):
        raise ValueError(f"The member {name!r} of {archive.filename!r} claims {info.file_size} bytes: it is refused.")
    return archive.read(info)


# -- weights -------------------------------------------------------------------------------------------------------


def save_weights(model: Any, filepath: Any, overwrite: bool = True) -> None:
    """Write a model's weights to a file ending in `.weights.h5` (or `.h5`), or `.npz`."""
    path = os.fspath(filepath)
    _check_free(path, overwrite)
    if not model.built:
        raise ValueError(
            f"You are saving the weights of model {model.name!r}, which is not built: it has none yet. Call it on data, or "
            "build(input_shape), first."
        )
    if path.endswith((".h5", ".hdf5")):
        with written_whole(path) as temporary:
            weights.write_h5(model, temporary)
    elif path.endswith(".npz"):
        with written_whole(path) as temporary, open(temporary, "wb") as file:
            arrays: dict[str, Any] = weights.flat_arrays(model)
            np.savez(file, **arrays)
    else:
        raise ValueError(
            f"The filename must end in '.weights.h5' or '.npz', but it is {path!r}: that says the format to write."
        )


def load_weights(model: Any, filepath: Any, skip_mismatch: bool = False) -> None:
    """Read weights into a model, from what `save_weights` or `save_model` wrote.

    skip_mismatch: warn about layers that do not fit, and leave them. Raises ValueError without it.
    """
    path = _existing(filepath)
    if path.endswith(".keras"):
        with zipfile.ZipFile(path) as archive:
            _load_h5(model, io.BytesIO(_member(archive, "model.weights.h5", None)), skip_mismatch)
    elif path.endswith((".h5", ".hdf5")):
        _load_h5(model, path, skip_mismatch)
    elif path.endswith(".npz"):
        with np.load(path, allow_pickle=False) as arrays:
            names = list(arrays)

            def entries(layer: str) -> dict[str, Any]:
                prefix = f"{layer}/vars/" if layer else "vars/"
                return {name.removeprefix(prefix): arrays[name] for name in names if name.startswith(prefix)}

            weights.load_entries(model, entries, skip_mismatch)
    else:
        raise ValueError(f"Weights are read from files ending in '.weights.h5', '.keras' or '.npz', not from {path!r}.")


def _load_h5(model: Any, file: Any, skip_mismatch: bool) -> None:
    import h5py

    with h5py.File(file, "r") as h5:
        weights.load_entries(model, lambda path: weights.h5_entries(h5, path), skip_mismatch)


# -- paths -----------------------------------------------------------------------------------------------------------


def _check_free(path: str, overwrite: bool) -> None:
    if not overwrite and os.path.exists(path):
        raise FileExistsError(f"{path!r} exists: pass overwrite=True to replace it, or write to another file.")


def _existing(filepath: Any) -> str:
    path = os.fspath(filepath)
    if not os.path.exists(path):
        raise ValueError(f"File not found: {path!r}.")
    if os.path.isdir(path):
        raise ValueError(f"{path!r} is a folder, not a file with a model or weights.")
    return path
