"""`tf.io` as TensorFlow 1 has it: TensorFlow 2's names, and queues and records beside them."""

from __future__ import annotations

from typing import Any

from thalweg import io as _v2
from thalweg.compat.v1.queues import (
    PaddingFIFOQueue as PaddingFIFOQueue,
    PriorityQueue as PriorityQueue,
    QueueBase as QueueBase,
    RandomShuffleQueue as RandomShuffleQueue,
)
from thalweg.engine.formats.record_files import TFRecordCompressionType as TFRecordCompressionType
from thalweg.train.input import match_filenames_once as match_filenames_once
from thalweg.train.meta_graph import write_graph as write_graph


def __getattr__(name: str) -> Any:
    if name == "tf_record_iterator":
        from thalweg.compat.v1.python_io import tf_record_iterator

        return tf_record_iterator
    return getattr(_v2, name)
