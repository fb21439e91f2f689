"""`tf.io.TFRecordWriter` and `TFRecordOptions`: TFRecord files as users write them.

Source: https://www.tensorflow.org/api_docs/python/tf/io/TFRecordWriter
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

from thalweg.engine.formats import tfrecord


class TFRecordCompressionType:
    """TensorFlow 1's numbers for the ways to compress."""

    NONE, ZLIB, GZIP = 0, 1, 2


_BY_NUMBER = {TFRecordCompressionType.NONE: "", TFRecordCompressionType.ZLIB: "ZLIB", TFRecordCompressionType.GZIP: "GZIP"}


class TFRecordOptions:
    """How a TFRecord file is compressed. The sizes of buffers and the rest are accepted; they do not change what is read.

    compression_type: 'GZIP', 'ZLIB', or '' or None for none. Raises ValueError for another.
    """

    compression_type_map = _BY_NUMBER

    def __init__(
        self, compression_type: Any = None, flush_mode: Any = None, input_buffer_size: Any = None, output_buffer_size: Any = None,
        window_bits: Any = None, compression_level: Any = None, compression_method: Any = None, mem_level: Any = None,
        compression_strategy: Any = None,
    ):  # fmt: skip
        self.compression_type = compression_type
        self.get_compression_type_string(compression_type)
        self.flush_mode, self.input_buffer_size, self.output_buffer_size = flush_mode, input_buffer_size, output_buffer_size
        self.window_bits, self.compression_level, self.compression_method = window_bits, compression_level, compression_method
        self.mem_level, self.compression_strategy = mem_level, compression_strategy

    @classmethod
    def get_compression_type_string(cls, options: Any) -> str:
        """'', 'GZIP' or 'ZLIB', from options, a name or TensorFlow 1's number."""
        if not options:
            return ""
        if isinstance(options, TFRecordOptions):
            return cls.get_compression_type_string(options.compression_type)
        name = _BY_NUMBER.get(options, options)
        if name not in _BY_NUMBER.values():
            raise ValueError(f'Not a valid compression_type: "{options}": it must be "GZIP", "ZLIB" or "".')
        return name


class TFRecordWriter:
    """Writes records, bytes, into a TFRecord file.

    options: a `TFRecordOptions`, or the name of a compression. Raises NotFoundError when the directory does not exist.
    """

    def __init__(self, path: Any, options: Any = None):
        level = options.compression_level if isinstance(options, TFRecordOptions) else None
        self._writer = tfrecord.Writer(os.fspath(path), TFRecordOptions.get_compression_type_string(options), level)

    def write(self, record: Any) -> None:
        """Append a record. Raises TypeError for what is no bytes."""
        if isinstance(record, str):
            record = record.encode()
        if hasattr(record, "numpy"):
            record = record.numpy()
        if not isinstance(record, (bytes, bytearray, memoryview)):
            raise TypeError(
                f"A record is bytes, not {type(record).__name__}: serialize it first, for example with SerializeToString()."
            )
        self._writer.write(bytes(record))

    def flush(self) -> None:
        """Hand what has been written to the system."""
        self._writer.flush()

    def close(self) -> None:
        """Write the rest and close the file."""
        self._writer.close()

    def __enter__(self) -> TFRecordWriter:
        return self

    def __exit__(self, *exc: Any) -> None:
        self.close()


def tf_record_iterator(path: Any, options: Any = None) -> Iterator[bytes]:
    """The records of a TFRecord file, as bytes."""
    return tfrecord.records(os.fspath(path), TFRecordOptions.get_compression_type_string(options))
