"""`thalweg board [LOGDIR]`: TensorBoard, started and told where to look; `--compare`: runs side by side, on a page of ours."""

from __future__ import annotations

import argparse
import contextlib
import io
import logging
import os
import sys
import threading
import webbrowser
from collections.abc import Sequence
from typing import Any

_INSTALL = "pip install 'thalweg[board]'"


class BoardError(Exception):
    """What keeps the board from starting, as one sentence."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve a folder until interrupted; return the exit status: 0, or 2 where something is in the way."""
    args = _parser().parse_args(arguments)
    try:
        folder = readable_folder(args.logdir)
        if not holds_events(folder):
            print(f"thalweg: {folder} holds no event files yet; they are shown as they come.", file=sys.stderr)
        if args.compare:
            from thalweg.apps.compare.server import serve

            return serve(folder, args.port, args.open)
        url = start_tensorboard(folder, args.port, args.host)
    except BoardError as error:
        print(f"thalweg: {error}", file=sys.stderr)
        return 2
    print(f"TensorBoard: {url}  (Ctrl+C ends it)", flush=True)
    if args.open:
        webbrowser.open(url)
    with contextlib.suppress(KeyboardInterrupt):
        threading.Event().wait()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="thalweg board", description="Show what event files hold: in TensorBoard, or as a table of runs with --compare."
    )
    parser.add_argument("logdir", nargs="?", help="the folder with event files; without it ./logs, or the current folder")
    parser.add_argument("--port", type=int, help="the port; without it a free one")
    parser.add_argument("--host", default="localhost", help="the address to listen at (TensorBoard only; this machine alone)")
    parser.add_argument("--open", action="store_true", help="open it in the browser")
    parser.add_argument("--compare", action="store_true", help="runs side by side, with their settings and best measures")
    return parser


def missing(error: ModuleNotFoundError) -> str:
    """What to do about a package that is not there."""
    return f"this needs {error.name}, which is not installed; install it with: {_INSTALL}"


def readable_folder(logdir: str | None) -> str:
    """The folder to read, as an absolute path. Raises BoardError for one that is not there or cannot be read."""
    folder = os.path.abspath(logdir if logdir is not None else "logs" if os.path.isdir("logs") else ".")
    if not os.path.exists(folder):
        raise BoardError(f"there is no folder {folder}; name the one that the program logs to.")
    if not os.path.isdir(folder):
        raise BoardError(f"{folder} is a file; name the folder it lies in: {os.path.dirname(folder)}")
    if not os.access(folder, os.R_OK | os.X_OK):
        raise BoardError(f"{folder} cannot be read; ask its owner for permission, or name another folder.")
    return folder


def holds_events(folder: str) -> bool:
    """Whether there is an event file somewhere below a folder."""
    return any("tfevents" in name for _, _, names in os.walk(folder, followlinks=True) for name in names)


def start_tensorboard(folder: str, port: int | None = None, host: str = "localhost") -> str:
    """Start TensorBoard in threads of this process; gives its address. Raises BoardError."""
    try:
        from tensorboard import default, program
    except ModuleNotFoundError as error:
        raise BoardError(missing(error)) from None
    logging.getLogger("tensorboard").setLevel(logging.ERROR)
    board = program.TensorBoard(default.get_plugins())
    words = ["tensorboard", "--logdir", folder, "--host", host, "--reload_interval", "2"]
    board.configure(argv=[*words, *(["--port", str(port)] if port is not None else [])])
    try:
        with contextlib.redirect_stderr(io.StringIO()):  # notes on how it reads files
            return board.launch()
    except program.TensorBoardPortInUseError:
        raise BoardError(_port_in_use(port)) from None
    except (program.TensorBoardServerException, OSError) as error:
        raise BoardError(f"TensorBoard could not start: {_first_line(error)}") from None


def _port_in_use(port: Any) -> str:
    if port is None:
        return "no port near 6006 is free; name one with --port."
    return f"port {port} is in use; leave out --port for a free one."


def _first_line(error: Exception) -> str:
    return (str(getattr(error, "msg", "") or error).strip() or type(error).__name__).splitlines()[0]
