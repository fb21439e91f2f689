"""Windows that slide over a series, as a dataset."""

from __future__ import annotations

from typing import Any

import numpy as np

import thalweg as tf


def timeseries_dataset_from_array(
    data: Any,
    targets: Any,
    sequence_length: int,
    sequence_stride: int = 1,
    sampling_rate: int = 1,
    batch_size: int | None = 128,
    shuffle: bool = False,
    seed: int | None = None,
    start_index: int | None = None,
    end_index: int | None = None,
    format: str = "tf",
) -> Any:
    """Batches of windows `[batch, sequence_length, ...]` of an array along its first axis, with the targets at their starts.

    targets: the i-th belongs to the window that starts at step i; None for windows alone. sequence_stride: steps between the
    starts of windows. sampling_rate: steps between the entries of a window. start_index, end_index: use only these steps.
    Raises ValueError for settings that do not fit the data. Source: `tf.keras.utils.timeseries_dataset_from_array`.

    >>> windows = tf.keras.utils.timeseries_dataset_from_array(np.arange(5), None, sequence_length=3)
    >>> next(iter(windows)).numpy().tolist()
    [[0, 1, 2], [1, 2, 3], [2, 3, 4]]
    """
    if format != "tf":
        raise ValueError(f'`format` may be "tf" here, for a tf.data dataset, but it is {format!r}.')
    data = np.asarray(data)
    _check(len(data), start_index, end_index, sampling_rate, sequence_stride)
    start, end = start_index or 0, len(data) if end_index is None else end_index
    count = end - start - (sequence_length - 1) * sampling_rate
    if targets is not None:
        targets = np.asarray(targets)
        count = min(count, len(targets))
    starts = np.arange(0, count, sequence_stride, dtype="int32" if count < 2**31 - 1 else "int64")
    if shuffle:
        seed = int(np.random.randint(10**6)) if seed is None else seed
        np.random.RandomState(seed).shuffle(starts)
    offsets = tf.constant(np.arange(sequence_length, dtype=starts.dtype) * sampling_rate)
    steps = tf.constant(data[start:end])
    answers = None if targets is None else tf.constant(targets[start:end])

    def window(place: Any) -> Any:
        rows = tf.gather(steps, place + offsets)
        return rows if answers is None else (rows, tf.gather(answers, place))

    dataset = tf.data.Dataset.from_tensor_slices(starts).map(window, num_parallel_calls=tf.data.AUTOTUNE)
    if shuffle:
        dataset = dataset.shuffle(1024 if batch_size is None else batch_size * 8, seed=seed)
    if batch_size is not None:
        dataset = dataset.batch(batch_size)
    return dataset.prefetch(tf.data.AUTOTUNE)


def _check(length: int, start: int | None, end: int | None, sampling_rate: int, stride: int) -> None:
    if start and not 0 <= start < length:
        raise ValueError(f"`start_index` must be 0 or greater, and below the length of the data, {length}. Received: {start}")
    if end is not None and end and not (start or 0) < end < length:
        raise ValueError(
            f"`end_index` must be above start_index={start or 0} and below the length of the data, {length}. Received: {end}"
        )
    for name, value in (("sampling_rate", sampling_rate), ("sequence_stride", stride)):
        if not 0 < value < length:
            raise ValueError(f"`{name}` must be higher than 0, and below the length of the data, {length}. Received: {value}")
