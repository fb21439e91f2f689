"""`tf.io`: records, examples. Source: https://www.tensorflow.org/api_docs/python/tf/io"""

from thalweg.engine.formats.record_files import TFRecordOptions as TFRecordOptions, TFRecordWriter as TFRecordWriter
from thalweg.io.csv import decode_csv as decode_csv
from thalweg.io.examples import (
    parse_example as parse_example,
    parse_sequence_example as parse_sequence_example,
    parse_single_example as parse_single_example,
    parse_single_sequence_example as parse_single_sequence_example,
)
from thalweg.io.features import (
    FixedLenFeature as FixedLenFeature,
    FixedLenSequenceFeature as FixedLenSequenceFeature,
    SparseFeature as SparseFeature,
    VarLenFeature as VarLenFeature,
)
