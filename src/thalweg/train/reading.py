"""Looking into checkpoints: what is in them, under which name."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from thalweg.engine.core import dtypes
from thalweg.engine.formats.bundle import BundleReader, bundle_exists
from thalweg.engine.formats.first_checkpoints import FirstCheckpointReader, is_first_checkpoint
from thalweg.train.states import prefix_in


def open_checkpoint(prefix: Any) -> Any:
    """A reader of a checkpoint: of a bundle, or of one of TensorFlow's first (V1) files."""
    if not bundle_exists(os.fspath(prefix)) and is_first_checkpoint(prefix):
        return FirstCheckpointReader(prefix)
    return BundleReader(prefix)


class CheckpointReader:
    """A checkpoint's tensors by name. Raises NotFoundError when there is no checkpoint."""

    def __init__(self, prefix: Any):
        self._reader: Any = open_checkpoint(prefix)

    def get_variable_to_shape_map(self) -> dict[str, list[int]]:
        return {name: list(e.shape) for name, e in self._reader.entries.items()}

    def get_variable_to_dtype_map(self) -> dict[str, dtypes.DType]:
        return {name: e.dtype for name, e in self._reader.entries.items()}

    def has_tensor(self, tensor_str: str) -> bool:
        return tensor_str in self._reader.entries

    def get_tensor(self, tensor_str: str) -> Any:
        """The tensor as an array, a string scalar as bytes. Raises NotFoundError if there is none of the name."""
        array = np.array(self._reader.read(tensor_str))
        return array.item() if array.dtype == object and not array.ndim else array[()]

    def debug_string(self) -> bytes:
        lines = [f"{n} (DT_{e.dtype.name.upper()}) {list(e.shape)}" for n, e in self._reader.entries.items()]
        return "\n".join(lines).encode()


def load_checkpoint(ckpt_dir_or_file: Any) -> CheckpointReader:
    """A reader of a checkpoint, or of a directory's latest. Raises ValueError for a directory without one."""
    return CheckpointReader(prefix_in(ckpt_dir_or_file))


def list_variables(ckpt_dir_or_file: Any) -> list[tuple[str, list[int]]]:
    """The names and shapes of a checkpoint's tensors, sorted."""
    return sorted(load_checkpoint(ckpt_dir_or_file).get_variable_to_shape_map().items())


def load_variable(ckpt_dir_or_file: Any, name: str) -> Any:
    """One tensor of a checkpoint; a name may end in `:0`."""
    return load_checkpoint(ckpt_dir_or_file).get_tensor(name.removesuffix(":0"))
