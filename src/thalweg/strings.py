"""`tf.strings`: text cut, joined, searched, counted, hashed, and as numbers.

Source: https://www.tensorflow.org/api_docs/python/tf/strings
"""

from thalweg.engine.execution.string_format import format_ as format
from thalweg.engine.ops.hashing import (
    to_hash_bucket as to_hash_bucket,
    to_hash_bucket_fast as to_hash_bucket_fast,
    to_hash_bucket_strong as to_hash_bucket_strong,
)
from thalweg.engine.ops.regular import regex_full_match as regex_full_match, regex_replace as regex_replace
from thalweg.engine.ops.string_rows import (
    bytes_split as bytes_split,
    ngrams as ngrams,
    reduce_join as reduce_join,
    split as split,
    unsorted_segment_join as unsorted_segment_join,
)
from thalweg.engine.ops.strings import (
    as_string as as_string,
    join as join,
    length as length,
    lower as lower,
    strip as strip,
    substr as substr,
    to_number as to_number,
    upper as upper,
)
from thalweg.engine.ops.unicode import (
    unicode_decode as unicode_decode,
    unicode_decode_with_offsets as unicode_decode_with_offsets,
    unicode_encode as unicode_encode,
    unicode_split as unicode_split,
    unicode_split_with_offsets as unicode_split_with_offsets,
    unicode_transcode as unicode_transcode,
)
