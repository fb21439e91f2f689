"""Runs for the compare page: read live, put together by their folders, thinned for drawing.

`run/train` and `run/validation`, as the callback writes them, are one run whose measures are called `train/...` and
`validation/...`.
"""

from __future__ import annotations

import math
import os
import re
import threading
from typing import Any

import numpy as np

from thalweg.engine.core import errors
from thalweg.summary.reading import Run, run_folders

_PART = re.compile(r"(?:^|/)(train|validation|eval|test)$")
_PIECE = 2  # megabytes
_FOUND_AGAIN = 2  # updates between looks for new folders


class Runs:
    """All runs below a folder. `update` reads what is new; the rest may be called from other threads meanwhile."""

    def __init__(self, logdir: str):
        self.logdir = os.path.abspath(logdir)
        self.version = 0  # grows when something new has been read
        self._parts: dict[str, Run] = {}
        self._deleted: set[str] = set()
        self._lock = threading.Lock()
        self._rounds = 0

    def update(self) -> bool:
        """Read what is new; gives whether anything was."""
        if self._rounds % _FOUND_AGAIN == 0 or not self._parts:
            try:
                folders = run_folders(self.logdir)
            except errors.OpError:
                folders = {}
            with self._lock:
                changed = set(folders) != set(self._parts)
                self._parts = {name: self._parts.get(name) or Run(name, folder) for name, folder in folders.items()}
        else:
            changed = False
        self._rounds += 1
        for part in list(self._parts.values()):
            before = -1
            while part.offset != before:  # a piece at a time: who asks meanwhile need not wait for the whole file
                before = part.offset
                with self._lock:
                    changed |= bool(part.update(_PIECE))
        self.version += changed
        return changed

    def _groups(self) -> dict[str, dict[str, Run]]:
        """Run: its parts, by the prefix of their tags."""
        groups: dict[str, dict[str, Run]] = {}
        for name, part in self._parts.items():
            match = _PART.search(name)
            groups.setdefault((name[: match.start()] or ".") if match else name, {})[f"{match[1]}/" if match else ""] = part
        return groups

    # -- the table ----------------------------------------------------------------------------------------

    def table(self) -> list[dict[str, Any]]:
        """For each run its name, settings, status, and by measure the last, least and greatest value with their steps."""
        with self._lock:
            return [_row(name, parts) for name, parts in sorted(self._groups().items())]

    # -- curves -------------------------------------------------------------------------------------------

    def curves(self, tag: str, width: int = 1000, smoothing: float = 0.0, log_x: bool = False) -> dict[str, Any]:
        """A measure of every run as steps and values, thinned so that a picture so many pixels wide looks the same."""
        curves = {}
        for name, (steps, values) in self._points(tag).items():
            if smoothing:
                values = smoothed(values, smoothing)
            steps, values = thinned(steps, values, width, log_x)
            curves[name] = {"steps": steps.tolist(), "values": [v if math.isfinite(v) else None for v in values.tolist()]}
        return curves

    def _points(self, tag: str) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        found = {}
        with self._lock:
            for name, parts in sorted(self._groups().items()):
                for prefix, part in parts.items():
                    if tag.startswith(prefix) and tag[len(prefix) :] in part.tags:
                        steps, _, values = part.points(tag[len(prefix) :])
                        if len(steps):
                            found[name] = steps, values
        return found

    # -- deleting -----------------------------------------------------------------------------------------

    def delete(self, name: str) -> int:
        """Delete a run's event files, and its folders where nothing else is in them; gives how many files. Raises KeyError.

        Only files of folders that were read as this run's, inside the folder that is shown, are touched.
        """
        with self._lock:
            parts = self._groups()[name]
            count = 0
            for part in parts.values():
                folder = os.path.realpath(part.folder)
                if os.path.commonpath([folder, os.path.realpath(self.logdir)]) != os.path.realpath(self.logdir):
                    raise PermissionError(f"{part.folder} lies outside {self.logdir}.")
                for file in os.listdir(folder):
                    path = os.path.join(folder, file)
                    if "tfevents" in file and os.path.isfile(path):
                        os.remove(path)
                        count += 1
                self._parts.pop(part.name, None)
                while folder != os.path.realpath(self.logdir) and not os.listdir(folder):
                    os.rmdir(folder)
                    folder = os.path.dirname(folder)
            self.version += 1
        return count


def _row(name: str, parts: dict[str, Run]) -> dict[str, Any]:
    measures = {}
    for prefix, part in parts.items():
        for tag in part.tags:
            steps, _, values = part.points(tag)
            finite = np.flatnonzero(np.isfinite(values))
            entry: dict[str, Any] = {"count": len(values), "last": _number(values[-1]), "last_step": int(steps[-1])}
            if len(finite):
                low, high = finite[np.argmin(values[finite])], finite[np.argmax(values[finite])]
                entry |= {"min": _number(values[low]), "min_step": int(steps[low]), "max": _number(values[high]),
                          "max_step": int(steps[high])}  # fmt: skip
            measures[prefix + tag] = entry
    return {
        "name": name, "settings": {k: v for part in parts.values() for k, v in part.hparams.items()},
        "status": next((p.status for p in parts.values() if p.status), ""),
        "damage": next((p.damage for p in parts.values() if p.damage), ""), "measures": measures,
    }  # fmt: skip


def _number(value: Any) -> float | None:
    """What JSON can hold of a number."""
    return float(value) if math.isfinite(value) else None


def smoothed(values: np.ndarray, weight: float) -> np.ndarray:
    """The running mean whose past counts `weight`, without its pull towards zero at the start, as TensorBoard draws it."""
    from scipy.signal import lfilter

    good = np.isfinite(values)
    out = values.astype(np.float64)
    x = out[good]
    bias = 1.0 - np.power(weight, np.arange(1, len(x) + 1))
    out[good] = lfilter([1.0 - weight], [1.0, -weight], x) / bias if len(x) else x
    return out


def thinned(steps: np.ndarray, values: np.ndarray, width: int, log_x: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """The first, least, greatest and last point of each column of pixels: all that a line through all points would show."""
    if len(steps) <= 4 * width:
        return steps, values
    x = np.log10(np.maximum(steps, 1)) if log_x else steps.astype(np.float64)
    columns = ((x - x[0]) / max(x[-1] - x[0], 1e-12) * (width - 1)).astype(np.intp)
    starts = np.flatnonzero(np.diff(columns, prepend=-1))
    ends = np.append(starts[1:], len(steps)) - 1
    order = np.lexsort((np.nan_to_num(values), columns))  # by column, then by value: the ends of each column are its extremes
    keep = np.unique(np.concatenate([starts, ends, order[starts], order[ends]]))
    return steps[keep], values[keep]
