"""Live progress: one line that changes in a terminal, a dozen lines in a log."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from .result import Trial
    from .running import Epoch

LINES_IN_A_LOG = 10


class Progress:
    """Call it with each `Epoch`; `close` ends the line that a terminal shows."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self.stream = stream or sys.stdout
        self.live = self.stream.isatty()
        self.best: tuple[float, int] = (float("inf"), 0)
        self.shown = 0
        self.first = 0.0

    def __call__(self, epoch: Epoch) -> None:
        loss = epoch.logs.get("val_loss", float("inf"))
        if loss < self.best[0]:
            self.best = (loss, epoch.number)
        if self.live:
            line = self._line(epoch)
            self.stream.write("\r" + line + " " * (self.shown - len(line)))
            self.shown = len(line)
        elif epoch.number == 1 or epoch.number == epoch.of or epoch.number % max(1, epoch.of // LINES_IN_A_LOG) == 0:
            self.stream.write(self._line(epoch) + "\n")
        self.stream.flush()

    def stage(self, name: str) -> None:
        """Something else begins."""
        self.close()
        self.shown, self.best = 0, (float("inf"), 0)
        if name in ("cross-validation", "comparison"):
            self._write(f"\n{name.capitalize()}\n")

    def trial(self, trial: Trial, of: int) -> None:
        """A line for each setting that a search tried; in a log for those that are better than all before."""
        better = trial.loss < self.best[0]
        if better:
            self.best = (trial.loss, trial.number)
        changes = ", ".join(f"{name} {_short(value)}" for name, value in trial.changes.items()) or "the recipe"
        if better or self.live:
            self._write(f"  trial {trial.number:>3}/{of}  dev loss {trial.loss:.4f}{' best' if better else '     '}  {changes}"
                        f"{f'; dropped after {trial.epochs} epochs' if trial.dropped else ''}\n")

    def fold(self, number: int, figures: dict) -> None:
        """A line for each fold."""
        shown = (("accuracy", "accuracy"), ("macro_f1", "macro F1"), ("r2", "R2"))
        self._write(f"  fold {number}: " + ", ".join(f"{title} {figures[name]:.4f}" for name, title in shown if name in figures)
                    + f" on {figures['rows']:,} rows\n")

    def model(self, name: str) -> None:
        """A word for each model that is compared."""
        self._write(f"  {name} ...\n")

    def _write(self, text: str) -> None:
        self.stream.write(text)
        self.stream.flush()

    def close(self) -> None:
        if self.live and self.shown:
            self.stream.write("\n")
            self.stream.flush()

    def _line(self, epoch: Epoch) -> str:
        logs, places = epoch.logs, len(str(epoch.of))
        measures = f"loss {logs['loss']:.4f}  dev {logs.get('val_loss', float('nan')):.4f}"
        if "accuracy" in logs:
            measures += f"   accuracy {logs['accuracy']:.4f}  dev {logs.get('val_accuracy', float('nan')):.4f}"
        # The first epoch also compiles, and says nothing of the others.
        if epoch.number == 1:
            self.first = epoch.seconds
        left = (epoch.seconds - self.first) / max(epoch.number - 1, 1) * (epoch.of - epoch.number)
        time = f"{epoch.seconds:.1f} s" + (f", {left:.0f} s to go" if left >= 1 else "")
        return f"epoch {epoch.number:>{places}}/{epoch.of}  {measures}   best {self.best[1]:>{places}}   {time}"


def _short(value: object) -> str:
    """A setting in few characters: `128x128`, `0.1-1`, `0.003`."""
    if isinstance(value, (tuple, list)):
        return ("x" if all(isinstance(one, int) for one in value) else "-").join(f"{one:g}" for one in value)
    return f"{value:g}" if isinstance(value, float) else str(value)
