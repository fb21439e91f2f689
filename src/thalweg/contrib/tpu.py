"""`tf.contrib.tpu`: the names of TPU programs, as what they are on this machine."""

from __future__ import annotations

from typing import Any

from thalweg.compat.v1.tpu import (
    batch_parallel as batch_parallel,
    bfloat16_scope as bfloat16_scope,
    cross_replica_sum as cross_replica_sum,
    initialize_system as initialize_system,
    outside_compilation as outside_compilation,
    replicate as replicate,
    rewrite as rewrite,
    shard as shard,
    shutdown_system as shutdown_system,
)


def __getattr__(name: str) -> Any:
    from thalweg.estimator import tpu

    return getattr(tpu, name)
