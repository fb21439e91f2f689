"""`tf.nn` as TensorFlow 1 has it: TensorFlow 2's names, and these in their older form."""

from typing import Any

from thalweg import nn as _v2
from thalweg.compat.v1 import rnn_cell as rnn_cell
from thalweg.compat.v1.arrays import (
    depth_to_space as depth_to_space,
    in_top_k as in_top_k,
    space_to_batch as space_to_batch,
    space_to_depth as space_to_depth,
)
from thalweg.compat.v1.nn_basic import *
from thalweg.compat.v1.nn_conv import (
    avg_pool as avg_pool,
    avg_pool2d as avg_pool2d,
    conv1d as conv1d,
    conv2d as conv2d,
    conv2d_backprop_filter as conv2d_backprop_filter,
    conv2d_backprop_input as conv2d_backprop_input,
    conv2d_transpose as conv2d_transpose,
    conv3d as conv3d,
    conv3d_transpose as conv3d_transpose,
    convolution as convolution,
    depthwise_conv2d as depthwise_conv2d,
    depthwise_conv2d_native as depthwise_conv2d_native,
    dilation2d as dilation2d,
    erosion2d as erosion2d,
    max_pool as max_pool,
    max_pool_with_argmax as max_pool_with_argmax,
    pool as pool,
    separable_conv2d as separable_conv2d,
)
from thalweg.compat.v1.nn_ctc import (
    collapse_repeated as collapse_repeated,
    ctc_beam_search_decoder as ctc_beam_search_decoder,
    ctc_beam_search_decoder_v2 as ctc_beam_search_decoder_v2,
    ctc_greedy_decoder as ctc_greedy_decoder,
    ctc_loss as ctc_loss,
    ctc_loss_v2 as ctc_loss_v2,
)
from thalweg.compat.v1.nn_lookup import dropout as dropout, embedding_lookup as embedding_lookup
from thalweg.compat.v1.nn_norm import fused_batch_norm as fused_batch_norm
from thalweg.compat.v1.nn_rnn import (
    bidirectional_dynamic_rnn as bidirectional_dynamic_rnn,
    dynamic_rnn as dynamic_rnn,
    raw_rnn as raw_rnn,
    static_bidirectional_rnn as static_bidirectional_rnn,
    static_rnn as static_rnn,
    static_state_saving_rnn as static_state_saving_rnn,
)
from thalweg.compat.v1.nn_sampled import *
from thalweg.compat.v1.sparse_names import (
    embedding_lookup_sparse as embedding_lookup_sparse,
    safe_embedding_lookup_sparse as safe_embedding_lookup_sparse,
)

# Names from before TensorFlow 1.0, and of its first versions.
deconv2d = conv2d_transpose
rnn = static_rnn
bidirectional_rnn = static_bidirectional_rnn
state_saving_rnn = static_state_saving_rnn
depthwise_conv2d_native_backprop_input, depthwise_conv2d_native_backprop_filter = (
    _v2.depthwise_conv2d_backprop_input, _v2.depthwise_conv2d_backprop_filter
)  # fmt: skip
max_pool_v2, avg_pool_v2 = _v2.max_pool, _v2.avg_pool


def __getattr__(name: str) -> Any:
    return getattr(_v2, name)


def __dir__() -> list[str]:
    return sorted({*globals(), *dir(_v2)} - {"Any"})
