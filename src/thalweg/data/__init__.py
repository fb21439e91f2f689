"""`tf.data`: datasets, sequences of elements to be gone through. Source: https://www.tensorflow.org/api_docs/python/tf/data"""

from __future__ import annotations

from thalweg.data import experimental as experimental
from thalweg.data.dataset import AUTOTUNE as AUTOTUNE, Dataset as Dataset
from thalweg.data.files import (
    FixedLengthRecordDataset as FixedLengthRecordDataset,
    TextLineDataset as TextLineDataset,
    TFRecordDataset as TFRecordDataset,
)
from thalweg.data.iterators import Iterator as Iterator, IteratorSpec as IteratorSpec, NumpyIterator as NumpyIterator
from thalweg.data.options import Options as Options, ThreadingOptions as ThreadingOptions
from thalweg.data.structure import DatasetSpec as DatasetSpec

INFINITE_CARDINALITY = -1
UNKNOWN_CARDINALITY = -2
