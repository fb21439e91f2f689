"""The base of metrics: state in variables, `update_state` batch by batch, `result` at any time."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import thalweg as tf
from thalweg.keras import config, initializers, naming

_KERAS_2_ORDER = ("name", "shape", "aggregation", "synchronization", "initializer", "dtype")
_KERAS_3_ORDER = ("shape", "initializer", "dtype", "name")


class Metric:
    """Base class: make state with `add_weight`, write `update_state` and `result`.

    State lives in variables, so that a metric works eagerly and inside a compiled step alike. Variables and metrics
    set as attributes belong to the metric. Source: `tf.keras.metrics.Metric`; both generations' spellings work.

    >>> class Count(tf.keras.metrics.Metric):
    ...     def __init__(self):
    ...         super().__init__(name="count")
    ...         self.seen = self.add_weight(name="seen", initializer="zeros")
    ...     def update_state(self, y_true, y_pred, sample_weight=None):
    ...         self.seen.assign_add(float(len(y_true)))
    ...     def result(self):
    ...         return self.seen.value()
    >>> float(Count()([1, 2, 3], [1, 2, 3]))
    3.0
    """

    _variables: list[Any]
    _metrics: list[Any]

    def __init__(self, dtype: Any = None, name: str | None = None, **kwargs: Any):
        if kwargs:
            raise TypeError(f"{type(self).__name__} got arguments it does not know: {', '.join(kwargs)}.")
        if isinstance(dtype, str) and not _is_dtype(dtype):  # Keras 2's order: name, dtype
            dtype, name = name, dtype
        self.__dict__.update(_variables=[], _metrics=[])
        self.name = name or naming.auto_name(type(self).__name__)
        self._dtype = config.standardize_dtype(dtype)

    def __setattr__(self, name: str, value: Any) -> None:
        for item in value if isinstance(value, (list, tuple)) else (value,):
            if isinstance(item, (tf.Variable, Metric)) and "_variables" not in self.__dict__:
                raise RuntimeError(f"{type(self).__name__}.__init__ must call super().__init__() before it makes state.")
            if isinstance(item, tf.Variable):
                _append_new(self._variables, item)
            elif isinstance(item, Metric):
                _append_new(self._metrics, item)
        super().__setattr__(name, value)

    # -- state ----------------------------------------------------------------------------------------------

    @property
    def dtype(self) -> str:
        return self._dtype

    @property
    def variables(self) -> list[Any]:
        """The metric's own variables, then those of the metrics inside it."""
        return [*self._variables, *(variable for metric in self._metrics for variable in metric.variables)]

    weights = variables
    non_trainable_variables = variables
    non_trainable_weights = variables

    @property
    def trainable_variables(self) -> list[Any]:
        return []

    trainable_weights = trainable_variables

    def add_weight(
        self,
        *args: Any,
        shape: Any = (),
        initializer: Any = None,
        dtype: Any = None,
        name: str | None = None,
        aggregation: Any = None,
        synchronization: Any = None,
    ) -> Any:
        """A variable of the metric; zeros by default.

        Positional arguments are `shape, initializer, dtype, name` as in Keras 3, or `name, shape, ...` as in Keras 2.
        """
        if "_variables" not in self.__dict__:
            raise RuntimeError(f"{type(self).__name__}.__init__ must call super().__init__() before it makes state.")
        if args:
            order = _KERAS_2_ORDER if isinstance(args[0], str) else _KERAS_3_ORDER
            given = {"shape": shape, "initializer": initializer, "dtype": dtype, "name": name}
            return self.add_weight(**{**given, **dict(zip(order, args, strict=False))})
        initializer = initializers.get(initializer or "zeros")
        with tf.init_scope():  # a metric that learns its shapes from the first batch makes its state while tracing
            variable = tf.Variable(initializer(tuple(shape), dtype or self._dtype), trainable=False, name=name)
        _append_new(self._variables, variable)
        return variable

    add_variable = add_weight

    def reset_state(self) -> None:
        """Put all state back to zero."""
        if type(self).reset_states is not Metric.reset_states:
            self.reset_states()  # a metric written for Keras before 2.5
            return
        for variable in self.variables:
            variable.assign(tf.zeros(variable.shape, variable.dtype))

    def reset_states(self) -> None:
        """The old name of `reset_state`."""
        self.reset_state()

    def merge_state(self, metrics: Iterable[Metric]) -> None:
        """Add the state of other metrics of this kind to this one's. Raises ValueError if theirs is another."""
        for metric in metrics:
            if len(metric.variables) != len(self.variables):
                raise ValueError(f"The state of {metric} cannot be added to that of {self}: it is of another kind.")
            for variable, other in zip(self.variables, metric.variables):
                variable.assign_add(other)

    # -- use ------------------------------------------------------------------------------------------------

    def update_state(self, *args: Any, **kwargs: Any) -> Any:
        raise NotImplementedError(f"{type(self).__name__} needs an update_state() method.")

    def result(self) -> Any:
        raise NotImplementedError(f"{type(self).__name__} needs a result() method.")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Update with a batch, and the result so far."""
        self.update_state(*args, **kwargs)
        return self.result()

    # -- config ---------------------------------------------------------------------------------------------

    def get_config(self) -> dict[str, Any]:
        return {"name": self.name, "dtype": self._dtype}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        return cls(**config)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}>"


def _append_new(items: list[Any], item: Any) -> None:
    """Append unless it is there: variables compare by value, so `in` would not do."""
    if not any(item is other for other in items):
        items.append(item)


def _is_dtype(name: str) -> bool:
    try:
        config.standardize_dtype(name)
    except TypeError:
        return False
    return True
