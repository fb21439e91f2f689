"""How a layer is called: what its `call` accepts, and what passes from a layer to the layers it calls."""

from __future__ import annotations

import contextlib
import functools
import inspect
import threading
from collections.abc import Callable, Iterator
from typing import Any

import thalweg as tf


class Signature:
    """What a `call` (or `build`) function accepts, read once."""

    def __init__(self, function: Callable[..., Any]):
        parameters = list(inspect.signature(function).parameters.values())[1:]
        named = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]
        self.names = tuple(p.name for p in named)
        self.position = {
            p.name: i for i, p in enumerate(p for p in parameters if p.kind is not p.KEYWORD_ONLY)
        }
        self.defaults = {p.name: p.default for p in named if p.default is not p.empty}
        self.takes_any_keyword = any(p.kind is p.VAR_KEYWORD for p in parameters)
        self.takes_training = "training" in self.names
        self.takes_mask = "mask" in self.names
        self.masks = tuple(name for name in self.names if name.endswith("_mask"))
        # A `call` with a `training` argument and no default gets False, as in Keras 2.
        self.default_training = self.defaults.get("training", False if self.takes_training else None)

    def given(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """The argument `name` of a call with these arguments; None if it was left out."""
        if name in kwargs:
            return kwargs[name]
        i = self.position.get(name)
        return args[i] if i is not None and i < len(args) else None

    def is_given(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
        i = self.position.get(name)
        return name in kwargs or (i is not None and i < len(args))

    def bound(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
        """The arguments of a call by name, without defaults."""
        return {**dict(zip(self.names, args)), **kwargs}


@functools.lru_cache(maxsize=4096)
def signature_of(function: Callable[..., Any]) -> Signature:
    """The signature of an unbound method."""
    return Signature(function)


class _Calls(threading.local):
    """The calls of layers that are under way in this thread."""

    def __init__(self) -> None:
        self.depth = 0
        #: Whether new weights are zeros, since values come from elsewhere.
        self.blank = False
        self.training: Any = None
        self.path: tuple[str, ...] = ()
        self.autocast: Any = None  # the dtype in which variables of a mixed policy are read
        self.inferring = False  # outputs are only being worked out: nothing that happens counts


current = _Calls()


@contextlib.contextmanager
def scope(name: str) -> Iterator[None]:
    """Variables made inside belong to the layer `name`: that becomes a part of their names."""
    before, current.path = current.path, (*current.path, name)
    try:
        yield
    finally:
        current.path = before


@contextlib.contextmanager
def inferring() -> Iterator[None]:
    """Calls made inside only find out shapes: losses and metrics that they add do not count."""
    before = current.inferring, current.depth, current.training
    current.inferring, current.depth, current.training = True, current.depth + 1, None
    try:
        yield
    finally:
        current.inferring, current.depth, current.training = before


def variable_name(owner: str, name: str | None) -> str:
    """`dense/kernel` for the variable `kernel` of the layer `dense`, after the layers that `dense` is in."""
    path = current.path if current.path and current.path[-1] == owner else (*current.path, owner)
    return "/".join((*path, name or "variable"))


def mask_of(x: Any) -> Any:
    """The masks noted on a tensor or on a nest of tensors; None where there are none."""
    if isinstance(x, tf.Tensor):
        return getattr(x, "_keras_mask", None)
    if isinstance(x, (list, tuple, dict)):
        return tf.nest.map_structure(lambda t: getattr(t, "_keras_mask", None), x)
    return None


def is_any(mask: Any) -> bool:
    """Whether a nest of masks holds one."""
    if isinstance(mask, (list, tuple, dict)):
        return any(m is not None for m in tf.nest.flatten(mask))
    return mask is not None


@contextlib.contextmanager
def blank_weights(blank: bool = True) -> Iterator[None]:
    """Within: new weights are zeros and not drawn, for models whose weights are read from a file at once."""
    before, current.blank = current.blank, blank
    try:
        yield
    finally:
        current.blank = before
