"""`thalweg`: the command line. Each command's page is loaded when it is asked for."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence

from thalweg.version import __version__

COMMANDS = {
    "fit": "train a network on a table: thalweg fit TABLE.csv --target COLUMN",
    "evaluate": "measure it on rows whose answers are known: thalweg evaluate MODEL LABELLED.csv",
    "predict": "predict with a trained one: thalweg predict MODEL NEW.csv",
    "board": "show event files in TensorBoard, or runs side by side: thalweg board [LOGDIR] [--compare]",
    "explain": "show values and derivatives, node by node: thalweg explain 'x*x*y + y + 2' x=3 y=4",
    "playground": "tinker with a network in the browser: thalweg playground",
    "run": "run a TensorFlow program: thalweg run script.py",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return the exit status: 0, or 2 where the input was at fault."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if not words or words[0] in ("-h", "--help", "help"):
        print(usage())
        return 0
    if words[0] in ("-V", "--version"):
        print(f"thalweg {__version__}")
        return 0
    if words[0] not in COMMANDS:
        import difflib

        near = difflib.get_close_matches(words[0], COMMANDS, n=1)
        print(f"thalweg: there is no command {words[0]!r}." + (f" Did you mean {near[0]!r}?" if near else "")
              + f" There are {', '.join(COMMANDS)}.", file=sys.stderr)
        return 2
    return importlib.import_module(f"thalweg.apps.{words[0]}").main(words[1:]) or 0


def usage() -> str:
    """The commands and what they are for."""
    lines = [f"  {name:<10} {purpose}" for name, purpose in COMMANDS.items()]
    return "\n".join(["usage: thalweg COMMAND ...", "", *lines, "", "thalweg COMMAND --help says more."])
