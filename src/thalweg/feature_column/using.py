"""Columns at work: `input_layer`, `linear_model`, `make_parse_example_spec`."""

from __future__ import annotations

from typing import Any

from thalweg.compat import v1 as tf
from thalweg.feature_column.base import CategoricalColumn, DenseColumn, FeatureColumn
from thalweg.feature_column.columns import combined


def _sorted(columns: Any) -> list[Any]:
    """The columns by name. Raises ValueError for none, for what is no column, and for a name twice."""
    listed = [columns] if isinstance(columns, FeatureColumn) else list(columns.values() if isinstance(columns, dict) else columns)
    if not listed:
        raise ValueError("feature_columns must not be empty.")
    for c in listed:
        if not isinstance(c, FeatureColumn):
            raise ValueError(f"Items of feature_columns must be a column. Given (type {type(c)}): {c}.")
    names = [c.name for c in listed]
    twice = next((n for n in names if names.count(n) > 1), None)
    if twice is not None:
        raise ValueError(f"Duplicate feature column name found for columns: {twice}.")
    return sorted(listed, key=lambda c: c.name)


def input_layer(
    features: dict[str, Any], feature_columns: Any, weight_collections: Any = None, trainable: bool = True,
    cols_to_vars: Any = None,
    cols_to_output_tensors: Any = None,
) -> Any:  # fmt: skip
    """All columns side by side, by name: `[batch, n]`. Raises ValueError for a categorical column: embed or indicate it."""
    columns = _sorted(feature_columns)
    for c in columns:
        if not isinstance(c, DenseColumn):
            raise ValueError(f"Items of feature_columns must be a dense column. You can wrap a categorical column with an "
                             f"embedding_column or indicator_column. Given: {c}")  # fmt: skip
    outputs: list[Any] = []
    with tf.variable_scope(None, default_name="input_layer", values=[v for v in features.values() if tf.is_tensor(v)]):
        for column in columns:
            shared = getattr(column, "shared_name", None)
            with tf.variable_scope(shared or column.name, reuse=tf.AUTO_REUSE if shared else None):
                made: list[Any] = []

                def weights(name: str, shape: Any, initializer: Any, own: bool, made: list[Any] = made) -> Any:
                    v = tf.get_variable(name, shape, initializer=initializer, trainable=trainable and own)
                    for key in weight_collections or []:
                        tf.add_to_collection(key, v)
                    made.append(v)
                    return v

                y = column.dense(features, weights)
                y = tf.reshape(y, [-1, column.size])
            outputs.append(y)
            if cols_to_vars is not None:
                cols_to_vars[column] = made
            if cols_to_output_tensors is not None:
                cols_to_output_tensors[column] = y
        return tf.concat(outputs, 1)


def linear_model(
    features: dict[str, Any], feature_columns: Any, units: int = 1, sparse_combiner: str = "sum", weight_collections: Any = None,
    trainable: bool = True, cols_to_vars: Any = None,
) -> Any:  # fmt: skip
    """A linear layer over all columns: `[batch, units]`. Its weights start at zero."""
    columns = _sorted(feature_columns)
    total: list[Any] = []

    def variable(name: str, shape: Any) -> Any:
        v = tf.get_variable(name, shape, initializer=tf.zeros_initializer(), trainable=trainable)
        for key in weight_collections or []:
            tf.add_to_collection(key, v)
        return v

    with tf.variable_scope(None, default_name="linear_model"):
        for column in columns:
            with tf.variable_scope(column.name):
                if isinstance(column, CategoricalColumn):
                    kernel = variable("weights", [column.num_buckets, units])
                    total.append(combined(kernel, column, features, sparse_combiner))
                else:
                    made = lambda name, shape, initializer, own: tf.get_variable(
                        name, shape, initializer=initializer, trainable=trainable and own
                    )
                    kernel = variable("weights", [column.size, units])
                    total.append(tf.matmul(column.dense(features, made), kernel))
                if cols_to_vars is not None:
                    cols_to_vars[column] = [kernel]
        bias = variable("bias_weights", [units])
        if cols_to_vars is not None:
            cols_to_vars["bias"] = [bias]
        return tf.nn.bias_add(tf.add_n(total, name="weighted_sum_no_bias"), bias, name="weighted_sum")


def make_parse_example_spec(feature_columns: Any) -> dict[str, Any]:
    """What `tf.io.parse_example` must parse for the columns. Raises ValueError where two want a key in different ways."""
    spec: dict[str, Any] = {}
    for column in feature_columns:
        for key, value in column.example_features().items():
            if key in spec and spec[key] != value:
                raise ValueError(f"feature_columns contain different parse_spec for key {key}.")
            spec[key] = value
    return spec
