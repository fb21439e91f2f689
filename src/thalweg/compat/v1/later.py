"""Where TensorFlow 1's names stand that are loaded when first used: pages and modules of this package, and other packages."""

from __future__ import annotations

import importlib
import logging
from typing import Any

_MODULES = {
    "distributions", "examples", "graph_util", "image", "initializers", "io", "manip", "queue", "resource_loader", "saved_model",
    "spectral", "test", "tpu", "user_ops", "version", "xla",
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
    "splitting": {"string_split"},
    "templates": {"make_template"},
    "tables": {"tables_initializer"},
    "graph_import": {"import_graph_def"},
    "various": {
        "AggregationMethod", "NoGradient", "NotDifferentiable", "OpError", "RegisterGradient", "add_check_numerics_ops",
        "create_partitioned_variables", "delete_session_tensor", "get_session_handle", "get_session_tensor", "guarantee_const",
        "hessians", "initialize_all_tables", "load_file_system_library", "load_library", "load_op_library", "no_gradient",
        "wrap_function",
    },
}  # fmt: skip
_PAGE_OF = {name: page for page, names in _PAGES.items() for name in names}


# Names that moved to other modules since.
_MOVED = {
    "decode_base64": "io", "decode_compressed": "io", "decode_raw": "io", "encode_base64": "io", "matching_files": "io",
    "parse_tensor": "io", "read_file": "io", "serialize_tensor": "io", "write_file": "io", "decode_json_example": "io",
    "string_join": "strings.join", "string_strip": "strings.strip", "string_to_hash_bucket": "strings.to_hash_bucket",
    "string_to_hash_bucket_fast": "strings.to_hash_bucket_fast", "string_to_hash_bucket_strong": "strings.to_hash_bucket_strong",
    "string_to_number": "strings.to_number", "reduce_join": "strings.reduce_join", "regex_replace": "strings.regex_replace",
    "substr": "strings.substr", "dequantize": "quantization.dequantize",
}  # fmt: skip


def _moved(name: str) -> Any:
    module, _, attribute = _MOVED[name].partition(".")
    return getattr(importlib.import_module(f"thalweg.{module}"), attribute or name)


def find(name: str) -> Any:
    """What is called so; None if nothing is."""
    if name in _MODULES:
        return importlib.import_module(f"thalweg.compat.v1.{name}")
    if name in _ELSEWHERE:
        return importlib.import_module(_ELSEWHERE[name])
    if name in _MOVED:
        return _moved(name)
    if name == "dimension_value":
        return lambda dimension: getattr(dimension, "value", dimension)
    if name in ("VERSION", "GIT_VERSION", "COMPILER_VERSION"):
        return getattr(importlib.import_module("thalweg.compat.v1.version"), name)
    if name == "get_logger":
        return lambda: logging.getLogger("tensorflow")
    if name in _PAGE_OF:
        return getattr(importlib.import_module(f"thalweg.compat.v1.{_PAGE_OF[name]}"), name)
    return None
