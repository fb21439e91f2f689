"""`keras.ops.nn`: activations, convolutions, pooling, normalization, losses on single values."""

from __future__ import annotations

from typing import Any

import thalweg as tf
from thalweg.keras import activations, config, losses
from thalweg.keras.activations import (
    celu as celu,
    elu as elu,
    glu as glu,
    hard_shrink as hard_shrink,
    hard_sigmoid as hard_sigmoid,
    hard_silu as hard_silu,
    hard_tanh as hard_tanh,
    leaky_relu as leaky_relu,
    log_sigmoid as log_sigmoid,
    relu6 as relu6,
    selu as selu,
    sigmoid as sigmoid,
    silu as silu,
    soft_shrink as soft_shrink,
    softplus as softplus,
    softsign as softsign,
    sparse_plus as sparse_plus,
    sparse_sigmoid as sparse_sigmoid,
    sparsemax as sparsemax,
    squareplus as squareplus,
    tanh_shrink as tanh_shrink,
    threshold as threshold,
)
from thalweg.keras.config import standardize_data_format
from thalweg.keras.layers import windows
from thalweg.keras.ops.dtypes import floating, tensor

swish, hard_swish = silu, hard_silu


def relu(x: Any) -> Any:
    """`max(x, 0)`."""
    return tf.nn.relu(tensor(x))


def gelu(x: Any, approximate: bool = True) -> Any:
    """`x` times the normal distribution's share below it; by tanh if `approximate`."""
    return activations.gelu(floating(x), approximate)


def softmax(x: Any, axis: Any = -1) -> Any:
    """Probabilities along an axis, or several."""
    x = floating(x)
    if axis is None or isinstance(axis, (tuple, list)):
        axes = list(range(x.shape.rank)) if axis is None else list(axis)
        return tf.exp(x - tf.reduce_logsumexp(x, axes, keepdims=True))
    return tf.nn.softmax(x, axis)


def log_softmax(x: Any, axis: Any = -1) -> Any:
    """The logarithm of `softmax`."""
    x = floating(x)
    if axis is None or isinstance(axis, (tuple, list)):
        axes = list(range(x.shape.rank)) if axis is None else list(axis)
        return x - tf.reduce_logsumexp(x, axes, keepdims=True)
    return tf.nn.log_softmax(x, axis)


# -- windows ---------------------------------------------------------------------------------------------------


def _layout(data_format: Any, rank: int) -> str:
    return windows.layout(standardize_data_format(data_format), rank)


def conv(
    inputs: Any, kernel: Any, strides: Any = 1, padding: str = "valid", data_format: Any = None, dilation_rate: Any = 1
) -> Any:
    """Convolution in one to three dimensions; a kernel for fewer channels is used in groups."""
    x, kernel = tensor(inputs), tensor(kernel)
    rank = kernel.shape.rank - 2
    strides, dilations = (_each(v, rank) for v in (strides, dilation_rate))
    if padding == "causal":
        before = dilations[0] * (kernel.shape[0] - 1)
        first = standardize_data_format(data_format) == "channels_first"
        x, padding = tf.pad(x, [[0, 0], [0, 0], [before, 0]] if first else [[0, 0], [before, 0], [0, 0]]), "valid"
    return tf.nn.convolution(x, kernel, strides, padding.upper(), _layout(data_format, rank), dilations)


def _each(value: Any, rank: int) -> list[int]:
    return [value] * rank if hasattr(value, "__index__") else list(value)


def depthwise_conv(
    inputs: Any, kernel: Any, strides: Any = 1, padding: str = "valid", data_format: Any = None, dilation_rate: Any = 1
) -> Any:
    """Convolution of each channel by itself, in one or two dimensions."""
    x, kernel = tensor(inputs), tensor(kernel)
    rank = kernel.shape.rank - 2
    strides, dilations = (_each(v, rank) for v in (strides, dilation_rate))
    last = standardize_data_format(data_format) == "channels_last"
    if rank == 1:
        at = 1 if last else 2
        x, kernel, strides, dilations = tf.expand_dims(x, at), tf.expand_dims(kernel, 0), strides * 2, [1, *dilations]
    steps = [1, *strides, 1] if last else [1, 1, *strides]
    y = tf.nn.depthwise_conv2d(x, kernel, steps, padding.upper(), _layout(data_format, 2), dilations)
    return tf.squeeze(y, [1 if last else 2]) if rank == 1 else y


def separable_conv(
    inputs: Any, depthwise_kernel: Any, pointwise_kernel: Any, strides: Any = 1, padding: str = "valid", data_format: Any = None,
    dilation_rate: Any = 1,
) -> Any:  # fmt: skip
    """Convolution of each channel by itself, then of all at each point."""
    y = depthwise_conv(inputs, depthwise_kernel, strides, padding, data_format, dilation_rate)
    return conv(y, pointwise_kernel, 1, "valid", data_format)


def conv_transpose(
    inputs: Any, kernel: Any, strides: Any = 1, padding: str = "valid", output_padding: Any = None, data_format: Any = None,
    dilation_rate: Any = 1,
) -> Any:  # fmt: skip
    """A convolution run backwards."""
    x, kernel = tensor(inputs), tensor(kernel)
    rank = kernel.shape.rank - 2
    strides, dilations = (_each(v, rank) for v in (strides, dilation_rate))
    extra = [None] * rank if output_padding is None else _each(output_padding, rank)
    data_format = standardize_data_format(data_format)
    shape = [x.shape[i] if x.shape[i] is not None else tf.shape(x)[i] for i in range(rank + 2)]
    space = shape[1:-1] if data_format == "channels_last" else shape[2:]
    sizes = [
        windows.transposed_output(*part[:3], padding, *part[3:])
        for part in zip(space, kernel.shape[:rank], strides, extra, dilations)
    ]
    out = windows.put_together(shape[0], sizes, kernel.shape[-2], data_format)
    return tf.nn.conv_transpose(
        x, kernel, tf.stack([*out]), strides, padding.upper(), _layout(data_format, rank), dilations
    )


def max_pool(inputs: Any, pool_size: Any, strides: Any = None, padding: str = "valid", data_format: Any = None) -> Any:
    """The greatest in each window."""
    return _pool(inputs, "MAX", pool_size, strides, padding, data_format)


def average_pool(inputs: Any, pool_size: Any, strides: Any = None, padding: str = "valid", data_format: Any = None) -> Any:
    """The mean of each window."""
    return _pool(inputs, "AVG", pool_size, strides, padding, data_format)


def _pool(inputs: Any, kind: str, pool_size: Any, strides: Any, padding: str, data_format: Any) -> Any:
    x = tensor(inputs)
    rank = x.shape.rank - 2
    size = _each(pool_size, rank)
    steps = size if strides is None else _each(strides, rank)
    return tf.nn.pool(x, size, kind, steps, padding.upper(), _layout(data_format, rank))


def adaptive_average_pool(inputs: Any, output_size: Any, data_format: Any = None) -> Any:
    """Means of as many windows as asked for, of nearly equal size."""
    return _adaptive(inputs, output_size, data_format, tf.reduce_mean)


def adaptive_max_pool(inputs: Any, output_size: Any, data_format: Any = None) -> Any:
    """The greatest of as many windows as asked for, of nearly equal size."""
    return _adaptive(inputs, output_size, data_format, tf.reduce_max)


def _adaptive(inputs: Any, output_size: Any, data_format: Any, reduce: Any) -> Any:
    x = tensor(inputs)
    rank = x.shape.rank - 2
    start = 1 if standardize_data_format(data_format) == "channels_last" else 2
    for axis, count in zip(range(start, start + rank), _each(output_size, rank)):
        size = x.shape[axis]
        if size is None:
            raise ValueError(f"Adaptive pooling needs inputs of a known size, but axis {axis} of {x.shape} is not.")
        parts = [(i * size // count, -(-(i + 1) * size // count)) for i in range(count)]
        x = tf.concat([reduce(tf.gather(x, tf.range(a, b), axis=axis), axis, keepdims=True) for a, b in parts], axis)
    return x


def depth_to_space(x: Any, block_size: int, data_format: Any = "channels_last") -> Any:
    """Channels laid out as pixels."""
    return tf.nn.depth_to_space(tensor(x), block_size, _layout(data_format, 2))


def space_to_depth(x: Any, block_size: int, data_format: Any = "channels_last") -> Any:
    """Pixels laid out as channels."""
    return tf.nn.space_to_depth(tensor(x), block_size, _layout(data_format, 2))


# -- categories ------------------------------------------------------------------------------------------------


def one_hot(x: Any, num_classes: int, axis: int = -1, dtype: Any = None, sparse: bool = False) -> Any:
    """Class numbers as vectors with a 1."""
    x = tensor(x)
    x = x if x.dtype in (tf.int32, tf.int64, tf.uint8) else tf.cast(x, tf.int32)
    return tf.one_hot(x, num_classes, axis=axis, dtype=config.standardize_dtype(dtype))


def multi_hot(inputs: Any, num_classes: int | None = None, axis: int = -1, dtype: Any = None, sparse: bool = False) -> Any:
    """Several class numbers as one vector with ones."""
    x = tensor(inputs)
    reduced = 1 if x.shape.rank > 1 else 0
    return tf.reduce_max(one_hot(x, num_classes or 0, axis, dtype), reduced)


def binary_crossentropy(target: Any, output: Any, from_logits: bool = False) -> Any:
    """The cross-entropy of each value with a 0 or 1."""
    y, p = tensor(target), floating(output)
    y = tf.cast(y, p.dtype)
    if from_logits:
        return tf.nn.sigmoid_cross_entropy_with_logits(labels=y, logits=p)
    edge = config.epsilon()
    p = tf.clip_by_value(p, edge, 1 - edge)
    return -(y * tf.math.log(p) + (1 - y) * tf.math.log(1 - p))


def categorical_crossentropy(target: Any, output: Any, from_logits: bool = False, axis: int = -1) -> Any:
    """The cross-entropy of probabilities with one-hot classes, along an axis."""
    return losses.categorical_crossentropy(tensor(target), floating(output), from_logits=from_logits, axis=axis)


def sparse_categorical_crossentropy(target: Any, output: Any, from_logits: bool = False, axis: int = -1) -> Any:
    """The cross-entropy of probabilities with class numbers, along an axis."""
    return losses.sparse_categorical_crossentropy(tensor(target), floating(output), from_logits=from_logits, axis=axis)


# -- normalization ---------------------------------------------------------------------------------------------


def moments(x: Any, axes: Any, keepdims: bool = False, synchronized: bool = False) -> tuple[Any, Any]:
    """Mean and variance along axes."""
    return tf.nn.moments(floating(x), [axes] if hasattr(axes, "__index__") else list(axes), keepdims=keepdims)


def normalize(x: Any, axis: Any = -1, order: Any = 2, epsilon: Any = None) -> Any:
    """Brought to length 1 along an axis."""
    x = floating(x)
    edge = config.epsilon() if epsilon is None else epsilon
    if order == 2:
        return x * tf.math.rsqrt(tf.maximum(tf.reduce_sum(tf.square(x), axis, keepdims=True), edge**2))
    return x / tf.maximum(tf.norm(x, ord=order, axis=axis, keepdims=True), edge)


def batch_normalization(
    x: Any, mean: Any, variance: Any, axis: int, offset: Any = None, scale: Any = None, epsilon: float = 1e-3
) -> Any:
    """`(x - mean) / sqrt(variance + epsilon) * scale + offset`, statistics along an axis."""
    x = floating(x)
    shape = [1] * x.shape.rank
    shape[axis] = x.shape[axis]
    mean, variance, offset, scale = (None if v is None else tf.reshape(tensor(v), shape) for v in (mean, variance, offset, scale))
    return tf.nn.batch_normalization(x, mean, variance, offset, scale, epsilon)


def layer_normalization(x: Any, gamma: Any = None, beta: Any = None, axis: Any = -1, epsilon: Any = None, **kwargs: Any) -> Any:
    """To mean 0 and variance 1 along axes, then scaled and shifted."""
    x = floating(x)
    mean, variance = tf.nn.moments(x, [axis] if hasattr(axis, "__index__") else list(axis), keepdims=True)
    y = (x - mean) * tf.math.rsqrt(variance + (config.epsilon() if epsilon is None else epsilon))
    y = y if gamma is None else y * tensor(gamma)
    return y if beta is None else y + tensor(beta)


def rms_normalization(x: Any, scale: Any = 1, axis: Any = -1, epsilon: Any = None) -> Any:
    """Divided by the root of the mean square along axes, then scaled."""
    x = floating(x)
    square = tf.reduce_mean(tf.square(x), axis, keepdims=True)
    return x * tf.math.rsqrt(square + (config.epsilon() if epsilon is None else epsilon)) * tensor(scale, x.dtype)


def dot_product_attention(
    query: Any, key: Any, value: Any, bias: Any = None, mask: Any = None, scale: Any = None, is_causal: bool = False,
    flash_attention: Any = None, attn_logits_soft_cap: Any = None,
) -> Any:  # fmt: skip
    """Attention of `[batch, steps, heads, features]`. mask: `[batch, heads, queries, keys]`, True where to look."""
    from thalweg.keras.layers.attention import causal_mask

    q, k, v = map(floating, (query, key, value))
    scale = q.shape[-1] ** -0.5 if scale is None else scale
    groups = q.shape[2] // k.shape[2]
    if groups > 1:
        k, v = tf.repeat(k, groups, axis=2), tf.repeat(v, groups, axis=2)
    scores = tf.einsum("btnh,bsnh->bnts", q, k) * tf.cast(scale, q.dtype)
    scores = scores if bias is None else scores + tensor(bias, scores.dtype)
    if attn_logits_soft_cap is not None:
        scores = tf.tanh(scores / attn_logits_soft_cap) * attn_logits_soft_cap
    if is_causal:
        causal = causal_mask(tf.shape(q)[1], tf.shape(k)[1])
        mask = causal if mask is None else tf.logical_and(tensor(mask, tf.bool), causal)
    if mask is not None:
        scores = tf.where(tensor(mask, tf.bool), scores, tf.cast(-3e4 if scores.dtype == tf.float16 else -1e30, scores.dtype))
    return tf.einsum("bnts,bsnh->btnh", tf.nn.softmax(scores), v)


def psnr(x1: Any, x2: Any, max_val: float) -> Any:
    """Peak signal-to-noise ratio, of everything."""
    error = tf.reduce_mean(tf.square(floating(x1) - floating(x2)))
    return 20 * tf.math.log(tf.cast(max_val, error.dtype)) / tf.math.log(10.0) - 10 * tf.math.log(error) / tf.math.log(10.0)


def polar(abs_: Any, angle: Any) -> Any:
    """Complex numbers from length and angle."""
    length, turn = floating(abs_), floating(angle)
    return tf.complex(length * tf.cos(turn), length * tf.sin(turn))


def ctc_loss(target: Any, output: Any, target_length: Any, output_length: Any, mask_index: int = 0) -> Any:
    """Connectionist temporal classification: the loss of each sequence. output: `[batch, steps, classes]` logits."""
    return tf.nn.ctc_loss(
        labels=tensor(target, tf.int32), logits=floating(output), label_length=tensor(target_length, tf.int32),
        logit_length=tensor(output_length, tf.int32), logits_time_major=False, blank_index=mask_index,
    )  # fmt: skip


def ctc_decode(
    inputs: Any, sequence_lengths: Any, strategy: str = "greedy", beam_width: int = 100, top_paths: int = 1,
    merge_repeated: bool = True, mask_index: int = 0,
) -> tuple[Any, Any]:  # fmt: skip
    """The likeliest label sequences, padded with -1, and their scores."""
    x = tf.transpose(floating(inputs), [1, 0, 2])
    lengths = tensor(sequence_lengths, tf.int32)
    if strategy == "greedy":
        decoded, scores = tf.nn.ctc_greedy_decoder(x, lengths, merge_repeated=merge_repeated, blank_index=mask_index)
    else:
        # The beam search wants the blank last.
        classes = x.shape[-1]
        blank = mask_index % classes
        order = [i for i in range(classes) if i != blank] + [blank]
        decoded, scores = tf.nn.ctc_beam_search_decoder(tf.gather(x, order, axis=-1), lengths, beam_width, top_paths)
        table = tf.constant(order, tf.int64)
        decoded = [tf.SparseTensor(d.indices, tf.gather(table, d.values), d.dense_shape) for d in decoded]
    dense = [tf.cast(tf.sparse.to_dense(d, default_value=tf.constant(-1, d.values.dtype)), tf.int32) for d in decoded]
    width = max(d.shape[-1] for d in dense)
    dense = [tf.pad(d, [[0, 0], [0, width - d.shape[-1]]], constant_values=-1) for d in dense]
    return tf.stack(dense), scores


def unfold(input: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> Any:
    """Patches of `[batch, channels, rows, columns]` as columns, `[batch, channels * window, patches]`."""
    x = tensor(input)
    (kh, kw), (dh, dw), (ph, pw), (sh, sw) = (_each(v, 2) for v in (kernel_size, dilation, padding, stride))
    x = tf.transpose(tf.pad(x, [[0, 0], [0, 0], [ph, ph], [pw, pw]]), [0, 2, 3, 1])
    patches = tf.image.extract_patches(x, [1, kh, kw, 1], [1, sh, sw, 1], [1, dh, dw, 1], "VALID")
    rows, columns, channels = patches.shape[1], patches.shape[2], x.shape[-1]
    patches = tf.reshape(patches, [-1, rows * columns, kh * kw, channels])
    return tf.reshape(tf.transpose(patches, [0, 3, 2, 1]), [-1, channels * kh * kw, rows * columns])


def fold(input: Any, output_size: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> Any:
    """The sum of patches at their places: what `unfold` differentiates to."""
    x = tensor(input)
    rows, columns = _each(output_size, 2)
    kh, kw = _each(kernel_size, 2)
    channels = x.shape[1] // (kh * kw)
    like = tf.zeros([tf.shape(x)[0], channels, rows, columns], x.dtype)
    with tf.GradientTape() as tape:
        tape.watch(like)
        patches = unfold(like, kernel_size, dilation, padding, stride)
    return tape.gradient(patches, like, output_gradients=x)
