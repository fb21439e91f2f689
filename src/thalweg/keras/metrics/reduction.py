"""Metrics that add up: the mean, the sum, the mean of a function. Source: `tf.keras.metrics` (Keras 3; two of Keras 2).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import thalweg as tf
from thalweg.keras import notes
from thalweg.keras.losses.base import cast, same_rank, weigh_by_mask
from thalweg.keras.metrics.base import Metric
from thalweg.keras.saving import registration


def _per_sample(values: Any, sample_weight: Any, reduce: Callable[..., Any], dtype: str) -> tuple[Any, Any]:
    """Values and weights as `[batch]` (or scalars): the other axes reduced, the values weighed."""
    mask = notes.get_mask(values)
    values = cast(values, dtype)
    # Keras 3 forgets the mask when there are no weights; Keras 2 does not.
    sample_weight = weigh_by_mask(sample_weight, mask, dtype, "sum")
    if sample_weight is not None:
        values, sample_weight = same_rank(values, cast(sample_weight, dtype))
        rank, weight_rank = values.shape.rank, sample_weight.shape.rank
        if rank > weight_rank:
            values = reduce(values, axis=list(range(weight_rank, rank)))
        if not values.shape.is_fully_defined() or sample_weight.shape != values.shape:
            sample_weight = tf.broadcast_to(sample_weight, tf.shape(values))
        values = values * sample_weight
        if weight_rank > 1:
            sample_weight = reduce(sample_weight, axis=list(range(1, weight_rank)))
    if values.shape.rank > 1:
        values = reduce(values, axis=list(range(1, values.shape.rank)))
    return values, sample_weight


class Sum(Metric):
    """The weighted sum of all values.

    >>> float(tf.keras.metrics.Sum()([1, 3, 5]))
    9.0
    """

    def __init__(self, name: str | None = "sum", dtype: Any = None):
        super().__init__(name=name, dtype=dtype)
        self.total = self.add_weight(name="total")

    def update_state(self, values: Any, sample_weight: Any = None) -> None:
        values, _ = _per_sample(values, sample_weight, tf.reduce_sum, self._dtype)
        self.total.assign_add(tf.reduce_sum(values))

    def result(self) -> Any:
        return tf.identity(self.total)


class Mean(Metric):
    """The weighted mean of all values; 0 before the first.

    >>> float(tf.keras.metrics.Mean()([1, 3, 5], sample_weight=[1, 1, 0]))
    2.0
    """

    def __init__(self, name: str | None = "mean", dtype: Any = None):
        super().__init__(name=name, dtype=dtype)
        self.total = self.add_weight(name="total")
        self.count = self.add_weight(name="count")

    def update_state(self, values: Any, sample_weight: Any = None) -> None:
        values, sample_weight = _per_sample(values, sample_weight, tf.reduce_mean, self._dtype)
        self.total.assign_add(tf.reduce_sum(values))
        if sample_weight is not None:
            count = tf.reduce_sum(sample_weight)
        elif values.shape.rank == 0:
            count = tf.ones([], self._dtype)
        else:
            samples = values.shape[0]
            count = tf.cast(tf.shape(values)[0] if samples is None else samples, self._dtype)
        self.count.assign_add(count)

    def result(self) -> Any:
        return tf.math.divide_no_nan(self.total, self.count)


class MeanMetricWrapper(Mean):
    """The mean of a function `fn(y_true, y_pred, **kwargs)` of labels and predictions.

    A subclass fixes `fn` and passes its settings on as `kwargs`; they become attributes and its config.
    """

    def __init__(self, fn: Callable[..., Any], name: str | None = None, dtype: Any = None, **kwargs: Any):
        super().__init__(name=name, dtype=dtype)
        self._fn = fn
        self._fn_kwargs = kwargs
        if type(self) is not MeanMetricWrapper:
            self.__dict__.update(kwargs)

    def update_state(  # type: ignore[override]
        self, y_true: Any, y_pred: Any, sample_weight: Any = None
    ) -> None:
        mask = notes.get_mask(y_pred)
        values = self._fn(y_true, y_pred, **self._fn_kwargs)
        super().update_state(values, weigh_by_mask(sample_weight, mask, self._dtype, "sum"))

    def get_config(self) -> dict[str, Any]:
        fn = {"fn": registration.serialize_keras_object(self._fn)} if type(self) is MeanMetricWrapper else {}
        return {**super().get_config(), **fn, **registration.serialize_keras_object(self._fn_kwargs)}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        if cls is MeanMetricWrapper:
            if isinstance(config.get("fn"), str):  # Keras 2 writes the function's bare name
                function = {"module": None, "class_name": "function", "config": config["fn"]}
                config = {**config, "fn": registration.deserialize_keras_object(function)}
            return cls(**{key: registration.deserialize_keras_object(config[key]) for key in config if key != "fn"}, fn=(
                config["fn"] if callable(config["fn"]) else registration.deserialize_keras_object(config["fn"])
            ))
        return cls(**{key: value for key, value in config.items() if key != "fn"})


class MeanTensor(Metric):
    """The weighted mean of each entry of tensors of one shape (Keras 2).

    >>> mean = tf.keras.metrics.MeanTensor()
    >>> mean.update_state([0.0, 2.0])
    >>> mean([4.0, 2.0]).numpy()
    array([2., 2.], dtype=float32)
    """

    def __init__(self, name: str | None = "mean_tensor", dtype: Any = None, shape: Any = None):
        super().__init__(name=name, dtype=dtype)
        self.total: Any = None
        self.count: Any = None
        if shape is not None:
            self._build(shape)

    def _build(self, shape: Any) -> None:
        self.total = self.add_weight(name="total", shape=shape)
        self.count = self.add_weight(name="count", shape=shape)

    def update_state(self, values: Any, sample_weight: Any = None) -> None:
        values = cast(values, self._dtype)
        if self.total is None:
            self._build(values.shape)
        elif values.shape != self.total.shape:
            raise ValueError(
                f"MeanTensor takes values of the shape it began with, {tuple(self.total.shape)}, "
                f"but these are {tuple(values.shape)}."
            )
        weight = tf.ones_like(values)
        if sample_weight is not None:
            _, sample_weight = same_rank(values, cast(sample_weight, self._dtype))
            for _ in range(values.shape.rank - sample_weight.shape.rank):
                sample_weight = tf.expand_dims(sample_weight, -1)
            weight *= sample_weight
        self.total.assign_add(values * weight)
        self.count.assign_add(weight)

    def result(self) -> Any:
        if self.total is None:
            raise ValueError("This MeanTensor has seen nothing yet: call update_state(values) before result().")
        return tf.math.divide_no_nan(self.total, self.count)
