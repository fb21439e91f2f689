"""Elements made ahead, in a thread, where making them waits for something: files, Python generators, Python functions."""

from __future__ import annotations

import threading
import weakref
from collections import deque
from typing import Any

from thalweg.data.cursors import Cursor, OneInput, Scope
from thalweg.data.dataset import Dataset, parameter
from thalweg.data.structure import Components
from thalweg.engine.core import errors

_AUTO = 2


class _Ahead:
    """What the thread and the cursor share. The thread holds no cursor, so that one that is let go ends it."""

    def __init__(self, input_cursor: Cursor, size: int):
        self.input, self.size = input_cursor, size
        self.ready: deque[tuple[str, Any]] = deque()
        self.changed = threading.Condition()
        self.stopped = self.ended = False

    def run(self) -> None:
        while True:
            with self.changed:
                while len(self.ready) >= self.size and not self.stopped:
                    self.changed.wait()
                if self.stopped:
                    return
            try:
                item = ("element", next(self.input))
            except StopIteration:
                item = ("end", None)
            except BaseException as error:
                item = ("error", error)
            with self.changed:
                self.ready.append(item)
                self.changed.notify_all()
                if item[0] == "end":
                    return

    def stop(self) -> None:
        with self.changed:
            self.stopped = True
            self.changed.notify_all()


class PrefetchCursor(OneInput):
    """Takes what the thread has made. A state is saved with the thread at rest, with what it has made."""

    fields = ("given",)

    def __init__(self, input_cursor: Cursor, size: int):
        super().__init__(input_cursor)
        self.size, self.given = size, 0
        self.first: deque[tuple[str, Any]] = deque()  # from a restored state
        self._ahead: _Ahead | None = None
        self._thread: threading.Thread | None = None

    def __next__(self) -> Components:
        kind, value = self.first.popleft() if self.first else self._take()
        if kind == "end":
            self.first.append((kind, value))
            raise StopIteration
        if kind == "error":
            raise value
        self.given += 1
        return value

    def _take(self) -> tuple[str, Any]:
        if self._ahead is None:
            self._start()
        ahead = self._ahead
        assert ahead is not None
        with ahead.changed:
            while not ahead.ready:
                ahead.changed.wait()
            item = ahead.ready.popleft()
            ahead.changed.notify_all()
        return item

    def _start(self) -> None:
        self._ahead = _Ahead(self.input, self.size)
        self._thread = threading.Thread(target=self._ahead.run, name="dataset-prefetch", daemon=True)
        weakref.finalize(self, self._ahead.stop)
        self._thread.start()

    def _rest(self) -> None:
        """Stop the thread and take over what it has made."""
        if self._ahead is not None:
            self._ahead.stop()
            if self._thread is not None and self._thread is not threading.current_thread():
                self._thread.join()
            self.first += self._ahead.ready
            self._ahead = self._thread = None

    def save(self) -> dict[str, Any]:
        self._rest()
        made = [[kind, value if kind == "element" else None] for kind, value in self.first if kind != "error"]
        return super().save() | {"ahead": made}

    def restore(self, state: dict[str, Any]) -> None:
        self._rest()
        super().restore(state)
        self.first = deque((kind, value if value is None else tuple(value)) for kind, value in state["ahead"])

    def close(self) -> None:
        self._rest()
        super().close()


def waits(dataset: Dataset) -> bool:
    """Whether making an element waits for something that a thread could wait for: a file, a generator, a Python call."""
    return (
        getattr(dataset, "_waits_for_outside", False)
        or any(op.record.host for f in dataset._functions for op in f.ops if op.record.name in _OUTSIDE)
        or any(map(waits, dataset._inputs))
    )


_OUTSIDE = {"PyFunc", "EagerPyFunc", "ReadFile", "DecodeJpeg", "DecodePng", "DecodeImage", "DecodeGif", "DecodeBmp", "DecodeWav"}


class PrefetchDataset(Dataset):
    """The same elements, made ahead where that can help."""

    def __init__(self, dataset: Dataset, buffer_size: Any):
        self._inputs, self._parameters = (dataset,), (parameter(-1 if buffer_size is None else buffer_size, "buffer_size"),)
        self._element_spec = dataset.element_spec
        size = self._parameters[0]
        if isinstance(size, int) and size < -1:
            raise errors.invalid("buffer_size must be >= 0 or set buffer_size to be -1 for auto-tuning")

    def _cursor(self, scope: Scope) -> Cursor:
        size = scope.number(self._parameters[0])
        above = self._inputs[0]._cursor(scope)
        if size == 0 or not waits(self._inputs[0]):
            return above
        return PrefetchCursor(above, _AUTO if size == -1 else size)

    def _count(self) -> int:
        return self._inputs[0]._count()
