"""Saying when a `tf.function` is traced again and again, and which argument is the reason."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from thalweg.engine.core.tensor import Tensor
from thalweg.engine.execution.concrete import leaf_names

_WINDOW, _MOST = 8, 5  # this many traces within so many calls are too many


class Retraces:
    """The last traces of a function: at which call, and for which arguments. Warns once."""

    def __init__(self) -> None:
        self.calls = 0
        self._seen: list[tuple[int, list[Any]]] = []
        self._warned = False

    def note(self, at: int, name: str, function: Callable[..., Any], args: Any, kwargs: Any, leaves: list[Any]) -> None:
        """Call number `at` made a trace for these arguments."""
        if self._warned:
            return
        self._seen = [(when, kinds) for when, kinds in self._seen if when > at - _WINDOW]
        self._seen.append((at, [_kind(x) for x in leaves]))
        if len(self._seen) < _MOST:
            return
        changing = self._changing(leaf_names(function, args, kwargs))
        if changing is None:
            return
        self._warned = True
        warnings.warn(
            f"{len(self._seen)} of the last {at - self._seen[0][0] + 1} calls to {name}() traced it again, which is slow: "
            f"{changing}",
            UserWarning, stacklevel=4,
        )  # fmt: skip

    def _changing(self, names: list[str]) -> str | None:
        """Which argument differs from trace to trace, and what to do about it."""
        rows = [kinds for _, kinds in self._seen]
        if len({len(r) for r in rows}) > 1:
            return "the arguments have another structure each time."
        for name, column in zip(names, zip(*rows)):
            distinct = list(dict.fromkeys(text for _, text in column))
            if len(distinct) < _MOST:
                continue
            what, shown = column[-1][0], ", ".join(distinct[-3:])
            if what == "tensor":
                return (
                    f"the argument {name!r} comes with shapes or dtypes {shown}. Give the function an input_signature with None "
                    "for sizes that change, or reduce_retracing=True."
                )
            if what == "value":
                return f"the argument {name!r} is another Python value each time ({shown}). Pass a tensor, tf.constant(...)."
            return f"the argument {name!r} is another object each time ({shown}). Pass tensors, or make the object once."
        return None


def _kind(x: Any) -> tuple[str, str]:
    if isinstance(x, (Tensor, np.ndarray)):
        return "tensor", f"{x.shape} {getattr(x.dtype, 'name', x.dtype)}"
    if isinstance(x, (bool, int, float, complex, str, bytes, np.generic)):
        return "value", repr(x)
    return "object", f"<{type(x).__name__} at {id(x):#x}>"
