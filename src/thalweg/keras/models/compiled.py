"""What `compile(loss=..., metrics=...)` means for a model's outputs: losses and metrics, one set for each output.

Arguments come as one thing for all outputs, a list in the order of the outputs, or a dict by their names.
"""

from __future__ import annotations

from typing import Any

import thalweg as tf
from thalweg.keras import losses as losses_module, metrics as metrics_module
from thalweg.keras.metrics.reduction import Mean


class Outputs:
    """The outputs of a model as a flat list with names, and other nests put into the same order."""

    def __init__(self, y_pred: Any, names: list[str] | None):
        self.keys: list[Any] | None = None
        if isinstance(y_pred, dict):
            self.keys = list(names) if names and set(names) == set(y_pred) else list(y_pred)
            self.names = [str(key) for key in self.keys]
            self.count = len(self.keys)
        else:
            self.count = len(tf.nest.flatten(y_pred))
            if not names or len(names) != self.count:
                names = [f"output_{i + 1}" for i in range(self.count)]
            self.names = list(names)

    def spread(self, values: Any, what: str) -> list[Any]:
        """Labels, predictions or weights in the order of the outputs."""
        if isinstance(values, dict):
            keys = self.keys if self.keys is not None else self.names
            if set(values) - set(keys):
                raise ValueError(f"`{what}` has the keys {list(values)}, but the outputs of the model are {keys}.")
            return [values.get(key) for key in keys]
        if self.count == 1:
            flat = tf.nest.flatten(values)
            return flat if len(flat) == 1 else [values]
        if isinstance(values, (list, tuple)):
            flat = list(values) if len(values) == self.count else tf.nest.flatten(values)
            if len(flat) == self.count:
                return flat
            raise ValueError(
                f"`{what}` has {len(flat)} parts, but the model has {self.count} outputs: {', '.join(self.names)}."
            )
        return [values] * self.count

    def settings(self, given: Any, what: str) -> list[Any]:
        """An argument of `compile` for each output, None where it says nothing."""
        if isinstance(given, dict):
            unknown = [key for key in given if key not in self.names]
            if unknown:
                raise ValueError(
                    f"`{what}` names {unknown[0]!r}, but the outputs of the model are called {', '.join(self.names)}."
                )
            return [given.get(name) for name in self.names]
        if isinstance(given, (list, tuple)) and self.count > 1:
            if len(given) != self.count:
                raise ValueError(
                    f"`{what}` has {len(given)} entries, but the model has {self.count} outputs: {', '.join(self.names)}."
                )
            return list(given)
        return [given] * self.count


class CompiledLoss:
    """The losses of all outputs, their weighted sum, and the mean of each over an epoch where there are several."""

    def __init__(self, loss: Any, loss_weights: Any = None, output_names: list[str] | None = None):
        self._given, self._given_weights, self._names = loss, loss_weights, output_names
        self._outputs: Any = None
        self._terms: list[tuple[int, Any, Any, Mean | None]] = []

    @property
    def metrics(self) -> list[Mean]:
        return [tracker for *_, tracker in self._terms if tracker is not None]

    def _build(self, y_true: Any, y_pred: Any) -> None:
        outputs = self._outputs = Outputs(y_pred, self._names)
        given, weights = self._given, self._given_weights
        several_for_one = outputs.count == 1 and isinstance(given, (list, tuple))
        if several_for_one:
            places = [0] * len(given)
            if not isinstance(weights, (list, tuple)):
                weights = [weights] * len(given)
        else:
            places = list(range(outputs.count))
            given = outputs.settings(given, "loss")
            weights = [weights] if outputs.count == 1 and not isinstance(weights, (list, tuple, dict)) else (
                outputs.settings(weights, "loss_weights") if outputs.count > 1 or isinstance(weights, dict) else list(weights)
            )
        if len(weights) != len(places):
            raise ValueError(f"`loss_weights` must match the number of losses: got {len(places)} losses, {len(weights)} weights.")
        true, predicted = self._paired(y_true, y_pred, given, places)
        wanted = [loss for loss in given if loss is not None]
        for place, loss, weight in zip(places, given, weights):
            if loss is None:
                continue
            resolved: Any = losses_module.resolve_loss(loss, _shape(true[place]), predicted[place].shape)
            name = resolved.name if several_for_one else outputs.names[place]
            tracker = Mean(name=f"{name}_loss") if len(wanted) > 1 else None
            self._terms.append((place, resolved, weight, tracker))

    def _paired(self, y_true: Any, y_pred: Any, given: Any = None, places: Any = None) -> tuple[list[Any], list[Any]]:
        outputs = self._outputs
        predicted = outputs.spread(y_pred, "y_pred")
        with_loss = [i for i, *_ in self._terms] or [i for i, loss in zip(places or (), given or ()) if loss is not None]
        flat = list(y_true.values()) if isinstance(y_true, dict) else tf.nest.flatten(y_true)
        if outputs.count > 1 and not isinstance(y_true, dict) and len(flat) == len(with_loss) < outputs.count:
            true: list[Any] = [None] * outputs.count  # labels for the outputs that have a loss, and no others
            for i, y in zip(with_loss, flat):
                true[i] = y
            return true, predicted
        if outputs.count > 1 and len(flat) != outputs.count and not isinstance(y_true, dict):
            raise ValueError(
                f"The model has {outputs.count} outputs, {', '.join(outputs.names)}, but `y` has {len(flat)} part(s): "
                "give labels for each, as a list or as a dict by name."
            )
        return outputs.spread(y_true, "y"), predicted

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        """The weighted sum of the losses of a batch; None if no output has one."""
        if self._outputs is None:
            self._build(y_true, y_pred)
        true, predicted = self._paired(y_true, y_pred)
        weights = self._outputs.spread(sample_weight, "sample_weight") if sample_weight is not None else None
        total = None
        for place, loss, weight, tracker in self._terms:
            value = loss(true[place], predicted[place], None if weights is None else weights[place])
            if tracker is not None:
                tracker.update_state(value, sample_weight=_batch_size(predicted[place]))
            if weight is not None:
                value = value * tf.cast(weight, value.dtype)
            total = value if total is None else total + value
        return total


class CompiledMetrics:
    """The metrics of all outputs, without and with sample weights."""

    def __init__(self, metrics: Any, weighted_metrics: Any = None, output_names: list[str] | None = None, loss: Any = None):
        for what, given in (("metrics", metrics), ("weighted_metrics", weighted_metrics)):
            if given is not None and not isinstance(given, (list, tuple, dict, str)) and not callable(given):
                raise ValueError(f"`{what}` must be a list, tuple or dict of metrics, but it is {given!r}.")
        self._given, self._given_weighted, self._names, self._loss = metrics, weighted_metrics, output_names, loss
        self._outputs: Any = None
        self._plain: list[list[Any]] = []
        self._weighted: list[list[Any]] = []

    @property
    def metrics(self) -> list[Any]:
        return [m for per_output in (*self._plain, *self._weighted) for m in per_output]

    def _build(self, y_true: Any, y_pred: Any) -> None:
        outputs = self._outputs = Outputs(y_pred, self._names)
        true, predicted = outputs.spread(y_true, "y"), outputs.spread(y_pred, "y_pred")

        def resolve(given: Any, what: str) -> list[list[Any]]:
            return [
                [metrics_module.resolve_metric(m, _shape(t), p.shape, self._loss) for m in wanted]
                for wanted, t, p in zip(_per_output(given, outputs, what), true, predicted)
            ]

        self._plain = resolve(self._given, "metrics")
        self._weighted = resolve(self._given_weighted, "weighted_metrics")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        if not self._given and not self._given_weighted:
            return
        if self._outputs is None:
            self._build(y_true, y_pred)
        outputs = self._outputs
        true, predicted = outputs.spread(y_true, "y"), outputs.spread(y_pred, "y_pred")
        weights = [None] * outputs.count if sample_weight is None else outputs.spread(sample_weight, "sample_weight")
        for plain, weighted, t, p, w in zip(self._plain, self._weighted, true, predicted, weights):
            for metric in plain:
                metric.update_state(t, p)
            for metric in weighted:
                metric.update_state(t, p, w)

    def results(self) -> dict[str, Any]:
        """What each metric says, by name: after the output's name where there are several, numbered where it is taken."""
        found: dict[str, Any] = {}
        if self._outputs is None:
            return found
        several = self._outputs.count > 1
        for metrics, is_weighted in ((self._plain, False), (self._weighted, True)):
            for output, per_output in zip(self._outputs.names, metrics):
                for metric in per_output:
                    prefix = f"{output}_" if several else ""
                    name = f"{prefix}{metric.name}"
                    if name in found and is_weighted:
                        name = f"{prefix}weighted_{metric.name}"
                    found[_free_name(name, found)] = metric.result()
        return found

    def reset_state(self) -> None:
        for metric in self.metrics:
            metric.reset_state()


def _per_output(given: Any, outputs: Outputs, what: str) -> list[list[Any]]:
    """The metrics wanted for each output, as lists."""
    if given is None or given == []:
        return [[] for _ in range(outputs.count)]
    if outputs.count == 1:
        return [[m for m in tf.nest.flatten(given) if m is not None]]
    if isinstance(given, dict) or (isinstance(given, (list, tuple)) and len(given) == outputs.count):
        given = outputs.settings(given, what)
    else:  # one list for all of them; a metric object keeps one state, so each output needs its own
        for metric in tf.nest.flatten(given):
            if isinstance(metric, metrics_module.Metric):
                raise ValueError(
                    f"`{what}` has a {type(metric).__name__} for all of {outputs.count} outputs, which would mix their "
                    "numbers: give one list of metrics for each output, or a dict by their names."
                )
        given = [given] * outputs.count
    return [[m for m in tf.nest.flatten(wanted) if m is not None] for wanted in given]


def _free_name(name: str, taken: dict[str, Any]) -> str:
    i, free = 1, name
    while free in taken:
        free, i = f"{name}_{i}", i + 1
    return free


def _shape(y: Any) -> Any:
    return () if y is None else tf.convert_to_tensor(y).shape if not hasattr(y, "shape") else y.shape


def _batch_size(y: Any) -> Any:
    return tf.shape(y)[0] if y.shape.rank != 0 else 1
