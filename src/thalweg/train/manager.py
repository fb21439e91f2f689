"""`tf.train.CheckpointManager`: numbered checkpoints in a directory, of which the last ones are kept."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from typing import Any

from thalweg.engine.execution.variables import Variable
from thalweg.train.states import bundle_exists, get_checkpoint_state, latest_checkpoint, remove_checkpoint, update_checkpoint_state


class CheckpointManager:
    """Saves a checkpoint under a number, keeps `max_to_keep` of them (None: all) and deletes older ones.

    A checkpoint is kept for good when `keep_checkpoint_every_n_hours` have passed since the last one that was. With `step_counter`
    the number is the step's, and with `checkpoint_interval` a save is made only after so many steps. Raises ValueError for
    `max_to_keep` below 1.
    """

    def __init__(
        self,
        checkpoint: Any,
        directory: Any,
        max_to_keep: int | None,
        keep_checkpoint_every_n_hours: float | None = None,
        checkpoint_name: str = "ckpt",
        step_counter: Any = None,
        checkpoint_interval: int | None = None,
        init_fn: Callable[[], Any] | None = None,
        last_checkpoint_step: int | None = None,
    ):
        if max_to_keep is not None and max_to_keep <= 0:
            raise ValueError(f"Expected a positive integer or `None` for `max_to_keep`, got {max_to_keep}.")
        if checkpoint_interval is not None and step_counter is None:
            raise ValueError("`step_counter` should be passed if `checkpoint_interval` is specified.")
        self._checkpoint, self._directory, self._max_to_keep = checkpoint, os.fspath(directory), max_to_keep
        self._keep_hours, self._name, self._init_fn = keep_checkpoint_every_n_hours, checkpoint_name, init_fn
        self._step_counter, self._interval, self._last_step = step_counter, checkpoint_interval, last_checkpoint_step
        self._kept: dict[str, float] = {}  # prefix -> when it was written; the oldest first
        self._latest: str | None = None
        self._last_preserved = time.time() if keep_checkpoint_every_n_hours else 0.0
        self._recover()

    def _recover(self) -> None:
        """Go on from what the directory holds."""
        state = get_checkpoint_state(self._directory)
        if state is None:
            return
        times = state.all_model_checkpoint_timestamps
        if len(times) != len(state.all_model_checkpoint_paths):
            times = [time.time()] * len(state.all_model_checkpoint_paths)
        self._last_preserved = state.last_preserved_timestamp or (min(times, default=0.0) - 1.0)
        self._kept = {p: t for p, t in zip(state.all_model_checkpoint_paths, times) if bundle_exists(p)}
        self._latest = state.model_checkpoint_path

    @property
    def directory(self) -> str:
        return self._directory

    @property
    def checkpoint(self) -> Any:
        return self._checkpoint

    @property
    def checkpoint_interval(self) -> int | None:
        return self._interval

    @property
    def latest_checkpoint(self) -> str | None:
        """The prefix of the last checkpoint that was saved, or None."""
        return self._latest

    @property
    def checkpoints(self) -> list[str]:
        """The prefixes that are kept and may yet be deleted, oldest first."""
        return list(self._kept)

    def save(self, checkpoint_number: Any = None, check_interval: bool = True, options: Any = None) -> str | None:
        """Save under the next number, or the one given. Returns the prefix; None where the interval has not passed."""
        if self._interval is not None:
            step = int(self._step_counter)
            if check_interval and self._last_step is not None and step < self._last_step + self._interval:
                return None
            self._last_step = step
        prefix = os.path.join(self._directory, self._name)
        if checkpoint_number is None and self._step_counter is not None:
            checkpoint_number = self._step_counter
        counter = self._checkpoint.save_counter
        if checkpoint_number is None:
            counter.assign_add(1)
            number = int(counter)
        else:
            number = int(checkpoint_number.numpy() if isinstance(checkpoint_number, Variable) else checkpoint_number)
            counter.assign_add(1)
        path = self._checkpoint.write(f"{prefix}-{number}")
        self._latest = path
        self._kept.pop(path, None)
        self._kept[path] = time.time()
        doomed = self._sweep()
        self._record()  # before deleting, so that the file never names what is gone
        for old in doomed:
            remove_checkpoint(old)
        return path

    def _sweep(self) -> list[str]:
        """Take out of the list what is too old to keep. Returns what must be deleted."""
        doomed = []
        while self._max_to_keep is not None and len(self._kept) > self._max_to_keep:
            path, written = next(iter(self._kept.items()))
            del self._kept[path]
            if self._keep_hours and written - self._keep_hours * 3600 >= self._last_preserved:
                self._last_preserved = written
            else:
                doomed.append(path)
        return doomed

    def _record(self) -> None:
        update_checkpoint_state(
            self._directory, self._latest, list(self._kept), all_model_checkpoint_timestamps=list(self._kept.values()),
            last_preserved_timestamp=self._last_preserved,
        )  # fmt: skip

    def restore_or_initialize(self) -> str | None:
        """Restore the latest checkpoint and return its prefix; without one call `init_fn` and return None."""
        if self._latest is not None:
            self._checkpoint.restore(self._latest)
            if self._interval is not None:
                self._last_step = int(self._step_counter)
            return self._latest
        if self._init_fn is not None:
            self._init_fn()
        return None

    def sync(self) -> None:
        """Wait until what was saved is written: it is when `save` returns."""


def checkpoints_iterator(
    checkpoint_dir: Any,
    min_interval_secs: float = 0,
    timeout: float | None = None,
    timeout_fn: Callable[[], bool] | None = None,
) -> Iterator[str]:
    """Prefixes of new checkpoints as they appear in a directory, until none came for `timeout` seconds."""
    last = None
    while True:
        deadline = None if timeout is None else time.monotonic() + timeout
        found = latest_checkpoint(checkpoint_dir)
        while found is None or found == last:
            if deadline is not None and time.monotonic() > deadline:
                if timeout_fn is None or timeout_fn():
                    return
                deadline = time.monotonic() + timeout  # type: ignore[operator]
            time.sleep(0.1)
            found = latest_checkpoint(checkpoint_dir)
        started, last = time.monotonic(), found
        yield found
        time.sleep(max(0.0, min_interval_secs - (time.monotonic() - started)))


