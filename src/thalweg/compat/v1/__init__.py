"""TensorFlow 1's names. `import thalweg.compat.v1 as tf` starts in graph mode, as TensorFlow 1 does.

Reached as an attribute, `tf.compat.v1`, it changes no mode. Names that are the same in both generations come from `thalweg`.
"""

from __future__ import annotations

import importlib
import sys
from typing import Any

import thalweg as _tf
from thalweg.compat.v1 import (
    app as app,
    debugging as debugging,
    flags as flags,
    gfile as gfile,
    later as later,
    layers as layers,
    logging as logging,
    losses as losses,
    math as math,
    metrics as metrics,
    nn as nn,
    train as train,
)
from thalweg.compat.v1.arithmetic import *
from thalweg.compat.v1.arrays import *
from thalweg.compat.v1.assertions import *
from thalweg.compat.v1.config_protos import (
    ConfigProto as ConfigProto,
    GPUOptions as GPUOptions,
    GraphOptions as GraphOptions,
    OptimizerOptions as OptimizerOptions,
)
from thalweg.compat.v1.graph import *
from thalweg.compat.v1.initializers import (
    constant_initializer as constant_initializer,
    glorot_normal_initializer as glorot_normal_initializer,
    glorot_uniform_initializer as glorot_uniform_initializer,
    ones_initializer as ones_initializer,
    orthogonal_initializer as orthogonal_initializer,
    random_normal_initializer as random_normal_initializer,
    random_uniform_initializer as random_uniform_initializer,
    truncated_normal_initializer as truncated_normal_initializer,
    uniform_unit_scaling_initializer as uniform_unit_scaling_initializer,
    variance_scaling_initializer as variance_scaling_initializer,
    zeros_initializer as zeros_initializer,
)
from thalweg.compat.v1.linalg_names import *
from thalweg.compat.v1.older import *
from thalweg.compat.v1.random import (
    get_seed as get_seed,
    multinomial as multinomial,
    random_crop as random_crop,
    random_gamma as random_gamma,
    random_normal as random_normal,
    random_poisson as random_poisson,
    random_shuffle as random_shuffle,
    random_uniform as random_uniform,
    set_random_seed as set_random_seed,
    truncated_normal as truncated_normal,
)
from thalweg.compat.v1.sparse_names import *
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
from thalweg.engine.core.graph import get_default_graph as get_default_graph, reset_default_graph as reset_default_graph
from thalweg.engine.execution.python_calls import numpy_function as py_func
from thalweg.engine.execution.session import InteractiveSession as InteractiveSession, Session as Session

__version__ = "1.15.5"  # what programs ask for before they run: the names are those of TensorFlow 1.15
_INTERNAL = {"annotations", "Any", "Callable", "contextlib", "context", "convert", "graphs", "importlib", "nest", "state", "sys"}


_LATER = {"data", "python_io", "summary"}  # modules of this package that are loaded when first used
_NAMES_LATER = {  # names on pages of this package that are loaded when first used
    "protos": {
        "AttrValue", "Event", "GraphDef", "HistogramProto", "LogMessage", "MetaGraphDef", "NameAttrList", "NodeDef", "OpDef",
        "RunMetadata", "RunOptions", "SessionLog", "Summary", "SummaryMetadata", "TensorInfo", "make_ndarray", "make_tensor_proto",
    },
    "parsing": {
        "FixedLenFeature", "FixedLenSequenceFeature", "SparseFeature", "VarLenFeature", "decode_csv", "parse_example",
        "parse_single_example", "parse_single_sequence_example",
    },
}  # fmt: skip


def _find_later(name: str) -> Any:
    """What is on a page that is loaded when first used; None if nothing is called so."""
    if name in _LATER:
        return importlib.import_module(f"thalweg.compat.v1.{name}")
    found = later.find(name)
    if found is not None:
        return found
    page = next((page for page, names in _NAMES_LATER.items() if name in names), None)
    return None if page is None else getattr(importlib.import_module(f"thalweg.compat.v1.{page}"), name)


def __getattr__(name: str) -> Any:
    found = _find_later(name)
    return getattr(_tf, name) if found is None else found


def __dir__() -> list[str]:
    return sorted({*globals(), *dir(_tf)})


def _imported_by_user() -> bool:
    """Whether the import statement that loads this module is a user's, not this package's own."""
    frame = sys._getframe(1)
    while frame is not None and ("importlib" in frame.f_code.co_filename or frame.f_globals.get("__name__") == __name__):
        frame = frame.f_back  # type: ignore[assignment]
    return frame is not None and not str(frame.f_globals.get("__name__", "")).startswith("thalweg")


if _imported_by_user():
    disable_v2_behavior()
