"""Files and folders with TensorFlow's errors: what `tf.io.gfile` and `tf.gfile` are made of.

Source: https://www.tensorflow.org/api_docs/python/tf/io/gfile
"""

from __future__ import annotations

import contextlib
import glob as _glob
import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

from thalweg.engine.core import errors

_ERRORS = (
    (FileNotFoundError, errors.NotFoundError), (FileExistsError, errors.AlreadyExistsError),
    (PermissionError, errors.PermissionDeniedError), ((IsADirectoryError, NotADirectoryError), errors.FailedPreconditionError),
)  # fmt: skip


@contextlib.contextmanager
def _as_tensorflow() -> Iterator[None]:
    """The system's errors as `tf.errors`."""
    try:
        yield
    except OSError as error:
        for kinds, ours in _ERRORS:
            if isinstance(error, kinds):
                raise ours(None, None, f"{error.filename or ''}; {error.strerror}") from None
        raise errors.UnknownError(None, None, str(error)) from None


def _path(path: Any) -> str:
    path = os.fspath(path)
    return os.fsdecode(path)


class GFile:
    """A file, opened at the first use: read and write text, or bytes with "b" in `mode`."""

    def __init__(self, name: Any, mode: str = "r"):
        if set(mode) - set("rwab+"):
            raise errors.InvalidArgumentError(None, None, f"mode is not 'r' or 'w' or 'a', 'b', '+': {mode!r}")
        self._name, self._mode, self._file = name, mode, None

    name = property(lambda self: self._name)
    mode = property(lambda self: self._mode)

    def _open(self) -> Any:
        if self._file is None:
            with _as_tensorflow():
                text = {} if "b" in self._mode else {"encoding": "utf-8"}
                self._file = open(_path(self._name), self._mode, **text)  # type: ignore[call-overload]  # noqa: SIM115
        return self._file

    def read(self, n: int = -1) -> Any:
        return self._open().read(n)

    def readline(self) -> Any:
        return self._open().readline()

    def readlines(self) -> list[Any]:
        return self._open().readlines()

    def write(self, file_content: Any) -> None:
        """Raises PermissionDeniedError for a file opened to read."""
        if not set(self._mode) & set("wa+"):
            raise errors.PermissionDeniedError(None, None, "File isn't open for writing")
        self._open().write(file_content)

    def seek(self, offset: int | None = None, whence: int = 0, position: int | None = None) -> None:
        self._open().seek(position if offset is None else offset, whence)

    def tell(self) -> int:
        return self._open().tell()

    def size(self) -> int:
        with _as_tensorflow():
            return os.stat(_path(self._name)).st_size

    def flush(self) -> None:
        if self._file is not None:
            self._file.flush()

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def seekable(self) -> bool:
        return True

    def __enter__(self) -> GFile:
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()

    def __iter__(self) -> Iterator[Any]:
        return iter(self._open())

    def __next__(self) -> Any:
        return next(self._open())


def exists(path: Any) -> bool:
    """Whether there is a file or folder."""
    return os.path.exists(_path(path))


def isdir(path: Any) -> bool:
    """Whether it is a folder."""
    return os.path.isdir(_path(path))


def listdir(path: Any) -> list[str]:
    """The names in a folder. Raises NotFoundError if there is none."""
    if not isdir(path):
        raise errors.NotFoundError(None, None, f"Could not find directory {_path(path)}")
    with _as_tensorflow():
        return os.listdir(_path(path))


def mkdir(path: Any) -> None:
    """Make a folder, whose parent exists."""
    with _as_tensorflow():
        os.mkdir(_path(path))


def makedirs(path: Any) -> None:
    """Make a folder and those above it, as far as they are missing."""
    with _as_tensorflow():
        os.makedirs(_path(path), exist_ok=True)


def remove(path: Any) -> None:
    """Delete a file."""
    with _as_tensorflow():
        os.remove(_path(path))


def rmtree(path: Any) -> None:
    """Delete a folder and everything in it."""
    with _as_tensorflow():
        shutil.rmtree(_path(path))


def rename(src: Any, dst: Any, overwrite: bool = False) -> None:
    """Move a file or folder. Raises AlreadyExistsError if `dst` exists, unless it may be overwritten."""
    if not overwrite and exists(dst):
        raise errors.AlreadyExistsError(None, None, f"file already exists: {_path(dst)}")
    with _as_tensorflow():
        os.replace(_path(src), _path(dst))


def copy(src: Any, dst: Any, overwrite: bool = False) -> None:
    """Copy a file. Raises AlreadyExistsError if `dst` exists, unless it may be overwritten."""
    if not overwrite and exists(dst):
        raise errors.AlreadyExistsError(None, None, f"file already exists: {_path(dst)}")
    with _as_tensorflow():
        shutil.copyfile(_path(src), _path(dst))


def glob(pattern: Any) -> list[str]:
    """The paths that match a pattern, or any of several."""
    patterns = pattern if isinstance(pattern, (list, tuple)) else [pattern]
    return [found for p in patterns for found in sorted(_glob.glob(_path(p)))]


def walk(
    top: Any, topdown: bool = True, onerror: Callable[..., Any] | None = None
) -> Iterator[tuple[str, list[str], list[str]]]:
    """Folders below `top`, each with the names of its folders and files."""
    return os.walk(_path(top), topdown, onerror)


def stat(path: Any) -> Any:
    """Facts of a file: `length`, `mtime_nsec`, `is_directory`."""
    from types import SimpleNamespace

    with _as_tensorflow():
        found = os.stat(_path(path))
    return SimpleNamespace(length=found.st_size, mtime_nsec=found.st_mtime_ns, is_directory=isdir(path), mode=found.st_mode)


def join(path: Any, *paths: Any) -> str:
    """Parts of a path as one."""
    return os.path.join(_path(path), *map(_path, paths))


def get_registered_schemes() -> list[str]:
    """The kinds of paths there are: plain ones."""
    return ["", "file"]
