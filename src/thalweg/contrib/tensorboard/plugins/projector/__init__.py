"""The projector of embeddings: which variables it shows, and with which metadata.

Source: https://www.tensorflow.org/tensorboard/tensorboard_projector_plugin
"""

from __future__ import annotations

import os
from typing import Any

PROJECTOR_FILENAME = "projector_config.pbtxt"


class _Record:
    """Settings of a protocol buffer's kind, written as its text format."""

    _fields: dict[str, Any] = {}

    def __init__(self, **settings: Any):
        for name, default in self._fields.items():
            object.__setattr__(self, name, default() if isinstance(default, type) else default)
        for name, value in settings.items():
            setattr(self, name, value)

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in self._fields:
            raise AttributeError(f'Protocol message {type(self).__name__} has no "{name}" field.')
        object.__setattr__(self, name, value)

    def _text(self, indent: str = "") -> str:
        lines = []
        for name, default in self._fields.items():
            value = getattr(self, name)
            for one in value if isinstance(value, list) else [value]:
                if isinstance(one, _Record):
                    inner = one._text(indent + "  ")
                    if inner or isinstance(value, list):
                        lines.append(f"{indent}{name} {{\n{inner}{indent}}}\n")
                elif isinstance(value, list) or one != (default() if isinstance(default, type) else default):
                    shown = '"' + one.replace("\\", "\\\\").replace('"', '\\"') + '"' if isinstance(one, str) else one
                    lines.append(f"{indent}{name}: {shown}\n")
        return "".join(lines)

    __str__ = _text


class SpriteMetadata(_Record):
    """A picture for each row, all in one image."""

    _fields = {"image_path": "", "single_image_dim": list}


class EmbeddingInfo(_Record):
    """A variable to show, and where its rows' names stand."""

    _fields = {"tensor_name": "", "metadata_path": "", "bookmarks_path": "", "tensor_shape": list, "sprite": SpriteMetadata,
               "tensor_path": ""}  # fmt: skip


class _Embeddings(list):
    def add(self, **settings: Any) -> EmbeddingInfo:
        """One more."""
        self.append(EmbeddingInfo(**settings))
        return self[-1]


class ProjectorConfig(_Record):
    """The variables to show."""

    _fields = {"model_checkpoint_path": "", "embeddings": _Embeddings, "model_checkpoint_dir": ""}


def visualize_embeddings(summary_writer: Any, config: ProjectorConfig) -> None:
    """Write the configuration where TensorBoard looks for it: the writer's directory, or a path.

    Raises ValueError for a writer without a directory.
    """
    directory = (
        summary_writer if isinstance(summary_writer, (str, os.PathLike)) else getattr(summary_writer, "get_logdir", lambda: None)()
    )
    if directory is None:
        raise ValueError("Summary writer must have a logdir")
    os.makedirs(directory, exist_ok=True)
    with open(os.path.join(directory, PROJECTOR_FILENAME), "w", encoding="utf-8") as f:
        f.write(str(config))
