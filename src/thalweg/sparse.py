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
    reduce_sum as reduce_sum,
    reorder as reorder,
    reshape as reshape,
    sparse_dense_matmul as sparse_dense_matmul,
    to_dense as to_dense,
    transpose as transpose,
)

__all__ = [
    "SparseTensor", "eye", "from_dense", "reduce_sum", "reorder", "reshape", "segment_mean", "segment_sqrt_n", "segment_sum",
    "sparse_dense_matmul", "to_dense", "transpose",
]  # fmt: skip
