"""`tf.app`: `run` reads the flags and calls `main`."""

from __future__ import annotations

import sys
from typing import Any, NoReturn

from thalweg.compat.v1 import flags as flags


def run(main: Any = None, argv: list[str] | None = None) -> NoReturn:
    """Read the flags from the command line, call `main` with what is left of it, and exit with what it returns."""
    rest = flags.FLAGS(sys.argv if argv is None else argv, known_only=True)
    sys.exit((main or sys.modules["__main__"].main)(rest))
