"""TensorFlow 1's names. `import thalweg.compat.v1 as tf` starts in graph mode, as TensorFlow 1 does.

Reached as an attribute, `tf.compat.v1`, it changes no mode. Names that are the same in both generations come from `thalweg`.
"""

from __future__ import annotations

import sys
from typing import Any

import thalweg as _tf
from thalweg.compat.v1.graph import *  # noqa: F403
from thalweg.compat.v1.variable_scope import (
    AUTO_REUSE as AUTO_REUSE,
    VariableScope as VariableScope,
    get_local_variable as get_local_variable,
    get_variable as get_variable,
    get_variable_scope as get_variable_scope,
    no_regularizer as no_regularizer,
    variable_op_scope as variable_op_scope,
    variable_scope as variable_scope,
)


def __getattr__(name: str) -> Any:
    return getattr(_tf, name)


def __dir__() -> list[str]:
    return sorted({*globals(), *dir(_tf)})


def _imported_by_user() -> bool:
    """Whether the import statement that loads this module is a user's, not this package's own."""
    frame = sys._getframe(1)
    while frame is not None and ("importlib" in frame.f_code.co_filename or frame.f_globals.get("__name__") == __name__):
        frame = frame.f_back  # type: ignore[assignment]
    return frame is not None and not str(frame.f_globals.get("__name__", "")).startswith("thalweg")


if _imported_by_user():
    disable_v2_behavior()  # noqa: F405
