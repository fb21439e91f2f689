"""Stepping out of the function being traced."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from thalweg.engine.core import context
from thalweg.engine.core.context import local


@contextlib.contextmanager
def init_scope() -> Iterator[None]:
    """Leave every function being traced, and every tape: ops made inside run eagerly, or in the outer graph.

    Source: https://www.tensorflow.org/api_docs/python/tf/init_scope
    """
    graph = local.graph
    while graph is not None and graph.building_function:
        graph = graph.outer
    with context.building(graph), context.no_tapes():
        yield
