"""`tf.sysconfig`: how this package was built. It is pure Python: there is nothing to compile or link against.

Source: https://www.tensorflow.org/api_docs/python/tf/sysconfig
"""

from __future__ import annotations

import os
from typing import Any

CXX11_ABI_FLAG = 1
CXX_VERSION = 201703
MONOLITHIC_BUILD = 0


def get_build_info() -> dict[str, Any]:
    """Whether it runs on a GPU is JAX's business, so no build of this package is "for CUDA"."""
    return {"is_cuda_build": False, "is_rocm_build": False, "is_tensorrt_build": False}


def get_include() -> str:
    """The folder of this package; it has no C++ headers."""
    return os.path.dirname(__file__)


get_lib = get_include


def get_compile_flags() -> list[str]:
    """Raises NotImplementedError: custom C++ ops are not offered."""
    raise NotImplementedError("Custom C++ ops are not offered: write the op in Python with tf.py_function or tf.custom_gradient.")


get_link_flags = get_compile_flags
