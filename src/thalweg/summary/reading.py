"""Event files read again: event by event, or all their numbers at once, also while they are being written.

A run is a folder with event files, named by its path below the folder that was asked for, as in TensorBoard.
"""

from __future__ import annotations

import itertools
import os
import re
import struct
from array import array
from collections.abc import Iterator
from typing import Any

import numpy as np

from thalweg.engine.core import errors
from thalweg.engine.formats.event_file import EventTail, event_records
from thalweg.engine.formats.wire import read_varint

_double, _float = struct.Struct("<d").unpack_from, struct.Struct("<f").unpack_from
_IS_EVENTS = re.compile(r"tfevents")


def summary_iterator(path: Any) -> Iterator[Any]:
    """The events of a file, as `Event` messages. A last one that is not all there yet ends them.

    Raises NotFoundError, and DataLossError for a file that is damaged.
    """
    from thalweg.engine.formats.messages import Event

    for data in event_records(path):
        yield Event.FromString(data)


class Series:
    """A tag's numbers in the order they were written."""

    __slots__ = ("steps", "values", "wall_times")

    def __init__(self) -> None:
        self.steps, self.wall_times, self.values = array("q"), array("d"), array("d")

    def __len__(self) -> int:
        return len(self.steps)


class ScalarFile:
    """A file's numbers and settings. `update` reads what is new.

    series: by tag. hparams: the settings that were logged, status: what the run said of its end ("" while it has not).
    """

    def __init__(self, path: str):
        self._tail = EventTail(path, check=False)
        self.series: dict[str, Series] = {}
        self.hparams: dict[str, Any] = {}
        self.status = ""
        self._known: dict[int, list[tuple[bytes, bytes, Series]]] = {}  # by an event's length: how scalars of a tag look
        self._scalar_tags: set[str] = set()

    @property
    def offset(self) -> int:
        """How many bytes of the file have been read."""
        return self._tail.offset

    def update(self, most: int | None = None) -> int:
        """Read the new events, or about `most` megabytes of them; gives how many numbers they held.

        Raises DataLossError where the file is damaged.
        """
        found = 0
        for records in itertools.islice(self._tail.chunks(), most):
            for record in records:
                found += self._read(record)
        return found

    def _read(self, record: bytes) -> int:
        """A scalar that looks like one before is read by its place, anything else as the message it is."""
        if record[:1] == b"\t":
            step, at = read_varint(record, 10) if record[9:10] == b"\x10" else (0, 9)
            for before, after, series in self._known.get(len(record) - at, ()):
                if record.startswith(before, at) and record.endswith(after):
                    series.steps.append(step if step < 1 << 63 else step - (1 << 64))
                    series.wall_times.append(_double(record, 1)[0])
                    series.values.append(_float(record, at + len(before))[0])
                    return 1
            return self._parse(record, at)
        return self._parse(record, -1)

    def _parse(self, record: bytes, at: int) -> int:
        from thalweg.engine.formats.messages import Event

        event = Event.FromString(record)
        count = 0
        for value in event.summary.value:
            plugin = value.metadata.plugin_data
            if plugin.plugin_name == "hparams":
                self._settings(plugin.content)
            elif plugin.plugin_name == "scalars":
                self._scalar_tags.add(value.tag)
            number = self._number(value)
            if number is None:
                continue
            series = self.series.setdefault(value.tag, Series())
            series.steps.append(event.step)
            series.wall_times.append(event.wall_time)
            series.values.append(float(number))
            count += 1
            if at >= 0 and len(event.summary.value) == 1:
                self._learn(record[at:], number, series)
        return count

    def _number(self, value: Any) -> np.float32 | None:
        if value.HasField("simple_value"):
            return np.float32(value.simple_value)
        if not value.HasField("tensor") or value.tag not in self._scalar_tags:
            return None
        from thalweg.engine.formats.tensor_proto import make_ndarray

        try:
            number = make_ndarray(value.tensor)
        except (ValueError, TypeError):
            return None
        return np.float32(number) if number.ndim == 0 and number.dtype.kind in "fiu" else None

    def _learn(self, fields: bytes, number: np.float32, series: Series) -> None:
        """What stands around a number, if it is plain where that is."""
        data = number.tobytes()
        if fields.count(data) == 1 and number != 0:
            before, _, after = fields.partition(data)
            self._known.setdefault(len(fields), []).append((before, after, series))

    def _settings(self, content: bytes) -> None:
        from thalweg.summary.settings import read_settings

        settings, status = read_settings(content)
        self.hparams.update(settings)
        self.status = status or self.status


class Run:
    """A folder's event files, read together."""

    def __init__(self, name: str, folder: str):
        self.name, self.folder = name, folder
        self._files: dict[str, ScalarFile] = {}
        self.damage = ""

    @property
    def offset(self) -> int:
        """How many bytes of its files have been read."""
        return sum(file.offset for file in self._files.values())

    def update(self, most: int | None = None) -> int:
        """Read what is new in the folder, or about `most` megabytes a file; gives how many numbers that was.

        A damaged file is read up to its damage.
        """
        count = 0
        try:
            names = sorted(n for n in os.listdir(self.folder) if _IS_EVENTS.search(n))
        except OSError:
            return 0
        for name in names:
            path = os.path.join(self.folder, name)
            try:
                count += self._files.setdefault(path, ScalarFile(path)).update(most)
            except errors.DataLossError as error:
                self.damage = error.message
            except errors.OpError:
                continue
        return count

    @property
    def tags(self) -> list[str]:
        return sorted({t for f in self._files.values() for t in f.series})

    def points(self, tag: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """A tag's steps, wall times and values, ordered by step."""
        parts = [f.series[tag] for f in self._files.values() if tag in f.series]
        steps, walls, values = (
            np.concatenate([np.array(getattr(p, name)) for p in parts]) if parts else np.zeros(0)
            for name in ("steps", "wall_times", "values")
        )
        if len(steps) > 1 and (np.diff(steps) < 0).any():
            order = np.argsort(steps, kind="stable")
            steps, walls, values = steps[order], walls[order], values[order]
        return steps, walls, values

    @property
    def hparams(self) -> dict[str, Any]:
        return {k: v for f in self._files.values() for k, v in f.hparams.items()}

    @property
    def status(self) -> str:
        return next((f.status for f in reversed(list(self._files.values())) if f.status), "")

    @property
    def count(self) -> int:
        return sum(len(s) for f in self._files.values() for s in f.series.values())


def run_folders(logdir: Any) -> dict[str, str]:
    """The folders below `logdir` that hold event files, by the names of their runs. Raises NotFoundError."""
    top = os.path.abspath(os.fspath(logdir))
    if not os.path.isdir(top):
        raise errors.NotFoundError(None, None, f"{top} is no folder: name the one that event files were written under.")
    found = {}
    for folder, _, names in os.walk(top, followlinks=True):
        if any(_IS_EVENTS.search(n) for n in names):
            found[os.path.relpath(folder, top).replace(os.sep, "/")] = folder
    return dict(sorted(found.items()))


def to_frame(logdir: Any, tags: Any = None) -> Any:
    """All numbers below a folder as a pandas DataFrame: columns `run`, `tag`, `step`, `wall_time`, `value`.

    tags: only these. Raises NotFoundError where there is no such folder.
    """
    import pandas as pd

    parts = []
    for name, folder in run_folders(logdir).items():
        run = Run(name, folder)
        run.update()
        for tag in run.tags if tags is None else [t for t in run.tags if t in set(tags)]:
            steps, walls, values = run.points(tag)
            parts.append(pd.DataFrame({"run": name, "tag": tag, "step": steps, "wall_time": pd.to_datetime(walls, unit="s"),
                                       "value": values}))  # fmt: skip
    columns = ["run", "tag", "step", "wall_time", "value"]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)
