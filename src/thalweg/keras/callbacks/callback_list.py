"""Asking several callbacks in turn, and knowing which of them want each batch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

import thalweg as tf
from thalweg.keras.callbacks.callback import Callback
from thalweg.keras.callbacks.logs import History, ProgbarLogger

_BATCH_MOMENTS = {
    "train": ("on_batch_begin", "on_batch_end", "on_train_batch_begin", "on_train_batch_end"),
    "test": ("on_test_batch_begin", "on_test_batch_end"),
    "predict": ("on_predict_batch_begin", "on_predict_batch_end"),
}


class CallbackList:
    """The callbacks of one `fit`, `evaluate` or `predict`, asked in order.

    add_history, add_progbar: append a `History`, a `ProgbarLogger`, unless there is one. model, params: handed to each.
    `needs_batches(mode)` says whether any of them must be asked at each batch; where none must, many steps can run as
    one program followed by `on_train_chunk_end`. Logs reach the callbacks as Python floats, sorted by name.
    Source: keras.callbacks.CallbackList.
    """

    def __init__(
        self,
        callbacks: Any = None,
        add_history: bool = False,
        add_progbar: bool = False,
        model: Any = None,
        **params: Any,
    ) -> None:
        self.callbacks = list(_flatten(callbacks))
        for callback in self.callbacks:
            if not hasattr(callback, "on_epoch_end"):
                raise TypeError(f"`callbacks` must hold `Callback` objects, got {callback!r}.")
        if add_history and not any(isinstance(callback, History) for callback in self.callbacks):
            self.callbacks.append(History())
        if add_progbar and not any(isinstance(callback, ProgbarLogger) for callback in self.callbacks):
            self.callbacks.append(ProgbarLogger())
        self.params: dict[str, Any] = {}
        self.model = None
        self._asked: dict[str, list[Callable[..., Any]]] = {}
        self._sort_moments()
        self.set_model(model)
        self.set_params(params)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.callbacks)

    def append(self, callback: Any) -> None:
        self.callbacks.append(callback)
        self._sort_moments()

    def set_params(self, params: dict[str, Any]) -> None:
        self.params = params
        if params:
            for callback in self.callbacks:
                callback.set_params(params)

    def set_model(self, model: Any) -> None:
        if model is None:
            return
        self.model = model
        for callback in self.callbacks:
            callback.set_model(model)
            if isinstance(callback, History):
                model.history = callback

    def needs_batches(self, mode: str = "train") -> bool:
        """Whether a callback must be asked at each batch. mode: "train", "test" or "predict"."""
        return any(_needs(callback, moment) for callback in self.callbacks for moment in _BATCH_MOMENTS[mode])

    def _sort_moments(self) -> None:
        """For each moment the callbacks that do something then, so that the others cost nothing."""
        ordered = sorted(self.callbacks, key=lambda callback: getattr(callback, "asked_last", False))
        for callback in ordered:
            if hasattr(callback, "set_callbacks"):
                callback.set_callbacks(self.callbacks)
        moments = [moment for moment in vars(Callback) if moment.startswith("on_")]
        self._asked = {
            moment: [getattr(callback, moment) for callback in ordered if _defines(callback, moment)]
            for moment in moments
        }
        for edge in ("begin", "end"):
            # The base class' `on_train_batch_*` asks `on_batch_*`, so who defines either one is asked there.
            moment, old = f"on_train_batch_{edge}", f"on_batch_{edge}"
            self._asked[moment] = [
                getattr(callback, moment)
                for callback in ordered
                if _defines(callback, moment) or _defines(callback, old)
            ]

    def _ask(self, moment: str, *arguments: Any, logs: Any) -> None:
        asked = self._asked[moment]
        if asked:
            logs = _as_python(logs)
            for method in asked:
                method(*arguments, logs)

    # -- training --------------------------------------------------------------------------------------------

    def on_train_begin(self, logs: Any = None) -> None:
        self._ask("on_train_begin", logs=logs)

    def on_train_end(self, logs: Any = None) -> None:
        self._ask("on_train_end", logs=logs)

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self._ask("on_epoch_begin", epoch, logs=logs)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self._ask("on_epoch_end", epoch, logs=logs)

    def on_batch_begin(self, batch: int, logs: Any = None) -> None:
        self._ask("on_batch_begin", batch, logs=logs)

    def on_batch_end(self, batch: int, logs: Any = None) -> None:
        self._ask("on_batch_end", batch, logs=logs)

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        self._ask("on_train_batch_begin", batch, logs=logs)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self._ask("on_train_batch_end", batch, logs=logs)

    def on_train_chunk_end(self, batch: int, logs: Any = None) -> None:
        self._ask("on_train_chunk_end", batch, logs=logs)

    @property
    def wants_each_step(self) -> bool:
        """Whether a callback asks for the measures of each step of a program."""
        return any(getattr(callback, "wants_each_step", False) for callback in self.callbacks)

    def on_train_steps(self, steps: dict[str, Any], count: int) -> None:
        """After `count` steps that ran as one program: `steps` has each one's measures as arrays, if they were asked for."""
        for callback in self.callbacks:
            if hasattr(callback, "on_train_steps"):
                callback.on_train_steps(steps, count)

    # -- evaluation and prediction ---------------------------------------------------------------------------

    def on_test_begin(self, logs: Any = None) -> None:
        self._ask("on_test_begin", logs=logs)

    def on_test_end(self, logs: Any = None) -> None:
        self._ask("on_test_end", logs=logs)

    def on_test_batch_begin(self, batch: int, logs: Any = None) -> None:
        self._ask("on_test_batch_begin", batch, logs=logs)

    def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
        self._ask("on_test_batch_end", batch, logs=logs)

    def on_test_chunk_end(self, batch: int, logs: Any = None) -> None:
        self._ask("on_test_chunk_end", batch, logs=logs)

    def on_predict_begin(self, logs: Any = None) -> None:
        self._ask("on_predict_begin", logs=logs)

    def on_predict_end(self, logs: Any = None) -> None:
        self._ask("on_predict_end", logs=logs)

    def on_predict_batch_begin(self, batch: int, logs: Any = None) -> None:
        self._ask("on_predict_batch_begin", batch, logs=logs)

    def on_predict_batch_end(self, batch: int, logs: Any = None) -> None:
        self._ask("on_predict_batch_end", batch, logs=logs)

    def on_predict_chunk_end(self, batch: int, logs: Any = None) -> None:
        self._ask("on_predict_chunk_end", batch, logs=logs)


def _flatten(callbacks: Any) -> Iterable[Any]:
    if callbacks is None:
        return
    if isinstance(callbacks, (list, tuple, CallbackList)):
        for callback in callbacks:
            yield from _flatten(callback)
    else:
        yield callbacks


def _definer(callback: Any, name: str) -> int:
    """How far up its ancestry a callback gets `name` from: 0 for the object itself, 1 for its class, ..."""
    if name in vars(callback):
        return 0
    return next((i for i, cls in enumerate(type(callback).__mro__, 1) if name in vars(cls)), len(type(callback).__mro__))


def _defines(callback: Any, moment: str) -> bool:
    """Whether a callback does something at a moment of its own, beyond what `Callback` does."""
    method = getattr(callback, moment, None)
    return method is not None and getattr(method, "__func__", method) is not getattr(Callback, moment)


def _needs(callback: Any, moment: str) -> bool:
    """Whether a callback must be asked at this batch moment.

    Its `supports_epoch_program` counts for moments defined by the class that says so and by that class' ancestors, not
    for those that a subclass added without a word.
    """
    if not _defines(callback, moment):
        return False
    opted_out = getattr(callback, "supports_epoch_program", False)
    return not (opted_out and _definer(callback, "supports_epoch_program") <= _definer(callback, moment))


def _as_python(logs: Any) -> dict[str, Any]:
    """Measures as Python floats, nested ones drawn up, sorted by name."""
    result: dict[str, Any] = {}
    for name, value in sorted((logs or {}).items()):
        if isinstance(value, dict):
            result.update(_as_python(value))
        elif isinstance(value, (tf.Tensor, tf.Variable)):
            value = np.asarray(value)
            result[name] = float(value) if value.ndim == 0 else value
        elif isinstance(value, (int, float, np.number)) or (isinstance(value, np.ndarray) and value.ndim == 0):
            result[name] = float(value)
        else:
            result[name] = value
    return result
