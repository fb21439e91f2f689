"""`tf.logging`: messages to the standard error stream, through Python's logger `tensorflow`."""

from __future__ import annotations

import logging as _logging
import sys
from typing import Any

DEBUG, INFO, WARN, ERROR, FATAL = _logging.DEBUG, _logging.INFO, _logging.WARNING, _logging.ERROR, _logging.FATAL
_logger = _logging.getLogger("tensorflow")
_counts: dict[Any, int] = {}


class _ToStderr(_logging.StreamHandler):
    """Writes to what `sys.stderr` is at the time, so that notebooks and tests see it."""

    @property
    def stream(self) -> Any:
        return sys.stderr

    @stream.setter
    def stream(self, value: Any) -> None:
        """The stream is always `sys.stderr`."""


def _ready() -> _logging.Logger:
    if not _logger.handlers and not _logging.getLogger().handlers:
        handler = _ToStderr()
        handler.setFormatter(_logging.Formatter(_logging.BASIC_FORMAT))
        _logger.addHandler(handler)
        _logger.propagate = False
        if _logger.level == _logging.NOTSET:
            _logger.setLevel(WARN)
    return _logger


def log(level: int, msg: str, *args: Any, **kwargs: Any) -> None:
    """A message of a level, with `%` arguments."""
    _ready().log(level, msg, *args, **kwargs)


def debug(msg: str, *args: Any, **kwargs: Any) -> None:
    _ready().debug(msg, *args, **kwargs)


def info(msg: str, *args: Any, **kwargs: Any) -> None:
    _ready().info(msg, *args, **kwargs)


def warning(msg: str, *args: Any, **kwargs: Any) -> None:
    _ready().warning(msg, *args, **kwargs)


warn = warning


def error(msg: str, *args: Any, **kwargs: Any) -> None:
    _ready().error(msg, *args, **kwargs)


def fatal(msg: str, *args: Any, **kwargs: Any) -> None:
    _ready().fatal(msg, *args, **kwargs)


def vlog(level: int, msg: str, *args: Any, **kwargs: Any) -> None:
    _ready().log(level, msg, *args, **kwargs)


def _caller() -> tuple[str, int]:
    frame = sys._getframe(2)
    return frame.f_code.co_filename, frame.f_lineno


def log_every_n(level: int, msg: str, n: int, *args: Any) -> None:
    """A message at the first and then every n-th time this line runs."""
    key = _caller()
    _counts[key] = _counts.get(key, 0) + 1
    if (_counts[key] - 1) % n == 0:
        log(level, msg, *args)


def log_first_n(level: int, msg: str, n: int, *args: Any) -> None:
    """A message the first n times this line runs."""
    key = _caller()
    _counts[key] = _counts.get(key, 0) + 1
    if _counts[key] <= n:
        log(level, msg, *args)


def log_if(level: int, msg: str, condition: Any, *args: Any) -> None:
    if condition:
        log(level, msg, *args)


def flush() -> None:
    sys.stderr.flush()


def get_verbosity() -> int:
    return _ready().getEffectiveLevel()


def set_verbosity(v: Any) -> None:
    """Show messages of this level and above."""
    _ready().setLevel(v)
