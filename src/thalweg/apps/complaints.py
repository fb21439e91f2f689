"""One sentence on standard error, and a status, where a traceback would stand."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable, Sequence


def complains(command: Callable[[Sequence[str] | None], int]) -> Callable[..., int]:
    """Make a command answer a fault of its input with one sentence and status 2, an interruption with 130."""

    @functools.wraps(command)
    def guarded(arguments: Sequence[str] | None = None) -> int:
        from thalweg.tabular.problems import TableError

        try:
            return command(arguments)
        except TableError as error:
            text = str(error)
        except ModuleNotFoundError as error:
            if error.name not in ("pandas", "matplotlib"):
                raise
            text = f"this needs {error.name}; install it with: pip install 'thalweg[tabular]'"
        except BrokenPipeError:
            # The reader of our output has gone (`| head`); nothing is left to say, also not when Python closes the pipe.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 0
        except KeyboardInterrupt:
            print("\nthalweg: stopped.", file=sys.stderr)
            return 130
        print(f"thalweg: {text}", file=sys.stderr)
        return 2

    return guarded
