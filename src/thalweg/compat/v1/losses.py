"""`tf.losses`: weighted losses that collect themselves.

A loss is averaged over the elements whose weight is not zero, unless `reduction` says otherwise, and is added to the
collection LOSSES. `weights` is a number, or has the loss' shape, or ones in its place.
Source: https://www.tensorflow.org/api_docs/python/tf/compat/v1/losses
"""

from __future__ import annotations

from typing import Any

from thalweg.compat.v1.graph import GraphKeys, add_to_collection, get_collection
from thalweg.engine.core import convert, dtypes
from thalweg.engine.core.context import local
from thalweg.engine.core.registry import REGISTRY
from thalweg.engine.ops import losses as cross_entropies
from thalweg.engine.ops.comparison import equal, greater, where
from thalweg.engine.ops.creation import ones_like, zeros_like
from thalweg.engine.ops.division import div_no_nan
from thalweg.engine.ops.elementwise import abs, add_n, maximum, minimum, square
from thalweg.engine.ops.reduce import reduce_sum
from thalweg.engine.ops.scopes import scope as name_scope
from thalweg.engine.ops.shaping import broadcast_to, cast, shape as shape_of, size, squeeze, stop_gradient


class Reduction:
    """Ways to make one number of the weighted losses."""

    NONE = "none"
    SUM = "weighted_sum"
    SUM_OVER_BATCH_SIZE = "weighted_sum_over_batch_size"
    MEAN = "weighted_mean"
    SUM_BY_NONZERO_WEIGHTS = "weighted_sum_by_nonzero_weights"
    SUM_OVER_NONZERO_WEIGHTS = SUM_BY_NONZERO_WEIGHTS

    @classmethod
    def all(cls) -> tuple[str, ...]:
        return cls.NONE, cls.SUM, cls.MEAN, cls.SUM_OVER_BATCH_SIZE, cls.SUM_OVER_NONZERO_WEIGHTS, cls.SUM_BY_NONZERO_WEIGHTS

    @classmethod
    def validate(cls, key: str) -> None:
        if key not in cls.all():
            raise ValueError(f"Invalid Reduction Key {key}. Key should be one of {cls.all()}.")


_BY_NONZERO = Reduction.SUM_BY_NONZERO_WEIGHTS


# -- the collection ------------------------------------------------------------------------------------------


def add_loss(loss: Any, loss_collection: Any = GraphKeys.LOSSES) -> None:
    """Add a loss of one's own to those that `get_total_loss` sums."""
    if loss_collection and local.graph is not None:
        add_to_collection(loss_collection, loss)


def get_losses(scope: Any = None, loss_collection: Any = GraphKeys.LOSSES) -> list[Any]:
    return get_collection(loss_collection, scope)


def get_regularization_losses(scope: Any = None) -> list[Any]:
    return get_collection(GraphKeys.REGULARIZATION_LOSSES, scope)


def get_regularization_loss(scope: Any = None, name: str = "total_regularization_loss") -> Any:
    """The sum of the regularization losses; 0 if there are none."""
    found = get_regularization_losses(scope)
    return REGISTRY["AddN"](*found, name=name) if found else convert.convert_to_tensor(0.0)


def get_total_loss(add_regularization_losses: bool = True, name: str = "total_loss", scope: Any = None) -> Any:
    """The sum of the collected losses, and of the regularization losses unless told otherwise."""
    found = get_losses(scope=scope)
    if add_regularization_losses:
        found += get_regularization_losses(scope=scope)
    if not found:
        raise ValueError("There is no loss to add up: call one of tf.losses' functions first.")
    return add_n(found, name=name)


# -- weighting -----------------------------------------------------------------------------------------------


def _check_broadcastable(weights: Any, values: Any) -> None:
    """Raises ValueError unless `weights` is a scalar, or has the values' rank and sizes of theirs or 1."""
    w, v = weights.shape, values.shape
    if w.rank is None or v.rank is None or w.rank == 0:
        return
    fits = w.rank == v.rank and all(
        a is None or b is None or a in (1, b) for a, b in zip(w.as_list(), v.as_list())
    )  # fmt: skip
    if not fits:
        raise ValueError(
            f"weights can not be broadcast to values. values.shape={v}, weights.shape={w}: weights must be a scalar, or "
            "have the rank of the values and in each axis their size or 1."
        )


def _count_present(losses: Any, weights: Any, per_batch: bool = False) -> Any:
    """How many of the losses have a weight that is not zero."""
    present = where(equal(weights, 0.0), zeros_like(weights), ones_like(weights))
    present = broadcast_to(present, shape_of(losses))
    if per_batch:
        return reduce_sum(present, axis=list(range(1, losses.shape.rank)), keepdims=True)
    return reduce_sum(present)


def compute_weighted_loss(
    losses: Any, weights: Any = 1.0, scope: Any = None, loss_collection: Any = GraphKeys.LOSSES, reduction: str = _BY_NONZERO
) -> Any:
    """The losses times their weights, reduced to one number. Raises ValueError for weights that do not fit."""
    Reduction.validate(reduction)
    with name_scope(scope, "weighted_loss"):
        losses = convert.convert_to_tensor(losses)
        dtype = losses.dtype
        losses, weights = cast(losses, dtypes.float32), cast(weights, dtypes.float32)
        _check_broadcastable(weights, losses)
        loss = losses * weights
        if reduction != Reduction.NONE:
            loss = reduce_sum(loss)
        if reduction == Reduction.MEAN:
            loss = div_no_nan(loss, reduce_sum(ones_like(losses) * weights), name="value")
        elif reduction == _BY_NONZERO:
            loss = div_no_nan(loss, _count_present(losses, weights), name="value")
        elif reduction == Reduction.SUM_OVER_BATCH_SIZE:
            loss = div_no_nan(loss, cast(size(losses), dtypes.float32), name="value")
        loss = cast(loss, dtype)
        add_loss(loss, loss_collection)
        return loss


def _floats(labels: Any, predictions: Any) -> tuple[Any, Any]:
    """Both as float32 tensors. Raises ValueError if one is missing or the shapes do not fit."""
    for what, value in (("labels", labels), ("predictions", predictions)):
        if value is None:
            raise ValueError(f"Argument `{what}` must not be None.")
    predictions, labels = cast(predictions, dtypes.float32), cast(labels, dtypes.float32)
    predictions.shape.assert_is_compatible_with(labels.shape)
    return labels, predictions


# -- the losses ----------------------------------------------------------------------------------------------


def absolute_difference(
    labels: Any, predictions: Any, weights: Any = 1.0, scope: Any = None, loss_collection: Any = GraphKeys.LOSSES,
    reduction: str = _BY_NONZERO,
) -> Any:  # fmt: skip
    """`|predictions - labels|`, weighted and reduced."""
    with name_scope(scope, "absolute_difference") as here:
        labels, predictions = _floats(labels, predictions)
        return compute_weighted_loss(abs(predictions - labels), weights, here, loss_collection, reduction)


def cosine_distance(
    labels: Any, predictions: Any, axis: Any = None, weights: Any = 1.0, scope: Any = None, loss_collection: Any = GraphKeys.LOSSES,
    reduction: str = _BY_NONZERO, dim: Any = None,
) -> Any:  # fmt: skip
    """One minus the product along `axis` of vectors that have length one already."""
    axis = dim if axis is None else axis
    if axis is None:
        raise ValueError("You must specify argument `axis`.")
    with name_scope(scope, "cosine_distance_loss") as here:
        labels, predictions = _floats(labels, predictions)
        losses = 1 - reduce_sum(predictions * labels, axis=axis, keepdims=True)
        return compute_weighted_loss(losses, weights, here, loss_collection, reduction)


def hinge_loss(
    labels: Any, logits: Any, weights: Any = 1.0, scope: Any = None, loss_collection: Any = GraphKeys.LOSSES,
    reduction: str = _BY_NONZERO,
) -> Any:  # fmt: skip
    """`max(0, 1 - y * logits)`, where y is -1 for label 0 and 1 for label 1."""
    with name_scope(scope, "hinge_loss") as here:
        labels, logits = _floats(labels, logits)
        losses = REGISTRY["Relu"](1.0 - (2.0 * labels - 1.0) * logits)
        return compute_weighted_loss(losses, weights, here, loss_collection, reduction)


def huber_loss(
    labels: Any, predictions: Any, weights: Any = 1.0, delta: float = 1.0, scope: Any = None,
    loss_collection: Any = GraphKeys.LOSSES,
    reduction: str = _BY_NONZERO,
) -> Any:  # fmt: skip
    """Half the squared error up to `delta`, linear from there."""
    with name_scope(scope, "huber_loss") as here:
        labels, predictions = _floats(labels, predictions)
        error = abs(predictions - labels)
        quadratic = minimum(error, delta)
        losses = 0.5 * quadratic * quadratic + delta * (error - quadratic)
        return compute_weighted_loss(losses, weights, here, loss_collection, reduction)


def log_loss(
    labels: Any, predictions: Any, weights: Any = 1.0, epsilon: float = 1e-7, scope: Any = None,
    loss_collection: Any = GraphKeys.LOSSES, reduction: str = _BY_NONZERO,
) -> Any:  # fmt: skip
    """Cross-entropy of predicted probabilities, each label by itself."""
    log = REGISTRY["Log"]
    with name_scope(scope, "log_loss") as here:
        labels, predictions = _floats(labels, predictions)
        losses = -labels * log(predictions + epsilon) - (1 - labels) * log(1 - predictions + epsilon)
        return compute_weighted_loss(losses, weights, here, loss_collection, reduction)


def mean_pairwise_squared_error(
    labels: Any, predictions: Any, weights: Any = 1.0, scope: Any = None, loss_collection: Any = GraphKeys.LOSSES
) -> Any:
    """The squared differences between the errors of all pairs of one example's outputs."""
    with name_scope(scope, "mean_pairwise_squared_error"):
        labels, predictions = _floats(labels, predictions)
        weights = cast(weights, dtypes.float32)
        _check_broadcastable(weights, labels)
        errors = predictions - labels
        axes = list(range(1, errors.shape.rank))
        count = _count_present(errors, weights, per_batch=True)
        squares = reduce_sum(square(errors), axis=axes, keepdims=True)
        sums = reduce_sum(errors, axis=axes, keepdims=True)
        first = 2.0 * div_no_nan(squares, maximum(count - 1, 0.0))
        second = 2.0 * div_no_nan(square(sums), maximum(count * (count - 1), 0.0))
        total = reduce_sum((first - second) * weights)
        loss = where(greater(reduce_sum(count), 0.0), total, zeros_like(total))
        add_loss(loss, loss_collection)
        return loss


def mean_squared_error(
    labels: Any, predictions: Any, weights: Any = 1.0, scope: Any = None, loss_collection: Any = GraphKeys.LOSSES,
    reduction: str = _BY_NONZERO,
) -> Any:  # fmt: skip
    """`(predictions - labels) ** 2`, weighted and reduced.

    >>> tf.compat.v1.losses.mean_squared_error([1.0, 2.0], [1.0, 4.0]).numpy()
    np.float32(2.0)
    """
    with name_scope(scope, "mean_squared_error") as here:
        labels, predictions = _floats(labels, predictions)
        losses = REGISTRY["SquaredDifference"](predictions, labels)
        return compute_weighted_loss(losses, weights, here, loss_collection, reduction)


def sigmoid_cross_entropy(
    multi_class_labels: Any, logits: Any, weights: Any = 1.0, label_smoothing: float = 0, scope: Any = None,
    loss_collection: Any = GraphKeys.LOSSES, reduction: str = _BY_NONZERO,
) -> Any:  # fmt: skip
    """Cross-entropy of each logit with its own label."""
    with name_scope(scope, "sigmoid_cross_entropy_loss") as here:
        logits = convert.convert_to_tensor(logits)
        labels = cast(multi_class_labels, logits.dtype)
        logits.shape.assert_is_compatible_with(labels.shape)
        if label_smoothing > 0:
            labels = labels * (1 - label_smoothing) + 0.5 * label_smoothing
        losses = cross_entropies.sigmoid_cross_entropy_with_logits(labels=labels, logits=logits, name="xentropy")
        return compute_weighted_loss(losses, weights, here, loss_collection, reduction)


def softmax_cross_entropy(
    onehot_labels: Any, logits: Any, weights: Any = 1.0, label_smoothing: float = 0, scope: Any = None,
    loss_collection: Any = GraphKeys.LOSSES, reduction: str = _BY_NONZERO,
) -> Any:  # fmt: skip
    """Cross-entropy of softmax with distributions over classes (last axis); no gradient goes into the labels."""
    with name_scope(scope, "softmax_cross_entropy_loss") as here:
        logits = convert.convert_to_tensor(logits)
        labels = cast(onehot_labels, logits.dtype)
        logits.shape.assert_is_compatible_with(labels.shape)
        if label_smoothing > 0:
            classes = cast(shape_of(labels)[-1], logits.dtype)
            labels = labels * (1.0 - label_smoothing) + label_smoothing / classes
        losses = cross_entropies.softmax_cross_entropy_with_logits(stop_gradient(labels), logits, name="xentropy")
        return compute_weighted_loss(losses, weights, here, loss_collection, reduction)


def sparse_softmax_cross_entropy(
    labels: Any, logits: Any, weights: Any = 1.0, scope: Any = None, loss_collection: Any = GraphKeys.LOSSES,
    reduction: str = _BY_NONZERO,
) -> Any:  # fmt: skip
    """Cross-entropy of softmax with class numbers: labels `[...]` or `[..., 1]`, logits `[..., classes]`."""
    for what, value in (("labels", labels), ("logits", logits)):
        if value is None:
            raise ValueError(f"Argument `{what}` must not be None.")
    with name_scope(scope, "sparse_softmax_cross_entropy_loss") as here:
        labels, logits = convert.convert_to_tensor(labels), convert.convert_to_tensor(logits)
        if labels.shape.rank is not None and labels.shape.rank == logits.shape.rank:
            labels = squeeze(labels, [-1])
        weights = convert.convert_to_tensor(weights)
        if None not in (weights.shape.rank, labels.shape.rank) and weights.shape.rank == labels.shape.rank + 1:
            weights = squeeze(weights, [-1])
        losses = cross_entropies.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits, name="xentropy")
        return compute_weighted_loss(losses, weights, here, loss_collection, reduction)


__all__ = [
    "Reduction", "absolute_difference", "add_loss", "compute_weighted_loss", "cosine_distance", "get_losses",
    "get_regularization_loss", "get_regularization_losses", "get_total_loss", "hinge_loss", "huber_loss", "log_loss",
    "mean_pairwise_squared_error", "mean_squared_error", "sigmoid_cross_entropy", "softmax_cross_entropy",
    "sparse_softmax_cross_entropy",
]  # fmt: skip
