"""Errors of users' Python code that runs inside ops, as TensorFlow's classes."""

from __future__ import annotations

import traceback

from thalweg.engine.core import errors

_CLASSES: tuple[tuple[type[Exception], type[errors.OpError]], ...] = (
    (TypeError, errors.InvalidArgumentError),
    (ValueError, errors.InvalidArgumentError),
    (StopIteration, errors.OutOfRangeError),
    (MemoryError, errors.ResourceExhaustedError),
    (NotImplementedError, errors.UnimplementedError),
)


def as_op_error(error: Exception, place: str = "") -> errors.OpError:
    """The error that an op raises for one of a Python function: its class by TensorFlow's rules, its text with the user's line."""
    if isinstance(error, errors.OpError):
        return error
    kind = next((ours for theirs, ours in _CLASSES if isinstance(error, theirs)), errors.UnknownError)
    frames = [f for f in traceback.extract_tb(error.__traceback__) if "/thalweg/" not in f.filename.replace("\\", "/")]
    line = f"\n  File {frames[-1].filename!r}, line {frames[-1].lineno}, in {frames[-1].name}" if frames else ""
    return kind(None, None, f"{type(error).__name__}: {error}{line}" + (f"\n\t {place}" if place else ""))
