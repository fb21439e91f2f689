"""`tf.resource_loader`: files beside the program."""

from __future__ import annotations

import os
import sys


def get_data_files_path() -> str:
    """The directory of the calling file."""
    return os.path.dirname(os.path.abspath(sys._getframe(1).f_code.co_filename))


def get_root_dir_with_all_resources() -> str:
    return os.path.dirname(os.path.abspath(sys._getframe(1).f_code.co_filename))


def get_path_to_datafile(path: str) -> str:
    """A path beside the calling file."""
    return os.path.join(os.path.dirname(os.path.abspath(sys._getframe(1).f_code.co_filename)), path)


def readahead_file_path(path: str, readahead: str = "128M") -> str:
    return path


def load_resource(path: str) -> bytes:
    """The contents of a file."""
    with open(path, "rb") as f:
        return f.read()
