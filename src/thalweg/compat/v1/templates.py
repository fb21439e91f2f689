"""`tf.make_template`: a function whose variables are made at the first call and shared by all.

Source: https://www.tensorflow.org/api_docs/python/tf/compat/v1/make_template
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from thalweg.compat.v1.variable_scope import variable_scope


def make_template(
    name_: str, func_: Callable[..., Any], create_scope_now_: bool = False, unique_name_: str | None = None,
    custom_getter_: Any = None,
    **kwargs: Any,
) -> Any:  # fmt: skip
    """A callable as `func_`, with the arguments `kwargs` given, that shares the variables of its calls.

    The scope is made at the first call, or now. Raises ValueError when a later call makes a variable that was not there.
    """
    if kwargs:
        func_ = functools.partial(func_, **kwargs)
    return Template(name_, func_, create_scope_now_, unique_name_, custom_getter_)


class Template:
    """What `make_template` gives."""

    def __init__(self, name: str, function: Callable[..., Any], now: bool, unique_name: str | None, custom_getter: Any):
        self._name, self._function, self._unique, self._getter = name, function, unique_name, custom_getter
        self._scope: Any = None
        self._called = False
        if now:
            self._make_scope()

    def _make_scope(self) -> None:
        with variable_scope(self._unique, default_name=self._name, custom_getter=self._getter) as self._scope:
            pass

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self._scope is None:
            self._make_scope()
        with variable_scope(self._scope, reuse=True if self._called else None):
            result = self._function(*args, **kwargs)
        self._called = True
        return result

    name = property(lambda self: self._name)
    func = property(lambda self: self._function)
    variable_scope = property(lambda self: self._scope)

    @property
    def variable_scope_name(self) -> str | None:
        return None if self._scope is None else self._scope.name

    @property
    def variables(self) -> list[Any]:
        """The global and local variables of the scope."""
        return self.global_variables + self.local_variables

    weights = variables

    def _of(self, kind: str) -> list[Any]:
        return [] if self._scope is None else getattr(self._scope, kind)()

    global_variables = property(lambda self: self._of("global_variables"))
    local_variables = property(lambda self: self._of("local_variables"))
    trainable_variables = trainable_weights = property(lambda self: self._of("trainable_variables"))
