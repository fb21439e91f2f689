"""`tf.contrib.layers`: layers whose variables are `weights` and `biases`, with `arg_scope`; regularizers, `optimize_loss`.

Source: https://www.tensorflow.org/versions/r1.15/api_docs/python/tf/contrib/layers
"""

from __future__ import annotations

import importlib
from typing import Any

from thalweg.contrib.framework import arg_scope as arg_scope
from thalweg.contrib.layers.convolution import (
    avg_pool2d as avg_pool2d,
    conv1d as conv1d,
    conv2d as conv2d,
    conv2d_in_plane as conv2d_in_plane,
    conv2d_transpose as conv2d_transpose,
    conv3d as conv3d,
    convolution as convolution,
    convolution1d as convolution1d,
    convolution2d as convolution2d,
    convolution2d_in_plane as convolution2d_in_plane,
    convolution2d_transpose as convolution2d_transpose,
    convolution3d as convolution3d,
    max_pool2d as max_pool2d,
    pool as pool,
    separable_conv2d as separable_conv2d,
    separable_convolution2d as separable_convolution2d,
)
from thalweg.contrib.layers.embedding import (
    bow_encoder as bow_encoder,
    embed_sequence as embed_sequence,
    embedding_lookup_unique as embedding_lookup_unique,
)
from thalweg.contrib.layers.initializers import (
    variance_scaling_initializer as variance_scaling_initializer,
    xavier_initializer as xavier_initializer,
    xavier_initializer_conv2d as xavier_initializer_conv2d,
)
from thalweg.contrib.layers.normalization import (
    batch_norm as batch_norm,
    group_norm as group_norm,
    instance_norm as instance_norm,
    layer_norm as layer_norm,
)
from thalweg.contrib.layers.optimizing import OPTIMIZER_CLS_NAMES as OPTIMIZER_CLS_NAMES, optimize_loss as optimize_loss
from thalweg.contrib.layers.plain import (
    bias_add as bias_add,
    dropout as dropout,
    elu as elu,
    flatten as flatten,
    fully_connected as fully_connected,
    images_to_sequence as images_to_sequence,
    legacy_fully_connected as legacy_fully_connected,
    linear as linear,
    maxout as maxout,
    one_hot_encoding as one_hot_encoding,
    relu as relu,
    relu6 as relu6,
    repeat as repeat,
    scale_gradient as scale_gradient,
    sequence_to_images as sequence_to_images,
    softmax as softmax,
    spatial_softmax as spatial_softmax,
    stack as stack,
    unit_norm as unit_norm,
)
from thalweg.contrib.layers.regularizers import (
    apply_regularization as apply_regularization,
    l1_l2_regularizer as l1_l2_regularizer,
    l1_regularizer as l1_regularizer,
    l2_regularizer as l2_regularizer,
    sum_regularizer as sum_regularizer,
)
from thalweg.contrib.layers.summaries import (
    summarize_activation as summarize_activation,
    summarize_activations as summarize_activations,
    summarize_biases as summarize_biases,
    summarize_collection as summarize_collection,
    summarize_tensor as summarize_tensor,
    summarize_tensors as summarize_tensors,
    summarize_variables as summarize_variables,
    summarize_weights as summarize_weights,
)

legacy_linear = linear
legacy_relu = relu


def __getattr__(name: str) -> Any:
    if not name.startswith("_"):
        columns = importlib.import_module("thalweg.contrib.layers.columns")
        found = getattr(columns, name, None)
        if found is not None:
            return found
    raise AttributeError(f"module 'thalweg.contrib.layers' has no attribute {name!r}")
