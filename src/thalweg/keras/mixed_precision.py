"""`tf.keras.mixed_precision`: computing in a short dtype, with weights in float32."""

from thalweg.keras.dtype_policies import (
    DTypePolicy as DTypePolicy,
    DTypePolicy as Policy,
    dtype_policy as dtype_policy,
    dtype_policy as global_policy,
    set_dtype_policy as set_dtype_policy,
    set_dtype_policy as set_global_policy,
)
from thalweg.keras.optimizers.loss_scale import LossScaleOptimizer as LossScaleOptimizer

__all__ = [
    "DTypePolicy", "LossScaleOptimizer", "Policy", "dtype_policy", "global_policy", "set_dtype_policy", "set_global_policy",
]  # fmt: skip
