"""`tf.contrib.metrics`: metrics of streams, on `tf.metrics`.

Source: https://www.tensorflow.org/versions/r1.15/api_docs/python/tf/contrib/metrics
"""

from __future__ import annotations

from typing import Any

from thalweg.compat import v1 as tf

streaming_mean = tf.metrics.mean
streaming_mean_tensor = tf.metrics.mean_tensor


def accuracy(predictions: Any, labels: Any, weights: Any = None, name: Any = None) -> Any:
    """The part of predictions that equal their labels. Raises ValueError where the dtypes differ."""
    if predictions.dtype.base_dtype != labels.dtype.base_dtype:
        raise ValueError(f"dtypes must match, but got {predictions.dtype} and {labels.dtype}.")
    with tf.name_scope(name, "accuracy"):
        right = tf.cast(tf.equal(predictions, labels), tf.float32)
        if weights is None:
            return tf.reduce_mean(right)
        weights = tf.ones_like(right) * weights
        return tf.reduce_sum(right * weights) / tf.reduce_sum(weights)


def confusion_matrix(
    labels: Any, predictions: Any, num_classes: Any = None, dtype: Any = tf.int32, name: Any = None, weights: Any = None
) -> Any:
    return tf.math.confusion_matrix(labels, predictions, num_classes, weights, dtype, name)


def streaming_accuracy(predictions: Any, labels: Any, weights: Any = None, metrics_collections: Any = None,
                       updates_collections: Any = None, name: Any = None) -> Any:  # fmt: skip
    return tf.metrics.accuracy(labels, predictions, weights, metrics_collections, updates_collections, name)


def _swapped(name: str) -> Any:
    """A metric of `tf.metrics` with predictions before labels."""
    metric = getattr(tf.metrics, name)

    def streaming(predictions: Any, labels: Any, *args: Any, **kwargs: Any) -> Any:
        return metric(labels, predictions, *args, **kwargs)

    streaming.__name__ = streaming.__qualname__ = f"streaming_{name}"
    streaming.__doc__ = f"As `tf.metrics.{name}`, with predictions before labels."
    return streaming


streaming_precision, streaming_recall, streaming_auc = _swapped("precision"), _swapped("recall"), _swapped("auc")
streaming_mean_squared_error, streaming_mean_absolute_error = _swapped("mean_squared_error"), _swapped("mean_absolute_error")
streaming_root_mean_squared_error, streaming_mean_iou = _swapped("root_mean_squared_error"), _swapped("mean_iou")


def f1_score(
    labels: Any, predictions: Any, weights: Any = None, num_thresholds: int = 200, metrics_collections: Any = None,
    updates_collections: Any = None, name: Any = None,
) -> Any:  # fmt: skip
    """The best F1 over thresholds of predictions in [0, 1]. Returns its value and the operation that updates it."""
    with tf.variable_scope(name, "f1", [labels, predictions]):
        tiny = 1e-7
        thresholds = tf.constant([-tiny, *((i + 1) / (num_thresholds - 1) for i in range(num_thresholds - 2)), 1 + tiny])
        labels, scores = tf.reshape(tf.cast(labels, tf.bool), [1, -1]), tf.reshape(tf.cast(predictions, tf.float32), [1, -1])
        weight = (
            tf.ones_like(scores) if weights is None else tf.reshape(tf.cast(weights, tf.float32) * tf.ones_like(scores), [1, -1])
        )
        positive = scores > tf.expand_dims(thresholds, 1)
        sums, updates = [], []
        for kind, hit in (("tp", positive & labels), ("fp", positive & ~labels), ("fn", ~positive & labels)):
            v = tf.get_variable(kind, [num_thresholds], initializer=tf.zeros_initializer(), trainable=False,
                                collections=[tf.GraphKeys.LOCAL_VARIABLES, tf.GraphKeys.METRIC_VARIABLES])  # fmt: skip
            sums.append(v)
            updates.append(tf.assign_add(v, tf.reduce_sum(tf.cast(hit, tf.float32) * weight, 1)))

        def best(tp: Any, fp: Any, fn: Any) -> Any:
            precision, recall = tp / (1e-10 + tp + fp), tp / (1e-10 + tp + fn)
            return tf.reduce_max(2.0 * precision * recall / (precision + recall + 1e-10))

        value, update = best(*sums), best(*updates)
        for key in metrics_collections or []:
            tf.add_to_collection(key, value)
        for key in updates_collections or []:
            tf.add_to_collection(key, update)
        return value, update


def aggregate_metrics(*value_update_tuples: Any) -> Any:
    """The values and the updates of metrics, as two lists."""
    if not value_update_tuples:
        raise ValueError("Expected at least one value_tensor/update_op pair")
    values, updates = zip(*value_update_tuples)
    return list(values), list(updates)


def aggregate_metric_map(names_to_tuples: dict[str, Any]) -> Any:
    """The values and the updates of metrics, as two dicts."""
    return {k: v[0] for k, v in names_to_tuples.items()}, {k: v[1] for k, v in names_to_tuples.items()}


def set_difference(a: Any, b: Any, aminusb: bool = True, validate_indices: bool = True) -> Any:
    return tf.sets.difference(a, b, aminusb, validate_indices)


def set_intersection(a: Any, b: Any, validate_indices: bool = True) -> Any:
    return tf.sets.intersection(a, b, validate_indices)


def set_size(a: Any, validate_indices: bool = True) -> Any:
    return tf.sets.size(a, validate_indices)


def set_union(a: Any, b: Any, validate_indices: bool = True) -> Any:
    return tf.sets.union(a, b, validate_indices)
