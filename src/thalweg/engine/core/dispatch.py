"""Public functions that also take composite tensors: what happens where a function of tensors meets a ragged one.

A function under `@dispatchable` does its work on tensors. Only where it refuses (TypeError, ValueError) are its arguments looked
at: if there is a composite tensor among them, its class' `_dispatch_function` answers instead.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

from thalweg.engine.core.composite import CompositeTensor

F = TypeVar("F", bound=Callable[..., Any])


def dispatchable(function: F) -> F:
    """Decorator: composite tensors may be given too, where their class knows the function."""

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except (TypeError, ValueError):
            found = find((*args, *kwargs.values()))
            if found is None:
                raise
            result = found._dispatch_function(call, args, kwargs)  # type: ignore[attr-defined]
            if result is NotImplemented:
                raise
        return result

    return call  # type: ignore[return-value]


def find(values: Any) -> CompositeTensor | None:
    """The first composite tensor with an answer among values, lists and tuples of them looked into."""
    for v in values:
        if isinstance(v, CompositeTensor) and hasattr(v, "_dispatch_function"):
            return v
        if type(v) in (list, tuple):
            inner = find(v)
            if inner is not None:
                return inner
    return None
