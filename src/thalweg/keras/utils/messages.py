"""Where progress and notices go: standard output, or the log where that is preferred."""

from __future__ import annotations

import logging
import sys

_logger = logging.getLogger("thalweg")
_to_stdout = True


def enable_interactive_logging() -> None:
    """Print progress to standard output (the default)."""
    global _to_stdout
    _to_stdout = True


def disable_interactive_logging() -> None:
    """Send progress to the logger `thalweg` at level INFO instead of standard output."""
    global _to_stdout
    _to_stdout = False


def is_interactive_logging_enabled() -> bool:
    """Whether progress goes to standard output."""
    return _to_stdout


def print_msg(message: str, line_break: bool = True) -> None:
    """Print a notice, and flush, so that it is seen while training runs."""
    if not _to_stdout:
        _logger.info(message.strip("\r\n"))
        return
    text = f"{message}\n" if line_break else message
    try:
        sys.stdout.write(text)
    except UnicodeEncodeError:
        encoding = sys.stdout.encoding or "ascii"
        sys.stdout.write(text.replace("━", "=").encode(encoding, errors="replace").decode(encoding))
    sys.stdout.flush()
