"""TensorFlow 1's spellings of array ops: names since renamed, arguments in the old order or by their old names."""

from __future__ import annotations

from typing import Any

import numpy as np

from thalweg.engine.core import convert, dtypes
from thalweg.engine.ops import (
    arrays,
    blocks,
    creation,
    diagonals,
    indexing,
    padding,
    reordering,
    scatter,
    segment,
    sets,
    shaping,
    sorting,
)
from thalweg.engine.ops.segment import (
    segment_max as segment_max,
    segment_mean as segment_mean,
    segment_min as segment_min,
    segment_prod as segment_prod,
    segment_sum as segment_sum,
    unsorted_segment_max as unsorted_segment_max,
    unsorted_segment_mean as unsorted_segment_mean,
    unsorted_segment_min as unsorted_segment_min,
    unsorted_segment_prod as unsorted_segment_prod,
    unsorted_segment_sqrt_n as unsorted_segment_sqrt_n,
    unsorted_segment_sum as unsorted_segment_sum,
)

# -- names since renamed -----------------------------------------------------------------------------------

pack = arrays.stack
unpack = arrays.unstack
lin_space = creation.linspace
reverse_v2 = reordering.reverse
matrix_transpose = reordering.matrix_transpose
matrix_diag = diagonals.matrix_diag
matrix_diag_part = diagonals.matrix_diag_part
matrix_set_diag = diagonals.matrix_set_diag
matrix_band_part = diagonals.band_part
diag = diagonals.tensor_diag
diag_part = diagonals.tensor_diag_part
invert_permutation = sets.invert_permutation
setdiff1d = sets.setdiff1d
sparse_to_dense = scatter.sparse_to_dense
tensor_scatter_update = scatter.tensor_scatter_nd_update
tensor_scatter_add = scatter.tensor_scatter_nd_add
tensor_scatter_sub = scatter.tensor_scatter_nd_sub
batch_to_space_nd = blocks.batch_to_space_nd
space_to_batch_nd = blocks.space_to_batch_nd


def either(new_name: str, new: Any, old_name: str, old: Any) -> Any:
    """An argument that has an old and a new name. Raises ValueError when both are given."""
    if old is None:
        return new
    if new is not None:
        raise ValueError(f"Cannot specify both '{old_name}' and '{new_name}'.")
    return old


# -- making ------------------------------------------------------------------------------------------------


def constant(value: Any, dtype: Any = None, shape: Any = None, name: str = "Const", verify_shape: bool = False) -> Any:
    """As `tf.constant`; a value shorter than `shape` is filled up with its last element unless `verify_shape`.

    >>> tf.compat.v1.constant([1, 2], shape=[2, 2]).numpy()
    array([[1, 2],
           [2, 2]], dtype=int32)
    """
    if shape is None:
        return creation.constant(value, dtype, None, name)
    dtype = None if dtype is None else dtypes.as_dtype(dtype).base_dtype
    array = convert.to_array(value, dtype)
    sizes = [int(n) for n in np.atleast_1d(np.array(shape, np.int64))] if not hasattr(shape, "as_list") else shape.as_list()
    if verify_shape and list(array.shape) != sizes:
        raise TypeError(f"Expected Tensor's shape: {tuple(sizes)}, got {array.shape}.")
    count = int(np.prod(sizes))
    if 1 < array.size < count:
        flat = array.ravel()
        array = np.concatenate([flat, np.full(count - flat.size, flat[-1], flat.dtype)])
    return creation.constant(array, None, sizes, name)


def zeros_like(tensor: Any, dtype: Any = None, name: str | None = None, optimize: bool = True) -> Any:
    """As `tf.zeros_like`."""
    return creation.zeros_like(tensor, dtype, name)


def ones_like(tensor: Any, dtype: Any = None, name: str | None = None, optimize: bool = True) -> Any:
    """As `tf.ones_like`."""
    return creation.ones_like(tensor, dtype, name)


def convert_to_tensor(
    value: Any, dtype: Any = None, name: str | None = None, preferred_dtype: Any = None, dtype_hint: Any = None
) -> Any:
    """As `tf.convert_to_tensor`; `preferred_dtype` is the old name of `dtype_hint`."""
    return convert.convert_to_tensor(value, dtype, either("dtype_hint", dtype_hint, "preferred_dtype", preferred_dtype), name)


# -- shapes ------------------------------------------------------------------------------------------------


def shape(input: Any, name: str | None = None, out_type: Any = None) -> Any:
    """As `tf.shape`, with the name before the dtype."""
    return shaping.shape(input, out_type, name)


def size(input: Any, name: str | None = None, out_type: Any = None) -> Any:
    """As `tf.size`, with the name before the dtype."""
    return shaping.size(input, out_type, name)


def expand_dims(input: Any, axis: Any = None, name: str | None = None, dim: Any = None) -> Any:
    """As `tf.expand_dims`; `dim` is the old name of `axis`."""
    axis = either("axis", axis, "dim", dim)
    if axis is None:
        raise ValueError("Must specify an axis argument to tf.expand_dims()")
    return shaping.expand_dims(input, axis, name=name)


def squeeze(input: Any, axis: Any = None, name: str | None = None, squeeze_dims: Any = None) -> Any:
    """As `tf.squeeze`; `squeeze_dims` is the old name of `axis`."""
    return shaping.squeeze(input, either("axis", axis, "squeeze_dims", squeeze_dims), name)


def to_float(x: Any, name: str = "ToFloat") -> Any:
    """As `tf.cast(x, tf.float32)`."""
    return shaping.cast(x, dtypes.float32, name)


def to_double(x: Any, name: str = "ToDouble") -> Any:
    """As `tf.cast(x, tf.float64)`."""
    return shaping.cast(x, dtypes.float64, name)


def to_int32(x: Any, name: str = "ToInt32") -> Any:
    """As `tf.cast(x, tf.int32)`."""
    return shaping.cast(x, dtypes.int32, name)


def to_int64(x: Any, name: str = "ToInt64") -> Any:
    """As `tf.cast(x, tf.int64)`."""
    return shaping.cast(x, dtypes.int64, name)


def to_bfloat16(x: Any, name: str = "ToBFloat16") -> Any:
    """As `tf.cast(x, tf.bfloat16)`."""
    return shaping.cast(x, dtypes.bfloat16, name)


def to_complex64(x: Any, name: str = "ToComplex64") -> Any:
    """As `tf.cast(x, tf.complex64)`."""
    return shaping.cast(x, dtypes.complex64, name)


def to_complex128(x: Any, name: str = "ToComplex128") -> Any:
    """As `tf.cast(x, tf.complex128)`."""
    return shaping.cast(x, dtypes.complex128, name)


# -- rearranging -------------------------------------------------------------------------------------------


def transpose(a: Any, perm: Any = None, name: str | None = "transpose", conjugate: bool = False) -> Any:
    """As `tf.transpose`, with the name before `conjugate`."""
    return reordering.transpose(a, perm, conjugate, name)


def pad(tensor: Any, paddings: Any, mode: str = "CONSTANT", name: str | None = None, constant_values: Any = 0) -> Any:
    """As `tf.pad`, with the name before the constant."""
    return padding.pad(tensor, paddings, mode, constant_values, name)


def reverse_sequence(
    input: Any, seq_lengths: Any, seq_axis: Any = None, batch_axis: Any = None, name: str | None = None, seq_dim: Any = None,
    batch_dim: Any = None,
) -> Any:  # fmt: skip
    """As `tf.reverse_sequence`; `seq_dim` and `batch_dim` are old names of the axes."""
    seq_axis = either("seq_axis", seq_axis, "seq_dim", seq_dim)
    return reordering.reverse_sequence(input, seq_lengths, seq_axis, either("batch_axis", batch_axis, "batch_dim", batch_dim), name)


def space_to_batch(input: Any, paddings: Any, block_size: Any = None, name: str | None = None, block_shape: Any = None) -> Any:
    """As `tf.space_to_batch` of pictures, with square blocks."""
    block = either("block_shape", block_shape, "block_size", block_size)
    return _pictures(blocks.space_to_batch_nd(input, np.array([block, block], np.int64), paddings, name=name))


def batch_to_space(input: Any, crops: Any, block_size: Any, name: str | None = None, block_shape: Any = None) -> Any:
    """As `tf.batch_to_space` of pictures, with square blocks."""
    block = either("block_shape", block_shape, "block_size", block_size)
    return _pictures(blocks.batch_to_space_nd(input, np.array([block, block], np.int64), crops, name=name))


def _pictures(y: Any) -> Any:
    y.set_shape([None] * 4)
    return y


def space_to_depth(input: Any, block_size: int, name: str | None = None, data_format: str = "NHWC") -> Any:
    """As `tf.nn.space_to_depth`, with the name before the data format."""
    return blocks.space_to_depth(input, block_size, data_format, name)


def depth_to_space(input: Any, block_size: int, name: str | None = None, data_format: str = "NHWC") -> Any:
    """As `tf.nn.depth_to_space`, with the name before the data format."""
    return blocks.depth_to_space(input, block_size, data_format, name)


def extract_image_patches(
    images: Any, ksizes: Any = None, strides: Any = None, rates: Any = None, padding: Any = None, name: str | None = None,
    sizes: Any = None,
) -> Any:  # fmt: skip
    """As `tf.image.extract_patches`; `ksizes` is the old name of `sizes`."""
    return blocks.extract_patches(images, either("sizes", sizes, "ksizes", ksizes), strides, rates, padding, name)


# -- picking -----------------------------------------------------------------------------------------------


def gather(
    params: Any, indices: Any, validate_indices: Any = None, name: str | None = None, axis: Any = None, batch_dims: int = 0
) -> Any:
    """As `tf.gather`, with the name before the axis."""
    return indexing.gather(params, indices, validate_indices, axis, batch_dims, name)


def gather_nd(params: Any, indices: Any, name: str | None = None, batch_dims: int = 0, bad_indices_policy: str = "") -> Any:
    """As `tf.gather_nd`, with the name before `batch_dims`."""
    return indexing.gather_nd(params, indices, batch_dims, name, bad_indices_policy)


def batch_gather(params: Any, indices: Any, name: str | None = None) -> Any:
    """As `tf.gather` where all dimensions of `indices` but the last are batch dimensions.

    >>> tf.compat.v1.batch_gather([[1, 2], [3, 4]], [[1], [0]]).numpy()
    array([[2],
           [3]], dtype=int32)
    """
    indices = convert.convert_to_tensor(indices)
    if indices.shape.rank is None:
        raise ValueError("batch_gather does not allow indices with unknown shape.")
    return indexing.gather(params, indices, batch_dims=indices.shape.rank - 1, name=name)


def boolean_mask(tensor: Any, mask: Any, name: str | None = "boolean_mask", axis: Any = None) -> Any:
    """As `tf.boolean_mask`, with the name before the axis."""
    return indexing.boolean_mask(tensor, mask, axis, name)


def in_top_k(predictions: Any, targets: Any, k: Any, name: str | None = None) -> Any:
    """As `tf.math.in_top_k`, with the predictions first."""
    return sorting.in_top_k(targets, predictions, k, name)


# -- sparse segments ---------------------------------------------------------------------------------------


def sparse_segment_sum(
    data: Any, indices: Any, segment_ids: Any, name: str | None = None, num_segments: Any = None, sparse_gradient: bool = False
) -> Any:
    """As `tf.sparse.segment_sum`, with the name before the number of segments."""
    return segment.sparse_segment_sum(data, indices, segment_ids, num_segments, name, sparse_gradient)


def sparse_segment_mean(
    data: Any, indices: Any, segment_ids: Any, name: str | None = None, num_segments: Any = None, sparse_gradient: bool = False
) -> Any:
    """As `tf.sparse.segment_mean`, with the name before the number of segments."""
    return segment.sparse_segment_mean(data, indices, segment_ids, num_segments, name, sparse_gradient)


def sparse_segment_sqrt_n(
    data: Any, indices: Any, segment_ids: Any, name: str | None = None, num_segments: Any = None, sparse_gradient: bool = False
) -> Any:
    """As `tf.sparse.segment_sqrt_n`, with the name before the number of segments."""
    return segment.sparse_segment_sqrt_n(data, indices, segment_ids, num_segments, name, sparse_gradient)


__all__ = [
    "batch_gather", "batch_to_space", "batch_to_space_nd", "boolean_mask", "constant", "convert_to_tensor",
    "depth_to_space", "diag", "diag_part", "expand_dims", "extract_image_patches", "gather", "gather_nd",
    "invert_permutation", "lin_space", "matrix_band_part", "matrix_diag", "matrix_diag_part", "matrix_set_diag",
    "matrix_transpose", "ones_like", "pack", "pad", "reverse_sequence", "reverse_v2", "segment_max", "segment_mean",
    "segment_min", "segment_prod", "segment_sum", "setdiff1d", "shape", "size", "space_to_batch", "space_to_batch_nd",
    "space_to_depth", "sparse_segment_mean", "sparse_segment_sqrt_n", "sparse_segment_sum", "sparse_to_dense",
    "squeeze", "tensor_scatter_add", "tensor_scatter_sub",
    "tensor_scatter_update", "to_bfloat16", "to_complex64", "to_complex128", "to_double", "to_float", "to_int32",
    "to_int64", "transpose", "unpack", "unsorted_segment_max", "unsorted_segment_mean", "unsorted_segment_min",
    "unsorted_segment_prod", "unsorted_segment_sqrt_n", "unsorted_segment_sum", "zeros_like",
]  # fmt: skip
