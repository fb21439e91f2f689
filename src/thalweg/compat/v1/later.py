"""Where TensorFlow 1's names stand that are loaded when first used: pages and modules of this package, and other packages."""

from __future__ import annotations

import importlib
from typing import Any

_MODULES = {
    "distributions", "graph_util", "manip", "queue", "resource_loader", "saved_model", "spectral", "test", "tpu", "user_ops",
    "xla",
}  # fmt: skip
_ELSEWHERE = {"contrib": "thalweg.contrib", "estimator": "thalweg.estimator", "feature_column": "thalweg.feature_column",
              "distribute": "thalweg.distribute"}  # fmt: skip
_PAGES = {
    "partitioners": {"fixed_size_partitioner", "min_max_variable_partitioner", "variable_axis_size_partitioner"},
    "printing": {"Print"},
    "queues": {"FIFOQueue", "PaddingFIFOQueue", "PriorityQueue", "QueueBase", "RandomShuffleQueue"},
    "readers": {
        "FixedLengthRecordReader", "IdentityReader", "LMDBReader", "ReaderBase", "TFRecordReader", "TextLineReader",
        "WholeFileReader",
    },
    "templates": {"make_template"},
    "graph_import": {"import_graph_def"},
    "various": {
        "AggregationMethod", "NoGradient", "NotDifferentiable", "OpError", "RegisterGradient", "add_check_numerics_ops",
        "create_partitioned_variables", "delete_session_tensor", "get_session_handle", "get_session_tensor", "guarantee_const",
        "hessians", "initialize_all_tables", "load_library", "load_op_library", "no_gradient", "wrap_function",
    },
}  # fmt: skip
_PAGE_OF = {name: page for page, names in _PAGES.items() for name in names}


def find(name: str) -> Any:
    """What is called so; None if nothing is."""
    if name in _MODULES:
        return importlib.import_module(f"thalweg.compat.v1.{name}")
    if name in _ELSEWHERE:
        return importlib.import_module(_ELSEWHERE[name])
    if name in _PAGE_OF:
        return getattr(importlib.import_module(f"thalweg.compat.v1.{_PAGE_OF[name]}"), name)
    return None
