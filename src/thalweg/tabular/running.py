"""Epoch after epoch: order of rows, learning rate, early stopping; an interrupted run goes on where it was."""

from __future__ import annotations

import io
import json
import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from .copies import Copies, Rows
from .problems import TableError
from .writing import make_folder, write_file

SECONDS_BETWEEN_SAVES = 5.0


@dataclass(frozen=True)
class Epoch:
    """How an epoch went: its number from 1, the measures (means over the copies), seconds since training began."""

    number: int
    of: int
    logs: dict[str, float]
    seconds: float


class Run:
    """Copies on their way. `train` gives the rows of an epoch, always as many; each is gone through once, in an order of its own.

    `histories[k]` holds the measures of copy `k`, epoch by epoch; `done` counts the epochs.
    """

    def __init__(self, copies: Copies, train: Callable[[int], Rows], dev: Rows, epochs: int, *,
                 on_epoch: Callable[[Epoch], None] | None = None, stop: Callable[[], bool] = lambda: False,
                 keeper: Keeper | None = None) -> None:
        self.copies, self.train, self.dev, self.epochs = copies, train, dev, epochs
        self.on_epoch, self.stop, self.keeper = on_epoch, stop, keeper
        self.snapshots: Callable[[Epoch], None] | None = None       # asked as `on_epoch` is
        self.histories: list[dict[str, list[float]]] = [{} for _ in range(copies.count)]
        self.done, self.stopped, self.seconds = 0, False, 0.0
        first = train(0)
        settings = copies.settings[0]
        self.patience = settings.patience
        self.steps = math.ceil(len(first) / settings.batch_size)
        self.batch = len(first) // self.steps       # about what was asked for, and no row is left over for a smaller batch
        self.compiled = copies.pays(first, self.batch, self.steps * epochs)
        if keeper is not None:
            keeper.restore(self)

    def advance(self, until: int | None = None) -> None:
        """Train up to an epoch, or to the end: till all are done, none gets better for `patience` epochs, or `stop` says so."""
        start = time.perf_counter() - self.seconds
        while self.done < (self.epochs if until is None else min(until, self.epochs)) and not self.stopped:
            rows = self.train(self.done)
            found = self.copies.run_epoch(rows, self._orders(len(rows)), self._rates(), self.dev, self.compiled)
            for name, values in found.items():
                for history, value in zip(self.histories, values):
                    history.setdefault(name, []).append(float(value))
            self.done += 1
            self.seconds = time.perf_counter() - start
            self.stopped = self.stop() or self._is_over(found["loss"])
            if self.on_epoch is not None or self.snapshots is not None:
                logs = {name: float(np.mean(values)) for name, values in found.items()}
                for asked in filter(None, (self.snapshots, self.on_epoch)):
                    asked(Epoch(self.done, self.epochs, logs, self.seconds))
            if self.keeper is not None:
                self.keeper.save(self, at_once=self.stopped)

    def keep(self, chosen: list[int]) -> None:
        """Go on with some of the copies only."""
        self.copies.keep(chosen)
        self.histories = [self.histories[copy] for copy in chosen]

    def best_epoch(self, copy: int) -> int:
        """The epoch, from 1, whose weights are kept. Raises TableError where none gave a number."""
        losses = np.array(self.histories[copy].get("val_loss", []))
        losses = np.where(np.isfinite(losses), losses, np.inf)
        if not np.isfinite(losses).any():
            raise TableError("training blew up: the loss on dev is not a number in any epoch. Try a smaller learning rate.")
        return int(losses.argmin()) + 1

    def _is_over(self, losses: np.ndarray) -> bool:
        """All copies blown up, or none better for so long."""
        if not np.isfinite(losses).any():
            return True
        ages = [self.done - 1 - int(np.nan_to_num(history["val_loss"], nan=np.inf).argmin()) for history in self.histories]
        return min(ages) >= self.patience

    def _orders(self, rows: int) -> np.ndarray:
        """Row numbers `[copies, steps, batch]`: each copy has its own order, given by its seed and the epoch."""
        return np.stack([
            np.random.default_rng([one.seed, self.done]).permutation(rows)[:self.steps * self.batch].reshape(self.steps, self.batch)
            for one in self.copies.settings]).astype(np.int32)

    def _rates(self) -> np.ndarray:
        """Learning rates `[copies, steps]`: along half a cosine from the full rate to 0."""
        step = np.arange(self.done * self.steps, (self.done + 1) * self.steps)
        fall = 0.5 * (1 + np.cos(np.pi * step / (self.epochs * self.steps)))
        return np.array([one.learning_rate for one in self.copies.settings])[:, None] * fall


class Keeper:
    """Keeps in a file how far a run has come, so that the same run can go on after an interruption.

    Only a run of the same settings, on data of the same `fingerprint`, takes it up again.
    """

    def __init__(self, path: str | Path, fingerprint: str, resume: bool = True) -> None:
        self.path, self.fingerprint, self.resume, self.resumed_from = Path(path), fingerprint, resume, 0
        self._saved = time.monotonic()

    def save(self, run: Run, at_once: bool = False) -> None:
        if not at_once and time.monotonic() - self._saved < SECONDS_BETWEEN_SAVES:
            return
        about = {"fingerprint": self.fingerprint, "settings": self._settings(run), "done": run.done, "epochs": run.epochs,
                 "seconds": run.seconds, "histories": run.histories}
        file = io.BytesIO()
        arrays: dict[str, Any] = {f"array_{place:04d}": array for place, array in enumerate(run.copies.get_state())}
        np.savez(file, about=np.frombuffer(json.dumps(about).encode(), np.uint8), **arrays)
        make_folder(self.path.parent)
        write_file(self.path, file.getvalue())
        self._saved = time.monotonic()

    def restore(self, run: Run) -> None:
        """Take up where a run of the same kind was interrupted; leave a new run as it is where there is none."""
        if not self.resume or not self.path.is_file():
            return
        try:
            with np.load(self.path, allow_pickle=False) as saved:
                about = json.loads(saved["about"].tobytes())
                if (about["fingerprint"], about["settings"], about["epochs"]) != (
                        self.fingerprint, self._settings(run), run.epochs):
                    return
                run.copies.set_state([saved[name] for name in sorted(saved.files) if name != "about"])
        except (OSError, ValueError, KeyError, EOFError):
            return
        run.histories, run.done, run.seconds = about["histories"], about["done"], about["seconds"]
        self.resumed_from = run.done

    def forget(self) -> None:
        """The run has reached its end."""
        self.path.unlink(missing_ok=True)

    @staticmethod
    def _settings(run: Run) -> list:
        return json.loads(json.dumps([asdict(one) for one in run.copies.settings]))
