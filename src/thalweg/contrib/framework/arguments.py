"""`arg_scope`: defaults of arguments for the functions that ask for them.

Source: https://www.tensorflow.org/versions/r1.15/api_docs/python/tf/contrib/framework/arg_scope
"""

from __future__ import annotations

import contextlib
import functools
import inspect
import threading
from collections.abc import Callable, Iterator
from typing import Any

_REGISTERED: dict[str, tuple[str, ...]] = {}  # by a function's key: the arguments that may be given a default


class _Stack(threading.local):
    def __init__(self) -> None:
        self.scopes: list[dict[str, dict[str, Any]]] = [{}]


_stack = _Stack()


def arg_scope_func_key(op: Callable[..., Any]) -> str:
    """What a function is known by."""
    return getattr(op, "_key_op", f"{op.__module__}.{op.__qualname__}")


def add_arg_scope(func: Callable[..., Any]) -> Callable[..., Any]:
    """Decorator: lets `arg_scope` set defaults of the function's arguments.

    >>> from thalweg.contrib.framework import add_arg_scope, arg_scope
    >>> @add_arg_scope
    ... def f(x, scale=1): return x * scale
    >>> with arg_scope([f], scale=3):
    ...     f(2), f(2, scale=1)
    (6, 2)
    """

    @functools.wraps(func)
    def with_defaults(*args: Any, **kwargs: Any) -> Any:
        defaults = _stack.scopes[-1].get(key)
        if defaults:
            given = set(names[: len(args)])
            kwargs = {k: v for k, v in defaults.items() if k not in given} | kwargs
        return func(*args, **kwargs)

    parameters = list(inspect.signature(func).parameters.values())
    names = [p.name for p in parameters]
    key = arg_scope_func_key(func)
    _REGISTERED[key] = tuple(p.name for p in parameters if p.default is not p.empty)
    with_defaults._key_op = key  # type: ignore[attr-defined]
    return with_defaults


def has_arg_scope(func: Callable[..., Any]) -> bool:
    """Whether `arg_scope` may set defaults of the function."""
    return arg_scope_func_key(func) in _REGISTERED


def arg_scoped_arguments(func: Callable[..., Any]) -> tuple[str, ...]:
    """The names of the function's arguments that may be given a default."""
    return _REGISTERED[arg_scope_func_key(func)]


def current_arg_scope() -> dict[str, dict[str, Any]]:
    """The defaults in force, by function."""
    return _stack.scopes[-1]


@contextlib.contextmanager
def arg_scope(list_ops_or_scope: Any, **kwargs: Any) -> Iterator[dict[str, dict[str, Any]]]:
    """A context that sets defaults of arguments: `with arg_scope([conv2d, fully_connected], activation_fn=None):`.

    Or re-enters one: `with arg_scope(scope):`. Raises ValueError for a function that is not decorated by `add_arg_scope`.
    """
    if isinstance(list_ops_or_scope, dict):
        if kwargs:
            raise ValueError("When attempting to re-use a scope by suppling a dictionary, kwargs must be empty.")
        new = dict(list_ops_or_scope)
    elif isinstance(list_ops_or_scope, (list, tuple)):
        new = dict(_stack.scopes[-1])
        for op in list_ops_or_scope:
            key = arg_scope_func_key(op)
            if key not in _REGISTERED:
                raise ValueError(f"{key} is not decorated with @add_arg_scope")
            new[key] = {**new.get(key, {}), **kwargs}
    else:
        raise TypeError("list_ops_or_scope must either be a list/tuple or reused scope (i.e. dict)")
    _stack.scopes.append(new)
    try:
        yield new
    finally:
        _stack.scopes.pop()
