"""One dataset as two."""

from __future__ import annotations

import random
from typing import Any

import numpy as np

import thalweg as tf


def split_dataset(
    dataset: Any, left_size: Any = None, right_size: Any = None, shuffle: bool = False, seed: int | None = None
) -> tuple[Any, Any]:
    """Two `tf.data` datasets, of the first and the last elements.

    dataset: a dataset, an array, or a list or tuple of arrays. left_size, right_size: shares below 1, or counts; what is
    left out is the rest. Raises ValueError for sizes that do not fit. Source: `tf.keras.utils.split_dataset`.

    >>> left, right = tf.keras.utils.split_dataset(np.arange(5), left_size=0.6)
    >>> len(left), len(right)
    (3, 2)
    """
    if left_size is None and right_size is None:
        raise ValueError("At least one of the `left_size` or `right_size` must be specified. Received: both None")
    if isinstance(dataset, (np.ndarray, list, tuple)):
        parts = [np.asarray(part) for part in (dataset if isinstance(dataset, (list, tuple)) else [dataset])]
    else:
        elements = list(dataset)
        if not elements:
            raise ValueError("Received an empty dataset. Cannot split it.")
        structure = elements[0]
        parts = [np.stack([np.asarray(tf.nest.flatten(e)[i]) for e in elements]) for i in range(len(tf.nest.flatten(structure)))]
    count = len(parts[0])
    left, right = _sizes(left_size, right_size, count)
    if shuffle:
        order = list(range(count))
        random.Random(np.random.randint(10**6) if seed is None else seed).shuffle(order)
        parts = [part[order] for part in parts]

    def packed(rows: slice) -> Any:
        values = [part[rows] for part in parts]
        if isinstance(dataset, np.ndarray):
            nest: Any = values[0]
        elif isinstance(dataset, (list, tuple)):
            nest = tuple(values)
        else:
            nest = tf.nest.pack_sequence_as(structure, values)
        return tf.data.Dataset.from_tensor_slices(nest).prefetch(tf.data.AUTOTUNE)

    return packed(slice(0, left)), packed(slice(count - right, count))


def _sizes(left: Any, right: Any, count: int) -> tuple[int, int]:
    def size(value: Any, name: str) -> int | None:
        if value is None:
            return None
        if isinstance(value, float) and 0 < value < 1:
            return round(value * count)
        if isinstance(value, (int, np.integer)) and not isinstance(value, bool) and 0 < value < count:
            return int(value)
        raise ValueError(
            f"`{name}` should be either a positive integer smaller than {count}, or a float within the range `[0, 1]`. "
            f"Received: {name}={value}"
        )

    first, last = size(left, "left_size"), size(right, "right_size")
    first = count - last if first is None else first  # type: ignore[operator]
    last = count - first if last is None else last
    if first + last > count or not first or not last:
        raise ValueError(
            f"A dataset of {count} elements cannot be split into {first} and {last}: both parts need one, and all together "
            "no more than there are."
        )
    return first, last
