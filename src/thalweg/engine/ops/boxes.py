"""Boxes in pictures: which of many that overlap to keep, and drawing them.

Source: Bodla, Singh, Chellappa, Davis, "Soft-NMS", 2017; https://www.tensorflow.org/api_docs/python/tf/image/non_max_suppression
"""

from __future__ import annotations

import heapq
from typing import Any

import numpy as np

from thalweg.engine.core import dtypes, errors
from thalweg.engine.core.registry import FLOAT, HOST, NO_GRADIENT, Sample, op
from thalweg.engine.core.shape import TensorShape

_BOXES = np.array([[0, 0, 1, 1], [0, 0.1, 1, 1.1], [0, -0.1, 1, 0.9], [0, 10, 1, 11], [0, 10.1, 1, 11.1]], np.float32)
_SCORES = np.array([0.9, 0.75, 0.6, 0.95, 0.5], np.float32)


def overlap(box: Any, others: Any) -> np.ndarray:
    """Intersection over union of a box with each of several, corners in either order."""
    a, b = _ordered(np.asarray(box, np.float32)[None])[0], _ordered(np.asarray(others, np.float32))
    area = (a[2] - a[0]) * (a[3] - a[1])
    areas = (b[:, 2] - b[:, 0]) * (b[:, 3] - b[:, 1])
    down = np.maximum(np.minimum(a[2], b[:, 2]) - np.maximum(a[0], b[:, 0]), 0)
    across = np.maximum(np.minimum(a[3], b[:, 3]) - np.maximum(a[1], b[:, 1]), 0)
    both = down * across
    fits = (area > 0) & (areas > 0)
    return np.where(fits, both / np.where(fits, area + areas - both, 1), 0).astype(np.float32)


def _ordered(boxes: np.ndarray) -> np.ndarray:
    low, high = np.minimum(boxes[:, :2], boxes[:, 2:]), np.maximum(boxes[:, :2], boxes[:, 2:])
    return np.concatenate([low, high], 1)


def _check(boxes: Any, scores: Any, iou_threshold: Any, last: int = 4) -> None:
    if boxes.ndim != 2 or (last == 4 and boxes.shape[1] != 4):
        raise errors.invalid(f"boxes must have shape [num_boxes, 4], not {list(boxes.shape)}")
    if scores.shape != boxes.shape[:1]:
        raise errors.invalid(f"scores has incompatible shape: {list(scores.shape)} for {len(boxes)} boxes")
    if not 0 <= float(iou_threshold) <= 1:
        raise errors.invalid("iou_threshold must be in [0, 1]")


def keep(
    similar: Any, scores: np.ndarray, most: int, iou_threshold: float, score_threshold: float, sigma: float = 0.0
) -> tuple[list[int], list[float]]:
    """Which to keep, best first, and their scores. `similar(i, chosen)` gives the likeness of `i` to those chosen.

    With `sigma` above zero the scores of similar ones sink instead of vanishing.
    """
    kind = np.float32
    queue = [(-kind(s), i, 0) for i, s in enumerate(scores) if s > score_threshold]
    heapq.heapify(queue)
    chosen: list[int] = []
    kept: list[float] = []
    while queue and len(chosen) < most:
        negative, i, begin = heapq.heappop(queue)
        score = original = -negative
        dropped = False
        if len(chosen) > begin:
            likeness = similar(i, chosen[begin:])[::-1]
            if sigma <= 0:
                dropped = bool((likeness > iou_threshold).any())
            else:
                for s in likeness:
                    score = score * (np.exp(kind(-0.5 / sigma) * s * s) if s <= iou_threshold else kind(0))
                    if score <= score_threshold:
                        break
        if dropped:
            continue
        if score == original:
            chosen.append(i)
            kept.append(float(score))
        elif score > score_threshold:
            heapq.heappush(queue, (-score, i, len(chosen)))
    return chosen, kept


def _by_overlap(boxes: np.ndarray) -> Any:
    return lambda i, chosen: overlap(boxes[i], boxes[chosen])


def _chosen_shape(boxes: TensorShape, scores: TensorShape, *_: Any, **__: Any) -> TensorShape:
    """`[None]`; boxes must be `[n, 4]` and scores `[n]`."""
    n = boxes.with_rank(2)[0]
    if boxes.rank == 2 and boxes[1] not in (4, None):
        raise ValueError(f"boxes must have 4 columns, not be of shape {boxes}")
    if not scores.with_rank(1).is_compatible_with([n]):
        raise ValueError(f"scores of shape {scores} are not one for each of the boxes of shape {boxes}")
    return TensorShape([None])


_TYPES = ("T", "T", HOST, dtypes.float32, dtypes.float32)
_SUPPRESS: dict[str, Any] = {"dtypes": (dtypes.float16, dtypes.float32), "host": True, "vjp": NO_GRADIENT}
_EXAMPLE = (_BOXES, _SCORES, 3, np.float32(0.5), np.float32(0.0))


@op("NonMaxSuppressionV3", types=_TYPES, out=dtypes.int32, shape=_chosen_shape, samples=[Sample(*_EXAMPLE)],
    **_SUPPRESS)
def non_max_suppression_v3(xp: Any, boxes: Any, scores: Any, max_output_size: Any, iou_threshold: Any, score_threshold: Any) -> Any:
    _check(boxes, scores, iou_threshold)
    chosen, _ = keep(_by_overlap(boxes), scores, int(max_output_size), float(iou_threshold), float(score_threshold))
    return np.array(chosen, np.int32)


@op("NonMaxSuppressionV5", types=(*_TYPES, dtypes.float32), out=(dtypes.int32, "T", dtypes.int32),
    shape=lambda *shapes, **_: (_chosen_shape(*shapes), TensorShape([None]), TensorShape([])),
    samples=[Sample(*_EXAMPLE, np.float32(0.5))], **_SUPPRESS)
def non_max_suppression_v5(
    xp: Any, boxes: Any, scores: Any, max_output_size: Any, iou_threshold: Any, score_threshold: Any, soft_nms_sigma: Any
) -> Any:
    _check(boxes, scores, iou_threshold)
    if soft_nms_sigma < 0:
        raise errors.invalid("soft_nms_sigma must be non-negative")
    chosen, kept = keep(
        _by_overlap(boxes), scores, int(max_output_size), float(iou_threshold), float(score_threshold), float(soft_nms_sigma)
    )
    return np.array(chosen, np.int32), np.array(kept, scores.dtype), np.array(len(chosen), np.int32)


@op("NonMaxSuppressionWithOverlaps", types=(dtypes.float32, dtypes.float32, HOST, dtypes.float32, dtypes.float32),
    dtypes=(dtypes.float32,), out=dtypes.int32, shape=lambda *_, **__: TensorShape([None]), host=True,
    samples=[Sample(np.eye(4, dtype=np.float32), _SCORES[:4], 3, np.float32(0.5), np.float32(0.0))])
def non_max_suppression_with_overlaps(
    xp: Any, overlaps: Any, scores: Any, max_output_size: Any, overlap_threshold: Any, score_threshold: Any
) -> Any:
    if overlaps.ndim != 2 or overlaps.shape[0] != overlaps.shape[1]:
        raise errors.invalid(f"overlaps must be square, not {list(overlaps.shape)}")
    if scores.shape != overlaps.shape[:1]:
        raise errors.invalid("scores has incompatible shape")
    similar = lambda i, chosen: overlaps[i, chosen]
    chosen, _ = keep(similar, scores, int(max_output_size), float(overlap_threshold), float(score_threshold))
    return np.array(chosen, np.int32)


def _combined_shape(boxes: TensorShape, scores: TensorShape, per_class: Any, total: Any, *_: Any, **attrs: Any) -> Any:
    batch = boxes.with_rank(4)[0]
    n = total
    if attrs.get("pad_per_class"):
        classes = scores.with_rank(3)[2]
        n = None if None in (classes, per_class, total) else min(total, per_class * classes)
    return TensorShape([batch, n, 4]), TensorShape([batch, n]), TensorShape([batch, n]), TensorShape([batch])


_F = dtypes.float32


@op("CombinedNonMaxSuppression", types=(_F, _F, HOST, HOST, _F, _F), dtypes=(_F,), out=(_F, _F, _F, dtypes.int32),
    shape=_combined_shape, host=True, vjp=NO_GRADIENT,
    samples=[Sample(_BOXES.reshape(1, 5, 1, 4), _SCORES.reshape(1, 5, 1), 3, 4, np.float32(0.5), np.float32(0.0))])
def combined_non_max_suppression_op(
    xp: Any, boxes: Any, scores: Any, max_output_size_per_class: Any, max_total_size: Any, iou_threshold: Any, score_threshold: Any,
    *, pad_per_class: bool = False, clip_boxes: bool = True,
) -> Any:  # fmt: skip
    batch, _, groups, _ = boxes.shape
    classes = scores.shape[2]
    if groups not in (1, classes):
        raise errors.invalid("third dimension of boxes must be either 1 or equal to the third dimension of scores")
    per_class, total = int(max_output_size_per_class), int(max_total_size)
    if total <= 0:
        raise errors.invalid("max_total_size must be > 0")
    size = min(total, per_class * classes) if pad_per_class else total
    out_boxes, out_scores = np.zeros((batch, size, 4), np.float32), np.zeros((batch, size), np.float32)
    out_classes, valid = np.zeros((batch, size), np.float32), np.zeros(batch, np.int32)
    for n in range(batch):
        found = []
        for c in range(classes):
            of_class = boxes[n, :, c if groups > 1 else 0]
            chosen, kept = keep(_by_overlap(of_class), scores[n, :, c], per_class, float(iou_threshold), float(score_threshold))
            found += [(score, c, of_class[i]) for i, score in zip(chosen, kept)]
        found.sort(key=lambda one: -one[0])
        for i, (score, c, box) in enumerate(found[:size]):
            out_scores[n, i], out_classes[n, i] = score, c
            out_boxes[n, i] = np.clip(box, 0, 1) if clip_boxes else box
        valid[n] = min(len(found), size)
    return out_boxes, out_scores, out_classes, valid


# -- drawing -------------------------------------------------------------------------------------------------------

_COLOURS = np.array([
    [1, 1, 0, 1], [0, 0, 1, 1], [1, 0, 0, 1], [0, 1, 0, 1], [0.5, 0, 0.5, 1], [0.5, 0.5, 0, 1], [0.5, 0, 0, 1], [0, 0, 0.5, 1],
    [0, 1, 1, 1], [1, 0, 1, 1],
], np.float32)  # fmt: skip


@op("DrawBoundingBoxesV2", types=("T", dtypes.float32, dtypes.float32), dtypes=FLOAT, host=True,
    shape=lambda images, *_, **__: images, vjp=NO_GRADIENT,
    samples=[Sample((1, 4, 5, 3), np.array([[[0.1, 0.1, 0.9, 0.8]]], np.float32), np.array([[1, 0, 0]], np.float32))])
def draw_bounding_boxes_v2(xp: Any, images: Any, boxes: Any, colors: Any) -> Any:
    if images.ndim != 4 or images.shape[3] not in (1, 3, 4):
        raise errors.invalid(f"The images must be [batch, height, width, 1, 3 or 4], not {list(images.shape)}")
    if boxes.ndim != 3 or boxes.shape[2] != 4 or len(boxes) != len(images):
        raise errors.invalid(f"The boxes must be [batch, num_boxes, 4], not {list(boxes.shape)}")
    out = np.array(images)
    _, height, width, depth = out.shape
    table = _COLOURS.copy() if not colors.size else np.asarray(colors, np.float32)
    if not colors.size and depth == 1:
        table[:, 0] = 1
    for picture, its_boxes in zip(out, boxes):
        for i, (y1, x1, y2, x2) in enumerate(its_boxes * np.array([height - 1, width - 1, height - 1, width - 1], np.float32)):
            top, left, bottom, right = int(y1), int(x1), int(y2), int(x2)
            if top > bottom or left > right or top >= height or bottom < 0 or left >= width or right < 0:
                continue
            colour = table[i % len(table)][:depth].astype(out.dtype)
            rows, columns = slice(max(top, 0), min(bottom, height - 1) + 1), slice(max(left, 0), min(right, width - 1) + 1)
            for inside, where in (
                (top >= 0, (top, columns)), (bottom < height, (bottom, columns)),
                (left >= 0, (rows, left)), (right < width, (rows, right)),
            ):  # fmt: skip
                if inside:
                    picture[where] = colour
    return out

