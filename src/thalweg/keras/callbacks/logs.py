"""Callbacks that keep or show what training measures."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable
from typing import Any

import numpy as np

from thalweg.keras.callbacks.callback import Callback
from thalweg.keras.utils.messages import print_msg
from thalweg.keras.utils.progbar import Progbar


class History(Callback):
    """What `fit` returns: `history.history["loss"]` lists a measure by epoch, `history.epoch` the epochs.

    Source: keras.callbacks.History.
    """

    state_names = ("epoch", "history")

    def __init__(self) -> None:
        super().__init__()
        self.epoch: list[int] = []
        self.history: dict[str, list[Any]] = {}

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        self.epoch = []

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self.epoch.append(epoch)
        for name, value in (logs or {}).items():
            self.history.setdefault(name, []).append(value)
        self.model.history = self


class ProgbarLogger(Callback):
    """Shows progress on standard output: an epoch's number, then its bar. Source: keras.callbacks.ProgbarLogger."""

    supports_epoch_program = True

    def __init__(self) -> None:
        super().__init__()
        self.seen = 0
        self.target: int | None = None
        self.verbose = 1
        self.epochs = 1
        self.progbar: Progbar | None = None
        self._in_fit = False

    def set_params(self, params: dict[str, Any]) -> None:
        super().set_params(params)
        verbose = params.get("verbose", 1)
        self.verbose = 1 if verbose == "auto" else int(verbose)
        self.epochs = params.get("epochs", 1)
        self.target = params.get("steps")

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        self._in_fit = True

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        self._in_fit = False

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._begin()
        if self.verbose and self.epochs > 1:
            print_msg(f"Epoch {epoch + 1}/{self.epochs}")

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        self._advance(batch, logs)

    def on_train_chunk_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        self._advance(batch, logs)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._finish(logs)

    def on_test_begin(self, logs: dict[str, Any] | None = None) -> None:
        if not self._in_fit:
            self._begin()

    def on_test_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        if not self._in_fit:
            self._advance(batch, logs)

    def on_test_chunk_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        if not self._in_fit:
            self._advance(batch, logs)

    def on_test_end(self, logs: dict[str, Any] | None = None) -> None:
        if not self._in_fit:
            self._finish(logs)

    def on_predict_begin(self, logs: dict[str, Any] | None = None) -> None:
        self._begin()

    def on_predict_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        self._advance(batch, None)

    def on_predict_chunk_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        self._advance(batch, None)

    def on_predict_end(self, logs: dict[str, Any] | None = None) -> None:
        self._finish(None)

    def _begin(self) -> None:
        self.seen = 0
        # No name is averaged here: logs already are averages over the epoch so far.
        self.progbar = Progbar(self.target, verbose=self.verbose, stateless_metrics=())

    def _advance(self, batch: int, logs: dict[str, Any] | None) -> None:
        self.seen = batch + 1
        if self.verbose == 1 and self.progbar is not None:
            self.progbar.update(self.seen, (logs or {}).items(), finalize=False)

    def _finish(self, logs: dict[str, Any] | None) -> None:
        if self.progbar is None:
            return
        if self.target is None:
            self.target = self.progbar.target = self.seen
        self.progbar.update(self.target, (logs or {}).items(), finalize=True)


class CSVLogger(Callback):
    """Writes each epoch's measures as a line of a CSV file.

    append: add to the file instead of beginning it anew. Source: keras.callbacks.CSVLogger.
    """

    def __init__(self, filename: Any, separator: str = ",", append: bool = False) -> None:
        super().__init__()
        self.filename = os.fspath(filename)
        self.sep = separator
        self.append = append
        self.keys: list[str] | None = None
        self._file: Any = None
        self._writer: Any = None
        self._resumed = False  # the lines before an interruption are in the file already

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        self._close()
        # Opened now, so that a wrong path is found before an epoch is spent; emptied when the first line is written.
        self._file = open(self.filename, "a", newline="", encoding="utf-8")  # noqa: SIM115, closed at the end of training

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        logs = logs or {}
        if self._writer is None:
            self._begin(sorted(logs))
        row = {name: _cell(logs.get(name, "NA")) for name in self.keys or ()}
        self._writer.writerow({"epoch": epoch} | row)
        self._file.flush()

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        self._close()

    def _begin(self, names: list[str]) -> None:
        """Take this run's columns; validation may come later than the first epoch, so its columns are always there."""
        self.keys = names if any(name.startswith("val_") for name in names) else names + [f"val_{n}" for n in names]
        self._writer = csv.DictWriter(self._file, ["epoch", *self.keys], delimiter=self.sep)
        if not (self.append or self._resumed):
            self._file.truncate(0)
        if os.path.getsize(self.filename) == 0:
            self._writer.writeheader()

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()
        self._file = self._writer = None
        self._resumed = False

    def set_state(self, state: dict[str, Any]) -> None:
        self._resumed = True


def _cell(value: Any) -> Any:
    if isinstance(value, str) or np.ndim(value) == 0 or not isinstance(value, Iterable):
        return value
    return '"[{}]"'.format(", ".join(map(str, value)))
