"""Pictures as the applications want them, and their answers in words: `preprocess_input`, `decode_predictions`."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

import thalweg as tf
from thalweg.keras import config
from thalweg.keras.utils.downloads import get_file

_INDEX = "https://storage.googleapis.com/download.tensorflow.org/data/imagenet_class_index.json"
_INDEX_HASH = "c2c37ea517e94d9795004a39431a14cb"
_MEANS = {"torch": (0.485, 0.456, 0.406), "caffe": (103.939, 116.779, 123.68)}
_SPREADS = (0.229, 0.224, 0.225)
_names: dict[str, list[str]] = {}


def preprocess_input(x: Any, data_format: str | None = None, mode: str = "caffe") -> Any:
    """Pictures of 0 to 255, prepared: 'tf' (to -1 ... 1), 'torch' (to 0 ... 1, then by ImageNet's mean and spread) or 'caffe'
    (to BGR, minus ImageNet's mean).

    A floating NumPy array is changed in place, as Keras does. Raises ValueError for another mode or format.
    """
    if mode not in ("caffe", "tf", "torch"):
        raise ValueError(f"Expected mode to be one of `caffe`, `tf` or `torch`. Received: mode={mode}")
    if data_format not in (None, "channels_first", "channels_last"):
        raise ValueError(f"Expected data_format to be one of `channels_first` or `channels_last`. Received: {data_format}")
    first = config.standardize_data_format(data_format) == "channels_first"
    is_array = isinstance(x, np.ndarray)
    if is_array and not np.issubdtype(x.dtype, np.floating):
        x = x.astype(config.floatx())
    elif not is_array:
        x = tf.convert_to_tensor(x)
        x = x if x.dtype.is_floating else tf.cast(x, config.floatx())
    if mode == "tf":
        if is_array:
            x /= 127.5
            x -= 1.0
            return x
        return x / 127.5 - 1.0
    rank = len(x.shape)
    axis = (0 if rank == 3 else 1) if first else rank - 1
    shape = [1] * rank
    shape[axis] = 3
    mean = np.reshape(_MEANS[mode], shape)
    if is_array:
        if mode == "caffe":
            x = np.flip(x, axis)
            x -= mean.astype(x.dtype)
            return x
        x /= 255.0
        x -= mean.astype(x.dtype)
        x /= np.reshape(_SPREADS, shape).astype(x.dtype)
        return x
    if mode == "caffe":
        return tf.reverse(x, [axis]) - tf.constant(mean, x.dtype)
    return (x / 255.0 - tf.constant(mean, x.dtype)) / tf.constant(np.reshape(_SPREADS, shape), x.dtype)


def decode_predictions(preds: Any, top: int = 5) -> list[list[tuple[str, str, float]]]:
    """The `top` likeliest classes of each row of `preds`, `[rows, 1000]`: `(WordNet number, name, score)`.

    The names come from `imagenet_class_index.json`, in THALWEG_DATA_DIR or fetched once. Raises ValueError for other shapes.
    """
    preds = np.asarray(preds)
    if preds.ndim != 2 or preds.shape[1] != 1000:
        raise ValueError(
            "`decode_predictions` expects a batch of predictions (i.e. a 2D array of shape (samples, 1000)). "
            f"Received array with shape: {preds.shape}"
        )
    if not _names:
        path = get_file("imagenet_class_index.json", _INDEX, cache_subdir="models", file_hash=_INDEX_HASH)
        with open(path, encoding="utf-8") as file:
            _names.update(json.load(file))
    results = []
    for row in preds:
        best = row.argsort()[-top:][::-1]
        results.append([(*_names[str(i)], row[i]) for i in best])
    return results  # type: ignore[return-value]
