"""`tf.contrib.data`: the transformations of datasets that moved to `tf.data.experimental`."""

from __future__ import annotations

from typing import Any

from thalweg.data import AUTOTUNE as AUTOTUNE, Dataset as Dataset, TFRecordDataset as TFRecordDataset, experimental as _experimental
from thalweg.data.graph_iterators import Iterator as Iterator


def __getattr__(name: str) -> Any:
    return getattr(_experimental, name)


def batch_and_drop_remainder(batch_size: int) -> Any:
    """`batch` with `drop_remainder`."""
    return lambda dataset: dataset.batch(batch_size, drop_remainder=True)
