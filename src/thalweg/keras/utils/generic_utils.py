"""Small helpers, under the name that Keras 2 has for the module."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from thalweg.keras.naming import to_snake_case as to_snake_case
from thalweg.keras.saving.registration import (
    CustomObjectScope as CustomObjectScope,
    custom_object_scope as custom_object_scope,
    deserialize_keras_object as deserialize_keras_object,
    get_custom_objects as get_custom_objects,
    serialize_keras_object as serialize_keras_object,
)
from thalweg.keras.utils.progbar import Progbar as Progbar


def has_arg(fn: Callable[..., Any], name: str, accept_all: bool = False) -> bool:
    """Whether a function takes an argument of a name; with `accept_all`, also through `**kwargs`."""
    parameters = inspect.signature(fn).parameters
    if name in parameters:
        return parameters[name].kind is not inspect.Parameter.VAR_KEYWORD
    return accept_all and any(p.kind is inspect.Parameter.VAR_KEYWORD for p in parameters.values())


def to_list(x: Any) -> list[Any]:
    """`x` if it is a list, a list of it otherwise."""
    return x if isinstance(x, list) else [x]
