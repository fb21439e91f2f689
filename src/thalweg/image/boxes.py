"""Parts of pictures at boxes, and which boxes to keep.

Source: https://www.tensorflow.org/api_docs/python/tf/image/crop_and_resize
"""

from __future__ import annotations

from typing import Any

import thalweg as tf
from thalweg.engine.ops import boxes as ops


def crop_and_resize(
    image: Any, boxes: Any, box_indices: Any, crop_size: Any, method: str = "bilinear", extrapolation_value: float = 0.0,
    name: str | None = None,
) -> Any:  # fmt: skip
    """Boxes of pictures, each resized to `crop_size`: float32 `[boxes, crop height, crop width, channels]`.

    image: a batch. boxes: `[n, 4]` as (top, left, bottom, right), 1 being the last row or column; corners may be exchanged (the
    part is then mirrored) or outside (filled with `extrapolation_value`). box_indices: the picture of each box. Differentiable
    in the pictures and, with `method='bilinear'`, in the boxes. Raises ValueError for another method.
    """
    if method not in ("bilinear", "nearest"):
        raise tf.errors.InvalidArgumentError(None, None, f"method must be 'bilinear' or 'nearest', not {method!r}.")
    with tf.name_scope(name or "crop_and_resize"):
        image = tf.cast(image, tf.float32)
        boxes = tf.convert_to_tensor(boxes, tf.float32)
        which = tf.cast(box_indices, tf.int32)
        size = tf.cast(crop_size, tf.int32)
        shape = tf.shape(image)
        rows, rows_in = _places(boxes[:, 0], boxes[:, 2], shape[1], size[0])
        columns, columns_in = _places(boxes[:, 1], boxes[:, 3], shape[2], size[1])
        inside = (rows_in[:, :, None] & columns_in[:, None, :])[..., None]
        rows, columns = tf.where(rows_in, rows, 0.0), tf.where(columns_in, columns, 0.0)

        def at(r: Any, c: Any) -> Any:
            r, c = tf.cast(r, tf.int32)[:, :, None], tf.cast(c, tf.int32)[:, None, :]
            picture = tf.reshape(which, [-1, 1, 1]) + tf.zeros_like(r + c)
            return tf.gather_nd(image, tf.stack([picture, r + tf.zeros_like(c), c + tf.zeros_like(r)], -1))

        if method == "nearest":
            values = at(tf.floor(rows + 0.5), tf.floor(columns + 0.5))
        else:
            top, left = tf.floor(rows), tf.floor(columns)
            bottom, right = tf.math.ceil(rows), tf.math.ceil(columns)
            x = (columns - left)[:, None, :, None]
            y = (rows - top)[:, :, None, None]
            above = at(top, left) + (at(top, right) - at(top, left)) * x
            below = at(bottom, left) + (at(bottom, right) - at(bottom, left)) * x
            values = above + (below - above) * y
        crops = tf.where(inside, values, extrapolation_value)
    known = tf.get_static_value(size, partial=True) if hasattr(size, "graph") else size.numpy()
    height, width = (None, None) if known is None else known
    channels = image.shape[3] if image.shape.rank else None
    crops.set_shape([boxes.shape[0] if boxes.shape.rank else None, height, width, channels])
    return crops


def _places(low: Any, high: Any, n: Any, count: Any) -> tuple[Any, Any]:
    """Where `count` samples from `low` to `high` lie, and which of them are within the picture."""
    last = tf.cast(n - 1, tf.float32)
    steps = tf.cast(tf.range(count), tf.float32)
    scale = (high - low) * last / tf.cast(tf.maximum(count - 1, 1), tf.float32)
    several = low[:, None] * last + steps * scale[:, None]
    at = tf.where(count > 1, several, 0.5 * (low + high)[:, None] * last)
    return at, (at >= 0) & (at <= last)


def non_max_suppression(
    boxes: Any, scores: Any, max_output_size: Any, iou_threshold: float = 0.5, score_threshold: float = float("-inf"),
    name: str | None = None,
) -> Any:  # fmt: skip
    """The numbers of the boxes to keep, best first: no two overlap by more than `iou_threshold`.

    boxes: `[n, 4]`, two opposite corners each. scores: `[n]`; those at or below `score_threshold` are dropped.

    >>> tf.image.non_max_suppression([[0.0, 0, 1, 1], [0, 0, 1, 0.9], [0, 2, 1, 3]], [0.5, 0.9, 0.1], 3).numpy()
    array([1, 2], dtype=int32)
    """
    boxes = tf.convert_to_tensor(boxes, dtype_hint=tf.float32)
    return ops.non_max_suppression_v3(boxes, scores, max_output_size, _f(iou_threshold), _f(score_threshold), name=name)


def _f(x: Any) -> Any:
    return tf.cast(x, tf.float32)


def non_max_suppression_with_scores(
    boxes: Any, scores: Any, max_output_size: Any, iou_threshold: float = 0.5, score_threshold: float = float("-inf"),
    soft_nms_sigma: float = 0.0, name: str | None = None,
) -> Any:  # fmt: skip
    """As `non_max_suppression`, with the scores; with `soft_nms_sigma` overlapping boxes lose score instead of vanishing."""
    boxes = tf.convert_to_tensor(boxes, dtype_hint=tf.float32)
    chosen, kept, _ = ops.non_max_suppression_v5(
        boxes, scores, max_output_size, _f(iou_threshold), _f(score_threshold), _f(soft_nms_sigma), name=name
    )
    return chosen, kept


def non_max_suppression_overlaps(
    overlaps: Any, scores: Any, max_output_size: Any, overlap_threshold: float = 0.5, score_threshold: float = float("-inf"),
    name: str | None = None,
) -> Any:  # fmt: skip
    """As `non_max_suppression`, from a matrix that says how much each two overlap."""
    return ops.non_max_suppression_with_overlaps(
        overlaps, scores, max_output_size, _f(overlap_threshold), _f(score_threshold), name=name
    )


def non_max_suppression_padded(
    boxes: Any, scores: Any, max_output_size: Any, iou_threshold: float = 0.5, score_threshold: float = float("-inf"),
    pad_to_max_output_size: bool = False, name: str | None = None, sorted_input: bool = False,
    canonicalized_coordinates: bool = False, tile_size: int = 512,
) -> Any:  # fmt: skip
    """As `non_max_suppression`, for batches too: the numbers filled up with zeros, and how many are true."""
    boxes = tf.convert_to_tensor(boxes, dtype_hint=tf.float32)
    scores = tf.convert_to_tensor(scores, boxes.dtype)

    def one(its_boxes: Any, its_scores: Any) -> Any:
        chosen = non_max_suppression(its_boxes, its_scores, max_output_size, iou_threshold, score_threshold)
        count = tf.size(chosen)
        if pad_to_max_output_size or boxes.shape.rank != 2:
            chosen = tf.pad(chosen, [[0, max_output_size - count]])
        return chosen, count

    with tf.name_scope(name or "non_max_suppression_padded"):
        if boxes.shape.rank == 2:
            return one(boxes, scores)
        lead = tf.shape(scores)[:-1]
        flat = tf.reshape(boxes, [-1, tf.shape(boxes)[-2], 4]), tf.reshape(scores, [-1, tf.shape(scores)[-1]])
        chosen, counts = tf.map_fn(lambda x: one(*x), flat, fn_output_signature=(tf.int32, tf.int32))
        return tf.reshape(chosen, tf.concat([lead, [max_output_size]], 0)), tf.reshape(counts, lead)


def combined_non_max_suppression(
    boxes: Any, scores: Any, max_output_size_per_class: Any, max_total_size: Any, iou_threshold: float = 0.5,
    score_threshold: float = float("-inf"), pad_per_class: bool = False, clip_boxes: bool = True, name: str | None = None,
) -> Any:  # fmt: skip
    """Boxes kept in each class, then the best of all: `(boxes, scores, classes, valid)`, filled up with zeros.

    boxes: `[batch, n, 1 or classes, 4]`; scores: `[batch, n, classes]`.
    """
    return ops.combined_non_max_suppression_op(
        boxes, scores, max_output_size_per_class, max_total_size, _f(iou_threshold), _f(score_threshold),
        pad_per_class=pad_per_class, clip_boxes=clip_boxes, name=name,
    )  # fmt: skip


def draw_bounding_boxes(images: Any, boxes: Any, colors: Any, name: str | None = None) -> Any:
    """Pictures with the outlines of boxes drawn on them.

    images: a batch of floats. boxes: `[batch, n, 4]` as (top, left, bottom, right) in [0, 1]. colors: `[k, channels]`, used in
    turn; None for ten of TensorFlow's.
    """
    table = tf.zeros([0, 0]) if colors is None else tf.cast(colors, tf.float32)
    return ops.draw_bounding_boxes_v2(images, boxes, table, name=name)
