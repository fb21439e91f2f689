"""`tf.gfile`: TensorFlow 1's names of `tf.io.gfile`."""

from thalweg.engine.formats.files import (
    GFile as GFile,
    copy as Copy,
    exists as Exists,
    glob as Glob,
    isdir as IsDirectory,
    listdir as ListDirectory,
    makedirs as MakeDirs,
    mkdir as MkDir,
    remove as Remove,
    rename as Rename,
    rmtree as DeleteRecursively,
    stat as Stat,
    walk as Walk,
)

FastGFile = Open = GFile

__all__ = [
    "Copy", "DeleteRecursively", "Exists", "FastGFile", "GFile", "Glob", "IsDirectory", "ListDirectory", "MakeDirs", "MkDir",
    "Open",
    "Remove", "Rename", "Stat", "Walk",
]  # fmt: skip
