"""`tf.summary`: what TensorBoard shows.

TensorFlow 1's names (`merge_all`, `FileWriter`) work beside TensorFlow 2's.
"""

from __future__ import annotations

import importlib
from typing import Any

from thalweg.summary import experimental as experimental
from thalweg.summary.kinds import audio as audio, histogram as histogram, image as image, text as text
from thalweg.summary.writing import (
    SummaryWriter as SummaryWriter,
    create_file_writer as create_file_writer,
    create_noop_writer as create_noop_writer,
    flush as flush,
    import_event as import_event,
    record_if as record_if,
    scalar as scalar,
    should_record_summaries as should_record_summaries,
    write as write,
)

# Loaded when first used: they take protobuf, or are seldom needed.
_PAGES = {
    "timeline": ("Timeline",),
    "settings": ("hparams", "hparams_config", "hparams_end"),
    "dashboards": ("custom_scalars", "mesh", "pr_curve"),
    "graphs": ("graph", "keras_model", "trace_export", "trace_off", "trace_on"),
    "projection": ("embeddings",),
    "reading": ("summary_iterator", "to_frame"),
}
_LATER = {name: page for page, names in _PAGES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name in _LATER:
        found = globals()[name] = getattr(importlib.import_module(f"thalweg.summary.{_LATER[name]}"), name)
        return found
    if not name.startswith("_"):
        found = vars(importlib.import_module("thalweg.compat.v1.summary")).get(name)
        if found is not None:
            return found
    raise AttributeError(f"module 'thalweg.summary' has no attribute {name!r}")
