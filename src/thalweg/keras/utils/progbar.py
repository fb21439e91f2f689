"""The progress bar: `413/413 ━━━━━━━━━━━━━━━━━━━━ 1s 2ms/step - accuracy: 0.9512 - loss: 0.1423`."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Iterable
from typing import Any

import numpy as np

from thalweg.keras.utils.messages import print_msg

_BOLD, _GREEN, _WHITE, _PLAIN = "\x1b[1m", "\x1b[32m", "\x1b[37m", "\x1b[0m"


class Progbar:
    """Shows how far a loop is, how long it takes and what it measures.

    target: number of steps, None if unknown. verbose: 0 silent, 1 a bar, 2 one line at the end. interval: least seconds
    between two redraws. stateful_metrics: names shown as they come, where the others are averaged over the steps;
    stateless_metrics: the other way round, names averaged where the others are shown as they come.
    On a terminal and in a notebook the bar is redrawn in place; elsewhere one plain line appears at the end.
    Source: keras.utils.Progbar.
    """

    def __init__(
        self,
        target: int | None,
        width: int = 20,
        verbose: int = 1,
        interval: float = 0.05,
        stateful_metrics: Iterable[str] | None = None,
        stateless_metrics: Iterable[str] | None = None,
        unit_name: str = "step",
    ) -> None:
        if stateful_metrics is not None and stateless_metrics is not None:
            raise ValueError("Give `stateful_metrics` or `stateless_metrics`, not both: each implies the other.")
        self.target = target
        self.width = width
        self.verbose = verbose
        self.interval = interval
        self.unit_name = unit_name
        self._averaged_by_default = stateless_metrics is None
        self._exceptions = set(stateful_metrics or stateless_metrics or ())
        self._is_live = verbose == 1 and _can_redraw()
        self._seen_so_far = 0
        self._sums: dict[str, tuple[Any, int]] = {}
        self._start = time.time()
        self._last_update = 0.0
        self._first_update: tuple[int, float] | None = None
        self._last_length = 0

    def update(
        self, current: int, values: Iterable[tuple[str, Any]] | None = None, finalize: bool | None = None
    ) -> None:
        """Show that `current` steps are done, with (name, value) pairs. finalize: this was the last."""
        if finalize is None:
            finalize = self.target is not None and current >= self.target
        self._take(current, values or (), finalize)
        now = time.time()
        seconds_per_step = self._seconds_per_step(current, now)
        if self.verbose == 2 and finalize:
            self._write(self._line(current, now, seconds_per_step), finalize)
        elif self.verbose == 1 and (finalize or (self._is_live and now - self._last_update >= self.interval)):
            self._write(self._bar(current, now, seconds_per_step, finalize), finalize)
            self._last_update = now

    def add(self, n: int, values: Iterable[tuple[str, Any]] | None = None) -> None:
        """Show that `n` more steps are done."""
        self.update(self._seen_so_far + n, values)

    # -- what is measured ------------------------------------------------------------------------------------

    def _take(self, current: int, values: Iterable[tuple[str, Any]], finalize: bool) -> None:
        """Keep each value: an average over the steps since the last update, or as it is; the last word is as it is."""
        steps = max(current - self._seen_so_far, 1)
        for name, value in values:
            averaged = self._averaged_by_default != (name in self._exceptions)
            if averaged and not finalize:
                total, count = self._sums.get(name, (0.0, 0))
                self._sums[name] = (total + value * steps, count + steps)
            else:
                self._sums[name] = (value, 1)
        self._seen_so_far = current

    def _metrics(self) -> str:
        return "".join(f" - {name}: {_number(total, count)}" for name, (total, count) in self._sums.items())

    def _seconds_per_step(self, current: int, now: float) -> float:
        """Without the first update, which holds what is done once: tracing and compiling."""
        if not current:
            return 0.0
        if self._first_update is None:
            self._first_update = (current, now)
        first_steps, first_time = self._first_update
        if current > first_steps:
            return (now - first_time) / (current - first_steps)
        return (now - self._start) / current

    # -- how it is shown -------------------------------------------------------------------------------------

    def _count(self, current: int) -> str:
        if not self.target:
            return f"{current:7d}/Unknown"
        return f"{current:{len(str(self.target))}d}/{self.target}"

    def _line(self, current: int, now: float, seconds_per_step: float) -> str:
        pace = _per_unit(seconds_per_step, self.unit_name)
        return f"{self._count(current)} - {now - self._start:.0f}s - {pace}{self._metrics()}"

    def _bar(self, current: int, now: float, seconds_per_step: float, finalize: bool) -> str:
        count, bar = self._count(current), ""
        done = 0
        if self.target:
            done = min(int(self.width * current / self.target), self.width)
            bar = "━" * self.width
        if self.target and not finalize:
            clock = _clock(seconds_per_step * (self.target - current))
        else:
            clock = f"{now - self._start:.0f}s"
        rest = f" {_per_unit(seconds_per_step, self.unit_name)}{self._metrics()}"
        if not self._is_live:
            return " ".join(part for part in (count, bar, clock) if part) + rest
        length = len(count) + len(bar) + len(clock) + 2
        if not finalize and sys.stdout.isatty():
            # A line longer than the terminal cannot be redrawn in place.
            rest = rest[: max(shutil.get_terminal_size().columns - length - 1, 0)]
        padding = " " * max(self._last_length - length - len(rest), 0)
        self._last_length = length + len(rest)
        bar = f"{_GREEN}{bar[:done]}{_WHITE}{bar[done:]}{_PLAIN}" if bar else ""
        return f"\r{_BOLD}{count}{_PLAIN} {bar} {_BOLD}{clock}{_PLAIN}{rest}{padding}"

    def _write(self, text: str, finalize: bool) -> None:
        print_msg(text, line_break=finalize)


def _can_redraw() -> bool:
    is_terminal = hasattr(sys.stdout, "isatty") and sys.stdout.isatty()
    return is_terminal or "ipykernel" in sys.modules or "PYCHARM_HOSTED" in os.environ


def _number(total: Any, count: int) -> str:
    try:
        value = float(np.mean(total)) / max(count, 1)
    except (TypeError, ValueError):
        return str(total)
    return f"{value:.4f}" if abs(value) > 1e-3 else f"{value:.4e}"


def _clock(seconds: float) -> str:
    if seconds > 3600:
        return f"{seconds // 3600:.0f}:{seconds % 3600 // 60:02.0f}:{seconds % 60:02.0f}"
    if seconds > 60:
        return f"{seconds // 60:.0f}:{seconds % 60:02.0f}"
    return f"{int(seconds)}s"


def _per_unit(seconds: float, unit: str) -> str:
    if seconds >= 1 or seconds == 0:
        return f"{seconds:.0f}s/{unit}"
    if seconds >= 1e-3:
        return f"{seconds * 1e3:.0f}ms/{unit}"
    return f"{seconds * 1e6:.0f}us/{unit}"
