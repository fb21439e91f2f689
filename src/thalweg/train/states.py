"""The `checkpoint` file of a directory: which checkpoints there are, and which is the latest."""

from __future__ import annotations

import glob
import os
import re
from typing import Any

from thalweg.engine.formats.bundle import bundle_exists, replace_file

STATE_FILE = "checkpoint"
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n"}
_LINE = re.compile(r'^\s*(\w+):\s*(?:"((?:[^"\\]|\\.)*)"|(\S+))\s*$')


class CheckpointState:
    """What the `checkpoint` file says. Paths may be relative to its directory; readers make them whole."""

    def __init__(
        self,
        model_checkpoint_path: str = "",
        all_model_checkpoint_paths: Any = (),
        all_model_checkpoint_timestamps: Any = (),
        last_preserved_timestamp: float = 0.0,
    ):
        self.model_checkpoint_path = model_checkpoint_path
        self.all_model_checkpoint_paths = list(all_model_checkpoint_paths)
        self.all_model_checkpoint_timestamps = list(all_model_checkpoint_timestamps)
        self.last_preserved_timestamp = last_preserved_timestamp

    def text(self) -> str:
        lines = [f"model_checkpoint_path: {_quoted(self.model_checkpoint_path)}"]
        lines += [f"all_model_checkpoint_paths: {_quoted(p)}" for p in self.all_model_checkpoint_paths]
        lines += [f"all_model_checkpoint_timestamps: {t!r}" for t in self.all_model_checkpoint_timestamps]
        if self.last_preserved_timestamp:
            lines.append(f"last_preserved_timestamp: {self.last_preserved_timestamp!r}")
        return "\n".join(lines) + "\n"

    def __str__(self) -> str:
        return self.text()


def _quoted(text: str) -> str:
    return '"' + "".join(_ESCAPES.get(c, c) for c in text) + '"'


def _parsed(text: str) -> CheckpointState | None:
    state = CheckpointState()
    for line in filter(str.strip, text.splitlines()):
        found = _LINE.match(line)
        if found is None:
            return None
        name, quoted, plain = found.groups()
        value: Any = plain
        if quoted is not None:
            value = re.sub(r"\\(.)", lambda m: "\n" if m[1] == "n" else m[1], quoted)
        elif name.endswith(("timestamp", "timestamps")):
            try:
                value = float(plain)
            except ValueError:
                return None
        if isinstance(getattr(state, name, None), list):
            getattr(state, name).append(value)
        elif hasattr(state, name):
            setattr(state, name, value)
    return state


def get_checkpoint_state(checkpoint_dir: Any, latest_filename: str | None = None) -> CheckpointState | None:
    """What the directory's `checkpoint` file says, paths made whole; None if there is none or it cannot be read."""
    directory = os.fspath(checkpoint_dir)
    try:
        with open(os.path.join(directory, latest_filename or STATE_FILE), encoding="utf-8") as file:
            state = _parsed(file.read())
    except (OSError, UnicodeDecodeError):
        return None
    if state is None:
        return None
    if not state.model_checkpoint_path:
        raise ValueError(f"Invalid checkpoint state loaded from {directory}: it names no checkpoint.")
    state.model_checkpoint_path = _whole(directory, state.model_checkpoint_path)
    state.all_model_checkpoint_paths = [_whole(directory, p) for p in state.all_model_checkpoint_paths]
    return state


def _whole(directory: str, path: str) -> str:
    return path if os.path.isabs(path) else os.path.join(directory, path)


def generate_checkpoint_state_proto(
    save_dir: Any,
    model_checkpoint_path: Any,
    all_model_checkpoint_paths: Any = None,
    all_model_checkpoint_timestamps: Any = None,
    last_preserved_timestamp: float | None = None,
) -> CheckpointState:
    """A state with paths relative to `save_dir` where they lie in it."""
    directory, latest = os.fspath(save_dir), os.fspath(model_checkpoint_path)
    paths = [os.fspath(p) for p in all_model_checkpoint_paths or []]
    times = list(all_model_checkpoint_timestamps or [])
    if times and len(times) != len(paths):
        raise ValueError("all_model_checkpoint_timestamps must be as many as all_model_checkpoint_paths.")
    if latest not in paths:
        paths.append(latest)
        times += [0.0] * bool(times)

    def relative(path: str) -> str:
        return os.path.relpath(path, directory or ".") if not os.path.isabs(path) or os.path.isabs(directory) else path

    return CheckpointState(relative(latest), [relative(p) for p in paths], times, last_preserved_timestamp or 0.0)


def update_checkpoint_state(
    save_dir: Any,
    model_checkpoint_path: Any,
    all_model_checkpoint_paths: Any = None,
    latest_filename: str | None = None,
    all_model_checkpoint_timestamps: Any = None,
    last_preserved_timestamp: float | None = None,
) -> None:
    """Write the directory's `checkpoint` file."""
    state = generate_checkpoint_state_proto(
        save_dir, model_checkpoint_path, all_model_checkpoint_paths, all_model_checkpoint_timestamps, last_preserved_timestamp
    )
    replace_file(os.path.join(os.fspath(save_dir), latest_filename or STATE_FILE), [state.text().encode()])


def checkpoint_exists(checkpoint_prefix: Any) -> bool:
    """Whether there is a checkpoint under a prefix."""
    return bundle_exists(os.fspath(checkpoint_prefix))


def latest_checkpoint(checkpoint_dir: Any, latest_filename: str | None = None) -> str | None:
    """The prefix of the directory's latest checkpoint, or None."""
    state = get_checkpoint_state(checkpoint_dir, latest_filename)
    if state is not None and bundle_exists(state.model_checkpoint_path):
        return state.model_checkpoint_path
    return None


def get_checkpoint_mtimes(checkpoint_prefixes: Any) -> list[float]:
    """When the checkpoints were written, in seconds; those that do not exist are left out."""
    files = (f"{os.fspath(p)}.index" for p in checkpoint_prefixes)
    return [os.path.getmtime(f) for f in files if os.path.exists(f)]


def remove_checkpoint(checkpoint_prefix: Any, checkpoint_format_version: Any = 2, meta_graph_suffix: str = "meta") -> None:
    """Delete the files of a checkpoint."""
    prefix = os.fspath(checkpoint_prefix)
    for path in [f"{prefix}.{meta_graph_suffix}", f"{prefix}.index", *glob.glob(glob.escape(prefix) + ".data-?????-of-?????")]:
        if os.path.exists(path):
            os.remove(path)


def prefix_in(path: Any) -> str:
    """The prefix that a user means: itself, or the latest in a directory. Raises ValueError for a directory without one."""
    path = os.fspath(path)
    if not os.path.isdir(path):
        return path
    found = latest_checkpoint(path)
    if found is None:
        raise ValueError(f"Couldn't find 'checkpoint' file or checkpoints in given directory {path}")
    return found

