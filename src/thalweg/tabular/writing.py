"""Files that are there whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from .problems import TableError


def write_file(path: str | Path, data: bytes | str) -> None:
    """Write a file through a temporary one beside it: a reader sees the old file or the new one, never a part.

    Raises TableError when the disk is full or the place cannot be written; a file that was there stays as it was.
    """
    with open_file(path) as file:
        file.write(data.encode() if isinstance(data, str) else data)


@contextmanager
def open_file(path: str | Path) -> Iterator[BinaryIO]:
    """A file to write bytes to that takes its place when the block is left without an error. See `write_file`."""
    path = Path(path)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with open(temporary, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError as error:
        raise TableError(f"cannot write {str(path)!r}: {error.strerror}. What was saved before is as it was.") from None
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def make_folder(path: str | Path) -> Path:
    """Make a folder and those above it where they are not there yet. Raises TableError where that cannot be."""
    path = Path(path)
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise TableError(f"cannot make the folder {str(path)!r}: {error.strerror}.") from None
    return path
