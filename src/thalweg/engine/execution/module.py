"""`tf.Module`: an object that knows its variables and the modules inside it.

Source: https://www.tensorflow.org/api_docs/python/tf/Module
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from thalweg.engine.core.graph import name_scope
from thalweg.engine.core.nest import is_nested
from thalweg.engine.execution.late_restore import restore_late
from thalweg.engine.execution.variables import Variable

_IDENTIFIER = re.compile(r"^[A-Za-z_]\w*$")


class Module:
    """A base for classes that hold variables and other modules in their attributes, also inside lists, tuples and dicts.

    Raises ValueError for a `name` that is no Python identifier.

    >>> class Dense(tf.Module):
    ...     def __init__(self, units):
    ...         super().__init__(name="dense")
    ...         self.w = tf.Variable(tf.ones([2, units]), name="w")
    >>> [v.shape for v in Dense(3).trainable_variables]
    [TensorShape([2, 3])]
    """

    # Attributes that hold modules without owning what is in them.
    _TF_MODULE_IGNORED_PROPERTIES: frozenset[str] = frozenset()

    def __init__(self, name: str | None = None):
        if name is None:
            name = _snake(type(self).__name__)
        elif not _IDENTIFIER.match(name):
            raise ValueError(
                f"{name!r} is not a valid module name. Module names must be valid Python identifiers (e.g. a valid class name)."
            )
        self._name = name
        with name_scope(name) as scope:
            self._scope_name = scope

    def __setattr__(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)
        restore_late(self)

    @property
    def name(self) -> str:
        return self._name

    @property
    def name_scope(self) -> Any:
        """A context that puts this module's name before the names of variables made inside."""
        return name_scope(self._scope_name)

    @classmethod
    def with_name_scope(cls, method: Callable[..., Any]) -> Callable[..., Any]:
        """Decorator: the method runs inside the module's name scope."""

        @functools.wraps(method)
        def wrapped(self: Module, *args: Any, **kwargs: Any) -> Any:
            with self.name_scope:
                return method(self, *args, **kwargs)

        return wrapped

    @property
    def variables(self) -> tuple[Any, ...]:
        return tuple(self._flatten(lambda x: isinstance(x, Variable), expand=_is_module))

    @property
    def trainable_variables(self) -> tuple[Any, ...]:
        return tuple(self._flatten(lambda x: isinstance(x, Variable) and x.trainable, expand=_is_module))

    @property
    def non_trainable_variables(self) -> tuple[Any, ...]:
        return tuple(self._flatten(lambda x: isinstance(x, Variable) and not x.trainable, expand=_is_module))

    @property
    def submodules(self) -> tuple[Any, ...]:
        """All modules inside this one, at any depth."""
        return tuple(self._flatten(_is_module, expand=_is_module))

    def _flatten(
        self,
        predicate: Callable[[Any], bool] | None = None,
        attribute_traversal_key: Any = None,
        with_path: bool = False,
        expand: Callable[[Any], bool] | None = None,
        **_: Any,
    ) -> Iterator[Any]:
        """What the predicate accepts among the attributes, in the order of their names; then what is in modules found there."""
        seen = {id(self)}
        pending: list[tuple[tuple[Any, ...], Any]] = [((), self)]
        while pending:
            prefix, module = pending.pop(0)
            for path, leaf in _attributes(module, attribute_traversal_key):
                if id(leaf) in seen:
                    continue
                if predicate is None or predicate(leaf):
                    seen.add(id(leaf))
                    yield ((*prefix, *path), leaf) if with_path else leaf
                if (expand or _is_module)(leaf) and not isinstance(leaf, Variable):
                    seen.add(id(leaf))
                    pending.append(((*prefix, *path), leaf))


def _is_module(x: Any) -> bool:
    return isinstance(x, Module) or (hasattr(type(x), "submodules") and hasattr(type(x), "trainable_variables"))


def _attributes(module: Any, key: Any) -> Iterator[tuple[tuple[Any, ...], Any]]:
    ignored: Any = getattr(module, "_TF_MODULE_IGNORED_PROPERTIES", frozenset())
    for name in sorted(vars(module), key=key):
        if name not in ignored and not name.startswith("__"):
            yield from _leaves((name,), vars(module)[name])


def _leaves(path: tuple[Any, ...], value: Any) -> Iterator[tuple[tuple[Any, ...], Any]]:
    if isinstance(value, Mapping):
        for k in sorted(value, key=str):
            yield from _leaves((*path, k), value[k])
    elif is_nested(value) and not _is_module(value):
        for i, item in enumerate(value):
            yield from _leaves((*path, i), item)
    else:
        yield path, value


def _snake(name: str) -> str:
    return re.sub(r"((?<=[a-z0-9])[A-Z]|(?!^)[A-Z](?=[a-z]))", r"_\1", name).lower()
