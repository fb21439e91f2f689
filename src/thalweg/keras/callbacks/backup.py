"""Going on with an interrupted training: everything it needs, in one file."""

from __future__ import annotations

import contextlib
import json
import os
import random
from typing import Any

import numpy as np

import thalweg as tf
from thalweg.keras.callbacks.callback import Callback
from thalweg.keras.utils.files import written_whole


class BackupAndRestore(Callback):
    """Keeps a backup while `fit` runs; called again after an interruption, the same `fit` goes on from it.

    The backup holds the weights and seeds of the model, the optimizer, the epoch, the order of the rows to come,
    Python's and NumPy's random generators, and the state of the other callbacks (`Callback.get_state`).
    save_freq: "epoch" or a number of batches. double_checkpoint: keep the backup before the last one too.
    delete_checkpoint: remove the backup when training ends by itself. `fit` starts at `model._initial_epoch`.
    Source: keras.callbacks.BackupAndRestore.
    """

    asked_last = True

    def __init__(
        self,
        backup_dir: Any,
        save_freq: str | int = "epoch",
        double_checkpoint: bool = False,
        delete_checkpoint: bool = True,
    ) -> None:
        super().__init__()
        if not backup_dir:
            raise ValueError("BackupAndRestore needs a folder: `backup_dir` is empty.")
        if save_freq != "epoch" and not isinstance(save_freq, int):
            raise ValueError(f"`save_freq` must be 'epoch' or a number of batches, got {save_freq!r}.")
        self.backup_dir = os.fspath(backup_dir)
        self.save_freq = save_freq
        self.double_checkpoint = double_checkpoint
        self.delete_checkpoint = delete_checkpoint
        self._path = os.path.join(self.backup_dir, "training.npz")
        self._others: list[Any] = []
        self._epoch = 0
        self._batches_since_save = 0
        self._last_batch = -1

    @property
    def supports_epoch_program(self) -> bool:  # type: ignore[override]
        return self.save_freq == "epoch"

    def set_callbacks(self, callbacks: list[Any]) -> None:
        self._others = [callback for callback in callbacks if callback is not self and hasattr(callback, "get_state")]

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        # The backup is replaced in one step; the one before is for files damaged from outside.
        for path in (self._path, f"{self._path}.bkp"):
            if os.path.exists(path):
                try:
                    state = read_state(path)
                except (OSError, ValueError, KeyError):
                    continue
                self._restore(state)
                return
        if os.path.exists(self._path):
            raise OSError(f"The backup {self._path!r} cannot be read. Remove it to train from the beginning.")

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
            self._save(self._epoch)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        if self.save_freq == "epoch":
            self._save(epoch + 1)

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        self.model._initial_epoch = None  # the next `fit` begins where it is told to
        if not self.delete_checkpoint:
            return
        for path in (self._path, f"{self._path}.bkp"):
            with contextlib.suppress(FileNotFoundError):
                os.remove(path)
        with contextlib.suppress(OSError):
            os.rmdir(self.backup_dir)  # only where nothing else is in it

    def _save(self, epoch: int) -> None:
        os.makedirs(self.backup_dir, exist_ok=True)
        state = {
            "epoch": epoch,
            "model": [variable.numpy() for variable in self.model.variables],
            "optimizer": self.model.optimizer.get_weights(),
            "callbacks": [{"class": type(other).__name__, "state": other.get_state()} for other in self._others],
            "random": _random_state(self._shuffler()),
        }
        if self.double_checkpoint and os.path.exists(self._path):
            os.replace(self._path, f"{self._path}.bkp")
        with written_whole(self._path) as temporary:
            write_state(temporary, state)

    def _restore(self, state: dict[str, Any]) -> None:
        model = self.model
        if not model.built:
            raise ValueError(
                "BackupAndRestore can restore only a model that knows its shapes: give it an `Input`, or call it on a "
                "batch before `fit`."
            )
        if not model.optimizer.built:
            model.optimizer.build(model.trainable_variables)
        variables = list(model.variables)
        shapes = [tuple(variable.shape) for variable in variables]
        if shapes != [value.shape for value in state["model"]]:
            raise ValueError(
                f"The backup {self._path!r} belongs to another model. Remove it, or choose another `backup_dir`."
            )
        for variable, value in zip(variables, state["model"]):
            variable.assign(value)
        model.optimizer.set_weights(state["optimizer"])
        saved = list(state["callbacks"])
        for other in self._others:
            # The first one left of its class: other callbacks may have come or gone.
            match = next((entry for entry in saved if entry["class"] == type(other).__name__), None)
            if match is not None:
                saved.remove(match)
                other.set_state(match["state"])
        _set_random_state(state["random"], self._shuffler())
        model._initial_epoch = state["epoch"]


    def _shuffler(self) -> Any:
        """What orders the rows of this `fit`."""
        return getattr(self.model, "_shuffler", None)


def _random_state(shuffler: np.random.Generator | None) -> dict[str, Any]:
    kind, keys, position, has_gauss, gauss = np.random.get_state(legacy=True)
    return {
        "python": list(random.getstate()),
        "numpy": [kind, np.asarray(keys), int(position), int(has_gauss), float(gauss)],
        "shuffler": None if shuffler is None else shuffler.bit_generator.state,
    }


def _set_random_state(state: dict[str, Any], shuffler: np.random.Generator | None) -> None:
    if shuffler is not None and state["shuffler"] is not None:
        shuffler.bit_generator.state = state["shuffler"]
    version, internal, gauss_next = state["python"]
    random.setstate((version, tuple(internal), gauss_next))
    np.random.set_state(tuple(state["numpy"]))


# -- nested values in one npz file: the structure as JSON, the arrays beside it -------------------------------


def write_state(path: str, state: Any) -> None:
    """Write nested dicts and lists of numbers, strings and arrays."""
    arrays: dict[str, np.ndarray] = {}

    def strip(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: strip(item) for name, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [strip(item) for item in value]
        if isinstance(value, np.generic):
            return value.item()
        if not isinstance(value, np.ndarray):
            return value
        key, dtype = f"a{len(arrays)}", value.dtype.name
        # NumPy's file format has no bfloat16 and its like: their bytes go in its place.
        arrays[key] = value if value.dtype.isbuiltin == 1 else value.view(f"u{value.dtype.itemsize}")
        return {"__array__": key, "dtype": dtype}

    structure = json.dumps(strip(state)).encode()
    with open(path, "wb") as file:
        np.savez(file, structure=np.frombuffer(structure, np.uint8), **arrays)  # type: ignore[arg-type]


def read_state(path: str) -> Any:
    """What `write_state` wrote. Runs nothing that the file names."""
    with np.load(path, allow_pickle=False) as file:

        def fill(value: Any) -> Any:
            if isinstance(value, list):
                return [fill(item) for item in value]
            if not isinstance(value, dict):
                return value
            if "__array__" in value:
                return file[value["__array__"]].view(tf.as_dtype(value["dtype"]).as_numpy_dtype)
            return {name: fill(item) for name, item in value.items()}

        return fill(json.loads(file["structure"].tobytes()))
