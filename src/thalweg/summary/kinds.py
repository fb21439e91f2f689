"""`tf.summary.histogram`, `image`, `audio` and `text`. Source: https://www.tensorflow.org/api_docs/python/tf/summary"""

from __future__ import annotations

from typing import Any

from thalweg.engine.core import convert, dtypes
from thalweg.engine.core.context import local
from thalweg.engine.core.tensor import SymbolicTensor
from thalweg.engine.formats import summaries
from thalweg.summary.writing import legacy_summary, record


def _in_graph(data: Any) -> bool:
    return local.graph is not None or type(data) is SymbolicTensor


def histogram(name: str, data: Any, step: Any = None, buckets: int | None = None, description: str | None = None) -> Any:
    """Write how often values of `data`, of any shape, fall into `buckets` (30) parts of their range.

    For the Histograms and Distributions dashboards. Values that are not finite are not counted.
    """
    if _in_graph(data):
        legacy = legacy_summary("histogram", name, data)
        if legacy is not None:
            return legacy
    count = summaries.DEFAULT_BUCKETS if buckets is None else int(buckets)
    described = summaries.metadata("histograms", b"", description or "")
    return record(
        name, data, step,
        lambda writer, tag, array, number: writer.add_tensor(tag, summaries.histogram_buckets(array, count), number, described),
    )  # fmt: skip


def image(name: str, data: Any, step: Any = None, max_outputs: int = 3, description: str | None = None) -> Any:
    """Write images `[count, height, width, channels]`, at most `max_outputs` of them: for the Images dashboard.

    Floats are between 0 and 1, what lies outside is clipped; uint8 is taken as it is. 1 to 4 channels.
    """
    if _in_graph(data):
        legacy = legacy_summary("image", name, data, max_outputs=max_outputs)
        if legacy is not None:
            return legacy
    described = summaries.metadata("images", b"", description or "")
    return record(
        name, data, step,
        lambda writer, tag, array, number: writer.add_tensor(tag, summaries.image_tensor(array, max_outputs), number, described),
        shape=[None] * 4, form="[count, height, width, channels]",
    )  # fmt: skip


def audio(
    name: str, data: Any, sample_rate: int, step: Any = None, max_outputs: int = 3, encoding: str | None = None,
    description: str | None = None,
) -> Any:  # fmt: skip
    """Write sounds `[count, frames, channels]` between -1 and 1: for the Audio dashboard. They are written as WAV.

    Raises ValueError for another `encoding`.
    """
    if encoding not in (None, "wav"):
        raise ValueError(f"Unknown encoding: {encoding!r}: sound is written as 'wav'.")
    if _in_graph(data):
        legacy = legacy_summary("audio", name, data, sample_rate=sample_rate, max_outputs=max_outputs)
        if legacy is not None:
            return legacy
    described = summaries.metadata("audio", b"\x10\x0b", description or "")
    rate = int(sample_rate.numpy() if hasattr(sample_rate, "numpy") else sample_rate)

    def put(writer: Any, tag: str, array: Any, number: int) -> None:
        writer.add_tensor(tag, summaries.audio_tensor(array, rate, max_outputs), number, described)

    return record(name, data, step, put, shape=[None] * 3, form="[count, frames, channels]")


def text(name: str, data: Any, step: Any = None, description: str | None = None) -> Any:
    """Write text as Markdown: for the Text dashboard. A tensor of strings with one or two axes is shown as a table."""
    if _in_graph(data):
        legacy = legacy_summary("text", name, data)
        if legacy is not None:
            return legacy
    if not hasattr(data, "dtype") or not hasattr(data, "numpy"):
        data = convert.convert_to_tensor(data)
    if data.dtype.base_dtype is not dtypes.string:
        raise ValueError(f"A text summary takes strings, not {data.dtype.base_dtype.name}: convert it with tf.strings.as_string.")
    described = summaries.metadata("text", b"", description or "")
    return record(name, data, step, lambda writer, tag, array, number: writer.add_tensor(tag, array, number, described))
