"""Embeddings for TensorBoard's Projector: vectors, labels and pictures of points, as files beside the events.

Source: https://www.tensorflow.org/tensorboard/tensorboard_projector_plugin
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from thalweg.engine.formats.bundle import replace_file
from thalweg.engine.formats.png import encode_png
from thalweg.engine.formats.schema import messages
from thalweg.engine.formats.summaries import image_bytes
from thalweg.summary.writing import default_writer

CONFIG_FILE = "projector_config.pbtxt"
_MOST_PICTURE = 8192  # pixels a side that browsers take
ProjectorConfig, EmbeddingInfo, SpriteMetadata = messages("projector.proto", "ProjectorConfig", "EmbeddingInfo", "SpriteMetadata")


def embeddings(name: str, vectors: Any, labels: Any = None, images: Any = None) -> bool:
    """Write points for the Projector, to the default writer's folder; gives whether there was a writer.

    vectors: `[points, dimensions]`. labels: text for each point, or a dict of such columns. images: a picture for each point,
    `[points, height, width]` or `[points, height, width, channels]`. Raises ValueError where they do not fit each other.

    >>> with tf.summary.create_file_writer(folder).as_default():
    ...     tf.summary.embeddings("words", np.eye(3), labels=["a", "b", "c"])
    True
    """
    folder = getattr(default_writer(), "folder", None)
    if folder is None:
        return False
    write_embeddings(folder, name, np.asarray(vectors), labels, images)
    return True


def write_embeddings(
    folder: str, name: str, vectors: np.ndarray, labels: Any = None, images: Any = None, metadata_path: Any = None
) -> None:
    """Write points into a folder, and add them to its configuration; those of the same name are replaced."""
    if vectors.ndim != 2 or not vectors.size:
        raise ValueError(f"Embeddings have the form [points, dimensions], not {vectors.shape}.")
    os.makedirs(folder, exist_ok=True)
    base = re.sub(r"[^\w.-]", "_", name)
    config = read_config(folder)
    kept = [e for e in config.embeddings if e.tensor_name != name]
    del config.embeddings[:]
    config.embeddings.extend(kept)
    info = config.embeddings.add(tensor_name=name, tensor_path=f"{base}.tensor.bytes", tensor_shape=vectors.shape)
    replace_file(os.path.join(folder, info.tensor_path), [vectors.astype("<f4").tobytes()])
    if labels is not None:
        info.metadata_path = f"{base}.metadata.tsv"
        replace_file(os.path.join(folder, info.metadata_path), [_table(labels, len(vectors)).encode()])
    elif metadata_path is not None:
        info.metadata_path = os.fspath(metadata_path)
    if images is not None:
        picture, size = sprite(np.asarray(images), len(vectors))
        info.sprite.image_path = f"{base}.sprite.png"
        info.sprite.single_image_dim.extend(size)
        replace_file(os.path.join(folder, info.sprite.image_path), [picture])
    write_config(folder, config)


def _table(labels: Any, points: int) -> str:
    """The file of labels: one a line; with several columns a first line of their names."""
    columns: Mapping[str, Sequence[Any]] = labels if isinstance(labels, Mapping) else {"": labels}
    for column, values in columns.items():
        if len(values) != points:
            raise ValueError(f"There are {len(values)} labels{f' {column!r}' if column else ''} for {points} points.")
    rows = zip(*[[re.sub(r"[\t\r\n]", " ", str(v)) for v in values] for values in columns.values()])
    lines = ["\t".join(row) for row in rows]
    if len(columns) > 1:
        lines.insert(0, "\t".join(map(str, columns)))
    return "\n".join(lines) + "\n"


def sprite(images: np.ndarray, points: int) -> tuple[bytes, tuple[int, int]]:
    """All pictures in one PNG file, row by row, and the width and height of each."""
    images = images[..., None] if images.ndim == 3 else images
    if images.ndim != 4 or len(images) != points:
        raise ValueError(f"Pictures have the form [{points} points, height, width, channels], not {images.shape}.")
    count = int(np.ceil(np.sqrt(points)))
    _, height, width, channels = images.shape
    if count * max(height, width) > _MOST_PICTURE:
        raise ValueError(f"{points} pictures of {width}x{height} are more than browsers show: at most 8192 pixels a side together.")
    sheet = np.zeros((count * count, height, width, channels), np.uint8)
    sheet[:points] = image_bytes(images)
    sheet = sheet.reshape(count, count, height, width, channels).transpose(0, 2, 1, 3, 4)
    return encode_png(sheet.reshape(count * height, count * width, channels)), (width, height)


def read_config(folder: Any) -> Any:
    """The `ProjectorConfig` of a folder; an empty one where there is none."""
    from google.protobuf import text_format

    path = os.path.join(os.fspath(folder), CONFIG_FILE)
    config = ProjectorConfig()
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            text_format.Parse(file.read(), config)
    return config


def write_config(folder: Any, config: Any) -> None:
    """Write a `ProjectorConfig` into a folder."""
    from google.protobuf import text_format

    os.makedirs(os.fspath(folder), exist_ok=True)
    replace_file(os.path.join(os.fspath(folder), CONFIG_FILE), [text_format.MessageToString(config).encode()])


def visualize_embeddings(logdir: Any, config: Any) -> None:
    """TensorFlow's way: write a `ProjectorConfig` into `logdir` (a folder, or a writer of TensorFlow 1)."""
    folder = logdir.get_logdir() if hasattr(logdir, "get_logdir") else logdir
    if folder is None:
        raise ValueError("Expected logdir to be a path, but got None")
    write_config(folder, config)
