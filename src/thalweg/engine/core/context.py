"""What is current in this thread: the graph being built, the tapes, the device; and the process' seed.

`local.graph` is None while ops run eagerly.
"""

from __future__ import annotations

import contextlib
import contextvars
import threading
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

# Mode a new thread starts in: None is eager, else a function that gives the graph to build in.
_initial_graph: Callable[[], Any] | None = None


def _quiet_runner() -> Callable[..., Any]:
    """A `Context.run` in which NumPy raises no floating-point warnings: 0.02 us a call, where errstate takes 0.7."""
    prepared = contextvars.copy_context()
    prepared.run(lambda: np.seterr(all="ignore"))
    return prepared.run


class _Local(threading.local):
    def __init__(self) -> None:
        self.graph: Any = None if _initial_graph is None else _initial_graph()
        self.tapes: list[Any] = []
        self.forward: list[Any] = []  # forward accumulators
        self.devices: list[str] = []
        self.eager_names: list[str] = []
        self.run_quiet = _quiet_runner()


local = _Local()


def executing_eagerly() -> bool:
    """Whether an op called here runs at once.

    >>> tf.executing_eagerly()
    True
    """
    return local.graph is None


@contextlib.contextmanager
def building(graph: Any) -> Iterator[Any]:
    """Build ops into `graph` (None: run them) for the duration of a block."""
    before, local.graph = local.graph, graph
    try:
        yield graph
    finally:
        local.graph = before


@contextlib.contextmanager
def no_tapes() -> Iterator[None]:
    before, local.tapes = local.tapes, []
    try:
        yield
    finally:
        local.tapes = before


def set_initial_mode(graph_getter: Callable[[], Any] | None) -> None:
    """Decide whether this and every new thread starts eager (None) or building a graph."""
    global _initial_graph
    _initial_graph = graph_getter
    local.graph = None if graph_getter is None else graph_getter()


def run_quietly(kernel: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Call `kernel` with NumPy's floating-point warnings off."""
    try:
        return local.run_quiet(kernel, *args, **kwargs)
    except RuntimeError as error:
        if "cannot enter context" not in str(error):
            raise
    with np.errstate(all="ignore"):  # a kernel that runs ops itself: the prepared context is busy
        return kernel(*args, **kwargs)
