"""Live progress: one line that changes in a terminal, a dozen lines in a log."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
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
