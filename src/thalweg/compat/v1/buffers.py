"""What queues are at run time: elements behind a lock, shared by the threads of a session.

Plain Python: the ops over them are in `queues`.
"""

from __future__ import annotations

import heapq
import itertools
import threading
from collections import deque
from typing import Any

import numpy as np

from thalweg.engine.core import errors
from thalweg.engine.ops import philox

Element = tuple[np.ndarray, ...]


class Buffer:
    """Elements in order. Adding waits while it is full, taking waits while there are too few, until it is closed."""

    kind = "FIFOQueue"

    def __init__(self, capacity: int, name: str):
        self.capacity, self.name = capacity if capacity > 0 else 2**31 - 1, name
        self.closed = self.cancelled = False
        self._changed = threading.Condition()
        self._start()

    def _start(self) -> None:
        self._items: Any = deque()

    # -- what kinds of queues do in their own way; called under the lock ------------------------------------

    def _put(self, element: Element) -> None:
        self._items.append(element)

    def _pop(self) -> Element:
        return self._items.popleft()

    def _unpop(self, elements: list[Element]) -> None:
        self._items.extendleft(reversed(elements))

    def _available(self) -> int:
        """How many elements may be taken now."""
        return len(self._items)

    # -- threads ------------------------------------------------------------------------------------------

    def add(self, elements: list[Element]) -> None:
        """Raises CancelledError once the queue is closed."""
        for element in elements:
            with self._changed:
                while len(self._items) >= self.capacity and not self.closed:
                    self._changed.wait()
                if self.closed and (self.cancelled or len(self._items) >= self.capacity or element is elements[0]):
                    raise errors.CancelledError(None, None, f"{self.kind} '{self.name}' is closed.")
                self._put(element)
                self._changed.notify_all()

    def take(self, count: int, fewer: bool = False) -> list[Element]:
        """`count` elements; with `fewer`, what is left of a closed queue. Raises OutOfRangeError when closed and too few."""
        found: list[Element] = []
        with self._changed:
            while len(found) < count:
                while not self._available() and not self.closed:
                    self._changed.wait()
                if not self._items:
                    if fewer and found:
                        break
                    left = len(found)
                    self._unpop(found)
                    raise errors.OutOfRangeError(
                        None, None,
                        f"{self.kind} '{self.name}' is closed and has insufficient elements "
                        f"(requested {count}, current size {left})",
                    )  # fmt: skip
                found.append(self._pop())
                self._changed.notify_all()
        return found

    def close(self, cancel_pending: bool) -> None:
        """No more elements come; with `cancel_pending`, those that wait to be added are refused."""
        with self._changed:
            self.closed = True
            self.cancelled = self.cancelled or cancel_pending
            self._changed.notify_all()

    def size(self) -> int:
        return len(self._items)


class RandomBuffer(Buffer):
    """Takes any of its elements, as TensorFlow's generator chooses, while `spare` remain (until it is closed)."""

    kind = "RandomShuffleQueue"

    def __init__(self, capacity: int, name: str, spare: int, seeds: tuple[int, int]):
        self._spare = spare
        first, second = seeds if any(seeds) else tuple(int(v) for v in np.random.SeedSequence().generate_state(2))
        self._stream = philox.stream(np, first, 0, second)
        self._words: list[int] = []
        super().__init__(capacity, name)

    def _start(self) -> None:
        self._items = []

    def _available(self) -> int:
        return len(self._items) if self.closed else max(0, len(self._items) - self._spare)

    def _next_word(self) -> int:
        if not self._words:
            low, high = philox.block(np, self._stream)
            self._stream = self._stream.skip(np, 1)
            self._words = [high >> 32, high & 0xFFFFFFFF, low >> 32, low & 0xFFFFFFFF]
        return self._words.pop()

    def _pop(self) -> Element:
        at = self._next_word() % len(self._items)
        chosen = self._items[at]
        self._items[at] = self._items[-1]
        self._items.pop()
        return chosen

    def _unpop(self, elements: list[Element]) -> None:
        self._items.extend(elements)


class PriorityBuffer(Buffer):
    """The element of the least first component first."""

    kind = "PriorityQueue"

    def _start(self) -> None:
        self._items, self._order = [], itertools.count()

    def _put(self, element: Element) -> None:
        heapq.heappush(self._items, (int(element[0]), next(self._order), element))

    def _pop(self) -> Element:
        return heapq.heappop(self._items)[2]

    def _unpop(self, elements: list[Element]) -> None:
        for element in elements:
            self._put(element)
