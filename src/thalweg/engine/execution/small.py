"""Small questions to the library: its logger, the time, whether a function is being traced."""

from __future__ import annotations

import logging
import time
from typing import Any

import numpy as np

from thalweg.engine.core import dtypes
from thalweg.engine.core.context import local
from thalweg.engine.core.tensor import EagerTensor
from thalweg.engine.core.tensor_spec import TensorSpec
from thalweg.engine.execution.python_calls import HostOp


def get_logger() -> logging.Logger:
    """The logger that programs set the level of; this package writes nothing to it by itself."""
    return logging.getLogger("tensorflow")


def inside_function() -> bool:
    """Whether a function is being traced.

    >>> tf.inside_function()
    False
    """
    return local.graph is not None and bool(local.graph.building_function)


_timestamp_op = HostOp(
    lambda xp: (np.array(time.time()),), "Timestamp", lambda attrs: [TensorSpec([], dtypes.float64)]
)


def timestamp(name: str | None = None) -> Any:
    """Seconds since 1970, as float64: of now, or of each time the graph runs."""
    return EagerTensor(np.array(time.time())) if local.graph is None else _timestamp_op(name=name)[0]
