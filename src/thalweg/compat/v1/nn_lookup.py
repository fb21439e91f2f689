"""TensorFlow 1's spellings of dropout and embedding lookups."""

from __future__ import annotations

from typing import Any

from thalweg.engine.core import convert
from thalweg.engine.ops import dropout as v2
from thalweg.engine.ops.embedding import partitioned_lookup


def dropout(x: Any, keep_prob: Any = None, noise_shape: Any = None, seed: Any = None, name: Any = None, rate: Any = None) -> Any:
    """`tf.nn.dropout` by the probability to keep, or by `rate`."""
    if rate is not None and keep_prob is not None:
        raise ValueError("Cannot specify both 'rate' and 'keep_prob'.")
    if rate is None:
        if keep_prob is None:
            raise ValueError("`rate` must be provided. Received: rate=None")
        rate = 1 - (keep_prob if isinstance(keep_prob, (int, float)) else convert.convert_to_tensor(keep_prob))
    return v2.dropout(x, rate, noise_shape, seed, name)


def embedding_lookup(params: Any, ids: Any, partition_strategy: str = "mod", name: Any = None, validate_indices: bool = True,
                     max_norm: Any = None) -> Any:  # fmt: skip
    """`tf.nn.embedding_lookup` with the rows of several tables dealt out in turn ("mod") or in ranges ("div")."""
    parts = list(params) if isinstance(params, (list, tuple)) else [params]
    return partitioned_lookup(parts, ids, partition_strategy, max_norm, name)
