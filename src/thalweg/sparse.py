"""`tf.sparse`: tensors given by their non-zero elements; rows picked by index, summed over segments."""

from thalweg.engine.core.sparse_tensor import SparseTensor as SparseTensor
from thalweg.engine.ops.segment import (
    sparse_segment_mean as segment_mean,
    sparse_segment_sqrt_n as segment_sqrt_n,
    sparse_segment_sum as segment_sum,
)
from thalweg.engine.ops.sparse import (
    eye as eye,
    from_dense as from_dense,
    reorder as reorder,
    reshape as reshape,
    sparse_dense_matmul as sparse_dense_matmul,
    to_dense as to_dense,
    transpose as transpose,
)
from thalweg.engine.ops.sparse_math import (
    add as add,
    bincount as bincount,
    maximum as maximum,
    minimum as minimum,
    reduce_max as reduce_max,
    reduce_sum as reduce_sum,
    sampled_addmm as sampled_addmm,
    softmax as softmax,
)
from thalweg.engine.ops.sparse_parts import (
    concat as concat,
    expand_dims as expand_dims,
    fill_empty_rows as fill_empty_rows,
    map_values as map_values,
    mask as mask,
    reset_shape as reset_shape,
    retain as retain,
    slice as slice,
    split as split,
    to_indicator as to_indicator,
)

__all__ = [
    "SparseTensor", "add", "bincount", "concat", "expand_dims", "eye", "fill_empty_rows", "from_dense", "map_values", "mask",
    "maximum", "minimum", "reduce_max", "reduce_sum", "reorder", "reset_shape", "reshape", "retain", "sampled_addmm",
    "segment_mean", "segment_sqrt_n", "segment_sum", "slice", "softmax", "sparse_dense_matmul", "split", "to_dense",
    "to_indicator", "transpose",
]  # fmt: skip
