"""TensorFlow 1's names for reading examples and CSV records: `tf.parse_example`, `tf.FixedLenFeature` and their kin."""

from __future__ import annotations

from typing import Any

from thalweg.io import (
    FixedLenFeature as FixedLenFeature,
    FixedLenSequenceFeature as FixedLenSequenceFeature,
    SparseFeature as SparseFeature,
    VarLenFeature as VarLenFeature,
    csv,
    examples,
)
from thalweg.io.examples import parse_single_sequence_example as parse_single_sequence_example


def parse_example(serialized: Any, features: Any, name: str | None = None, example_names: Any = None) -> dict[str, Any]:
    """`tf.io.parse_example`, its last arguments in TensorFlow 1's order."""
    return examples.parse_example(serialized, features, example_names, name)


def parse_single_example(serialized: Any, features: Any, name: str | None = None, example_names: Any = None) -> dict[str, Any]:
    """`tf.io.parse_single_example`, its last arguments in TensorFlow 1's order."""
    return examples.parse_single_example(serialized, features, example_names, name)


def decode_csv(
    records: Any, record_defaults: Any, field_delim: str = ",", use_quote_delim: bool = True, name: str | None = None,
    na_value: str = "", select_cols: Any = None,
) -> list[Any]:  # fmt: skip
    """`tf.io.decode_csv`, its last arguments in TensorFlow 1's order."""
    return csv.decode_csv(records, record_defaults, field_delim, use_quote_delim, na_value, select_cols, name)
