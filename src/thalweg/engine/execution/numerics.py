"""`tf.debugging.enable_check_numerics`: the first op that gives NaN or infinity is an error that names it and the user's line.

Source: https://www.tensorflow.org/api_docs/python/tf/debugging/enable_check_numerics
"""

from __future__ import annotations

import linecache
import os
import sys
import traceback
from typing import Any

import numpy as np

from thalweg.engine.core import errors, registry
from thalweg.engine.core.context import local
from thalweg.engine.core.tensor import EagerTensor

_HERE = os.path.dirname(os.path.dirname(os.path.dirname(__file__)))
_LEFT_ALONE = {"Const", "Placeholder", "CheckNumerics", "Identity", "ReadVariableOp", "VariableV2", "Fill", "EnsureShape"}


def _place() -> str:
    """The innermost line that is not this package's."""
    for frame in reversed(traceback.extract_stack(sys._getframe(1))):
        if not frame.filename.startswith(_HERE) and "/malt/" not in frame.filename:
            return f"{frame.filename}:{frame.lineno}, in {frame.name}: {frame.line}"
    return "an unknown place"


def _complaint(op: str, which: int, count: int, kind: str, shape: Any, dtype: str, place: str, eager: bool) -> str:
    how = "eagerly-executing op" if eager else "graph op"
    return (
        f'!!! Detected {kind} in output {which} of {how} "{op}" (# of outputs: {count}) !!!\n'
        f"  dtype: {dtype}\n  shape: {shape}\n  in user code: {place}"
    )


def _bad(array: np.ndarray) -> str:
    """Infinity, NaN or both, if there are any."""
    found = [w for w, wrong in (("Infinity", np.isinf(array).any()), ("NaN", np.isnan(array).any())) if wrong]
    return " and ".join(found)


class _Watcher:
    """Looks at what ops give: stands among the forward accumulators, which every eager op tells of its result."""

    def push(self, op: Any, inputs: Any, attrs: Any, y: Any) -> None:
        outputs = y if isinstance(y, tuple) else (y,)
        for i, t in enumerate(outputs):
            if type(t) is EagerTensor and t._array.dtype.kind in "fcV" and op.name not in _LEFT_ALONE:
                kind = _bad(t._array)
                if kind:
                    message = _complaint(op.name, i, len(outputs), kind, t.shape, t.dtype.name, _place(), True)
                    raise errors.invalid(message)

    def watch(self, op: Any, outputs: Any) -> Any:
        """In a graph: the outputs, checked when it runs."""
        if op.name in _LEFT_ALONE:
            return outputs
        first = outputs[0] if isinstance(outputs, tuple) else outputs
        if not hasattr(first, "op"):
            return outputs
        file, line, *_ = first.op.traceback[-1]
        place = f"{file}:{line}: {linecache.getline(file, line).strip()}"
        check = registry.REGISTRY["CheckNumerics"]

        def checked(i: int, t: Any, count: int) -> Any:
            if not t.dtype.is_floating:
                return t
            return check(t, message=_complaint(op.name, i, count, "Infinity or NaN", t.shape, t.dtype.name, place, False))

        if isinstance(outputs, tuple):
            return tuple(checked(i, t, len(outputs)) for i, t in enumerate(outputs))
        return checked(0, outputs, 1)


_before: list[str | None] = []


def enable_check_numerics(stack_height_limit: int = 30, path_length_limit: int = 50) -> None:
    """Raise InvalidArgumentError as soon as an op gives NaN or infinity: now, and in functions traced from now on.

    It slows everything down, and functions are not compiled while it is on: for finding a fault. The limits are accepted.
    """
    if any(isinstance(f, _Watcher) for f in local.forward):
        return
    watcher = _Watcher()
    local.forward = [*local.forward, watcher]
    registry.set_watcher(watcher)
    _before.append(os.environ.get("THALWEG_JIT"))
    os.environ["THALWEG_JIT"] = "never"


def disable_check_numerics() -> None:
    """Stop what `enable_check_numerics` began."""
    if not any(isinstance(f, _Watcher) for f in local.forward):
        return
    local.forward = [f for f in local.forward if not isinstance(f, _Watcher)]
    registry.set_watcher(None)
    before = _before.pop()
    if before is None:
        del os.environ["THALWEG_JIT"]
    else:
        os.environ["THALWEG_JIT"] = before
