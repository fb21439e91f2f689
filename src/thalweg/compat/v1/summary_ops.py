"""TensorFlow 1's summary ops: each gives a serialized `Summary` message. `SUMMARY_OPS` holds them by name."""

from __future__ import annotations

import struct
from typing import Any

import numpy as np

from thalweg.engine.core import dtypes, errors
from thalweg.engine.core.registry import ANY, REAL, Op
from thalweg.engine.core.shape import SCALAR
from thalweg.engine.formats.event_file import field
from thalweg.engine.formats.png import encode_png
from thalweg.engine.formats.summaries import legacy_histogram, legacy_image_bytes, tensor_bytes
from thalweg.engine.formats.wav import encode_wav
from thalweg.engine.formats.wire import varint


def _message(*values: bytes) -> np.ndarray:
    """A `Summary` of some values, as a scalar string."""
    out = np.empty((), object)
    out[()] = b"".join([field(1, v) for v in values])
    return out


def _text(array: Any) -> bytes:
    value = array.item() if hasattr(array, "item") else array
    return value if isinstance(value, bytes) else str(value).encode()


def _scalars(xp: Any, tags: Any, values: Any) -> Any:
    """A number for each tag."""
    if tags.shape != values.shape:
        raise errors.invalid(f"tags and values are not the same shape: {tags.shape} != {values.shape}")
    return _message(*[
        field(1, _text(t)) + b"\x15" + struct.pack("<f", np.float32(v)) for t, v in zip(tags.ravel(), values.ravel())
    ])  # fmt: skip


def _histogram(xp: Any, tag: Any, values: Any) -> Any:
    """How often values fall into buckets whose limits grow by 10 %."""
    try:
        found = legacy_histogram(values)
    except ValueError as error:
        raise errors.invalid(f"{error} for: {_text(tag).decode()}") from None
    numbers = b"".join(
        bytes((i << 3 | 1,)) + struct.pack("<d", found[name])
        for i, name in enumerate(("min", "max", "num", "sum", "sum_squares"), 1) if found[name]
    )  # fmt: skip
    lists = b"".join(field(i, np.array(found[name], "<f8").tobytes()) for i, name in ((6, "bucket_limit"), (7, "bucket")))
    return _message(field(1, _text(tag)) + field(5, numbers + lists))


def _names(tag: bytes, kind: str, count: int, most: int) -> list[bytes]:
    """TensorBoard's tags of several images or sounds under one name."""
    return [tag + f"/{kind}".encode() if most == 1 else tag + f"/{kind}/{i}".encode() for i in range(min(count, most))]


def _images(xp: Any, tag: Any, tensor: Any, *, max_images: int = 3, bad_color: Any = (255, 0, 0, 255)) -> Any:
    """The first images of a batch, as PNG files."""
    if tensor.ndim != 4 or tensor.shape[3] not in (1, 3, 4):
        raise errors.invalid(f"Tensor must be 4-D with last dim 1, 3, or 4, not {list(tensor.shape)}")
    values = []
    for name, image in zip(_names(_text(tag), "image", len(tensor), max_images), tensor):
        height, width, channels = image.shape
        file = encode_png(legacy_image_bytes(image, tuple(bad_color)))
        sizes = b"\x08" + varint(height) + b"\x10" + varint(width) + b"\x18" + varint(channels)
        values.append(field(1, name) + field(4, sizes + field(4, file)))
    return _message(*values)


def _sounds(xp: Any, tag: Any, tensor: Any, sample_rate: Any, *, max_outputs: int = 3) -> Any:
    """The first sounds of a batch `[count, frames]` or `[count, frames, channels]`, as WAV files."""
    rate = float(sample_rate)
    values = []
    for name, sound in zip(_names(_text(tag), "audio", len(tensor), max_outputs), tensor):
        samples = sound.reshape(len(sound), -1)
        head = b"\x0d" + struct.pack("<f", rate) + b"\x10" + varint(samples.shape[1]) + b"\x18" + varint(len(samples))
        values.append(field(1, name) + field(6, head + field(4, encode_wav(samples, int(rate))) + field(5, b"audio/wav")))
    return _message(*values)


def _tensor(xp: Any, tag: Any, tensor: Any, serialized_summary_metadata: Any) -> Any:
    """A tensor with what its dashboard is told."""
    described = _text(serialized_summary_metadata)
    return _message(field(1, _text(tag)) + field(8, tensor_bytes(tensor)) + (field(9, described) if described else b""))


def _merged(xp: Any, *inputs: Any) -> Any:
    """Several summaries as one. Raises InvalidArgumentError where two have the same tag."""
    from thalweg.engine.formats.messages import Summary

    found = [text for array in inputs for text in np.ravel(array).tolist()]
    seen: set[str] = set()
    for value in Summary.FromString(b"".join(found)).value:
        if value.tag in seen:
            raise errors.invalid(f"Duplicate tag {value.tag} found in summary inputs")
        seen.add(value.tag)
    out = np.empty((), object)
    out[()] = b"".join(found)
    return out


def _op(kernel: Any, name: str, types: tuple[Any, ...], allowed: Any = ANY) -> Op:
    return Op(
        kernel, name, types=types, dtypes=allowed, where={"S": [dtypes.string]}, out=dtypes.string, shape=lambda *_, **__: SCALAR,
        host=True,
    )  # fmt: skip


scalar_summary = _op(_scalars, "ScalarSummary", (dtypes.string, "T"), REAL)
histogram_summary = _op(_histogram, "HistogramSummary", (dtypes.string, "T"), REAL)
image_summary = _op(_images, "ImageSummary", (dtypes.string, "T"), REAL)
audio_summary = _op(_sounds, "AudioSummaryV2", (dtypes.string, dtypes.float32, dtypes.float32), REAL)
tensor_summary = _op(_tensor, "TensorSummaryV2", (dtypes.string, "T", dtypes.string))
merge_summary = _op(_merged, "MergeSummary", ("S*",))
SUMMARY_OPS = {
    op.name: op for op in (scalar_summary, histogram_summary, image_summary, audio_summary, tensor_summary, merge_summary)
}
