"""`.keras` files: a zip archive with the config, the weights, and files that layers keep (vocabularies).

Members are read by name, never unpacked to where they say. Sizes are checked before anything is read.
"""

from __future__ import annotations

import contextlib
import io
import json
import math
import os
import tempfile
import time
import zipfile
from collections.abc import Iterator
from typing import Any

import numpy as np

from thalweg.keras.saving import hdf5, registration, weights

CONFIG, METADATA, WEIGHTS, WEIGHTS_NPZ, ASSETS = (
    "config.json", "metadata.json", "model.weights.h5", "model.weights.npz", "assets",
)  # fmt: skip
#: The version of Keras whose files these are.
KERAS_VERSION = "3.15.0"
_CONFIG_LIMIT = 256 * 2**20
# A member of an archive that grows by more than this, and is larger than a megabyte, is not part of a model.
_SMALL, _EXPANSION_LIMIT = 2**20, 100


# -- writing -----------------------------------------------------------------------------------------------------


def write(model: Any, path: str) -> None:
    """Write a model to a `.keras` file."""
    with registration.sharing():
        config = json.dumps(registration.serialize_keras_object(model))
    metadata = {"keras_version": KERAS_VERSION, "date_saved": time.strftime("%Y-%m-%d@%H:%M:%S")}
    buffer = io.BytesIO()
    weights.write_h5(model, buffer)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(METADATA, json.dumps(metadata))
        archive.writestr(CONFIG, config)
        archive.writestr(WEIGHTS, buffer.getbuffer())
        _write_assets(model, archive)


def _write_assets(model: Any, archive: zipfile.ZipFile) -> None:
    for place, item in weights.walk(model):
        if not hasattr(item, "save_assets"):
            continue
        with tempfile.TemporaryDirectory() as folder:
            item.save_assets(folder)
            for name in sorted(os.listdir(folder)):
                archive.write(os.path.join(folder, name), "/".join(filter(None, (ASSETS, place, name))))


# -- reading -----------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def opened(path: str) -> Iterator[zipfile.ZipFile]:
    """The archive at a path. Raises ValueError if it is none."""
    if not zipfile.is_zipfile(path):
        raise ValueError(f"File {path!r} is not a `.keras` file (a zip archive with a config and weights).")
    with zipfile.ZipFile(path) as archive:
        yield archive


def read(path: str, compile: bool) -> Any:
    """The model in a `.keras` file; its classes are looked up in the open scopes."""
    with opened(path) as archive:
        config = json.loads(member(archive, CONFIG, _CONFIG_LIMIT))
        if not isinstance(config, dict):
            raise ValueError(f"The config of {path!r} must be a dict, but it is {type(config).__name__}.")
        compile_config = config.pop("compile_config", None)
        with registration.sharing():
            model = registration.deserialize_keras_object(config)
            if not hasattr(model, "load_weights"):
                raise TypeError(f"The config of {path!r} describes a {type(model).__name__}, which is no model.")
            if compile and compile_config:
                model.compile_from_config(compile_config)
        _read_assets(model, archive)
        read_weights(model, archive, False)
    return model


def read_weights(model: Any, archive: zipfile.ZipFile, skip_mismatch: bool) -> None:
    """Give a model the weights in an open archive."""
    if WEIGHTS in archive.namelist() or WEIGHTS_NPZ not in archive.namelist():
        with hdf5.reading(io.BytesIO(member(archive, WEIGHTS))) as root:
            weights.load_entries(model, weights.h5_entries(root), skip_mismatch)
    else:
        raise ValueError("The file keeps its weights as NumPy's `.npz`, which is not read: save it with weights in HDF5.")


def member(archive: zipfile.ZipFile, name: str, limit: int | None = None) -> bytes:
    """The bytes of a member of an archive. Raises ValueError if it is missing, or larger than it can rightly be."""
    try:
        info = archive.getinfo(name)
    except KeyError:
        raise ValueError(f"The file {archive.filename!r} has no member {name!r}: it is not a saved model.") from None
    too_large = limit is not None and info.file_size > limit
    if too_large or (info.file_size > _SMALL and info.file_size > _EXPANSION_LIMIT * max(info.compress_size, 1)):
        raise ValueError(f"The member {name!r} of {archive.filename!r} claims {info.file_size} bytes: it is refused.")
    return archive.read(info)


def npz_arrays(archive: zipfile.ZipFile) -> dict[str, np.ndarray]:
    """The arrays of an open `.npz` file. Raises ValueError for objects and for sizes that are not what is stored."""
    arrays = {}
    for name in archive.namelist():
        data = member(archive, name)
        header = io.BytesIO(data)
        version = np.lib.format.read_magic(header)
        read_header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, fortran, dtype = read_header(header)
        body = memoryview(data)[header.tell() :]
        if dtype.hasobject or math.prod(shape) * dtype.itemsize != len(body):
            raise ValueError(f"The array {name!r} of {archive.filename!r} is not what its header says: it is refused.")
        arrays[name.removesuffix(".npy")] = np.frombuffer(body, dtype).reshape(shape, order="F" if fortran else "C")
    return arrays


def _read_assets(model: Any, archive: zipfile.ZipFile) -> None:
    names = [name for name in archive.namelist() if name.startswith(f"{ASSETS}/")]
    for place, item in weights.walk(model) if names else ():
        if not hasattr(item, "load_assets"):
            continue
        prefix = "/".join(filter(None, (ASSETS, place))) + "/"
        # A layer's files lie directly in its folder: a name with a further part is another layer's, or leads elsewhere.
        own = [name for name in names if name.startswith(prefix) and _is_plain(name.removeprefix(prefix))]
        with tempfile.TemporaryDirectory() as folder:
            for name in own:
                with open(os.path.join(folder, name.removeprefix(prefix)), "wb") as file:
                    file.write(member(archive, name))
            item.load_assets(folder)


def _is_plain(name: str) -> bool:
    return bool(name) and name not in (".", "..") and not set(name) & set("/\\:\0")
