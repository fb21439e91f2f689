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

    def to_frame(self) -> Any:
        """The measures as a pandas frame: a row for each epoch, a column for each measure."""
        import pandas as pd

        return pd.DataFrame(self.history, index=pd.Index(self.epoch, name="epoch"))

    def plot(self, names: Any = None, path: Any = None) -> Any:
        """The measures over the epochs as a Matplotlib figure, a panel for each with its validation beside it.

        names: the measures to show. path: also write it there; the ending says the format.
        """
        from thalweg.keras.utils.curves import draw_curves

        return draw_curves(self.epoch, self.history, names, path)


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
        self._resumed = False  # the lines before an interruption are in the file already

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        self.keys = None
        self._resumed = False
        # A wrong path is found before an epoch is spent. The file is emptied when the first line is written.
        with open(self.filename, "a", encoding="utf-8"):
            pass

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        logs = logs or {}
        anew = self.keys is None and not (self.append or self._resumed)
        if self.keys is None:
            self.keys = _columns(sorted(logs))
        row = {"epoch": epoch} | {name: _cell(logs.get(name, "NA")) for name in self.keys}
        # Closed after each line, so that an interrupted training leaves all of them.
        with open(self.filename, "w" if anew else "a", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(row), delimiter=self.sep)
            if file.tell() == 0:
                writer.writeheader()
            writer.writerow(row)

    def set_state(self, state: dict[str, Any]) -> None:
        self._resumed = True


def _columns(names: list[str]) -> list[str]:
    """A run's columns. Validation may come later than the first epoch, so its columns are always there."""
    return names if any(name.startswith("val_") for name in names) else names + [f"val_{name}" for name in names]


def _cell(value: Any) -> Any:
    if isinstance(value, str) or np.ndim(value) == 0 or not isinstance(value, Iterable):
        return value
    return '"[{}]"'.format(", ".join(map(str, value)))
