"""Whole files in graphs: read, written, found.

Source: https://www.tensorflow.org/api_docs/python/tf/io/read_file
"""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from thalweg.engine.core import dtypes, errors
from thalweg.engine.core.registry import op
from thalweg.engine.core.shape import TensorShape
from thalweg.engine.formats import files

_SCALAR = TensorShape([])
_S = dtypes.string


def _path(filename: Any) -> str:
    if filename.ndim:
        raise errors.invalid(f"Input filename tensor must be scalar, but had shape: {list(filename.shape)}")
    return os.fsdecode(filename.item())


def _box(data: bytes) -> np.ndarray:
    box = np.empty((), object)
    box[()] = data
    return box


@op("ReadFile", types=(_S,), out=_S, shape=lambda *_, **__: _SCALAR, host=True)
def read_file(xp: Any, filename: Any) -> Any:
    """A file's bytes, as a scalar string. Raises NotFoundError if there is none."""
    with files.GFile(_path(filename), "rb") as file:
        return _box(file.read())


@op("WriteFile", types=(_S, _S), out=(), shape=lambda *_, **__: (), host=True, stateful=True)
def write_file(xp: Any, filename: Any, contents: Any) -> None:
    """Write a file of these bytes, making its folder if it is missing."""
    path = _path(filename)
    if contents.ndim:
        raise errors.invalid(f"Contents tensor must be scalar, but had shape: {list(contents.shape)}")
    files.makedirs(os.path.dirname(path) or ".")
    with files.GFile(path, "wb") as file:
        file.write(contents.item())


@op("MatchingFiles", types=(_S,), out=_S, shape=lambda *_, **__: TensorShape([None]), host=True)
def matching_files(xp: Any, pattern: Any) -> Any:
    """The paths that match a pattern, or any of several, in order: a vector of strings."""
    found = sorted({os.fsencode(p) for one in pattern.reshape(-1).tolist() for p in files.glob(os.fsdecode(one))})
    out = np.empty(len(found), object)
    out[:] = found
    return out
