"""Callbacks that watch one measure: is it better than the best so far?"""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np

from thalweg.keras.callbacks.callback import Callback
from thalweg.keras.utils.messages import print_msg

# Measures whose direction is known from their name, for metrics that do not say it themselves.
_LARGER_IS_BETTER = ("acc", "auc", "f1", "fbeta", "precision", "recall", "r2", "iou", "sensitivity", "specificity")
_SMALLER_IS_BETTER = ("loss", "error", "mse", "mae", "rmse", "mape", "msle", "divergence", "crossentropy", "entropy")


class MonitorCallback(Callback):
    """Base of those below: `monitor` names the measure, `mode` is "min", "max" or "auto" (told by the metric)."""

    def __init__(
        self, monitor: str = "val_loss", mode: str = "auto", baseline: float | None = None, min_delta: float = 0
    ) -> None:
        super().__init__()
        if mode not in ("auto", "min", "max"):
            warnings.warn(f"{type(self).__name__} knows no mode {mode!r}; it goes on in mode 'auto'.", stacklevel=3)
            mode = "auto"
        self.monitor = monitor
        self.mode = mode
        self.best = baseline
        self.min_delta = abs(min_delta)
        self._sign: int | None = None

    def _is_improvement(self, value: Any, reference: Any) -> bool:
        """Whether `value` is better than `reference` by more than `min_delta`. NaN is never better."""
        if math.isnan(value):
            return False
        if reference is None:
            return True
        if self._sign is None:
            self._sign = self._direction()
        return bool(self._sign * (value - reference) > self.min_delta)

    def _direction(self) -> int:
        """1 where larger is better, -1 where smaller is."""
        if self.mode != "auto":
            return 1 if self.mode == "max" else -1
        name = self.monitor.removeprefix("val_")
        told = {"up": 1, "down": -1}
        for metric in getattr(self.model, "metrics", ()):
            for part in (metric, *getattr(metric, "metrics", ())):
                if getattr(part, "name", None) == name and getattr(part, "_direction", None) in told:
                    return told[part._direction]
        for sign, words in ((-1, _SMALLER_IS_BETTER), (1, _LARGER_IS_BETTER)):
            if any(word in name.lower() for word in words):
                return sign
        raise ValueError(
            f"{type(self).__name__} cannot tell whether a larger or a smaller {self.monitor!r} is better: "
            "write mode='max' or mode='min'."
        )

    def _current(self, logs: dict[str, Any] | None, consequence: str) -> Any:
        """The measure in these logs; None, with a warning, where it is missing."""
        value = (logs or {}).get(self.monitor)
        if value is None:
            warnings.warn(
                f"{consequence} `{self.monitor}`, which is not available. Available metrics are: {','.join(logs or {})}",
                stacklevel=3,
            )
        return value


class EarlyStopping(MonitorCallback):
    """Stops training when a measure has not improved by more than `min_delta` for `patience` epochs.

    baseline: improvements count only once they beat it. restore_best_weights: end with the weights of the best epoch.
    start_from_epoch: look on before that epoch. Source: keras.callbacks.EarlyStopping.
    """

    state_names = ("wait", "best", "best_epoch", "best_weights")

    def __init__(
        self,
        monitor: str = "val_loss",
        min_delta: float = 0,
        patience: int = 0,
        verbose: int = 0,
        mode: str = "auto",
        baseline: float | None = None,
        restore_best_weights: bool = False,
        start_from_epoch: int = 0,
    ) -> None:
        super().__init__(monitor, mode, min_delta=min_delta)
        self.patience = patience
        self.verbose = verbose
        self.baseline = baseline
        self.restore_best_weights = restore_best_weights
        self.start_from_epoch = start_from_epoch
        self._begin_anew()

    def _begin_anew(self) -> None:
        self.wait = 0
        self.stopped_epoch = 0
        self.best = None
        self.best_epoch = 0
        self.best_weights: list[Any] | None = None

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        self._begin_anew()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        current = self._current(logs, "Early stopping conditioned on metric")
        if current is None or epoch < self.start_from_epoch:
            return
        if self.restore_best_weights and self.best_weights is None:
            # Also where no epoch ever improves, as when each one ends in NaN.
            self._keep_weights(epoch)
        self.wait += 1
        if self._is_improvement(current, self.best):
            self.best = current
            self._keep_weights(epoch)
            if self.baseline is None or self._is_improvement(current, self.baseline):
                self.wait = 0
        elif self.wait >= self.patience and epoch > 0:
            self.stopped_epoch = epoch
            self.model.stop_training = True

    def _keep_weights(self, epoch: int) -> None:
        self.best_epoch = epoch
        if self.restore_best_weights:
            self.best_weights = self.model.get_weights()

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        if self.stopped_epoch > 0 and self.verbose > 0:
            print_msg(f"Epoch {self.stopped_epoch + 1}: early stopping")
        if self.restore_best_weights and self.best_weights is not None:
            if self.verbose > 0:
                print_msg(f"Restoring model weights from the end of the best epoch: {self.best_epoch + 1}.")
            self.model.set_weights(self.best_weights)


class ReduceLROnPlateau(MonitorCallback):
    """Multiplies the learning rate by `factor` when a measure has not improved for `patience` epochs.

    cooldown: epochs to wait after each time. min_lr: never go below it. Source: keras.callbacks.ReduceLROnPlateau.
    """

    state_names = ("wait", "best", "cooldown_counter")

    def __init__(
        self,
        monitor: str = "val_loss",
        factor: float = 0.1,
        patience: int = 10,
        verbose: int = 0,
        mode: str = "auto",
        min_delta: float = 1e-4,
        cooldown: int = 0,
        min_lr: float = 0.0,
    ) -> None:
        super().__init__(monitor, mode, min_delta=min_delta)
        if factor >= 1.0:
            raise ValueError(f"ReduceLROnPlateau must reduce: `factor` must be below 1, got {factor}.")
        self.factor = factor
        self.patience = patience
        self.verbose = verbose
        self.cooldown = cooldown
        self.min_lr = min_lr
        self._begin_anew()

    def _begin_anew(self) -> None:
        self.best = None
        self.wait = 0
        self.cooldown_counter = 0

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        self._begin_anew()

    def in_cooldown(self) -> bool:
        return self.cooldown_counter > 0

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        logs = {} if logs is None else logs
        rate = float(self.model.optimizer.learning_rate)
        logs["learning_rate"] = rate
        current = self._current(logs, "Learning rate reduction is conditioned on metric")
        if current is None:
            return
        if self.in_cooldown():
            self.cooldown_counter -= 1
            self.wait = 0
        if self._is_improvement(current, self.best):
            self.best = current
            self.wait = 0
        elif not self.in_cooldown():
            self.wait += 1
            if self.wait >= self.patience and rate > np.float32(self.min_lr):
                self._reduce(rate, epoch)

    def _reduce(self, rate: float, epoch: int) -> None:
        rate = max(rate * self.factor, self.min_lr)
        self.model.optimizer.learning_rate = rate
        if self.verbose > 0:
            print_msg(f"\nEpoch {epoch + 1}: ReduceLROnPlateau reducing learning rate to {rate}.")
        self.cooldown_counter = self.cooldown
        self.wait = 0
