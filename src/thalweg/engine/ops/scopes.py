"""Name scopes of public functions that are made of several ops: they matter in graphs and cost nothing elsewhere."""

from __future__ import annotations

import contextlib
from typing import Any

from thalweg.engine.core.context import local


def scope(name: str | None, default: str) -> contextlib.AbstractContextManager[Any]:
    """Inside a graph a name scope, giving `scope/` for the op that carries the function's name; eagerly `name`."""
    if local.graph is None:
        return contextlib.nullcontext(name)
    return local.graph.name_scope(name or default)
