"""`tf.nn`: activations, losses and the layers' arithmetic."""

from __future__ import annotations

import importlib
from typing import Any

from thalweg.engine.ops.activations import (
    crelu as crelu,
    elu as elu,
    gelu as gelu,
    l2_normalize as l2_normalize,
    leaky_relu as leaky_relu,
    log_softmax as log_softmax,
    relu as relu,
    relu6 as relu6,
    selu as selu,
    sigmoid as sigmoid,
    silu as silu,
    softmax as softmax,
    softplus as softplus,
    softsign as softsign,
)
from thalweg.engine.ops.blocks import (
    depth_to_space as depth_to_space,
    space_to_batch as space_to_batch,
    space_to_depth as space_to_depth,
)
from thalweg.engine.ops.convolution import (
    atrous_conv2d as atrous_conv2d,
    atrous_conv2d_transpose as atrous_conv2d_transpose,
    conv1d as conv1d,
    conv1d_transpose as conv1d_transpose,
    conv2d as conv2d,
    conv2d_transpose as conv2d_transpose,
    conv3d as conv3d,
    conv3d_transpose as conv3d_transpose,
    conv_transpose as conv_transpose,
    convolution as convolution,
    depthwise_conv2d as depthwise_conv2d,
    depthwise_conv2d_backprop_filter as depthwise_conv2d_backprop_filter,
    depthwise_conv2d_backprop_input as depthwise_conv2d_backprop_input,
    separable_conv2d as separable_conv2d,
)
from thalweg.engine.ops.counting import (
    zero_fraction as zero_fraction,
)
from thalweg.engine.ops.dropout import dropout as dropout
from thalweg.engine.ops.embedding import embedding_lookup as embedding_lookup
from thalweg.engine.ops.losses import (
    bias_add as bias_add,
    l2_loss as l2_loss,
    log_poisson_loss as log_poisson_loss,
    sigmoid_cross_entropy_with_logits as sigmoid_cross_entropy_with_logits,
    softmax_cross_entropy_with_logits as softmax_cross_entropy_with_logits,
    sparse_softmax_cross_entropy_with_logits as sparse_softmax_cross_entropy_with_logits,
    weighted_cross_entropy_with_logits as weighted_cross_entropy_with_logits,
)
from thalweg.engine.ops.moments import (
    batch_norm_with_global_normalization as batch_norm_with_global_normalization,
    batch_normalization as batch_normalization,
    compute_average_loss as compute_average_loss,
    moments as moments,
    normalize_moments as normalize_moments,
    scale_regularization_loss as scale_regularization_loss,
    sufficient_statistics as sufficient_statistics,
    weighted_moments as weighted_moments,
)
from thalweg.engine.ops.neighbours import (
    dilation2d as dilation2d,
    erosion2d as erosion2d,
    local_response_normalization as local_response_normalization,
    lrn as lrn,
)
from thalweg.engine.ops.pooling import (
    avg_pool as avg_pool,
    avg_pool1d as avg_pool1d,
    avg_pool2d as avg_pool2d,
    avg_pool3d as avg_pool3d,
    max_pool as max_pool,
    max_pool1d as max_pool1d,
    max_pool2d as max_pool2d,
    max_pool3d as max_pool3d,
    max_pool_with_argmax as max_pool_with_argmax,
    pool as pool,
)
from thalweg.engine.ops.sorting import (
    approx_max_k as approx_max_k,
    approx_min_k as approx_min_k,
    in_top_k as in_top_k,
    top_k as top_k,
)
from thalweg.engine.ops.sparse_embedding import (
    embedding_lookup_sparse as embedding_lookup_sparse,
    safe_embedding_lookup_sparse as safe_embedding_lookup_sparse,
)
from thalweg.engine.ops.trigonometry import tanh as tanh

swish = silu

_OF_V1 = {  # forms that both generations share, written on TensorFlow 1's page
    "all_candidate_sampler": "nn_sampled", "collapse_repeated": "nn_ctc", "compute_accidental_hits": "nn_sampled",
    "ctc_beam_search_decoder_v2": "nn_ctc", "ctc_greedy_decoder": "nn_ctc", "ctc_loss_v2": "nn_ctc",
    "fixed_unigram_candidate_sampler": "nn_sampled", "learned_unigram_candidate_sampler": "nn_sampled",
}  # fmt: skip
_RENAMED = {"ctc_beam_search_decoder": "ctc_beam_search_decoder_v2", "ctc_loss": "ctc_loss_v2"}


def _with_ranges(name: str) -> Any:
    """A loss over sampled classes in TensorFlow 2's form: the rows of several tables in ranges."""
    import functools

    return functools.partial(getattr(importlib.import_module("thalweg.compat.v1.nn_sampled"), name), partition_strategy="div")


def __getattr__(name: str) -> Any:
    if name in ("nce_loss", "sampled_softmax_loss"):
        return _with_ranges(name)
    name_there = _RENAMED.get(name, name)
    if name_there in _OF_V1:
        return getattr(importlib.import_module(f"thalweg.compat.v1.{_OF_V1[name_there]}"), name_there)
    raise AttributeError(f"module 'thalweg.nn' has no attribute {name!r}")
