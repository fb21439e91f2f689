"""Callbacks that save the model while it trains."""

from __future__ import annotations

import os
import warnings
from typing import Any

import numpy as np

from thalweg.keras.callbacks.monitor import MonitorCallback
from thalweg.keras.utils.files import written_whole
from thalweg.keras.utils.messages import print_msg

# Formats of one file, which can be written beside their place and moved into it.
_ONE_FILE = (".keras", ".h5", ".hdf5")


class ModelCheckpoint(MonitorCallback):
    """Saves the model, or its weights, after each epoch or every `save_freq` batches.

    filepath: may name the epoch and measures, as `"{epoch:02d}-{val_loss:.3f}.keras"`. save_best_only: only when
    `monitor` is better than ever (and than `initial_value_threshold`). period: save every so many epochs.
    A file is replaced in one step: killed or out of disk space, the one before is still there.
    Source: keras.callbacks.ModelCheckpoint.
    """

    state_names = ("best", "_batches_since_save", "_epochs_since_save")

    def __init__(
        self,
        filepath: Any,
        monitor: str = "val_loss",
        verbose: int = 0,
        save_best_only: bool = False,
        save_weights_only: bool = False,
        mode: str = "auto",
        save_freq: str | int = "epoch",
        initial_value_threshold: float | None = None,
        period: int = 1,
    ) -> None:
        super().__init__(monitor, mode, initial_value_threshold)
        if save_freq != "epoch" and not isinstance(save_freq, int):
            raise ValueError(f"`save_freq` must be 'epoch' or a number of batches, got {save_freq!r}.")
        self.filepath = os.fspath(filepath)
        self.verbose = verbose
        self.save_best_only = save_best_only
        self.save_weights_only = save_weights_only
        self.save_freq = save_freq
        self.period = period
        self._epoch = 0
        self._last_batch = -1
        self._batches_since_save = 0
        self._epochs_since_save = 0

    @property
    def supports_epoch_program(self) -> bool:  # type: ignore[override]
        return self.save_freq == "epoch"

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._epoch = epoch
        self._last_batch = -1

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        if self.save_freq == "epoch":
            return
        self._batches_since_save += batch - self._last_batch
        self._last_batch = batch
        if self._batches_since_save >= int(self.save_freq):
            self._batches_since_save = 0
            self._save(batch, logs or {})

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        if self.save_freq != "epoch":
            return
        self._epoch = epoch
        self._epochs_since_save += 1
        if self._epochs_since_save >= self.period:
            self._epochs_since_save = 0
            self._save(None, logs or {})

    def _save(self, batch: int | None, logs: dict[str, Any]) -> None:
        path = self._path(batch, logs)
        if not self._is_due(logs, path):
            return
        if os.path.dirname(path):
            os.makedirs(os.path.dirname(path), exist_ok=True)
        save = self.model.save_weights if self.save_weights_only else self.model.save
        if not path.endswith(_ONE_FILE):
            save(path, overwrite=True)
            return
        if os.path.isdir(path):
            raise IsADirectoryError(f"ModelCheckpoint cannot write {path!r}: a folder of that name exists.")
        with written_whole(path) as temporary:
            save(temporary, overwrite=True)

    def _path(self, batch: int | None, logs: dict[str, Any]) -> str:
        names = logs | {"epoch": self._epoch + 1} | ({} if batch is None else {"batch": batch + 1})
        try:
            return self.filepath.format(**names)
        except KeyError as error:
            raise KeyError(
                f"Failed to format this callback filepath: {self.filepath!r} names {error}; there are "
                f"{', '.join(sorted(names))}."
            ) from None

    def _is_due(self, logs: dict[str, Any], path: str) -> bool:
        """Whether to save now; says so where `verbose`."""
        news = "saving model to"
        if self.save_best_only:
            current = logs.get(self.monitor)
            if current is None:
                warnings.warn(f"Can save best model only with {self.monitor} available.", stacklevel=5)
            elif np.ndim(current):
                warnings.warn(
                    f"Can save best model only when `monitor` is a scalar value, got {current}: saving every time.",
                    stacklevel=5,
                )
            else:
                before = "None" if self.best is None else f"{self.best:.5f}"
                if not self._is_improvement(current, self.best):
                    self._say(f"{self.monitor} did not improve from {before}")
                    return False
                self.best = current
                news = f"{self.monitor} improved from {before} to {current:.5f}, saving model to"
        self._say(f"{news} {path}")
        return True

    def _say(self, message: str) -> None:
        if self.verbose > 0:
            print_msg(f"\nEpoch {self._epoch + 1}: {message}")
