"""What every loss does around its formula: conversion, ranks, masks, sample weights, the reduction to one number."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import thalweg as tf
from thalweg.keras import config, naming, notes
from thalweg.keras.saving import registration


class Reduction:
    """Names of the reductions. Source: `tf.keras.losses.Reduction`."""

    AUTO = "auto"
    NONE = "none"
    SUM = "sum"
    SUM_OVER_BATCH_SIZE = "sum_over_batch_size"

    @classmethod
    def all(cls) -> tuple[str, ...]:
        return cls.AUTO, cls.NONE, cls.SUM, cls.SUM_OVER_BATCH_SIZE

    @classmethod
    def validate(cls, key: Any) -> None:
        if key not in cls.all():
            raise ValueError(f"Unknown reduction {key!r}: write one of {', '.join(cls.all())}.")


_REDUCTIONS = ("sum_over_batch_size", "mean", "mean_with_sample_weight", "sum", "none", "auto", None)


def standardize_reduction(reduction: str | None) -> str | None:
    """`reduction` if it is one, with Keras 2's 'auto' as what it means."""
    if reduction not in _REDUCTIONS:
        names = ", ".join(map(repr, _REDUCTIONS))
        raise ValueError(f"Invalid value for argument `reduction`: {reduction!r}. Write one of {names}.")
    return "sum_over_batch_size" if reduction == "auto" else reduction


# -- conversion and ranks ------------------------------------------------------------------------------------


def cast(x: Any, dtype: Any) -> Any:
    """`x` as a tensor of `dtype`; the same tensor when it is one already, so that notes on it stay."""
    if not tf.is_tensor(x):
        x = tf.convert_to_tensor(x)
    return x if x.dtype == dtype else tf.cast(x, dtype)


def to_float(x: Any) -> Any:
    """`x` as a tensor; integers and booleans become the default float type."""
    x = tf.convert_to_tensor(x)
    return x if x.dtype.is_floating or x.dtype.is_complex else tf.cast(x, config.floatx())


def same_rank(a: Any, b: Any, expand_rank_1: bool = True) -> tuple[Any, Any]:
    """Make the ranks of `a` and `b` equal where they differ by a last dimension of 1: `[n]` and `[n, 1]`.

    A rank-1 side is expanded (or, without `expand_rank_1`, the other one squeezed), any other squeezed.
    """
    rank_a, rank_b = a.shape.rank, b.shape.rank
    if rank_a is None or rank_b is None or abs(rank_a - rank_b) != 1:
        return a, b
    if rank_a > rank_b:
        b, a = same_rank(b, a, expand_rank_1)
        return a, b
    if b.shape[-1] != 1:
        return a, b
    if rank_a == 1 and expand_rank_1:
        return tf.expand_dims(a, -1), b
    return a, tf.squeeze(b, -1)


def pair(y_true: Any, y_pred: Any) -> tuple[Any, Any]:
    """Both as tensors of `y_pred`'s float type and of one rank: how every formula begins."""
    y_pred = to_float(y_pred)
    return same_rank(cast(y_true, y_pred.dtype), y_pred)


def check_same_shape(y_true: Any, y_pred: Any, function: str, advice: str = "") -> None:
    """Raise ValueError unless the two shapes agree, as far as they are known: broadcasting here would be nonsense."""
    if not y_true.shape.is_compatible_with(y_pred.shape):
        raise ValueError(
            f"{function} needs y_true and y_pred of the same shape, but y_true is {tuple(y_true.shape)} and y_pred is "
            f"{tuple(y_pred.shape)}.{' ' if advice else ''}{advice}"
        )


# -- weights, masks, reduction -------------------------------------------------------------------------------


def weigh_by_mask(sample_weight: Any, mask: Any, dtype: Any, reduction: str | None) -> Any:
    """`sample_weight` with the masked entries at 0; for means, the others grow so that only they are averaged."""
    if mask is None:
        return sample_weight
    mask = cast(mask, dtype)
    if reduction in ("mean", "sum_over_batch_size"):
        mask *= tf.math.divide_no_nan(tf.cast(tf.size(mask), dtype), tf.reduce_sum(mask))
    if sample_weight is None:
        return mask
    mask, sample_weight = same_rank(mask, cast(sample_weight, dtype))
    return sample_weight * mask


def align_weights(values: Any, sample_weight: Any) -> tuple[Any, Any]:
    """Values and weights that multiply: a weight per sample weighs all the values of that sample."""
    values, sample_weight = same_rank(values, sample_weight)
    rank, weight_rank = values.shape.rank, sample_weight.shape.rank
    if rank is not None and weight_rank:
        for _ in range(rank - weight_rank):
            sample_weight = tf.expand_dims(sample_weight, -1)
    return values, sample_weight


def reduce_weighted(
    values: Any, sample_weight: Any = None, mask: Any = None, reduction: str | None = "sum_over_batch_size"
) -> Any:
    """The loss values of a batch as one number (or unreduced), weighted and masked. Source: Keras 3."""
    sample_weight = weigh_by_mask(sample_weight, mask, values.dtype, reduction)
    if sample_weight is not None:
        values, sample_weight = align_weights(values, cast(sample_weight, values.dtype))
        values = values * sample_weight
    if reduction in (None, "none") or values.shape.rank == 0:
        return values
    if reduction == "sum":
        return tf.reduce_sum(values)
    if reduction == "mean_with_sample_weight" and sample_weight is not None:
        return tf.math.divide_no_nan(tf.reduce_sum(values), tf.reduce_sum(sample_weight))
    if values.shape.num_elements():
        return tf.reduce_mean(values)
    # Of an empty batch, or one whose size is not known yet: 0 rather than 0/0.
    return tf.math.divide_no_nan(tf.reduce_sum(values), tf.cast(tf.size(values), values.dtype))


# -- classes -------------------------------------------------------------------------------------------------


class Loss:
    """Base class of losses: subclass it and write `call(y_true, y_pred)`, one value per sample.

    Source: `tf.keras.losses.Loss`. `reduction`: 'sum_over_batch_size' (the mean of all values), 'sum', 'none', or
    'mean_with_sample_weight' (the sum over that of the weights).

    >>> class Squared(tf.keras.losses.Loss):
    ...     def call(self, y_true, y_pred):
    ...         return tf.reduce_mean((y_pred - y_true) ** 2, axis=-1)
    >>> float(Squared()([[1.0], [2.0]], [[1.0], [4.0]]))
    2.0
    """

    def __init__(self, name: str | None = None, reduction: str | None = "sum_over_batch_size", dtype: Any = None):
        if name in _REDUCTIONS and reduction not in _REDUCTIONS:  # Keras 2's order: reduction, name
            name, reduction = reduction, name
        self.name = name or naming.auto_name(type(self).__name__)
        self.reduction = standardize_reduction(reduction)
        self._dtype = config.standardize_dtype(dtype)

    @property
    def dtype(self) -> str:
        return self._dtype

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        if tf.executing_eagerly():
            return self._reduced(y_true, y_pred, sample_weight)
        with tf.name_scope(naming.to_snake_case(self.name) or "loss"):
            return self._reduced(y_true, y_pred, sample_weight)

    def _reduced(self, y_true: Any, y_pred: Any, sample_weight: Any) -> Any:
        in_mask = notes.get_mask(y_pred)
        values = self.call(self._convert(y_true), self._convert(y_pred))
        out_mask = notes.get_mask(values)
        mask = in_mask if out_mask is None else out_mask if in_mask is None else in_mask & out_mask
        if sample_weight is not None:
            sample_weight = cast(sample_weight, self._dtype)
        return reduce_weighted(cast(values, self._dtype), sample_weight, mask, self.reduction)

    def _convert(self, y: Any) -> Any:
        """Every tensor of a structure as the loss' dtype; nested lists of numbers are one tensor."""
        if isinstance(y, dict):
            return {key: self._convert(value) for key, value in y.items()}
        if isinstance(y, (list, tuple)) and any(tf.is_tensor(item) or isinstance(item, np.ndarray) for item in y):
            return type(y)(self._convert(item) for item in y)
        return cast(y, self._dtype)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        raise NotImplementedError(f"{type(self).__name__} needs a call(y_true, y_pred) method.")

    def get_config(self) -> dict[str, Any]:
        return {"name": self.name, "reduction": self.reduction}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        return cls(**config)


class LossFunctionWrapper(Loss):
    """A loss made of a function `fn(y_true, y_pred, **kwargs)`. Source: `tf.keras.losses.LossFunctionWrapper`.

    A subclass fixes `fn` and passes its settings on as `kwargs`; they become attributes and its config.
    """

    def __init__(
        self,
        fn: Callable[..., Any],
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: Any = None,
        **kwargs: Any,
    ):
        super().__init__(name=name, reduction=reduction, dtype=dtype)
        self.fn = fn
        self._fn_kwargs = kwargs
        if type(self) is not LossFunctionWrapper:
            self.__dict__.update(kwargs)

    def _convert(self, y: Any) -> Any:
        return cast(y, self._dtype)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        y_true, y_pred = same_rank(y_true, y_pred)
        return self.fn(y_true, y_pred, **self._fn_kwargs)

    def get_config(self) -> dict[str, Any]:
        fn = {"fn": registration.serialize_keras_object(self.fn)} if type(self) is LossFunctionWrapper else {}
        return {**super().get_config(), **fn, **registration.serialize_keras_object(self._fn_kwargs)}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        if cls is LossFunctionWrapper:
            return cls(**registration.deserialize_keras_object(config))
        # Keras 2 also wrote the function's name.
        return cls(**{key: value for key, value in config.items() if key != "fn"})

    def __repr__(self) -> str:
        return f"<LossFunctionWrapper({self.fn}, kwargs={self._fn_kwargs})>"
