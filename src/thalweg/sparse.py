"""`tf.sparse`: rows picked by index, summed over segments."""

from thalweg.engine.ops.segment import (
    sparse_segment_mean as segment_mean,
    sparse_segment_sqrt_n as segment_sqrt_n,
    sparse_segment_sum as segment_sum,
)

__all__ = ["segment_mean", "segment_sqrt_n", "segment_sum"]
