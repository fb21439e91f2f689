"""`tf.io`: records, examples. Source: https://www.tensorflow.org/api_docs/python/tf/io"""

from thalweg.engine.formats.file_ops import matching_files as matching_files, read_file as read_file, write_file as write_file
from thalweg.engine.formats.pictures import (
    decode_and_crop_jpeg as decode_and_crop_jpeg,
    decode_bmp as decode_bmp,
    decode_gif as decode_gif,
    decode_image as decode_image,
    decode_jpeg as decode_jpeg,
    decode_png as decode_png,
    encode_jpeg as encode_jpeg,
    encode_png as encode_png,
    extract_jpeg_shape as extract_jpeg_shape,
    is_jpeg as is_jpeg,
)
from thalweg.engine.formats.record_files import TFRecordOptions as TFRecordOptions, TFRecordWriter as TFRecordWriter
from thalweg.engine.formats.tensor_bytes import (
    decode_base64 as decode_base64,
    decode_compressed as decode_compressed,
    decode_raw as decode_raw,
    encode_base64 as encode_base64,
    parse_tensor as parse_tensor,
    serialize_tensor as serialize_tensor,
)
from thalweg.io import gfile as gfile
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
