"""`tf.errors`: TensorFlow's error classes and codes.

Source: https://www.tensorflow.org/api_docs/python/tf/errors
"""

from __future__ import annotations

from typing import Any


class OpError(Exception):
    """An error raised while an op runs. `node_def` and `op` say which, `message` what went wrong."""

    error_code = 2

    def __init__(self, node_def: Any, op: Any, message: str, *args: Any):
        super().__init__(node_def, op, message, *args)
        self._node_def, self._op, self._message = node_def, op, message

    @property
    def message(self) -> str:
        return self._message

    @property
    def op(self) -> Any:
        return self._op

    @property
    def node_def(self) -> Any:
        return self._node_def

    @property
    def experimental_payloads(self) -> dict:
        return {}

    def __str__(self) -> str:
        return self._message


def _error(name: str, code: int, doc: str) -> type[OpError]:
    """One class per code. All of them can be made from a message alone, `InvalidArgumentError(None, None, "...")`."""
    return type(name, (OpError,), {"__doc__": doc, "error_code": code, "__module__": __name__})


CancelledError = _error("CancelledError", 1, "The operation was cancelled.")
UnknownError = _error("UnknownError", 2, "Something failed in a way that has no class of its own.")
InvalidArgumentError = _error("InvalidArgumentError", 3, "An argument cannot be right: a shape, a value, a type.")
DeadlineExceededError = _error("DeadlineExceededError", 4, "It took longer than allowed.")
NotFoundError = _error("NotFoundError", 5, "Something asked for does not exist: a file, a key of a checkpoint.")
AlreadyExistsError = _error("AlreadyExistsError", 6, "Something to be created exists already.")
PermissionDeniedError = _error("PermissionDeniedError", 7, "The caller may not do that.")
ResourceExhaustedError = _error("ResourceExhaustedError", 8, "No room left: memory, disk.")
FailedPreconditionError = _error("FailedPreconditionError", 9, "Not possible in this state: an uninitialized variable.")
AbortedError = _error("AbortedError", 10, "The operation was aborted.")
OutOfRangeError = _error("OutOfRangeError", 11, "Past the end of a sequence or file.")
UnimplementedError = _error("UnimplementedError", 12, "This combination of types or options is not implemented.")
InternalError = _error("InternalError", 13, "A rule of the system itself was broken.")
UnavailableError = _error("UnavailableError", 14, "The runtime cannot be reached now.")
DataLossError = _error("DataLossError", 15, "Data cannot be recovered: a corrupt or truncated file.")
UnauthenticatedError = _error("UnauthenticatedError", 16, "The caller is not known.")

OK, CANCELLED, UNKNOWN, INVALID_ARGUMENT, DEADLINE_EXCEEDED, NOT_FOUND, ALREADY_EXISTS, PERMISSION_DENIED = range(8)
RESOURCE_EXHAUSTED, FAILED_PRECONDITION, ABORTED, OUT_OF_RANGE, UNIMPLEMENTED, INTERNAL = range(8, 14)
UNAVAILABLE, DATA_LOSS, UNAUTHENTICATED = range(14, 17)

_BY_CODE: dict[int, type[OpError]] = {c.error_code: c for c in OpError.__subclasses__()}


class OperatorNotAllowedInGraphError(TypeError):
    """A symbolic tensor was used where a value is needed, as in `if tensor:`."""


class InaccessibleTensorError(ValueError):
    """A tensor was used outside the graph or function that it belongs to."""


class NeedsHost(Exception):
    """Under XLA's trace an op needs a value that is only known when the program runs."""


def exception_type_from_error_code(code: int) -> type[OpError]:
    return _BY_CODE[code]


def error_code_from_exception_type(cls: type[OpError]) -> int:
    return cls.error_code


def invalid(message: str, op: Any = None) -> OpError:
    """An InvalidArgumentError with just a sentence."""
    return InvalidArgumentError(None, op, message)


def wrong_argument(message: str) -> Exception:
    """The error for an argument that cannot be right: InvalidArgumentError where ops run at once, ValueError in a graph."""
    from thalweg.engine.core.context import executing_eagerly

    return invalid(message) if executing_eagerly() else ValueError(message)
