"""Losses between probabilities: each formula, then the class over it. Source: `tf.keras.losses` (Keras 3).

Where the logits behind `y_pred` are known (`notes.as_logits`) the cross-entropies start from them.
"""

from __future__ import annotations

import warnings
from typing import Any

import thalweg as tf
from thalweg.keras import config, notes
from thalweg.keras.losses.base import LossFunctionWrapper, cast, check_same_shape, pair, to_float


def _clip(probabilities: Any) -> Any:
    epsilon = config.epsilon()
    return tf.clip_by_value(probabilities, epsilon, 1.0 - epsilon)


# -- two classes, or several that do not exclude each other ------------------------------------------------


def _binary(y_true: Any, y_pred: Any, from_logits: bool) -> Any:
    """Cross-entropy of each entry."""
    check_same_shape(y_true, y_pred, "binary_crossentropy", _BINARY_ADVICE)
    y_pred, from_logits = notes.as_logits(y_pred, from_logits, "Sigmoid", "binary_crossentropy")
    if from_logits:
        return tf.nn.sigmoid_cross_entropy_with_logits(labels=y_true, logits=y_pred)
    p = _clip(y_pred)
    return -(y_true * tf.math.log(p) + (1.0 - y_true) * tf.math.log(1.0 - p))


_BINARY_ADVICE = "For class numbers against a column per class use sparse_categorical_crossentropy."


def binary_crossentropy(
    y_true: Any, y_pred: Any, from_logits: bool = False, label_smoothing: float = 0.0, axis: int = -1
) -> Any:
    """Mean over `axis` of the cross-entropy of yes/no labels.

    y_true: 0 and 1 (or probabilities), y_pred: probabilities (logits with `from_logits`), both `[batch, .., n]`.
    Returns `[batch, ..]`. Raises ValueError when the shapes differ.

    >>> tf.keras.losses.binary_crossentropy([[0.0, 1.0]], [[0.5, 0.5]]).numpy()
    array([0.6931472], dtype=float32)
    """
    y_true, y_pred = pair(y_true, y_pred)
    if label_smoothing:
        y_true = y_true * (1.0 - label_smoothing) + 0.5 * label_smoothing
    return tf.reduce_mean(_binary(y_true, y_pred, from_logits), axis=axis)


class BinaryCrossentropy(LossFunctionWrapper):
    """Cross-entropy of yes/no labels."""

    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "binary_crossentropy",
        dtype: Any = None,
    ):
        settings = {"from_logits": from_logits, "label_smoothing": label_smoothing, "axis": axis}
        super().__init__(binary_crossentropy, reduction, name, dtype, **settings)


def binary_focal_crossentropy(
    y_true: Any,
    y_pred: Any,
    apply_class_balancing: bool = False,
    alpha: float = 0.25,
    gamma: float = 2.0,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Any:
    """`binary_crossentropy` with each entry weighed by `(1 - p) ** gamma`, `p` the probability given to the truth.

    With `apply_class_balancing` ones weigh `alpha` and zeros `1 - alpha`. Shapes as `binary_crossentropy`.
    """
    y_true, y_pred = pair(y_true, y_pred)
    if label_smoothing:
        y_true = y_true * (1.0 - label_smoothing) + 0.5 * label_smoothing
    if from_logits:
        y_pred = notes.set_logits(tf.sigmoid(y_pred), y_pred)
    p_true = y_true * y_pred + (1.0 - y_true) * (1.0 - y_pred)
    values = tf.pow(1.0 - p_true, gamma) * _binary(y_true, y_pred, from_logits=False)
    if apply_class_balancing:
        values *= y_true * alpha + (1.0 - y_true) * (1.0 - alpha)
    return tf.reduce_mean(values, axis=axis)


class BinaryFocalCrossentropy(LossFunctionWrapper):
    """Cross-entropy of yes/no labels that dwells on the hard ones (Lin et al. 2018)."""

    def __init__(
        self,
        apply_class_balancing: bool = False,
        alpha: float = 0.25,
        gamma: float = 2.0,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "binary_focal_crossentropy",
        dtype: Any = None,
    ):
        settings = {"from_logits": from_logits, "label_smoothing": label_smoothing, "axis": axis}
        focus = {"apply_class_balancing": apply_class_balancing, "alpha": alpha, "gamma": gamma}
        super().__init__(binary_focal_crossentropy, reduction, name, dtype, **settings, **focus)


# -- one of several classes ---------------------------------------------------------------------------------


def _one_hot_pair(y_true: Any, y_pred: Any, label_smoothing: float, axis: int, function: str) -> tuple[Any, Any]:
    if isinstance(axis, bool):
        raise ValueError(f"`axis` must be an int, but it is {axis}.")
    y_pred = to_float(y_pred)
    y_true = cast(y_true, y_pred.dtype)
    check_same_shape(
        y_true, y_pred, function, "It takes one-hot labels; for class numbers use sparse_categorical_crossentropy."
    )
    if y_pred.shape.rank and y_pred.shape[-1] == 1:
        warnings.warn(
            f"{function} got y_pred of shape {tuple(y_pred.shape)}, one class only, so the loss is the same for any "
            "prediction: for two classes use binary_crossentropy.",
            SyntaxWarning,
            stacklevel=4,
        )
    if label_smoothing:
        classes = tf.cast(tf.shape(y_true)[axis], y_pred.dtype)
        y_true = y_true * (1.0 - label_smoothing) + label_smoothing / classes
    return y_true, y_pred


def categorical_crossentropy(
    y_true: Any, y_pred: Any, from_logits: bool = False, label_smoothing: float = 0.0, axis: int = -1
) -> Any:
    """Cross-entropy of one-hot labels.

    y_true: one-hot, y_pred: probabilities (logits with `from_logits`), both `[batch, .., classes]` (classes at `axis`).
    Returns `[batch, ..]`. Raises ValueError when the shapes differ.

    >>> tf.keras.losses.categorical_crossentropy([[0.0, 1.0]], [[0.75, 0.25]]).numpy()
    array([1.3862944], dtype=float32)
    """
    y_true, y_pred = _one_hot_pair(y_true, y_pred, label_smoothing, axis, "categorical_crossentropy")
    y_pred, from_logits = notes.as_logits(y_pred, from_logits, "Softmax", "categorical_crossentropy")
    if from_logits:
        return tf.nn.softmax_cross_entropy_with_logits(labels=y_true, logits=y_pred, axis=axis)
    y_pred = _clip(y_pred / tf.reduce_sum(y_pred, axis=axis, keepdims=True))
    return -tf.reduce_sum(y_true * tf.math.log(y_pred), axis=axis)


class CategoricalCrossentropy(LossFunctionWrapper):
    """Cross-entropy of one-hot labels."""

    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "categorical_crossentropy",
        dtype: Any = None,
    ):
        settings = {"from_logits": from_logits, "label_smoothing": label_smoothing, "axis": axis}
        super().__init__(categorical_crossentropy, reduction, name, dtype, **settings)


def categorical_focal_crossentropy(
    y_true: Any,
    y_pred: Any,
    alpha: Any = 0.25,
    gamma: float = 2.0,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Any:
    """`categorical_crossentropy` weighed by `alpha * (1 - p) ** gamma`; `alpha` may hold a weight per class.

    Shapes as `categorical_crossentropy`.
    """
    y_true, y_pred = _one_hot_pair(y_true, y_pred, label_smoothing, axis, "categorical_focal_crossentropy")
    if from_logits:
        y_pred = tf.nn.softmax(y_pred, axis=axis)
    p = _clip(y_pred / tf.reduce_sum(y_pred, axis=axis, keepdims=True))
    weight = alpha * tf.pow(1.0 - p, gamma)
    return tf.reduce_sum(weight * (-y_true * tf.math.log(p)), axis=axis)


class CategoricalFocalCrossentropy(LossFunctionWrapper):
    """Cross-entropy of one-hot labels that dwells on the hard ones (Lin et al. 2018)."""

    def __init__(
        self,
        alpha: Any = 0.25,
        gamma: float = 2.0,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "categorical_focal_crossentropy",
        dtype: Any = None,
    ):
        settings = {"from_logits": from_logits, "label_smoothing": label_smoothing, "axis": axis}
        super().__init__(
            categorical_focal_crossentropy, reduction, name, dtype, alpha=alpha, gamma=gamma, **settings
        )


def sparse_categorical_crossentropy(
    y_true: Any, y_pred: Any, from_logits: bool = False, ignore_class: int | None = None, axis: int = -1
) -> Any:
    """Cross-entropy of class numbers.

    y_true: integers `[batch, ..]` or `[batch, .., 1]`, y_pred: probabilities (logits with `from_logits`)
    `[batch, .., classes]` (classes at `axis`). Returns `[batch, ..]`; entries of class `ignore_class` are 0 and do not
    count in means. Raises ValueError when the shapes do not fit.

    >>> tf.keras.losses.sparse_categorical_crossentropy([1], [[0.75, 0.25]]).numpy()
    array([1.3862944], dtype=float32)
    """
    y_pred = to_float(y_pred)
    y_pred, from_logits = notes.as_logits(y_pred, from_logits, "Softmax", "sparse_categorical_crossentropy")
    y_true = tf.convert_to_tensor(y_true)
    if y_true.shape.rank is not None and y_true.shape.rank == y_pred.shape.rank and y_true.shape[axis] == 1:
        y_true = tf.squeeze(y_true, axis)
    y_true, y_pred = tf.cast(y_true, "int64"), _classes_last(y_pred, axis)
    if not y_true.shape.is_compatible_with(y_pred.shape[:-1]):
        raise ValueError(
            f"sparse_categorical_crossentropy needs one class number per row of y_pred {tuple(y_pred.shape)}, but "
            f"y_true is {tuple(y_true.shape)}. For one-hot labels use categorical_crossentropy."
        )
    valid = None
    if ignore_class is not None:
        valid = tf.not_equal(y_true, ignore_class)
        y_true = tf.where(valid, y_true, tf.zeros_like(y_true))
        # Also the predictions: a NaN where nothing counts must not reach the gradient.
        y_pred = tf.where(valid[..., tf.newaxis], y_pred, tf.zeros_like(y_pred))
    logits = y_pred if from_logits else tf.math.log(_clip(y_pred))
    values = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y_true, logits=logits)
    if valid is not None:
        values = tf.where(valid, values, tf.zeros_like(values))
        notes.set_mask(values, valid)
    return values


def _classes_last(y_pred: Any, axis: int) -> Any:
    rank = y_pred.shape.rank
    if axis == -1 or axis == (rank or 0) - 1:
        return y_pred
    if rank is None:
        raise ValueError(f"axis={axis} needs a y_pred of known rank; use axis=-1.")
    axis %= rank
    return tf.transpose(y_pred, [*range(axis), *range(axis + 1, rank), axis])


class SparseCategoricalCrossentropy(LossFunctionWrapper):
    """Cross-entropy of class numbers.

    >>> loss = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    >>> float(loss([0, 1], [[9.0, 0.0], [0.0, 9.0]])) < 0.001
    True
    """

    def __init__(
        self,
        from_logits: bool = False,
        ignore_class: int | None = None,
        reduction: str | None = "sum_over_batch_size",
        axis: int = -1,
        name: str | None = "sparse_categorical_crossentropy",
        dtype: Any = None,
    ):
        settings = {"from_logits": from_logits, "ignore_class": ignore_class, "axis": axis}
        super().__init__(sparse_categorical_crossentropy, reduction, name, dtype, **settings)


def categorical_generalized_cross_entropy(y_true: Any, y_pred: Any, q: float) -> Any:
    """`(1 - p ** q) / q`, `p` the probability given to the true class: robust to wrong labels (Zhang, Sabuncu 2018).

    y_true: class numbers `[batch, ..]`, y_pred: probabilities `[batch, .., classes]`. Returns `[batch, ..]`.
    """
    y_pred = to_float(y_pred)
    labels = tf.one_hot(tf.cast(y_true, "int32"), tf.shape(y_pred)[-1], dtype=y_pred.dtype)
    p = tf.reduce_sum(y_pred * labels, axis=-1)
    return (1.0 - tf.pow(p, q)) / q


class CategoricalGeneralizedCrossEntropy(LossFunctionWrapper):
    """Between cross-entropy (`q` near 0) and mean absolute error (`q` near 1), for class numbers that may be wrong."""

    def __init__(
        self,
        q: float = 0.5,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "categorical_generalized_cross_entropy",
        dtype: Any = None,
    ):
        if not 0 < q < 1:
            raise ValueError(f"q must be between 0 and 1, but it is {q}.")
        super().__init__(categorical_generalized_cross_entropy, reduction, name, dtype, q=q)


def kl_divergence(y_true: Any, y_pred: Any) -> Any:
    """`sum(y_true * log(y_true / y_pred))` over the last axis.

    y_true, y_pred: probabilities `[batch, .., n]`. Returns `[batch, ..]`.
    """
    y_true, y_pred = pair(y_true, y_pred)
    y_true = tf.clip_by_value(y_true, config.epsilon(), 1.0)
    y_pred = tf.clip_by_value(y_pred, config.epsilon(), 1.0)
    return tf.reduce_sum(y_true * tf.math.log(y_true / y_pred), axis=-1)


class KLDivergence(LossFunctionWrapper):
    """Kullback-Leibler divergence of predictions from labels, both distributions."""

    def __init__(
        self, reduction: str | None = "sum_over_batch_size", name: str | None = "kl_divergence", dtype: Any = None
    ):
        super().__init__(kl_divergence, reduction, name, dtype)
