"""Names that Keras makes up: `MeanSquaredError` -> `mean_squared_error`, `dense` -> `dense_1`."""

from __future__ import annotations

import collections
import re
from typing import Any

_used: collections.Counter[str] = collections.Counter()


def to_snake_case(name: str) -> str:
    """`MeanSquaredError` -> `mean_squared_error`, `AUC` -> `auc`, `<lambda>` -> `lambda`."""
    name = re.sub(r"\W+", "", name)
    name = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower()


def auto_name(prefix: str) -> str:
    """The snake-case form of `prefix`, with `_1`, `_2`, ... from the second time it is asked for."""
    name = to_snake_case(prefix)
    count = _used[name]
    _used[name] += 1
    return f"{name}_{count}" if count else name


def object_name(obj: Any) -> str:
    """What an object is called in logs: its `name`, or its function's or class' name in snake case."""
    name = getattr(obj, "name", None)
    if name is not None:
        return name
    return to_snake_case(getattr(obj, "__name__", None) or type(obj).__name__)


def reset() -> None:
    """Start counting anew, as `keras.backend.clear_session` does."""
    _used.clear()


def next_uid(prefix: str) -> int:
    """How often a name with this prefix has been made, this time included."""
    _used[prefix] += 1
    return _used[prefix]
