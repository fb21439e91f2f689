"""`tf.metrics`: measures that add up over batches, as pairs `(value, update_op)`.

What is counted lives in local variables: run `tf.local_variables_initializer()` first, `update_op` for each batch, then `value`.
Source: https://www.tensorflow.org/api_docs/python/tf/compat/v1/metrics
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from thalweg.compat.v1.graph import GraphKeys, Variable, add_to_collections
from thalweg.compat.v1.variable_scope import variable_scope
from thalweg.engine.core import convert, dtypes
from thalweg.engine.core.context import local
from thalweg.engine.core.registry import REGISTRY
from thalweg.engine.ops.comparison import equal, greater, less, logical_and, logical_not, where
from thalweg.engine.ops.creation import ones_like, zeros, zeros_like
from thalweg.engine.ops.diagonals import matrix_diag_part
from thalweg.engine.ops.division import div_no_nan
from thalweg.engine.ops.elementwise import abs, maximum, square
from thalweg.engine.ops.exponential import sqrt
from thalweg.engine.ops.reduce import reduce_mean, reduce_sum
from thalweg.engine.ops.segment import unsorted_segment_sum
from thalweg.engine.ops.shaping import broadcast_to, cast, expand_dims, reshape, shape as shape_of, size, squeeze

_FLOAT = dtypes.float32


def _check_graph(name: str) -> None:
    if local.graph is None:
        raise RuntimeError(f"tf.metrics.{name} is not supported when eager execution is enabled. Use tf.keras.metrics there.")


def _variable(shape: Any, dtype: Any, name: str) -> Any:
    keys = [GraphKeys.LOCAL_VARIABLES, GraphKeys.METRIC_VARIABLES]
    return Variable(lambda: zeros(shape, dtype), trainable=False, collections=keys, name=name)


def _collect(keys: Any, value: Any) -> None:
    if keys:
        add_to_collections(keys, value)


def _fitting(predictions: Any, labels: Any, weights: Any) -> tuple[Any, Any, Any]:
    """The three as tensors of one rank: an axis of size 1 at the end is dropped, or added to the weights."""
    predictions = convert.convert_to_tensor(predictions)
    if labels is not None:
        labels = convert.convert_to_tensor(labels)
        labels, predictions = _same_rank(labels, predictions)
        predictions.shape.assert_is_compatible_with(labels.shape)
    if weights is None:
        return predictions, labels, None
    weights = convert.convert_to_tensor(weights)
    if weights.shape.rank and predictions.shape.rank is not None:
        if weights.shape.rank == predictions.shape.rank + 1:
            weights = squeeze(weights, [-1])
        elif weights.shape.rank == predictions.shape.rank - 1:
            weights = expand_dims(weights, -1)
    return predictions, labels, weights


def _same_rank(a: Any, b: Any) -> tuple[Any, Any]:
    if None not in (a.shape.rank, b.shape.rank):
        if a.shape.rank == b.shape.rank + 1:
            a = squeeze(a, [-1])
        elif b.shape.rank == a.shape.rank + 1:
            b = squeeze(b, [-1])
    return a, b


# -- means ---------------------------------------------------------------------------------------------------


def mean(
    values: Any, weights: Any = None, metrics_collections: Any = None, updates_collections: Any = None, name: Any = None
) -> tuple[Any, Any]:
    """The weighted mean of all values so far."""
    _check_graph("mean")
    with variable_scope(name, "mean"):
        values = cast(values, _FLOAT)
        total, count = _variable([], _FLOAT, "total"), _variable([], _FLOAT, "count")
        if weights is None:
            number = cast(size(values), _FLOAT)
        else:
            values, _, weights = _fitting(values, None, weights)
            weights = broadcast_to(cast(weights, _FLOAT), shape_of(values))
            values, number = values * weights, reduce_sum(weights)
        return _ratio(total, count, reduce_sum(values), number, metrics_collections, updates_collections)


def mean_tensor(
    values: Any, weights: Any = None, metrics_collections: Any = None, updates_collections: Any = None, name: Any = None
) -> tuple[Any, Any]:
    """The weighted mean of each element."""
    _check_graph("mean_tensor")
    with variable_scope(name, "mean"):
        values = cast(values, _FLOAT)
        total, count = _variable(values.shape, _FLOAT, "total_tensor"), _variable(values.shape, _FLOAT, "count_tensor")
        number = ones_like(values)
        if weights is not None:
            values, _, weights = _fitting(values, None, weights)
            weights = broadcast_to(cast(weights, _FLOAT), shape_of(values))
            values, number = values * weights, number * weights
        return _ratio(total, count, values, number, metrics_collections, updates_collections)


def _ratio(total: Any, count: Any, more: Any, number: Any, metrics: Any, updates: Any) -> tuple[Any, Any]:
    value = div_no_nan(total, maximum(count, 0.0), name="value")
    update = div_no_nan(total.assign_add(more), maximum(count.assign_add(number), 0.0), name="update_op")
    _collect(metrics, value)
    _collect(updates, update)
    return value, update


def accuracy(
    labels: Any, predictions: Any, weights: Any = None, metrics_collections: Any = None, updates_collections: Any = None,
    name: Any = None,
) -> tuple[Any, Any]:  # fmt: skip
    """The part of predictions that equal their labels."""
    _check_graph("accuracy")
    predictions, labels, weights = _fitting(predictions, labels, weights)
    right = cast(equal(cast(predictions, labels.dtype), labels), _FLOAT)
    return mean(right, weights, metrics_collections, updates_collections, name or "accuracy")


def mean_absolute_error(
    labels: Any, predictions: Any, weights: Any = None, metrics_collections: Any = None, updates_collections: Any = None,
    name: Any = None,
) -> tuple[Any, Any]:  # fmt: skip
    """The mean of `|labels - predictions|`."""
    _check_graph("mean_absolute_error")
    predictions, labels, weights = _fitting(predictions, labels, weights)
    return mean(abs(predictions - labels), weights, metrics_collections, updates_collections, name or "mean_absolute_error")


def mean_squared_error(
    labels: Any, predictions: Any, weights: Any = None, metrics_collections: Any = None, updates_collections: Any = None,
    name: Any = None,
) -> tuple[Any, Any]:  # fmt: skip
    """The mean of `(labels - predictions) ** 2`."""
    _check_graph("mean_squared_error")
    predictions, labels, weights = _fitting(predictions, labels, weights)
    return mean(square(labels - predictions), weights, metrics_collections, updates_collections, name or "mean_squared_error")


def root_mean_squared_error(
    labels: Any, predictions: Any, weights: Any = None, metrics_collections: Any = None, updates_collections: Any = None,
    name: Any = None,
) -> tuple[Any, Any]:  # fmt: skip
    """The square root of `mean_squared_error`."""
    found = mean_squared_error(labels, predictions, weights, None, None, name or "root_mean_squared_error")
    return _changed(found, sqrt, metrics_collections, updates_collections)


def mean_cosine_distance(
    labels: Any, predictions: Any, dim: int, weights: Any = None, metrics_collections: Any = None, updates_collections: Any = None,
    name: Any = None,
) -> tuple[Any, Any]:  # fmt: skip
    """One minus the mean product, along `dim`, of vectors that have length one already."""
    _check_graph("mean_cosine_distance")
    predictions, labels, weights = _fitting(predictions, labels, weights)
    products = reduce_sum(predictions * labels, axis=[dim], keepdims=True)
    found = mean(products, weights, None, None, name or "mean_cosine_distance")
    return _changed(found, lambda v: 1.0 - v, metrics_collections, updates_collections)


def mean_relative_error(
    labels: Any, predictions: Any, normalizer: Any, weights: Any = None, metrics_collections: Any = None,
    updates_collections: Any = None, name: Any = None,
) -> tuple[Any, Any]:  # fmt: skip
    """The mean of `|labels - predictions| / normalizer`; 0 where the normalizer is."""
    _check_graph("mean_relative_error")
    predictions, labels, weights = _fitting(predictions, labels, weights)
    predictions, normalizer = _same_rank(predictions, convert.convert_to_tensor(normalizer))
    errors = where(equal(normalizer, 0.0), zeros_like(labels), abs(labels - predictions) / normalizer)
    return mean(errors, weights, metrics_collections, updates_collections, name or "mean_relative_error")


def percentage_below(
    values: Any, threshold: float, weights: Any = None, metrics_collections: Any = None, updates_collections: Any = None,
    name: Any = None,
) -> tuple[Any, Any]:  # fmt: skip
    """The part of values below `threshold`."""
    below = cast(less(convert.convert_to_tensor(values), threshold), _FLOAT)
    return mean(below, weights, metrics_collections, updates_collections, name or "percentage_below_threshold")


def _changed(found: tuple[Any, Any], change: Callable[[Any], Any], metrics: Any, updates: Any) -> tuple[Any, Any]:
    value, update = map(change, found)
    _collect(metrics, value)
    _collect(updates, update)
    return value, update


# -- counts --------------------------------------------------------------------------------------------------

_KINDS = {"true_positives": (True, True), "false_positives": (False, True), "true_negatives": (False, False),
          "false_negatives": (True, False)}  # fmt: skip


def _is(labels: Any, predictions: Any, kind: str) -> Any:
    label, predicted = _KINDS[kind]
    return logical_and(labels if label else logical_not(labels), predictions if predicted else logical_not(predictions))


def _counter(kind: str) -> Callable[..., tuple[Any, Any]]:
    def count(
        labels: Any, predictions: Any, weights: Any = None, metrics_collections: Any = None, updates_collections: Any = None,
        name: Any = None,
    ) -> tuple[Any, Any]:  # fmt: skip
        _check_graph(kind)
        with variable_scope(name, kind):
            p, y, w = _fitting(cast(predictions, dtypes.bool), cast(labels, dtypes.bool), weights)
            found = cast(_is(y, p, kind), _FLOAT)
            if w is not None:
                found = found * cast(w, _FLOAT)
            total = _variable([], _FLOAT, "count")
            value, update = total.read_value(), total.assign_add(reduce_sum(found))
            _collect(metrics_collections, value)
            _collect(updates_collections, update)
            return value, update

    count.__name__ = count.__qualname__ = kind
    count.__doc__ = f"The sum of the weights of {kind.replace('_', ' ')}."
    return count


true_positives, false_positives = _counter("true_positives"), _counter("false_positives")
true_negatives, false_negatives = _counter("true_negatives"), _counter("false_negatives")


def precision(
    labels: Any, predictions: Any, weights: Any = None, metrics_collections: Any = None, updates_collections: Any = None,
    name: Any = None,
) -> tuple[Any, Any]:  # fmt: skip
    """The part of what was predicted true that is true."""
    return _share("precision", false_positives, labels, predictions, weights, metrics_collections, updates_collections, name)


def recall(
    labels: Any, predictions: Any, weights: Any = None, metrics_collections: Any = None, updates_collections: Any = None,
    name: Any = None,
) -> tuple[Any, Any]:  # fmt: skip
    """The part of what is true that was predicted so."""
    return _share("recall", false_negatives, labels, predictions, weights, metrics_collections, updates_collections, name)


def _share(kind: str, other: Any, labels: Any, predictions: Any, weights: Any, metrics: Any, updates: Any, name: Any) -> Any:
    _check_graph(kind)
    with variable_scope(name, kind):
        p, y, w = _fitting(cast(predictions, dtypes.bool), cast(labels, dtypes.bool), weights)
        hits, hit = true_positives(y, p, w)
        misses, miss = other(y, p, w)
        value, update = div_no_nan(hits, hits + misses, name="value"), div_no_nan(hit, hit + miss, name="update_op")
        _collect(metrics, value)
        _collect(updates, update)
        return value, update


# -- at thresholds -------------------------------------------------------------------------------------------


def _at_thresholds(labels: Any, predictions: Any, thresholds: Any, weights: Any, kinds: Any = tuple(_KINDS)) -> Any:
    """For each kind of outcome a variable of counts by threshold, and what its update gives."""
    p, y, w = _fitting(cast(predictions, _FLOAT), cast(labels, dtypes.bool), weights)
    if w is not None:
        w = reshape(broadcast_to(cast(w, _FLOAT), shape_of(p)), [1, -1])
    above = greater(reshape(p, [1, -1]), reshape(convert.convert_to_tensor(list(thresholds), dtype=_FLOAT), [-1, 1]))
    y = logical_and(reshape(y, [1, -1]), REGISTRY["OnesLike"](above))
    values, updates = {}, {}
    for kind in ("true_positives", "false_negatives", "true_negatives", "false_positives"):
        if kind in kinds:
            found = cast(_is(y, above, kind), _FLOAT)
            values[kind] = _variable([len(thresholds)], _FLOAT, kind)
            updates[kind] = values[kind].assign_add(reduce_sum(found if w is None else found * w, axis=1))
    return values, updates


def _curve_thresholds(thresholds: Any, number: int) -> list[float]:
    inner = sorted(thresholds) if thresholds is not None else [(i + 1) * 1.0 / (number - 1) for i in range(number - 2)]
    return [-1e-7, *inner, 1.0 + 1e-7]


def auc(
    labels: Any, predictions: Any, weights: Any = None, num_thresholds: int = 200, metrics_collections: Any = None,
    updates_collections: Any = None, curve: str = "ROC", name: Any = None, summation_method: str = "trapezoidal",
    thresholds: Any = None,
) -> tuple[Any, Any]:  # fmt: skip
    """The area under the ROC or PR curve, by `num_thresholds` points. Predictions lie in [0, 1]."""
    _check_graph("auc")
    if curve not in ("ROC", "PR"):
        raise ValueError(f"Curve must be either ROC or PR. Curve {curve} is unknown.")
    heights: dict[str, Any] = {"trapezoidal": lambda a, b: (a + b) / 2.0, "minoring": REGISTRY["Minimum"], "majoring": maximum}
    if summation_method not in (*heights, "careful_interpolation"):
        raise ValueError(f"Invalid summation_method: {summation_method}")

    def area(counts: dict[str, Any], what: str) -> Any:
        tp, fn, tn, fp = (counts[k] * 1.0 for k in ("true_positives", "false_negatives", "true_negatives", "false_positives"))
        if curve == "PR" and summation_method == "careful_interpolation":
            return _careful_area(tp, fp, fn)
        hit = (tp + 1e-6) / (tp + fn + 1e-6)
        if curve == "ROC":
            x, y = fp / (fp + tn + 1e-6), hit
        else:
            x, y = hit, (tp + 1e-6) / (tp + fp + 1e-6)
        height = heights["trapezoidal" if summation_method == "careful_interpolation" else summation_method]
        return reduce_sum((x[:-1] - x[1:]) * height(y[:-1], y[1:]), name=what)

    with variable_scope(name, "auc"):
        values, updates = _at_thresholds(labels, predictions, _curve_thresholds(thresholds, num_thresholds), weights)
        value, update = area(values, "value"), area(updates, "update_op")
        _collect(metrics_collections, value)
        _collect(updates_collections, update)
        return value, update


def _careful_area(tp: Any, fp: Any, fn: Any) -> Any:
    """The area under a precision-recall curve by interpolating counts (Davis and Goadrich, 2006)."""
    p, rise = tp + fp, tp[:-1] - tp[1:]
    slope = div_no_nan(rise, maximum(p[:-1] - p[1:], 0.0))
    intercept = tp[1:] - slope * p[1:]
    ratio = where(logical_and(p[:-1] > 0.0, p[1:] > 0.0), div_no_nan(p[:-1], maximum(p[1:], 0.0)), ones_like(p[1:]))
    return reduce_sum(div_no_nan(slope * (rise + intercept * REGISTRY["Log"](ratio)), maximum(tp[1:] + fn[1:], 0.0)))


def _threshold_share(kind: str, kinds: tuple[str, str], doc: str) -> Callable[..., tuple[Any, Any]]:
    def at_thresholds(
        labels: Any, predictions: Any, thresholds: Any, weights: Any = None, metrics_collections: Any = None,
        updates_collections: Any = None, name: Any = None,
    ) -> tuple[Any, Any]:  # fmt: skip
        _check_graph(kind)
        with variable_scope(name, kind):
            values, updates = _at_thresholds(labels, predictions, thresholds, weights, kinds)
            share = lambda c: c[kinds[0]] / (1e-7 + c[kinds[0]] + c[kinds[1]])
            return _changed((values, updates), share, metrics_collections, updates_collections)  # type: ignore[arg-type]

    at_thresholds.__name__ = at_thresholds.__qualname__ = kind
    at_thresholds.__doc__ = doc
    return at_thresholds


precision_at_thresholds = _threshold_share(
    "precision_at_thresholds", ("true_positives", "false_positives"), "The precision for each of the thresholds."
)
recall_at_thresholds = _threshold_share(
    "recall_at_thresholds", ("true_positives", "false_negatives"), "The recall for each of the thresholds."
)


# -- by class ------------------------------------------------------------------------------------------------


def mean_per_class_accuracy(
    labels: Any, predictions: Any, num_classes: int, weights: Any = None, metrics_collections: Any = None,
    updates_collections: Any = None, name: Any = None,
) -> tuple[Any, Any]:  # fmt: skip
    """The mean over classes of the part of their examples that was predicted right; `update_op` gives it by class."""
    _check_graph("mean_per_class_accuracy")
    with variable_scope(name, "mean_accuracy"):
        y, p = (reshape(cast(v, dtypes.int64), [-1]) for v in (labels, predictions))
        total, count = _variable([num_classes], _FLOAT, "total"), _variable([num_classes], _FLOAT, "count")
        w = ones_like(cast(y, _FLOAT)) if weights is None else reshape(cast(weights, _FLOAT), [-1])
        right = cast(equal(p, y), _FLOAT) * w
        value = reduce_mean(div_no_nan(count, maximum(total, 0.0)), name="mean_accuracy")
        all_of = total.assign_add(unsorted_segment_sum(w, y, num_classes))
        right_of = count.assign_add(unsorted_segment_sum(right, y, num_classes))
        update = div_no_nan(right_of, maximum(all_of, 0.0), name="update_op")
        _collect(metrics_collections, value)
        _collect(updates_collections, update)
        return value, update


def mean_iou(
    labels: Any, predictions: Any, num_classes: int, weights: Any = None, metrics_collections: Any = None,
    updates_collections: Any = None, name: Any = None,
) -> tuple[Any, Any]:  # fmt: skip
    """The mean over classes of intersection over union; `update_op` gives the confusion matrix."""
    _check_graph("mean_iou")
    with variable_scope(name, "mean_iou"):
        y, p = (reshape(cast(v, dtypes.int64), [-1]) for v in (labels, predictions))
        matrix = _variable([num_classes, num_classes], dtypes.float64, "total_confusion_matrix")
        w = ones_like(cast(y, dtypes.float64)) if weights is None else reshape(cast(weights, dtypes.float64), [-1])
        cells = reshape(unsorted_segment_sum(w, y * num_classes + p, num_classes * num_classes), [num_classes, num_classes])
        update = matrix.assign_add(cells)
        counts = cast(matrix, _FLOAT)
        both = matrix_diag_part(counts)
        union = reduce_sum(counts, axis=0) + reduce_sum(counts, axis=1) - both
        seen = reduce_sum(cast(greater(union, 0.0), _FLOAT))
        value = div_no_nan(reduce_sum(div_no_nan(both, union)), seen, name="mean_iou")
        _collect(metrics_collections, value)
        _collect(updates_collections, update)
        return value, update


__all__ = [
    "accuracy", "auc", "false_negatives", "false_positives", "mean", "mean_absolute_error", "mean_cosine_distance", "mean_iou",
    "mean_per_class_accuracy", "mean_relative_error", "mean_squared_error", "mean_tensor", "percentage_below", "precision",
    "precision_at_thresholds", "recall", "recall_at_thresholds", "root_mean_squared_error", "true_negatives", "true_positives",
]  # fmt: skip
