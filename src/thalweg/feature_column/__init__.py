"""`tf.feature_column`: how raw features become what a model takes.

Source: https://www.tensorflow.org/api_docs/python/tf/feature_column
"""

from __future__ import annotations

from thalweg.feature_column.categories import (
    categorical_column_with_hash_bucket as categorical_column_with_hash_bucket,
    categorical_column_with_identity as categorical_column_with_identity,
    categorical_column_with_vocabulary_file as categorical_column_with_vocabulary_file,
    categorical_column_with_vocabulary_list as categorical_column_with_vocabulary_list,
    crossed_column as crossed_column,
    weighted_categorical_column as weighted_categorical_column,
)
from thalweg.feature_column.columns import (
    bucketized_column as bucketized_column,
    embedding_column as embedding_column,
    indicator_column as indicator_column,
    numeric_column as numeric_column,
    shared_embedding_columns as shared_embedding_columns,
    shared_embedding_columns as shared_embeddings,
)
from thalweg.feature_column.using import (
    input_layer as input_layer,
    linear_model as linear_model,
    make_parse_example_spec as make_parse_example_spec,
)
