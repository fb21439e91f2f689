"""A rectangle of a picture drawn by chance: TensorFlow's kernel, number for number.

Source: https://www.tensorflow.org/api_docs/python/tf/image/sample_distorted_bounding_box
"""

from __future__ import annotations

from typing import Any

import numpy as np

from thalweg.engine.core import dtypes, errors
from thalweg.engine.core.registry import INDEX, Sample, op
from thalweg.engine.core.shape import TensorShape
from thalweg.engine.ops.philox import Stream, block, scramble
from thalweg.engine.ops.random_seed import eager_state, own_state, take

_f = np.float32


class _Words:
    """The 32-bit words of a stream, one by one, and numbers made of them."""

    def __init__(self, source: Stream):
        self.source = source
        self.left: list[int] = []

    def word(self) -> int:
        if not self.left:
            a, b = block(np, self.source)
            self.left = [a & 0xFFFFFFFF, a >> 32, b & 0xFFFFFFFF, b >> 32]
            self.source = self.source.skip(np, 1)
        return self.left.pop(0)

    def uniform(self) -> np.float32:
        """In [0, 1)."""
        bits = np.uint32(127 << 23 | self.word() & 0x7FFFFF)
        return bits.view(np.float32) - _f(1)

    def below(self, n: int) -> int:
        """An integer in [0, n), without bias."""
        if n == 0:
            self.word()
            return 0
        if n & (n - 1) == 0:
            return self.word() & (n - 1)
        rest = (0xFFFFFFFF % n) + 1
        while True:
            drawn = self.word()
            if drawn >= rest:
                return drawn % n


def _crop(width: int, height: int, low: np.float32, high: np.float32, ratio: np.float32, words: _Words) -> Any:
    """`(left, top, right, bottom)` of a rectangle of that aspect ratio whose area is within bounds, or None."""
    if high <= 0 or ratio <= 0 or width <= 0 or height <= 0 or low > high:
        return None
    smallest, largest = _f(low) * _f(width) * _f(height), _f(high) * _f(width) * _f(height)
    h = int(np.rint(np.sqrt(smallest / ratio)))
    highest = int(np.rint(np.sqrt(largest / ratio)))
    if np.rint(_f(highest) * ratio) > width:
        highest = int((width + 0.5 - float(_f(1e-7))) / ratio)
        if np.rint(_f(highest) * ratio) > width:
            highest -= 1
    highest = min(highest, height)
    h = min(h, highest)
    if h < highest:
        h += words.below(highest - h + 1)
    w = int(np.rint(_f(h) * ratio))
    if _f(w * h) < smallest:  # rounding took it out of the bounds: try one row more, or one less
        h += 1
        w = int(np.rint(_f(h) * ratio))
    if _f(w * h) > largest:
        h -= 1
        w = int(np.rint(_f(h) * ratio))
    area = _f(w * h)
    if area < smallest or area > largest or w > width or h > height or w <= 0 or h <= 0:
        return None
    top = words.below(height - h) if h < height else 0
    left = words.below(width - w) if w < width else 0
    return left, top, left + w, top + h


def _covers(crop: Any, boxes: list[Any], least: float) -> bool:
    area = float((crop[2] - crop[0]) * (crop[3] - crop[1]))
    if area < 1.0:
        return False
    for left, top, right, bottom in boxes:
        size = float((right - left) * (bottom - top))
        if size < 1.0:
            continue
        across = min(crop[2], right) - max(crop[0], left)
        down = min(crop[3], bottom) - max(crop[1], top)
        if (across * down if across > 0 and down > 0 else 0) / size >= least:
            return True
    return False


def _boxes(image_size: Any, bounding_boxes: Any, whole_if_none: bool) -> list[tuple[int, int, int, int]]:
    height, width = int(image_size[0]), int(image_size[1])
    found = []
    for top, left, bottom, right in bounding_boxes.reshape(-1, 4):
        if not (0 <= top < bottom <= 1 and 0 <= left < right <= 1):
            raise errors.invalid(
                "All bounding box coordinates must be in [0.0, 1.0], as (top, left, bottom, right): "
                f"[{top}, {left}, {bottom}, {right}]"
            )
        found.append((int(left * _f(width)), int(top * _f(height)), int(right * _f(width)), int(bottom * _f(height))))
    if not found:
        if not whole_if_none:
            raise errors.invalid("No bounding boxes provided as input. One must enable use_image_if_no_bounding_boxes if you wish "
                                 "to not provide any bounding boxes.")  # fmt: skip
        found.append((0, 0, width, height))
    return found


def _sample(source: Stream, image_size: Any, bounding_boxes: Any, least: Any, attrs: dict[str, Any]) -> Any:
    if image_size.shape != (3,):
        raise errors.invalid(f"image_size must contain 3 elements [height, width, channels], not be of shape {image_size.shape}")
    if bounding_boxes.ndim != 3 or bounding_boxes.shape[2] != 4:
        raise errors.invalid(f"input boxes must be 3-dimensional [batch, num_boxes, coords], not {list(bounding_boxes.shape)}")
    height, width = int(image_size[0]), int(image_size[1])
    if height <= 0 or width <= 0:
        raise errors.invalid(f"Image height and width must be positive, not {height} and {width}")
    boxes = _boxes(image_size, bounding_boxes, attrs["use_image_if_no_bounding_boxes"])
    words, (low, high) = _Words(source), map(_f, attrs["aspect_ratio_range"])
    smallest, largest = map(_f, attrs["area_range"])
    crop = None
    for _ in range(attrs["max_attempts"]):
        ratio = words.uniform() * (high - low) + low
        crop = _crop(width, height, smallest, largest, ratio, words)
        if crop is not None and _covers(crop, boxes, float(least)):
            break
        crop = None
    left, top, right, bottom = crop or (0, 0, width, height)
    kind = image_size.dtype
    box = np.array([top / height, left / width, bottom / height, right / width], np.float32).reshape(1, 1, 4)
    return np.array([top, left, 0], kind), np.array([bottom - top, right - left, -1], kind), box


def _shapes(*_: Any, **__: Any) -> Any:
    return TensorShape([3]), TensorShape([3]), TensorShape([1, 1, 4])


_TYPES: dict[str, Any] = {"dtypes": (dtypes.int8, dtypes.int16, dtypes.int32, dtypes.int64), "shape": _shapes, "host": True}
_OUT = ("T", "T", dtypes.float32)
_EXAMPLE = (np.array([30, 40, 3], np.int32), np.array([[[0.1, 0.2, 0.8, 0.9]]], np.float32), np.float32(0.1))


@op("SampleDistortedBoundingBoxV2", types=("T", dtypes.float32, dtypes.float32), out=_OUT, own_state=own_state,
    eager_state=eager_state("SampleDistortedBoundingBoxV2"), **_TYPES)
def sample_distorted_bounding_box_v2(
    xp: Any, image_size: Any, bounding_boxes: Any, min_object_covered: Any, *, seed: int = 0, seed2: int = 0,
    aspect_ratio_range: tuple[float, ...] = (0.75, 1.33), area_range: tuple[float, ...] = (0.05, 1.0), max_attempts: int = 100,
    use_image_if_no_bounding_boxes: bool = False, state: Any,
) -> Any:  # fmt: skip
    source = take(np, state, 4 * max_attempts, image_size, bounding_boxes)
    attrs = {"aspect_ratio_range": aspect_ratio_range, "area_range": area_range, "max_attempts": max_attempts,
             "use_image_if_no_bounding_boxes": use_image_if_no_bounding_boxes}  # fmt: skip
    return _sample(source, image_size, bounding_boxes, min_object_covered, attrs)


@op("StatelessSampleDistortedBoundingBox", types=("T", dtypes.float32, dtypes.float32, "S"), where={"S": INDEX}, out=_OUT,
    samples=[Sample(*_EXAMPLE, np.array([1, 2], np.int32))], **_TYPES)
def stateless_sample_distorted_bounding_box(
    xp: Any, image_size: Any, bounding_boxes: Any, min_object_covered: Any, seed: Any, *,
    aspect_ratio_range: tuple[float, ...] = (0.75, 1.33), area_range: tuple[float, ...] = (0.05, 1.0), max_attempts: int = 100,
    use_image_if_no_bounding_boxes: bool = False,
) -> Any:  # fmt: skip
    attrs = {"aspect_ratio_range": aspect_ratio_range, "area_range": area_range, "max_attempts": max_attempts,
             "use_image_if_no_bounding_boxes": use_image_if_no_bounding_boxes}  # fmt: skip
    return _sample(scramble(np, seed), image_size, bounding_boxes, min_object_covered, attrs)

