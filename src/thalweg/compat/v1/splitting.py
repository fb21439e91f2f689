"""`tf.string_split` of TensorFlow 1: the parts of strings as a sparse tensor."""

from __future__ import annotations

from typing import Any

import thalweg as tf


def string_split(
    source: Any, sep: Any = None, skip_empty: bool = True, delimiter: Any = " ", result_type: str = "SparseTensor",
    name: str | None = None,
) -> Any:  # fmt: skip
    """The parts of a vector of strings between any of the characters of `sep`, without empty ones unless `skip_empty` is off.

    result_type: 'SparseTensor' or 'RaggedTensor'. Raises ValueError for another.
    """
    if result_type not in ("SparseTensor", "RaggedTensor"):
        raise ValueError(f"result_type must be 'RaggedTensor' or 'SparseTensor', not {result_type!r}.")
    characters = sep if sep is not None else delimiter
    strings = tf.convert_to_tensor(source, tf.string)
    if not characters:
        parts = tf.strings.bytes_split(strings)
    else:
        escaped = "".join("\\" + c if not c.isalnum() and ord(c) < 128 else c for c in characters)
        one = characters[0]
        parts = tf.strings.split(tf.strings.regex_replace(strings, f"[{escaped}]", "\\\\" if one == "\\" else one), sep=one)
    if skip_empty:
        parts = tf.ragged.boolean_mask(parts, tf.not_equal(parts, ""))
    return parts if result_type == "RaggedTensor" else parts.to_sparse()
