"""`tf.train.Coordinator`: stops a set of threads together, and brings their exceptions to whoever waits.

Source: https://www.tensorflow.org/api_docs/python/tf/train/Coordinator
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from thalweg.engine.core import errors


class Coordinator:
    """Threads ask `should_stop()`; whoever wants the end calls `request_stop()`, then `join(threads)`.

    Exceptions of the kinds in `clean_stop_exception_types` (OutOfRangeError) end the work without being raised.
    """

    def __init__(self, clean_stop_exception_types: Any = None):
        self._clean = tuple(clean_stop_exception_types) if clean_stop_exception_types is not None else (errors.OutOfRangeError,)
        self._stop, self._lock = threading.Event(), threading.Lock()
        self._error: BaseException | None = None
        self._registered: set[threading.Thread] = set()
        self._joined = False

    @property
    def joined(self) -> bool:
        return self._joined

    def request_stop(self, ex: Any = None) -> None:
        """Ask all threads to stop; an exception is kept to be raised by `join`."""
        with self._lock:
            if isinstance(ex, tuple):
                ex = ex[1]
            if ex is not None and not isinstance(ex, self._clean) and not self._stop.is_set():
                self._error = ex
            self._stop.set()

    def clear_stop(self) -> None:
        """Forget the request to stop."""
        with self._lock:
            self._joined, self._error = False, None
            self._stop.clear()

    def should_stop(self) -> bool:
        return self._stop.is_set()

    def wait_for_stop(self, timeout: float | None = None) -> bool:
        """Wait for the request to stop; whether it came."""
        return self._stop.wait(timeout)

    @contextlib.contextmanager
    def stop_on_exception(self) -> Iterator[None]:
        """A context that hands exceptions to the coordinator."""
        try:
            yield
        except Exception as error:
            self.request_stop(error)

    def register_thread(self, thread: threading.Thread) -> None:
        """A thread to wait for in `join`."""
        with self._lock:
            self._registered.add(thread)

    def raise_requested_exception(self) -> None:
        if self._error is not None:
            raise self._error

    def join(self, threads: Any = None, stop_grace_period_secs: float = 120, ignore_live_threads: bool = False) -> None:
        """Wait until the threads have stopped. Raises what one of them raised, and RuntimeError when one does not stop."""
        waited = [*self._registered, *(t for t in threads or [] if t not in self._registered)]
        while any(t.is_alive() for t in waited) and not self._stop.wait(0.05):
            pass
        deadline = time.monotonic() + stop_grace_period_secs
        while any(t.is_alive() for t in waited) and time.monotonic() < deadline:
            for t in waited:
                t.join(0.01)
        self._joined = True
        self._registered.clear()
        self.raise_requested_exception()
        alive = [t.name for t in waited if t.is_alive()]
        if alive and not ignore_live_threads:
            raise RuntimeError(f"Coordinator stopped with threads still running: {' '.join(alive)}")


class LooperThread(threading.Thread):
    """A thread that runs `target` every `timer_interval_secs` until its coordinator stops."""

    def __init__(self, coord: Coordinator, timer_interval_secs: float | None, target: Callable[..., Any] | None = None,
                 args: Any = None, kwargs: Any = None):  # fmt: skip
        if not isinstance(coord, Coordinator):
            raise ValueError(f"'coord' argument must be a Coordinator: {coord}")
        super().__init__(daemon=True)
        self._coord, self._interval = coord, timer_interval_secs
        self._target_, self._arguments, self._named = target, args or (), kwargs or {}
        coord.register_thread(self)

    @staticmethod
    def loop(
        coord: Coordinator, timer_interval_secs: float | None, target: Any, args: Any = None, kwargs: Any = None
    ) -> LooperThread:
        looper = LooperThread(coord, timer_interval_secs, target, args, kwargs)
        looper.start()
        return looper

    def run(self) -> None:
        with self._coord.stop_on_exception():
            self.start_loop()
            while not self._coord.should_stop():
                self.run_loop()
                if self._interval and self._coord.wait_for_stop(self._interval):
                    break
            self.stop_loop()

    def start_loop(self) -> None:
        """Called once before the loop."""

    def stop_loop(self) -> None:
        """Called once after the loop."""

    def run_loop(self) -> None:
        if self._target_ is not None:
            self._target_(*self._arguments, **self._named)
