"""What tests ask of the machine, and their runner."""

from __future__ import annotations

import os
import tempfile
import unittest
from typing import Any

_temp_dir: list[str] = []


def main(argv: Any = None) -> None:
    """Run the tests of the program."""
    unittest.main(argv=argv)


def get_temp_dir() -> str:
    """A folder for this process' test files."""
    if not _temp_dir:
        _temp_dir.append(tempfile.mkdtemp())
    os.makedirs(_temp_dir[0], exist_ok=True)
    return _temp_dir[0]


def is_gpu_available(cuda_only: bool = False, min_cuda_compute_capability: Any = None) -> bool:
    """Whether compiled programs run on a GPU."""
    from thalweg.engine.xp import jax

    return jax().default_backend() == "gpu"


def is_built_with_cuda() -> bool:
    return is_gpu_available()


def is_built_with_gpu_support() -> bool:
    return is_gpu_available()


def is_built_with_rocm() -> bool:
    return False


def is_built_with_xla() -> bool:
    return True


def gpu_device_name() -> str:
    return "/device:GPU:0" if is_gpu_available() else ""
