"""What summaries hold: histograms as buckets, images as PNG, sound as WAV; and how a value stands in an event.

The forms are those of TensorBoard's plugins. Source: https://github.com/tensorflow/tensorboard/tree/master/tensorboard/plugins
"""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np

from thalweg.engine.core import dtypes
from thalweg.engine.formats.event_file import Scalar, field
from thalweg.engine.formats.png import encode_png
from thalweg.engine.formats.wav import encode_wav
from thalweg.engine.formats.wire import varint

# -- in an event --------------------------------------------------------------------------------------------


@functools.lru_cache(4096)
def metadata(plugin: str, content: bytes = b"", description: str = "", display_name: str = "") -> bytes:
    """A SummaryMetadata, serialized: which dashboard shows a summary, and what is said beside it."""
    data = field(1, field(1, plugin.encode()) + (field(2, content) if content else b""))
    data += field(2, display_name.encode()) if display_name else b""
    return data + (field(3, description.encode()) if description else b"")


def tensor_bytes(array: np.ndarray) -> bytes:
    """A TensorProto, serialized."""
    dtype = dtypes.FROM_NUMPY[array.dtype]
    shape = b"".join(field(2, b"\x08" + varint(n) if n else b"") for n in array.shape)
    head = b"\x08" + varint(dtype.as_datatype_enum) + field(2, shape)
    if dtype is dtypes.string:
        return head + b"".join([field(8, v if isinstance(v, bytes) else str(v).encode()) for v in array.ravel().tolist()])
    return head + (field(4, np.ascontiguousarray(array).tobytes()) if array.size else b"")


def summary_field(tag: str, tensor: bytes, described: bytes) -> bytes:
    """The `summary` of an event, with one tensor."""
    value = field(1, tag.encode()) + field(8, tensor) + (field(9, described) if described else b"")
    return field(5, field(1, value))


@functools.lru_cache(65536)
def scalar_field(tag: str, description: str) -> Scalar:
    """The `summary` of events with one number each, as what stands around the number."""
    mark = b"\xff\xfe\xfd\xfc"
    tensor = b"\x08\x01\x12\x00\x22\x04" + mark
    whole = summary_field(tag, tensor, metadata("scalars", b"", description))
    before, _, after = whole.rpartition(mark)
    return Scalar(before, after)


# -- histograms ---------------------------------------------------------------------------------------------

DEFAULT_BUCKETS = 30


def histogram_buckets(data: np.ndarray, buckets: int = DEFAULT_BUCKETS) -> np.ndarray:
    """Rows of left edge, right edge and count, `buckets` of them; all zero for no data.

    Where all values are the same, the last bucket holds them. What is not finite is not counted.
    """
    flat = np.asarray(data, np.float64).ravel()
    table = np.zeros((buckets, 3))
    low, high = (float(flat.min()), float(flat.max())) if flat.size else (0.0, 0.0)
    if not math.isfinite(high - low) and not (math.isfinite(high) and math.isfinite(low)):
        flat = flat[np.isfinite(flat)]
        low, high = (float(flat.min()), float(flat.max())) if flat.size else (0.0, 0.0)
    if not buckets or not flat.size:
        return table
    if low == high:
        table[:, :2] = low
        table[-1, 2] = flat.size
        return table
    width = (high - low) / buckets
    if not 0 < width < math.inf:  # the range is too small for its parts, or too large for a number
        scale = 2.0**-600 if width else 2.0**600
        table = histogram_buckets(flat * scale, buckets)
        table[:, :2] /= scale
        return table
    places = np.minimum(((flat - low) / width).astype(np.intp), buckets - 1)
    edges = np.linspace(low, high, buckets + 1)
    table[:, 0], table[:, 1], table[:, 2] = edges[:-1], edges[1:], np.bincount(places, minlength=buckets)
    return table


@functools.cache
def _limits() -> np.ndarray:
    """The limits of TensorFlow 1's buckets: 10 % wider each, to 1e20, and the same below zero."""
    positive, v = [], 1e-12
    while v < 1e20:
        positive.append(v)
        v *= 1.1
    largest = np.finfo(np.float64).max
    return np.array([-largest, *[-p for p in reversed(positive)], 0.0, *positive, largest])


def legacy_histogram(data: np.ndarray) -> dict[str, Any]:
    """The fields of a HistogramProto, as TensorFlow 1's histograms are: with limits that are the same for all data.

    Raises ValueError for values that are not finite.
    """
    flat = np.asarray(data, np.float64).ravel()
    if not np.isfinite(flat).all():
        raise ValueError("Nan in summary histogram")
    limits = _limits()
    counts = np.bincount(np.searchsorted(limits, flat, side="right"), minlength=len(limits))[: len(limits)]
    kept_limits: list[float] = []
    kept: list[float] = []
    i = 0
    while i < len(limits):
        end, count = limits[i], counts[i]
        i += 1
        if count <= 0:  # empty buckets that follow each other are one
            while i < len(limits) and counts[i] <= 0:
                end, i = limits[i], i + 1
        kept_limits.append(float(end))
        kept.append(float(count))
    empty = not flat.size
    return {
        "min": float(limits[-1]) if empty else float(flat.min()), "max": float(limits[0]) if empty else float(flat.max()),
        "num": float(flat.size), "sum": float(flat.sum()), "sum_squares": float((flat * flat).sum()),
        "bucket_limit": kept_limits, "bucket": kept,
    }  # fmt: skip


# -- images and sound -----------------------------------------------------------------------------------------


def image_bytes(image: np.ndarray) -> np.ndarray:
    """uint8 of an image: of floats between 0 and 1, what lies outside being clipped; integers are scaled by their dtype's range."""
    if image.dtype == np.uint8:
        return image
    if image.dtype.kind == "b":
        return image.astype(np.uint8) * np.uint8(255)
    if image.dtype.kind in "iu":
        return (np.clip(image, 0, None) // ((int(np.iinfo(image.dtype).max) + 1) // 256 or 1)).astype(np.uint8)
    return np.clip(np.nan_to_num(image.astype(np.float32) * np.float32(255.5)), 0, 255).astype(np.uint8)


def legacy_image_bytes(image: np.ndarray, bad_colour: tuple[int, ...]) -> np.ndarray:
    """uint8 of an image `[height, width, channels]`, as TensorFlow 1's image summaries are.

    Floats without negatives are scaled so that the largest is 255; others so that 0 is 127 and the farthest from it 0 or 255.
    Pixels with values that are not finite get `bad_colour`.
    """
    if image.dtype.kind in "iu":
        return image.astype(np.uint8)
    pixels = image.astype(np.float32)
    good = np.asarray(np.isfinite(pixels).all(axis=-1))
    found = pixels[good]
    low, high = (float(found.min()), float(found.max())) if found.size else (0.0, 0.0)
    if low < 0:
        farthest = max(abs(low), abs(high))
        scale, offset = (127.0 / farthest if farthest >= 1e-9 else 0.0), 128.0
    else:
        scale, offset = (255.0 / high if high >= 1e-9 else 0.0), 0.0
    with np.errstate(all="ignore"):
        out = np.where(good[..., None], pixels * np.float32(scale) + np.float32(offset), 0).astype(np.uint8)
    out[~good] = np.resize(np.array(bad_colour, np.uint8), image.shape[-1])
    return out


def image_tensor(images: np.ndarray, most: int) -> np.ndarray:
    """What the Images dashboard reads: width, height, and a PNG file for each image of `[count, height, width, channels]`."""
    if images.ndim != 4:
        raise ValueError(f"Images have the form [count, height, width, channels], not {images.shape}.")
    files = [encode_png(image_bytes(image)) for image in images[:most]]
    return _strings([str(images.shape[2]).encode(), str(images.shape[1]).encode(), *files])


def audio_tensor(sounds: np.ndarray, rate: int, most: int) -> np.ndarray:
    """What the Audio dashboard reads: a WAV file and an empty label for each sound of `[count, frames, channels]`."""
    if sounds.ndim != 3:
        raise ValueError(f"Sounds have the form [count, frames, channels], not {sounds.shape}.")
    rows = [_strings([encode_wav(sound, rate), b""]) for sound in sounds[:most]]
    return np.stack(rows) if rows else np.empty((0, 2), object)


def _strings(values: list[bytes]) -> np.ndarray:
    out = np.empty(len(values), object)
    out[:] = values
    return out
