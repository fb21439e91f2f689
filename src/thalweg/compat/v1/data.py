"""`tf.compat.v1.data`: datasets, and the iterators that graphs have."""

from __future__ import annotations

from thalweg.data import (
    AUTOTUNE as AUTOTUNE,
    INFINITE_CARDINALITY as INFINITE_CARDINALITY,
    UNKNOWN_CARDINALITY as UNKNOWN_CARDINALITY,
    Dataset as Dataset,
    DatasetSpec as DatasetSpec,
    FixedLengthRecordDataset as FixedLengthRecordDataset,
    NumpyIterator as NumpyIterator,
    Options as Options,
    TextLineDataset as TextLineDataset,
    TFRecordDataset as TFRecordDataset,
    ThreadingOptions as ThreadingOptions,
    experimental as experimental,
)
from thalweg.data.graph_iterators import (
    Iterator as Iterator,
    make_initializable_iterator as make_initializable_iterator,
    make_one_shot_iterator as make_one_shot_iterator,
    output_classes as get_output_classes,
    output_shapes as get_output_shapes,
    output_types as get_output_types,
)
