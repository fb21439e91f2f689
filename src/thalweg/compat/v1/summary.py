"""`tf.summary` as TensorFlow 1 has it: ops that give serialized summaries, and a writer for them.

Source: https://www.tensorflow.org/api_docs/python/tf/compat/v1/summary
"""

from __future__ import annotations

import re
import warnings
from typing import Any

from thalweg.compat.v1 import summary_ops as ops
from thalweg.compat.v1.graph import GraphKeys
from thalweg.compat.v1.summary_writer import FileWriter as FileWriter, FileWriterCache as FileWriterCache
from thalweg.engine.core import convert, dtypes
from thalweg.engine.core.context import local
from thalweg.engine.core.graph import get_default_graph, name_scope
from thalweg.engine.formats.messages import (
    Event as Event,
    SessionLog as SessionLog,
    Summary as Summary,
    SummaryDescription as SummaryDescription,
    SummaryMetadata,
    TaggedRunMetadata as TaggedRunMetadata,
)
from thalweg.engine.formats.summaries import metadata
from thalweg.summary.writing import all_summary_ops as all_v2_summary_ops, flush_writers

_NOT_IN_TAGS = re.compile(r"[^-/\w\.]")


def _clean(name: str) -> str:
    """A name as tags have it: without characters that a scope may not have."""
    if name is None:
        raise ValueError("A summary needs a name.")
    cleaned = _NOT_IN_TAGS.sub("_", str(name)).lstrip("/")
    if cleaned != name:
        warnings.warn(f"Summary name {name} is illegal; using {cleaned} instead.", stacklevel=4)
    return cleaned


class _Named:
    """Opens the scope that names a summary; gives the tag and the op's name."""

    def __init__(self, name: str, family: str | None = None):
        self._family = None if family is None else _clean(family)
        name = _clean(name)
        self._scope = name_scope(name if family is None else f"{self._family}/{name}")

    def __enter__(self) -> tuple[str, str]:
        scope = self._scope.__enter__()
        tag = scope.rstrip("/")
        return (tag if self._family is None else f"{self._family}/{tag}"), scope

    def __exit__(self, *exc: Any) -> None:
        self._scope.__exit__(*exc)


def _collected(result: Any, collections: Any) -> Any:
    """Put a summary where `merge_all` finds it."""
    if local.graph is not None:
        for key in [GraphKeys.SUMMARIES] if collections is None else collections:
            get_default_graph().add_to_collection(key, result)
    return result


def scalar(name: str, tensor: Any, collections: Any = None, family: str | None = None) -> Any:
    """A summary of one number."""
    with _Named(name, family) as (tag, scope):
        return _collected(ops.scalar_summary(tag, tensor, name=scope), collections)


def histogram(name: str, values: Any, collections: Any = None, family: str | None = None) -> Any:
    """A summary of how values are spread."""
    with _Named(name, family) as (tag, scope):
        return _collected(ops.histogram_summary(tag, values, name=scope), collections)


def image(name: str, tensor: Any, max_outputs: int = 3, collections: Any = None, family: str | None = None) -> Any:
    """A summary of images `[count, height, width, channels]`, of 1, 3 or 4 channels."""
    with _Named(name, family) as (tag, scope):
        return _collected(ops.image_summary(tag, tensor, max_images=max_outputs, name=scope), collections)


def audio(
    name: str, tensor: Any, sample_rate: Any, max_outputs: int = 3, collections: Any = None, family: str | None = None
) -> Any:
    """A summary of sounds `[count, frames, channels]` or `[count, frames]`, between -1 and 1."""
    with _Named(name, family) as (tag, scope):
        rate = convert.convert_to_tensor(sample_rate, dtype=dtypes.float32, name="sample_rate")
        return _collected(ops.audio_summary(tag, tensor, rate, max_outputs=max_outputs, name=scope), collections)


def tensor_summary(
    name: str, tensor: Any, summary_description: str | None = None, collections: Any = None, summary_metadata: Any = None,
    family: str | None = None, display_name: str | None = None,
) -> Any:  # fmt: skip
    """A summary of a tensor as it is, with what its dashboard is told."""
    described = SummaryMetadata() if summary_metadata is None else SummaryMetadata.FromString(summary_metadata.SerializeToString())
    if display_name is not None:
        described.display_name = display_name
    if summary_description is not None:
        described.summary_description = summary_description
    with _Named(name, family) as (tag, scope):
        return _collected(ops.tensor_summary(tag, tensor, described.SerializeToString(), name=scope), collections)


def text(name: str, tensor: Any, collections: Any = None) -> Any:
    """A summary of text, shown as Markdown. Raises ValueError for what is no string."""
    tensor = convert.convert_to_tensor(tensor)
    if tensor.dtype.base_dtype is not dtypes.string:
        raise ValueError(f"Expected tensor {tensor} to have dtype string, got {tensor.dtype}")
    return tensor_summary(name, tensor, collections=collections, summary_metadata=SummaryMetadata.FromString(metadata("text")))


def merge(inputs: Any, collections: Any = None, name: str | None = None) -> Any:
    """Several summaries as one. Raises RuntimeError where ops run at once."""
    if local.graph is None and not any(hasattr(x, "op") for x in inputs if not isinstance(x, (bytes, str))):
        raise RuntimeError(
            "Merging tf.summary.* ops is not compatible with eager execution. Use tf.summary.create_file_writer instead."
        )
    inputs = [i for i in inputs if i is not None]
    with name_scope(name, "Merge", inputs):
        result = ops.merge_summary(*inputs, name=name)
    if local.graph is not None:
        for key in collections or ():
            get_default_graph().add_to_collection(key, result)
    return result


def merge_all(key: str = GraphKeys.SUMMARIES, scope: str | None = None, name: str | None = None) -> Any:
    """All summaries of the default graph as one; None if there are none."""
    found = get_default_graph().get_collection(key, scope=scope)
    return merge(found, name=name) if found else None


def get_summary_description(node_def: Any) -> Any:
    """The `SummaryDescription` that a TensorSummary node was made with."""
    if node_def.op != "TensorSummary":
        raise ValueError(f"Can't get_summary_description on {node_def.op}")
    description = SummaryDescription()
    from google.protobuf import json_format

    json_format.Parse(node_def.attr["description"].s.decode(), description)
    return description


def initialize(graph: Any = None, session: Any = None) -> None:
    """Accepted: writers are ready when they are made."""


__all__ = ["all_v2_summary_ops", "flush_writers"]
