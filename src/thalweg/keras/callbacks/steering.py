"""Callbacks that steer training: the rate of each epoch, a stop at the first NaN, averaged weights."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from thalweg.keras.callbacks.callback import Callback
from thalweg.keras.utils.messages import print_msg


class LearningRateScheduler(Callback):
    """Sets the learning rate at the start of each epoch to `schedule(epoch, rate)` or `schedule(epoch)`.

    Source: keras.callbacks.LearningRateScheduler.
    """

    def __init__(self, schedule: Callable[..., float], verbose: int = 0) -> None:
        super().__init__()
        self.schedule = schedule
        self.verbose = verbose

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        optimizer = self.model.optimizer
        if not hasattr(optimizer, "learning_rate"):
            raise ValueError('LearningRateScheduler needs an optimizer with a "learning_rate" attribute.')
        rate = self._rate(epoch, float(optimizer.learning_rate))
        if not isinstance(rate, (float, np.floating)):
            raise ValueError(f"The `schedule` of LearningRateScheduler must return a float, got {rate!r}.")
        optimizer.learning_rate = float(rate)
        if self.verbose > 0:
            print_msg(f"\nEpoch {epoch + 1}: LearningRateScheduler setting learning rate to {rate}.")

    def _rate(self, epoch: int, rate: float) -> Any:
        try:
            inspect.signature(self.schedule).bind(epoch, rate)
        except TypeError:
            return self.schedule(epoch)  # of the epoch alone, as Keras had at first
        except ValueError:
            pass  # a callable that does not tell its signature
        return self.schedule(epoch, rate)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        if logs is not None:
            logs["learning_rate"] = float(self.model.optimizer.learning_rate)


class TerminateOnNaN(Callback):
    """Stops training when the loss is NaN or infinite; with `raise_error`, by a RuntimeError.

    Where many steps run as one program, it looks after each program: a NaN in the epoch's mean loss comes from a step.
    Source: keras.callbacks.TerminateOnNaN.
    """

    supports_epoch_program = True

    def __init__(self, raise_error: bool = False) -> None:
        super().__init__()
        self.raise_error = raise_error

    def on_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        self._check(f"Batch {batch}", logs)

    def on_train_chunk_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        self._check(f"Batch {batch}", logs)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        if not getattr(self.model, "stop_training", False):
            self._check(f"Epoch {epoch + 1}", logs)

    def _check(self, place: str, logs: dict[str, Any] | None) -> None:
        loss = (logs or {}).get("loss")
        if loss is None or math.isfinite(loss):
            return
        if self.raise_error:
            raise RuntimeError(f"{place}: the loss is {loss}. Training is terminated.")
        print_msg(f"{place}: Invalid loss, terminating training")
        self.model.stop_training = True


class SwapEMAWeights(Callback):
    """Puts the optimizer's averaged weights into the model for evaluation and prediction, and takes them out again.

    swap_on_epoch: also at the end of each epoch, so that checkpoints hold the averages.
    Raises ValueError unless the optimizer has `use_ema=True`. Source: keras.callbacks.SwapEMAWeights.
    """

    def __init__(self, swap_on_epoch: bool = False) -> None:
        super().__init__()
        self.swap_on_epoch = swap_on_epoch
        self._swapped = False

    def _pairs(self) -> list[tuple[Any, Any]]:
        optimizer = getattr(self.model.optimizer, "inner_optimizer", self.model.optimizer)
        if not getattr(optimizer, "use_ema", False):
            raise ValueError("SwapEMAWeights needs an optimizer that keeps averages: create it with `use_ema=True`.")
        if not optimizer.built:
            return []
        return list(zip(optimizer._trainable_variables, optimizer._model_variables_moving_average))

    def _swap(self, to_averages: bool) -> None:
        if self._swapped == to_averages:
            return
        for variable, average in self._pairs():
            value = variable.numpy()
            variable.assign(average)
            average.assign(value)
        self._swapped = to_averages

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        if self.swap_on_epoch:
            self._swap(False)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        if self.swap_on_epoch:
            self._swap(True)
            if epoch == self.params["epochs"] - 1:
                # The optimizer writes its averages into the model after the last epoch: they must be the averages.
                for variable, average in self._pairs():
                    average.assign(variable)

    def on_test_begin(self, logs: dict[str, Any] | None = None) -> None:
        self._swap(True)

    def on_test_end(self, logs: dict[str, Any] | None = None) -> None:
        self._swap(False)

    def on_predict_begin(self, logs: dict[str, Any] | None = None) -> None:
        self._swap(True)

    def on_predict_end(self, logs: dict[str, Any] | None = None) -> None:
        self._swap(False)
